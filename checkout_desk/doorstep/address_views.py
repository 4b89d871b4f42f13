"""The page on which a new address is confirmed: opening it changes nothing, its button does (SECURITY A44)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.doorstep import keys, new_address, page, visiting
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.words import Words
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.orders.questioning import Open
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

PURPOSE = new_address.MILESTONE
blueprint = Blueprint("doorstep_address", __name__, url_prefix="/order/new-address")


@blueprint.get("")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=visiting.too_many)
def show() -> ResponseReturnValue:
    """Where the parcel goes now, and where it would go."""
    found = visiting.opened()
    if found is None or found[1].email != found[2].order.email.casefold():
        return visiting.closed("gone", 404)
    return _page(*found) if found[1].wanted else redirect(url_for("doorstep.show"), 303)


@blueprint.post("")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("10 per minute", on_breach=visiting.too_many)
def confirm() -> ResponseReturnValue:
    """The customer says yes; the link has done its work then."""
    if keys.of_request() is None:  # no write lock for strangers
        return visiting.closed("gone", 404)
    begin_write()
    found = visiting.opened(lock=True)
    if found is None or found[1].email != found[2].order.email.casefold():
        db.session.rollback()
        return visiting.closed("gone", 404)
    key, link, o = found
    if not link.wanted:
        db.session.rollback()
        return redirect(url_for("doorstep.show"), 303)
    set_actor("customer", request.remote_addr or "")
    if not keys.fits(key, request.form.get("form_token", "")):
        response = _page(key, link, o, error=Words(o.language)("other"), status=409)
        db.session.rollback()
        return response
    wanted = dict(link.wanted)
    moved = new_address.confirm(o.order, link)
    response = _page(key, link, o, wanted=wanted, done="a_done" if moved else "a_noted")
    db.session.commit()
    return response


def _page(
    key: keys.Key,
    link: CustomerLink,
    o: Open,
    *,
    wanted: dict[str, Any] | None = None,
    error: str = "",
    done: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    words = Words(o.language)
    return visiting.render(
        "doorstep/new_address.html",
        status=status,
        **page.around(o.order, link, words),
        form_token=keys.form_token(key),
        error=error,
        done=words(done) if done else "",
        old=new_address.shown(o.order, {}),
        new=new_address.shown(o.order, {str(k): str(v) for k, v in (wanted or link.wanted or {}).items()}),
    )
