"""Everything that the desk keeps about one order, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Attachment, Conversation, Message
from checkout_desk.customers.models import Customer, CustomerAddress
from checkout_desk.events.models import Event, EventHead
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.orders.models import MilestoneMail, Order, OrderChange, OrderLine, Quote
from checkout_desk.payments.models import Allocation, Payment, ProviderEvent, Refund
from checkout_desk.records import subjects
from checkout_desk.returns.models import Return, ReturnLine, ReturnPhoto
from checkout_desk.shipping.models import Carrier, DeliveryAlarm, Label, Shipment, ShipmentItem, TrackingEvent

EXPORTED = "records.exported"
"""the event of an export. It is no part of what it exported, or no two exports of an order would be alike"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of one order, each list in the order of time or number."""

    order: Order
    head: Any
    people: Mapping[int, str]
    customer: Customer | None
    addresses: Sequence[str]
    conversations: Sequence[Conversation]
    messages: Sequence[Message]
    attachments: Sequence[Attachment]
    raws: Mapping[int, RawMail]
    outbound: Mapping[int, OutboundMail]
    lines: Sequence[OrderLine]
    products: Mapping[int, Product]
    changes: Sequence[OrderChange]
    quotes: Sequence[Quote]
    milestones: Sequence[MilestoneMail]
    payments: Sequence[Payment]
    provider_events: Mapping[int, ProviderEvent]
    allocations: Sequence[Allocation]
    refunds: Sequence[Refund]
    shipments: Sequence[Shipment]
    items: Sequence[ShipmentItem]
    carriers: Mapping[int, str]
    labels: Sequence[Label]
    tracking: Sequence[TrackingEvent]
    alarms: Sequence[DeliveryAlarm]
    returns: Sequence[Return]
    return_lines: Sequence[ReturnLine]
    photos: Sequence[ReturnPhoto]
    feedback: Feedback | None
    events: Sequence[Any]


def gather(order: Order) -> Gathered:
    """Read all of it. The head of the record is read first: no event behind it is taken in."""
    head = db.session.execute(select(EventHead.seq, EventHead.hash, EventHead.at)).one()
    found = subjects.of_orders([order.id])
    messages = _rows(Message, Message.id.in_(found.get("message", ())), by=(Message.at, Message.id))
    lines = _rows(OrderLine, OrderLine.order_id == order.id, by=(OrderLine.position, OrderLine.id))
    payments = _rows(Payment, Payment.id.in_(found.get("payment", ())))
    parcels, backs = found.get("shipment", ()), found.get("return", ())
    addresses = (
        select(CustomerAddress.email)
        .where(CustomerAddress.customer_id == order.customer_id)
        .order_by(CustomerAddress.email)
    )
    return Gathered(
        order=order,
        head=head,
        people={row.id: row.name for row in db.session.execute(select(Person.id, Person.name))},
        customer=db.session.get(Customer, order.customer_id) if order.customer_id else None,
        addresses=list(db.session.scalars(addresses)),
        conversations=_rows(Conversation, Conversation.id.in_(found.get("conversation", ()))),
        messages=messages,
        attachments=_rows(Attachment, Attachment.message_id.in_([m.id for m in messages])),
        raws=_known(RawMail, found.get("raw_mail", ())),
        outbound=_known(OutboundMail, found.get("outbound_mail", ())),
        lines=lines,
        products=_known(Product, sorted({line.product_id for line in lines if line.product_id})),
        changes=_rows(OrderChange, OrderChange.order_id == order.id),
        quotes=_rows(Quote, Quote.order_id == order.id, by=(Quote.number,)),
        milestones=_rows(MilestoneMail, MilestoneMail.order_id == order.id),
        payments=payments,
        provider_events=_known(ProviderEvent, sorted({p.event_id for p in payments if p.event_id})),
        allocations=_rows(Allocation, Allocation.quote_id.in_(found.get("quote", ()))),
        refunds=_rows(Refund, Refund.id.in_(found.get("refund", ()))),
        shipments=_rows(Shipment, Shipment.id.in_(parcels), by=(Shipment.number,)),
        items=_rows(ShipmentItem, ShipmentItem.shipment_id.in_(parcels)),
        carriers={row.id: row.name for row in db.session.execute(select(Carrier.id, Carrier.name))},
        labels=_rows(Label, Label.shipment_id.in_(parcels)),
        tracking=_rows(TrackingEvent, TrackingEvent.shipment_id.in_(parcels), by=(TrackingEvent.at, TrackingEvent.id)),
        alarms=_rows(DeliveryAlarm, DeliveryAlarm.shipment_id.in_(parcels)),
        returns=_rows(Return, Return.id.in_(backs), by=(Return.number,)),
        return_lines=_rows(ReturnLine, ReturnLine.return_id.in_(backs)),
        photos=_rows(ReturnPhoto, ReturnPhoto.return_id.in_(backs)),
        feedback=db.session.scalars(select(Feedback).where(Feedback.order_id == order.id)).one_or_none(),
        events=_events(found, head.seq),
    )  # fmt: skip


def _events(found: subjects.Subjects, until: int) -> list[Any]:
    """The events about the order and about everything that belongs to it, oldest first."""
    table: Any = Event.__table__
    about = subjects.about(found, table.c.subject_type, table.c.subject_id)
    query = select(table).where(about, table.c.id <= until, table.c.kind != EXPORTED).order_by(table.c.id)
    return list(db.session.execute(query))


def _rows(model: Any, *conditions: Any, by: tuple[Any, ...] = ()) -> list[Any]:
    return list(db.session.scalars(select(model).where(*conditions).order_by(*(by or (model.id,)))))


def _known(model: Any, ids: Any) -> dict[int, Any]:
    return {row.id: row for row in _rows(model, model.id.in_(ids))}
