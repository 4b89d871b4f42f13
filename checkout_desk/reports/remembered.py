"""The kept days as this process remembers them: read once, and from then on renewed by the day.

Reading and adding up thirty days of JSON at each request would cost more than all else on the page. What is remembered is right by
the argument by which the kept days are: the events since the last look say which days must be counted again. Each state of a day
has a stamp that no other state has, so what is made of some days (a sum, a page) may be kept for as long as they bear their stamps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from threading import Lock
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import bindparam, select

from checkout_desk import clock
from checkout_desk.events.models import Event, EventHead
from checkout_desk.extensions import db
from checkout_desk.reports.changed import Changed, changed_since
from checkout_desk.reports.dayrows import EPOCH, UNTIL, DayRow, micro
from checkout_desk.reports.models import ReportDay, ReportRoll
from checkout_desk.reports.period import Period

MOST = 4000
"""events since the last look beyond which days are read anew, and counted where the clock has not kept them either"""
DAYS = 2000
"""of one measure that a process remembers"""
MADE = 64
"""sums that a process remembers"""
T = TypeVar("T")
Head = tuple[int, str]
"""number and hash of an event: no two databases have the same"""
_STAMPS = count(1)
_HEAD = select(EventHead.seq, EventHead.hash).where(EventHead.id == 1)
_STATE = select(
    ReportRoll.seq, ReportRoll.zone, ReportRoll.form, ReportRoll.built_at, EventHead.seq.label("head"),
    select(Event.hash).where(Event.id == bindparam("seen")).scalar_subquery().label("hash"),
).join_from(ReportRoll, EventHead, EventHead.id == ReportRoll.id)  # fmt: skip
"""of both there is one row, number 1"""


class Measured(Protocol):
    """How something is counted by day, see `rollups.Measure`."""

    @property
    def count(self) -> Callable[[Period], list[DayRow]]:
        """Its rows over a period, counted."""

    @property
    def days(self) -> Callable[[Changed, ZoneInfo], set[date]]:
        """The days on which what has changed is counted."""


@dataclass(slots=True)
class Known:
    """Days of one measure."""

    rows: dict[date, list[DayRow]] = field(default_factory=dict)
    stamps: dict[date, int] = field(default_factory=dict)
    until: dict[date, int] = field(default_factory=dict)
    """how long the numbers stand by themselves, of days that say so"""
    stale: set[date] = field(default_factory=set)
    """to be counted before they are shown"""

    def put(self, days: Collection[date], rows: Iterable[DayRow]) -> None:
        """Of `rows`, those are the whole of these days."""
        found: dict[date, list[DayRow]] = {day: [] for day in days}
        for row in rows:
            if row.day in found:
                found[row.day].append(row)
        for day in found:
            self.until.pop(day, None)
        self.until |= {day: row.data["at"] for day, its in found.items() for row in its if row.part == UNTIL}
        for day, its in found.items():
            self.rows[day], self.stamps[day] = its, next(_STAMPS)
        self.stale -= found.keys()

    def expire(self, now: int) -> None:
        """Note the days whose time is over though nothing happened."""
        self.stale |= {day for day, at in self.until.items() if at < now}


@dataclass(frozen=True, slots=True)
class Days:
    """The rows of a measure over a period."""

    measure: str
    period: Period
    known: Known
    head: Head | None = None
    """the event up to which they were counted; None where they are not kept, but counted for this once"""

    @property
    def stamp(self) -> int:
        """Of this state of the days: any change of one gives them a higher one."""
        return max(self.known.stamps[day] for day in self.period.days)

    @property
    def rows(self) -> list[DayRow]:
        """By day and part."""
        return [row for day in self.period.days for row in self.known.rows[day]]

    def made(self, make: Callable[[list[DayRow]], T]) -> T:
        """What `make` (a function of a module) makes of the rows; remembered for as long as no day changes. Nobody may change it."""
        if self.head is None:
            return make(self.rows)
        made, key = memory().made, (make, self.measure, self.period, self.stamp)
        if key not in made:
            if len(made) >= MADE:
                made.clear()
            made[key] = make(self.rows)
        found: T = made[key]
        return found

    def split(self, days: int) -> list[Days]:
        """All but the last `days` days, which hardly change any more, and these."""
        at = self.period.last - timedelta(days=days)
        if at < self.period.first:
            return [self]
        first = Period(self.period.first, at, self.period.zone)
        rest = Period(at + timedelta(days=1), self.period.last, self.period.zone)
        return [Days(self.measure, one, self.known, self.head) for one in (first, rest)]


class Memory:
    """The days that one process remembers, as they were at one event."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.made: dict[Any, Any] = {}
        self.stood: dict[Hashable, Any] = {}
        self.told: dict[Any, Any] = {}
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.seq, self.hash, self.zone = 0, "", ""
        self.known: dict[str, Known] = {}

    def look(
        self, wanted: list[tuple[str, Period]], measures: Mapping[str, Measured], *, form: int
    ) -> list[Days] | None:
        """Each measure over its period, as of this moment; None where no days are kept. One query where nothing has changed.

        Not for a transaction that has written: what it takes back would be remembered.
        """
        zone = wanted[0][1].zone
        with self.lock:
            state = self._state()
            if state is None or (state.zone, state.form) != (str(zone), form):
                self.forget()
                return None
            slept = state.head - self.seq > MOST and state.seq > self.seq
            if self.zone != state.zone or (state.hash or "") != self.hash or slept:
                self.forget()
                self.zone = state.zone
            if not self._load(state, wanted) or not self._catch_up(state.head, measures, zone):
                self.forget()
                return None
            for name, _ in wanted:
                self.known[name].expire(micro(clock.now() - EPOCH))
                for span in spans(self.known[name].stale, zone):
                    self.known[name].put(span.days, measures[name].count(span))
            return [Days(name, period, self.known[name], (self.seq, self.hash)) for name, period in wanted]

    def _state(self) -> Any:
        """How far the days are kept and the record goes, and the hash of the event up to which this is remembered: another one
        is the record of another database."""
        return db.session.connection().execute(_STATE, {"seen": self.seq}).first()

    def _load(self, state: Any, wanted: list[tuple[str, Period]]) -> bool:
        """Read the days that are not known; False where somebody kept others meanwhile."""
        loaded = False
        for name, period in wanted:
            known = self.known.setdefault(name, Known())
            missing = [day for day in period.days if day not in known.stamps]
            if missing and len(known.stamps) > DAYS:
                known.rows, known.stamps, known.until, missing = {}, {}, {}, self._all(name, wanted)
            if missing:
                known.put(missing, _kept(name, missing[0], missing[-1]))
                loaded = True
        if loaded:
            now = self._state()
            if now is None or (now.seq, now.built_at) != (state.seq, state.built_at):
                return False
            self.seq, self.hash = min(self.seq or state.seq, state.seq), ""
        return True

    @staticmethod
    def _all(name: str, wanted: list[tuple[str, Period]]) -> list[date]:
        return sorted({day for other, period in wanted if other == name for day in period.days})

    def _catch_up(self, head: int, measures: Mapping[str, Measured], zone: ZoneInfo) -> bool:
        """Note which days have changed; False where too much has."""
        if self.hash and head == self.seq:
            return True
        changed = changed_since(self.seq, most=MOST)
        if changed is None:
            return False
        if changed.seq != self.seq:
            for name, known in self.known.items():
                known.stale |= measures[name].days(changed, zone) & known.stamps.keys()
        self.seq = changed.seq
        self.hash = db.session.scalar(select(Event.hash).where(Event.id == self.seq)) or ""
        return True


def head() -> Head | None:
    """The newest event. One query."""
    row = db.session.connection().execute(_HEAD).first()
    return (row.seq, row.hash) if row is not None and row.seq else None


def recorded(head: Head) -> bool:
    """Whether this event is of the record that we have before us. One query."""
    return bool(db.session.scalar(select(Event.hash).where(Event.id == head[0])) == head[1])


def at(head: Head | None, name: Hashable, make: Callable[[], T]) -> T:
    """What `make` finds in the database; asked again as soon as anything was recorded after `head`: every change of what is shown
    is. Only for what does not depend on the time. Nobody may change it."""
    if head is None:
        return make()
    stood = memory().stood
    found: tuple[Head, T] | None = stood.get(name)
    if found is None or found[0] != head:
        if len(stood) >= MADE:
            stood.clear()
        found = stood[name] = (head, make())
    return found[1]


def memory() -> Memory:
    """That of this process."""
    found: Memory = current_app.extensions.setdefault("desk_report_days", Memory())
    return found


def counted(measure: str, period: Period, rows: Iterable[DayRow]) -> Days:
    """Days that are not kept."""
    known = Known()
    known.put(period.days, rows)
    return Days(measure, period, known)


def spans(days: Iterable[date], zone: ZoneInfo) -> list[Period]:
    """These days as runs of neighbours."""
    found: list[Period] = []
    for day in sorted(days):
        if found and day - found[-1].last == timedelta(days=1):
            found[-1] = Period(found[-1].first, day, zone)
        else:
            found.append(Period(day, day, zone))
    return found


def _kept(measure: str, first: date, last: date) -> Iterable[DayRow]:
    rows = db.session.connection().execute(
        select(ReportDay.day, ReportDay.part, ReportDay.data)
        .where(ReportDay.measure == measure, ReportDay.day >= first, ReportDay.day <= last)
        .order_by(ReportDay.day, ReportDay.part)
    )
    return [DayRow(row.day, row.part, row.data) for row in rows]
