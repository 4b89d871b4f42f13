"""Tables of orders and of what the software read in messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    event,
    insert,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.deflating import Packed
from checkout_desk.extensions import Key, Model

STATES = (
    "draft",
    "clarifying",
    "verified",
    "quoted",
    "paid",
    "packing",
    "shipped",
    "delivered",
    "closed",
    "cancelled",
    "expired",
)
STANDINGS = ("said", "review", "choice", "unknown", "typed")
"""how sure a line is: said by the customer, below the bar, several products fit, no product fits, typed by a person"""
SHIP_FIELDS = ("name", "line1", "line2", "city", "region", "postcode", "country")
FIRST_NUMBER = 1001


class OrderNumber(Model):
    """The next order number: one row, locked for the moment that takes one. Numbers are never reused."""

    __tablename__ = "order_number"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    next: Mapped[int] = mapped_column(Integer, default=FIRST_NUMBER)


class Order(Model):
    """What a customer wants: lines, where the parcel goes, and how far it has come."""

    __tablename__ = "order"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_order_conversation", "conversation_id", "id"),
        Index("ix_order_customer", "customer_id", "id"),
        Index("ix_order_state", "state", "id"),
        Index("ix_order_country", "ship_country", "id"),
        Index("ix_order_created", "created_at", "id"),
        Index(
            "ix_order_to_pack",
            "ship_by",
            "id",
            sqlite_where=text("state IN ('paid','packing')"),
            postgresql_where=text("state IN ('paid','packing')"),
        ),
        Index(
            "ix_order_reminder",
            "remind_at",
            sqlite_where=text("remind_at IS NOT NULL"),
            postgresql_where=text("remind_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    conversation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("conversation.id"))
    customer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("customer.id"))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    """changed by lifecycle.ORDER.fire alone"""
    currency: Mapped[str] = mapped_column(String(3))
    language: Mapped[str] = mapped_column(String(2), default="en")
    """the language that the customer writes, for mails and the customer page"""
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    """E.164"""
    ship_name: Mapped[str] = mapped_column(String(200), default="")
    ship_line1: Mapped[str] = mapped_column(String(200), default="")
    ship_line2: Mapped[str] = mapped_column(String(200), default="")
    ship_city: Mapped[str] = mapped_column(String(120), default="")
    ship_region: Mapped[str] = mapped_column(String(120), default="")
    ship_postcode: Mapped[str] = mapped_column(String(20), default="")
    ship_country: Mapped[str] = mapped_column(String(2), default="")
    delivery_wish: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """what the customer wants the driver to know: 'leave it with the neighbour, no. 16'; no part of the address"""
    sources: Mapped[dict[str, Any]] = mapped_column(Packed(), default=dict)
    """where each detail comes from: {'ship_postcode': {'by': 'reading'|'person'|'customer'|'known', 'person': 3,
    'message': 12, 'span': [4, 9], 'source': 'body', 'rule': …, 'confidence': 0.9, 'inferred': False, 'at': …}}"""
    asked: Mapped[list[Any]] = mapped_column(default=list)
    """gaps that the customer was asked for: [{'gap': 'ship_to.postcode', 'line': None, 'at': …, 'message': 31}]"""
    gap_count: Mapped[int] = mapped_column(Integer, default=0)
    """kept by `completeness.reckon` with every change"""
    total_minor: Mapped[int] = mapped_column(Integer, default=0)
    """sum of the lines that have a product and a quantity, in minor units of `currency`"""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """None: born from a Reading"""
    born_of_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    """the message that it was made from"""
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    remind_at: Mapped[datetime | None]
    """when the one reminder of missing details is due, or parking after it"""
    reminded_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    live_quote: Mapped[int | None] = mapped_column(Integer)
    """number of the version that the customer may accept and pay now, kept by quote_lifecycle.QUOTE"""
    ship_by: Mapped[datetime | None]
    """the carrier's cut-off by which a paid order should leave, kept from the moment it is paid"""
    delivery_trouble: Mapped[str | None] = mapped_column(String(20))
    return_step: Mapped[str | None] = mapped_column(String(16))
    """what a return of it waits for: 'check_return', 'receive_return' or 'refund'; kept by returns.waiting"""
    money_owed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """it is cancelled and its customer's money is still here; kept by payments.owing"""
    """the kind of the newest open alarm about one of its parcels, kept by shipping"""
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}


class OrderLine(Model):
    """One product of an order, or words that are to become one."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint(f"standing IN {STANDINGS}", name="standing"),
        CheckConstraint("quantity IS NULL OR quantity > 0", name="quantity"),
        Index("ix_order_line_order", "order_id", "position", "id"),
        Index("ix_order_line_product", "product_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int | None] = mapped_column(Key, ForeignKey("product.id"))
    quantity: Mapped[int | None] = mapped_column(Integer)
    unit_price_minor: Mapped[int | None] = mapped_column(Integer)
    """the catalogue's price when the product was chosen, in minor units of the order's currency"""
    standing: Mapped[str] = mapped_column(String(8))
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    """ids of the products that fit, when several do"""
    text: Mapped[str] = mapped_column(String(300), default="")
    """the customer's own words"""
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    source: Mapped[str] = mapped_column(String(200), default="body")
    """'body', 'subject' or the name of an attached message or file"""
    span_start: Mapped[int | None] = mapped_column(Integer)
    """where the words stand in `message.text`; None where they stand elsewhere"""
    span_end: Mapped[int | None] = mapped_column(Integer)
    rule: Mapped[str] = mapped_column(String(60), default="")
    confidence: Mapped[float | None] = mapped_column(Float)
    typed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """what a person (or the customer on their page) put over the reading: {'quantity': {'by': 'person:3', 'at': …}}"""
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    removed_at: Mapped[datetime | None]
    removed_why: Mapped[str] = mapped_column(String(120), default="")


class OrderChange(Model):
    """What a later mail wants different, for a person to accept or decline: never applied by itself after the draft."""

    __tablename__ = "order_change"
    __table_args__ = (
        UniqueConstraint("order_id", "message_id"),
        CheckConstraint("state IN ('open','accepted','declined')", name="state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    """None: asked for on the customer page"""
    at: Mapped[datetime]
    changes: Mapped[list[Any]]
    """[{'what': 'quantity', 'line': 5, 'from': 2, 'to': 3, 'text': …, 'span': […]}, {'what': 'remove', …},
    {'what': 'add', 'product': 7, 'quantity': 1, …}, {'what': 'detail', 'field': 'ship_line1', 'from': …, 'to': …}, {'what': 'cancel'}]"""
    state: Mapped[str] = mapped_column(String(10), default="open")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))


QUOTE_STATES = ("draft", "sent", "accepted", "paid", "expired", "superseded", "withdrawn")


class Quote(Model):
    """An immutable, numbered version of what an order costs, exactly as mailed; only its state changes after sending."""

    __tablename__ = "quote"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint(f"state IN {QUOTE_STATES}", name="state"),
        CheckConstraint("total_minor >= 0", name="total"),
        Index(
            "uq_quote_live",
            "order_id",
            unique=True,
            sqlite_where=text("state IN ('sent','accepted')"),
            postgresql_where=text("state IN ('sent','accepted')"),
        ),
        Index("ix_quote_expiry", "state", "expires_at"),
        Index(
            "ix_quote_paid",
            "paid_at",
            sqlite_where=text("paid_at IS NOT NULL"),
            postgresql_where=text("paid_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 within its order: 1042-Q2"""
    state: Mapped[str] = mapped_column(String(12), default="draft")
    """changed by quote_lifecycle.QUOTE.fire alone"""
    currency: Mapped[str] = mapped_column(String(3))
    content: Mapped[dict[str, Any]]
    """lines (product, sku, name, quantity, unit, discount, net, tax, rate, total), shipping, discounts, taxes, address, terms:
    everything that the mail, the page and the PDF show"""
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the canonical JSON of `content`"""
    net_minor: Mapped[int] = mapped_column(Integer)
    tax_minor: Mapped[int] = mapped_column(Integer)
    total_minor: Mapped[int] = mapped_column(Integer)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    """what a bank transfer names, with check characters (ISO 11649)"""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    placed_at: Mapped[datetime | None]
    """when its order was placed on account: its stock is sold, its money is still open"""
    paid_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """when it expired, was superseded or withdrawn"""
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    """the mail that told it"""
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}


class MilestoneMail(Model):
    """A mail that a change of state sends: at most one per (order, milestone, subject it is about)."""

    __tablename__ = "milestone_mail"
    __table_args__ = (
        UniqueConstraint("order_id", "milestone", "about"),
        Index("ix_milestone_mail_at", "at", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    milestone: Mapped[str] = mapped_column(String(24))
    """received, details, quote, reminder, payment_received, confirmed, cancelled, expired, refunded, …"""
    about: Mapped[str] = mapped_column(String(40), default="")
    """'quote:7', 'payment:3', or '' for the order itself"""
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    template: Mapped[str] = mapped_column(String(60), default="")
    """key, language and version of the template: 'confirmed.en.1'"""
    at: Mapped[datetime]
    again: Mapped[int] = mapped_column(Integer, default=0)
    """how often a person sent it again"""


class MessageReading(Model):
    """What the software understood of one message; spans of source 'body' count in `message.text`."""

    __tablename__ = "message_reading"

    message_id: Mapped[int] = mapped_column(Key, ForeignKey("message.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2), default="")
    reading: Mapped[dict[str, Any]] = mapped_column(Packed())
    """lines, ambiguous, unmatched, customer, ship_to, gaps: each value with text, span, source, rule, confidence"""
    milliseconds: Mapped[float] = mapped_column(Float, default=0.0)
    at: Mapped[datetime]


@event.listens_for(OrderNumber.__table__, "after_create")
def _first_number(table: Any, connection: Any, **_: Any) -> None:
    connection.execute(insert(table).values(id=1, next=FIRST_NUMBER))


FROZEN = (
    "order_id, number, currency, content, content_hash, net_minor, tax_minor, total_minor, reference, sent_at"
)
"""what nobody changes once a quote is sent"""
QUOTE_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS quote_frozen BEFORE UPDATE OF {FROZEN} ON quote WHEN OLD.sent_at IS NOT NULL "
    "BEGIN SELECT RAISE(ABORT, 'a quote that was sent is never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS quote_kept BEFORE DELETE ON quote WHEN OLD.sent_at IS NOT NULL "
    "BEGIN SELECT RAISE(ABORT, 'a quote that was sent is never deleted'); END",
)
QUOTE_POSTGRES = (
    "CREATE OR REPLACE FUNCTION quote_frozen() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'a quote that was sent is never changed or deleted'; END $$",
    f"CREATE OR REPLACE TRIGGER quote_frozen BEFORE UPDATE OF {FROZEN} ON quote FOR EACH ROW "
    "WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION quote_frozen()",
    "CREATE OR REPLACE TRIGGER quote_kept BEFORE DELETE ON quote FOR EACH ROW "
    "WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION quote_frozen()",
)
for _statement in QUOTE_SQLITE:
    event.listen(Quote.__table__, "after_create", DDL(_statement).execute_if(dialect="sqlite"))
for _statement in QUOTE_POSTGRES:
    event.listen(Quote.__table__, "after_create", DDL(_statement).execute_if(dialect="postgresql"))
