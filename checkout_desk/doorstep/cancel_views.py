"""A customer asks to have their order cancelled: what that means now, and one button. A person decides."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.conversations.models import Conversation
from checkout_desk.doorstep import answering, keys, page, visiting
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.reading_answers import Answer
from checkout_desk.doorstep.words import Words
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders.next_action import OVER
from checkout_desk.orders.questioning import Open
from checkout_desk.returns import cancelling
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

LONGEST = 1000
blueprint = Blueprint("doorstep_cancel", __name__, url_prefix="/order/cancel")


@blueprint.get("")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=visiting.too_many)
def show() -> ResponseReturnValue:
    """What can be done now. Opening it changes nothing."""
    visit = visiting.opened()
    if visit is None:
        return visiting.closed("gone", 404)
    key, link, o = visit
    if o.order.state in OVER:
        return redirect(url_for("doorstep.show"), 303)
    return _page(key, link, o)


@blueprint.post("")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("10 per minute", on_breach=visiting.too_many)
def ask() -> ResponseReturnValue:
    """The wish goes to a person, once; the customer's words go along as a message that is owed an answer."""
    if keys.of_request() is None:  # no write lock for strangers
        return visiting.closed("gone", 404)
    begin_write()
    visit = visiting.opened(lock=True)
    if visit is None:
        db.session.rollback()
        return visiting.closed("gone", 404)
    key, link, o = visit
    order, words = o.order, Words(o.language)
    said = request.form.get("words", "").strip()
    if not keys.fits(key, request.form.get("form_token", "")):
        return _page(key, link, o, error=words("other"), typed=said, status=409)
    if len(said) > LONGEST:
        return _page(key, link, o, error=words("long", n=LONGEST), typed=said, status=422)
    set_actor("customer", request.remote_addr or "")
    try:
        new = cancelling.ask(order)
    except Refused:
        db.session.rollback()
        return redirect(url_for(".show"), 303)
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    if new and c is not None:
        text = "\n\n".join(filter(None, (words("c_title", number=order.number), mask_cards(said))))
        message = answering.say(c, order, link, Answer({}, words={None: text}))
        if message is not None:
            answering.owe(c, message)
    db.session.commit()
    return redirect(url_for(".show", sent=1), 303)


def _page(
    key: keys.Key, link: CustomerLink, o: Open, *, error: str = "", typed: str = "", status: int = 200
) -> ResponseReturnValue:
    words, found = Words(o.language), cancelling.offers(o.order)
    asked = cancelling.asked(o.order)
    possible = bool({cancelling.CANCEL, cancelling.OWE} & set(found.choices))
    context = {
        **page.around(o.order, link, words), "form_token": keys.form_token(key), "error": error, "typed": typed,
        "asked": asked, "sent": asked and request.args.get("sent") == "1", "possible": possible, "email": link.email,
        "text": words("c_gone" if not possible else "c_paid" if found.held_minor else "c_free"),
        "may_return": cancelling.RETURN in found.choices,
    }  # fmt: skip
    response = visiting.render("doorstep/cancel.html", status=status, **context)
    db.session.rollback()
    return response
