"""The customer page: a link becomes a cookie and a clean address; a form asks for what is missing (SECURITY A44, A45).

Opening it changes nothing, however often a scanner does so. Only the form does, and it fits one browser and one order.
"""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.doorstep import (
    address_views,
    answering,
    feedback_views,
    fields,
    keys,
    links,
    page,
    quote_views,
    reading_answers,
    return_views,
    visiting,
)
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.words import Words
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.details import Wrong
from checkout_desk.orders.questioning import Open
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("doorstep", __name__)


@blueprint.get("/o/<token>")
@requires(PUBLIC)
@limiter.limit("60 per minute", on_breach=visiting.too_many)
def arrive(token: str) -> ResponseReturnValue:
    """Exchange the link's token for a cookie, so that it stands in no address bar, log or Referer."""
    link = links.found(token)
    if link is None:
        return visiting.closed("gone", 404)
    where = "doorstep.show"
    if link.purpose == feedback_views.PURPOSE:
        where = "doorstep_feedback.show"
    elif link.purpose == address_views.PURPOSE:
        where = "doorstep_address.show"
    elif link.purpose.startswith(return_views.PURPOSES):
        where = "doorstep_return.show"
    response = make_response(redirect(url_for(where), 303))
    keys.set_cookie(response, link.id)
    return visiting.private(response, referrer="no-referrer")


@blueprint.get("/order")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=visiting.too_many)
def show() -> ResponseReturnValue:
    """What is missing, or that nothing is."""
    found = visiting.opened()
    if found is None:
        return visiting.closed("gone", 404)
    key, link, o = found
    quote = quote_views.show(key, link, o)
    if quote is not None:
        return quote
    asked = request.args.get("asked", "")
    return visiting.render("doorstep/order.html", **page.context(o, link, key), asked=asked)


@blueprint.post("/order")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("30 per minute", on_breach=visiting.too_many)
def fill() -> ResponseReturnValue:
    """Keep what the customer filled in; what cannot be kept is said at its field, and nothing of it is lost."""
    if keys.of_request() is None:  # no write lock for strangers
        return visiting.closed("gone", 404)
    begin_write()
    found = visiting.opened(lock=True)
    if found is None:
        db.session.rollback()
        return visiting.closed("gone", 404)
    key, link, o = found
    if not keys.fits(key, request.form.get("form_token", "")):
        return _again(key, link, o, {"form": Words(o.language)("other")}, status=409)
    set_actor("customer", request.remote_addr or "")
    words = Words(o.language)
    if page.state_of(o) != "asking":
        db.session.rollback()
        return redirect(url_for("doorstep.show"), 303)
    country = request.form.get("ship_country", "")[:2].upper() or o.order.ship_country
    form = fields.form(o, words, country=request.form.get("ship_country", "")[:2].upper())
    given = reading_answers.read(form, request.form, words, country=country)
    if given.errors:
        return _again(key, link, o, given.errors | {"form": words("check")}, form=form, typed=given.typed)
    if given.empty:
        if _said_before(o):
            db.session.rollback()
            return redirect(url_for("doorstep.thanks"), 303)
        return _again(key, link, o, {"form": words("empty")}, form=form, typed=given.typed)
    try:
        answering.answer(o.order, link, given)
    except Wrong as wrong:
        sentences = dict.fromkeys(wrong.fields, words("check"))
        return _again(key, link, o, sentences | {"form": words("check")}, form=form, typed=given.typed)
    except Refused:
        db.session.rollback()
        return redirect(url_for("doorstep.show"), 303)
    db.session.commit()
    return redirect(url_for("doorstep.thanks", words=1 if given.words else None), 303)


@blueprint.get("/order/thanks")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=visiting.too_many)
def thanks() -> ResponseReturnValue:
    """What we know now, and whether something is still missing."""
    found = visiting.opened()
    if found is None:
        return visiting.closed("gone", 404)
    key, link, o = found
    if page.state_of(o) not in ("asking", "complete"):
        return redirect(url_for("doorstep.show"), 303)
    context = page.context(o, link, key)
    return visiting.render("doorstep/thanks.html", **context, said=request.args.get("words") == "1")


def _again(
    key: keys.Key,
    link: CustomerLink,
    o: Open,
    errors: dict[str, str],
    *,
    form: fields.Form | None = None,
    typed: dict[str, str] | None = None,
    status: int = 422,
) -> ResponseReturnValue:
    """The same page with what was typed; nothing was kept."""
    shown = (form or fields.form(o, Words(o.language))).with_answers(typed or {}, errors)
    context = page.context(o, link, key, form=shown, errors=errors)
    response = visiting.render("doorstep/order.html", status=status, **context)
    db.session.rollback()
    return response


def _said_before(o: Open) -> bool:
    """Whether the form holds only what the order knows by now: its first click was faster."""
    live = {f"{what}:{line.id}" for line in o.lines for what in ("product", "quantity")}
    asked = {f.name for f in fields.form(o, Words(o.language)).fields}
    return any(
        value.strip() and name not in asked and (name in live or getattr(o.order, name, None))
        for name, value in request.form.items()
        if name in live or name.startswith("ship_") or name == "phone"
    )
