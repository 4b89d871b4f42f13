"""From a paid order to a parcel on its way: what moves, once, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, changing, milestones
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.shipping import handing_over, parcels
from tests.orders.stage import line, quay, reading
from tests.shipping.dock import NUMBER, TUESDAY, Dock

TWO = reading(line("MUG-BLU", 2), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")


def test_a_paid_order_knows_its_cut_off(dock: Dock) -> None:
    assert dock.stage.seen(dock.paid()).ship_by == datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
    late = dock.paid(when=datetime(2026, 11, 6, 15, 1, tzinfo=UTC))
    assert dock.stage.seen(late).ship_by == datetime(2026, 11, 9, 15, 0, tzinfo=UTC), (
        "Friday after the cut-off"
    )


def test_a_parcel_takes_all_that_is_left_and_who_asks_twice_gets_the_same(dock: Dock) -> None:
    number = dock.paid(TWO)
    with dock.dock(number) as (order, by):
        first = parcels.start(order, by=by)
        assert parcels.start(order, by=by).id == first.id
        assert parcels.name(first, order) == f"{number}-P1"
        assert parcels.left(order) == []
        parcel_id = first.id
    assert dock.inside(parcel_id) == [("MUG-BLU", 2, 0), ("POT-06", 1, 0)]
    assert dock.parcel(parcel_id).expected_grams == 1200
    assert dock.stage.seen(number).state == "packing"
    assert dock.stage.row(number).order_step == "ship"


def test_an_unpaid_order_is_not_packed(dock: Dock) -> None:
    number, _ = dock.quoted()
    with pytest.raises(Refused, match="Only a paid order is packed"), dock.dock(number) as (order, by):
        parcels.start(order, by=by)
    assert dock.stage.seen(number).state == "quoted"


def test_handing_over_moves_stock_order_and_mail_once(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number, tracking=NUMBER)
    assert dock.stock() == (10, 0, 2)
    dock.step(parcel_id, handing_over.hand_over)
    parcel = dock.parcel(parcel_id)
    assert (parcel.state, parcel.handed_over_at, parcel.promised_on) == (
        "handed_over",
        TUESDAY,
        date(2026, 11, 6),
    )
    assert dock.stock() == (8, 0, 0)
    assert dock.stage.seen(number).state == "shipped"
    row = dock.stage.row(number)
    assert (row.state, row.order_step) == ("open", None), "her mail was never answered"
    with pytest.raises(Refused, match="is shipped; none of its parcels leaves now"):
        dock.step(parcel_id, handing_over.hand_over)
    assert [name for name, _ in dock.mails(number)].count("shipped") == 1
    assert dock.stock() == (8, 0, 0)
    dock.sound()


def test_a_conversation_that_owes_nothing_waits_for_the_parcel(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number, tracking=NUMBER)
    with dock.shop.writing():
        c = db.session.get_one(Conversation, dock.stage.seen(number).conversation_id)
        with counted(c):
            c.promise_due_at = None
    dock.step(parcel_id, handing_over.hand_over)
    assert dock.stage.row(number).state == "waiting"


def test_the_shipped_mail_names_number_link_and_day(dock: Dock) -> None:
    number = dock.paid()
    dock.step(dock.packed(number, tracking=NUMBER), handing_over.hand_over)
    mail = next(m for m in dock.shop.all(Message, Message.kind == "automatic") if "Shipped" in m.subject)
    assert mail.subject == f"Your Order #{number} Has Shipped!"
    for words in (
        f"Tracking number: {NUMBER}",
        f"https://track.example/en/{NUMBER}",
        "Friday, 6 November 2026",
    ):
        assert words in mail.text
    row = dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")[0]
    with dock.dock(number) as (_, by):
        found = db.session.get_one(MilestoneMail, row.id)
        assert NUMBER in milestones.again(found, by=by).text, "sent again with the same facts"


def test_a_parcel_stays_without_its_pieces_or_its_number(dock: Dock) -> None:
    number = dock.paid()
    with dock.dock(number) as (order, by):
        parcel_id = parcels.start(order, by=by).id
    with pytest.raises(Refused, match="2 pieces are not in this parcel yet"):
        dock.step(parcel_id, handing_over.hand_over)
    dock.step(parcel_id, parcels.packed_unscanned)
    with pytest.raises(Refused, match=f"Parcel {number}-P1 has no tracking number yet"):
        dock.step(parcel_id, handing_over.hand_over)
    assert dock.stock() == (10, 0, 2)


def test_cancelling_voids_the_parcel_and_frees_the_stock(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number, tracking=NUMBER)
    with dock.dock(number) as (order, by):
        acting.cancel(order, reason="The customer changed their mind", by=by)
    assert dock.parcel(parcel_id).state == "void"
    assert dock.stock() == (10, 0, 0)
    with pytest.raises(Refused, match="is cancelled; none of its parcels leaves now"):
        dock.step(parcel_id, handing_over.hand_over)
    dock.packed(dock.paid(), tracking=NUMBER)  # the number of a parcel that is not sent may be used again
    dock.sound()


def test_what_has_left_cannot_be_cancelled(dock: Dock) -> None:
    number = dock.paid(TWO)
    with dock.dock(number) as (order, by):
        parcel = parcels.start(order, by=by)
        inside = parcels.items([parcel.id])[parcel.id]
        db.session.delete(inside[1])
        inside[0].packed = 2
        parcel.tracking_number = parcel.tracking_key = NUMBER
        parcel_id = parcel.id
    dock.step(parcel_id, handing_over.hand_over)
    assert dock.stage.seen(number).state == "packing", "the teapot is still here"
    with (
        pytest.raises(Refused, match=f"Parcel {number}-P1 has left already"),
        dock.dock(number) as (order, by),
    ):
        acting.cancel(order, reason="No", by=by)
    second = dock.packed(number, tracking="CD123456785GB")
    assert dock.inside(second) == [("POT-06", 1, 1)]
    dock.step(second, handing_over.hand_over)
    assert dock.stage.seen(number).state == "shipped"
    assert [name for name, _ in dock.mails(number)].count("shipped") == 2, "one a parcel"
    dock.sound()


def test_a_parcel_that_is_not_sent_gives_the_order_back(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    dock.step(parcel_id, parcels.void, reason="Wrong box")
    assert dock.parcel(parcel_id).state == "void"
    assert dock.stage.seen(number).state == "paid"
    again = dock.packed(number)
    assert dock.parcel(again).number == 2


def test_no_parcel_leaves_while_the_customer_wants_it_elsewhere(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number, tracking=NUMBER)
    with dock.dock(number) as (order, _):
        changing.propose(
            order, None, [{"what": "detail", "field": "ship_line1", "from": "", "to": "6 Quay Lane"}]
        )
    with pytest.raises(Refused, match="accept or decline that before a parcel leaves"):
        dock.step(parcel_id, handing_over.hand_over)
    assert dock.stock() == (10, 0, 2)
