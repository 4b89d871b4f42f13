"""Carriers and boxes as a manager sets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.settings.models import ShippingService
from checkout_desk.shipping import carriers
from checkout_desk.shipping.models import Box, Carrier
from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.orders.stage import Stage
from tests.page import Browser
from tests.shipping.dock import Dock

KEY = "EZTKabcdef0123456789"


@pytest.fixture
def manager(as_role: Callable[[str], Browser]) -> Browser:
    return as_role("manager")


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


def test_a_new_store_begins_with_the_carriers_of_its_services(shop: Shop) -> None:
    with shop.writing():
        db.session.add(ShippingService(name="Tracked", carrier="Royal Mail", countries=["GB"]))
        db.session.add(ShippingService(name="Paket", carrier="Deutsche Post", countries=["DE"]))
        db.session.add(ShippingService(name="Van", carrier="Our van", countries=["IE"]))
        db.session.flush()
        carriers.open_carriers()
        carriers.open_carriers()
    assert {row.name: row.pattern for row in shop.all(Carrier)} == {
        "Royal Mail": "royal_mail",
        "Deutsche Post": "dhl",
        "Our van": "",
    }
    assert [row.name for row in shop.all(Box)] == ["S", "M", "L", "XL"]


def test_a_carrier_that_a_service_names_is_there_when_its_parcel_is_packed(dock: Dock) -> None:
    with dock.shop.writing():
        db.session.query(Carrier).delete()
    parcel_id = dock.packed(dock.paid())
    (carrier,) = dock.shop.all(Carrier)
    assert (carrier.name, dock.parcel(parcel_id).carrier_id) == ("Royal Mail", carrier.id)


@pytest.mark.parametrize("role", ROLES)
def test_managers_alone_set_carriers(as_role: Callable[[str], Browser], role: str) -> None:
    assert as_role(role).open("/settings/carriers").status == (200 if role in ("manager", "admin") else 403)


def test_what_services_name_is_set_up_with_one_press(shop: Shop, manager: Browser) -> None:
    with shop.writing():
        db.session.add(ShippingService(name="Tracked", carrier="DPD", countries=["GB"]))
    page = manager.open("/settings/carriers")
    assert "Shipping services name DPD, which is not set up yet." in page
    assert "DPD can be used now." in page.press("Set up")


def test_a_carrier_is_made_and_changed(shop: Shop, manager: Browser) -> None:
    with shop.writing():
        db.session.add(ShippingService(name="Tracked", carrier="Evry", countries=["GB"]))
    done = manager.open("/settings/carriers/new").press(
        "Save",
        name="Evry",
        pattern="evri",
        handover="manifest",
        holidays="2026-12-24, 31.12.2026",
        silent_days="4",
    )
    assert (
        "Evry is saved." in done and "Numbers of Evri; handed over when the day’s manifest is closed." in done
    )
    (row,) = shop.all(Carrier)
    assert (row.holidays, row.silent_days, row.tracked) == (["2026-12-24", "2026-12-31"], 4, True)
    page = manager.open(f"/settings/carriers/{row.id}")
    assert page.form(f"/{row.id}").value("holidays") == "2026-12-24, 2026-12-31"
    page.press("Save", name="Evri", tracking_url="https://evri.example/{language}/{number}", tracked=None)
    (row,) = shop.all(Carrier)
    assert (row.name, row.tracked) == ("Evri", False)
    assert shop.all(ShippingService)[0].carrier == "Evri", "services that name it go on naming it"
    changed = shop.all(Event, Event.kind == "carrier.changed")[0]
    assert changed.before == {"name": "Evry", "tracking_url": "", "tracked": True}


@rows_on_sqlite(
    ("field", "value", "words"),
    [
        ("name", "", "Name is empty"),
        ("name", "royal mail", "is a carrier already"),
        ("tracking_url", "http://x.example/{number}", "begins with https://"),
        ("tracking_url", "https://x.example/track", "lacks {number}"),
        ("tracking_url", "https://{number}.example/", "lacks {number}"),
        ("tracking_url", "https://x.example/{number}/{secret}", "only {number}, {language} and {country}"),
        ("tracking_url", "javascript:alert({number})", "begins with https://"),
        ("holidays", "2026-13-01", "“2026-13-01” is no day"),
        ("holidays", "Christmas", "“Christmas” is no day"),
        ("silent_days", "0", "type a whole number from 1 to 60"),
        ("pattern", "nobody", "Numbers cannot be “nobody”"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    shop: Shop, manager: Browser, field: str, value: str, words: str
) -> None:
    with shop.writing():
        db.session.add(Carrier(name="Royal Mail", pattern="royal_mail"))
    values: dict[str, Any] = {"name": "Another", field: value}
    page = manager.open("/settings/carriers/new").press("Save", **values)
    assert page.status == 422
    assert words in page
    if field != "pattern":
        assert page.form("/new").value(field) == value, "everything typed stays"
    assert len(shop.all(Carrier)) == 1


def test_a_key_is_kept_sealed_and_never_shown(shop: Shop, manager: Browser) -> None:
    done = manager.open("/settings/carriers/new").press(
        "Save",
        name="EasyPost",
        adapter="easypost",
        mode="sandbox",
        api_key=KEY,
        webhook_secret="s3cret-of-the-hook",
    )
    assert "EasyPost is saved." in done
    (row,) = shop.all(Carrier)
    assert KEY not in (row.secret or "") and KEY not in str(row.settings)
    with shop.reading():
        assert carriers.secrets(db.session.get_one(Carrier, row.id)) == {
            "api_key": KEY,
            "webhook_secret": "s3cret-of-the-hook",
        }
    page = manager.open(f"/settings/carriers/{row.id}")
    assert KEY not in page.html and "s3cret" not in page.html
    assert f"/hooks/carriers/{row.id}" in page
    page.press("Save", name="EasyPost UK")
    with shop.reading():
        assert carriers.secrets(db.session.get_one(Carrier, row.id))["api_key"] == KEY, (
            "an empty field keeps it"
        )
    for event in shop.all(Event):
        assert KEY not in f"{event.before}{event.after}"
    page = manager.open(f"/settings/carriers/{row.id}").press("Save", adapter="manual")
    assert shop.all(Carrier)[0].secret is None, "a key that nothing uses is not kept"


def test_a_live_key_is_refused_in_the_test_mode_without_repeating_it(manager: Browser) -> None:
    page = manager.open("/settings/carriers/new").press(
        "Save", name="EasyPost", adapter="easypost", mode="sandbox", api_key="EZAKlivelivelive"
    )
    assert page.status == 422
    assert "it begins with EZTK" in page and "EZAKlive" not in page.html


def test_boxes_are_added_changed_and_taken_away(shop: Shop, manager: Browser) -> None:
    page = manager.open("/settings/carriers")
    done = page.press("Add the box", name="M", length_mm="310", width_mm="230", height_mm="150", grams="150")
    assert "Box M is saved." in done and "310 × 230 × 150 mm, 150 g" in done
    (box,) = shop.all(Box)
    bad = done.press("Save", f"/boxes/{box.id}", grams="heavy", name="M")
    assert bad.status == 422
    assert "Weight when empty cannot be “heavy”" in bad
    assert "Box M2 is saved." in done.press("Save", f"/boxes/{box.id}", name="M2")
    assert "Box M2 is taken away." in manager.open("/settings/carriers").press(
        "Take away", f"/boxes/{box.id}"
    )
    assert shop.all(Box) == []


def test_two_boxes_of_one_name_are_refused(shop: Shop, manager: Browser) -> None:
    with shop.writing():
        db.session.add(Box(name="M", length_mm=10, width_mm=10, height_mm=10))
    page = manager.open("/settings/carriers").press(
        "Add the box", name="m", length_mm="310", width_mm="230", height_mm="150", grams="150"
    )
    assert page.status == 422
    assert "there is a box “m” already" in page
