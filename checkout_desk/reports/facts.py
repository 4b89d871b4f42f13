"""What is on record of orders, gathered in a fixed number of queries however many they are.

Nothing here is kept for a report: the rows are those by which the desk works, and the record of events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from checkout_desk.catalogue.models import StockMovement
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import MilestoneMail, Order, OrderLine, Quote
from checkout_desk.payments.models import Allocation, Payment
from checkout_desk.returns.models import Return
from checkout_desk.shipping.models import Carrier, DeliveryAlarm, Label, Shipment

KINDS = ("drafted", "repeated", "verified", "undone", "placed", "paid")
"""events of an order that its rows do not keep: they hold only the newest of them, or none"""
QUERIES = 12
_BORN = aliased(Message)
_LATER = aliased(Order)


@dataclass(frozen=True, slots=True)
class Facts:
    """One order's rows, each list oldest first."""

    order: Any
    quotes: list[Any] = field(default_factory=list)
    mails: list[Any] = field(default_factory=list)
    payments: list[Any] = field(default_factory=list)
    stock: list[Any] = field(default_factory=list)
    parcels: list[Any] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    shorts: list[Any] = field(default_factory=list)
    promises: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    returns: list[Any] = field(default_factory=list)

    def told(self, milestone: str) -> list[Any]:
        """The mails of a milestone that were not taken back."""
        return [one for one in self.mails if one.milestone == milestone and one.kind != "taken_back"]

    def verified(self) -> list[Any]:
        """The events by which the details were confirmed and that nobody took back."""
        found: list[Any] = []
        for one in self.events:
            if one.kind == "order.verified":
                found.append(one)
            elif one.kind == "order.undone" and (one.before or {}).get("state") == "verified" and found:
                found.pop()
        return found

    def happened(self, kind: str) -> list[Any]:
        """The events 'order.<kind>'."""
        return [one for one in self.events if one.kind == f"order.{kind}"]


def gather(*where: ColumnElement[bool]) -> list[Facts]:
    """The facts of the orders that fit, by their ids. QUERIES queries."""
    connection = db.session.connection()
    db.session.flush()
    found = {row.id: Facts(row) for row in connection.execute(_orders().where(*where))}
    chosen = select(Order.id).where(*where)
    for name, statement in _parts(chosen).items():
        for order_id, rows in _by_order(connection.execute(statement)).items():
            if order_id in found:
                getattr(found[order_id], name).extend(rows)
    return list(found.values())


def _by_order(rows: Iterable[Any]) -> dict[int, list[Any]]:
    parts: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        parts[row.order_id].append(row)
    return parts


def _orders() -> Select[Any]:
    return (
        select(
            Order.id, Order.number, Order.conversation_id, Order.state, Order.asked, Order.gap_count,
            Order.created_at, Order.created_by_id, Order.born_of_id, Order.verified_at, Order.verified_by_id,
            Order.cancelled_at, Order.cancel_reason, Order.parked_at, Order.ship_by, Order.updated_at,
            Conversation.mailbox_id, Conversation.state.label("conversation_state"), _BORN.at.label("born_at"),
            Feedback.id.label("feedback_id"), Feedback.due_at, Feedback.asked_at, Feedback.message_id.label("feedback_message"),
            Feedback.skipped_at, Feedback.skipped_why, Feedback.answered_at, Feedback.score,
        )
        .outerjoin(Conversation, Conversation.id == Order.conversation_id)
        .outerjoin(_BORN, _BORN.id == Order.born_of_id)
        .outerjoin(Feedback, Feedback.order_id == Order.id)
        .order_by(Order.id)
    )  # fmt: skip


def _parts(chosen: Select[Any]) -> dict[str, Any]:
    """The statement of each list of `Facts`; the first column of each is the order's id."""
    return {**_of_money(chosen), **_of_parcels(chosen), **_of_words(chosen)}


def _of_money(chosen: Select[Any]) -> dict[str, Any]:
    about = literal("quote:") + cast(Quote.id, String)
    return {
        "quotes": select(
            Quote.order_id, Quote.id, Quote.number, Quote.state, Quote.total_minor, Quote.created_at,
            Quote.created_by_id, Quote.sent_at, Quote.placed_at, Quote.paid_at, Quote.ended_at, Quote.message_id,
            Message.kind, Message.author_id,
        )
        .outerjoin(Message, Message.id == Quote.message_id)
        .where(Quote.order_id.in_(chosen))
        .order_by(Quote.order_id, Quote.number),
        "payments": select(
            Quote.order_id, Payment.id, Payment.created_at, Payment.source, Allocation.at, Allocation.by_id
        )
        .join(Allocation, Allocation.quote_id == Quote.id)
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Quote.order_id.in_(chosen))
        .order_by(Payment.created_at, Payment.id),
        "stock": select(
            Quote.order_id, StockMovement.id, StockMovement.kind, StockMovement.product_id, StockMovement.at,
            StockMovement.actor,
        )
        .join(StockMovement, StockMovement.about == about)
        .where(Quote.order_id.in_(chosen), StockMovement.kind.in_(("hold", "commit")))
        .order_by(StockMovement.id),
        "lines": select(OrderLine.order_id, OrderLine.id, OrderLine.product_id)
        .where(OrderLine.order_id.in_(chosen), OrderLine.removed_at.is_(None), OrderLine.product_id.is_not(None))
        .order_by(OrderLine.position, OrderLine.id),
    }  # fmt: skip


def _of_parcels(chosen: Select[Any]) -> dict[str, Any]:
    return {
        "parcels": select(
            Shipment.order_id, Shipment.id, Shipment.number, Shipment.state, Shipment.packed_at,
            Shipment.packed_by_id, Shipment.handed_over_at, Shipment.handed_over_by_id, Shipment.delivered_at,
            Shipment.promised_on, Shipment.carrier_id, Carrier.name.label("carrier"),
        )
        .outerjoin(Carrier, Carrier.id == Shipment.carrier_id)
        .where(Shipment.order_id.in_(chosen))
        .order_by(Shipment.order_id, Shipment.number),
        "labels": select(
            Shipment.order_id, Label.id, Label.shipment_id, Label.state, Label.reference, Label.made_at,
            Label.made_by_id,
        )
        .join(Label, Label.shipment_id == Shipment.id)
        .where(Shipment.order_id.in_(chosen))
        .order_by(Label.shipment_id, Label.number),
        "shorts": select(Shipment.order_id, DeliveryAlarm.about, DeliveryAlarm.at, DeliveryAlarm.shipment_id)
        .join(DeliveryAlarm, DeliveryAlarm.shipment_id == Shipment.id)
        .where(Shipment.order_id.in_(chosen), DeliveryAlarm.kind == "short")
        .order_by(DeliveryAlarm.id),
        "returns": select(
            Return.order_id, Return.id, Return.number, Return.state, Return.requested_at, Return.decided_at,
            Return.decided_by_id,
        )
        .where(Return.order_id.in_(chosen))
        .order_by(Return.order_id, Return.number),
    }  # fmt: skip


def _of_words(chosen: Select[Any]) -> dict[str, Any]:
    # A question belongs to the newest order of its conversation that stood when it came; the mail that an order was
    # made of belongs to that order.
    owner = (
        select(func.max(_LATER.id))
        .where(
            _LATER.conversation_id == Promise.conversation_id,
            or_(_LATER.created_at <= Promise.opened_at, _LATER.born_of_id == Promise.message_id),
        )
        .correlate(Promise)
        .scalar_subquery()
    )
    return {
        "mails": select(
            MilestoneMail.order_id, MilestoneMail.milestone, MilestoneMail.about, MilestoneMail.at,
            MilestoneMail.again, MilestoneMail.template, MilestoneMail.message_id, Message.kind, Message.author_id,
            Message.trouble, OutboundMail.state, OutboundMail.sent_at,
        )
        .outerjoin(Message, Message.id == MilestoneMail.message_id)
        .outerjoin(OutboundMail, OutboundMail.id == Message.outbound_id)
        .where(MilestoneMail.order_id.in_(chosen))
        .order_by(MilestoneMail.at, MilestoneMail.id),
        "promises": select(
            Order.id.label("order_id"), Promise.id, Promise.message_id, Promise.opened_at, Promise.due_at,
            Promise.closed_at, Promise.closed_by_id, Message.author_id,
        )
        .join(Promise, Promise.conversation_id == Order.conversation_id)
        .outerjoin(Message, Message.id == Promise.closed_by_id)
        .where(Order.id.in_(chosen), Order.id == owner)
        .order_by(Promise.opened_at, Promise.id),
        "events": select(Event.subject_id.label("order_id"), Event.kind, Event.at, Event.actor, Event.before, Event.after)
        .where(
            and_(Event.subject_type == "order", Event.subject_id.in_(chosen)),
            Event.kind.in_([f"order.{kind}" for kind in KINDS]),
        )
        .order_by(Event.id),
    }  # fmt: skip
