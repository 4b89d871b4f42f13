"""What the newest events say has changed, and on which days of the store those things are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from checkout_desk.catalogue.models import ProductAlias, StockMovement
from checkout_desk.conversations.models import Message, Promise
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders.models import MessageReading, MilestoneMail, Order, Quote
from checkout_desk.payments.models import Allocation, Payment, Refund
from checkout_desk.reports.resolutions import OF_CONVERSATION
from checkout_desk.returns.models import Return
from checkout_desk.shipping.models import Label, Shipment

AT_ONCE = 500
"""ids that one query names"""
LONGEST = timedelta(hours=1)
"""between what a transaction did and the event at its end"""
_DIRECT = ("conversation", "order", "quote", "payment", "refund", "product", "shipment", "label", "return")


@dataclass(slots=True)
class Changed:
    """Ids of what events tell of, by kind of thing, up to the event `seq`."""

    seq: int
    since: datetime | None = None
    ids: dict[str, set[int]] = field(default_factory=lambda: {name: set() for name in _DIRECT})

    def days_of_promises(self, zone: ZoneInfo) -> set[date]:
        """Days on which promises of these conversations were opened."""
        return self._days(zone, Promise.opened_at, Promise.conversation_id, "conversation")

    def days_of_closings(self, zone: ZoneInfo) -> set[date]:
        """Days on which these conversations were closed."""
        return self._days(zone, Event.at, Event.subject_id, "conversation", *OF_CONVERSATION)

    def days_of_orders(self, zone: ZoneInfo) -> set[date]:
        """Days on which these orders were made, and words were taught for these products."""
        made = self._days(zone, Order.created_at, Order.id, "order")
        return made | self._days(zone, ProductAlias.taught_at, ProductAlias.product_id, "product")

    def days_of_money(self, zone: ZoneInfo) -> set[date]:
        """Days of these payments, of the quotes that were paid and the refunds that were done."""
        return (
            self._days(zone, Payment.received_at, Payment.id, "payment")
            | self._days(zone, Quote.paid_at, Quote.id, "quote", Quote.paid_at.is_not(None))
            | self._days(zone, Refund.done_at, Refund.id, "refund", Refund.done_at.is_not(None))
        )

    def days_of_stock(self, zone: ZoneInfo) -> set[date]:
        """Days on which stock of these products has moved since: the ledger is only ever added to."""
        if self.since is None:
            return set()
        lately = StockMovement.at >= self.since - LONGEST
        return self._days(zone, StockMovement.at, StockMovement.product_id, "product", lately)

    def days_of_mails(self, zone: ZoneInfo) -> set[date]:
        """Days on which templates were mailed about these orders and in these conversations."""
        mine = MilestoneMail.order_id
        found = self._days(zone, MilestoneMail.at, mine, "order")
        for some in _portions(self.ids["conversation"]):
            of = select(Order.id).where(Order.conversation_id.in_(some))
            found |= _local(db.session.scalars(select(MilestoneMail.at).where(mine.in_(of))), zone)
        return found

    def days_of_procedure(self, zone: ZoneInfo) -> set[date]:
        """Days on which these orders were made, all of their conversations, and mails that may have ordered something there.

        Of the conversations, because a question belongs to the newest of their orders, and a mail that ordered counts by
        itself for as long as its conversation has no order.
        """
        orders = self._orders()
        threads = set(self.ids["conversation"])
        _follow(threads, Order.conversation_id, Order.id, orders)
        threads.discard(None)  # orders without a conversation
        ordering = select(Message.at).join(MessageReading, MessageReading.message_id == Message.id)
        ordering = ordering.where(or_(MessageReading.kind == "order", MessageReading.role == "new"))
        found: set[date] = set()
        for some in _portions(orders):
            born = select(Message.at).join(Order, Order.born_of_id == Message.id).where(Order.id.in_(some))
            found |= _local(db.session.scalars(select(Order.created_at).where(Order.id.in_(some))), zone)
            found |= _local(db.session.scalars(born), zone)
        for some in _portions(threads):
            made = select(Order.created_at).where(Order.conversation_id.in_(some))
            found |= _local(db.session.scalars(made), zone)
            found |= _local(db.session.scalars(ordering.where(Message.conversation_id.in_(some))), zone)
        return found

    def _orders(self) -> set[int]:
        """The orders of all that has changed, but for products: what moves their stock is told of its order as well."""
        orders, parcels = set(self.ids["order"]), set(self.ids["shipment"])
        paid = select(Quote.order_id).join(Allocation, Allocation.quote_id == Quote.id)
        for some in _portions(self.ids["payment"]):
            orders.update(db.session.scalars(paid.where(Allocation.payment_id.in_(some))))
        _follow(parcels, Label.shipment_id, Label.id, self.ids["label"])
        _follow(orders, Shipment.order_id, Shipment.id, parcels)
        _follow(orders, Return.order_id, Return.id, self.ids["return"])
        _follow(orders, Quote.order_id, Quote.id, self.ids["quote"])
        return orders

    def _days(self, zone: ZoneInfo, at: Any, column: Any, name: str, *more: Any) -> set[date]:
        found: set[date] = set()
        for some in _portions(self.ids[name]):
            found |= _local(db.session.scalars(select(at).where(column.in_(some), *more)), zone)
        return found


def changed_since(seq: int, *, most: int) -> Changed | None:
    """What the events after `seq` tell of; None where they are more than `most`, or the promise by which every day is judged is
    another one. Four queries at most, by the thousand."""
    rows = db.session.execute(
        select(Event.id, Event.at, Event.subject_type, Event.subject_id, Event.after)
        .where(Event.id > seq)
        .order_by(Event.id)
        .limit(most + 1)
    ).all()
    if len(rows) > most or any(
        row.subject_type == "store" and "promise_hours" in (row.after or {}) for row in rows
    ):
        return None
    found = Changed(rows[-1].id if rows else seq, rows[0].at if rows else None)
    through: dict[str, set[int]] = {"message": set(), "outbound_mail": set(), "feedback": set()}
    for row in rows:
        if row.subject_id is None:
            continue
        for name in (found.ids, through):
            if row.subject_type in name:
                name[row.subject_type].add(row.subject_id)
        if row.subject_type == "conversation":
            found.ids["conversation"].update(_others(row.after))
    _follow(found.ids["conversation"], Message.conversation_id, Message.id, through["message"])
    _follow(found.ids["conversation"], Message.conversation_id, Message.outbound_id, through["outbound_mail"])
    _follow(found.ids["order"], Feedback.order_id, Feedback.id, through["feedback"])
    return found


def _others(after: dict[str, Any] | None) -> Iterator[int]:
    """The other conversation of a merge, a split or a move."""
    return (value for name in ("into", "from") if isinstance(value := (after or {}).get(name), int))


def _follow(found: set[int], wanted: Any, column: Any, ids: set[int]) -> None:
    for some in _portions(ids):
        found.update(db.session.scalars(select(wanted).where(column.in_(some))))


def _portions(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(sorted(ids))
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _local(instants: Iterable[datetime], zone: ZoneInfo) -> set[date]:
    return {at.astimezone(zone).date() for at in instants}
