"""Orders of one customer in one box: offered on the list, in the batch and at the station, packed, and taken apart loudly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.orders import acting
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.shipping import labelling, readdressing
from checkout_desk.shipping.models import Label, Shipment
from tests.builders import Shop
from tests.desk.test_shipping_station import begun, packed, scan
from tests.orders.stage import Stage, line, quay, reading
from tests.page import Browser, Page
from tests.shipping.dock import NUMBER, Dock

ONE = reading(line("MUG-BLU", 1), ship_to=quay(), phone="+441912345678")
TWO = reading(line("MUG-BLU", 1), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


@pytest.fixture
def eva(as_role: Callable[[str], Browser]) -> Browser:
    """The browser of somebody of logistics."""
    return as_role("logistics")


def rides(dock: Dock) -> list[bool]:
    return [one.rides_id is not None for one in dock.shop.all(Shipment)]


def shared(dock: Dock, eva: Browser) -> tuple[int, int, Page]:
    """Two orders whose box is begun at the station."""
    first, second = dock.paid(ONE), dock.paid(TWO)
    return first, second, begun(eva).press(f"Pack with {second}")


def test_the_station_packs_two_orders_into_one_box(dock: Dock, eva: Browser) -> None:
    first, second, page = shared(dock, eva)
    assert "2 orders go into one box" in page
    assert f"one box with {second}" in page
    page = scan(page, "MUG-BLU")
    assert "Blue mug: 1 of 1 Line complete. Next: Blue mug." in page, "the other order has one too"
    page = scan(scan(page, "MUG-BLU"), "MUG-BLU")
    assert f"Too many: Blue mug Order {first} + {second} has 2 of it" in page
    page = scan(page.follow("Understood"), "POT-06")
    assert "Put the label on the box" in page
    assert len(dock.shop.all(Label)) == 1
    page = scan(page, NUMBER)
    assert f"{first}-P1 is handed over with {NUMBER}" in page
    assert "It was the last one of the batch." in page
    assert [dock.stage.seen(one).state for one in (first, second)] == ["shipped", "shipped"]
    assert len([row for row in dock.shop.all(MilestoneMail) if row.milestone == "shipped"]) == 2
    parcel = eva.open(f"/shipping/parcels/{dock.shop.all(Shipment)[1].id}")
    assert f"It shares a box with order {first}. It goes by the label and the number of {first}-P1." in parcel
    assert NUMBER in parcel
    dock.sound()


def test_the_list_and_the_batch_offer_it(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(ONE), dock.paid(TWO)
    page = eva.open(f"/shipping?same={first}").press("Pack together")
    assert f"Orders {first} and {second} share one box." in page
    assert rides(dock) == [False, True]
    page = page.press("Dissolve")
    again = eva.open(f"/shipping?same={first}")
    assert "Pack together" not in again.buttons(), "they share a box"
    assert "in one box" in again and "1 more to this address" not in again
    page = eva.open("/shipping").press("Take the next 20")
    assert "share one box" in page, "they come into a batch together"
    third = dock.paid(ONE)
    page = eva.open("/shipping").press("Take the next 20")
    assert f"orders of the same customer: {third}" not in page, "its fellows are in another batch"


def test_what_is_refused_stays_on_the_page_with_its_sentence(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(ONE), dock.paid(TWO)
    page = eva.open("/shipping").press("Take the next 20")
    assert f"2 orders of the same customer: {first}, {second}" in page
    dock.packed(second)
    dock.step(dock.shop.all(Shipment)[0].id, labelling.make)
    answer = page.press("Pack together")
    assert (answer.status, f"Parcel {second}-P1 has its label already" in answer) == (409, True)
    assert rides(dock) == [False]
    assert page.press("Pack together", ids="x").status == 422


def test_taking_it_apart_packs_the_other_order_anew(dock: Dock, eva: Browser) -> None:
    first, second, page = shared(dock, eva)
    page = scan(scan(scan(page, "MUG-BLU"), "MUG-BLU"), "POT-06")
    assert packed(dock) == {"MUG-BLU": 2, "POT-06": 1}
    page = page.press("Take apart")
    assert f"Order {second} is packed on its own" in page
    assert rides(dock) == [False, False]
    assert packed(dock) == {"MUG-BLU": 1, "POT-06": 0}
    assert [one.state for one in dock.shop.all(Label)] == ["void"]
    page = scan(page, "")
    assert "Put the label on the box" in page
    assert f"{first}-P1 is handed over" in scan(page, NUMBER)
    assert dock.stage.seen(second).state == "packing"
    dock.sound()


@pytest.mark.parametrize("what", ["cancelled", "moved"])
def test_an_order_that_leaves_the_box_stops_the_station(dock: Dock, eva: Browser, what: str) -> None:
    first, second, page = shared(dock, eva)
    page = scan(page, "MUG-BLU")
    with dock.dock(second) as (order, by):
        if what == "cancelled":
            acting.cancel(order, reason="Changed their mind", by=by)
        else:
            readdressing.readdress(order, {"ship_line1": "7 Mill Road"}, by=by)
    page = scan(page, "MUG-BLU")
    assert page.status == 409
    assert f"Order {first} is packed with other orders than before" in page
    assert packed(dock)["MUG-BLU"] == 1
    page = page.follow("Understood")
    assert "Everything is in the box, and it has no label" in page
    page = scan(scan(page, ""), NUMBER)
    assert dock.stage.seen(first).state == "shipped"
    assert dock.stage.seen(second).state == ("cancelled" if what == "cancelled" else "packing")
    dock.sound()


def test_a_missing_item_takes_the_box_apart(dock: Dock, eva: Browser) -> None:
    first, second, page = shared(dock, eva)
    page = scan(scan(page, "MUG-BLU"), "MUG-BLU")
    page = page.follow("Short").press("Enter it", found="0")
    assert f"Order {second} waits for its customer" in page
    assert rides(dock) == [False, False]
    page = scan(scan(page, ""), NUMBER)
    assert dock.stage.seen(first).state == "shipped"


def test_skipping_puts_the_whole_box_last(dock: Dock, eva: Browser) -> None:
    third = dock.paid(reading(line("MUG-BLU", 1), ship_to=quay(line1="9 Quay Lane"), phone="+441912345678"))
    first, second = dock.paid(ONE), dock.paid(TWO)
    page = begun(eva).press("Skip")
    page = page.press(f"Pack with {second}")
    assert f"one box with {second}" in page
    page = page.press("Skip")
    assert f"Order {first} comes last" in page
    assert f"Order {third}: 1 piece" in eva.open("/shipping/pack/1")
