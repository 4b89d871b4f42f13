"""A customer's visit: what their browser may see, and the pages that answer it, none of which is kept by anybody."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import dress, keys, links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.words import Words
from checkout_desk.extensions import db
from checkout_desk.orders import loading, questioning
from checkout_desk.orders.models import Order
from checkout_desk.orders.questioning import Open


def too_many(limit: Any) -> Response:
    """What somebody sees who knocks too often."""
    return closed("busy", 429)


def opened(*, lock: bool = False) -> tuple[keys.Key, CustomerLink, Open] | None:
    """The order that this browser may see now: expiry and revocation are asked at each request."""
    key = keys.of_request()
    link = links.by_id(key.link_id) if key else None
    order = db.session.get(Order, link.order_id) if link else None
    if key is None or link is None or order is None:
        return None
    if lock:
        loading.lock(order)
    return key, link, questioning.opened(order)


def render(template: str, *, status: int = 200, **context: Any) -> Response:
    """A page of the order, for this browser alone."""
    # Not no-referrer: browsers would then send our own form with the origin 'null'. Nothing leaves to other sites.
    return private(
        make_response(render_template(template, dress=dress.of_store(), **context), status),
        referrer="same-origin",
    )


def closed(why: str, status: int) -> Response:
    """A page without a store, an order or a hint why: a guesser learns nothing from it."""
    language = request.accept_languages.best_match(list(LANGUAGES), default="en") or "en"
    words = Words(language)
    shown = render_template("doorstep/closed.html", w=words, lang=language, why=why)
    response = make_response(shown, status)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return private(response, referrer="no-referrer")


def private(response: Response, *, referrer: str) -> Response:
    """Kept by no cache and found by no search."""
    response.headers["Referrer-Policy"] = referrer
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
