"""Administrators are told by mail when it changes where customers' money goes: whoever changed it may not be who they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting, record
from checkout_desk.extensions import db
from checkout_desk.mail import to_people
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod

LABELS = {
    "iban": "IBAN",
    "holder": "Account holder",
    "bic": "BIC",
    "bank": "Bank",
    "account": "Account",
    "client_id": "Client id",
    "merchant_id": "Merchant id",
    "mode": "Mode",
}
"""settings that say where the money goes"""
SHOWN = 4
"""characters of an account that a mail shows"""


def tell(method: PaymentMethod, before: Mapping[str, Any], keys: list[str]) -> None:
    """Queue a mail to each administrator about a new or changed way to pay, in the transaction that changes it.

    `before` are its settings until now (empty for a new one), `keys` the names of secrets that were typed. Nothing where
    only something else changed. Where no mailbox can send, the record says so.
    """
    lines = [
        f"{label}: {_end(before.get(key))} → {_end(method.settings.get(key))}"
        for key, label in LABELS.items()
        if (before.get(key) or "") != (method.settings.get(key) or "")
    ] + ["New keys of the provider were typed." for _ in keys[:1]]
    if not lines:
        return
    text = _text(method, lines)
    told = [
        person.id
        for person in to_people.administrators()
        if to_people.write_to(
            person, subject=f"“{method.name}” was changed", text=text, about=f"payment-method:{method.id}"
        )
    ]
    record("payment_method.told", about=method, after={"people": told})


def _text(method: PaymentMethod, lines: list[str]) -> str:
    who = acting()
    by = db.session.get(Person, int(who[7:])) if who.startswith("person:") else None
    name = f"{by.name} ({by.email})" if by else "Somebody at the command line"
    found = "\n".join(lines)
    return (
        f"{name} changed where customers' money goes: “{method.name}”, {methods.KINDS[method.kind]}.\n\n{found}\n\n"
        "Quotes that were sent before keep what they say; new ones use the new details.\n\n"
        "If you did not expect this, switch it off at once and change that person's password:\n"
        f"{current_app.config['DESK_URL']}/settings/money/methods/{method.id}\n"
    )


def _end(value: Any) -> str:
    """The last characters, enough to recognise an account by."""
    text = "".join(str(value or "").split())
    return f"…{text[-SHOWN:]}" if len(text) > 2 * SHOWN else text or "nothing"
