"""Files that take much of the desk away are asked for with the password once more (SPEC section 9, step-up for exports)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.passwords import hash_password
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.records import allowance
from tests.builders import Shop
from tests.page import Browser

PASSWORD = "right horse battery"
FILES = (
    "/reports/hours.csv?from=2026-11-02&to=2026-11-05", "/reports/money/standing.csv", "/reports/procedure/steps.csv",
    "/reports/funnel/funnel.csv", "/catalogue/export.csv",
)  # fmt: skip


@pytest.fixture
def boss(shop: Shop, as_role: Callable[[str], Browser]) -> Browser:
    manager = shop.person("manager")
    with shop.writing():
        db.session.execute(
            update(Person).where(Person.id == manager).values(password_hash=hash_password(PASSWORD))
        )
    shop.take(text="Good morning from our garden")
    return as_role("manager")


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_given_for_the_password_and_then_for_five_minutes(boss: Browser, path: str) -> None:
    asked = boss.open(path)
    assert asked.status == 200
    assert asked.response.mimetype == "text/html", "the question, not the file"
    wrong = asked.press("Download", password="not that one")
    assert (wrong.status, wrong.response.mimetype) == (422, "text/html")
    assert "This is not your present password" in wrong
    given = wrong.press("Download", password=PASSWORD)
    assert given.response.mimetype in ("text/csv", "text/html") and "attachment" in str(
        given.response.headers.get("Content-Disposition")
    )
    assert boss.open(path).response.mimetype == "text/csv", "nothing is asked again so soon"
    with clock.pretending(clock.now() + timedelta(minutes=6)):
        assert boss.open(path).response.mimetype == "text/html"


def test_events_are_given_for_the_password_as_they_were_searched_for(shop: Shop, boss: Browser) -> None:
    asked = boss.open("/records?kind=message.received").press("Download CSV")
    assert asked.response.mimetype == "text/html"
    assert not [one for one in shop.all(Event) if one.kind == allowance.LISTED], "nothing was taken yet"
    given = asked.press("Download", password=PASSWORD)
    rows = given.response.get_data(as_text=True).splitlines()
    assert len(rows) == 2, "what was searched for, and nothing else"
    taken = [one.after for one in shop.all(Event) if one.kind == allowance.LISTED]
    assert taken == [{"rows": 1, "fields": ["kind"]}]
