"""The figures of the metrics page against messages that were written, answered and left alone at known times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checkout_desk import clock
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Message, Promise, PromisePause
from checkout_desk.extensions import db
from checkout_desk.openhours import Hours
from checkout_desk.reports import figures, replies, resolutions
from checkout_desk.reports.period import Period
from tests.builders import Shop

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WEEK = Period(date(2026, 11, 2), date(2026, 11, 8), LONDON)
NOW = datetime(2026, 11, 9, 12, 0, tzinfo=UTC)
OFFICE = Hours("Europe/London", [[(540, 1020)]] * 5 + [[], []], lambda day: False)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


class Ledger:
    """Conversations with promises at chosen times."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def asked(self, at: datetime, *, again: int | None = None) -> tuple[int, int]:
        """A customer's message at `at`, in a new conversation or in `again`: (conversation, promise)."""
        taken = self.shop.take(text=f"Good morning, a word about our garden {at.isoformat()}")
        with self.shop.writing():
            promise = db.session.query(Promise).filter_by(message_id=taken.message).one()
            promise.opened_at, promise.due_at = at, at + hours(24)
            if again is not None:
                promise.conversation_id = again
            return again or taken.conversation, promise.id

    def answered(self, promise_id: int, at: datetime, role: str = "support") -> int:
        """A person's answer that was accepted at `at`; returns who it was."""
        person_id = self.shop.person(role)
        with self.shop.writing():
            promise = db.session.get_one(Promise, promise_id)
            mail = Message(
                conversation_id=promise.conversation_id,
                direction="out",
                kind="letter",
                at=at,
                author_id=person_id,
            )
            db.session.add(mail)
            db.session.flush()
            promise.closed_at, promise.closed_by_id = at, mail.id
        return person_id

    def rows(self, period: Period = WEEK, office: Hours | None = None) -> list[replies.Reply]:
        with self.shop.reading():
            return replies.opened_in(period, now=NOW, hours=office)


@pytest.fixture
def ledger(shop: Shop) -> Ledger:
    return Ledger(shop)


def test_replies_first_replies_and_promises(ledger: Ledger) -> None:
    c, first = ledger.asked(MONDAY)
    person = ledger.answered(first, MONDAY + hours(2))
    _, second = ledger.asked(MONDAY + hours(30), again=c)
    ledger.answered(second, MONDAY + hours(60))
    ledger.asked(MONDAY + hours(5))  # nobody ever answers
    _, judged = ledger.asked(MONDAY + hours(6))
    with ledger.shop.writing():
        db.session.get_one(Promise, judged).closed_at = MONDAY + hours(7)
    rows = ledger.rows()
    assert [(row.first, row.waited, row.kept) for row in rows] == [
        (True, hours(2), True),
        (True, None, False),
        (True, None, None),
        (False, hours(30), False),
    ]
    every = replies.summary(rows)
    assert (every.replies, every.median, every.p90, every.kept, every.decided) == (
        2,
        hours(16),
        hours(30),
        1,
        3,
    )
    assert every.share == "33.3 %"
    assert replies.waiting(rows) == [0, 0, 1, 0, 0, 0, 0, 1, 0]
    assert replies.by(rows, lambda row: [row.person_id] if row.person_id else []).keys() == {person}
    days = replies.by_day(rows, WEEK)
    assert {day: part.median for day, part in days.items()} == {date(2026, 11, 2): hours(2)}


def test_a_promise_that_still_runs_is_neither_kept_nor_broken(ledger: Ledger) -> None:
    ledger.asked(NOW - hours(3))
    period = Period(date(2026, 11, 9), date(2026, 11, 9), LONDON)
    rows = ledger.rows(period)
    assert [row.kept for row in rows] == [None]
    assert replies.summary(rows).share == "–"


def test_business_hours_and_pauses_shorten_the_wait(ledger: Ledger) -> None:
    _, promise = ledger.asked(datetime(2026, 11, 6, 16, 0, tzinfo=UTC))  # a Friday
    person = ledger.answered(promise, datetime(2026, 11, 9, 10, 30, tzinfo=UTC))
    assert ledger.rows()[0].waited == hours(66.5)
    assert ledger.rows(office=OFFICE)[0].waited == hours(2.5)
    with ledger.shop.writing():
        low = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
        pause = PromisePause(
            promise_id=promise, from_at=low, until_at=low + hours(1), reason="Asked", by_id=person
        )
        db.session.add(pause)
    assert ledger.rows(office=OFFICE)[0].waited == hours(1.5)


def test_days_are_the_stores_own(ledger: Ledger) -> None:
    ledger.asked(datetime(2026, 7, 1, 23, 30, tzinfo=UTC))  # half past midnight of the second in London
    assert ledger.rows(Period(date(2026, 7, 1), date(2026, 7, 1), LONDON)) == []
    assert len(ledger.rows(Period(date(2026, 7, 2), date(2026, 7, 2), LONDON))) == 1


def test_a_resolution_runs_from_what_opened_it_again(ledger: Ledger) -> None:
    # The record never goes back in time, so closings lie ahead.
    start = clock.now() + hours(1)
    c, _ = ledger.asked(start)
    for asked, closed in ((None, start + hours(10)), (start + hours(20), start + hours(25))):
        if asked is not None:
            ledger.asked(asked, again=c)
        with clock.pretending(closed), ledger.shop.writing():
            found = db.session.get_one(Conversation, c)
            if found.state == "closed":
                CONVERSATION.fire(found, "reopen")
            CONVERSATION.fire(found, "close")
    period = Period(start.date() - timedelta(days=1), start.date() + timedelta(days=3), LONDON)
    with ledger.shop.reading():
        took = [one.took for one in resolutions.closed_in(period, hours=None)]
    assert took == [hours(10), hours(5)]


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (2, 3, "66.7 %"),
        (0, 5, "0.0 %"),
        (5, 5, "100 %"),
        (9999, 10000, "99.9 %"),
        (1, 10000, "0.1 %"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_100_only_when_it_is_whole(part: int, whole: int, told: str) -> None:
    assert figures.percent(part, whole) == told
