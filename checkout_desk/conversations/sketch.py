"""A conversation as bare facts, for writers of hundreds a second: one SELECT, one UPDATE, no unit of work.

It has the attributes that the lifecycle and the counters look at, so that a state still changes in `Lifecycle.fire`
alone. Whoever needs the whole thing loads a Conversation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db

FIELDS = (
    "state",
    "assignee_id",
    "exception",
    "merged_into_id",
    "escalated_at",
    "escalated_to_role",
    "escalated_to_id",
    "trouble",
    "snoozed_until",
    "promise_due_at",
    "paused_until",
    "last_message_at",
    "last_inbound_id",
    "queue_at",
    "unread",
    "preview",
    "has_attachment",
    "next_action",
    "queue_view",
    "asks",
    "order_step",
)

_TABLE: Any = Conversation.__table__
_LOAD = (
    select(_TABLE.c.version, *(_TABLE.c[name] for name in FIELDS))
    .where(_TABLE.c.id == bindparam("conversation"))
    .with_for_update(key_share=True)  # an insert that refers to the conversation need not wait for us
)
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("conversation"))
    .values(version=_TABLE.c.version + 1, **{name: bindparam(f"new_{name}") for name in FIELDS})
)


class Sketch:
    """The facts of one conversation, locked for this transaction (a row lock on PostgreSQL, the write lock on SQLite)."""

    __tablename__ = "conversation"

    state: str
    assignee_id: int | None
    exception: bool
    merged_into_id: int | None
    escalated_at: datetime | None
    escalated_to_role: str | None
    escalated_to_id: int | None
    trouble: str | None
    snoozed_until: datetime | None
    promise_due_at: datetime | None
    paused_until: datetime | None
    last_message_at: datetime
    last_inbound_id: int | None
    queue_at: datetime
    unread: bool
    preview: str
    has_attachment: bool
    next_action: str
    queue_view: str
    asks: bool
    order_step: str | None

    def __init__(self, conversation_id: int) -> None:
        """Load and lock. Raises NoResultFound for an unknown id."""
        self.id = conversation_id
        row = db.session.connection().execute(_LOAD, {"conversation": conversation_id}).one()
        for name, value in zip(FIELDS, row[1:], strict=True):
            setattr(self, name, value)

    def save(self) -> None:
        """Write every fact back; the version grows, so a person's older page is told that it is old."""
        values = {f"new_{name}": getattr(self, name) for name in FIELDS}
        db.session.connection().execute(_SAVE, {"conversation": self.id, **values})
