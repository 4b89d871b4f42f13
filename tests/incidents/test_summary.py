"""The weekly mail to managers: once a week and person, on the store's first open day, and nothing when there is nothing."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.incidents import summary
from checkout_desk.incidents.models import Incident, IncidentCursor
from checkout_desk.mail.models import OutboundMail
from checkout_desk.settings.models import Calendar, Store
from tests.builders import Shop

MONDAY = datetime(2031, 3, 3, 8, 0, tzinfo=UTC)


def add(
    shop: Shop, words: str, *, first: datetime, state: str = "open", back: datetime | None = None
) -> None:
    with shop.writing():
        db.session.add(
            Incident(
                kind="failed", cause=words, words=words, first_seen_at=first, last_seen_at=back or first, state=state,
                reopened_at=back, reopened=int(back is not None), cases=2, unsettled=int(state == "open"),
            )
        )  # fmt: skip


def swept(shop: Shop, at: datetime) -> int:
    with shop.reading(), clock.pretending(at):
        return summary.sweep()


def mails(shop: Shop) -> list[tuple[str, str, str]]:
    """(to, subject, text) of each."""
    found = []
    for row in shop.all(OutboundMail, OutboundMail.occasion.like("errors:%")):
        letter = email.message_from_bytes(shop.bytes_of(row), policy=email.policy.default)
        body = letter.get_body(("plain",))
        assert body is not None
        found.append((row.to_address, str(letter["Subject"]), body.get_content().replace("\r\n", "\n")))
    return found


def test_managers_get_one_mail_a_week(shop: Shop) -> None:
    shop.person("manager"), shop.person("manager2"), shop.person("support")
    add(shop, "last week", first=MONDAY - timedelta(days=3))
    add(shop, "long ago", first=MONDAY - timedelta(days=90))
    add(shop, "over", first=MONDAY - timedelta(days=60), state="resolved")
    add(shop, "returned", first=MONDAY - timedelta(days=50), back=MONDAY - timedelta(days=2))
    add(shop, "this morning", first=MONDAY - timedelta(minutes=10))
    assert swept(shop, MONDAY.replace(hour=6)) == 0
    assert [swept(shop, MONDAY + timedelta(hours=n)) for n in (0, 1, 30)] == [2, 0, 0]
    found = mails(shop)
    assert len(found) == 2
    _, subject, text = found[0]
    assert subject.endswith("1 new, 1 back, 3 open")
    new, back, longest = text.split("\n\n")[:3]
    assert "last week" in new and "this morning" not in text and "over" not in text
    assert "returned" in back
    assert longest.index("long ago") < longest.index("returned") < longest.index("last week")
    assert f"/errors/{shop.all(Incident)[0].id}" in new
    assert swept(shop, MONDAY + timedelta(days=7)) == 2
    assert "this morning" in mails(shop)[-1][2].split("\n\n")[0]


def test_a_lost_cursor_sends_nobody_a_second_mail(shop: Shop) -> None:
    shop.person("manager")
    add(shop, "last week", first=MONDAY - timedelta(days=3))
    swept(shop, MONDAY)
    with shop.writing():
        db.session.execute(delete(IncidentCursor))
    swept(shop, MONDAY + timedelta(hours=2))
    assert len(mails(shop)) == 1


def test_nothing_is_told_when_there_is_nothing(shop: Shop) -> None:
    shop.person("manager")
    add(shop, "over", first=MONDAY - timedelta(days=60), state="resolved")
    assert swept(shop, MONDAY) == 0 and mails(shop) == []


@pytest.mark.parametrize(("closed", "day"), [([], 1), (["2031-03-04"], 2)])
def test_it_comes_on_the_first_day_that_the_store_is_open(shop: Shop, closed: list[str], day: int) -> None:
    shop.person("manager")
    add(shop, "last week", first=MONDAY - timedelta(days=3))
    with shop.writing():
        week = [[], *[[["09:00", "17:00"]]] * 4, [], []]
        found = Calendar(name="Ours", time_zone="Europe/London", hours=week, closures=closed)
        db.session.add(found)
        db.session.flush()
        store = db.session.get_one(Store, 1)
        store.calendar_id, store.time_zone = found.id, "Europe/London"
    told = [swept(shop, MONDAY + timedelta(days=n)) for n in range(5)]
    assert told == [int(n == day) for n in range(5)]
