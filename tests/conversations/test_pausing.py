"""A paused promise stands still: by hand, until a time, or until the customer writes; and each of these can be taken back."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from checkout_desk import clock, openhours
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, pausing, undoing
from checkout_desk.conversations.models import Act, Conversation, Promise, PromisePause
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.openhours import Hours
from checkout_desk.reports import replies
from checkout_desk.reports.period import Period
from checkout_desk.settings.promised import Promised
from tests.builders import Shop, mail
from tests.test_openhours import DAYS, MINUTE, some_hours, walked

HISTORIES = int(os.environ.get("DESK_TEST_HISTORIES", "400"))
HOUR = timedelta(hours=1)


@pytest.fixture
def opened(shop: Shop) -> datetime:
    """When the one promise was opened."""
    shop.take(text="Good morning, a word about our garden")
    return shop.all(Promise)[0].opened_at


def pause(shop: Shop, at: datetime, until: datetime | None = None) -> int:
    with clock.pretending(at):
        return shop.act(
            lambda cs, by: pausing.pause(cs, reason="The glaze has to dry.", until=until, by=by), 1
        )


def resume(shop: Shop, at: datetime) -> int:
    with clock.pretending(at):
        return shop.act(lambda cs, by: pausing.resume(cs, by=by), 1)


def undo(shop: Shop, act_id: int, at: datetime) -> None:
    with shop.writing(), clock.pretending(at):
        act = db.session.get_one(Act, act_id)
        undoing.undo(act, by=db.session.get_one(Person, act.person_id))


def deadline(shop: Shop) -> datetime:
    """Of the promise, which the conversation says too."""
    (promise,) = shop.all(Promise)
    (c,) = shop.all(Conversation)
    assert c.promise_due_at == promise.due_at
    assert c.state != "open" or c.queue_at == promise.due_at
    return promise.due_at


def test_what_was_left_is_left_at_the_end(shop: Shop, opened: datetime) -> None:
    due = deadline(shop)
    pause(shop, opened + 10 * HOUR)
    assert deadline(shop) > opened + timedelta(days=30_000), (
        "nothing comes due while nobody knows for how long"
    )
    resume(shop, opened + 40 * HOUR)
    assert deadline(shop) == due + 30 * HOUR
    shop.sound()


def test_a_pause_until_a_time_moves_the_deadline_at_once_and_ends_by_itself(
    shop: Shop, opened: datetime
) -> None:
    due, end = deadline(shop), opened + 20 * HOUR
    pause(shop, opened + 10 * HOUR, end)
    assert deadline(shop) == due + 10 * HOUR
    with shop.reading(), clock.pretending(end - MINUTE):
        c = db.session.get_one(Conversation, 1)
        assert pausing.is_paused(c)
        found = pausing.present(c)
        assert found is not None and found.reason == "The glaze has to dry."
    with shop.reading(), clock.pretending(end):
        assert not pausing.is_paused(db.session.get_one(Conversation, 1))
    with pytest.raises(Refused, match="is not paused"):
        resume(shop, end + MINUTE)


def test_the_customer_ends_it_by_writing(shop: Shop, opened: datetime) -> None:
    pause(shop, opened + 10 * HOUR)
    first = shop.messages(1)[0]
    with clock.pretending(opened + 15 * HOUR):
        taken = shop.take(mail(subject="Re: garden", text="Any news?", in_reply_to=first.mail_id or ""))
    assert taken.conversation == 1
    old, new = sorted(shop.all(Promise), key=lambda p: p.id)
    assert old.due_at == opened + 29 * HOUR, "fourteen of its hours were left"
    assert new.due_at == opened + 39 * HOUR
    (c,) = shop.all(Conversation)
    assert (c.promise_due_at, c.queue_at, c.paused_until) == (old.due_at, old.due_at, None)
    assert [e.actor for e in shop.all(Event, Event.kind == "promise.resumed")] == ["customer"]
    shop.sound()


def test_an_automatic_reply_does_not_end_it(shop: Shop, opened: datetime) -> None:
    pause(shop, opened + HOUR)
    first = shop.messages(1)[0]
    shop.take(
        mail(text="I am away.", headers={"Auto-Submitted": "auto-replied"}, in_reply_to=first.mail_id or "")
    )
    (row,) = shop.all(PromisePause)
    assert row.until_at is None


def test_pausing_and_ending_are_taken_back(shop: Shop, opened: datetime) -> None:
    due, at = deadline(shop), opened + 10 * HOUR
    undo(shop, pause(shop, at), at + MINUTE)
    assert (deadline(shop), shop.all(PromisePause)) == (due, [])
    pause(shop, at)
    paused = deadline(shop)
    undo(shop, resume(shop, at + HOUR), at + HOUR)
    assert deadline(shop) == paused
    assert shop.all(PromisePause)[0].until_at is None
    shop.sound()


def test_what_changed_since_is_not_taken_back(shop: Shop, opened: datetime) -> None:
    act = pause(shop, opened + HOUR)
    resume(shop, opened + 2 * HOUR)
    with pytest.raises(Refused, match="has changed since"):
        undo(shop, act, opened + 2 * HOUR)


def test_only_a_promise_that_runs_is_paused(shop: Shop, opened: datetime) -> None:
    with pytest.raises(Refused, match="broken already"):
        pause(shop, opened + 25 * HOUR)
    with pytest.raises(Refused, match="in the past"):
        pause(shop, opened + HOUR, opened)
    pause(shop, opened + HOUR)
    with pytest.raises(Refused, match="paused already"):
        pause(shop, opened + 2 * HOUR)
    shop.act(lambda cs, by: acting.close(cs, by=by), 1)
    with pytest.raises(Refused, match="No answer is owed"):
        pause(shop, opened + 2 * HOUR)


def test_reports_leave_the_pause_out(shop: Shop, opened: datetime) -> None:
    pause(shop, opened + 10 * HOUR)
    resume(shop, opened + 40 * HOUR)
    with clock.pretending(opened + 50 * HOUR):
        shop.answered(1)
    with shop.reading():
        period = Period(opened.date(), opened.date() + timedelta(days=3), ZoneInfo("UTC"))
        (row,) = replies.opened_in(period, now=opened + 60 * HOUR, hours=None)
    assert row.waited == 20 * HOUR
    assert row.kept is True, "fifty hours by the wall clock, thirty of them paused"


@pytest.mark.parametrize("part", range(4))
def test_any_history_of_pauses_is_due_when_a_watched_clock_says(part: int) -> None:
    """Pauses one after the other, each ended or still running by a time, against minutes counted one by one."""
    random = Random(71_122 + part)
    tried = 0
    while tried < HISTORIES // 4:
        hours = random.choice((None, some_hours(random)))
        start = (
            datetime.combine(random.choice(DAYS), datetime.min.time(), UTC) + random.randrange(2880) * MINUTE
        )
        amount = random.randrange(1, 9) * HOUR
        if hours is not None and openhours_are_few(hours, start, amount):
            continue
        tried += 1
        rule = Promised(int(amount / HOUR), hours)
        due, pauses, at = rule.due(start), [], start
        for _ in range(random.randrange(4)):
            begin = at + random.randrange(0, 300) * MINUTE
            if begin >= due:
                break
            end = begin + random.randrange(1, 900) * MINUTE
            due = rule.resumed(end, paused_at=begin, was_due_at=due)
            pauses.append((begin, end))
            at = end
        assert due == openhours.due(start, amount, hours, pauses=pauses)
        whole = hours or Hours("UTC", [[(0, 1440)]] * 7, lambda day: False)
        assert walked(start, due, whole, pauses) == amount
        assert walked(start, due - MINUTE, whole, pauses) < amount


def openhours_are_few(hours: Hours, start: datetime, amount: timedelta) -> bool:
    """Whether this calendar would have the oracle walk for weeks."""
    return openhours.elapsed(start, start + timedelta(days=5), hours) <= amount + 2 * HOUR
