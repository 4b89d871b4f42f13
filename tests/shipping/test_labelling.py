"""Labels: one at a time however often it is asked for, void when the address moves, never for what is not sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, details
from checkout_desk.shipping import addressing, handing_over, labelling, parcels, splitting
from checkout_desk.shipping.models import Label, Shipment
from checkout_desk.shipping.paper import labels
from tests.orders.stage import line, quay, reading
from tests.shipping.dock import NUMBER, Dock


def _made(parcel: Shipment, *, by: Any) -> int:
    return labelling.make(parcel, by=by).id


def _labels(dock: Dock) -> list[Label]:
    return sorted(dock.shop.all(Label), key=lambda row: row.id)


def _move(dock: Dock, number: int, **fields: str) -> None:
    with dock.dock(number) as (order, by):
        details.put(
            order,
            {f"ship_{name}": value for name, value in fields.items()},
            source={"by": "person", "person": by.id},
        )


def test_a_label_keeps_what_it_says_and_asking_twice_makes_no_second(dock: Dock) -> None:
    dock.shop.set_store(sender_address="14 Potter’s Row\nBristol BS1 4ND")
    number = dock.paid()
    parcel_id = dock.packed(number)
    first = dock.step(parcel_id, _made)
    assert dock.step(parcel_id, _made) == first
    (label,) = _labels(dock)
    assert label.address["recipient"]["line1"] == "5 Quay Lane"
    assert label.address["sender"]["lines"] == ["14 Potter’s Row", "Bristol BS1 4ND"]
    assert label.address["parcel"]["name"] == f"{number}-P1"
    assert label.address_hash == addressing.digest(label.address["recipient"])
    assert dock.parcel(parcel_id).state == "labelled"


def test_a_double_click_makes_one_label(dock: Dock) -> None:
    parcel_id = dock.packed(dock.paid())
    dock.shop.person("logistics")

    def click(_: int) -> int:
        return int(dock.step(parcel_id, _made))

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert len(_labels(dock)) == 1


def test_the_same_label_is_the_same_bytes_after_a_reprint(dock: Dock) -> None:
    parcel_id = dock.packed(dock.paid())
    dock.step(parcel_id, labelling.make)
    first = labels.pdf([_labels(dock)[0].address])
    dock.shop.set_store(name="Another name")
    for _ in range(2):
        dock.step(parcel_id, _print)
    assert labels.pdf([_labels(dock)[0].address]) == first
    assert _labels(dock)[0].printed == 2
    told = [row.kind for row in dock.shop.all(Event, Event.subject_type == "label")]
    assert told == ["label.made", "label.printed", "label.reprinted"]


def _print(parcel: Shipment, *, by: Any) -> None:
    labelling.printed(labelling.live([parcel.id])[parcel.id], by=by)


def test_a_parcel_with_pieces_missing_gets_no_label(dock: Dock) -> None:
    number = dock.paid()
    with dock.dock(number) as (order, by):
        parcel_id = parcels.start(order, by=by).id
    with pytest.raises(Refused, match="2 pieces are not in this parcel yet"):
        dock.step(parcel_id, labelling.make)
    assert _labels(dock) == []


def test_an_order_that_is_cancelled_gets_no_label(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    dock.step(parcel_id, labelling.make)
    with dock.dock(number) as (order, by):
        acting.cancel(order, by=by, reason="The customer changed their mind")
    assert [row.state for row in _labels(dock)] == ["void"]
    with pytest.raises(Refused, match=f"Parcel {number}-P1 gets no label: order {number} is cancelled"):
        dock.step(parcel_id, labelling.make)


def test_a_label_of_an_address_that_moved_is_not_shipped_and_is_replaced(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number, tracking=NUMBER)
    dock.step(parcel_id, labelling.make)
    _move(dock, number, line1="6 Quay Lane")
    with pytest.raises(Refused, match="has changed since the label"):
        dock.step(parcel_id, handing_over.hand_over)
    dock.step(parcel_id, labelling.make)
    old, new = _labels(dock)
    assert (old.state, old.void_reason) == ("void", labelling.MOVED)
    assert (new.state, new.number, new.address["recipient"]["line1"]) == ("made", 2, "6 Quay Lane")
    dock.step(parcel_id, handing_over.hand_over)
    assert dock.parcel(parcel_id).state == "handed_over"


def test_a_void_label_is_neither_printed_nor_shipped(dock: Dock) -> None:
    parcel_id = dock.packed(dock.paid(), tracking=NUMBER)
    dock.step(parcel_id, labelling.make)

    def void(parcel: Shipment, *, by: Any) -> None:
        labelling.void(labelling.live([parcel.id])[parcel.id], by=by, reason="Torn")

    dock.step(parcel_id, void)
    assert dock.parcel(parcel_id).state == "packing"
    with pytest.raises(Refused, match="Its label is void"):
        dock.step(parcel_id, handing_over.hand_over)
    with pytest.raises(Refused, match=r"This label is void \(Torn\)"), dock.shop.writing():
        labelling.printed(db.session.get_one(Label, _labels(dock)[0].id), by=None)


def test_the_label_of_the_first_of_two_parcels_can_be_void_while_the_second_is_packed(dock: Dock) -> None:
    two = reading(line("MUG-BLU", 1), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")
    number = dock.paid(two)
    with dock.dock(number) as (order, by):
        first = parcels.start(order, by=by)
        item = parcels.items([first.id])[first.id][0]
        item.packed = 1
        splitting.another(first, by=by)
        first_id = first.id

    def void(parcel: Shipment, *, by: Any) -> None:
        labelling.void(labelling.live([parcel.id])[parcel.id], by=by, reason="Torn")

    dock.step(first_id, void)
    dock.step(first_id, labelling.make)
    assert [(row.number, row.state) for row in _labels(dock) if row.shipment_id == first_id] == [
        (1, "void"),
        (2, "made"),
    ]
    assert dock.parcel(first_id).state == "labelled"


def test_an_address_without_a_house_number_is_doubted_not_refused(dock: Dock) -> None:
    number = dock.paid(reading(line("MUG-BLU", 2), ship_to=quay(line1="Rose Cottage"), phone="+441912345678"))
    dock.step(dock.packed(number), labelling.make)
    assert _labels(dock)[0].state == "made"
    assert labelling.doubts(_labels(dock)[0].address["recipient"]) == ["“Rose Cottage” has no house number."]


def test_letters_that_no_font_has_and_missing_parts_are_named() -> None:
    where = {
        "name": "ნინო",
        "line1": "5 Quay Lane",
        "line2": "",
        "city": "",
        "region": "",
        "postcode": "NE30 1AA",
        "country": "GB",
        "phone": "",
    }
    assert labelling.doubts(where) == [
        "Town is missing.",
        "The label cannot show ნ ი ო; write that part in other letters.",
    ]
