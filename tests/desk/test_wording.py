"""Times, ages and promises as people read them, in the store's zone, over the change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checkout_desk.desk import asking, wording
from checkout_desk.desk.wording import Clockface, zone

NOW = datetime(2026, 11, 17, 11, 20, tzinfo=UTC)
BERLIN = Clockface(NOW, zone("Europe/Berlin"))


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(0), "12:20"),
        (timedelta(hours=12), "00:20"),
        (timedelta(hours=13), "Mon 23:20"),
        (timedelta(days=6), "Wed 12:20"),
        (timedelta(days=7), "10 Nov 12:20"),
        (timedelta(days=400), "13 Oct 2025"),
    ],
)
def test_an_instant_is_said_as_short_as_it_can_be(back: timedelta, words: str) -> None:
    assert BERLIN.short(NOW - back) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "now"), (timedelta(seconds=59), "now"), (timedelta(minutes=59), "59 m"),
        (timedelta(hours=1), "1 h"), (timedelta(hours=23, minutes=59), "23 h"), (timedelta(days=1), "1 d"),
        (timedelta(days=27), "27 d"), (timedelta(days=28), "4 w"), (timedelta(days=365), "52 w"),
    ],
)  # fmt: skip
def test_a_span_in_its_largest_unit(length: timedelta, words: str) -> None:
    assert wording.span(length) == words


@pytest.mark.parametrize(
    ("left", "tone", "words"),
    [
        (timedelta(hours=30), "", "tomorrow 18:20"),
        (timedelta(hours=5), "", "due 17:20"),
        (timedelta(hours=3, minutes=5), "soon", "3 h 05 m"),
        (timedelta(minutes=25), "soon", "25 m"),
        (timedelta(0), "bad", "0 m over"),
        (timedelta(hours=-1, minutes=-40), "bad", "1 h 40 m over"),
        (timedelta(days=-2, hours=-3), "bad", "2 d 3 h over"),
        (timedelta(days=9), "", "Thu 26 Nov 12:20"),
    ],
)
def test_a_promise_turns_amber_and_red(left: timedelta, tone: str, words: str) -> None:
    pill = wording.promise(BERLIN, NOW + left, state="open")
    assert pill is not None
    assert (pill["tone"], pill["text"]) == (tone, words)


def test_nothing_promised_says_nothing_unless_it_is_the_customers_turn() -> None:
    assert wording.promise(BERLIN, None, state="open") is None
    pill = wording.promise(BERLIN, None, state="waiting")
    assert pill is not None
    assert pill["text"] == "customer’s turn"


def test_one_promise_is_the_same_instant_on_both_sides_of_the_clock_change() -> None:
    """24 hours of wall time over the night of 25 October 2026, when Berlin's clocks go back."""
    opened = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
    face = Clockface(opened, zone("Europe/Berlin"))
    assert face.time(opened) == "12:00"
    assert face.time(opened + timedelta(hours=24)) == "11:00"
    assert face.day(opened + timedelta(hours=24)) == "tomorrow"


@pytest.mark.parametrize(
    ("choice", "now", "expected"),
    [
        ("tomorrow", datetime(2026, 10, 24, 10, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 3, 28, 10, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC)),
        ("monday", datetime(2026, 10, 24, 10, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC)),
        ("monday", datetime(2026, 11, 16, 10, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("evening", datetime(2026, 7, 1, 10, tzinfo=UTC), datetime(2026, 7, 1, 16, tzinfo=UTC)),
        ("hour", NOW, NOW + timedelta(hours=1)),
    ],
)
def test_snoozing_wakes_at_nine_by_the_stores_clock(choice: str, now: datetime, expected: datetime) -> None:
    assert asking.wake_time(choice, "", Clockface(now, zone("Europe/Berlin"))) == expected


def test_a_zone_that_does_not_exist_is_utc() -> None:
    assert zone("Mars/Olympus").key == "UTC"
    assert zone("../../etc/passwd").key == "UTC"


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1_500_000, "1.5 MB")]
)
def test_sizes(count: int, words: str) -> None:
    assert wording.size(count) == words


@pytest.mark.parametrize(
    ("name", "letters"), [("Jane Fox", "JF"), ("jane", "J"), ("", "?"), ("<<>>", "?"), ("山田 太郎", "山太")]
)
def test_initials(name: str, letters: str) -> None:
    assert wording.initials(name) == letters
