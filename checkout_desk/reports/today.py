"""The desk at this moment and since midnight, for a screen on the wall: numbers alone, nothing about anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox
from checkout_desk.orders.models import Order, Quote
from checkout_desk.reports.replies import EVER, OPEN
from checkout_desk.shipping.models import DeliveryAlarm

SOON = timedelta(hours=4)
"""as the queue colours a deadline"""
UNDER_WAY = ("draft", "clarifying", "verified", "quoted", "paid", "packing")
"""states in which an order waits for us or for its customer, in their order"""
TOLD = {
    "message.received": "mails_in", "mail.sent": "mails_out", "order.drafted": "made", "order.verified": "verified",
    "order.quoted": "quoted", "order.shipped": "shipped", "order.delivered": "delivered",
}  # fmt: skip
"""kinds of events whose number since midnight is a figure"""
_C = Conversation
_KIND = Event.kind + ""
"""not the bare column: of its index SQLite would read every event of these kinds instead of those of today"""
_OPEN = (_C.state == "open", _C.merged_into_id.is_(None))
_TO_LEAVE = (Order.state.in_(("paid", "packing")), Order.ship_by.is_not(None))


@dataclass(frozen=True, slots=True)
class Today:
    """What the wall shows. Instants are aware; sums are minor units by currency."""

    open: int
    due_soon: int
    overdue: int
    oldest: datetime | None
    """when the customer wrote who has waited longest"""
    since: Counter[str]
    """figures of TOLD since midnight"""
    under_way: Mapping[str, int]
    """state -> orders"""
    paid: Mapping[str, tuple[int, int]]
    """currency -> (quotes, minor units) paid since midnight"""
    cut_off: datetime | None
    """the next one that an order waits for"""
    to_leave: int
    """orders whose parcel has to leave by then, those that missed theirs among them"""
    missed: int
    alarms: Mapping[str, int]
    """'parcels', 'mails', 'mailboxes' -> how many need a look"""


def today(now: datetime, zone: ZoneInfo) -> Today:
    """The figures of this moment. Eight queries, each over an index of what is open or of what was recorded today."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
    states = db.session.execute(
        select(Order.state, func.count()).where(Order.state.in_(UNDER_WAY)).group_by(Order.state)
    )
    found = {row[0]: row[1] for row in states}
    cut_off = db.session.scalar(
        select(Order.ship_by).where(*_TO_LEAVE, Order.ship_by > now).order_by(Order.ship_by).limit(1)
    )
    open_, soon, overdue = _conversations(now)
    to_leave, missed = _leaving(now, cut_off)
    return Today(
        open=open_,
        due_soon=soon,
        overdue=overdue,
        oldest=min(db.session.scalars(select(Promise.opened_at).where(*OPEN), {"ever": EVER}), default=None),
        since=_since(midnight),
        under_way={state: found.get(state, 0) for state in UNDER_WAY},
        paid=_paid(midnight),
        cut_off=cut_off,
        to_leave=to_leave,
        missed=missed,
        alarms=_alarms(),
    )


def _conversations(now: datetime) -> Sequence[Any]:
    due = _C.promise_due_at
    return db.session.execute(
        select(
            func.count(), func.count().filter(due > now, due <= now + SOON), func.count().filter(due <= now)
        ).where(*_OPEN)
    ).one()


def _since(midnight: datetime) -> Counter[str]:
    rows = db.session.execute(select(_KIND, func.count()).where(Event.at >= midnight).group_by(_KIND))
    return Counter({TOLD[kind]: n for kind, n in rows if kind in TOLD})


def _paid(midnight: datetime) -> dict[str, tuple[int, int]]:
    told = select(Event.subject_id).where(Event.at >= midnight, _KIND == "quote.paid")
    rows = db.session.execute(
        select(Quote.currency, func.count(), func.sum(Quote.total_minor))
        .where(Quote.id.in_(told), Quote.state == "paid")
        .group_by(Quote.currency)
        .order_by(Quote.currency)
    )
    return {currency: (n, int(minor)) for currency, n, minor in rows}


def _leaving(now: datetime, cut_off: datetime | None) -> Sequence[int]:
    return db.session.execute(
        select(func.count(), func.count().filter(Order.ship_by <= now)).where(
            *_TO_LEAVE, Order.ship_by <= (cut_off or now)
        )
    ).one()


def _alarms() -> dict[str, int]:
    mails = select(func.count()).where(Message.trouble.is_not(None), Message.resolved_at.is_(None))
    parcels = select(func.count()).where(DeliveryAlarm.settled_at.is_(None))
    boxes = select(func.count()).where(Mailbox.enabled, Mailbox.alarmed_at.is_not(None))
    row = db.session.execute(
        select(parcels.scalar_subquery(), mails.scalar_subquery(), boxes.scalar_subquery())
    ).one()
    return dict(zip(("parcels", "mails", "mailboxes"), row, strict=True))
