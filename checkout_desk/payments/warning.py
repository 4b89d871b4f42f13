"""Administrators are told by mail when it changes where customers' money goes: whoever changed it may not be who they say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.events.recording import acting, record
from checkout_desk.extensions import db
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod, store

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
    mailbox = db.session.scalars(select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)).first()
    admins = select(Person).join(PersonRole, PersonRole.person_id == Person.id)
    admins = admins.where(PersonRole.role == "admin", Person.disabled_at.is_(None)).order_by(Person.id)
    text = _text(method, lines)
    told = [_queue(mailbox, person, method, text) for person in db.session.scalars(admins)] if mailbox else []
    record("payment_method.told", about=method, after={"people": told})


def _queue(mailbox: Mailbox, person: Person, method: PaymentMethod, text: str) -> int:
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    data = compose(
        mailbox=mailbox,
        to=[Address(person.email, person.name)],
        subject=f"{store().name}: “{method.name}” was changed",
        text=text,
        automatic=True,
        message_id=message_id,
        loop_mark=loop_mark(message_id),
        date=clock.now(),
    )
    outbox.queue_mail(
        occasion=f"payment-method:{method.id}:{secrets.token_hex(8)}:{person.id}",
        thread=f"person:{person.id}",
        mailbox=mailbox,
        message_bytes=data,
        message_id=message_id,
        recipients=[person.email],
        automatic=True,
    )
    return person.id


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
