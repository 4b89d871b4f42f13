"""How far orders came: from the mail to the customer's word about it, and where and why they stopped.

An order counts for the day on which it was made, a mail that ordered and became no order for the day on which it came. What
reached a station is what reached the next one, what dropped out there, and what is still on its way: the three always add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.orders.models import MessageReading, Order
from checkout_desk.reports.facts import Facts, gather
from checkout_desk.reports.period import Period
from checkout_desk.reports.selling import sold_at, told_quotes, verified_at

STATIONS = ("Mail", "Draft", "Verified", "Quoted", "Paid", "Packed", "Shipped", "Delivered", "Feedback")
MAIL, DRAFT, VERIFIED, QUOTED, PAID, PACKED, SHIPPED, DELIVERED, FEEDBACK = range(len(STATIONS))
WAITING = (
    "to be made an order", "to be verified", "to be quoted", "waits for payment", "to be packed", "to be handed over",
    "on its way", "to be asked how it was", "",
)  # fmt: skip
"""what an order waits for that has reached a station and is not over"""


@dataclass(frozen=True, slots=True)
class Case:
    """An order, or a mail that ordered and became none: the furthest station, and what ended or keeps it there."""

    order_id: int
    """0 for a mail"""
    conversation_id: int | None
    number: int
    at: datetime
    reached: int
    why: str = ""
    over: bool = False
    message_id: int = 0
    """of a mail"""


Stop = tuple[int, bool, str]
"""the furthest station, whether it goes no further, and why"""


@dataclass(slots=True)
class Station:
    """One row of the funnel."""

    name: str
    reached: int = 0
    out: Counter[str] = field(default_factory=Counter)
    """reason -> how many went no further"""
    waiting: Counter[str] = field(default_factory=Counter)


def cases_in(period: Period) -> list[Case]:
    """Every order that was made in the period, then every mail of it that ordered in vain. `facts.QUERIES` + 1 queries."""
    found = gather(Order.created_at >= period.start, Order.created_at < period.end)
    return [case(one) for one in found] + mails_in(period)


def stations(stops: Mapping[Stop, int]) -> list[Station]:
    """The funnel of so many orders and mails as have come to each stop."""
    rows = [Station(name) for name in STATIONS]
    for (reached, over, why), n in stops.items():
        for station in range(reached + 1):
            rows[station].reached += n
        if over:
            rows[reached].out[why] += n
        elif reached < FEEDBACK:
            rows[reached].waiting[why] += n
    return rows


def case(facts: Facts) -> Case:
    """How far this order came. Pure."""
    order, reached = facts.order, furthest(facts)
    why, over = _why(facts, reached)
    return Case(order.id, order.conversation_id, order.number, order.created_at, reached, why, over)


def furthest(facts: Facts) -> int:
    """The last station that an order has seen, whatever came of it later."""
    live = [one for one in facts.parcels if one.state != "void"]
    signs = (
        (FEEDBACK, facts.order.answered_at),
        (DELIVERED, facts.order.state in ("delivered", "closed")),
        (SHIPPED, facts.order.state == "shipped" or (live and all(one.handed_over_at for one in live))),
        (PACKED, live and all(one.packed_at for one in live)),
        (PAID, sold_at(facts)),
        (QUOTED, told_quotes(facts)),
        (VERIFIED, verified_at(facts)),
    )
    return next((station for station, sign in signs if sign), DRAFT)


def _why(facts: Facts, reached: int) -> tuple[str, bool]:
    """(the reason, whether it goes no further)."""
    order = facts.order
    if order.state == "cancelled":
        return cancelled(order.cancel_reason), True
    if order.state == "expired":
        return "the quote expired", True
    if reached == FEEDBACK:
        return "", False
    if reached == DELIVERED and order.skipped_at is not None:
        return f"not asked: {order.skipped_why}", True
    if reached == DELIVERED and order.asked_at is not None:
        return "asked, no answer", False
    if reached == SHIPPED and any(one.state in ("lost", "returned_to_sender") for one in facts.parcels):
        return "the parcel never arrived", True
    if reached < QUOTED and order.parked_at is not None:
        return "no answer to our question", True
    if reached == DRAFT and facts.told("details"):
        return "waits for details", False
    return WAITING[reached], False


def cancelled(reason: str | None) -> str:
    """Why an order went no further that was cancelled for this reason."""
    return f"cancelled: {' '.join((reason or 'no reason').split())[:80]}"


# Two conditions, not one with OR: the first is a look into an index, the second a set that is made once, if at all.
_ORDERS = select(Order.id).where(Order.conversation_id == Message.conversation_id)
_BORN = select(Order.born_of_id).where(Order.born_of_id.is_not(None))
_MAILS = (
    select(Message.id, Message.conversation_id, Message.at, Conversation.state)
    .join(MessageReading, MessageReading.message_id == Message.id)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(
        Message.direction == "in", MessageReading.kind == "order", MessageReading.role == "new", ~exists(_ORDERS),
        Message.id.not_in(_BORN),
    )
    .order_by(Message.id)
)  # fmt: skip
_NO_ORDER = {"spam": "marked as spam", "closed": "closed without an order"}


def mails_in(period: Period) -> list[Case]:
    """Mails that order something and whose conversation has no order at all. One query."""
    between = (Message.at >= period.start, Message.at < period.end)
    return [_mail(row) for row in db.session.connection().execute(_MAILS.where(*between))]


def _mail(row: Any) -> Case:
    ended = row.state in _NO_ORDER
    why = _NO_ORDER.get(row.state, WAITING[MAIL])
    return Case(0, row.conversation_id, 0, row.at, MAIL, why, ended, row.id)
