"""Work goes to people by turns or by load, within the role of the next step, and never to somebody who is away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, escalating, giving
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings.models import EscalationRule
from tests.builders import Shop, mail


def letters(shop: Shop, n: int, first: int = 0) -> list[int]:
    """Conversations of different customers that want an answer."""
    return [
        shop.take(mail(text="Is the kiln open on Sunday?", subject=f"Question {k}", sender=f"c{k}@customer.example")).conversation
        for k in range(first, first + n)
    ]  # fmt: skip


def swept(shop: Shop) -> int:
    with shop.app.app_context():
        return giving.sweep()


def owners(shop: Shop) -> list[int | None]:
    return [c.assignee_id for c in shop.all(Conversation)]


def away(shop: Shop, person: int, *, days: int = 3) -> None:
    with shop.writing():
        found = db.session.get_one(Person, person)
        found.away_from, found.away_until = (
            clock.now() - timedelta(hours=1),
            clock.now() + timedelta(days=days),
        )


def test_nothing_is_handed_out_unless_the_store_says_so(shop: Shop) -> None:
    shop.person("support")
    letters(shop, 1)
    assert (swept(shop), owners(shop)) == (0, [None])


def test_each_in_turn(shop: Shop) -> None:
    shop.set_store(hand_out="turns")
    one, two = shop.person("support"), shop.person("support2")
    shop.person("processing")
    letters(shop, 4)
    assert (swept(shop), owners(shop)) == (4, [one, two, one, two])
    assert swept(shop) == 0, "each step is handed out once"
    shop.sound()


def test_nobody_who_is_away_is_given_anything(shop: Shop) -> None:
    shop.set_store(hand_out="turns")
    one, two = shop.person("support"), shop.person("support2")
    away(shop, one)
    letters(shop, 2)
    swept(shop)
    assert owners(shop) == [two, two]
    away(shop, two)
    letters(shop, 1, first=5)
    assert (swept(shop), owners(shop)[-1]) == (0, None), "it waits for somebody"
    with clock.pretending(clock.now() + timedelta(days=4)):
        assert swept(shop) == 1
    with pytest.raises(Refused, match="is away until"):
        shop.act(
            lambda cs, by: acting.assign(cs, to=db.session.get_one(Person, one), by=by), 1, role="manager"
        )
    with pytest.raises(Refused, match="is away until"):
        shop.act(
            lambda cs, by: acting.escalate(cs, reason="x", to=db.session.get_one(Person, one), by=by), 1, role="manager"
        )  # fmt: skip


def test_a_rule_escalates_to_the_managers_while_its_person_is_away(shop: Shop) -> None:
    boss = shop.person("admin")
    away(shop, boss, days=9)
    letters(shop, 1)
    with shop.writing():
        db.session.add(EscalationRule(after_hours=0, to_person_id=boss, active=True))
    with shop.app.app_context(), clock.pretending(clock.now() + timedelta(days=2)):
        assert escalating.sweep() == 1
    (c,) = shop.all(Conversation)
    assert (c.escalated_to_role, c.escalated_to_id) == ("manager", None)
    shop.sound()


def test_who_has_least_open(shop: Shop) -> None:
    shop.set_store(hand_out="least")
    one, two = shop.person("support"), shop.person("support2")
    first = letters(shop, 2)
    shop.act(lambda cs, by: acting.assign(cs, to=by, by=by), *first)
    letters(shop, 3, first=5)
    swept(shop)
    assert owners(shop) == [one, one, two, two, one], (
        "two have two each, then who was given something longest ago"
    )


def test_another_step_hands_it_to_its_role(shop: Shop) -> None:
    shop.set_store(hand_out="turns")
    mia, max_ = shop.person("support"), shop.person("processing")
    (c,) = letters(shop, 1)
    swept(shop)
    assert owners(shop) == [mia]
    with shop.writing():
        row = db.session.get_one(Conversation, c)
        with giving.counted(row):
            row.asks, row.order_step = False, "check_order"
    assert (swept(shop), owners(shop)) == (1, [max_])
    shop.act(lambda cs, by: acting.assign(cs, to=db.session.get_one(Person, mia), by=by), c, role="manager")
    assert (swept(shop), owners(shop)) == (0, [mia]), "what a person decides stays"
    shop.sound()


def test_what_somebody_took_before_it_was_switched_on_stays_theirs(shop: Shop) -> None:
    shop.person("support")
    (c,) = letters(shop, 1)
    boss = shop.person("manager")
    shop.act(lambda cs, by: acting.assign(cs, to=by, by=by), c, role="manager")
    shop.set_store(hand_out="turns")
    assert (swept(shop), owners(shop)) == (0, [boss])


def test_handing_over_many_by_turns(shop: Shop) -> None:
    gone, two, three = shop.person("support"), shop.person("support2"), shop.person("support3")
    ids = letters(shop, 4)
    shop.act(lambda cs, by: acting.assign(cs, to=by, by=by), *ids)
    away(shop, gone)
    shop.act(lambda cs, by: acting.hand_over(cs, by=by), *ids, role="manager")
    assert owners(shop) == [two, three, two, three]
    away(shop, two)
    away(shop, three)
    with pytest.raises(Refused, match="Nobody else"):
        shop.act(lambda cs, by: acting.hand_over(cs, by=by), *ids, role="manager")
    assert owners(shop) == [two, three, two, three]
    shop.sound()
