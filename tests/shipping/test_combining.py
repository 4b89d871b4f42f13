"""One parcel for several orders of a customer: joined, packed, labelled, handed over and delivered once, and taken apart."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Message
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, loading
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.settings.models import ShippingPrice, ShippingService
from checkout_desk.shipping import (
    alarms,
    board,
    combining,
    handing_over,
    labelling,
    numbering,
    parcels,
    readdressing,
    riding,
    splitting,
    wording,
)
from checkout_desk.shipping.models import Label, Shipment
from tests.orders.stage import line, quay, reading
from tests.shipping.dock import NUMBER, TUESDAY, Dock
from tests.shipping.road import Road, after, told

MUGS = reading(line("MUG-BLU", 2), ship_to=quay(), phone="+441912345678")
POT = reading(line("MUG-BLU", 1), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")


def two(dock: Dock) -> tuple[int, int]:
    """The numbers of two paid orders of Jane to one address."""
    return dock.paid(MUGS), dock.paid(POT)


def joined(dock: Dock, *numbers: int, packed: bool = True) -> list[int]:
    """The ids of the parcels of these orders in one box, the lead first; all of it is in the box."""
    with dock.dock(numbers[0]) as (_, by):
        orders = [order for one in numbers if (order := loading.load(one))]
        lead = combining.together(orders, by=by)
        whole = [lead, *riding.riders(lead)]
        if packed:
            for one in whole:
                parcels.packed_unscanned(one, by=by)
        return [one.id for one in whole]


def labelled(dock: Dock, lead: int) -> Label:
    dock.step(lead, labelling.make)
    return next(one for one in dock.shop.all(Label, Label.shipment_id == lead) if one.state == "made")


def states(dock: Dock, *ids: int) -> list[tuple[str, int | None]]:
    return [(one.state, one.rides_id) for one in map(dock.parcel, ids)]


def shipped(dock: Dock, number: int) -> str:
    """The text of the only mail that says an order was shipped."""
    (mail,) = (
        one
        for one in dock.shop.all(Message)
        if one.kind == "automatic" and f"#{number} Has Shipped" in one.subject
    )
    return mail.text


def test_two_orders_leave_in_one_parcel_with_one_label_and_a_mail_each(dock: Dock) -> None:
    first, second = two(dock)
    lead, rider = joined(dock, second, first)
    assert dock.parcel(lead).order_id == dock.stage.seen(first).id, "the oldest order leads"
    label = labelled(dock, lead)
    assert label.address["parcel"]["grams"] == 1600, "what all of it weighs"
    assert states(dock, lead, rider) == [("labelled", None), ("labelled", lead)]
    assert len(dock.shop.all(Label)) == 1
    given = dock.step(lead, numbering.give, text=NUMBER, how="scan")
    assert given.handed_over
    assert states(dock, lead, rider) == [("handed_over", None), ("handed_over", lead)]
    assert (dock.parcel(rider).tracking_number, dock.parcel(rider).tracking_key) == (NUMBER, None)
    assert (dock.stock("MUG-BLU"), dock.stock("POT-06")) == ((7, 0, 0), (9, 0, 0))
    assert [dock.stage.seen(one).state for one in (first, second)] == ["shipped", "shipped"]
    for mine, other in ((first, second), (second, first)):
        mail = shipped(dock, mine)
        assert f"{NUMBER} (in one parcel with order {other})" in mail
        assert f"https://track.example/en/{NUMBER}" in mail
    dock.sound()


def test_the_news_of_the_box_is_news_of_both_and_each_is_told_once(road: Road) -> None:
    first, second = two(road)
    lead, rider = joined(road, first, second)
    road.step(lead, numbering.give, text=NUMBER, how="list")
    for _ in range(2):
        road.says(lead, told(20, "in_transit"), when=after(48))
    assert [one.state for one in map(road.parcel, (lead, rider))] == ["in_transit", "in_transit"]
    with road.shop.reading():
        now = after(48)
        shown = board.columns(board.Wanted(), now=now, today=now.date(), limit=5)
        assert [row.id for rows, _ in shown.values() for row in rows] == [lead]
    with road.dock(second, after(50)) as (order, _):
        where = wording.values(order, "en")
        assert where["TRACKING_NUMBER"] == NUMBER
        assert "Leeds" in where["PARCEL_STATUS"]
    road.says(rider, told(60, "delivered"))
    assert [one.state for one in map(road.parcel, (lead, rider))] == ["delivered", "delivered"]
    for number in (first, second):
        assert road.stage.seen(number).state == "delivered"
        assert len(road.milestones(number, "delivered")) == 1
    assert {one.shipment_id for one in road.events(lead)} == {lead}
    assert road.events(rider) == []
    road.sound()


def test_silence_is_one_alarm(road: Road) -> None:
    lead, rider = joined(road, *two(road))
    road.step(lead, numbering.give, text=NUMBER, how="list")
    road.sweep(after(24 * 14))
    assert ("silent" in [kind for kind, _ in road.open(lead)], road.alarms(rider)) == (True, [])
    assert alarms.TITLES["silent"]


def test_a_corrected_number_is_corrected_for_both(dock: Dock) -> None:
    first, second = two(dock)
    lead, rider = joined(dock, first, second)
    dock.step(lead, numbering.give, text=NUMBER, how="list")
    with pytest.raises(
        Refused, match=f"Parcel {second}-P1 travels in parcel {first}-P1; that one has the number"
    ):
        dock.step(rider, numbering.correct, text="CD123456785GB")
    dock.step(lead, numbering.correct, text="CD123456785GB")
    assert dock.parcel(rider).tracking_number == "CD123456785GB"
    rows = dock.shop.all(MilestoneMail, MilestoneMail.milestone == "tracking_corrected")
    assert sorted(row.order_id for row in rows) == sorted(dock.stage.seen(one).id for one in (first, second))


@pytest.mark.parametrize("lost", [0, 1])
def test_cancelling_one_takes_the_box_apart(dock: Dock, lost: int) -> None:
    numbers = two(dock)
    ids = joined(dock, *numbers)
    labelled(dock, ids[0])
    with dock.dock(numbers[lost]) as (order, by):
        acting.cancel(order, reason="Changed their mind", by=by)
    assert (dock.parcel(ids[lost]).state, dock.parcel(ids[1 - lost]).state) == ("void", "packing")
    assert dock.parcel(ids[1]).rides_id is None
    assert [one.state for one in dock.shop.all(Label)] == ["void"]
    stays = ids[1 - lost]
    if stays == ids[1]:
        assert {packed for _, _, packed in dock.inside(stays)} == {0}, (
            "it is packed anew, in a box of its own"
        )
        with pytest.raises(Refused, match="is not packed yet"):
            dock.step(stays, numbering.give, text=NUMBER, how="scan")
    else:
        with pytest.raises(Refused, match="Its label is void; print a new one"):
            dock.step(stays, numbering.give, text=NUMBER, how="scan")
    dock.sound()


def test_a_void_label_and_a_person_take_it_apart(dock: Dock) -> None:
    numbers = two(dock)
    lead, rider = joined(dock, *numbers)
    label = labelled(dock, lead)
    with dock.dock(numbers[0]) as (_, by):
        labelling.void(db.session.get_one(Label, label.id), by=by, reason="Smudged")
    assert states(dock, lead, rider) == [("packing", None), ("packing", None)]
    assert joined(dock, *numbers) == [lead, rider]
    assert dock.step(rider, combining.apart, reason="It does not fit") == [numbers[1]]
    assert states(dock, lead, rider) == [("packing", None), ("packing", None)]
    with pytest.raises(Refused, match="holds one order; there is nothing to take apart"):
        dock.step(lead, combining.apart, reason="Again")
    assert len(dock.shop.all(Event, Event.kind == "parcel.taken_apart")) == 2


@pytest.mark.parametrize("moved", [0, 1])
def test_a_new_address_of_one_takes_them_apart_and_says_so(dock: Dock, moved: int) -> None:
    numbers = two(dock)
    lead, rider = joined(dock, *numbers)
    labelled(dock, lead)
    with dock.dock(numbers[moved]) as (order, by):
        said = readdressing.readdress(order, {"ship_line1": "7 Mill Road"}, by=by)
    assert said.apart == (f"{numbers[0]}-P1", f"{numbers[1]}-P1")
    assert "shared a box" in said.sentence
    assert states(dock, lead, rider) == [("packing", None), ("packing", None)]
    assert [one.state for one in dock.shop.all(Label)] == ["void"]


def test_a_telephone_number_keeps_them_together(dock: Dock) -> None:
    numbers = two(dock)
    lead, rider = joined(dock, *numbers)
    with dock.dock(numbers[1]) as (order, by):
        assert readdressing.readdress(order, {"phone": "+441912340000"}, by=by).apart == ()
    assert dock.parcel(rider).rides_id == lead


def test_what_cannot_go_together_is_refused_with_a_sentence(dock: Dock) -> None:
    first, second = two(dock)
    there = dock.paid(reading(line("MUG-BLU", 1), ship_to=quay(line1="9 Quay Lane"), phone="+441912345678"))
    other = dock.paid(MUGS, sender="someone@else.example")
    for numbers, words in (
        ((first, there), f"Orders {first} and {there} go to different addresses"),
        ((first, other), f"Orders {first} and {other} are of different customers"),
        ((first, first), "Choose two orders"),
    ):
        with pytest.raises(Refused, match=words):
            joined(dock, *numbers)
    with dock.shop.writing():
        db.session.execute(update(Order).where(Order.number.in_((first, second))).values(ship_country="CH"))
    with pytest.raises(Refused, match=f"Order {first} goes through customs"):
        joined(dock, first, second)
    assert [one for one in dock.shop.all(Shipment) if one.rides_id] == []


def test_another_service_keeps_its_own_parcel(dock: Dock) -> None:
    first = dock.paid(MUGS)
    with dock.shop.writing():
        express = ShippingService(
            name="Express", carrier="Royal Mail", countries=["GB"], days_min=1, days_max=1, cut_off="15:00"
        )
        db.session.add(express)
        db.session.flush()
        price = ShippingPrice(
            service_id=express.id, price_minor=899, currency="GBP", valid_from=date(2026, 1, 1)
        )
        db.session.add(price)
    second = dock.paid(POT)
    with pytest.raises(Refused, match=f"Order {first} goes with Tracked 48, order {second} with Express"):
        joined(dock, first, second)


def test_what_shares_a_box_does_nothing_alone(dock: Dock) -> None:
    first, second = two(dock)
    lead, rider = joined(dock, first, second, packed=False)
    refused: tuple[tuple[int, Any, dict[str, Any]], ...] = (
        (rider, labelling.make, {}),
        (rider, numbering.give, {"text": NUMBER, "how": "scan"}),
        (rider, handing_over.hand_over, {}),
        (rider, splitting.another, {}),
        (lead, splitting.another, {}),
        (lead, labelling.make, {}),
    )
    for parcel_id, step, facts in refused:
        with pytest.raises(Refused):
            dock.step(parcel_id, step, **facts)
    dock.step(lead, parcels.packed_unscanned)
    with pytest.raises(Refused, match="2 pieces are not in this parcel yet"):
        dock.step(lead, labelling.make)
    third = dock.paid(MUGS)
    assert joined(dock, first, third)[1:] == [rider, dock.shop.all(Shipment)[-1].id], "a third joins"


def test_a_label_that_tells_of_somebody_who_left_is_stale(dock: Dock) -> None:
    numbers = two(dock)
    lead, rider = joined(dock, *numbers)
    label = labelled(dock, lead)
    with dock.shop.writing():  # as it is when the lead's order was held by somebody else at that moment
        db.session.execute(
            update(Shipment).where(Shipment.id == rider).values(rides_id=None, state="packing")
        )
    with pytest.raises(Refused, match="print a new one"):
        dock.step(lead, numbering.give, text=NUMBER, how="scan")
    dock.step(lead, labelling.make)
    assert [one.state for one in dock.shop.all(Label, Label.shipment_id == lead)] == ["void", "made"]
    assert label.id != labelled(dock, lead).id
    assert labelled(dock, lead).address["parcel"]["grams"] == 800


def test_cancelling_the_rider_while_the_box_leaves(dock: Dock) -> None:
    numbers = two(dock)
    lead, rider = joined(dock, *numbers)
    labelled(dock, lead)
    person, start = dock.shop.person("logistics"), threading.Barrier(2)

    def leave(by: Person) -> Any:
        return numbering.give(db.session.get_one(Shipment, lead), NUMBER, by=by, how="scan")

    def cancel(by: Person) -> Any:
        order = loading.load(numbers[1])
        assert order is not None
        loading.lock(order)
        return acting.cancel(order, reason="Changed their mind", by=by)

    def one(step: Any) -> object:
        start.wait(30)
        try:
            with clock.pretending(TUESDAY), dock.shop.writing():
                return step(db.session.get_one(Person, person))
        except Refused as refusal:
            return refusal
        finally:
            with dock.shop.app.app_context():
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        left, cancelled = pool.map(one, (leave, cancel))
    refused = [isinstance(found, Refused) for found in (left, cancelled)]
    assert sorted(refused) == [False, True], (left, cancelled)
    first, second = (dock.stage.seen(one).state for one in numbers)
    assert (first, second) == (("packing", "cancelled") if refused[0] else ("shipped", "shipped"))
    assert dock.parcel(rider).state == ("void" if refused[0] else "handed_over")
    dock.sound()
