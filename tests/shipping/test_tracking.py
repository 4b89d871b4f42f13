"""What carriers say comes to a state of the parcel, of its order, and to one mail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.shipping import handing_over, parcels, tracking
from checkout_desk.shipping.converging import Told
from checkout_desk.shipping.lifecycle import SHIPMENT
from checkout_desk.shipping.models import Shipment
from tests.shipping.dock import TUESDAY
from tests.shipping.road import Road, after, told


def test_a_parcel_goes_its_way_to_the_customer(road: Road) -> None:
    number, parcel_id = road.sent()
    assert road.says(parcel_id, told(3, "info_received"), told(9, "in_transit")) == 2
    parcel = road.parcel(parcel_id)
    assert (parcel.state, parcel.status, parcel.last_scan_at) == ("in_transit", "in_transit", after(9))
    road.says(parcel_id, told(30, "out_for_delivery"))
    assert road.parcel(parcel_id).state == "out_for_delivery"
    assert road.stage.seen(number).state == "shipped"
    road.says(parcel_id, told(32, "delivered"))
    parcel = road.parcel(parcel_id)
    assert (parcel.state, parcel.status, parcel.delivered_at) == ("delivered", "delivered", after(32))
    assert road.stage.seen(number).state == "delivered"
    assert len(road.milestones(number, "delivered")) == 1
    mail = [m for m in road.shop.all(Message, Message.kind == "automatic") if "delivered" in m.subject]
    assert len(mail) == 1 and f"order {number} has been delivered" in mail[0].text
    assert road.stage.told(number)[-2:] == ["delivered", "mailed"]
    road.sound()


def test_what_is_told_again_changes_nothing(road: Road) -> None:
    number, parcel_id = road.sent()
    way = (told(9, "in_transit"), told(30, "out_for_delivery"), told(32, "delivered"))
    assert road.says(parcel_id, *way) == 3
    before = road.parcel(parcel_id).version
    assert road.says(parcel_id, *reversed(way), way[0], when=after(40)) == 0
    assert road.says(parcel_id, way[1], when=after(41), source="webhook") == 0
    assert road.parcel(parcel_id).version == before
    assert len(road.events(parcel_id)) == 3
    assert len(road.milestones(number, "delivered")) == 1


def test_delivered_is_not_undone_and_a_doubt_is_raised_once(road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(32, "delivered"))
    road.says(parcel_id, told(20, "in_transit"), told(33, "in_transit"), when=after(34))
    assert road.parcel(parcel_id).state == "delivered"
    assert road.open(parcel_id) == []
    for hours in (50, 51):
        road.says(parcel_id, told(hours, "in_transit", returning=True))
    assert (road.parcel(parcel_id).state, road.stage.seen(number).state) == ("delivered", "delivered")
    assert ("exception", "delivered:2026-11-05") in road.open(parcel_id)
    assert len(road.open(parcel_id)) == 1, road.open(parcel_id)
    assert len(road.milestones(number, "delivered")) == 1


def test_the_order_is_delivered_with_its_last_parcel(road: Road) -> None:
    number = road.paid()
    with road.dock(number) as (order, by):
        first = parcels.start(order, by=by)
        item = parcels.items([first.id])[first.id][0]
        item.packed = item.quantity = 1
        SHIPMENT.fire(first, "label", by=by)
        second = parcels.begin(order, parcels.left(order), by=by, batch_id=None)
        ids = [first.id, second.id]
    road.step(ids[1], parcels.packed_unscanned)
    for n, parcel_id in enumerate(ids):
        with road.dock(number):
            parcel = db.session.get_one(Shipment, parcel_id)
            parcel.tracking_number = parcel.tracking_key = f"TWO{n}"
        road.step(parcel_id, handing_over.hand_over, at=TUESDAY)
    road.says(ids[0], told(30, "delivered"))
    assert road.stage.seen(number).state == "shipped"
    assert not road.milestones(number, "delivered")
    road.says(ids[1], told(28, "delivered"))
    assert road.stage.seen(number).state == "delivered"
    assert len(road.milestones(number, "delivered")) == 1


def test_news_before_the_hand_over_wait_for_it(road: Road) -> None:
    number = road.paid()
    parcel_id = road.packed(number, tracking="EARLY0001")
    road.says(parcel_id, told(1, "info_received"), told(2, "in_transit"))
    assert (road.parcel(parcel_id).state, road.parcel(parcel_id).status) == ("packing", "in_transit")
    road.step(parcel_id, handing_over.hand_over, after(4), at=after(4))
    assert road.parcel(parcel_id).state == "in_transit"


def test_a_status_that_nobody_knows_and_a_time_without_zone_are_no_events(road: Road) -> None:
    _, parcel_id = road.sent()
    with pytest.raises(ValueError, match="none of the statuses"):
        road.says(parcel_id, Told(after(1), "teleported"))
    with pytest.raises(ValueError, match="naive"):
        road.says(parcel_id, Told(after(1).replace(tzinfo=None), "in_transit"), when=after(2))
    assert road.events(parcel_id) == []


def test_a_person_enters_what_the_carrier_said_on_the_telephone(road: Road) -> None:
    number, parcel_id = road.sent()
    say = tracking.say
    road.step(parcel_id, say, after(40), told=told(35, "delivered", "Left with the neighbour"))
    assert road.stage.seen(number).state == "delivered"
    assert road.events(parcel_id)[0].source == "person"
    for wrong, why in (
        (told(35, "delivered", "Left with the neighbour"), "known already"),
        (told(50, "in_transit"), "lies ahead"),
        (told(-100, "in_transit"), "was not made yet"),
    ):
        with pytest.raises(Refused, match=why):
            road.step(parcel_id, say, after(40), told=wrong)
    packed = road.packed(road.paid())
    with pytest.raises(Refused, match="has not left"):
        road.step(packed, say, after(40), told=told(30, "in_transit"))


def test_a_lost_parcel_is_found_by_a_newer_scan_alone(road: Road) -> None:
    _, parcel_id = road.sent()
    with clock.pretending(after(200)), road.shop.writing():
        by = db.session.get_one(Person, road.shop.person("logistics"))
        SHIPMENT.fire(db.session.get_one(Shipment, parcel_id), "lose", by=by, reason="The carrier gave up")
    road.says(parcel_id, told(30, "in_transit"), when=after(210))
    assert road.parcel(parcel_id).state == "lost"
    road.says(parcel_id, told(220, "in_transit"), when=after(220) + timedelta(minutes=5))
    assert road.parcel(parcel_id).state == "in_transit"
