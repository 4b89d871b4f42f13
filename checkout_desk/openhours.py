"""Business time: how long a store was open between two instants, and when so much of it will have passed.

One pure pair of functions that promises, screens, reports and alarms share (SPEC section 7). A store is open when its wall
clock says so: an hour that summer time repeats is open twice, one that it leaves out never was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from checkout_desk.worktime import Closed

DAY = 24 * 60
NEVER = 800
"""days after which a calendar that never opens is given up"""
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a store is open.

    `week`: for each weekday, Monday first, spans of minutes from midnight (wall clock in `zone`), from and until, until
    1440 for the end of the day; they neither touch nor overlap. `closed` says on which days it is shut all day.
    """

    zone: str
    week: Sequence[Sequence[tuple[int, int]]]
    closed: Closed


def minutes(text: str) -> int:
    """'09:30' as minutes from midnight; '24:00' is 1440. Raises ValueError."""
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and len(minute) == 2):
        raise ValueError(f"“{text}” is not a time such as 09:30")
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > DAY:
        raise ValueError(f"“{text}” is not a time such as 09:30")
    return found


def elapsed(start: datetime, end: datetime, hours: Hours | None, *, pauses: Sequence[Span] = ()) -> timedelta:
    """Open time between two instants, without `pauses`; wall time where `hours` is None. Zero when `end` is not later."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("naive datetime where an instant is meant")
    total = timedelta()
    for low, high in _running(start, end, hours, _merged(pauses)):
        total += high - low
    return total


def due(start: datetime, amount: timedelta, hours: Hours | None, *, pauses: Sequence[Span] = ()) -> datetime:
    """The first instant (UTC) at which `amount` of open time has passed since `start`.

    A pause that has not ended yet is given with an end far away. Raises ValueError for a negative amount and for a
    calendar that does not open often enough.
    """
    if start.tzinfo is None:
        raise ValueError("naive datetime where an instant is meant")
    if amount < timedelta():
        raise ValueError("a time that has passed already cannot be due")
    left, at = amount, start.astimezone(UTC)
    merged = _merged(pauses)
    latest = max([at, *(high for _, high in merged)])
    far = latest + timedelta(days=NEVER) + amount * 24
    for low, high in _running(at, far, hours, merged):
        if high - low >= left:
            return low + left
        left -= high - low
    raise ValueError("this calendar is not open often enough")


def _running(start: datetime, end: datetime, hours: Hours | None, pauses: Sequence[Span]) -> Iterator[Span]:
    """The stretches of [start, end) in which the clock runs, in order."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return
    spans: Iterator[Span] = iter([(start, end)]) if hours is None else _open(start, end, hours)
    for low, high in spans:
        at = low
        for pause_low, pause_high in pauses:
            if pause_high <= at or pause_low >= high:
                continue
            if pause_low > at:
                yield at, pause_low
            at = max(at, pause_high)
        if at < high:
            yield at, high


def _open(start: datetime, end: datetime, hours: Hours) -> Iterator[Span]:
    zone = ZoneInfo(hours.zone)
    day = start.astimezone(zone).date()
    last = end.astimezone(zone).date()
    while day <= last:
        if not hours.closed(day):
            for low, high in _of_day(day, hours.week[day.weekday()], zone):
                low, high = max(low, start), min(high, end)
                if low < high:
                    yield low, high
        day += timedelta(days=1)


def _of_day(day: date, week: Sequence[tuple[int, int]], zone: ZoneInfo) -> Iterator[Span]:
    """The open stretches of one day as instants, in order."""
    if not week:
        return
    found = []
    for begin, until, offset in _even(day, zone):
        midnight = datetime.combine(day, datetime.min.time(), UTC) - offset
        for low, high in week:
            one = (
                max(midnight + timedelta(minutes=low), begin),
                min(midnight + timedelta(minutes=high), until),
            )
            if one[0] < one[1]:
                found.append(one)
    yield from sorted(found)


def _even(day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """A local day as stretches of one offset each: (from, until, offset). Almost every day is one."""
    begin = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
    at = begin
    while at < end:
        offset = at.astimezone(zone).utcoffset() or timedelta()
        if (end - timedelta(microseconds=1)).astimezone(zone).utcoffset() == offset:
            yield at, end, offset
            return
        low, high = at, end
        while high - low > timedelta(seconds=1):  # offsets change at a whole second
            middle = (low + (high - low) / 2).replace(microsecond=0)
            middle = middle if middle > low else low + timedelta(seconds=1)
            if middle.astimezone(zone).utcoffset() == offset:
                low = middle
            else:
                high = middle
        yield at, high, offset
        at = high


def _merged(pauses: Sequence[Span]) -> list[Span]:
    """The pauses in order, those that overlap made one."""
    found: list[Span] = []
    for low, high in sorted((a.astimezone(UTC), b.astimezone(UTC)) for a, b in pauses if b > a):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return found
