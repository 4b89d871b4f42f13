"""Buying a label on the screen: prices first, then one label; given back, or decided about by a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.extensions import db
from checkout_desk.shipping import buying, carriers
from checkout_desk.shipping.models import Carrier, Label
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.parts.easypost import KEY, NUMBERS, PDF, EasyPost
from tests.shipping.dock import TUESDAY, Dock


@pytest.fixture(scope="module")
def _server() -> Iterator[EasyPost]:
    with EasyPost() as server:
        yield server


@pytest.fixture
def server(_server: EasyPost) -> EasyPost:
    _server.forget()
    return _server


@pytest.fixture
def dock(shop: Shop, server: EasyPost) -> Dock:
    found = Dock(Stage(shop))
    shop.app.config["DESK_PRIVATE_MAIL_HOSTS"] = True
    settings = {"mode": "sandbox", "from_street": "14 Row", "from_city": "Bristol", "from_zip": "BS1"}
    with shop.writing():
        row = db.session.query(Carrier).one()
        values = {"name": row.name, "adapter": "easypost", "handover": "manifest"}
        carriers.save(row, values, settings=settings, secrets_typed={"api_key": KEY})
        row.settings = {**row.settings, "api_base": f"{server.url}/v2"}
    return found


@pytest.fixture
def tom(dock: Dock, as_role: Callable[[str], Browser]) -> Iterator[Browser]:
    with clock.pretending(TUESDAY):
        yield as_role("logistics")


def buy(tom: Browser, parcel_id: int, rate: str = "USPS|GroundAdvantage|512|USD") -> Page:
    return (
        tom.open(f"/shipping/parcels/{parcel_id}/buy")
        .press("See the prices")
        .press("Buy the label", rate=rate)
    )


@pytest.mark.parametrize("role", ROLES)
def test_shipping_alone_buys(dock: Dock, as_role: Callable[[str], Browser], role: str) -> None:
    parcel_id = dock.packed(dock.paid())
    may = role in ("logistics", "manager", "admin")
    assert as_role(role).open(f"/shipping/parcels/{parcel_id}/buy").status == (200 if may else 403)


def test_prices_are_seen_before_anything_is_bought(dock: Dock, tom: Browser, server: EasyPost) -> None:
    parcel_id = dock.packed(dock.paid())
    page = tom.open(f"/shipping/parcels/{parcel_id}").follow("Carrier’s label").press("See the prices")
    assert "USPS GroundAdvantage" in page and "$5.12, 3 days" in page and "UPS Ground" in page
    assert server.charged == [] and dock.shop.all(Label) == []
    done = page.press("Buy the label")
    assert "The label is bought." in done and "can be given back until" in done
    assert dock.parcel(parcel_id).tracking_number == NUMBERS[0]
    again = page.press("Buy the label")
    assert len(server.charged) == 1, "a second click shows the label that is there"
    assert "USPS GroundAdvantage" in again
    token = done.form("/print").value("csrf_token")
    pdf = tom.client.post(done.form("/print").action, data={"csrf_token": token})
    assert (pdf.data, pdf.mimetype) == (PDF, "application/pdf")
    assert dock.shop.all(Label)[0].printed == 1


def test_a_price_that_has_changed_is_shown_and_not_bought(dock: Dock, tom: Browser, server: EasyPost) -> None:
    parcel_id = dock.packed(dock.paid())
    page = tom.open(f"/shipping/parcels/{parcel_id}/buy").press("See the prices")
    server.prices["USPS", "GroundAdvantage"] = "9.99"
    changed = page.press("Buy the label")
    assert changed.status == 409
    assert "Nothing was bought; these are the prices now." in changed and "$9.99" in changed
    assert server.charged == []


@pytest.mark.parametrize("rate", ["", "USPS", "USPS|X|-1|USD", "USPS|X|one|USD", "x" * 300])
def test_a_price_that_is_none_is_refused(dock: Dock, tom: Browser, server: EasyPost, rate: str) -> None:
    parcel_id = dock.packed(dock.paid())
    page = buy(tom, parcel_id, rate)
    assert page.status == 422
    assert "Choose one of the prices." in page
    assert server.charged == []


def test_a_lost_answer_waits_and_a_person_may_decide(dock: Dock, tom: Browser, server: EasyPost) -> None:
    parcel_id = dock.packed(dock.paid())
    server.lose = "/buy"
    page = buy(tom, parcel_id)
    assert "The carrier has not answered yet" in page and "Asked for, no answer yet" in page
    assert "See the prices" not in page.buttons()
    server.shipments.clear()  # it knows nothing of it
    with dock.shop.app.app_context(), clock.pretending(TUESDAY + timedelta(minutes=11)):
        buying.sweep()
        db.session.remove()
    page = tom.open(page.path)
    assert "Nobody knows" in page
    done = page.press("It was not sold")
    assert "Another label can be bought now." in done and "See the prices" in done.buttons()


def test_a_label_is_given_back_with_a_reason(dock: Dock, tom: Browser, server: EasyPost) -> None:
    parcel_id = dock.packed(dock.paid())
    page = buy(tom, parcel_id)
    assert page.press("Claim the money back").status == 409, "without a reason nobody understands it later"
    done = page.press("Claim the money back", reason="Torn")
    assert "Money claimed back" in done and "Torn" in done
    assert "See the prices" in done.buttons()


def test_what_the_carrier_says_no_to_reaches_the_person(dock: Dock, tom: Browser, server: EasyPost) -> None:
    parcel_id = dock.packed(dock.paid())
    server.no_rates = "Package exceeds maximum weight."
    page = tom.open(f"/shipping/parcels/{parcel_id}/buy").press("See the prices")
    assert page.status == 409
    assert "Package exceeds maximum weight." in page


def test_a_carrier_by_hand_says_so(dock: Dock, tom: Browser) -> None:
    with dock.shop.writing():
        db.session.query(Carrier).one().adapter = "manual"
    parcel_id = dock.packed(dock.paid())
    assert "sells no labels here; print your own" in tom.open(f"/shipping/parcels/{parcel_id}/buy")
    assert tom.open("/shipping/parcels/999/buy").status == 404


def test_the_carrier_is_asked_to_come_for_what_it_sold(dock: Dock, tom: Browser, server: EasyPost) -> None:
    parcel_id = dock.packed(dock.paid())
    buy(tom, parcel_id)
    page = tom.open("/shipping/manifests").press("Put on the list of Royal Mail")
    refused = page.press("Note the pickup", on="2026-11-04", note="nobody comes")
    assert refused.status == 422
    assert "choose another window" in refused and refused.form("/pickup").value("note") == "nobody comes"
    done = page.press("Note the pickup", on="2026-11-04", note="Ring at the yard")
    form = done.press("Make the carrier’s form")
    assert tom.get(form.link("Carrier’s form")).data == PDF
    assert "Make the carrier’s form" not in form.buttons(), "a label is on one form only"
    assert "The carrier confirms the pickup: WTC" in done and "confirmed as WTC" in done
    assert [one["instructions"] for one in server.pickups.values() if one["status"] == "scheduled"] == [
        "Ring at the yard"
    ]
