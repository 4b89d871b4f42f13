"""Steps that the tests of conversations share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import relocating, undoing
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Act, Conversation, Message
from checkout_desk.extensions import db
from tests.builders import Shop

LATER = timedelta(hours=3)


def bring_to(shop: Shop, conversation: int, state: str) -> None:
    """Lead a conversation into `state` by the transition that leads there."""
    how: dict[str, tuple[str, dict[str, Any]]] = {
        "open": ("receive", {}),
        "waiting": ("answer", {}),
        "snoozed": ("snooze", {"until": clock.now() + LATER}),
        "closed": ("close", {}),
        "spam": ("spam", {}),
    }
    name, facts = how[state]
    with shop.writing():
        CONVERSATION.fire(db.session.get_one(Conversation, conversation), name, **facts)


def merge(shop: Shop, source: int, into: int) -> int:
    """Merge and return the act."""
    return shop.act(lambda cs, by: relocating.merge(cs[0], into=cs[1], by=by), source, into)


def move(shop: Shop, messages: list[int], into: int) -> int:
    """Move messages and return the act."""

    def do(cs: list[Conversation], by: Person) -> Act:
        return relocating.move([db.session.get_one(Message, m) for m in messages], into=cs[0], by=by)

    return shop.act(do, into)


def split(shop: Shop, messages: list[int]) -> tuple[int, int]:
    """Split messages off; returns the act and the new conversation."""
    made: list[int] = []

    def do(cs: list[Conversation], by: Person) -> Act:
        act, target = relocating.split([db.session.get_one(Message, m) for m in messages], by=by)
        made.append(target.id)
        return act

    return shop.act(do), made[0]


def undo(shop: Shop, act_id: int, *, role: str = "support") -> None:
    """Take an act back. Raises Refused."""
    person_id = shop.person(role)
    with shop.writing():
        undoing.undo(db.session.get_one(Act, act_id), by=db.session.get_one(Person, person_id))
