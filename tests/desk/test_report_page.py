"""The metrics page as a manager sees it: figures, what stands behind them, its CSV, and who may look."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.conversations.models import Message, Promise
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.settings.models import Calendar, Store
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser

AsRole = Callable[[str], Browser]


def asked(shop: Shop, *, waited: float | None, subject: str = "Where is it?") -> int:
    """A customer's message of an hour ago, answered by somebody of support after `waited` minutes; its conversation."""
    taken = shop.take(text="Good morning, a word about our garden", subject=subject)
    person_id = shop.person("support")
    with shop.writing():
        promise = db.session.query(Promise).filter_by(message_id=taken.message).one()
        if waited is not None:
            at = promise.opened_at + timedelta(minutes=waited)
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
    return taken.conversation


@pytest.mark.parametrize("role", ["support", "processing", "logistics"])
def test_only_managers_see_reports(as_role: AsRole, role: str) -> None:
    for path in ("/reports", "/reports/replies", "/reports/waiting.csv"):
        assert as_role(role).get(path).status_code == 403


def test_figures_lead_to_their_messages(shop: Shop, as_role: AsRole) -> None:
    c = asked(shop, waited=90, subject="The blue cup")
    asked(shop, waited=30)
    asked(shop, waited=None)
    page = as_role("manager").open("/reports")
    assert page.status == 200
    assert "1 h 00 m" in page, "the median of first replies"
    assert "2 of 2" in page
    behind = page.follow_address(
        next(one for one in re.findall('href="([^"]+)"', page.html) if one.endswith("bin=1")).replace(
            "&amp;", "&"
        )
    )
    assert "1 message, waited 1–2" in behind
    assert "The blue cup" in behind
    assert f"/conversations/{c}" in behind.html


def test_the_csv_says_what_the_screen_says(shop: Shop, as_confirmed: AsRole) -> None:
    asked(shop, waited=90)
    asked(shop, waited=150)
    answer = as_confirmed("manager").open("/reports/waiting.csv")
    rows = list(csv.reader(io.StringIO(answer.html.lstrip("\ufeff"))))
    assert rows[0][:3] == ["Waited", "< 1 h", "1–2"]
    assert rows[1] == ["Replies", "0", "1", "1", "0", "0", "0", "0", "0", "0", "2"]
    assert as_confirmed("manager").open("/reports/nothing.csv").status == 404


def test_what_nobody_answered_stands_in_a_line_of_its_own(shop: Shop, as_confirmed: AsRole) -> None:
    asked(shop, waited=90)
    late = asked(shop, waited=None)
    with shop.writing():
        promise = db.session.query(Promise).filter_by(conversation_id=late).one()
        promise.due_at = clock.now() - timedelta(seconds=1)
    answer = as_confirmed("manager").open("/reports/people.csv")
    rows = list(csv.reader(io.StringIO(answer.html.lstrip("\ufeff"))))
    told = {row[0]: row[-1] for row in rows[1:]}
    assert list(told.values()) == ["100", "0", "50"]
    assert list(told)[1] == "Nobody has answered"
    assert "in no person’s share" in as_confirmed("manager").open("/reports")


def test_no_cell_of_a_csv_is_a_formula(shop: Shop, as_confirmed: AsRole) -> None:
    stage = Stage(shop)
    number = stage.order()
    with shop.writing():
        now = clock.now()
        row = Feedback(order_id=stage.seen(number).id, due_at=now, asked_at=now, answered_at=now, score=1)
        row.comment = "=HYPERLINK(1)"
        db.session.add(row)
    text = as_confirmed("manager").open("/reports/said.csv").html
    assert "“=HYPERLINK(1)”" in text
    assert "\n=" not in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "“yesterday” is not a day"),
        ("from=2026-11-10&to=2026-11-01", "lies before the first day"),
        ("from=2020-01-01&to=2026-01-01", "a report takes up to 400"),
        ("to=0001-01-01", "is not a day"),
    ],
)
def test_days_that_cannot_be_used_are_named_and_stay(
    shop: Shop, as_role: AsRole, query: str, sentence: str
) -> None:
    page = as_role("manager").open(f"/reports?{query}")
    assert page.status == 422
    assert sentence in page
    assert f'value="{query.split("=")[1].split("&")[0]}"' in page.html
    assert as_role("manager").open(f"/reports/waiting.csv?{query}").status == 422


def test_words_that_mean_nothing_ask_for_nothing(shop: Shop, as_role: AsRole) -> None:
    asked(shop, waited=5)
    for query in ("person=x", "bin=99", "day=never", "kept=maybe", "hour=-1", "after=0"):
        assert "all promises" in as_role("manager").open(f"/reports/replies?{query}").text
    assert as_role("manager").open("/reports/replies?after=x").status in (200, 404)


def test_business_hours_are_offered_where_the_store_has_a_calendar(shop: Shop, as_role: AsRole) -> None:
    asked(shop, waited=60)
    assert "Business hours" not in as_role("manager").open("/reports").text
    with shop.writing():
        never = Calendar(
            name="Holidays", time_zone="UTC", country="", hours=[[] for _ in range(7)], closures=[]
        )
        db.session.add(never)
        db.session.flush()
        db.session.get_one(Store, 1).calendar_id = never.id
    page = as_role("manager").open("/reports?clock=business")
    assert "Business hours" in page
    assert "Open hours of the store’s calendar" in page
    assert "0 m" in page, "the store was never open"


def test_an_empty_store_says_so(as_role: AsRole) -> None:
    page = as_role("manager").open("/reports")
    assert page.status == 200
    assert "Nobody was answered in these days." in page
    assert "link--own" not in page.html, "a dash leads nowhere"
