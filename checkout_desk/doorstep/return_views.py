"""Something comes back: a page behind the customer's own link, on which only the button asks for it (SPEC A15).

A request may be sent whatever the store's rules say of it; a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from checkout_desk.conversations.models import Conversation
from checkout_desk.doorstep import answering, keys, return_page, visiting
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.reading_answers import Answer
from checkout_desk.doorstep.return_page import Typed
from checkout_desk.doorstep.words import Words
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders.questioning import Open
from checkout_desk.returns import label, photos, requesting, telling
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

PURPOSES = "return_"
"""how the purpose of a link begins whose mail speaks of a return"""
blueprint = Blueprint("doorstep_return", __name__, url_prefix="/order/return")
Visit = tuple[keys.Key, CustomerLink, Open]


@blueprint.get("")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=visiting.too_many)
def show() -> ResponseReturnValue:
    """What may come back, and what became of what was asked for. Opening it changes nothing."""
    visit = visiting.opened()
    if visit is None:
        return visiting.closed("gone", 404)
    key, link, o = visit
    if not return_page.offered(o.order) and not requesting.of(o.order.id):
        return redirect(url_for("doorstep.show"), 303)
    number = request.args.get("sent", "")
    sent = int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else None
    return visiting.render("doorstep/return.html", **return_page.context(o, link, key, sent=sent))


@blueprint.get("/<int:number>/label.pdf")
@requires(PUBLIC)
@limiter.limit("30 per minute", on_breach=visiting.too_many)
def paper(number: int) -> ResponseReturnValue:
    """The label of one of this order's returns, and of no other's."""
    visit = visiting.opened()
    order = visit[2].order if visit else None
    back = next((one for one in requesting.of(order.id) if one.number == number), None) if order else None
    if order is None or back is None or not label.wanted(back) or not telling.address():
        return visiting.closed("gone", 404)
    response = Response(label.pdf(back, order), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{requesting.name(back, order)}.pdf"'
    return visiting.private(response, referrer="no-referrer")


@blueprint.post("")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("10 per minute", on_breach=visiting.too_many)
def ask() -> ResponseReturnValue:
    """The customer asks to send something back. All is read and looked at before anything is locked."""
    if keys.of_request() is None:
        return visiting.closed("gone", 404)
    visit = visiting.opened()
    if visit is None:
        return visiting.closed("gone", 404)
    key, _, o = visit
    words = Words(o.language)
    request.max_content_length = (photos.MOST + 1) * photos.LARGEST
    form, files = request.form, [file for file in request.files.getlist("photos") if file.filename]
    if not keys.fits(key, form.get("form_token", "")):
        return _again(visit, {"form": words("other")}, status=409)
    if _sent_before(o):  # asked again below: until then nothing holds the order
        db.session.rollback()
        return redirect(url_for("doorstep_return.show"), 303)
    typed = return_page.read(form, requesting.returnable(o.order), words, return_page.others(o.order))
    pictures, fault = _pictures(files, words)
    errors = {**typed.errors, **({"photos": fault} if fault else {})}
    if errors and files and not fault:
        errors["photos"] = words("r_photo_again")  # a browser never fills a file field again
    if errors:
        return _again(visit, errors | {"form": words("check")}, typed=typed)
    db.session.rollback()
    kept = photos.put(pictures)
    begin_write()
    return _keep(typed, kept)


def _keep(typed: Typed, kept: Sequence[tuple[str, str]]) -> ResponseReturnValue:
    visit = visiting.opened(lock=True)
    if visit is None:
        db.session.rollback()
        return visiting.closed("gone", 404)
    _, link, o = visit
    order, words = o.order, Words(o.language)
    if _sent_before(o):
        db.session.rollback()
        return redirect(url_for("doorstep_return.show"), 303)
    set_actor("customer", request.remote_addr or "")
    said = mask_cards(typed.values["words"].strip())
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    try:
        free = requesting.returnable(order)
        if any(product_id not in free for product_id in typed.lines):
            raise Refused("taken")
        text = return_page.message(typed, free, words, said)
        message = answering.say(c, order, link, Answer({}, words={None: text})) if c is not None else None
        back = requesting.request(
            order, typed.lines, reason=typed.values["reason"], words=said, source="customer",
            message_id=message.id if message else None,
        )  # fmt: skip
    except Refused:
        db.session.rollback()
        again = visiting.opened()
        return (
            _again(again, {"form": words("r_changed")}, typed=typed, status=409)
            if again
            else visiting.closed("gone", 404)
        )
    photos.attach(back, kept)
    if c is not None:
        answering.return_to_the_queue(c, 0, message)
    db.session.commit()
    return redirect(url_for("doorstep_return.show", sent=back.number), 303)


def _sent_before(o: Open) -> bool:
    """Whether the form was sent twice and the first click was faster."""
    return request.form.get("next") != str(return_page.following(requesting.of(o.order.id)))


def _pictures(files: Sequence[FileStorage], words: Words) -> tuple[list[bytes], str]:
    """The bytes of what was chosen, and the sentence for what cannot be taken."""
    if len(files) > photos.MOST:
        return [], words("r_photo_many", n=len(files))
    found = []
    for file in files:
        data, name = file.stream.read(photos.LARGEST + 1), (file.filename or "")[:80]
        if len(data) > photos.LARGEST:
            return [], words("r_photo_large", name=name)
        if photos.kind(data) is None:
            return [], words("r_photo_kind", name=name)
        found.append(data)
    return found, ""


def _again(
    visit: Visit, errors: dict[str, str], *, typed: Typed | None = None, status: int = 422
) -> ResponseReturnValue:
    key, link, o = visit
    context = return_page.context(o, link, key, typed=typed.values if typed else None, errors=errors)
    response = visiting.render("doorstep/return.html", status=status, **context)
    db.session.rollback()
    return response
