"""Business time: pure functions over instants and a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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
