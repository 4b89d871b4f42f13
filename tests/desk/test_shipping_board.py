"""The tracking board and a parcel's page: what stands where, what a person writes down, and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.shipping import board
from checkout_desk.shipping.board import COLUMNS, Wanted
from checkout_desk.shipping.models import Carrier, Shipment
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.road import LEFT, Road, after, told

BOARD = 11
"""queries of the board, the session and the frame included, whatever stands on it"""


@pytest.fixture
def road(shop: Shop) -> Road:
    """A dock whose parcels are tracked."""
    return Road(Stage(shop))


@pytest.fixture
def lou(as_role) -> Browser:  # type: ignore[no-untyped-def]
    """Somebody of logistics."""
    return as_role("logistics")


def lanes(page: Page) -> dict[str, list[str]]:
    """Status -> the parcels in its column."""
    found = re.findall(r'aria-labelledby="l-(\w+)".*?</section>', page.html, re.DOTALL)
    bodies = re.findall(r'aria-labelledby="l-\w+"(.*?)</section>', page.html, re.DOTALL)
    return {status: re.findall(r"<b>(\S+)</b>", body) for status, body in zip(found, bodies, strict=True)}


def sent(road: Road, n: int) -> list[tuple[int, int]]:
    """Parcels on their way, the first has left first."""
    return [road.sent(LEFT + timedelta(minutes=i)) for i in range(n)]


def test_every_parcel_stands_in_the_column_of_its_status(lou: Browser, road: Road) -> None:
    (a, pa), (b, pb), (c, pc), (d, _) = sent(road, 4)
    road.says(pa, told(20, "in_transit"))
    road.says(pb, told(21, "failed_attempt"))
    road.says(pc, told(22, "delivered"))
    with clock.pretending(after(23)):
        page = lou.open("/shipping/board")
    found = lanes(page)
    assert list(found) == list(COLUMNS)
    assert found["in_transit"] == [f"{a}-P1"] and found["failed_attempt"] == [f"{b}-P1"]
    assert found["delivered"] == [f"{c}-P1"] and found["pending"] == [f"{d}-P1"]
    assert "3 on their way, 1 needs somebody." in page
    for words in (
        "Jane Fox",
        "Tynemouth, United Kingdom",
        "due Fri 6 Nov",
        "scan 3 h ago",
        "Attempt failed",
        "no scan",
    ):
        assert words in page, words


def test_filters_narrow_columns_and_counts_alike(lou: Browser, road: Road) -> None:
    (a, pa), (_b, pb) = sent(road, 2)
    with road.shop.writing():
        other = Carrier(name="DHL", pattern="dhl")
        db.session.add(other)
        db.session.flush()
        db.session.get_one(Shipment, pb).carrier_id = other.id
        other_id = other.id
    road.says(pa, told(20, "failed_attempt"))
    with clock.pretending(after(23)):
        page = lou.open("/shipping/board?alarm=1")
        assert lanes(page)["failed_attempt"] == [f"{a}-P1"] and not lanes(page)["pending"]
        page = lou.open(f"/shipping/board?carrier={other_id}")
        assert len(lanes(page)["pending"]) == 1 and not lanes(page)["failed_attempt"]
        assert "No parcel fits" in lou.open("/shipping/board?late=1")
        assert "is not the number of a carrier" in lou.open("/shipping/board?carrier=abc")
    with clock.pretending(after(24 * 5)):
        page = lou.open("/shipping/board?late=1")
    assert "was due Fri 6 Nov" in page and len(lanes(page)["pending"]) == 1


def test_a_column_goes_on_page_by_page(lou: Browser, road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    from checkout_desk.desk import tracking_board

    monkeypatch.setattr(tracking_board, "HEAD", 2)
    monkeypatch.setattr(tracking_board, "PAGE", 2)
    rows = [f"{number}-P1" for number, _ in sent(road, 5)]
    with clock.pretending(after(2)):
        page = lou.open("/shipping/board")
        assert lanes(page)["pending"] == rows[:2] and "3 more" in page
        page = page.follow("3 more")
        seen = lanes(page)["pending"]
        for _ in range(2):
            page = page.follow("More")
            seen += lanes(page)["pending"]
        assert seen == rows
        assert lou.get("/shipping/board?column=nowhere").status_code == 404


def test_what_is_over_leaves_the_board(lou: Browser, road: Road) -> None:
    _, parcel_id = road.sent()
    road.says(parcel_id, told(30, "delivered"))
    with road.shop.reading():

        def n(days: int) -> int:
            now = after(24 * days)
            return board.counts(Wanted(), now=now, today=now.date())["delivered"]

        assert (n(5), n(31)) == (1, 0)
    _, back = road.sent()
    road.says(back, told(30, "delivered", returning=True))
    with clock.pretending(after(40)):
        assert lanes(lou.open("/shipping/board"))["exception"], "somebody has to look"
        page = lou.open(f"/shipping/parcels/{back}")
        page = page.press("Settle", f"/parcels/{back}/alarms", how="Unpacked, money goes back")
        assert "Unpacked, money goes back" in page
        assert not lanes(lou.open("/shipping/board"))["exception"]


def test_the_board_costs_the_same_whatever_stands_on_it(lou: Browser, road: Road) -> None:
    def counted() -> int:
        seen: list[str] = []

        def heard(_c: object, _u: object, statement: str, *_: object) -> None:
            if statement.lstrip()[:6].upper() == "SELECT":
                seen.append(statement)

        with road.shop.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", heard)
        try:
            lou.open("/shipping/board")
        finally:
            event.remove(engine, "before_cursor_execute", heard)
        return len(seen)

    lou.open("/shipping/board")
    few = counted()
    for _, parcel_id in sent(road, 4):
        road.says(parcel_id, told(20, "failed_attempt"))
    lou.open("/shipping/board")
    assert counted() == few <= BOARD


def test_a_parcels_page_shows_its_way_and_what_is_not_used(lou: Browser, road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(20, "in_transit", "Sorted", "York"), told(80, "delivered"), when=after(21))
    page = lou.open(f"/shipping/parcels/{parcel_id}")
    assert page.status == 200
    for words in (
        f"Parcel {number}-P1",
        "Sorted, York",
        "lies more than a day ahead",
        "Blue mug",
        "Jane Fox",
        "5 Quay Lane",
    ):
        assert words in page, words
    assert road.parcel(parcel_id).state == "in_transit"
    assert lou.get("/shipping/parcels/999").status_code == 404


def test_a_person_writes_down_what_they_heard(lou: Browser, road: Road) -> None:
    number, parcel_id = road.sent()
    with clock.pretending(after(40)):
        page = lou.open(f"/shipping/parcels/{parcel_id}")
        bad = page.press("Write it down", status="delivered", at="yesterday noon", place="Porch")
        assert bad.status == 422 and "“yesterday noon” is no time" in bad and 'value="Porch"' in bad.html
        ahead = page.press("Write it down", status="delivered", at="2030-01-01T10:00")
        assert ahead.status == 422 and "lies ahead" in ahead
        page = page.press("Write it down", status="delivered", at="2026-11-04T12:00", place="Porch")
    assert "Entered by hand" in page.html and "Delivered" in page
    assert road.stage.seen(number).state == "delivered"


def test_an_alarm_is_settled_with_a_word_about_it(as_role, road: Road) -> None:  # type: ignore[no-untyped-def]
    sam: Browser = as_role("support")
    number, parcel_id = road.sent()
    road.says(parcel_id, told(30, "failed_attempt"))
    page = sam.open(f"/shipping/parcels/{parcel_id}")
    assert f"compose/reply?delayed={number}" in page.html
    bad = page.press("Settle", how=" ")
    assert bad.status == 422 and "Say what came of it" in bad
    done = page.press("Settle", how="The neighbour takes it")
    assert "The neighbour takes it" in done and road.open(parcel_id) == []
    again = page.press("Settle", how="once more")
    assert again.status == 409 and "settled already" in again
    assert "Mark it as lost" not in done.buttons(), "that is for logistics"


def test_a_parcel_is_lost_or_kept_back_with_a_reason(lou: Browser, road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(30, "in_transit"))
    page = lou.open(f"/shipping/parcels/{parcel_id}")
    assert page.press("Mark it as lost").status == 422
    page.press("Mark it as lost", reason="The carrier gave up")
    assert road.parcel(parcel_id).state == "lost"
    again = page.press("Mark it as lost", reason="The carrier gave up")
    assert again.status == 409
    other = road.paid()
    packed = road.packed(other)
    lou.open(f"/shipping/parcels/{packed}").press("Void the parcel", reason="Wrong box")
    assert road.parcel(packed).state == "void"
    assert road.stage.seen(other).state == "paid"
    assert number != other
