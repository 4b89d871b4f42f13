"""Pauses of a promise, each with its reason: the clock of the answer stands still, and nobody is told that it is late.

A pause keeps the deadline that it found. What was left of it in the store's hours is left when the pause ends: by hand,
at its time, or with the customer's next mail. A promise that is broken stays broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import promises
from checkout_desk.conversations.models import Act, Conversation, Promise, PromisePause
from checkout_desk.customers.models import Customer
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.settings import promised

KINDS = ("pause", "resume")
"""acts that `undo` takes back"""
MOST = 200
"""characters of a reason"""


def is_paused(c: Conversation) -> bool:
    """Whether the promise of the conversation stands still now."""
    return c.paused_until is not None and c.promise_due_at is not None and c.paused_until > clock.now()


def refusal(c: Conversation) -> str | None:
    """Why the promise cannot be paused, or None."""
    if c.promise_due_at is None:
        return "No answer is owed here, so there is nothing to pause."
    if is_paused(c):
        return "The promise is paused already; end that pause first."
    if c.promise_due_at <= clock.now():
        return "The promise is broken already, and a pause would not mend it; answer, or snooze the conversation."
    return None


def pause(conversations: Sequence[Conversation], *, reason: str, until: datetime | None, by: Person) -> Act:
    """Let the promises stand still until a time, or (None) until somebody ends it. Raises Refused."""
    now, words = clock.now(), mask_cards(" ".join(reason.split())[:MOST])
    if not words:
        raise Refused("Say why the promise is paused; everybody who looks at the conversation reads it.")
    if until is not None and until <= now:
        raise Refused("The time at which the pause ends lies in the past; choose a later one.")
    before = []
    for c in conversations:
        if why := refusal(c):
            raise Refused(why)
        rule, group = promised.now(), group_of(c)
        kept = []
        for promise in _running(c, now):
            row = PromisePause(
                promise_id=promise.id, from_at=now, until_at=until, was_due_at=promise.due_at, reason=words, by_id=by.id
            )  # fmt: skip
            was = _facts(promise, None)
            if until is None:
                promise.due_at = now + promises.ENDLESS
            else:
                promise.due_at = rule.resumed(until, paused_at=now, was_due_at=promise.due_at, group=group)
            db.session.add(row)
            db.session.flush()
            kept.append({"pause": row.id, "was": was, "left": _facts(promise, row)})
        promises.refresh(c)
        record(
            "promise.paused",
            about=c,
            after={"reason": words, "until": until.isoformat() if until else None},
        )
        before.append({"id": c.id, "pauses": kept})
    return _act("pause", by, f"The promise to {_named(conversations)} is paused", before)


def resume(conversations: Sequence[Conversation], *, by: Person) -> Act:
    """End the pause now. Raises Refused where there is none."""
    now, before = clock.now(), []
    for c in conversations:
        kept = _end(c.id, group_of(c), at=now)
        if not kept:
            raise Refused("The promise is not paused.")
        promises.refresh(c)
        record("promise.resumed", about=c)
        before.append({"id": c.id, "pauses": kept})
    return _act("resume", by, f"The promise to {_named(conversations)} runs again", before)


def customer_wrote(conversation_id: int, *, group: str, at: datetime) -> datetime | None:
    """The customer's mail ends the pause. Returns the deadline of the earliest open promise, None where none is open."""
    if _end(conversation_id, group, at=at):
        record("promise.resumed", about=("conversation", conversation_id), actor="customer")
    db.session.flush()
    due: datetime | None = db.session.scalar(
        select(Promise.due_at)
        .where(Promise.conversation_id == conversation_id, Promise.closed_at.is_(None))
        .order_by(Promise.due_at)
        .limit(1)
    )
    return due


def present(c: Conversation) -> PromisePause | None:
    """The pause that holds the conversation's promise now, for the screen. One query, none where it runs."""
    if not is_paused(c):
        return None
    found: PromisePause | None = db.session.scalars(
        select(PromisePause)
        .join(Promise, Promise.id == PromisePause.promise_id)
        .where(Promise.conversation_id == c.id, Promise.closed_at.is_(None))
        .order_by(PromisePause.id.desc())
        .limit(1)
    ).one_or_none()
    return found


def undo(act: Act) -> list[Conversation]:
    """Take a pause, or its end, back. Raises Refused when the promise has changed since."""
    undone = []
    for entry in act.before["conversations"]:
        c = db.session.get_one(Conversation, entry["id"])
        for kept in entry["pauses"]:
            row = db.session.get(PromisePause, kept["pause"])
            promise = db.session.get(Promise, kept["was"]["promise"])
            if row is None or promise is None or promise.closed_at or _facts(promise, row) != kept["left"]:
                raise Refused(f"{c.who} has changed since; nothing was undone.")
            promise.due_at = datetime.fromisoformat(kept["was"]["due"])
            if act.kind == "pause":
                db.session.delete(row)
            else:
                until = kept["was"]["until"]
                row.until_at = datetime.fromisoformat(until) if until else None
        promises.refresh(c)
        record("promise.resumed" if act.kind == "pause" else "promise.pause_restored", about=c)
        undone.append(c)
    return undone


def _end(conversation_id: int, group: str, *, at: datetime) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(PromisePause, Promise)
        .join(Promise, Promise.id == PromisePause.promise_id)
        .where(
            Promise.conversation_id == conversation_id,
            Promise.closed_at.is_(None),
            or_(PromisePause.until_at.is_(None), PromisePause.until_at > at),
        )
        .order_by(PromisePause.id)
    ).all()
    rule, kept = promised.now() if rows else None, []
    for row, promise in rows:
        if rule is None:
            break
        end, was = max(at, row.from_at), _facts(promise, row)
        row.until_at = end
        left_at = row.was_due_at or promise.due_at
        promise.due_at = rule.resumed(end, paused_at=row.from_at, was_due_at=left_at, group=group)
        kept.append({"pause": row.id, "was": was, "left": _facts(promise, row)})
    return kept


def _running(c: Conversation, now: datetime) -> list[Promise]:
    """Open promises that are neither broken nor paused (a merge may have brought paused ones)."""
    held = select(PromisePause.promise_id).where(
        or_(PromisePause.until_at.is_(None), PromisePause.until_at > now)
    )
    return list(
        db.session.scalars(
            select(Promise)
            .where(
                Promise.conversation_id == c.id,
                Promise.closed_at.is_(None),
                Promise.due_at > now,
                Promise.id.not_in(held),
            )
            .order_by(Promise.id)
        )
    )


def _facts(promise: Promise, row: PromisePause | None) -> dict[str, Any]:
    until = row.until_at.isoformat() if row is not None and row.until_at else None
    return {"promise": promise.id, "due": promise.due_at.isoformat(), "until": until}


def group_of(c: Conversation) -> str:
    """The group of the conversation's customer, which may be promised something of its own."""
    if c.customer_id is None:
        return ""
    return db.session.scalar(select(Customer.group).where(Customer.id == c.customer_id)) or ""


def _named(conversations: Sequence[Conversation]) -> str:
    return conversations[0].who if len(conversations) == 1 else f"{len(conversations)} conversations"


def _act(kind: str, by: Person, sentence: str, before: list[dict[str, Any]]) -> Act:
    act = Act(
        person_id=by.id, at=clock.now(), kind=kind, sentence=sentence[:300], before={"conversations": before}
    )
    db.session.add(act)
    db.session.flush()
    return act
