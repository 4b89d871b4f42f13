"""Business time: pure functions over instants and a time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def business_days_later(at: datetime, days: int, *, zone: str) -> datetime:
    """The instant `days` business days (Monday to Friday) after `at`, at the same time of the day in `zone`.

    From a weekend the first business day is the Monday. The time of day is the wall clock's, so that a change to or
    from summer time moves nothing; a time that such a change leaves out becomes the one an hour later. Raises
    ValueError for a naive `at` or fewer than one day.
    """
    if at.tzinfo is None:
        raise ValueError("naive datetime where an instant is meant")
    if days < 1:
        raise ValueError("at least one business day")
    local = at.astimezone(ZoneInfo(zone))
    day = local.date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    later = datetime.combine(day, local.timetz())
    return later.astimezone(UTC)


Closed = Callable[[date], bool]
"""whether nothing is done on a day: a weekend, a public holiday, a day off"""
FAR = 60
"""days to look ahead for an open one; a calendar that is closed for longer is a mistake"""


def open_day(day: date, closed: Closed) -> date:
    """`day`, or the first day after it that is not closed. Raises ValueError when none comes for two months."""
    for n in range(FAR):
        if not closed(day + timedelta(days=n)):
            return day + timedelta(days=n)
    raise ValueError(f"no open day within {FAR} days of {day}")


def open_days_later(day: date, days: int, closed: Closed) -> date:
    """The day that is `days` open days after `day`; with 0 the first open one from `day` on."""
    for _ in range(days):
        day = open_day(day + timedelta(days=1), closed)
    return open_day(day, closed)


def next_cut_off(at: datetime, cut_off: time, *, zone: str, closed: Closed) -> datetime:
    """The first instant from `at` on at which parcels of an open day are collected: `cut_off`, wall time in `zone`."""
    if at.tzinfo is None:
        raise ValueError("naive datetime where an instant is meant")
    local = at.astimezone(ZoneInfo(zone))
    first = local.date() if local.time() <= cut_off else local.date() + timedelta(days=1)
    day = open_day(first, closed)
    return datetime.combine(day, cut_off, ZoneInfo(zone)).astimezone(UTC)
