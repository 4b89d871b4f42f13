"""The second pair of eyes: confirming or stopping a change of bank details that somebody else asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from stdnum import iban as iban_numbers

from checkout_desk import clock
from checkout_desk.accounts import confirming, sessions
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.secrets import LostKey
from checkout_desk.settings import bank_changes, methods
from checkout_desk.settings.models import BankChange, PaymentMethod
from checkout_desk.settings.money_page import page
from checkout_desk.settings.typed import Wrong
from checkout_desk.web.access import requires

blueprint = Blueprint("bank_changes", __name__, url_prefix="/settings/money/changes")

LABELS = {
    "iban": "IBAN", "holder": "Account holder", "bic": "BIC", "bank": "Bank", "account": "Account",
    "client_id": "Client id", "merchant_id": "Merchant id", "mode": "Mode",
}  # fmt: skip


@blueprint.get("/<int:change_id>")
@requires("settings.bank")
def show(change_id: int) -> str:
    """What shall change, old beside new, and who asked for it."""
    return _page(_load(change_id))


@blueprint.post("/<int:change_id>/confirm")
@requires("settings.bank", writes=False)
def confirm(change_id: int) -> ResponseReturnValue:
    """Put it in force, as somebody else than who asked, after the password was typed again."""
    if wrong := confirming.fault():
        return _page(_load(change_id), errors={"password": wrong}), 422
    begin_write()
    return _decide(
        change_id, lambda change: bank_changes.confirm(change, by=sessions.me()), "In force from now on."
    )


@blueprint.post("/<int:change_id>/refuse")
@requires("settings.bank")
def refuse(change_id: int) -> ResponseReturnValue:
    """Stop it; the old details stay."""
    return _decide(
        change_id, lambda change: bank_changes.refuse(change, by=sessions.me()), "Stopped. Nothing changed."
    )


def _decide(change_id: int, act: Callable[[BankChange], Any], said: str) -> ResponseReturnValue:
    try:
        act(_load(change_id))
    except (bank_changes.Refused, Wrong) as reason:
        db.session.rollback()
        return _page(_load(change_id), errors={"form": str(reason)}), 409
    except LostKey:
        db.session.rollback()
        lost = "Its keys cannot be read any more; stop it and type them anew."
        return _page(_load(change_id), errors={"form": lost}), 409
    db.session.commit()
    flash(said)
    return redirect(url_for("money_methods.everything"), 303)


def _load(change_id: int) -> BankChange:
    return db.session.get(BankChange, change_id) or abort(404, "There is no such change.")


def _page(change: BankChange, *, errors: dict[str, str] | None = None) -> str:
    return page("bank_change.html", "money_methods.everything", change=shown(change), errors=errors or {})


def _readable(key: str, value: str | None) -> str:
    """A detail as somebody compares it with a sheet of paper or reads it on the telephone."""
    return (iban_numbers.format(value) if key == "iban" and value else value) or "nothing"


def shown(change: BankChange) -> dict[str, Any]:
    """A change for a page: its lines as what, old and new; a key is never shown."""
    method = db.session.get(PaymentMethod, change.method_id) if change.method_id else None
    before = method.settings if method else {}
    asker, me = db.session.get_one(Person, change.by_id), sessions.who()
    lines = [
        (label, _readable(key, before.get(key)), _readable(key, change.settings.get(key)))
        for key, label in LABELS.items()
        if (before.get(key) or "") != (change.settings.get(key) or "") and key in change.settings
    ]
    if change.secret:
        lines.append(("Keys of the provider", "kept", "new ones"))
    left = change.takes_effect_at - clock.now() if change.takes_effect_at else None
    return {
        "id": change.id, "name": method.name if method else change.name, "kind": methods.KINDS[change.kind], "new": method is None,
        "by": asker.name, "mine": asker.id == me.id, "asked": f"{change.asked_at:%-d %b %Y, %H:%M} UTC", "lines": lines,
        "state": change.state, "alone": left is not None,
        "hours": max(-(-int(left.total_seconds()) // 3600), 0) if left is not None else 0,
        "url": url_for("bank_changes.show", change_id=change.id),
    }  # fmt: skip
