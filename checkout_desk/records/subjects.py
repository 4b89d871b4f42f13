"""What belongs to an order, to a customer: the things that events are about, found by their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union

from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.customers.models import CustomerAddress
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders.models import MilestoneMail, Order, OrderChange, OrderLine, Quote
from checkout_desk.payments.models import Allocation, Payment, Refund
from checkout_desk.returns.models import Return
from checkout_desk.shipping.models import DeliveryAlarm, Label, Shipment

Subjects = Mapping[str, Collection[int]]
"""what an event is about -> ids: {'order': [7], 'quote': [3, 4], …}"""
MOST = 500
"""things of each sort that one search follows"""


def of_orders(orders: Collection[int]) -> dict[str, list[int]]:
    """Everything that belongs to orders with these ids. A fixed number of queries."""
    found: dict[str, list[int]] = {"order": sorted(orders)}
    found["conversation"] = conversations(orders)
    found |= _mails(found["conversation"])
    of = found["order"]
    found["quote"] = _ids(select(Quote.id).where(Quote.order_id.in_(of)))
    found["payment"] = _payments(of, found["quote"])
    found["refund"] = _ids(select(Refund.id).where(Refund.order_id.in_(of)))
    found["shipment"] = _ids(select(Shipment.id).where(Shipment.order_id.in_(of)))
    found["label"] = _ids(select(Label.id).where(Label.shipment_id.in_(found["shipment"])))
    found["delivery_alarm"] = _ids(
        select(DeliveryAlarm.id).where(DeliveryAlarm.shipment_id.in_(found["shipment"]))
    )
    found["return"] = _ids(select(Return.id).where(Return.order_id.in_(of)))
    found["feedback"] = _ids(select(Feedback.id).where(Feedback.order_id.in_(of)))
    return {kind: ids for kind, ids in found.items() if ids}


def conversations(orders: Collection[int]) -> list[int]:
    """The conversations of orders: their own, those that were merged into it, and where a mail about them stands."""
    named = union(
        *(
            select(column).where(owner.in_(orders), column.is_not(None))
            for column, owner in (
                (Order.born_of_id, Order.id),
                (OrderLine.message_id, OrderLine.order_id),
                (OrderChange.message_id, OrderChange.order_id),
                (Quote.message_id, Quote.order_id),
                (MilestoneMail.message_id, MilestoneMail.order_id),
                (Return.message_id, Return.order_id),
                (Feedback.message_id, Feedback.order_id),
            )
        )
    )
    own = select(Order.conversation_id).where(Order.id.in_(orders), Order.conversation_id.is_not(None))
    about = select(Message.conversation_id).where(Message.id.in_(named.scalar_subquery()))
    found = set(_ids(union(own, about)))
    if not found:
        return []
    return sorted(found | set(_ids(select(Conversation.id).where(Conversation.merged_into_id.in_(found)))))


def of_customers(customers: Collection[int]) -> dict[str, list[int]]:
    """Everything that belongs to customers with these ids: themselves, their conversations and their orders."""
    orders = _ids(
        select(Order.id).where(Order.customer_id.in_(customers)).order_by(Order.id.desc()).limit(MOST)
    )
    theirs = select(Conversation.id).where(Conversation.customer_id.in_(customers))
    own = _ids(theirs.order_by(Conversation.id.desc()).limit(MOST))
    found = of_orders(orders) if orders else {}
    found["conversation"] = sorted({*found.get("conversation", ()), *own})
    found |= _mails(found["conversation"])
    return {"customer": sorted(customers), **{kind: ids for kind, ids in found.items() if ids}}


def customers_of(address: str) -> list[int]:
    """The customers whose address is `address` or begins with it."""
    key = address.strip().casefold()
    wanted = select(CustomerAddress.customer_id).where(CustomerAddress.email.startswith(key, autoescape=True))
    return sorted(set(_ids(wanted.limit(20))))


def about(subjects: Subjects, subject_type: Any, subject_id: Any) -> ColumnElement[bool]:
    """The condition that an event is about one of `subjects`, for the columns of the table that is asked."""
    return or_(
        *((subject_type == kind) & subject_id.in_(ids) for kind, ids in sorted(subjects.items()) if ids)
    )


def _mails(of: Collection[int]) -> dict[str, list[int]]:
    """The messages of conversations, and the mails of the outbox and of the inbox behind them."""
    rows = db.session.execute(
        select(Message.id, Message.outbound_id, Message.raw_id).where(Message.conversation_id.in_(of))
    ).all()
    return {
        "message": sorted(row.id for row in rows),
        "outbound_mail": sorted(row.outbound_id for row in rows if row.outbound_id),
        "raw_mail": sorted(row.raw_id for row in rows if row.raw_id),
    }


def _payments(orders: Iterable[int], quotes: Collection[int]) -> list[int]:
    return sorted(
        set(
            _ids(
                union(
                    select(Allocation.payment_id).where(Allocation.quote_id.in_(quotes)),
                    select(Payment.id).where(Payment.quote_id.in_(quotes)),
                    select(Refund.payment_id).where(Refund.order_id.in_(list(orders))),
                )
            )
        )
    )


def _ids(query: Select[Any] | Any) -> list[int]:
    return [row for row in db.session.scalars(query) if row is not None]
