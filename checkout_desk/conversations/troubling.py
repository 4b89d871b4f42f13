"""Communication errors on messages: marking one, repairing one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from checkout_desk.conversations import promises
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.lifecycle import is_exception
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.events.recording import record
from checkout_desk.extensions import db


def trouble(c: Conversation, message: Message, sentence: str, *, at: datetime, short: str) -> None:
    """Mark `message` with what went wrong and bring its conversation into Exceptions.

    A promise that this message had kept is open again: a mail that did not arrive answered nobody (SPEC section 7).
    """
    message.trouble = sentence[:300]
    message.resolved_at = None
    kept = list(db.session.scalars(select(Promise.id).where(Promise.closed_by_id == message.id)))
    with counted(c):
        c.trouble = short[:120]
        c.exception = is_exception(c)
        promises.open_again(c, kept)
    record("message.trouble", about=message, after={"what": short})


def resolve(c: Conversation, message: Message, *, at: datetime) -> None:
    """A person dealt with the trouble of one message; the conversation is clear when it was the last."""
    message.resolved_at = at
    _settle(c)
    record("message.resolved", about=message)


def clear(c: Conversation, message: Message) -> None:
    """The trouble was none after all: a mail with an unknown outcome did arrive."""
    message.trouble = None
    _settle(c)


def _settle(c: Conversation) -> None:
    """The conversation is in trouble while one of its messages is."""
    db.session.flush()
    left = db.session.scalar(
        select(Message.id)
        .where(Message.conversation_id == c.id, Message.trouble.is_not(None), Message.resolved_at.is_(None))
        .limit(1)
    )
    with counted(c):
        if left is None:
            c.trouble = None
        c.exception = is_exception(c)
