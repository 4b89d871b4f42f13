"""Communication errors on messages: marking one, repairing one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from checkout_desk.conversations import promises
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.lifecycle import is_exception
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.events.recording import record
from checkout_desk.extensions import db

MAYBE = "It may have arrived"
"""how the sentence about an unknown outcome begins"""


def trouble(
    c: Conversation,
    message: Message,
    sentence: str,
    *,
    at: datetime,
    short: str,
    keep: bool = False,
    bounced: Sequence[str] | None = None,
) -> None:
    """Mark `message` with what went wrong and bring its conversation into Exceptions. `bounced`: it came back, with
    these statuses of RFC 3464.

    A promise that this message had kept is open again: a mail that did not arrive answered nobody (SPEC section 7).
    Unless `keep`: the customer has it, somebody else has not.
    """
    message.trouble = sentence[:300]
    message.resolved_at = None
    closed = select(Promise.id).where(Promise.closed_by_id == message.id)
    kept = [] if keep else list(db.session.scalars(closed))
    with counted(c):
        c.trouble = short[:120]
        c.exception = is_exception(c)
        promises.open_again(c, kept)
    codes = {} if bounced is None else {"bounced": True, "code": list(bounced)}
    record("message.trouble", about=message, after={"what": short, **codes})


def resolve(c: Conversation, message: Message, *, at: datetime) -> None:
    """A person dealt with the trouble of one message; the conversation is clear when it was the last."""
    message.resolved_at = at
    reckon(c)
    record("message.resolved", about=message)


def clear(c: Conversation, message: Message) -> None:
    """The trouble was none after all: a mail with an unknown outcome did arrive."""
    message.trouble = None
    reckon(c)


def reckon(c: Conversation) -> None:
    """The conversation is in trouble while one of its messages is; the newest gives it the words."""
    db.session.flush()
    worst = db.session.scalars(
        select(Message)
        .where(
            Message.conversation_id == c.id,
            Message.trouble.is_not(None),
            Message.resolved_at.is_(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).one_or_none()
    with counted(c):
        c.trouble = _short(worst) if worst is not None and c.state not in ("closed", "spam") else None
        c.exception = is_exception(c)


def _short(message: Message) -> str:
    if message.kind == "unreadable":
        return "could not be read"
    return "may not have arrived" if (message.trouble or "").startswith(MAYBE) else "mail not delivered"
