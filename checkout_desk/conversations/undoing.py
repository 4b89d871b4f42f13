"""Undo: the last thing that a person did, taken back by the verb that did it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, relocating, sending
from checkout_desk.conversations.models import Act, Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused

OFFERED = timedelta(minutes=30)


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
    if act.kind == "send":
        undone = [sending.undo(act)]
    elif act.kind in ("merge", "move", "split"):
        undone = [relocating.undo(act)]
    else:
        undone = [acting.restore(was) for was in act.before["conversations"]]
    act.undone_at = clock.now()
    return undone
