"""Tables of payments. Sums that must never be exceeded are checked by the database itself.

`Payment.allocated_minor` and `refunded_minor` are kept in the statement that adds an Allocation or a Refund.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model

PAYMENT_STATES = ("received", "matched", "needs_review", "allocated", "refunded")
REFUND_STATES = ("requested", "sent", "done", "failed", "to_be_checked")


class ProviderEvent(Model):
    """What a payment provider told us, kept raw before it is understood. One row an event, however often it is told."""

    __tablename__ = "provider_event"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("ix_provider_event_open", "understood_at", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    provider: Mapped[str] = mapped_column(String(12))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(80), default="")
    method_id: Mapped[int | None] = mapped_column(Key, ForeignKey("payment_method.id"))
    """whose secret the event was signed with"""
    raw_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    understood_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(300))
    attempts: Mapped[int] = mapped_column(Integer, default=0)


class ProviderListing(Model):
    """How far a provider's list of events was read for a method, in case that it could not tell us."""

    __tablename__ = "provider_listing"

    method_id: Mapped[int] = mapped_column(Key, ForeignKey("payment_method.id"), primary_key=True)
    listed_until: Mapped[datetime]


LINK_STATES = ("asked", "open", "paid", "closed")


class PaymentLink(Model):
    """A page of a provider on which one version of a quote can be paid. Written before the provider is asked for it."""

    __tablename__ = "payment_link"
    __table_args__ = (
        UniqueConstraint("quote_id", "method_id", "number"),
        UniqueConstraint("provider", "ref"),
        CheckConstraint(f"state IN {LINK_STATES}", name="state"),
        Index("ix_payment_link_open", "state", "looked_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    quote_id: Mapped[int] = mapped_column(Key, ForeignKey("quote.id"))
    method_id: Mapped[int] = mapped_column(Key, ForeignKey("payment_method.id"))
    provider: Mapped[str] = mapped_column(String(12))
    number: Mapped[int] = mapped_column(Integer, default=1)
    """1, 2, 3 of a quote: providers keep their pages for hours, quotes last for days"""
    state: Mapped[str] = mapped_column(String(6), default="asked")
    ref: Mapped[str | None] = mapped_column(String(120))
    """the provider's own id of the session or order"""
    url: Mapped[str | None] = mapped_column(String(2000))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    """when the provider was last asked what became of it"""
    fault: Mapped[str | None] = mapped_column(String(300))


class Statement(Model):
    """One imported bank statement."""

    __tablename__ = "statement"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    file_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    form: Mapped[str] = mapped_column(String(12))
    """csv, camt053, mt940, ofx"""
    account: Mapped[str] = mapped_column(String(40), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    begins_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    rows: Mapped[int] = mapped_column(Integer, default=0)
    known: Mapped[int] = mapped_column(Integer, default=0)
    """rows that an earlier statement had already"""
    sum_minor: Mapped[int | None] = mapped_column(Integer)
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """the column map that a CSV was read with, so that the rest of it can be taken in later"""
    taken: Mapped[int] = mapped_column(Integer, default=0)
    """rows that were gone through so far: the import goes on from there, and its page shows it"""
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))


class ColumnMap(Model):
    """Which column of a bank's CSV means what."""

    __tablename__ = "column_map"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    header_key: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the header line that it fits"""
    columns: Mapped[dict[str, Any]]
    """{'date': …, 'amount': …, 'currency': …, 'text': …, 'name': …, 'account': …, 'decimal': ',', 'date_form': …}"""


class Payment(Model):
    """Money that came in, with its evidence."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("source", "source_ref"),
        CheckConstraint(f"state IN {PAYMENT_STATES}", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("allocated_minor >= 0 AND allocated_minor <= amount_minor", name="allocated"),
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= amount_minor", name="refunded"),
        CheckConstraint("allocated_minor + refunded_minor + credited_minor <= amount_minor", name="spent"),
        Index("ix_payment_state", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    state: Mapped[str] = mapped_column(String(12), default="received")
    """changed by lifecycle.PAYMENT.fire alone"""
    source: Mapped[str] = mapped_column(String(12))
    """stripe, paypal, bank, hand"""
    source_ref: Mapped[str] = mapped_column(String(160))
    """the provider's own id, or the fingerprint of a statement's row: the same money is one payment"""
    amount_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    received_at: Mapped[datetime]
    payer_name: Mapped[str] = mapped_column(String(200), default="")
    payer_account: Mapped[str] = mapped_column(String(60), default="")
    """IBAN or e-mail of the payer; never a card number"""
    text: Mapped[str] = mapped_column(String(500), default="")
    """what the payer wrote: the remittance information"""
    outcome: Mapped[str] = mapped_column(String(16), default="")
    """what the matcher says: exact, under, over, split, combined, duplicate, late, wrong_currency, unknown"""
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    """[{'what': 'amount', 'says': 'equal to the penny', 'good': true}, …]"""
    proposal: Mapped[list[Any]] = mapped_column(default=list)
    """[{'quote': 7, 'minor': 6390}, …] for a person to confirm"""
    allocated_minor: Mapped[int] = mapped_column(Integer, default=0)
    refunded_minor: Mapped[int] = mapped_column(Integer, default=0)
    credited_minor: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """what was taken off other goods that were sent instead: it neither pays a quote nor goes back"""
    quote_id: Mapped[int | None] = mapped_column(Key, ForeignKey("quote.id"))
    """the quote that the provider's own session was made for, that held the money until its order was cancelled, or that
    the payer named once more after it was paid: whose money it is"""
    event_id: Mapped[int | None] = mapped_column(Key, ForeignKey("provider_event.id"))
    statement_id: Mapped[int | None] = mapped_column(Key, ForeignKey("statement.id"))
    entered_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}


class Allocation(Model):
    """The part of a payment that pays a quote."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("payment_id", "quote_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_allocation_quote", "quote_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    payment_id: Mapped[int] = mapped_column(Key, ForeignKey("payment.id"))
    quote_id: Mapped[int] = mapped_column(Key, ForeignKey("quote.id"))
    amount_minor: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """None: the matcher itself, because all was exact"""


class Refund(Model):
    """Money that goes back. The idempotency key is committed before the provider is asked."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint(f"state IN {REFUND_STATES}", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("unallocated_minor BETWEEN 0 AND amount_minor", name="unallocated"),
        Index("ix_refund_payment", "payment_id"),
        Index("ix_refund_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    payment_id: Mapped[int] = mapped_column(Key, ForeignKey("payment.id"))
    order_id: Mapped[int | None] = mapped_column(Key, ForeignKey("order.id"))
    quote_id: Mapped[int | None] = mapped_column(Key, ForeignKey("quote.id"))
    """the quote that the money had paid, where it had paid one"""
    unallocated_minor: Mapped[int] = mapped_column(Integer, default=0)
    """how much of it was taken from that quote's allocation; it returns there if the refund fails"""
    amount_minor: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(14), default="requested")
    """changed by lifecycle.REFUND.fire alone"""
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    fault: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """None: made at the provider itself, and learned from its event"""
    done_at: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]
