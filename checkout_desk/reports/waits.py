"""How long customers waited, day by day: the figures of `replies` and `resolutions` as rows that add up.

Only what is over is in a row: a promise that still runs is asked for when somebody looks, because whether it is broken
depends on the time. Lengths are those of the wall clock; by business hours everything is counted anew.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

from checkout_desk.reports import figures, replies, resolutions
from checkout_desk.reports.dayrows import DayRow, Sheet, lengths, micro, total
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


class Waits:
    """What rows of replies come to."""

    def __init__(self, rows: Iterable[DayRow]) -> None:
        self._rows = list(rows)
        self._all: dict[str, Any] = {}
        self._parts = total(self._rows)
        for part in self._parts.values():
            for name, value in part.items():
                self._all[name] = self._all[name] + value if name in self._all else value
        for name in ("waited", "first"):
            self._all[name] = sorted(self._all.get(name, ()))

    @property
    def n(self) -> int:
        """Promises."""
        return int(self._all.get("n", 0))

    def every(self) -> Summary:
        """All of them."""
        return _summary(self._all)

    def first(self) -> Summary:
        """First replies alone."""
        return _firsts(self._all)

    def people(self) -> dict[int, Summary]:
        """By who answered."""
        return {int(part): _summary(data) for part, data in self._parts.items() if int(part) != NOBODY}

    def roles(self, roles: Mapping[int, Sequence[str]]) -> dict[str, Summary]:
        """By role; a reply counts for every role that its writer holds."""
        held = [
            DayRow(row.day, role, row.data) for row in self._rows for role in roles.get(int(row.part), ())
        ]
        return {role: _summary(data) for role, data in total(held).items()}

    def days(self) -> dict[date, Summary]:
        """First replies by the day on which their promise opened."""
        found = total(DayRow(row.day, row.day.isoformat(), row.data) for row in self._rows)
        return {date.fromisoformat(day): _firsts(data) for day, data in found.items()}

    def bins(self) -> list[int]:
        """How many replies stand in each column of BINS."""
        waited = self._all["waited"]
        marks = [0, *(bisect_left(waited, edge) for edge in _EDGES), len(waited)]
        return [after - before for before, after in pairwise(marks)]

    def hours(self) -> Counter[tuple[int, int]]:
        """(weekday from Monday, three hours of the day) → customers' messages that opened a promise."""
        found: Counter[tuple[int, int]] = Counter()
        for row in self._rows:
            for part in range(8):
                if n := row.data.get(f"h{part}"):
                    found[row.day.weekday(), part] += n
        return found


def _summary(data: Mapping[str, Any]) -> Summary:
    return _of(data.get("waited", ()), data.get("kept", 0), data.get("decided", 0))


def _firsts(data: Mapping[str, Any]) -> Summary:
    return _of(data.get("first", ()), data.get("first_kept", 0), data.get("first_decided", 0))


def _of(values: Iterable[int], kept: int, decided: int) -> Summary:
    ranked = sorted(values)
    return Summary(len(ranked), *middle(ranked), kept, decided)


def middle(ranked: Sequence[int]) -> tuple[timedelta | None, timedelta | None]:
    """(median, p90) of kept lengths in order, as `figures` has them."""
    if not ranked:
        return None, None
    half, n = len(ranked) // 2, len(ranked)
    near = ranked[half : half + 1] if n % 2 else ranked[half - 1 : half + 1]
    return figures.median(lengths(near)), lengths([ranked[ceil(n * 0.9) - 1]])[0]
