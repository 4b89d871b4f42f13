"""What opens a promise, and that only a person's mail that has left closes it (SPEC section 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations import acting, sending, waking
from checkout_desk.conversations.models import Conversation, Promise
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail import outbox
from checkout_desk.mail.models import OutboundMail
from checkout_desk.settings.promised import Promised
from tests.builders import MONDAY, Shop, bounce
from tests.conversations.shared import merge
from tests.page import Browser


def test_an_answer_is_due_after_the_stores_hours() -> None:
    assert Promised(24).due(MONDAY) == MONDAY + timedelta(days=1)


def test_a_letter_opens_a_promise_of_the_stores_length(shop: Shop) -> None:
    shop.set_store(promise_hours=6)
    taken = shop.take()
    (promise,) = shop.all(Promise)
    assert promise.due_at - promise.opened_at == timedelta(hours=6)
    assert promise.opened_at == shop.message(taken.message).at
    assert shop.seen(taken.conversation).promise_due_at == promise.due_at


def test_a_second_letter_promises_again_and_the_first_deadline_stays(shop: Shop) -> None:
    taken = shop.take()
    first = shop.seen(taken.conversation).promise_due_at
    shop.take(to=shop.reply_address(taken.conversation))
    assert shop.owed(taken.conversation) == 2
    assert shop.seen(taken.conversation).promise_due_at == first
    shop.sound()


def test_a_queued_mail_closes_nothing_until_it_has_left(shop: Shop) -> None:
    taken = shop.take()
    ours = shop.reply(taken.conversation)
    assert shop.owed(taken.conversation) == 1
    assert shop.deliver(ours).state == "sent"
    assert shop.owed(taken.conversation) == 0
    (promise,) = shop.all(Promise)
    assert promise.closed_by_id == ours.id
    shop.sound()


def test_a_failed_mail_closes_nothing_and_brings_the_conversation_back(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    shop.smtp_works(False)
    ours = shop.reply(taken.conversation)
    assert shop.deliver(ours).state == "failed"
    assert shop.owed(taken.conversation) == 1
    assert shop.seen(taken.conversation).state == "open"
    assert agent.open("/queue/exceptions").rows() == [taken.conversation]
    shop.sound()


def test_a_failed_mail_that_is_sent_again_keeps_the_promise(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    shop.smtp_works(False)
    ours = shop.reply(taken.conversation)
    shop.deliver(ours)
    before = shop.outbound(ours.outbound_id or 0)
    shop.smtp_works(True)
    page = agent.open(f"/conversations/{taken.conversation}")
    page.press("Send again")
    assert shop.deliver(ours).state == "sent"
    after = shop.outbound(ours.outbound_id or 0)
    assert (after.message_id, after.sha256) == (before.message_id, before.sha256)
    assert shop.owed(taken.conversation) == 0
    assert agent.open("/queue/exceptions").rows() == []
    shop.sound()


def test_an_unknown_outcome_closes_nothing(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    ours = shop.reply(taken.conversation)
    now = clock.now()
    with shop.writing():
        row = db.session.get_one(OutboundMail, ours.outbound_id)
        row.state, row.claim, row.attempts, row.due_at = "sending", "w", 1, now - timedelta(hours=1)
        row.claimed_until = row.data_started_at = now - timedelta(seconds=5)
    with shop.reading():
        assert outbox.sweep().unknown == 1
    assert shop.owed(taken.conversation) == 1
    page = agent.open(f"/conversations/{taken.conversation}")
    assert "may have arrived" in page
    assert "Trying again" in page
    assert "May have arrived" in agent.open("/errors")
    shop.sound()


def test_a_note_answers_nobody(shop: Shop) -> None:
    taken = shop.take()
    shop.act(lambda cs, by: sending.note(cs[0], "Ask Tom.", by=by), taken.conversation)
    assert shop.owed(taken.conversation) == 1
    assert shop.seen(taken.conversation).state == "open"
    assert shop.all(OutboundMail) == []


def test_a_forward_answers_nobody(shop: Shop) -> None:
    taken = shop.take()
    ours = shop.reply(taken.conversation, kind="forward", to="carrier@parcels.example", after="stay")
    shop.deliver(ours)
    assert shop.owed(taken.conversation) == 1


@pytest.mark.parametrize("act", ["snooze", "wait", "assign", "tag", "escalate"])
def test_acts_do_not_touch_promises(shop: Shop, act: str) -> None:
    taken = shop.take()
    until = clock.now() + timedelta(hours=5)
    do = {
        "snooze": lambda cs, by: acting.snooze(cs, until=until, by=by),
        "wait": lambda cs, by: acting.wait(cs, by=by),
        "assign": lambda cs, by: acting.assign(cs, to=by, by=by),
        "tag": lambda cs, by: acting.tag(cs, add=["trade"], remove=[], by=by),
        "escalate": lambda cs, by: acting.escalate(cs, reason="Hard.", role="manager", by=by),
    }[act]
    deadline = shop.seen(taken.conversation).promise_due_at
    shop.act(do, taken.conversation)
    assert shop.owed(taken.conversation) == 1
    assert shop.seen(taken.conversation).promise_due_at == deadline
    shop.sound()


def test_a_merge_carries_promises_along(shop: Shop) -> None:
    one, two = shop.take(), shop.take()
    merge(shop, one.conversation, two.conversation)
    assert shop.owed(two.conversation) == 2
    shop.sound()


def test_an_answer_keeps_only_what_was_asked_before_it(shop: Shop) -> None:
    """The customer wrote again while the mail waited for its turn: that question is still unanswered."""
    taken = shop.take()
    ours = shop.reply(taken.conversation)
    shop.take(to=shop.reply_address(taken.conversation), text="And bowls?")
    shop.deliver(ours)
    assert shop.owed(taken.conversation) == 1
    assert shop.seen(taken.conversation).state == "open"
    shop.sound()


def test_closing_says_that_no_answer_is_needed_and_its_undo_owes_it_again(shop: Shop) -> None:
    taken = shop.take()
    act = shop.act(lambda cs, by: acting.close(cs, by=by), taken.conversation)
    assert shop.owed(taken.conversation) == 0
    from tests.conversations.shared import undo

    undo(shop, act)
    assert shop.owed(taken.conversation) == 1
    shop.sound()


def test_a_bounce_after_a_second_answer_opens_only_what_it_had_kept(shop: Shop) -> None:
    taken = shop.take()
    first = shop.answered(taken.conversation)
    shop.take(to=shop.reply_address(taken.conversation))
    shop.answered(taken.conversation, "Second answer.")
    shop.take(bounce(first.mail_id or ""))
    promises = shop.all(Promise)
    assert [p.closed_at is None for p in promises] == [True, False]
    shop.sound()


def test_a_broken_promise_is_told_once(shop: Shop, agent: Browser, as_role: Callable[[str], Browser]) -> None:
    taken = shop.take()
    later = clock.now() + timedelta(hours=25)
    with shop.reading(), clock.pretending(later):
        assert waking.wake() == 1
        assert waking.wake() == 0
    assert shop.kinds(taken.conversation) == ["promise.broken"]
    assert "The promise to answer broke" in agent.open(f"/conversations/{taken.conversation}")
    with clock.pretending(later):
        page = as_role("manager").open("/queue/answer")
    assert "Overdue 1" in page
    assert "1 h over" in page


def test_a_kept_promise_never_alarms(shop: Shop) -> None:
    taken = shop.take()
    shop.answered(taken.conversation)
    with shop.reading(), clock.pretending(clock.now() + timedelta(hours=25)):
        waking.wake()
    assert shop.all(Event, Event.kind == "promise.broken") == []
    assert shop.seen(taken.conversation).state == "waiting"


def test_a_snooze_ends_by_the_clock_and_by_the_customer(shop: Shop) -> None:
    by_time, by_mail = shop.take(), shop.take()
    until = clock.now() + timedelta(hours=2)
    shop.act(lambda cs, by: acting.snooze(cs, until=until, by=by), by_time.conversation, by_mail.conversation)
    shop.take(to=shop.reply_address(by_mail.conversation))
    assert shop.seen(by_mail.conversation).state == "open"
    with shop.reading(), clock.pretending(until - timedelta(seconds=1)):
        waking.wake()
    assert shop.seen(by_time.conversation).state == "snoozed"
    with shop.reading(), clock.pretending(until):
        assert waking.wake() == 1
    c = shop.seen(by_time.conversation)
    assert (c.state, c.unread, c.snoozed_until) == ("open", True, None)
    shop.sound()


def test_a_snooze_until_the_customer_writes_has_no_end_by_itself(shop: Shop) -> None:
    taken = shop.take()
    shop.act(lambda cs, by: acting.snooze(cs, until=None, by=by), taken.conversation)
    with shop.reading(), clock.pretending(clock.now() + timedelta(days=20)):
        waking.wake()
    assert shop.seen(taken.conversation).state == "snoozed"
    assert shop.all(Conversation, Conversation.snoozed_until.is_not(None)) == []


def test_one_that_is_held_by_somebody_does_not_keep_the_others_asleep(shop: Shop) -> None:
    """A row that another transaction is changing is left for the next run. SQLite has one writer at a time."""
    with shop.reading():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("needs two writers")
    held, free = shop.take(), shop.take()
    until = clock.now() + timedelta(hours=2)
    shop.act(lambda cs, by: acting.snooze(cs, until=until, by=by), held.conversation, free.conversation)
    late = until + timedelta(hours=30)
    with shop.reading(), clock.pretending(late), db.engine.connect() as elsewhere:
        elsewhere.execute(
            select(Conversation.id).where(Conversation.id == held.conversation).with_for_update()
        )
        elsewhere.execute(select(Promise.id).where(Promise.message_id == held.message).with_for_update())
        assert waking.wake() == 2
        elsewhere.rollback()
        assert [shop.seen(t.conversation).state for t in (held, free)] == ["snoozed", "open"]
        assert waking.wake() == 2
    assert shop.seen(held.conversation).state == "open"
    assert len(shop.all(Event, Event.kind == "promise.broken")) == 2
    shop.sound()
