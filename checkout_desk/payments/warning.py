"""Administrators are told by mail when it changes where customers' money goes: whoever changed it may not be who they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting, record
from checkout_desk.extensions import db
from checkout_desk.mail import to_people
from checkout_desk.orders.models import Quote
from checkout_desk.settings import bank_changes, methods
from checkout_desk.settings.bank_views import LABELS
from checkout_desk.settings.models import BankChange, PaymentMethod

SHOWN = 4
"""characters of an account that a mail shows"""


def customers_pay() -> bool:
    """Whether any customer was told yet where to pay: from then on new bank details could divert money."""
    return db.session.scalar(select(Quote.id).where(Quote.sent_at.is_not(None)).limit(1)) is not None


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


def asked(change: BankChange, before: Mapping[str, Any]) -> None:
    """Queue a mail about other bank details that wait: to each administrator, and to each who may confirm them."""
    lines = [
        f"{label}: {_end(before.get(key))} → {_end(change.settings.get(key))}"
        for key, label in LABELS.items()
        if key in change.settings and (before.get(key) or "") != (change.settings.get(key) or "")
    ] + ["New keys of the provider were typed." for _ in [change.secret] if change.secret]
    found = "\n".join(lines)
    when = (
        "Nobody else may confirm it, so it takes effect by itself in 24 hours."
        if change.takes_effect_at
        else "It takes effect when a second person confirms it."
    )
    text = (
        f"{_who()} wants to change where customers' money goes: “{change.name}”, {methods.KINDS[change.kind]}.\n\n{found}\n\n"
        f"Nothing has changed yet. {when}\n\nLook at it, and stop it if you did not expect it:\n"
        f"{current_app.config['DESK_URL']}/settings/money/changes/{change.id}\n"
    )
    people = {
        person.id: person for person in [*to_people.administrators(), *bank_changes.others(change.by_id)]
    }
    told = [
        number
        for number, person in sorted(people.items())
        if to_people.write_to(
            person,
            subject=f"“{change.name}”: other bank details wait",
            text=text,
            about=f"bank-change:{change.id}",
        )
    ]
    record("bank_change.told", about=change, after={"people": told})


def _who() -> str:
    who = acting()
    by = db.session.get(Person, int(who[7:])) if who.startswith("person:") else None
    if by:
        return f"{by.name} ({by.email})"
    return (
        "The desk, after a day in which nobody stopped it,"
        if who == "desk"
        else "Somebody at the command line"
    )


def _text(method: PaymentMethod, lines: list[str]) -> str:
    name = _who()
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
