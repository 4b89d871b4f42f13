"""How long customers waited for an answer: one row a promise, and what those rows come to.

The figures mean (SPEC section 7): a *reply* is the first mail of a person that a server accepted after a customer's message;
a *first reply* the one to the first message of a conversation; a promise is *kept* when its reply came by its deadline, and
*broken* when it came later or the deadline passed without one. What a person closed without an answer counts for neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from checkout_desk import openhours
from checkout_desk.conversations.models import Message, Promise, PromisePause
from checkout_desk.extensions import db
from checkout_desk.openhours import Hours
from checkout_desk.reports import figures
from checkout_desk.reports.period import Period

BINS = (1, 2, 4, 8, 12, 18, 24, 36)
"""hours at which the columns of the waiting times end"""
_Earlier = aliased(Promise)
_ROWS = (
    select(
        Promise.id, Promise.conversation_id, Promise.message_id, Promise.opened_at, Promise.due_at,
        Promise.closed_at, Promise.closed_by_id, Message.author_id,
        (
            select(func.min(_Earlier.id))
            .where(_Earlier.conversation_id == Promise.conversation_id)
            .scalar_subquery()
            == Promise.id
        ).label("first"),
    )
    .outerjoin(Message, Message.id == Promise.closed_by_id)
    .order_by(Promise.opened_at, Promise.id)
)  # fmt: skip
_OPENED = (Promise.opened_at >= bindparam("start"), Promise.opened_at < bindparam("end"))
_OVER = Promise.closed_at.is_not(None)
EVER = datetime(1990, 1, 1, tzinfo=UTC)
NEVER = datetime(2200, 1, 1, tzinfo=UTC)
# The deadline is named so that the index of open promises serves: without it SQLite walks through all that there ever were.
OPEN = (Promise.closed_at.is_(None), Promise.due_at >= bindparam("ever"))
RUNNING = _ROWS.where(*OPEN).order_by(None)
_PAUSES = select(PromisePause.promise_id, PromisePause.from_at, PromisePause.until_at).join(
    Promise, Promise.id == PromisePause.promise_id
)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Reply:
    """A customer's message and what became of its promise."""

    promise_id: int
    conversation_id: int
    message_id: int
    opened_at: datetime
    person_id: int | None
    """who answered"""
    first: bool
    waited: timedelta | None
    """until the reply; None while there is none"""
    kept: bool | None
    """None: still running, or closed without an answer"""
    over: bool = True
    """False: it still runs"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a set of replies comes to."""

    replies: int
    median: timedelta | None
    p90: timedelta | None
    kept: int
    decided: int
    """promises that were kept or broken"""

    @property
    def share(self) -> str:
        """Of the decided promises, how many were kept."""
        return figures.percent(self.kept, self.decided)


def opened_in(period: Period, *, now: datetime, hours: Hours | None) -> list[Reply]:
    """Every promise that was opened in the period, oldest first; waiting is measured in `hours`, or by the wall clock.
    Two queries."""
    return _found(_ROWS.where(*_OPENED), _PAUSES.where(*_OPENED), period, now, hours)


def over_in(period: Period, *, hours: Hours | None = None) -> list[Reply]:
    """As `opened_in`, those alone that do not run any more. What they say does not depend on the time. Two queries."""
    return _found(_ROWS.where(*_OPENED, _OVER), _PAUSES.where(*_OPENED, _OVER), period, NEVER, hours)


def running_in(period: Period, *, now: datetime) -> list[Reply]:
    """As `opened_in`, those alone that still run. One query over the promises that are open anywhere: they are few."""
    rows = db.session.connection().execute(RUNNING, {"ever": EVER})
    return [_reply(row, (), now, None) for row in rows if period.start <= row.opened_at < period.end]


_OVERDUE = select(
    func.count().filter(*_OPENED),
    func.count().filter(Promise.opened_at >= bindparam("start2"), Promise.opened_at < bindparam("end2")),
).where(*OPEN, Promise.due_at < bindparam("now"))


def overdue_in(one: Period, other: Period, *, now: datetime) -> tuple[int, int]:
    """How many that were opened in each period still run and are broken by now. One query, as above."""
    opened = {"start": one.start, "end": one.end, "start2": other.start, "end2": other.end}
    row = db.session.connection().execute(_OVERDUE, {"ever": EVER, "now": now, **opened}).one()
    return row[0], row[1]


def _found(rows: Any, paused: Any, period: Period, now: datetime, hours: Hours | None) -> list[Reply]:
    between = {"start": period.start, "end": period.end}
    connection = db.session.connection()
    pauses: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in connection.execute(paused, between):
        pauses[row.promise_id].append((row.from_at, row.until_at or now))
    return [_reply(row, pauses.get(row.id, ()), now, hours) for row in connection.execute(rows, between)]


def _reply(
    row: Any, pauses: Sequence[tuple[datetime, datetime]], now: datetime, hours: Hours | None
) -> Reply:
    answered = row.closed_at is not None and row.closed_by_id is not None
    waited = openhours.elapsed(row.opened_at, row.closed_at, hours, pauses=pauses) if answered else None
    kept: bool | None = None
    if answered:
        kept = row.closed_at <= row.due_at
    elif row.closed_at is None and row.due_at < now:
        kept = False
    return Reply(
        row.id, row.conversation_id, row.message_id, row.opened_at,
        row.author_id if answered else None, bool(row.first), waited, kept, row.closed_at is not None,
    )  # fmt: skip


def summary(rows: Iterable[Reply]) -> Summary:
    """What these rows come to."""
    listed = list(rows)
    waited = [row.waited for row in listed if row.waited is not None]
    return Summary(
        len(waited),
        figures.median(waited),
        figures.p90(waited),
        sum(row.kept is True for row in listed),
        sum(row.kept is not None for row in listed),
    )


def by(rows: Iterable[Reply], key: Callable[[Reply], Iterable[K]]) -> dict[K, Summary]:
    """A summary for each value that `key` gives; a row counts for each of its values."""
    parts: dict[K, list[Reply]] = defaultdict(list)
    for row in rows:
        for value in key(row):
            parts[value].append(row)
    return {value: summary(part) for value, part in parts.items()}


def by_day(rows: Iterable[Reply], period: Period) -> dict[date, Summary]:
    """First replies by the day on which their promise opened; days without any are left out."""
    return by((row for row in rows if row.first), lambda row: [period.day_of(row.opened_at)])


def bin_of(waited: timedelta) -> int:
    """The column of BINS that a waiting time stands in; the last one is for all that is longer."""
    hours = waited / timedelta(hours=1)
    return next((n for n, end in enumerate(BINS) if hours < end), len(BINS))


def waiting(rows: Iterable[Reply]) -> list[int]:
    """How many replies stand in each column of BINS."""
    counts = [0] * (len(BINS) + 1)
    for row in rows:
        if row.waited is not None:
            counts[bin_of(row.waited)] += 1
    return counts


def by_hour(rows: Iterable[Reply], period: Period) -> dict[tuple[int, int], Summary]:
    """By (weekday from Monday, hour) of the store's clock at which the customer wrote."""

    def key(row: Reply) -> list[tuple[int, int]]:
        local = row.opened_at.astimezone(period.zone)
        return [(local.weekday(), local.hour)]

    return by(rows, key)
