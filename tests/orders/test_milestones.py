"""Mails that a change of state sends: once each, in the customer's language, seen in the thread, sent again on purpose."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from typing import Any

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import loading, milestones, quoting
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.settings.forms import ANSWER_MAILS
from checkout_desk.settings.models import Store
from tests.orders.quoted import MONDAY, Till
from tests.orders.stage import Stage


@pytest.fixture
def till(stage: Stage) -> Till:
    return Till(stage)


def post(till: Till, number: int, milestone: str, **more: Any) -> bool:
    with till.at(number, MONDAY) as (order, _):
        return milestones.post(order, milestone, **more) is not None


def automatic(till: Till) -> list[Message]:
    return till.shop.all(Message, Message.kind == "automatic")


def test_the_confirmation_is_a_mail_in_the_thread(till: Till) -> None:
    number, quote_id = till.quoted()
    till.do(quote_id, quoting.paid, at=MONDAY)
    (message,) = automatic(till)
    assert message.conversation_id == till.stage.row(number).id
    assert str(number) in message.subject
    assert "2 × Blue mug: £32.00" in message.text
    assert "5 Quay Lane" in message.text
    assert message.reason.startswith("Automatic, template ")
    assert "English v1" in message.reason
    outbound = till.shop.outbound(message.outbound_id or 0)
    assert (outbound.automatic, outbound.recipients) == (True, ["jane@customer.example"])
    mail: Any = message_from_bytes(till.shop.bytes_of(outbound), policy=policy.default)
    assert mail["Auto-Submitted"].startswith("auto-")
    assert mail["In-Reply-To"]
    assert "Blue mug" in mail.get_body(("html",)).get_content()
    assert till.shop.deliver(message).state == "sent"
    till.sound()


@pytest.mark.parametrize(
    ("listed", "left"),
    [("", 1), ("shipped received", 1), ("received confirmed", 0)],
    ids=["none", "others", "it"],
)
def test_only_a_mail_that_the_store_lists_keeps_a_promise(till: Till, listed: str, left: int) -> None:
    number, quote_id = till.quoted()
    with till.shop.writing():
        db.session.get_one(Store, 1).answer_mails = listed
    till.do(quote_id, quoting.paid, at=MONDAY)
    (message,) = automatic(till)
    conversation = till.stage.row(number)
    before = till.shop.owed(conversation.id)
    assert till.shop.deliver(message).state == "sent"
    assert (before, till.shop.owed(conversation.id)) == (1, left)
    assert till.stage.row(number).state == conversation.state
    till.sound()


def test_the_customer_is_written_in_their_language(till: Till) -> None:
    number, quote_id = till.quoted()
    with till.at(number) as (order, _):
        order.language = "de"
    till.do(quote_id, quoting.paid, at=MONDAY)
    (message,) = automatic(till)
    assert "German v1" in message.reason
    assert "32,00" in message.text


def test_a_milestone_is_posted_once_for_what_it_is_about(till: Till) -> None:
    number, _ = till.quoted()
    assert post(till, number, "payment_received", about="payment:1", values={"AMOUNT": "£5.00"})
    assert not post(till, number, "payment_received", about="payment:1", values={"AMOUNT": "£5.00"})
    assert post(till, number, "payment_received", about="payment:2", values={"AMOUNT": "£6.00"})
    assert len(automatic(till)) == 2
    assert "£6.00" in automatic(till)[1].text
    with pytest.raises(ValueError, match="birthday"):
        post(till, number, "birthday")


def test_two_that_post_at_once_send_one(till: Till) -> None:
    number, _ = till.quoted()
    order_id = till.stage.seen(number).id
    start = threading.Barrier(4)

    def one(_: int) -> bool:
        start.wait(30)
        with till.shop.writing():
            order = db.session.get_one(Order, order_id)
            loading.lock(order)
            return milestones.post(order, "confirmed") is not None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]
    assert len(automatic(till)) == 1


def test_the_breaker_stops_what_no_payment_causes_and_counts_the_others(till: Till) -> None:
    number, _ = till.quoted()
    till.shop.set_store(automatic_per_conversation=1)
    with till.at(number) as (order, _):
        milestones.post(order, "payment_received", about="payment:1", values={"AMOUNT": "£5.00"})
        milestones.post(order, "reminder", about="quote:1")
        milestones.post(order, "confirmed", caused_by_payment=True)
    assert till.mails(number) == [
        ("quote", False),
        ("payment_received", True),
        ("reminder", False),
        ("confirmed", True),
    ]
    (event,) = till.shop.all(Event, Event.kind == "mail.automatic_stopped")
    assert event.after is not None
    assert event.after["milestone"] == "reminder"
    assert "1 automatic mails within 24 hours" in event.after["why"]


def test_a_mail_that_cannot_be_made_stops_nothing_and_is_told(till: Till) -> None:
    number, quote_id = till.quoted()
    with till.at(number) as (order, _):
        order.email = "not an address"
    till.do(quote_id, quoting.paid, at=MONDAY)
    assert till.stage.seen(number).state == "paid"
    assert till.mails(number)[-1] == ("confirmed", False)
    assert len(till.shop.all(Event, Event.kind == "mail.automatic_stopped")) == 1


def test_a_template_with_a_hole_leaves_a_row_to_be_sent_by_a_person(till: Till) -> None:
    number, _ = till.quoted()
    assert post(till, number, "refunded", about="refund:1")
    assert till.mails(number)[-1] == ("refunded", False)
    (row,) = till.shop.all(MilestoneMail, MilestoneMail.milestone == "refunded")
    with till.at(number) as (_, by):
        with pytest.raises(Refused, match="would stay empty"):
            milestones.again(db.session.get_one(MilestoneMail, row.id), by=by)
        milestones.again(
            db.session.get_one(MilestoneMail, row.id), by=by, values={"AMOUNT": "£5.00", "REASON": "a chip"}
        )
    assert till.mails(number)[-1] == ("refunded", True)


def test_sending_again_is_a_persons_and_recorded(till: Till) -> None:
    number, quote_id = till.quoted()
    till.do(quote_id, quoting.paid, at=MONDAY)
    (row,) = till.shop.all(MilestoneMail, MilestoneMail.milestone == "confirmed")
    for times in (1, 2):
        with till.at(number) as (_, by):
            milestones.again(db.session.get_one(MilestoneMail, row.id), by=by)
        assert till.shop.all(MilestoneMail, MilestoneMail.id == row.id)[0].again == times
    assert len({m.outbound_id for m in automatic(till)}) == 3
    assert len(till.shop.all(OutboundMail)) == 3
    assert till.stage.told(number)[-2:] == ["mailed_again", "mailed_again"]
    (quote_row,) = till.shop.all(MilestoneMail, MilestoneMail.milestone == "quote")
    with till.at(number) as (_, by), pytest.raises(Refused, match="person wrote"):
        milestones.again(db.session.get_one(MilestoneMail, quote_row.id), by=by)


def test_the_reminder_and_the_end_name_the_quote(till: Till) -> None:
    number, quote_id = till.quoted()
    end = till.quote(quote_id).expires_at
    assert end is not None
    till.do(quote_id, quoting.remind, when=end, at=end)
    till.do(quote_id, quoting.expire, when=end, at=end)
    reminder, ended = automatic(till)
    assert f"{number}-Q1" in reminder.text + reminder.subject
    assert "9 November 2026" in reminder.text
    assert "£32.00" in reminder.text
    assert f"{number}-Q1" in ended.text + ended.subject


def test_an_order_is_acknowledged_with_what_was_understood(till: Till) -> None:
    till.shop.set_store(acknowledge=True, acknowledge_strangers=True)
    taken = till.shop.take(text="Hello,\n\nplease send me 2 blue mugs.\n\nJane Fox")
    (order,) = till.shop.all(Order, Order.conversation_id == taken.conversation)
    (message,) = automatic(till)
    assert till.mails(order.number) == [("received", True)]
    assert str(order.number) in message.subject + message.text
    assert "2 × Blue mug" in message.text
    assert "/o/" in till.shop.bytes_of(till.shop.outbound(message.outbound_id or 0)).decode()
    assert "/o/…" in message.text or "/o/" not in message.text, "the desk keeps no link"
    other = till.shop.take(text="When are you open?", sender="eve@elsewhere.example")
    assert [m.reason for m in automatic(till) if m.conversation_id == other.conversation] == [
        "Automatic receipt"
    ]
    till.sound()


def test_what_may_count_as_an_answer_is_a_milestone() -> None:
    assert set(ANSWER_MAILS) <= set(milestones.MILESTONES)
