"""What carriers say comes late, twice and contradictory: it comes to the same whatever the order of arrival."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_desk.shipping.converging import NO_SCAN, Known, Outcome, Told, outcome, used
from checkout_desk.shipping.models import STATUSES

MADE = datetime(2026, 11, 16, 9, tzinfo=UTC)


def at(hours: float) -> datetime:
    return MADE + timedelta(hours=hours)


def told(hours: float, status: str, *, words: str = "", returning: bool = False) -> Told:
    return Told(at(hours), status, words, "Leeds", returning)


def come_to(*events: Told, received: datetime | None = None) -> Outcome:
    known = [Known(one, received or one.at + timedelta(hours=1)) for one in events]
    return outcome(used(known, made_at=MADE))


def test_the_newest_scan_says_where_the_parcel_is() -> None:
    found = come_to(told(30, "out_for_delivery"), told(5, "in_transit"), told(1, "info_received"))
    assert (found.status, found.state, found.last_scan_at) == ("out_for_delivery", "out_for_delivery", at(30))
    assert found.delivered_at is None and found.doubted is None


def test_nothing_said_leaves_the_parcel_as_it_is() -> None:
    assert come_to() == Outcome()
    info = come_to(told(1, "info_received"))
    assert (info.status, info.state, info.last_scan_at) == ("info_received", None, None)


def test_a_label_told_late_takes_back_no_scan() -> None:
    found = come_to(told(5, "in_transit"), told(9, "info_received"), told(10, "pending"))
    assert (found.status, found.last_scan_at) == ("in_transit", at(5))


def test_delivered_is_not_undone() -> None:
    found = come_to(told(20, "delivered"), told(22, "in_transit"), told(23, "expired"), told(24, "delivered"))
    assert (found.status, found.state, found.delivered_at) == ("delivered", "delivered", at(20))
    assert found.doubted is None, "a late scan or a second delivery is no reason to ask anybody"


def test_what_speaks_against_a_delivery_is_named_and_undoes_nothing() -> None:
    for status, returning in (("in_transit", True), ("exception", False), ("failed_attempt", False)):
        against = told(30, status, returning=returning)
        found = come_to(told(20, "delivered"), against)
        assert (found.status, found.state, found.doubted) == ("delivered", "delivered", against)
    assert come_to(told(20, "delivered"), told(18, "exception")).doubted is None
    early = told(18, "in_transit", returning=True)
    assert come_to(told(20, "delivered"), early).doubted == early, "sent back, then delivered: to whom?"


def test_what_comes_back_does_so_until_it_is_here() -> None:
    back = told(30, "in_transit", returning=True)
    assert come_to(told(20, "failed_attempt"), back).state == "exception"
    later = come_to(back, told(40, "in_transit"))
    assert (later.status, later.state, later.returning) == ("exception", "exception", True)
    home = come_to(back, told(50, "delivered", returning=True))
    assert (home.status, home.state, home.delivered_at) == ("exception", "returned_to_sender", None)


def test_of_one_moment_what_is_further_along_counts() -> None:
    assert come_to(told(5, "out_for_delivery"), told(5, "in_transit")).status == "out_for_delivery"
    assert come_to(told(5, "delivered"), told(5, "failed_attempt")).doubted is None
    assert come_to(told(5, "failed_attempt"), told(5, "out_for_delivery")).status == "failed_attempt"


def test_a_time_far_ahead_is_kept_and_not_used() -> None:
    tomorrow = Known(told(26, "delivered"), at(1))
    assert "ahead" in tomorrow.doubt(MADE)
    assert used([tomorrow, Known(told(2, "in_transit"), at(3))], made_at=MADE) == [told(2, "in_transit")]
    assert not Known(told(24, "delivered"), at(1)).doubt(MADE), "within a day it is a wrong time zone"


def test_a_number_that_was_given_out_before_delivers_nothing() -> None:
    year = timedelta(days=365)
    old = Told(MADE - year, "delivered")
    assert "older" in Known(old, at(1)).doubt(MADE)
    assert come_to(old, told(2, "in_transit")).status == "in_transit"


def test_an_event_is_the_same_in_every_time_zone() -> None:
    there = told(5, "in_transit").at.astimezone(tz=None)
    assert Told(there, "in_transit", "", "Leeds").key == told(5, "in_transit").key
    assert told(5, "in_transit").key != told(5, "in_transit", returning=True).key
    assert Told(at(1), "in_transit", "a", "b").key != Told(at(1), "in_transit", "ab", "").key


EVENTS = st.builds(
    told,
    st.integers(0, 400),
    st.sampled_from(STATUSES),
    words=st.sampled_from(("", "Sorted", "Left in porch")),
    returning=st.sampled_from((False, False, False, True)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=12), st.integers(0, 2**32), st.lists(st.integers(0, 11), max_size=6))
def test_any_order_with_doubles_comes_to_the_same(events: list[Told], seed: int, doubles: list[int]) -> None:
    random = Random(seed)
    again = events + [events[n] for n in doubles if n < len(events)]
    random.shuffle(again)
    plain, shuffled = come_to(*events), come_to(*again)
    assert plain == shuffled
    # and one at a time, as they come in: what is delivered on the way stays delivered
    delivered = False
    for n in range(len(again)):
        now = come_to(*again[: n + 1])
        assert not (delivered and now.status != "delivered")
        delivered = now.status == "delivered"
    scans = [one.at for one in events if one.status not in NO_SCAN]
    assert shuffled.last_scan_at == (max(scans) if scans else None)
