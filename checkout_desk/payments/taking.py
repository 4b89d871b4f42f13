"""Money came in: one row for the same money, whichever way and however often it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock, money
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.payments.models import Payment

SOURCES = ("stripe", "paypal", "bank", "hand")
MOST = 2_000_000_000
"""minor units that one payment may have, as in `money.read`"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the evidence of a payment lies; each part may be missing."""

    event_id: int | None = None
    statement_id: int | None = None
    entered_by: Person | None = None
    quote_id: int | None = None
    """the quote that the provider's own session was made for, from our record of that session"""


def take(
    source: str,
    source_ref: str,
    *,
    amount_minor: int,
    currency: str,
    received_at: datetime,
    payer_name: str = "",
    payer_account: str = "",
    text: str = "",
    note: str = "",
    origin: Origin = Origin(),
) -> tuple[Payment, bool]:
    """Keep a payment in state 'received'. Returns it and whether it is new.

    `source_ref` is the provider's id of the charge or capture, or the fingerprint of a statement's row: the same one is
    the same payment, and then nothing changes but that a missing `origin.quote_id` is filled in. Card numbers in what the
    payer wrote are masked. Raises Refused for an amount that is no payment, a currency that does not exist, or an entry by
    hand without its evidence in `note`. Several in one transaction: in the order of their `source_ref`.
    """
    _check(source, source_ref, amount_minor, currency, note)
    values: dict[str, Any] = {
        "state": "received",
        "source": source,
        "source_ref": source_ref,
        "amount_minor": amount_minor,
        "currency": currency,
        "received_at": received_at,
        "payer_name": mask_cards(payer_name.strip())[:200],
        "payer_account": mask_cards(payer_account.strip())[:60],
        "text": mask_cards(text.strip())[:500],
        "note": mask_cards(note.strip())[:500],
        "quote_id": origin.quote_id,
        "event_id": origin.event_id,
        "statement_id": origin.statement_id,
        "entered_by_id": origin.entered_by.id if origin.entered_by else None,
        "created_at": clock.now(),
    }
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Payment)
    db.session.flush()
    made = db.session.scalar(
        insert.values(**values)
        .on_conflict_do_nothing(index_elements=["source", "source_ref"])
        .returning(Payment.id)
    )
    query = select(Payment).where(Payment.source == source, Payment.source_ref == source_ref)
    payment: Payment = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if made is None:
        if payment.quote_id is None and origin.quote_id is not None:
            payment.quote_id = origin.quote_id
        return payment, False
    record(
        "payment.received",
        about=payment,
        after={"source": source, "minor": amount_minor, "currency": currency},
        actor=f"person:{origin.entered_by.id}" if origin.entered_by else None,
    )
    return payment, True


def _check(source: str, source_ref: str, amount_minor: int, currency: str, note: str) -> None:
    if source not in SOURCES or not 1 <= len(source_ref) <= 160:
        raise ValueError(f"{source!r}, {source_ref!r}")
    try:
        money.decimals(currency)
    except ValueError as fault:
        raise Refused(str(fault)) from fault
    if not 1 <= amount_minor <= MOST:
        raise Refused(
            f"{money.show(amount_minor, currency)} is no payment; use an amount from "
            f"{money.show(1, currency)} to {money.show(MOST, currency)}."
        )
    if source == "hand" and not note.strip():
        raise Refused("Say what shows that this money came in, such as the number of the receipt.")
