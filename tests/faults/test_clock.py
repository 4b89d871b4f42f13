"""The clock jumps, or a mail lies about its time: what came first is first, and what was promised runs from the arrival."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checkout_desk import clock, clock_jumps
from checkout_desk.conversations.models import Promise
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail import delivery, outbox
from checkout_desk.mail.models import RawMail
from tests.builders import Shop, mail
from tests.faults.yard import Yard

FUTURE = datetime(2038, 1, 19, tzinfo=UTC)
LEASE = timedelta(minutes=2)
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


@pytest.mark.parametrize("lived", [True, False], ids=["the clock process lived on", "started anew"])
def test_a_clock_that_is_set_back_delays_no_mail_and_no_promise_of_ours_moves(
    yard: Yard, lived: bool
) -> None:
    yard.shop.set_store(undo_seconds=50)
    taken = yard.shop.take(mail("Is it safe?", sender=yard.somebody()))
    stuck = yard.shop.receive(mail("Another", sender=yard.somebody()))
    promised = yard.shop.seen(taken.conversation).promise_due_at
    now = clock.now()
    hours = timedelta(hours=3)

    def looks(at: datetime) -> int:
        with yard.app.app_context(), clock.pretending(at):
            return clock_jumps.sweep()

    def worker(at: datetime) -> str:
        with yard.app.app_context(), clock.pretending(at):
            outbox.sweep()
            delivery.deliver(outbound_id)
        return str(yard.shop.outbound(outbound_id).state)

    with clock.pretending(now):
        message = yard.shop.reply(taken.conversation)
        outbound_id = message.outbound_id or 0
    with yard.shop.writing():
        db.session.execute(
            db.update(RawMail).where(RawMail.id == stuck).values(claimed_until=now + LEASE, claim="dead")
        )
    assert looks(now) == 0
    if not lived:
        yard.app.extensions.pop("desk_clock_seen")
    assert looks(now - hours) == 2, "the mail in its undo window, and the lease"
    assert looks(now - hours) == 0
    yard.app.extensions.pop("desk_clock_seen")
    assert looks(now - hours + timedelta(seconds=1)) == 0, "another clock, the same jump"
    assert worker(now - hours + timedelta(seconds=45)) == "queued", "the undo window is as long as it was"
    assert worker(now - hours + timedelta(seconds=60)) == "sent"
    lease = yard.shop.all(RawMail, RawMail.id == stuck)[0].claimed_until
    assert lease is not None and lease < now - hours + LEASE + timedelta(seconds=10)
    assert promised == yard.shop.all(Promise)[0].due_at
    (event,) = yard.shop.all(Event, Event.kind == clock_jumps.KIND)
    assert (event.after or {})["moved"] == 2
    assert abs((event.after or {})["seconds"] - hours.total_seconds()) < 10
    yard.by_itself()
    assert (yard.waits(), yard.broken()) == ([], [])


def test_what_was_begun_after_the_clock_went_back_keeps_its_time(yard: Yard) -> None:
    """Between the jump and the look that finds it people write and workers work; neither loses what they began."""
    yard.shop.set_store(undo_seconds=60)
    now, hour = clock.now(), timedelta(hours=1)
    yard.shop.take(mail("Is it safe?", sender=yard.somebody()))
    stuck = yard.shop.all(RawMail)[0].id
    taken = yard.shop.take(mail("And this?", sender=yard.somebody()))

    def looks(at: datetime) -> int:
        with yard.app.app_context(), clock.pretending(at):
            return clock_jumps.sweep()

    assert looks(now) == 0
    with clock.pretending(now - hour):
        outbound_id = yard.shop.reply(taken.conversation).outbound_id or 0
    due = yard.shop.outbound(outbound_id).due_at
    with yard.shop.writing():
        db.session.execute(
            db.update(RawMail)
            .where(RawMail.id == stuck)
            .values(claimed_until=now + timedelta(seconds=2), claim="lives")
        )
    assert looks(now - hour) == 1
    assert yard.shop.outbound(outbound_id).due_at == due, "the undo window is as long as it was"
    lease = yard.shop.all(RawMail, RawMail.id == stuck)[0].claimed_until
    assert lease is not None and lease >= now - hour + timedelta(seconds=20), "and nobody takes it from them"


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
