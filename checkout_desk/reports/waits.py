"""How long customers waited, day by day: the figures of `replies` and `resolutions` as rows that add up.

Only what is over is in a row: a promise that still runs is asked for when somebody looks, because whether it is broken
depends on the time. Lengths are those of the wall clock; by business hours everything is counted anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain, pairwise
from math import ceil
from typing import Any

from checkout_desk.reports import figures, replies, resolutions
from checkout_desk.reports.dayrows import DayRow, Sheet, lengths, micro
from checkout_desk.reports.period import Period
from checkout_desk.reports.replies import BINS, Reply, Summary

NOBODY = 0
"""the part of promises that no person's mail ended"""
_EDGES = [micro(timedelta(hours=hours)) for hours in BINS]


def rows(period: Period) -> list[DayRow]:
    """Part: who answered → n promises that are over, kept, decided, waited, the same of first replies, and how many came in
    each three hours of the day (h0 to h7). A promise counts for the day on which it was opened. Two queries."""
    return of_replies(replies.over_in(period), period)


def of_replies(found: Iterable[Reply], period: Period) -> list[DayRow]:
    """The rows that these replies come to."""
    sheet = Sheet()
    for one in found:
        waited = [micro(one.waited)] if one.waited is not None else []
        part = one.opened_at.astimezone(period.zone).hour // 3
        sheet.add(
            period.day_of(one.opened_at), str(one.person_id or NOBODY), n=1, kept=int(one.kept is True),
            decided=int(one.kept is not None), waited=waited, first=waited if one.first else [],
            first_kept=int(one.first and one.kept is True), first_decided=int(one.first and one.kept is not None),
            **{f"h{part}": 1},
        )  # fmt: skip
    return sheet.rows()


def closings(period: Period) -> list[DayRow]:
    """Part '' → took: how long each conversation took that was closed that day. Three queries."""
    return of_closings(resolutions.closed_in(period, hours=None), period)


def of_closings(found: Iterable[resolutions.Resolution], period: Period) -> list[DayRow]:
    """The rows that these closings come to."""
    sheet = Sheet()
    for one in found:
        sheet.add(period.day_of(one.closed_at), "", took=[micro(one.took)])
    return sheet.rows()


@dataclass(slots=True)
class Numbers:
    """What promises come to: how many of each, and lengths in runs, each in order. Runs are never changed, so they may be shared."""

    counts: Counter[str] = field(default_factory=Counter)
    waited: list[Sequence[int]] = field(default_factory=list)
    first: list[Sequence[int]] = field(default_factory=list)

    def add(self, other: Numbers) -> None:
        """These and the others."""
        self.counts.update(other.counts)
        self.waited += other.waited
        self.first += other.first

    def settled(self) -> Numbers:
        """The same, each kind of lengths in one run."""
        return Numbers(self.counts, in_order(self.waited), in_order(self.first))

    def every(self) -> Summary:
        """All of them."""
        return _summary(self.waited, self.counts["kept"], self.counts["decided"])

    def firsts(self) -> Summary:
        """First replies alone."""
        return _summary(self.first, self.counts["first_kept"], self.counts["first_decided"])


def of_row(data: Mapping[str, Any]) -> Numbers:
    """Those of a row."""
    counts = Counter({name: value for name, value in data.items() if type(value) is int})
    return Numbers(counts, *([data[name]] if data.get(name) else [] for name in ("waited", "first")))


@dataclass(frozen=True, slots=True)
class Waits:
    """What rows of replies come to: by who answered, and first replies by day."""

    parts: dict[str, Numbers]
    first: dict[date, Summary]
    hours: Counter[tuple[int, int]]
    """(weekday from Monday, three hours of the day) → customers' messages that opened a promise"""

    @classmethod
    def of(cls, rows: Iterable[DayRow]) -> Waits:
        """Those of these rows."""
        parts: dict[str, Numbers] = defaultdict(Numbers)
        days: dict[date, Numbers] = defaultdict(Numbers)
        hours: Counter[tuple[int, int]] = Counter()
        for row in rows:
            numbers = of_row(row.data)
            parts[row.part].add(numbers)
            days[row.day].add(numbers)
            for part in range(8):
                if n := numbers.counts[f"h{part}"]:
                    hours[row.day.weekday(), part] += n
        found = {part: numbers.settled() for part, numbers in parts.items()}
        return cls(found, {day: numbers.firsts() for day, numbers in days.items()}, hours)

    def __add__(self, other: Waits) -> Waits:
        """Both together: exact where only one of them has lengths of a day."""
        parts = {part: Numbers() for part in (*self.parts, *other.parts)}
        for some in (self, other):
            for part, numbers in some.parts.items():
                parts[part].add(numbers)
        first = self.first | {
            day: _both(self.first[day], one) if day in self.first else one for day, one in other.first.items()
        }
        return Waits(parts, first, self.hours + other.hours)

    @property
    def n(self) -> int:
        """Promises."""
        return self.whole().counts["n"]

    def whole(self) -> Numbers:
        """All parts."""
        return _sum(self.parts.values())

    def people(self) -> dict[int, Summary]:
        """By who answered."""
        return {int(part): numbers.every() for part, numbers in self.parts.items() if int(part) != NOBODY}

    def unanswered(self) -> Summary:
        """Promises that are over and that nobody answered."""
        return self.parts[str(NOBODY)].every() if str(NOBODY) in self.parts else Numbers().every()

    def roles(self, roles: Mapping[int, Sequence[str]]) -> dict[str, Summary]:
        """By role; a reply counts for every role that its writer holds."""
        held: dict[str, list[Numbers]] = defaultdict(list)
        for part, numbers in self.parts.items():
            for role in roles.get(int(part), ()):
                held[role].append(numbers)
        return {role: _sum(some).every() for role, some in held.items()}

    def bins(self) -> list[int]:
        """How many replies stand in each column of BINS."""
        runs = self.whole().waited
        marks = [0, *(sum(bisect_left(run, edge) for run in runs) for edge in _EDGES), sum(map(len, runs))]
        return [after - before for before, after in pairwise(marks)]


def _sum(some: Iterable[Numbers]) -> Numbers:
    found = Numbers()
    for numbers in some:
        found.add(numbers)
    return found


def _both(one: Summary, other: Summary) -> Summary:
    """Of one day: those that are over, with their lengths, and those that still run and have none."""
    told, bare = (one, other) if one.replies else (other, one)
    if bare.replies:
        raise ValueError("the lengths of one day stand in both")
    return replace(told, kept=one.kept + other.kept, decided=one.decided + other.decided)


def _summary(runs: Sequence[Sequence[int]], kept: int, decided: int) -> Summary:
    return Summary(sum(map(len, runs)), *middle(runs), kept, decided)


def took(rows: Iterable[DayRow]) -> list[Sequence[int]]:
    """The lengths of rows of closings, in one run."""
    return in_order([row.data["took"] for row in rows])


def in_order(runs: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """The same values in one run."""
    return [sorted(chain.from_iterable(runs))] if len(runs) > 1 else list(runs)


def middle(runs: Sequence[Sequence[int]]) -> tuple[timedelta | None, timedelta | None]:
    """(median, p90) of kept lengths in runs, each in order, as `figures` has them."""
    n = sum(map(len, runs))
    if not n:
        return None, None
    half = n // 2
    near = [_at(runs, half)] if n % 2 else [_at(runs, half - 1), _at(runs, half)]
    return figures.median(lengths(near)), lengths([_at(runs, ceil(n * 0.9) - 1)])[0]


def _at(runs: Sequence[Sequence[int]], place: int) -> int:
    """The value that all runs in one order would have at this place: the least one that more than `place` do not exceed."""
    if len(runs) == 1:
        return runs[0][place]
    low, high = min(run[0] for run in runs if run), max(run[-1] for run in runs if run)
    while low < high:
        mid = (low + high) // 2
        if sum(bisect_right(run, mid) for run in runs) > place:
            high = mid
        else:
            low = mid + 1
    return low
