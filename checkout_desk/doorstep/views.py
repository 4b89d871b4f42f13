"""The customer page: a link becomes a cookie and a clean address; a form asks for what is missing (SECURITY A44, A45).

Opening it changes nothing, however often a scanner does so. Only the form does, and it fits one browser and one order.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import answering, fields, keys, links, page, reading_answers
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.words import Words
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, questioning
from checkout_desk.orders.details import Wrong
from checkout_desk.orders.models import Order
from checkout_desk.orders.questioning import Open
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("doorstep", __name__)


def _too_many(limit: Any) -> Response:
    return _closed("busy", 429)


@blueprint.get("/o/<token>")
@requires(PUBLIC)
@limiter.limit("60 per minute", on_breach=_too_many)
def arrive(token: str) -> ResponseReturnValue:
    """Exchange the link's token for a cookie, so that it stands in no address bar, log or Referer."""
    link = links.found(token)
    if link is None:
        return _closed("gone", 404)
    response = make_response(redirect(url_for("doorstep.show"), 303))
    keys.set_cookie(response, link.id)
    return _private(response, referrer="no-referrer")


@blueprint.get("/order")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=_too_many)
def show() -> ResponseReturnValue:
    """What is missing, or that nothing is."""
    opened = _opened()
    if opened is None:
        return _closed("gone", 404)
    key, link, o = opened
    return _page("doorstep/order.html", **page.context(o, link, key))


@blueprint.post("/order")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("30 per minute", on_breach=_too_many)
def fill() -> ResponseReturnValue:
    """Keep what the customer filled in; what cannot be kept is said at its field, and nothing of it is lost."""
    if keys.of_request() is None:  # no write lock for strangers
        return _closed("gone", 404)
    begin_write()
    opened = _opened(lock=True)
    if opened is None:
        db.session.rollback()
        return _closed("gone", 404)
    key, link, o = opened
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
@limiter.limit("120 per minute", on_breach=_too_many)
def thanks() -> ResponseReturnValue:
    """What we know now, and whether something is still missing."""
    opened = _opened()
    if opened is None:
        return _closed("gone", 404)
    key, link, o = opened
    if page.state_of(o) not in ("asking", "complete"):
        return redirect(url_for("doorstep.show"), 303)
    context = page.context(o, link, key)
    return _page("doorstep/thanks.html", **context, said=request.args.get("words") == "1")


def _opened(*, lock: bool = False) -> tuple[keys.Key, CustomerLink, Open] | None:
    """The order that this browser may see now: expiry and revocation are asked at each request."""
    key = keys.of_request()
    link = links.by_id(key.link_id) if key else None
    order = db.session.get(Order, link.order_id) if link else None
    if key is None or link is None or order is None:
        return None
    if lock:
        loading.lock(order)
    return key, link, questioning.opened(order)


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
    response = _page("doorstep/order.html", status=status, **context)
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


def _page(template: str, *, status: int = 200, **context: Any) -> Response:
    # Not no-referrer: browsers would then send our own form with the origin 'null'. Nothing leaves to other sites.
    return _private(make_response(render_template(template, **context), status), referrer="same-origin")


def _closed(why: str, status: int) -> Response:
    """A page without a store, an order or a hint why: a guesser learns nothing from it."""
    language = request.accept_languages.best_match(list(LANGUAGES), default="en") or "en"
    words = Words(language)
    shown = render_template("doorstep/closed.html", w=words, lang=language, why=why)
    response = make_response(shown, status)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return _private(response, referrer="no-referrer")


def _private(response: Response, *, referrer: str) -> Response:
    response.headers["Referrer-Policy"] = referrer
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
