"""A mail about a parcel, from the desk: the answer to where it is, and the one that tells of trouble."""

from __future__ import annotations

import re

import pytest

from checkout_desk import clock
from checkout_desk.conversations.models import Message
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import Order
from tests.builders import JANE, Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.road import Road, after, told

ASKS = "Hello, where is my order? It has not arrived yet.\n\nThanks, Jane"


@pytest.fixture
def road(shop: Shop) -> Road:
    """A dock whose parcels are tracked."""
    return Road(Stage(shop))


@pytest.fixture
def sam(as_role) -> Browser:  # type: ignore[no-untyped-def]
    """Somebody of support."""
    return as_role("support")


def asked(road: Road, number: int, text: str = ASKS) -> int:
    """Jane writes into her thread; returns the conversation."""
    c = road.stage.row(number)
    first = road.shop.all(Message, Message.conversation_id == c.id, Message.direction == "in")[0]
    taken = road.shop.take(text=text, sender=JANE, subject="Re: my order", in_reply_to=f"<{first.mail_id}>")
    assert taken.conversation == c.id
    return c.id


def leaving(shop: Shop) -> str:
    return shop.bytes_of(shop.all(OutboundMail)[-1]).decode("utf-8", "replace")


def next_step(page: Page) -> str:
    found = re.search(r'<div class="next">.*?</div>', page.html, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[0]) if found else ""


def test_where_is_my_order_is_answered_with_one_key(sam: Browser, road: Road) -> None:
    number, parcel_id = road.sent()
    road.answered(number)
    road.says(parcel_id, told(20, "in_transit", place="York"))
    c = asked(road, number)
    page = sam.open(f"/conversations/{c}")
    assert "asks where order" in page.html and "Answer: where it is" in page.html
    assert 'data-key="d"' in page.html
    with clock.pretending(after(24)):
        composer = sam.open(f"/conversations/{c}/compose/reply?where={number}")
    for words in (
        "It is on its way to you. Last scan: 4 November 2026, York",
        "Tracking number: TEST",
        "https://track.example/en/TEST",
        "Estimated delivery date: Friday, 6 November 2026",
        "[CUSTOMER_PAGE]",
        "Says where it is now",
    ):
        assert words in composer.html, words
    assert not road.shop.all(Message, Message.kind == "letter", Message.direction == "out"), (
        "nothing by itself"
    )
    with clock.pretending(after(24)):
        composer.press("Send", "send")
    mail = leaving(road.shop)
    assert "/o/" in mail and "[CUSTOMER_PAGE]" not in mail
    link = road.shop.all(CustomerLink, CustomerLink.purpose == "parcels")
    assert len(link) == 1 and link[0].email in JANE
    assert road.stage.row(number).state == "waiting"


def test_the_answer_is_in_the_customers_language(sam: Browser, road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(20, "out_for_delivery", place="York"))
    with road.shop.writing():
        db.session.query(Order).filter_by(number=number).one().language = "ja"
    c = asked(road, number, "荷物がまだ届いていません。いつ届きますか。")
    composer = sam.open(f"/conversations/{c}/compose/reply?where={number}")
    assert "配達に出ています。" in composer.html and "追跡番号：TEST" in composer.html


def test_an_order_that_has_not_left_is_told_as_it_is(sam: Browser, road: Road) -> None:
    number = road.paid()
    c = asked(road, number)
    with clock.pretending(after(1)):
        composer = sam.open(f"/conversations/{c}/compose/reply?where={number}")
    assert "It is paid, and we will pack it next. It should leave us by" in composer.html
    assert "Tracking number:" not in composer.html


def test_other_mails_get_no_such_offer(sam: Browser, road: Road) -> None:
    number, _ = road.sent()
    c = asked(road, number, "Thank you, all is well. Could you send me the invoice?")
    page = sam.open(f"/conversations/{c}")
    assert "Answer: where it is" not in page.html


def test_a_stranger_is_told_nothing_of_another_customers_order(sam: Browser, road: Road) -> None:
    number, _ = road.sent()
    taken = road.shop.take(
        text=f"Where is my order {number}?", sender="Mallory <mallory@else.example>", subject="?"
    )
    page = sam.open(f"/conversations/{taken.conversation}")
    assert "Answer: where it is" not in page.html
    composer = sam.open(f"/conversations/{taken.conversation}/compose/reply?where={number}")
    assert "belongs to another customer" in composer.html and "TEST0" not in composer.html


def test_trouble_on_the_way_is_a_mail_that_settles_it(sam: Browser, road: Road) -> None:
    number, parcel_id = road.sent()
    road.answered(number)
    road.says(parcel_id, told(30, "failed_attempt", "Nobody at home"))
    row = road.stage.row(number)
    queue = sam.open("/queue/delivery")
    assert "Fix delivery" in queue.html and f"/conversations/{row.id}" in queue.html
    page = sam.open(f"/conversations/{row.id}")
    assert "Attempt failed: tell the customer" in page.html
    assert f"Parcel {number}-P1 could not be delivered" in page
    with clock.pretending(after(31)):
        composer = sam.open(f"/conversations/{row.id}/compose/reply?delayed={number}")
        assert "The carrier tried to deliver it and could not." in composer.html
        composer.press("Send", "send")
    alarm = road.alarms(parcel_id)[0]
    assert (alarm.settled_how, alarm.settled_by_id) == ("The customer was told", road.shop.person("support"))
    assert road.stage.seen(number).delivery_trouble is None
    assert road.stage.row(number).state == "waiting"
    with clock.pretending(after(31)):
        road.stage.undo("support")
    assert road.open(parcel_id) and road.stage.seen(number).delivery_trouble == "failed_attempt"
    row = road.stage.row(number)
    assert (row.state, row.queue_view) == ("open", "delivery")
    link = road.shop.all(CustomerLink, CustomerLink.purpose == "parcels")[-1]
    assert link.revoked_at is not None
    road.sound()


def test_trouble_that_is_over_is_not_told(sam: Browser, road: Road) -> None:
    number, parcel_id = road.sent()
    road.says(parcel_id, told(30, "failed_attempt"))
    road.says(parcel_id, told(32, "delivered"))
    c = road.stage.row(number).id
    composer = sam.open(f"/conversations/{c}/compose/reply?delayed={number}")
    assert f"Nothing is wrong with the parcels of order {number} any more." in composer.html
