"""Every act, its undo, and what stands against undoing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, undoing
from checkout_desk.conversations.models import Act, Conversation
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from tests.builders import Shop
from tests.conversations.shared import bring_to, undo
from tests.databases import rows_on_sqlite
from tests.page import Browser

UNTIL = timedelta(hours=4)
Do = Callable[[list[Conversation], Person], Act]
ACTS: dict[str, tuple[str, Do]] = {
    "assign": ("open", lambda cs, by: acting.assign(cs, to=by, by=by)),
    "close": ("open", lambda cs, by: acting.close(cs, by=by)),
    "close what waits": ("waiting", lambda cs, by: acting.close(cs, by=by)),
    "close what sleeps": ("snoozed", lambda cs, by: acting.close(cs, by=by)),
    "spam": ("open", lambda cs, by: acting.spam(cs, by=by)),
    "reopen": ("closed", lambda cs, by: acting.reopen(cs, by=by)),
    "no spam": ("spam", lambda cs, by: acting.reopen(cs, by=by)),
    "wake by hand": ("snoozed", lambda cs, by: acting.reopen(cs, by=by)),
    "wait": ("open", lambda cs, by: acting.wait(cs, by=by)),
    "snooze": ("open", lambda cs, by: acting.snooze(cs, until=clock.now() + UNTIL, by=by)),
    "snooze again": ("snoozed", lambda cs, by: acting.snooze(cs, until=clock.now() + 2 * UNTIL, by=by)),
    "snooze until they write": ("open", lambda cs, by: acting.snooze(cs, until=None, by=by)),
    "escalate": ("open", lambda cs, by: acting.escalate(cs, reason="A lawyer.", role="manager", by=by)),
    "tag": ("open", lambda cs, by: acting.tag(cs, add=["trade", "gift"], remove=[], by=by)),
}


def do(shop: Shop, name: str, *ids: int, role: str = "support") -> int:
    return shop.act(ACTS[name][1], *ids, role=role)


def facts(shop: Shop, conversation: int) -> dict[str, Any]:
    c = shop.seen(conversation)
    names = (*acting.FIELDS, "state", "exception", "promise_due_at", "queue_at", "merged_into_id")
    return {name: getattr(c, name) for name in names} | {"owed": shop.owed(conversation)}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_changes_something_and_its_undo_restores_all_of_it(shop: Shop, name: str) -> None:
    taken = shop.take()
    bring_to(shop, taken.conversation, ACTS[name][0])
    before = facts(shop, taken.conversation)
    act = do(shop, name, taken.conversation)
    assert facts(shop, taken.conversation) != before
    shop.sound()
    undo(shop, act)
    assert facts(shop, taken.conversation) == before
    shop.sound()


@pytest.mark.parametrize("name", ACTS)
def test_undoing_twice_is_refused(shop: Shop, name: str) -> None:
    taken = shop.take()
    bring_to(shop, taken.conversation, ACTS[name][0])
    act = do(shop, name, taken.conversation)
    undo(shop, act)
    with pytest.raises(Refused, match="undone already"):
        undo(shop, act)


def test_settling_an_escalation_and_taking_that_back(shop: Shop) -> None:
    taken = shop.take()
    do(shop, "escalate", taken.conversation)
    before = facts(shop, taken.conversation)
    act = shop.act(lambda cs, by: acting.settle(cs, by=by), taken.conversation)
    assert not shop.seen(taken.conversation).exception
    undo(shop, act)
    assert facts(shop, taken.conversation) == before
    shop.sound()


def test_closing_ends_an_escalation_and_undo_brings_it_back(shop: Shop) -> None:
    taken = shop.take()
    do(shop, "escalate", taken.conversation)
    before = facts(shop, taken.conversation)
    act = do(shop, "close", taken.conversation)
    assert facts(shop, taken.conversation)["escalated_at"] is None
    undo(shop, act)
    assert facts(shop, taken.conversation) == before
    shop.sound()


def test_only_who_did_it_can_undo_it(shop: Shop) -> None:
    taken = shop.take()
    act = do(shop, "close", taken.conversation)
    with pytest.raises(Refused, match="Only the person who did it"):
        undo(shop, act, role="manager")
    assert shop.seen(taken.conversation).state == "closed"


@pytest.mark.parametrize("name", ["close", "spam", "wait", "snooze"])
def test_undo_is_refused_after_the_customer_wrote(shop: Shop, name: str) -> None:
    taken = shop.take()
    act = do(shop, name, taken.conversation)
    shop.take(to=shop.reply_address(taken.conversation))
    before = facts(shop, taken.conversation)
    with pytest.raises(Refused, match="has changed since; nothing was undone"):
        undo(shop, act)
    assert facts(shop, taken.conversation) == before
    shop.sound()


def test_undo_is_refused_when_a_colleague_changed_the_same_fact(shop: Shop) -> None:
    taken = shop.take()
    act = do(shop, "assign", taken.conversation)
    do(shop, "assign", taken.conversation, role="manager")
    with pytest.raises(Refused, match="has changed since"):
        undo(shop, act)
    assert shop.seen(taken.conversation).assignee_id == shop.person("manager")


def test_undo_leaves_other_facts_of_a_colleague_alone(shop: Shop) -> None:
    taken = shop.take()
    act = do(shop, "assign", taken.conversation)
    do(shop, "tag", taken.conversation, role="manager")
    undo(shop, act)
    c = shop.seen(taken.conversation)
    assert (c.assignee_id, c.tags) == (None, ["trade", "gift"])
    shop.sound()


def test_an_act_on_many_is_undone_as_one_or_not_at_all(shop: Shop) -> None:
    taken = [shop.take().conversation for _ in range(3)]
    act = do(shop, "close", *taken)
    undo(shop, act)
    assert {shop.seen(c).state for c in taken} == {"open"}
    act = do(shop, "close", *taken)
    shop.take(to=shop.reply_address(taken[1]))
    with pytest.raises(Refused):
        undo(shop, act)
    assert [shop.seen(c).state for c in taken] == ["closed", "open", "closed"]
    shop.sound()


def test_an_act_on_many_that_one_refuses_changes_none(shop: Shop) -> None:
    one, two = shop.take().conversation, shop.take().conversation
    bring_to(shop, two, "closed")
    with pytest.raises(Refused):
        do(shop, "close", one, two)
    assert shop.seen(one).state == "open"
    assert shop.all(Act) == []
    shop.sound()


def test_the_last_act_is_offered_for_half_an_hour(shop: Shop) -> None:
    first, second = shop.take().conversation, shop.take().conversation
    do(shop, "close", first)
    newest = do(shop, "spam", second)
    with shop.reading():
        person = db.session.get_one(Person, shop.person("support"))
        found = undoing.last(person)
        assert found is not None
        assert found.id == newest
        with clock.pretending(clock.now() + undoing.OFFERED + timedelta(seconds=1)):
            assert undoing.last(person) is None


def test_every_act_is_an_event_of_who_did_it(shop: Shop) -> None:
    taken = shop.take()
    for name in ("assign", "tag", "escalate", "snooze"):
        do(shop, name, taken.conversation)
    rows = shop.all(Event, Event.subject_type == "conversation")
    assert [e.kind.removeprefix("conversation.") for e in rows] == [
        "assigned",
        "tagged",
        "escalated",
        "snooze",
    ]
    assert {e.actor for e in rows} == {f"person:{shop.person('support')}"}
    assert rows[2].after == {"reason": "A lawyer.", "role": "manager", "person": None}


def test_nothing_can_be_given_to_somebody_who_left(shop: Shop) -> None:
    taken, gone = shop.take(), shop.person("manager")
    with shop.writing():
        db.session.get_one(Person, gone).disabled_at = clock.now()
    with pytest.raises(Refused, match="no longer works"):
        shop.act(
            lambda cs, by: acting.assign(cs, to=db.session.get_one(Person, gone), by=by), taken.conversation
        )


def test_tags_are_bounded_folded_and_compared_without_case(shop: Shop) -> None:
    taken = shop.take()
    add = lambda *words: shop.act(  # noqa: E731
        lambda cs, by: acting.tag(cs, add=words, remove=[], by=by), taken.conversation
    )
    add("  Trade   customer ", "x" * 60, "")
    add("TRADE CUSTOMER", "gift")
    assert shop.seen(taken.conversation).tags == ["Trade customer", "x" * 40, "gift"]
    with pytest.raises(Refused, match="at most 20"):
        add(*(f"t{n}" for n in range(20)))
    shop.act(lambda cs, by: acting.tag(cs, add=[], remove=["GIFT"], by=by), taken.conversation)
    assert "gift" not in shop.seen(taken.conversation).tags


def press(agent: Browser, conversation: int, name: str, label: str, **values: Any) -> Any:
    return agent.open(f"/conversations/{conversation}/act/{name}").press(label, f"/act/{name}", **values)


def test_acts_by_their_forms_and_undo_by_its_button(shop: Shop, agent: Browser) -> None:
    taken, me = shop.take(), shop.person("support")
    press(agent, taken.conversation, "assign", "Assign", person=str(me))
    assert agent.open("/queue/mine").rows() == [taken.conversation]
    page = agent.open("/queue/answer").press("Undo what I did last")
    assert "Undone: Jane Fox assigned to Support" in page
    assert agent.open("/queue/mine").rows() == []
    press(agent, taken.conversation, "tag", "Save tags", tags="gift, Trade")
    assert agent.open("/search?q=tag:trade").rows() == [taken.conversation]
    page = press(
        agent, taken.conversation, "escalate", "Escalate", reason="A lawyer writes.", target="role:manager"
    )
    assert "Escalated to Manager" in page
    assert "A lawyer writes." in page
    assert agent.open("/queue/exceptions").rows() == [taken.conversation]
    press(agent, taken.conversation, "snooze", "Snooze", until="tomorrow")
    assert agent.open("/queue/snoozed").rows() == [taken.conversation]
    shop.sound()


@rows_on_sqlite(
    ("name", "label", "values", "sentence"),
    [
        ("assign", "Assign", {"person": "99"}, "Choose somebody who works at this desk"),
        ("escalate", "Escalate", {"reason": "  "}, "Write the reason"),
        ("escalate", "Escalate", {"reason": "x", "target": "role:king"}, "Choose a role or a person"),
        ("snooze", "Snooze", {"until": "time", "at": "soon"}, "“soon” is not a date and time"),
        ("snooze", "Snooze", {"until": "time", "at": "2020-01-01T09:00"}, "lies in the past"),
        ("snooze", "Snooze", {"until": "time", "at": "2031-01-01T09:00"}, "more than a year away"),
        ("tag", "Save tags", {"tags": "y" * 41}, "too long for a tag"),
        ("merge", "Merge", {"into": "nowhere"}, "“nowhere” is no conversation here"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_and_what_was_typed_stays(
    shop: Shop, agent: Browser, name: str, label: str, values: dict[str, str], sentence: str
) -> None:
    taken = shop.take()
    page = press(agent, taken.conversation, name, label, **values)
    assert page.status == 422
    assert sentence in page
    typed = next((v for k, v in values.items() if k in ("at", "tags", "into")), "")
    assert typed in page.html
    assert shop.all(Act) == []


def test_bulk_says_what_would_happen_before_it_does(shop: Shop, agent: Browser) -> None:
    one, two, three = (shop.take(subject=f"Mugs {n}").conversation for n in range(3))
    page = agent.open("/queue/answer")
    bring_to(shop, three, "closed")  # meanwhile, by somebody else
    plan = page.press("Close", "/bulk", ids=[str(i) for i in (one, two, three)])
    assert "2 will change" in plan
    assert "1 stay as they are" in plan
    assert {shop.seen(c).state for c in (one, two)} == {"open"}
    done = plan.press("Close", "/bulk")
    assert "2 conversations closed" in done
    assert [shop.seen(c).state for c in (one, two, three)] == ["closed"] * 3
    assert len(shop.all(Act)) == 1
    agent.open("/queue/answer").press("Undo what I did last")
    assert [shop.seen(c).state for c in (one, two, three)] == ["open", "open", "closed"]
    shop.sound()


def test_bulk_with_a_field_keeps_the_selection_when_the_field_is_wrong(shop: Shop, agent: Browser) -> None:
    one, two = shop.take().conversation, shop.take().conversation
    plan = agent.open("/queue/answer").press("Tag", "/bulk", ids=[str(one), str(two)])
    wrong = plan.press(
        next(b for b in plan.buttons() if b.startswith(("Tag", "Save"))), "/bulk", tags="z" * 50
    )
    assert wrong.status == 422
    assert "too long for a tag" in wrong
    assert "2 will change" in wrong


def test_bulk_of_nothing_says_so(shop: Shop, agent: Browser) -> None:
    shop.take()
    assert "Nothing was selected" in agent.open("/queue/answer").press("Close", "/bulk")
