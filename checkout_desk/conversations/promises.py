"""The deadline that a customer's message opens, and the queue column that follows from it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation, Promise, PromisePause
from checkout_desk.extensions import db

NO_DEADLINE = timedelta(days=365_243)
"""Open conversations without a promise sort behind all that have one, oldest first."""
ENDLESS = timedelta(days=36_524)
"""A promise that is paused without an end is due so long after: behind all that run, before those without one."""


def queue_time(c: Conversation) -> datetime:
    """What the queue sorts this conversation by (see Conversation.queue_at)."""
    return queue_time_of(c.state, c.promise_due_at, c.snoozed_until, c.last_message_at)


def queue_time_of(
    state: str, promise_due_at: datetime | None, snoozed_until: datetime | None, last_message_at: datetime
) -> datetime:
    """`queue_time` from the bare facts, for writers that hold no Conversation."""
    if state == "open":
        return promise_due_at or last_message_at + NO_DEADLINE
    if state == "snoozed" and snoozed_until:
        return snoozed_until
    return last_message_at


def refresh(c: Conversation) -> None:
    """Bring the conversation's deadline, its pause and its next step in line with its open promises. One query."""
    db.session.flush()
    earliest = db.session.execute(
        select(Promise.due_at, Promise.id, PromisePause.id, PromisePause.from_at, PromisePause.until_at)
        .outerjoin(PromisePause, PromisePause.promise_id == Promise.id)
        .where(Promise.conversation_id == c.id, Promise.closed_at.is_(None))
        .order_by(Promise.due_at, Promise.id, func.coalesce(PromisePause.id, 0).desc())
        .limit(1)
    ).one_or_none()
    with counted(c):
        c.promise_due_at = c.paused_until = None
        if earliest is not None:
            due_at, _, pause, from_at, until_at = earliest
            c.promise_due_at = due_at
            c.paused_until = None if pause is None else until_at or from_at + ENDLESS
        c.queue_at = queue_time(c)


def close_all(c: Conversation, *, at: datetime, message_id: int | None) -> list[int]:
    """Close the open promises of a conversation and return their ids.

    `message_id` is the answer that kept them; None means that a person judged no answer to be needed.
    """
    ids = list(
        db.session.scalars(
            select(Promise.id).where(Promise.conversation_id == c.id, Promise.closed_at.is_(None))
        )
    )
    if ids:
        db.session.execute(
            update(Promise).where(Promise.id.in_(ids)).values(closed_at=at, closed_by_id=message_id)
        )
    refresh(c)
    return ids


def open_again(c: Conversation, ids: list[int]) -> None:
    """Undo `close_all` for these promises."""
    if ids:
        db.session.execute(
            update(Promise)
            .where(Promise.id.in_(ids), Promise.conversation_id == c.id)
            .values(closed_at=None, closed_by_id=None)
        )
    refresh(c)
