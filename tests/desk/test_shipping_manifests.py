"""Manifests: what waits for a carrier, the paper, the pickup, and everything leaving at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from checkout_desk import clock
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.extensions import db
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.shipping import labelling, leaving_day, manifests
from checkout_desk.shipping.models import Carrier, Manifest, Shipment
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.shipping.dock import NUMBER, TUESDAY, Dock
from tests.shipping.test_number_importing import s10


@pytest.fixture
def dock(shop: Shop) -> Dock:
    found = Dock(Stage(shop))
    with shop.writing():
        db.session.query(Carrier).one().handover = "manifest"
    return found


@pytest.fixture
def tom(dock: Dock, as_role: Callable[[str], Browser]) -> Iterator[Browser]:
    with clock.pretending(TUESDAY):
        yield as_role("logistics")


def labelled(dock: Dock, tracking: str = "") -> int:
    """A parcel that stands there with its label."""
    parcel_id = dock.packed(dock.paid(), tracking=tracking)
    dock.step(parcel_id, labelling.make)
    return parcel_id


@pytest.mark.parametrize("role", ROLES)
def test_shipping_alone_makes_manifests(as_role: Callable[[str], Browser], role: str) -> None:
    may = role in ("logistics", "manager", "admin")
    assert as_role(role).open("/shipping/manifests").status == (200 if may else 403)


def test_what_waits_is_put_on_a_list_and_all_of_it_leaves(dock: Dock, tom: Browser) -> None:
    ids = [labelled(dock, s10(i)) for i in range(3)]
    page = tom.open("/shipping/manifests")
    assert "Royal Mail 3 parcels" in page
    made = page.press("Put on the list of Royal Mail")
    assert "The driver has all 3" in made.buttons() and s10(2) in made
    assert {dock.parcel(one).state for one in ids} == {"labelled"}
    done = made.press("The driver has all 3")
    assert "3 parcels are handed over." in done and "closed" in done
    assert {dock.parcel(one).state for one in ids} == {"handed_over"}
    assert len(dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")) == 3
    again = made.press("The driver has all 3")
    assert again.status == 409
    assert len(dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")) == 3
    assert "Nothing waits" in tom.open("/shipping/manifests")
    dock.sound()


def test_a_later_parcel_is_added_and_one_is_left_for_another_day(dock: Dock, tom: Browser) -> None:
    first = labelled(dock, s10(1))
    page = tom.open("/shipping/manifests").press("Put on the list of Royal Mail")
    second = labelled(dock, s10(2))
    page = tom.open(page.path)
    assert "1 more parcel waits for Royal Mail." in page
    page = page.press("Add")
    assert len(dock.shop.all(Manifest)) == 1, "one open list a carrier"
    name = f"{dock.shop.all(Order, Order.id == dock.parcel(first).order_id)[0].number}-P1"
    page = page.press(f"Not today: {name}")
    assert dock.parcel(first).manifest_id is None
    assert "The driver has it" in page.buttons()
    page.press("The driver has it")
    assert (dock.parcel(first).state, dock.parcel(second).state) == ("labelled", "handed_over")
    assert dock.shop.all(Manifest)[0].state == "closed"


def test_what_cannot_leave_stays_by_name_and_the_others_go(dock: Dock, tom: Browser) -> None:
    good, bad = labelled(dock, s10(1)), labelled(dock)
    page = tom.open("/shipping/manifests").press("Put on the list of Royal Mail")
    refused = page.press("The driver has all 2")
    assert refused.status == 409
    assert "1 parcel has to stay" in refused and "has no tracking number yet" in refused
    assert (dock.parcel(good).state, dock.parcel(bad).state) == ("handed_over", "labelled")
    assert dock.shop.all(Manifest)[0].state == "open"
    with dock.shop.writing():
        parcel = db.session.get_one(Shipment, bad)
        parcel.tracking_number = parcel.tracking_key = NUMBER
    assert "2 parcels are handed over." in refused.press("The driver has it")


def test_a_carrier_that_nothing_waits_for_gets_no_list(dock: Dock, tom: Browser) -> None:
    labelled(dock, s10(1))
    page = tom.open("/shipping/manifests")
    with dock.shop.writing():
        db.session.query(Shipment).one().state = "packing"
        db.session.query(Shipment).one().tracking_key = None
    refused = page.press("Put on the list of Royal Mail")
    assert refused.status == 409
    assert "No parcel waits for Royal Mail" in refused


def test_a_pickup_is_noted_and_bad_ones_are_refused(dock: Dock, tom: Browser) -> None:
    labelled(dock, s10(1))
    page = tom.open("/shipping/manifests").press("Put on the list of Royal Mail")
    for values, words in (
        ({"on": "2026-11-02"}, "Day cannot be 2 November 2026"),
        ({"on": "2027-11-02"}, "Day cannot be"),
        ({"on": "soon"}, "soon"),
        ({"begins": "17:00", "ends": "14:00"}, "type a later end"),
        ({"begins": "noon"}, "noon"),
    ):
        bad = page.press("Note the pickup", **values)
        assert bad.status == 422
        assert words in bad
    done = page.press(
        "Note the pickup", on="2026-11-04", begins="9:00", ends="11:30", note="Ring at the yard"
    )
    assert "The pickup is noted" in done and "from 09:00 to 11:30, Ring at the yard" in done
    (row,) = dock.shop.all(Manifest)
    assert (row.pickup_on, row.pickup_from) == (date(2026, 11, 4), "09:00")


def test_the_paper_is_a_pdf_with_every_parcel(dock: Dock, tom: Browser) -> None:
    labelled(dock, s10(1))
    page = tom.open("/shipping/manifests").press("Put on the list of Royal Mail")
    answer = tom.get(page.link("Paper"))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF") and tom.get(page.link("Paper")).data == answer.data


def test_two_people_gathering_at_once_share_the_list(dock: Dock) -> None:
    labelled(dock, s10(1))
    with dock.dock(dock.shop.all(Order)[0].number) as (_, by):
        carrier = db.session.query(Carrier).one()
        first = manifests.gather(carrier, by=by).id
        assert manifests.gather(carrier, by=by).id == first


def test_many_parcels_leave_in_a_worker_while_the_page_shows_how_far_it_is(
    dock: Dock, tom: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving_day, "AT_ONCE", 2)
    monkeypatch.setattr(leaving_day, "TURN", 2)
    ids = [labelled(dock, s10(i)) for i in range(3)]
    made = tom.open("/shipping/manifests").press("Put on the list of Royal Mail")
    with dock.shop.writing():
        db.session.get_one(Shipment, ids[2]).tracking_number = ""
    page = made.press("The driver has all 3")
    assert "Handing over; you may leave this page." in page and "0 of 3" in page
    assert "The driver has all 3" not in page.buttons()
    assert {dock.parcel(one).state for one in ids} == {"labelled"}
    made.press("The driver has all 3")  # a second click begins nothing new
    (row,) = dock.shop.all(Manifest)
    with dock.shop.app.app_context():
        assert leaving_day.sweep() == 1
        leaving_day.carry_on(row.id)
        assert leaving_day.sweep() == 1, "other jobs go first, then the rest"
        leaving_day.carry_on(row.id)
        leaving_day.carry_on(row.id)
        assert leaving_day.sweep() == 0
    page = tom.open(page.path)
    assert "1 parcel has to stay" in page and "has no tracking number yet" in page
    assert "The driver has it" in page.buttons()
    assert [dock.parcel(one).state for one in ids] == ["handed_over", "handed_over", "labelled"]
    assert len(dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")) == 2
    dock.sound()


def test_another_worker_goes_on_where_one_died(
    dock: Dock, tom: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving_day, "AT_ONCE", 0)
    parcel_id = labelled(dock, s10(1))
    made = tom.open("/shipping/manifests").press("Put on the list of Royal Mail")
    made.press("The driver has it")
    (row,) = dock.shop.all(Manifest)
    with dock.shop.writing():
        db.session.get_one(Manifest, row.id).leaving_until = clock.now() + leaving_day.LEASE
    with dock.shop.app.app_context():
        leaving_day.carry_on(row.id)
        assert dock.parcel(parcel_id).state == "labelled", "the first one may be alive"
    with clock.pretending(TUESDAY + 2 * leaving_day.LEASE), dock.shop.app.app_context():
        leaving_day.carry_on(row.id)
    assert dock.parcel(parcel_id).state == "handed_over"
    assert dock.shop.all(Manifest)[0].state == "closed"
