"""One mail a day and person, in the store's morning, and none where there is nothing to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, cases, digest
from checkout_desk.conversations.models import Conversation, Promise
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from tests.builders import Shop, mail

MORNING = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
"""07:30 in New York"""


def hire(shop: Shop, role: str = "support", *, at: datetime = MORNING - timedelta(days=30)) -> int:
    person = shop.person(role)
    with shop.writing():
        db.session.get_one(Person, person).created_at = at
    return person


@pytest.fixture
def desk_day(shop: Shop) -> Shop:
    """A store in New York with one letter that is due on the afternoon of the 24th."""
    shop.set_store(time_zone="America/New_York")
    hire(shop)
    shop.take(mail(text="Is the kiln open on Sunday?", subject="The kiln"))
    due(shop, 1, MORNING + timedelta(hours=6))
    return shop


def due(shop: Shop, c: int, at: datetime) -> None:
    with shop.writing():
        row = db.session.get_one(Conversation, c)
        row.promise_due_at = row.queue_at = at
        db.session.query(Promise).filter_by(conversation_id=c).update({"due_at": at})


def swept(shop: Shop, at: datetime) -> int:
    with shop.app.app_context(), clock.pretending(at):
        return digest.sweep()


def mails(shop: Shop) -> list[str]:
    """The digests that were queued, as text."""
    from email import message_from_bytes, policy

    rows = shop.all(OutboundMail, OutboundMail.occasion.like("digest:%"))
    found = []
    for row in rows:
        m = message_from_bytes(shop.bytes_of(row), policy=policy.default)
        assert m["Auto-Submitted"] == "auto-generated"
        body = m.get_body(("plain",))
        assert body is not None
        found.append(f"{row.recipients} {m['Subject']}\n{body.get_content()}")
    return found


def test_once_a_day_from_the_hour_of_the_store(desk_day: Shop) -> None:
    assert swept(desk_day, MORNING - timedelta(minutes=31)) == 0, "06:59 in the store"
    assert [swept(desk_day, MORNING + n * timedelta(hours=1)) for n in range(4)] == [1, 0, 0, 0]
    (text,) = mails(desk_day)
    assert "Fern and Kiln: 1 due today" in text
    assert "The kiln (due 13:30, nobody's yet)" in text
    assert "/conversations/1" in text
    assert swept(desk_day, MORNING + timedelta(days=1)) == 1
    assert "1 overdue" in mails(desk_day)[1]


def test_nothing_to_say_is_no_mail_for_that_day(shop: Shop) -> None:
    hire(shop)
    assert swept(shop, MORNING) == 0
    shop.take(mail(text="Is the kiln open on Sunday?"))
    due(shop, 1, MORNING)
    assert swept(shop, MORNING + timedelta(hours=1)) == 0, "the next one is tomorrow's"
    assert swept(shop, MORNING + timedelta(days=1)) == 1


def test_the_first_one_comes_the_day_after_somebody_was_added(desk_day: Shop) -> None:
    hire(desk_day, at=MORNING - timedelta(hours=1))
    assert [swept(desk_day, MORNING + n * timedelta(days=1)) for n in range(2)] == [0, 1]


@pytest.mark.parametrize(
    "values",
    [
        {"digest": False},
        {"disabled_at": MORNING - timedelta(days=2)},
        {"away_from": MORNING - timedelta(days=1)},
    ],
    ids=str,
)
def test_who_does_not_want_it_or_is_not_here_gets_none(desk_day: Shop, values: dict[str, object]) -> None:
    with desk_day.writing():
        for name, value in values.items():
            setattr(db.session.get_one(Person, desk_day.person("support")), name, value)
    assert swept(desk_day, MORNING) == 0
    assert mails(desk_day) == []


def test_every_part_and_only_what_is_ones_own(desk_day: Shop) -> None:
    shop = desk_day
    mine, others = hire(shop), hire(shop, "support2")
    for n in range(4):
        shop.take(mail(text="Is the kiln open?", subject=f"Letter {n}", sender=f"c{n}@customer.example"))
        due(shop, n + 2, MORNING + timedelta(days=9))
    due(shop, 2, MORNING - timedelta(hours=1))
    give = {2: mine, 3: mine, 4: others}
    for c, person in give.items():
        shop.act(
            lambda cs, by, p=person: acting.assign(cs, to=db.session.get_one(Person, p), by=by),
            c,
            role="manager",
        )
    due(shop, 4, MORNING - timedelta(hours=1))
    with clock.pretending(MORNING - timedelta(days=1)):
        shop.act(lambda cs, by: acting.snooze(cs, until=MORNING + timedelta(hours=2), by=by), 3)
        shop.act(
            lambda cs, by: cases.escalate(cs, reason="A lawyer.", role="support", by=by), 5, role="manager"
        )
    swept(shop, MORNING)
    (text,) = [one for one in mails(shop) if "'support@" in one]
    subject = text.splitlines()[0]
    assert "1 overdue, 1 due today, 1 escalated to you, 1 waking today" in subject
    assert "Letter 0 (due 06:30)" in text
    assert "Letter 1 (wakes 09:30)" in text
    assert "Letter 3 (A lawyer.)" in text
    assert "Letter 2" not in text, "somebody else's"


def test_the_morning_of_a_clock_change(desk_day: Shop) -> None:
    """On 1 November 2026 New York's night repeats an hour; the mail still goes once, from seven on."""
    day = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
    hire(desk_day, at=day - timedelta(days=9))
    due(desk_day, 1, day + timedelta(hours=12))
    hours = [n for n in range(24) if swept(desk_day, day + n * timedelta(hours=1))]
    assert hours == [8], "12:30 UTC is 07:30 of standard time"
