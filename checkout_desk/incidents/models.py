"""Tables of communication errors: a cause is one row for ever, each thing that it struck is a case of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model

STATES = ("open", "settled", "resolved")
_UNSETTLED = "settled_at IS NULL"


class Incident(Model):
    """One cause of communication errors."""

    __tablename__ = "incident"
    __table_args__ = (
        UniqueConstraint("kind", "cause"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_incident_state", "state", "last_seen_at", "id"),
        Index("ix_incident_seen", "last_seen_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    """a key of causes.KINDS"""
    cause: Mapped[str] = mapped_column(String(160))
    """what is the same in all cases: a server's code and words without addresses, numbers and ids"""
    words: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(8), default="open")
    """changed by lifecycle.INCIDENT.fire alone; settled: every case is right again, and nobody had to say so"""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    cases: Mapped[int] = mapped_column(Integer, default=0)
    unsettled: Mapped[int] = mapped_column(Integer, default=0)
    owner_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    resolution: Mapped[str] = mapped_column(String(500), default="")
    """what was done about it, last"""
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    reopened: Mapped[int] = mapped_column(Integer, default=0)
    """how often it came back after somebody had resolved it"""
    reopened_at: Mapped[datetime | None]


class IncidentCase(Model):
    """One thing that a cause struck. Ids without foreign keys: what they name may go, that it happened stays."""

    __tablename__ = "incident_case"
    __table_args__ = (
        UniqueConstraint("incident_id", "source"),
        Index("ix_incident_case_page", "incident_id", "id"),
        Index(
            "ix_incident_case_unsettled",
            "id",
            sqlite_where=text(_UNSETTLED),
            postgresql_where=text(_UNSETTLED),
        ),
        Index("ix_incident_case_message", "message_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incident_id: Mapped[int] = mapped_column(Key, ForeignKey("incident.id"))
    source: Mapped[str] = mapped_column(String(80))
    """what makes it one case however often it is seen: 'message:12', 'event:881', 'mailbox:3:907', 'order:5:confirmed'"""
    about: Mapped[str] = mapped_column(String(60), default="")
    """'mailbox:3', 'provider:stripe', 'carrier:2', 'milestone:confirmed', 'raw_mail:7', or '' where the ids say it"""
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    event_id: Mapped[int | None] = mapped_column(Key)
    order_id: Mapped[int | None] = mapped_column(Key)
    customer_id: Mapped[int | None] = mapped_column(Key)
    conversation_id: Mapped[int | None] = mapped_column(Key)
    message_id: Mapped[int | None] = mapped_column(Key)
    outbound_id: Mapped[int | None] = mapped_column(Key)
    settled_at: Mapped[datetime | None]
    settled_how: Mapped[str] = mapped_column(String(120), default="")
    settled_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """None: it came right by itself"""


class IncidentCursor(Model):
    """How far a walk has come: 'events' by the number of the event, 'orders' and 'cases' round and round, 'week' of the
    last summary. Locked by who walks, so that two machines never walk the same stretch."""

    __tablename__ = "incident_cursor"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[int] = mapped_column(Key, default=0)


class IncidentRetry(Model):
    """The cases of one cause are tried again, all at once: how far a worker has come with them."""

    __tablename__ = "incident_retry"
    __table_args__ = (
        Index(
            "uq_incident_retry_running",
            "incident_id",
            unique=True,
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incident_id: Mapped[int] = mapped_column(Key, ForeignKey("incident.id"))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime]
    cases: Mapped[list[Any]]
    """ids, as the dry run showed them"""
    gone_through: Mapped[int] = mapped_column(Integer, default=0)
    tried: Mapped[int] = mapped_column(Integer, default=0)
    left: Mapped[list[Any]] = mapped_column(default=list)
    """[id of a case, why it was left]"""
    done_at: Mapped[datetime | None]
