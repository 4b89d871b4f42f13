"""The customer's quote: looked at, accepted, paid at a provider, asked about. Every form fits one browser and one version.

No amount, price or product comes from the page (SECURITY A39): it names a version, and the rest is what the desk kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation
from checkout_desk.doorstep import (
    answering,
    keys,
    new_address,
    parcel_page,
    qr,
    quote_page,
    reading_answers,
    visiting,
)
from checkout_desk.doorstep.fields import WORDS_LONGEST, Form
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.quote_page import Said, Shown
from checkout_desk.doorstep.reading_answers import Answer
from checkout_desk.doorstep.words import Words
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders import changing, loading, quoting
from checkout_desk.orders.questioning import Open
from checkout_desk.shipping import readdressing
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.headers import POLICY
from checkout_desk.web.limits import limiter

PROVIDER_PAGES = "https://checkout.stripe.com https://www.paypal.com https://www.sandbox.paypal.com"
"""where a form of this page may end: browsers hold redirects of a form against the policy too"""
log = structlog.get_logger(__name__)
blueprint = Blueprint("doorstep_quote", __name__, url_prefix="/order")
Visit = tuple[keys.Key, CustomerLink, Open, Shown]


@blueprint.get("/code.svg")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=visiting.too_many)
def code() -> ResponseReturnValue:
    """The QR code for the bank transfer."""
    visit = _visit()
    payable = visit is not None and quote_page.state_of(visit[2].order, visit[3].quote) in quote_page.OPEN
    text = (
        qr.payload(visit[3].quote, quote_page.due(visit[2].order, visit[3].quote))
        if visit and payable
        else ""
    )
    if not text:
        return visiting.closed("gone", 404)
    response = Response(qr.svg(text), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/accept")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("30 per minute", on_breach=visiting.too_many)
def accept() -> ResponseReturnValue:
    """The customer says yes to the version that they read."""

    def do(visit: Visit) -> ResponseReturnValue:
        quoting.accept(visit[3].quote, at=clock.now())
        db.session.commit()
        return redirect(url_for("doorstep.show"), 303)

    return _post(do, version=True)


@blueprint.post("/pay/<int:method_id>")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("20 per minute", on_breach=visiting.too_many)
def pay(method_id: int) -> ResponseReturnValue:
    """To the provider's page, on which exactly the total of this version is paid."""

    def do(visit: Visit) -> ResponseReturnValue:
        _, _, o, found = visit
        language = o.language
        offered = {way["id"] for way in quote_page.ways(found.quote) if way["kind"] in quote_page.PROVIDERS}
        if method_id not in offered or quote_page.state_of(o.order, found.quote) not in quote_page.OPEN:
            raise Refused("not offered")
        quote_id = found.quote.id
        db.session.rollback()  # nothing is held while the provider thinks
        back = f"{current_app.config['DESK_URL']}{url_for('doorstep.show', paid=1)}"
        from checkout_desk.payments import linking  # speaks to providers: not for every page

        try:
            return redirect(linking.pay_page(quote_id, method_id, back=back).url, 303)
        except Refused as refusal:
            db.session.rollback()
            log.warning("pay.refused", quote=quote_id, method=method_id, why=str(refusal)[:200])
            return _again(Words(language)("q_no_way"), status=503)

    return _post(do, version=True)


@blueprint.post("/ask")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("10 per minute", on_breach=visiting.too_many)
def ask() -> ResponseReturnValue:
    """A question or a wish in the customer's own words: a message in the conversation, read by a person."""

    def do(visit: Visit) -> ResponseReturnValue:
        _, link, o, _ = visit
        words, text = Words(o.language), request.form.get("words", "")
        sentence = (
            words("q_ask_empty")
            if not text.strip()
            else words("long", n=4 * WORDS_LONGEST)
            if len(text) > 4 * WORDS_LONGEST
            else ""
        )
        if sentence or not _heard(o, link, text):
            return _show(
                visit, Said({"words": sentence or words("q_ask_empty")}, {"words": text}), status=422
            )
        db.session.commit()
        return redirect(url_for("doorstep.show", asked="words") + "#ask", 303)

    return _post(do)


def _heard(o: Open, link: CustomerLink, text: str) -> bool:
    """Keep what a customer wrote, as a message that is owed an answer. False where there is no conversation for it."""
    c = db.session.get(Conversation, o.order.conversation_id) if o.order.conversation_id else None
    if c is None:
        return False
    message = answering.say(c, o.order, link, Answer({}, words={None: mask_cards(text.strip())}))
    if message is not None:
        answering.owe(c, message)
    return True


@blueprint.post("/address")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("10 per minute", on_breach=visiting.too_many)
def address() -> ResponseReturnValue:
    """Another address is asked for: never a change by itself (SPEC section 5).

    Before it is paid for, a person decides; afterwards the address on file is asked by mail (SECURITY A4, A44).
    """

    def do(visit: Visit) -> ResponseReturnValue:
        _, link, o, found = visit
        order, words = o.order, Words(o.language)
        if not quote_page.may_ask_address(order, link, quote_page.state_of(order, found.quote)):
            raise Refused("not now")
        country = request.form.get("ship_country", "")[:2].upper() or order.ship_country
        form = quote_page.address_form(order, words, country=country)
        given = reading_answers.read(form, request.form, words, country=country)
        values = {f.name: given.filled.get(f.name, "") for f in form.fields} | {"ship_country": country}
        lacking = {
            f.name: words("check")
            for f in form.fields
            if f.needed and not values[f.name] and f.name not in given.errors
        }
        errors = {**given.errors, **lacking}
        wanted = _differences(order, values)
        if not errors and not wanted:
            errors = {"ship_line1": words("q_address_same")}
        if errors:
            shown: Form = form.with_answers(given.typed, errors)
            return _show(visit, Said({**errors, "address": words("check")}, given.typed, shown), status=422)
        if order.state in readdressing.STATES:
            new_address.ask(order, {one["field"]: str(one["to"]) for one in wanted})
            db.session.commit()
            return redirect(url_for("doorstep.show", asked="address") + "#address", 303)
        if wanted not in [change.changes for change in loading.changes(order)]:
            changing.propose(order, None, wanted)
            c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
            if c is not None:
                answering.return_to_the_queue(c, len(wanted), None)
        db.session.commit()
        return redirect(url_for("doorstep.show", asked="address") + "#address", 303)

    return _post(do)


def _differences(order: Any, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"what": "detail", "field": name, "from": getattr(order, name) or "", "to": value}
        for name, value in values.items()
        if (getattr(order, name) or "") != value
    ]


def _visit(*, lock: bool = False) -> Visit | None:
    """What this browser may see of a quote now."""
    opened = visiting.opened(lock=lock)
    found = quote_page.shown(opened[2], opened[1]) if opened else None
    return (*opened, found) if opened and found else None


def _post(do: Callable[[Visit], ResponseReturnValue], *, version: bool = False) -> ResponseReturnValue:
    """Do what a form asks: it must be this browser's, of this link, and (with `version`) of the version that still counts."""
    if keys.of_request() is None:  # no write lock for strangers
        return visiting.closed("gone", 404)
    begin_write()
    visit = _visit(lock=True)
    if visit is None:
        return _without_quote()
    key, _, o, found = visit
    set_actor("customer", request.remote_addr or "")
    words = Words(o.language)
    if not keys.fits(key, request.form.get("form_token", "")):
        return _show(visit, Said({"form": words("other")}), status=409)
    if version and request.form.get("quote") != quoting.name(found.quote):
        return _show(visit, Said({"form": words("q_other_version")}), status=409)
    try:
        return do(visit)
    except Refused:
        db.session.rollback()
        return _again(words("q_other_version"), status=409)


def _without_quote() -> ResponseReturnValue:
    """The order has no quote to show any more, such as one that was cancelled meanwhile; words are heard all the same."""
    opened, text = visiting.opened(), request.form.get("words", "")
    if opened is None:
        db.session.rollback()
        return visiting.closed("gone", 404)
    key, link, o = opened
    set_actor("customer", request.remote_addr or "")
    said = 0 < len(text.strip()) <= 4 * WORDS_LONGEST and keys.fits(key, request.form.get("form_token", ""))
    if request.endpoint == f"{blueprint.name}.ask" and said and _heard(o, link, text):
        db.session.commit()
        return redirect(url_for("doorstep.show", asked="words"), 303)
    db.session.rollback()
    return redirect(url_for("doorstep.show"), 303)


def _again(sentence: str, *, status: int) -> ResponseReturnValue:
    """The page as it is now, with one sentence on top."""
    visit = _visit()
    return _show(visit, Said({"form": sentence}), status=status) if visit else visiting.closed("gone", 404)


def _page(visit: Visit, said: Said | None = None, *, status: int = 200, **more: Any) -> Response:
    key, link, o, found = visit
    sent = parcel_page.of(o.order)
    if sent:
        context = parcel_page.context(o, sent, found, link, key, said=said)
        return visiting.render("doorstep/parcel.html", status=status, **more, **context)
    context = quote_page.context(o, found, link, key, said=said)
    response = visiting.render("doorstep/quote.html", status=status, **more, **context)
    if any(way["kind"] in quote_page.PROVIDERS for way in context["ways"]):
        policy = POLICY.replace("form-action 'self'", f"form-action 'self' {PROVIDER_PAGES}")
        response.headers["Content-Security-Policy"] = policy
    return response


def _show(visit: Visit, said: Said, *, status: int) -> ResponseReturnValue:
    response = _page(visit, said, status=status, asked="")
    db.session.rollback()
    return response


def show(key: keys.Key, link: CustomerLink, o: Open) -> ResponseReturnValue | None:
    """The page of the quote for `doorstep.show`; None where this order has none to show."""
    found = quote_page.shown(o, link)
    if found is None:
        return None
    asked = request.args.get("asked", "") if request.args.get("asked") in ("words", "address") else ""
    returned = (
        request.args.get("paid") == "1" and quote_page.state_of(o.order, found.quote) in quote_page.OPEN
    )
    if returned and any(way["kind"] in quote_page.PROVIDERS for way in quote_page.ways(found.quote)):
        quote_id = found.quote.id
        db.session.rollback()  # nothing is held while the provider thinks
        from checkout_desk.payments import linking  # speaks to providers: not for every page

        linking.returned(quote_id)
        visit = _visit()
        if visit is None:
            return visiting.closed("gone", 404)
        key, link, o, found = visit
        returned = quote_page.state_of(o.order, found.quote) in quote_page.OPEN
    return _page((key, link, o, found), asked=asked, returned=returned)
