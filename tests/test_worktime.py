"""Business days: weekends are skipped, the time of the day stays, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from checkout_desk.worktime import business_days_later


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("at", "days", "zone", "later"),
    [
        (utc(2026, 11, 2, 9, 30), 1, "UTC", utc(2026, 11, 3, 9, 30)),
        (utc(2026, 11, 5, 9), 3, "UTC", utc(2026, 11, 10, 9)),  # Thursday → Tuesday
        (utc(2026, 11, 6, 9), 1, "UTC", utc(2026, 11, 9, 9)),  # Friday → Monday
        (utc(2026, 11, 7, 9), 1, "UTC", utc(2026, 11, 9, 9)),  # Saturday → Monday
        (utc(2026, 11, 8, 23), 2, "UTC", utc(2026, 11, 10, 23)),  # Sunday → Tuesday
        (utc(2026, 11, 2, 9), 60, "UTC", utc(2027, 1, 25, 9)),
        # Summer time ends on 25 Oct 2026 in Europe: 11:00 stays 11:00 in Berlin, an hour later in UTC.
        (utc(2026, 10, 23, 9), 1, "Europe/Berlin", utc(2026, 10, 26, 10)),
        # It begins on 29 Mar 2026: an hour earlier in UTC.
        (utc(2026, 3, 27, 10), 1, "Europe/Berlin", utc(2026, 3, 30, 9)),
        # Sunday evening in UTC is Monday morning in Tokyo.
        (utc(2026, 11, 8, 23), 1, "Asia/Tokyo", utc(2026, 11, 9, 23)),
        # Friday evening in New York is Saturday in UTC.
        (utc(2026, 11, 7, 1), 1, "America/New_York", utc(2026, 11, 10, 1)),
    ],
)
def test_business_days_later(at: datetime, days: int, zone: str, later: datetime) -> None:
    assert business_days_later(at, days, zone=zone) == later


def test_a_time_that_the_change_of_clocks_leaves_out() -> None:
    """In Cairo the clocks go from 00:00 to 01:00 on a Friday: 24 April 2026 has no 00:30."""
    assert business_days_later(utc(2026, 4, 22, 22, 30), 1, zone="Africa/Cairo") == utc(2026, 4, 23, 22, 30)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        business_days_later(datetime(2026, 11, 2), 1, zone="UTC")
    with pytest.raises(ValueError, match="at least"):
        business_days_later(utc(2026, 11, 2), 0, zone="UTC")
