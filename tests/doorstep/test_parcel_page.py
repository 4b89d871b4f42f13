"""What customers see of their parcels: where each is, its way, the promised day, and nothing of anybody else's."""

from __future__ import annotations

import pytest

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import links
from checkout_desk.doorstep.words import Words, parcels
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order, OrderChange
from checkout_desk.shipping.models import Carrier, Shipment
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.road import Road, after, told


@pytest.fixture
def road(shop: Shop) -> Road:
    """A dock whose parcels are tracked."""
    return Road(Stage(shop))


def visit(road: Road, number: int, hours: float = 20, language: str = "") -> Page:
    """The customer opens the link of their mail."""
    with clock.pretending(after(hours)):
        with road.shop.writing():
            order = db.session.query(Order).filter_by(number=number).one()
            order.language = language or order.language
            address = links.address(links.issue(order.id, email=order.email, purpose="shipped")[1])
        browser = Browser(road.shop.app, road.shop.app.test_client())
        page = browser.open("/o/" + address.rpartition("/o/")[2])
    assert page.path == "/order"
    return page


def test_the_way_of_a_parcel_with_its_day_and_its_number(road: Road) -> None:
    number, parcel_id = road.sent()
    with road.shop.writing():
        carrier = db.session.query(Carrier).one()
        db.session.get_one(Shipment, parcel_id).carrier_id = carrier.id
    page = visit(road, number, 1)
    assert (
        "It is on its way, Jane" in page
        and "Royal Mail has your parcel. Expected Friday, 6 November 2026." in page
    )
    assert "handed over" in page
    road.says(
        parcel_id, told(20, "in_transit", "geheim", "York"), told(70, "out_for_delivery", place="Tynemouth")
    )
    page = visit(road, number, 71)
    for words in (
        "It is nearly there, Jane",
        "Expected today, Friday, 6 November 2026.",
        "Arrives today, Friday, 6 November 2026",
        "out for delivery",
        "Tynemouth, 6 Nov, 08:00",
        "Packed and sent",
        "All scans",
        "York",
        "Tracking number, Royal Mail",
    ):
        assert words in page, words
    assert page.link("Track your package").startswith("https://track.example/en/TEST")
    assert "geheim" not in page.html, "the carrier's own words are for the desk"
    road.says(parcel_id, told(74, "delivered", place="Porch"))
    page = visit(road, number, 80)
    assert "It has arrived, Jane" in page and "Delivered 6 November 2026" in page
    assert "On its way Tynemouth, 6 Nov, 08:00" in page, "where it was given belongs to its arrival"
    assert "Delivered Porch" in page


def test_a_parcel_in_the_van_is_expected_today_whatever_was_promised(road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(20, "out_for_delivery", place="Tynemouth"))
    page = visit(road, number, 21)
    assert "Expected today, Wednesday, 4 November 2026." in page and "Arrives today" in page
    page = visit(road, number, 46)
    assert "Expected tomorrow, Friday, 6 November 2026." in page, "the van of yesterday promises nothing"


def test_trouble_is_told_and_no_day_that_has_passed(road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(30, "failed_attempt"))
    page = visit(road, number, 31)
    assert "It could not be delivered" in page and "not delivered yet" in page
    page = visit(road, number, 24 * 6)
    assert "6 November" not in page.text.replace("3 Nov", "")
    road.says(parcel_id, told(160, "in_transit", returning=True))
    page = visit(road, number, 170)
    assert "Something is wrong on the way" in page and "coming back to us" in page


def test_several_parcels_each_with_what_is_in_it(road: Road) -> None:
    from checkout_desk.shipping import handing_over
    from checkout_desk.shipping import parcels as shipments
    from checkout_desk.shipping.lifecycle import SHIPMENT

    number = road.paid()
    with road.dock(number) as (order, by):
        first = shipments.start(order, by=by)
        item = shipments.items([first.id])[first.id][0]
        item.packed = item.quantity = 1
        first.tracking_number = first.tracking_key = "ONE1"
        SHIPMENT.fire(first, "label", by=by)
        second = shipments.begin(order, shipments.left(order), by=by, batch_id=None)
        ids = (first.id, second.id)
    road.step(ids[0], handing_over.hand_over, at=after(0))
    page = visit(road, number, 1)
    assert "The rest of your order follows in another parcel." in page and "In this parcel" in page
    with road.dock(number):
        parcel = db.session.get_one(Shipment, ids[1])
        parcel.tracking_number = parcel.tracking_key = "TWO2"
    road.step(ids[1], shipments.packed_unscanned)
    road.step(ids[1], handing_over.hand_over, at=after(1))
    page = visit(road, number, 2)
    assert "Parcel 1 of 2" in page and "Parcel 2 of 2" in page and "ONE1" in page and "TWO2" in page
    assert "follows in another parcel" not in page


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_language_says_all_of_it(language: str) -> None:
    assert set(parcels.WORDS[language]) == set(parcels.WORDS["en"])
    words = Words(language)
    for key, text in parcels.WORDS["en"].items():
        values = {
            name: f"<{name}>"
            for name in ("name", "carrier", "date", "n", "count")
            if "{" + name + "}" in text
        }
        done = words(key, **values)
        assert all(value in done for value in values.values()), (language, key)


def test_the_page_speaks_the_customers_language(road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(20, "out_for_delivery", place="York"))
    page = visit(road, number, 21, "de")
    assert "Gleich ist es da" in page and "in der Zustellung" in page and "Mittwoch, 4. November 2026" in page
    assert "まもなくお届けします" in visit(road, number, 21, "ja")


def test_a_question_from_the_page_is_a_message(road: Road) -> None:
    number, _ = road.sent()
    with clock.pretending(after(3)):
        page = visit(road, number, 3)
        done = page.press("Send", "/ask", words="My bell is broken, please knock.")
    assert done.status == 200 and "We have your words" in done
    assert "My bell is broken" in road.shop.all(Message, Message.kind == "page")[0].text
    [c] = [one for one in road.shop.all(Conversation) if one.order_number == number]
    assert (c.next_action, c.promise_due_at is not None) == ("answer", True), "a question is owed an answer"
    empty = page.press("Send", "/ask", words=" ")
    assert empty.status == 422 and "on its way" in empty


def test_another_address_is_asked_for_until_a_parcel_has_left(road: Road) -> None:
    number = road.paid()
    road.packed(number)
    page = visit(road, number, 1)
    with clock.pretending(after(1)):
        page.press("Change the address", "/address", ship_line1="7 Quay Lane")
    assert road.shop.all(OrderChange) == []
    assert road.stage.seen(number).ship_line1 == "5 Quay Lane", "the address on file is asked by mail"
    other, _ = road.sent()
    assert "Change the address" not in visit(road, other, 1).buttons()
