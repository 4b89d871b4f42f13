"""Pauses, cases, holidays and who gets work, as people meet them on the screens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Conversation, Promise, PromisePause
from checkout_desk.extensions import db
from checkout_desk.settings.models import Store
from tests.builders import Shop
from tests.page import Browser


def press(browser: Browser, c: int, name: str, label: str, **values: Any) -> Any:
    return browser.open(f"/conversations/{c}/act/{name}").press(label, f"/act/{name}", **values)


def test_a_pause_is_said_and_ended_where_it_stands(shop: Shop, agent: Browser) -> None:
    c = shop.take(text="When do you open?").conversation
    page = press(agent, c, "pause", "Pause", reason="Waiting for the potter.", until="reply")
    assert "Promise paused until somebody ends it or the customer writes by Support" in page
    assert "Waiting for the potter." in page
    assert "Support paused the promise: Waiting for the potter." in page
    assert "paused" in agent.open("/queue/answer").html
    page = page.press("End the pause")
    assert "Promise paused" not in page
    assert "Support ended the pause of the promise" in page
    page = agent.open("/queue/answer").press("Undo what I did last")
    assert "Undone: The promise to Jane Fox runs again" in page
    assert shop.all(PromisePause)[0].until_at is None
    page = press(agent, c, "resume", "End the pause")
    page = press(agent, c, "pause", "Pause", reason="The kiln cools.", until="tomorrow")
    assert "Promise paused until" in page
    assert "paused until tomorrow 09:00" in page
    shop.sound()


def test_the_number_in_the_tab_counts_what_is_late_and_not_what_is_paused(shop: Shop, agent: Browser) -> None:
    late, still = (
        shop.take(text="When do you open?").conversation,
        shop.take(text="And on Sunday?").conversation,
    )
    press(agent, still, "pause", "Pause", reason="The kiln cools.", until="reply")
    with shop.writing():
        row, promise = db.session.get_one(Conversation, late), db.session.get_one(Promise, 1)
        row.promise_due_at = row.queue_at = promise.due_at = clock.now() - timedelta(hours=1)
    page = agent.open("/queue/answer")
    assert "<title>(1) Answer" in page.html
    assert 'data-waiting="1"' in page.html
    assert page.html.index(f'id="r{late}"') < page.html.index(f'id="r{still}"')


@pytest.mark.parametrize(
    ("name", "label", "values", "sentence"),
    [
        ("pause", "Pause", {"reason": " "}, "Write the reason"),
        ("pause", "Pause", {"reason": "x" * 201}, "201 characters are too many"),
        ("pause", "Pause", {"reason": "The kiln.", "until": "time", "at": "soon"}, "“soon” is not a date and time"),
        ("hand_back", "Hand back", {"answer": ""}, "Write the answer"),
    ],
)  # fmt: skip
def test_bad_input_says_so_at_its_field(
    shop: Shop, agent: Browser, name: str, label: str, values: dict[str, str], sentence: str
) -> None:
    c = shop.take(text="When do you open?").conversation
    page = press(agent, c, name, label, **values)
    assert (page.status, sentence in page) == (422, True)
    assert values.get("reason", "") in page.html


def test_a_case_goes_to_its_view_and_back(shop: Shop, as_role: Any) -> None:
    c = shop.take(text="My lawyer will hear of this.").conversation
    support, boss = as_role("support"), as_role("manager")
    press(
        support, c, "escalate", "Escalate", reason="A lawyer.", target="role:manager", note="Call her first."
    )
    assert support.open("/queue/escalated").rows() == []
    page = boss.open("/queue/escalated")
    assert (page.rows(), page.counts()["escalated"]) == ([c], 1)
    assert "To Manager" in page
    assert "Call her first." in boss.open(f"/conversations/{c}")
    page = press(boss, c, "hand_back", "Hand back", answer="Send her a new one.")
    assert "handed this back with an answer to Support" in page
    assert "Send her a new one." in page
    assert boss.open("/queue/escalated").rows() == []
    assert support.open("/queue/mine").rows() == [c]
    page = boss.open("/queue/answer").press("Undo what I did last")
    assert "took a note back" in page
    assert "Send her a new one." not in page
    shop.sound()


def test_holidays_are_said_and_work_is_handed_over(shop: Shop, as_role: Any) -> None:
    agent, admin = as_role("support"), as_role("admin")
    me, other = shop.person("support"), shop.person("support2")
    c = shop.take(text="When do you open?").conversation
    press(agent, c, "assign", "Assign", person=str(me))
    today = clock.now().date()
    page = agent.open("/me/away").press(
        "Save", "/me/away", first=today.isoformat(), last=(today + timedelta(days=6)).isoformat()
    )
    assert "away until" in page
    assert "1 open conversation" in page
    assert "away until" in admin.open("/people")
    page = agent.open(f"/conversations/{c}/act/assign")
    assert f'<option value="{me}"' in page.html, "one may take it oneself"
    assert f'<option value="{me}"' not in admin.open(f"/conversations/{c}/act/assign").html
    page = press(admin, c, "assign", "Assign", person=str(me))
    assert (page.status, "is away until" in page) == (409, True)
    page = admin.open(f"/people/{me}/away").press("Hand it over", "/bulk")
    assert "Nothing has happened yet" in page
    page = page.press("Assign", "/bulk", step="do")
    assert shop.all(Conversation)[0].assignee_id == other
    with shop.reading():
        found = db.session.get_one(Person, me)
        assert found.away(clock.now())
        assert not found.away(clock.now() + timedelta(days=8))
        assert found.digest is True
    agent.open("/me/away").press("Save", "/me/away", first="", last="", digest="")
    with shop.reading():
        found = db.session.get_one(Person, me)
        assert (found.digest, found.away_from) == (False, None)
    shop.sound()


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("soon", "", "First day cannot be “soon”"),
        ("", "2999-01-01", "First day is empty"),
        ("2026-12-05", "2026-12-01", "1 December 2026 lies before the first day"),
        ("2020-01-01", "2020-01-03", "has passed"),
        ("2026-01-01", "2999-01-01", "more than three years"),
    ],
)
def test_days_that_cannot_be(shop: Shop, agent: Browser, first: str, last: str, sentence: str) -> None:
    page = agent.open("/me/away").press("Save", "/me/away", first=first, last=last)
    assert (page.status, sentence in page) == (422, True)
    assert first in page.html


def test_only_admins_say_it_of_others(shop: Shop, as_role: Any) -> None:
    other = shop.person("support2")
    agent, boss = as_role("support"), as_role("manager")
    assert agent.open(f"/people/{other}/away").status == 403
    page = boss.open(f"/people/{other}/away")
    assert (page.status, page.buttons().count("Save")) == (200, 0)
    token = page.form("/sign-out").value("csrf_token")
    assert boss.post(f"/people/{other}/away", {"csrf_token": token, "first": "2026-12-01"}).status == 403


def test_the_store_says_who_gets_work_and_when_the_mail_goes(shop: Shop, as_role: Any) -> None:
    boss = as_role("manager")
    page = boss.open("/settings/promises").press(
        "Save", "/work", hand_out="least", digest_hour="24", stays_hours="8", stays_role="admin"
    )
    assert (page.status, "cannot be “24”" in page) == (422, True)
    boss.open("/settings/promises").press(
        "Save", "/work", hand_out="least", digest_hour="6", stays_hours="8", stays_role="admin"
    )
    with shop.reading():
        store = db.session.get_one(Store, 1)
        assert (store.hand_out, store.digest_hour) == ("least", 6)
        assert (store.stays_hours, store.stays_role) == (8, "admin")
