"""The desk at this moment and since midnight, for a screen on the wall: numbers alone, nothing about anybody."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.events.models import Event
from checkout_desk.events.numbering import first_since
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox
from checkout_desk.orders.models import Order, Quote
from checkout_desk.reports import remembered
from checkout_desk.reports.remembered import Head, at
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
_TODAY = Event.id >= first_since(bindparam("midnight"))
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
    """The figures of this moment. Two queries where nothing was recorded since the last look of this process; else seven, each over
    an index of what is open or of what was recorded meanwhile."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
    head = remembered.head()
    due, states = at(head, "due", _due), at(head, "under way", _under_way)
    leaving = at(head, "leaving", _leaving)
    gone = bisect_right(leaving, now)
    cut_off = leaving[gone] if gone < len(leaving) else None
    return Today(
        open=at(head, "open", _open),
        due_soon=bisect_right(due, now + SOON) - bisect_right(due, now),
        overdue=bisect_right(due, now),
        oldest=at(head, "oldest", _oldest),
        since=_since(head, midnight),
        under_way={state: states.get(state, 0) for state in UNDER_WAY},
        paid=at(head, ("paid", midnight), lambda: _paid(midnight)),
        cut_off=cut_off,
        to_leave=bisect_right(leaving, cut_off) if cut_off else gone,
        missed=gone,
        alarms=_alarms(),
    )


def _ask(statement: Any, **values: Any) -> Any:
    return db.session.connection().execute(statement, values)


_OPEN_NOW = select(func.count()).select_from(_C).where(*_OPEN)
_DUE = select(_C.promise_due_at).where(*_OPEN, _C.promise_due_at.is_not(None))
_STATES = select(Order.state, func.count()).where(Order.state.in_(UNDER_WAY)).group_by(Order.state)
_OLDEST = select(Promise.opened_at).where(*OPEN)
_SHIP_BY = select(Order.ship_by).where(*_TO_LEAVE).order_by(Order.ship_by)
_TOLD_TODAY = select(_KIND, func.count()).where(_TODAY, Event.id <= bindparam("until")).group_by(_KIND)
_TOLD_SINCE = (
    select(_KIND, func.count())
    .where(_TODAY, Event.id > bindparam("after"), Event.id <= bindparam("until"))
    .group_by(_KIND)
)


def _open() -> int:
    return int(_ask(_OPEN_NOW).scalar_one())


def _due() -> list[datetime]:
    """The deadlines of open conversations, in order."""
    return sorted(row[0] for row in _ask(_DUE))


def _under_way() -> dict[str, int]:
    return {row[0]: row[1] for row in _ask(_STATES)}


def _oldest() -> datetime | None:
    return min((row[0] for row in _ask(_OLDEST, ever=EVER)), default=None)


def _leaving() -> list[datetime]:
    """The cut-offs of orders that have to leave, in order."""
    return [row[0] for row in _ask(_SHIP_BY)]


def _since(head: Head | None, midnight: datetime) -> Counter[str]:
    """Figures of TOLD. What was counted before is not counted again: the record is only ever added to."""
    if head is None:
        return Counter()
    told = remembered.memory().told
    was, counted = told.get(midnight, (None, Counter()))
    if was == head:
        return counted
    values = {"midnight": midnight, "until": head[0]}
    if was is not None and was[0] <= head[0] and remembered.recorded(was):
        rows = _ask(_TOLD_SINCE, **values, after=was[0])
    else:
        rows, counted = _ask(_TOLD_TODAY, **values), Counter()
    counted = counted + Counter({TOLD[kind]: n for kind, n in rows if kind in TOLD})
    told.clear()
    told[midnight] = (head, counted)
    return counted


def _paid(midnight: datetime) -> dict[str, tuple[int, int]]:
    return {row[0]: (row[1], int(row[2])) for row in _ask(_PAID, midnight=midnight)}


_PAID = (
    select(Quote.currency, func.count(), func.sum(Quote.total_minor))
    .where(Quote.id.in_(select(Event.subject_id).where(_TODAY, _KIND == "quote.paid")), Quote.state == "paid")
    .group_by(Quote.currency)
    .order_by(Quote.currency)
)  # fmt: skip
_ALARMS = select(
    select(func.count()).where(DeliveryAlarm.settled_at.is_(None)).scalar_subquery(),
    select(func.count()).where(Message.trouble.is_not(None), Message.resolved_at.is_(None)).scalar_subquery(),
    select(func.count()).where(Mailbox.enabled, Mailbox.alarmed_at.is_not(None)).scalar_subquery(),
)


def _alarms() -> dict[str, int]:
    return dict(zip(("parcels", "mails", "mailboxes"), _ask(_ALARMS).one(), strict=True))
