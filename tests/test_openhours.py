"""Business time against an oracle that looks at the shop's clock every minute."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from checkout_desk import publicdays
from checkout_desk.openhours import Hours, due, elapsed, minutes

HISTORIES = int(os.environ.get("DESK_TEST_HISTORIES", "400"))
"""how many random histories are tried; 10,000 at night"""
MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
)
DAYS = (
    date(2026, 3, 27), date(2026, 10, 23), date(2028, 2, 27), date(2026, 12, 23), date(2026, 3, 6), date(2026, 10, 30),
    date(2026, 4, 2), date(2011, 12, 28),
)  # fmt: skip
"""days before summer time begins and ends in several countries, a leap day, holidays, and the day that Apia left out"""


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether the shop's wall clock says open at this instant."""
    local = at.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    return not hours.closed(local.date()) and any(
        low <= minute < high for low, high in hours.week[local.weekday()]
    )


def walked(
    start: datetime, end: datetime, hours: Hours, pauses: list[tuple[datetime, datetime]]
) -> timedelta:
    """`elapsed`, minute by minute."""
    at, total = start, timedelta()
    while at < end:
        if is_open(at, hours) and not any(low <= at < high for low, high in pauses):
            total += MINUTE
        at += MINUTE
    return total


def some_hours(random: Random) -> Hours:
    """A week of opening hours, sometimes past midnight, sometimes with a break, sometimes shut."""
    week = []
    for _ in range(7):
        edges = sorted(random.sample(range(0, 1441, 15), random.choice((0, 2, 2, 2, 4))))
        edges = random.choice((edges, edges, [0, 1440], [0, *edges[1:]] if edges else edges))
        week.append([(edges[n], edges[n + 1]) for n in range(0, len(edges) - 1, 2)])
    country = random.choice(("GB", "DE", "US", ""))
    shut = {random.choice(DAYS) + timedelta(days=random.randrange(5)) for _ in range(2)}
    return Hours(
        random.choice(ZONES),
        week,
        lambda day: day in shut or day in publicdays.public_holidays(country, day.year),
    )


@pytest.mark.parametrize("part", range(4))
def test_any_history_agrees_with_a_clock_watched_every_minute(part: int) -> None:
    random = Random(20261122 + part)
    for _ in range(HISTORIES // 4):
        hours = some_hours(random)
        start = (
            datetime.combine(random.choice(DAYS), datetime.min.time(), UTC) + random.randrange(2880) * MINUTE
        )
        end = start + random.randrange(3 * 1440) * MINUTE
        pauses = []
        for _ in range(random.choice((0, 0, 1, 2))):
            low = start + random.randrange(2880) * MINUTE
            pauses.append((low, low + random.randrange(900) * MINUTE))
        told = elapsed(start, end, hours, pauses=pauses)
        assert told == walked(start, end, hours, pauses), (hours.zone, hours.week, start, end, pauses)
        if told:
            last = due(start, told, hours, pauses=pauses)
            assert start < last <= end
            assert elapsed(start, last, hours, pauses=pauses) == told
            assert elapsed(start, last - MINUTE, hours, pauses=pauses) < told, "it is the first such instant"


def test_wall_time_needs_no_calendar() -> None:
    start = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert due(start, timedelta(hours=24), None) == datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    pause = (start + timedelta(hours=1), start + timedelta(hours=3))
    assert due(start, timedelta(hours=24), None, pauses=[pause]) == datetime(2026, 3, 29, 14, 0, tzinfo=UTC)
    assert elapsed(start, start + timedelta(hours=4), None, pauses=[pause, pause]) == timedelta(hours=2)


def test_a_friday_evening_is_answered_on_monday() -> None:
    week = [[(540, 1020)]] * 5 + [[], []]
    hours = Hours("Europe/London", week, lambda day: False)
    friday = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
    assert due(friday, timedelta(hours=4), hours) == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert due(friday, timedelta(), hours) == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(ValueError, match="not open often enough"):
        due(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1), Hours("UTC", [[]] * 7, lambda day: False))


@pytest.mark.parametrize(("text", "told"), [("09:30", 570), ("24:00", 1440), ("0:00", 0)])
def test_times_are_read(text: str, told: int) -> None:
    assert minutes(text) == told


@pytest.mark.parametrize("text", ["", "9", "24:01", "9:5", "12:60", "aa:bb", "-1:00"])
def test_other_words_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        minutes(text)
