"""The clock jumps, or a mail lies about its time: what came first is first, and what was promised runs from the arrival."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checkout_desk import clock
from checkout_desk.conversations.models import Promise
from checkout_desk.mail import delivery, outbox
from checkout_desk.mail.models import RawMail
from tests.builders import Shop, mail
from tests.faults.yard import Yard

FUTURE = datetime(2038, 1, 19, tzinfo=UTC)
PAST = datetime(1999, 12, 31, tzinfo=UTC)


def test_mails_are_in_the_order_of_their_arrival(shop: Shop) -> None:
    first = shop.take(mail("First", date=FUTURE, message_id="first@customer.example"))
    second = shop.take(mail("Second", date=PAST, in_reply_to="first@customer.example"))
    other = shop.take(mail("Other", date=PAST, sender="Eve <eve@elsewhere.example>"))
    assert second.conversation == first.conversation
    assert [message.text.strip() for message in shop.messages(first.conversation)] == ["First", "Second"]
    now = clock.now()
    rows = shop.all(RawMail)
    assert [row.id for row in sorted(rows, key=lambda row: row.received_at)] == [row.id for row in rows]
    queued = [shop.seen(one.conversation) for one in (first, other)]
    assert queued[0].queue_at <= queued[1].queue_at
    assert all(abs(one.last_message_at - now) < timedelta(minutes=5) for one in queued)
    shop.sound()


def test_a_promise_runs_from_the_arrival(shop: Shop) -> None:
    """The worker was away for a day, or the clock jumped: the customer has waited since the mail came."""
    prompt = shop.take(mail("Is it safe?"))
    late = shop.receive(mail("And this?", sender="Eve <eve@elsewhere.example>"))
    with clock.pretending(clock.now() + timedelta(days=1)):
        shop.take_in(late)
    due = [promise.due_at for promise in shop.all(Promise)]
    assert prompt.outcome == "stored"
    assert len(due) == 2
    assert abs(due[1] - due[0]) < timedelta(minutes=5)


def test_a_jump_ends_the_undo_window_early_and_sends_once(yard: Yard) -> None:
    yard.shop.set_store(undo_seconds=60)
    taken = yard.shop.take(mail("Is it safe?", sender=yard.somebody()))
    message = yard.shop.reply(taken.conversation)
    outbound_id = message.outbound_id or 0
    now = clock.now()

    def clock_and_worker(at: datetime) -> str:
        with yard.app.app_context(), clock.pretending(at):
            outbox.sweep()
            delivery.deliver(outbound_id)
        return str(yard.shop.outbound(outbound_id).state)

    copies = [yard.shop.bytes_of(yard.shop.outbound(outbound_id))]
    assert clock_and_worker(now - timedelta(hours=1)) == "queued", "it went back: nothing leaves early"
    assert clock_and_worker(now + timedelta(hours=1)) == "sent"
    assert clock_and_worker(now - timedelta(hours=1)) == "sent"
    assert clock_and_worker(now + timedelta(hours=2)) == "sent"
    sent = [kept.content for kept in yard.sink.accepted if kept.content in copies]
    assert sent == copies
    yard.by_itself()
    assert (yard.waits(), yard.broken()) == ([], [])
