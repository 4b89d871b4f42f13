"""Broken promises climb by rule, each rule once, and again when nobody takes the case up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from checkout_desk import clock
from checkout_desk.conversations import acting, escalating, promises
from checkout_desk.conversations.models import Conversation, Promise
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.settings.models import EscalationRule
from tests.builders import Shop


@pytest.fixture
def due(shop: Shop) -> datetime:
    """When the answer to the one open conversation is due."""
    shop.take(text="Good morning, a word about our garden")
    return shop.all(Promise)[0].due_at


def rule(
    shop: Shop,
    hours: int,
    role: str | None = "manager",
    *,
    again: int | None = None,
    person: int | None = None,
) -> int:
    with shop.writing():
        found = EscalationRule(
            after_hours=hours, to_role=role, to_person_id=person, again_hours=again, active=True
        )
        db.session.add(found)
        db.session.flush()
        return found.id


def swept(shop: Shop, at: datetime) -> int:
    with shop.app.app_context(), clock.pretending(at):
        return escalating.sweep()


def case(shop: Shop) -> Conversation:
    return shop.all(Conversation)[0]


def escalations(shop: Shop) -> int:
    return len(shop.all(Event, Event.kind == "conversation.escalated"))


def test_a_case_climbs_from_rule_to_rule(shop: Shop, due: datetime) -> None:
    boss = shop.person("admin")
    rule(shop, 0, "support")
    rule(shop, 4, None, person=boss)
    assert swept(shop, due - timedelta(minutes=1)) == 0
    assert swept(shop, due + timedelta(minutes=1)) == 1
    assert (case(shop).escalated_to_role, case(shop).exception) == ("support", True)
    assert swept(shop, due + timedelta(hours=3)) == 0, "each rule takes hold once"
    assert swept(shop, due + timedelta(hours=5)) == 1
    assert (case(shop).escalated_to_role, case(shop).escalated_to_id) == (None, boss)
    assert case(shop).escalated_reason == "Nobody has answered; the answer was due 5 hours ago"
    assert swept(shop, due + timedelta(days=9)) == 0
    assert escalations(shop) == 2
    shop.sound()


def test_a_case_that_stays_is_escalated_again(shop: Shop, due: datetime) -> None:
    rule(shop, 1, again=2)
    times = [swept(shop, due + timedelta(hours=1 + hours)) for hours in (0, 1, 2, 3, 4)]
    assert times == [1, 0, 1, 0, 1]


def test_what_was_answered_or_put_away_is_left_alone(shop: Shop, due: datetime) -> None:
    rule(shop, 0)
    with shop.writing():
        promises.close_all(db.session.query(Conversation).one(), at=clock.now(), message_id=None)
    assert swept(shop, due + timedelta(hours=1)) == 0
    assert case(shop).escalated_at is None


def test_a_sleeping_case_wakes(shop: Shop, due: datetime) -> None:
    rule(shop, 0)
    person_id = shop.person("support")
    with shop.writing():
        c = db.session.query(Conversation).one()
        by = db.session.get_one(acting.Person, person_id)
        acting.snooze([c], until=due + timedelta(days=3), by=by)
    assert swept(shop, due + timedelta(hours=1)) == 1
    assert (case(shop).state, case(shop).snoozed_until) == ("open", None)
    assert case(shop).promise_due_at == due, "it never loses its promise"
    shop.sound()


def test_a_rule_that_is_off_does_nothing(shop: Shop, due: datetime) -> None:
    found = rule(shop, 0)
    with shop.writing():
        db.session.get_one(EscalationRule, found).active = False
    assert swept(shop, due + timedelta(days=1)) == 0
