"""One reminder, after business days, by every rule for automatic mail; then the order is parked."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, drafting, sending
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.correspondence.models import TemplateVersion
from checkout_desk.doorstep import reminding
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from tests.doorstep.conftest import GAPS, Door

TEXT = "Which teapot is it, and what is your postcode? [CUSTOMER_PAGE]"


def ask(door: Door, language: str = "en") -> int:
    """A person asks, and the mail leaves; returns the order's number."""
    number = door.stage.order(GAPS)
    with door.stage.on(number) as (order, _, by):
        order.language = language
        c = db.session.get_one(Conversation, order.conversation_id)
        written = drafting.Written(to="jane@customer.example", subject="Your order", text=TEXT)
        draft = drafting.save(
            c, person_id=by.id, kind="reply", written=written, based_on_id=c.last_inbound_id
        )
        draft.order_id, draft.purpose, draft.template = order.id, "ask_details", "missing_details:en:1"
        act = sending.send(c, draft, by=db.session.get_one(Person, by.id), after="wait")
        message_id = act.before["message"]
    assert door.shop.deliver(door.shop.message(message_id)).state == "sent"
    return number


def after(door: Door, days: float) -> int:
    """The clock strikes that many days from now."""
    with door.shop.reading(), clock.pretending(clock.now() + timedelta(days=days)):
        return reminding.remind()


def automatic(door: Door, number: int) -> list[Message]:
    c = door.stage.row(number)
    return [m for m in door.shop.messages(c.id) if m.kind == "automatic"]


def test_nothing_before_its_time_and_once_then(door: Door) -> None:
    number = ask(door)
    assert after(door, 2) == 0
    assert after(door, 6) == 1
    assert after(door, 6.1) == 0
    (reminder,) = automatic(door, number)
    assert reminder.reason == "Automatic, template Reminder of missing details, English v1"
    raw = door.shop.bytes_of(door.shop.outbound(reminder.outbound_id or 0))
    mail = message_from_bytes(raw, policy=policy.default)
    question = next(
        m for m in door.shop.messages(reminder.conversation_id) if m.direction == "out" and m.kind == "letter"
    )
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == f"<{question.mail_id}>"
    assert mail["Subject"] == f"A reminder: your order {number} is waiting for you"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "What is the postcode of 5 Quay Lane, Tynemouth?" in text
    url = re.search(r"http://localhost(/o/[\w-]{43})", text)
    assert url
    assert url[1] not in reminder.text
    assert door.browser().open(url[1]).path == "/order"
    assert door.stage.seen(number).reminded_at is not None
    assert "reminded" in door.stage.told(number)
    door.shop.sound()


def test_silence_parks_with_a_note_and_a_mail_takes_it_up_again(door: Door) -> None:
    number = ask(door)
    after(door, 6)
    assert after(door, 8) == 0
    assert after(door, 13) == 1
    order = door.stage.seen(number)
    assert order.parked_at is not None
    assert order.remind_at is None
    notes = [m for m in door.shop.messages(door.stage.row(number).id) if m.kind == "note"]
    assert f"Order {number} is parked" in notes[0].text
    assert after(door, 30) == 0
    assert len(automatic(door, number)) == 1
    page = door.open(number)
    page.press("Send", ship_postcode="NE30 1AB")
    assert door.stage.seen(number).parked_at is None


def test_who_wrote_is_not_reminded(door: Door) -> None:
    number = ask(door)
    c = door.stage.row(number)
    door.shop.take(text="I will look it up!", envelope_to=door.shop.reply_address(c.id))
    assert after(door, 6) == 0
    assert automatic(door, number) == []


def test_who_wrote_is_not_reminded_although_we_wait_again(door: Door) -> None:
    number = ask(door)
    c = door.stage.row(number)
    door.shop.take(text="I will look it up!", envelope_to=door.shop.reply_address(c.id))
    door.shop.act(acting.wait, c.id)
    assert door.stage.row(number).state == "waiting"
    assert after(door, 6) == 0
    assert automatic(door, number) == []


def test_the_breaker_stops_it_and_tomorrow_is_another_day(door: Door) -> None:
    number = ask(door)
    door.shop.set_store(automatic_per_address=0)
    assert after(door, 6) == 0
    assert automatic(door, number) == []
    assert "mail.automatic_stopped" in door.shop.kinds(door.stage.row(number).id)
    told = len(door.shop.kinds(door.stage.row(number).id))
    assert after(door, 6.5) == 0
    assert len(door.shop.kinds(door.stage.row(number).id)) == told
    door.shop.set_store(automatic_per_address=3)
    assert after(door, 8) == 1


@pytest.mark.parametrize("state", ["closed", "spam"])
def test_a_conversation_that_was_put_away_stays_quiet(door: Door, state: str) -> None:
    number = ask(door)
    with door.shop.writing():
        c = db.session.get_one(Conversation, door.stage.row(number).id)
        CONVERSATION.fire(c, "close" if state == "closed" else "spam")
    assert after(door, 6) == 0
    assert automatic(door, number) == []


def test_a_question_that_never_arrived_is_not_reminded_of(door: Door) -> None:
    number = ask(door)
    with door.shop.writing():
        for mail in db.session.scalars(db.select(OutboundMail)):
            mail.state = "failed"
    assert after(door, 6) == 0
    assert automatic(door, number) == []


def test_the_reminder_speaks_the_customers_language(door: Door) -> None:
    number = ask(door, "de")
    assert after(door, 6) == 1
    assert automatic(door, number)[0].text.startswith("Guten Tag Jane Fox,")


def test_a_template_with_a_hole_reminds_nobody_and_says_so(door: Door) -> None:
    number = ask(door)
    with door.shop.writing():
        db.session.add(
            TemplateVersion(key=reminding.KEY, language="en", number=2, subject="x", body="[NO_SUCH]", created_at=clock.now())
        )  # fmt: skip
    assert after(door, 6) == 0
    assert automatic(door, number) == []
    assert "mail.automatic_stopped" in door.shop.kinds(door.stage.row(number).id)
