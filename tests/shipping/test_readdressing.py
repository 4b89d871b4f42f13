"""Another address for a paid order: until its parcels leave, at the same price, and no old label counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import changing, details
from checkout_desk.settings.models import ShippingPrice, ShippingService, TaxRate, TaxZone
from checkout_desk.shipping import handing_over, labelling, parcels, readdressing, splitting
from checkout_desk.shipping.models import Label, Shipment
from checkout_desk.shipping.readdressing import Moved
from tests.orders.stage import line, quay, reading
from tests.shipping.dock import NUMBER, Dock


def _move(dock: Dock, number: int, **fields: str) -> Moved:
    with dock.dock(number) as (order, by):
        return readdressing.readdress(order, {f"ship_{name}": value for name, value in fields.items()}, by=by)


def test_an_address_moves_until_the_parcel_leaves_and_its_label_is_void(dock: Dock) -> None:
    number = dock.paid()
    assert _move(dock, number, line1="6 Quay Lane") == Moved(["ship_line1"], [])
    parcel_id = dock.packed(number, tracking=NUMBER)
    dock.step(parcel_id, labelling.make)
    moved = _move(dock, number, line1="7 Quay Lane", postcode="ne30 1ab")
    assert moved == Moved(["ship_line1", "ship_postcode"], [f"{number}-P1"])
    assert moved.sentence == f"Address changed: the label of {number}-P1 is void, print a new one"
    (label,) = dock.shop.all(Label)
    assert (label.state, label.void_reason) == ("void", labelling.MOVED)
    with pytest.raises(Refused, match="Its label is void"):
        dock.step(parcel_id, handing_over.hand_over)
    order = dock.stage.seen(number)
    assert (order.state, order.ship_postcode) == ("packing", "NE30 1AB")
    assert order.sources["ship_line1"]["by"] == "person"
    assert dock.stage.told(number).count("readdressed") == 2
    dock.step(parcel_id, labelling.make)
    dock.step(parcel_id, handing_over.hand_over)
    with pytest.raises(Refused, match="is shipped; its address cannot be changed here"):
        _move(dock, number, line1="8 Quay Lane")


def test_the_same_address_changes_nothing(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    dock.step(parcel_id, labelling.make)
    assert _move(dock, number, line1="5  Quay Lane ", postcode="NE301AA").sentence == "Nothing was different"
    assert dock.shop.all(Label)[0].state == "made"
    assert "readdressed" not in dock.stage.told(number)


def test_what_cannot_be_kept_is_named(dock: Dock) -> None:
    number = dock.paid()
    with pytest.raises(details.Wrong) as wrong:
        _move(dock, number, postcode="NOWHERE 1", line1=" ")
    assert set(wrong.value.fields) == {"ship_postcode", "ship_line1"}
    assert "is not a Postcode of GB" in wrong.value.fields["ship_postcode"]
    assert dock.stage.seen(number).ship_line1 == "5 Quay Lane"


def _zones(dock: Dock) -> None:
    with dock.shop.writing():
        for position, (name, countries, treatment) in enumerate(
            (("Home", ["GB", "IM"], "taxed"), ("World", ["*"], "zero"))
        ):
            zone = TaxZone(name=name, countries=countries, treatment=treatment, position=position)
            db.session.add(zone)
            db.session.flush()
            if treatment == "taxed":
                db.session.add(
                    TaxRate(zone_id=zone.id, name="VAT", rate_ppm=200_000, valid_from=date(2026, 1, 1))
                )


def test_a_country_with_the_same_price_and_tax_is_taken_and_another_is_not(dock: Dock) -> None:
    _zones(dock)
    number = dock.paid()
    assert _move(dock, number, country="Isle of Man", postcode="IM1 1AA").fields == [
        "ship_country",
        "ship_postcode",
    ]
    with pytest.raises(Refused, match="taxed differently from what was paid for Isle of Man"):
        _move(dock, number, country="US", region="IL", postcode="62701")
    assert dock.stage.seen(number).ship_country == "IM"


def test_a_country_with_another_service_is_not_taken(dock: Dock) -> None:
    number = dock.paid()
    with dock.shop.writing():
        service = ShippingService(name="Ireland", countries=["IE"])
        db.session.add(service)
        db.session.flush()
        db.session.add(
            ShippingPrice(service_id=service.id, price_minor=900, currency="GBP", valid_from=date(2026, 1, 1))
        )
    with pytest.raises(Refused, match="paid for Tracked 48, which is not how parcels go to Ireland"):
        _move(dock, number, country="IE", postcode="D02 AF30", region="Dublin")


def test_a_quoted_order_and_one_whose_label_is_being_bought_are_refused(dock: Dock) -> None:
    quoted, _ = dock.quoted()
    with pytest.raises(Refused, match="is quoted"):
        _move(dock, quoted, line1="6 Quay Lane")
    number = dock.paid()
    parcel_id = dock.packed(number)
    dock.step(parcel_id, labelling.make)
    with dock.shop.writing():
        db.session.get_one(Label, dock.shop.all(Label)[0].id).state = "buying"
    with pytest.raises(Refused, match="is being bought"):
        _move(dock, number, line1="6 Quay Lane")


def test_the_customer_moves_it_while_nothing_has_left(dock: Dock) -> None:
    two = reading(line("MUG-BLU", 1), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")
    number = dock.paid(two)

    def by_customer(line1: str) -> Moved:
        with dock.dock(number) as (order, _):
            return readdressing.readdress(order, {"ship_line1": line1}, customer=True)

    assert by_customer("6 Quay Lane").fields == ["ship_line1"]
    assert dock.stage.seen(number).sources["ship_line1"]["by"] == "customer"
    with dock.dock(number) as (order, by):
        first = parcels.start(order, by=by)
        parcels.items([first.id])[first.id][0].packed = 1
        splitting.another(first, by=by)
        first_id = first.id

    def leave(parcel: Shipment, *, by: Any) -> None:
        parcel.tracking_number = parcel.tracking_key = NUMBER
        handing_over.hand_over(parcel, by=by)

    dock.step(first_id, leave)
    with pytest.raises(Refused, match=f"Parcel {number}-P1 of order {number} has left already"):
        by_customer("7 Quay Lane")
    assert _move(dock, number, line1="7 Quay Lane").fields == ["ship_line1"], (
        "the rest goes where a person says"
    )


def test_an_address_that_a_mail_asks_for_is_taken_in_the_same_way(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    dock.step(parcel_id, labelling.make)
    with dock.dock(number) as (order, by):
        wish = [{"what": "detail", "field": "ship_line1", "from": "5 Quay Lane", "to": "6 Quay Lane"}]
        asked = changing.propose(order, None, wish)
        moved = readdressing.as_asked(order, asked, [0], by=by)
        assert moved is not None and moved.void == [f"{number}-P1"]
        assert (order.ship_line1, asked.state) == ("6 Quay Lane", "accepted")
        more = changing.propose(order, order.born_of_id, [{"what": "remove", "line": 1}])
        assert readdressing.as_asked(order, more, [0], by=by) is None
