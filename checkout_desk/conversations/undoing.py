"""Undo: the last thing that a person did, taken back by the verb that did it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, cases, pausing, relocating, sending
from checkout_desk.conversations.models import Act, Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused

OFFERED = timedelta(minutes=30)

Undo = Callable[[Act, Person], list[Conversation]]
_ABOVE: dict[str, Undo] = {}
"""first word of an act's kind -> how a package above this one takes such an act back"""


def register(word: str, undo: Undo) -> None:
    """Let acts of the kinds `word.…` be taken back by `undo`, which returns the conversations that they belong to."""
    _ABOVE[word] = undo


def last(person: Person) -> Act | None:
    """The newest act of this person that can still be undone."""
    found: Act | None = db.session.scalars(
        select(Act)
        .where(Act.person_id == person.id, Act.undone_at.is_(None))
        .order_by(Act.id.desc())
        .limit(1)
    ).one_or_none()
    return found if found and found.at > clock.now() - OFFERED else None


def undo(act: Act, *, by: Person) -> list[Conversation]:
    """Take `act` back. Returns the conversations as they are again. The caller commits. Raises Refused."""
    if act.person_id != by.id:
        raise Refused("Only the person who did it can undo it.")
    if act.undone_at is not None:
        raise Refused("That has been undone already.")
    word, _, rest = act.kind.partition(".")
    if rest:
        undone = _ABOVE[word](act, by)
    elif act.kind == "send":
        undone = [sending.undo(act)]
    elif act.kind in pausing.KINDS:
        undone = pausing.undo(act)
    elif act.kind in ("merge", "move", "split"):
        undone = [relocating.undo(act)]
    else:
        undone = [acting.restore(was) for was in act.before["conversations"]]
        cases.take_notes_back(act)
    act.undone_at = clock.now()
    return undone
