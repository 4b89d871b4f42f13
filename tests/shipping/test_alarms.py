"""Each alarm is raised once, becomes a task in the queue, and ends by itself when a later event ends its cause."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.shipping import alarms, parcels
from checkout_desk.shipping.due_alarms import Due, Way, due
from checkout_desk.shipping.models import Carrier, Shipment
from tests.shipping.road import Road, after, moment, told


def test_an_attempt_that_failed_is_a_task_for_support(road: Road) -> None:
    number, parcel_id = road.sent()
    road.answered(number)
    road.says(parcel_id, told(30, "failed_attempt", "Nobody at home"))
    assert road.open(parcel_id) == [("failed_attempt", "2026-11-04")]
    order, row = road.stage.seen(number), road.stage.row(number)
    assert order.delivery_trouble == "failed_attempt"
    assert (row.state, row.next_action, row.queue_view, row.unread) == (
        "open", "fix_delivery", "delivery", True,
    )  # fmt: skip
    road.says(parcel_id, told(31, "failed_attempt", "Nobody at home, told again with another minute"))
    assert len(road.alarms(parcel_id)) == 1, "one for the day"
    road.says(parcel_id, told(31.5, "in_transit", "Back in the depot"))
    assert road.open(parcel_id), "a scan in the depot mends nothing"
    road.says(parcel_id, told(50, "out_for_delivery"))
    alarm = road.alarms(parcel_id)[0]
    assert (alarm.settled_how, alarm.settled_by_id) == ("Out for delivery again", None)
    assert road.stage.seen(number).delivery_trouble is None
    assert road.stage.row(number).state == "waiting", "what opened it by itself is put back by itself"
    road.says(parcel_id, told(54, "failed_attempt"))
    assert road.open(parcel_id) == [("failed_attempt", "2026-11-05")], "another day is another attempt"
    road.sound()


def test_an_alarm_that_is_over_when_it_is_heard_of_asks_nobody(road: Road) -> None:
    number, parcel_id = road.sent()
    road.answered(number)
    road.says(parcel_id, told(50, "out_for_delivery"))
    road.says(parcel_id, told(30, "failed_attempt"), when=after(51))
    assert [(a.kind, a.settled_how) for a in road.alarms(parcel_id)] == [
        ("failed_attempt", "Out for delivery again")
    ]
    assert road.stage.row(number).state == "waiting"
    assert not road.shop.all(Event, Event.kind == "parcel.alarm")


def test_silence_counts_in_business_days(road: Road) -> None:
    number, parcel_id = road.sent()  # Tuesday the 3rd, promised for Friday the 6th
    road.answered(number)
    road.says(parcel_id, told(28, "in_transit"))  # Wednesday the 4th
    with road.shop.writing():
        db.session.get_one(Shipment, parcel_id).promised_on = None
    assert road.sweep(moment(9)) == 0, "Thursday, Friday and the Monday that has not ended"
    assert road.sweep(moment(10)) == 1
    assert road.open(parcel_id) == [("silent", "2026-11-04")]
    assert road.sweep(moment(10, 12)) == 0 and road.sweep(moment(14)) == 0, "once"
    road.says(parcel_id, told(7 * 24 + 1, "in_transit", "York"))  # Tuesday the 10th
    assert road.alarms(parcel_id)[0].settled_how == "Scanned again"
    assert road.stage.row(number).state == "waiting"
    assert road.sweep(moment(13)) == 0
    assert road.sweep(moment(16)) == 1, "silent for the second time"
    assert [one.about for one in road.alarms(parcel_id)] == ["2026-11-04", "2026-11-10"]


def test_a_parcel_that_nobody_ever_scanned_is_silent_since_it_left(road: Road) -> None:
    _, parcel_id = road.sent()
    with road.shop.writing():
        road_carrier = db.session.query(Carrier).one()
        road_carrier.silent_days = 1
        parcel = db.session.get_one(Shipment, parcel_id)
        parcel.carrier_id, parcel.promised_on = road_carrier.id, None
    road.says(parcel_id, told(2, "info_received"))
    assert road.sweep(moment(4)) == 0
    assert road.sweep(moment(5)) == 1
    assert road.open(parcel_id) == [("silent", "2026-11-03")]


def test_past_the_promised_day(road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(70, "in_transit"))
    assert road.sweep(moment(6, 22)) == 0
    assert road.sweep(moment(7)) == 1
    assert road.open(parcel_id) == [("late", "2026-11-06")]
    assert road.sweep(moment(8)) == 0
    road.says(parcel_id, told(100, "delivered"))
    assert [a.settled_how for a in road.alarms(parcel_id)] == ["Delivered"]
    assert (road.stage.seen(number).delivery_trouble, road.stage.seen(number).state) == (None, "delivered")


def test_what_waits_at_the_counter_is_neither_silent_nor_late(road: Road) -> None:
    _, parcel_id = road.sent()
    road.says(parcel_id, told(30, "available_for_pickup"))
    assert road.sweep(moment(20)) == 0 and road.open(parcel_id) == []


def test_a_parcel_that_comes_back_stays_a_task_until_a_person_ends_it(road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(30, "in_transit", returning=True))
    assert road.open(parcel_id) == [("coming_back", "")]
    road.says(parcel_id, told(60, "delivered", returning=True))
    assert road.parcel(parcel_id).state == "returned_to_sender"
    assert road.open(parcel_id) == [("coming_back", "")]
    assert road.stage.seen(number).state == "shipped"
    support = road.shop.person("support")
    with clock.pretending(after(80)), road.shop.writing():
        by = db.session.get_one(Person, support)
        order = parcels.lock(db.session.get_one(Shipment, parcel_id))
        with pytest.raises(Refused, match="Say what came of it"):
            alarms.settle(alarms.of_order(order), order, by=by, how="  ")
        assert alarms.settle(alarms.of_order(order), order, by=by, how="Sent again as 1042-P2")
    alarm = road.alarms(parcel_id)[0]
    assert (alarm.settled_how, alarm.settled_by_id) == ("Sent again as 1042-P2", support)
    road.says(parcel_id, told(81, "in_transit", returning=True))
    assert road.open(parcel_id) == [], "settled by a person, it does not come again"
    assert road.stage.seen(number).delivery_trouble is None


def test_several_alarms_are_one_task_that_names_the_newest(road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(30, "exception", "Damaged label"))
    assert road.sweep(moment(9)) == 1
    assert [kind for kind, _ in road.open(parcel_id)] == ["exception", "late"]
    assert road.stage.seen(number).delivery_trouble == "late"
    road.says(parcel_id, told(150, "in_transit"))
    assert [kind for kind, _ in road.open(parcel_id)] == ["late"]
    kinds = [e.after["kind"] for e in road.shop.all(Event, Event.kind == "parcel.alarm")]
    assert kinds == ["exception", "late"]


def test_undoing_the_mail_makes_them_stand_again(road: Road) -> None:
    _, parcel_id = road.sent()
    road.says(parcel_id, told(30, "failed_attempt"))
    support = road.shop.person("support")
    with clock.pretending(after(32)), road.shop.writing():
        by = db.session.get_one(Person, support)
        order = parcels.lock(db.session.get_one(Shipment, parcel_id))
        ids = alarms.settle(alarms.of_order(order), order, by=by, how="The customer was told", move=False)
        assert order.delivery_trouble is None
        alarms.unsettle(ids, order)
        assert order.delivery_trouble == "failed_attempt"
    assert road.open(parcel_id)


def test_alarms_are_the_same_in_any_order_of_hearing() -> None:
    events = [
        told(5, "in_transit"), told(30, "failed_attempt"), told(54, "failed_attempt"), told(60, "expired"),
        told(80, "exception"), told(90, "in_transit"), told(100, "delivered"), told(120, "exception"),
    ]  # fmt: skip
    way = Way(events, after(0), None, moment(30).date(), moment(10).date())
    assert {(one.kind, one.about, one.over) for one in due(way)} == {
        ("failed_attempt", "2026-11-04", "Delivered"),
        ("failed_attempt", "2026-11-05", "Delivered"),
        ("exception", "2026-11-05", "Delivered"),
        ("exception", "2026-11-06", "Delivered"),
        ("exception", "delivered:2026-11-08", ""),
    }
    assert due(Way([], after(0), moment(1).date(), moment(1).date(), moment(2).date())) == [
        Due("silent", "2026-11-03"),
        Due("late", "2026-11-01"),
    ]
    assert timedelta(0) == after(0) - after(0)
