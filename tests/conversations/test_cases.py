"""Complex cases go to somebody with a note, come back with an answer, are escalated again when they stay, and lose no promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, cases, counting, escalating
from checkout_desk.conversations.models import Conversation, Promise
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from tests.builders import Shop
from tests.conversations.shared import undo


@pytest.fixture
def case(shop: Shop) -> int:
    """A conversation that support escalated to the managers, with a note."""
    c = shop.take(text="My lawyer will hear of this vase.").conversation
    shop.act(
        lambda cs, by: cases.escalate(cs, reason="A lawyer.", role="manager", note="She is upset.", by=by), c
    )
    return c


def hand_back(shop: Shop, c: int) -> int:
    return shop.act(
        lambda cs, by: cases.hand_back(cs, answer="Give her a new one.", by=by), c, role="manager"
    )


def notes(shop: Shop, c: int) -> list[str]:
    return [m.text for m in shop.messages(c) if m.kind == "note"]


def count(shop: Shop, view: str) -> int:
    with shop.reading():
        row = db.session.get(counting.ConversationCount, view)
        return row.n if row else 0


def test_it_comes_back_with_the_answer_and_its_promise(shop: Shop, case: int) -> None:
    (promise,) = shop.all(Promise)
    assert (notes(shop, case), count(shop, "to:manager")) == (["She is upset."], 1)
    hand_back(shop, case)
    c = shop.seen(case)
    assert (c.assignee_id, c.escalated_at, c.exception) == (shop.person("support"), None, False)
    assert notes(shop, case) == ["She is upset.", "Give her a new one."]
    assert (c.promise_due_at, c.state, c.unread) == (promise.due_at, "open", True)
    assert count(shop, "to:manager") == 0
    with pytest.raises(Refused, match="handed it back already"):
        hand_back(shop, case)
    shop.sound()


def test_both_are_taken_back_with_their_notes(shop: Shop, case: int) -> None:
    undo(shop, hand_back(shop, case), role="manager")
    c = shop.seen(case)
    assert (c.escalated_to_role, c.escalated_by_id, c.exception) == ("manager", shop.person("support"), True)
    assert notes(shop, case) == ["She is upset."]
    assert count(shop, "to:manager") == 1
    shop.sound()


def test_who_is_away_gets_nothing_back(shop: Shop, case: int) -> None:
    with shop.writing():
        db.session.get_one(Person, shop.person("support")).away_from = clock.now() - timedelta(days=1)
    hand_back(shop, case)
    assert shop.seen(case).assignee_id is None


def test_a_case_that_waits_comes_back_into_the_queue(shop: Shop, case: int) -> None:
    shop.act(lambda cs, by: acting.snooze(cs, until=None, by=by), case)
    hand_back(shop, case)
    assert shop.seen(case).state == "open"
    shop.sound()


def test_a_case_that_stays_is_escalated_again_and_again(shop: Shop, case: int) -> None:
    shop.set_store(stays_hours=6, stays_role="admin")
    at = shop.seen(case).escalated_at
    assert at is not None
    shop.act(lambda cs, by: acting.snooze(cs, until=at + timedelta(days=3), by=by), case)
    done = []
    for hours in (5, 6, 7, 12):
        with shop.app.app_context(), clock.pretending(at + timedelta(hours=hours)):
            done.append(escalating.sweep())
    assert done == [0, 1, 0, 1]
    c = shop.seen(case)
    assert (c.escalated_to_role, c.escalated_reason, c.state) == ("admin", "A lawyer.", "open")
    assert c.escalated_by_id == shop.person("support"), "the answer still goes to who asked"
    assert c.promise_due_at == shop.all(Promise)[0].due_at
    assert (count(shop, "to:manager"), count(shop, "to:admin")) == (0, 1)
    shop.sound()


def test_what_was_settled_or_closed_stays_so(shop: Shop, case: int) -> None:
    shop.set_store(stays_hours=1)
    shop.act(lambda cs, by: acting.settle(cs, by=by), case)
    with shop.app.app_context(), clock.pretending(clock.now() + timedelta(hours=9)):
        assert escalating.sweep() == 0
    assert shop.all(Conversation)[0].escalated_at is None
    shop.sound()
