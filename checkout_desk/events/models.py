"""The Event table and the one row that holds the head of its chain."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, CheckConstraint, Index, Integer, String, event, insert, text
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.events.sealing import sealed
from checkout_desk.events.shorthand import Actor, Kind, SubjectType, Told
from checkout_desk.extensions import Digest, Model

GENESIS = "0" * 64
OTHERS = "actor <> '-'"
RARE = "kind > '9'"
"""what is not in the index of actors and kinds is found soon by walking the numbers: see `finding`"""


class Event(Model):
    """One row of the record. Never changed, never deleted (triggers refuse both)."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_type", "subject_id", "id"),
        Index("ix_event_actor", "actor", "id", sqlite_where=text(OTHERS), postgresql_where=text(OTHERS)),
        Index("ix_event_kind", "kind", "id", sqlite_where=text(RARE), postgresql_where=text(RARE)),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Actor())
    """'person:7', 'desk' (the software itself), 'customer' or 'command'"""
    origin: Mapped[str] = mapped_column(String(120))
    """from where: an address, a door, a job"""
    kind: Mapped[str] = mapped_column(Kind())
    subject_type: Mapped[str] = mapped_column(SubjectType())
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any] | None] = mapped_column(Told())
    after: Mapped[dict[str, Any] | None] = mapped_column(Told())
    salts: Mapped[dict[str, Any] | None] = mapped_column(Told())
    """path -> salt of each text that can be erased without breaking the chain, see `sealing`"""
    hash: Mapped[str] = mapped_column(Digest())


class EventHead(Model):
    """The newest event's number and hash: locked by each writer, so the chain has no fork and no gap."""

    __tablename__ = "event_head"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(String(64), default=GENESIS)
    at: Mapped[datetime]


def digest(previous: str, row: dict[str, Any]) -> str:
    """The chain hash of one event: SHA-256 over the previous hash and the canonical JSON of the row without its hash.

    Texts that have a salt are covered by their seals (`sealing`), so that erasing them leaves the hash true.
    """
    covered = sealed(row)
    body = {
        key: covered[key]
        for key in ("id", "actor", "origin", "kind", "subject_type", "subject_id", "before", "after")
    }
    body["at"] = row["at"].isoformat()
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode()).hexdigest()


SQLITE_TRIGGERS = (
    "CREATE TRIGGER IF NOT EXISTS event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END",
)
POSTGRES_TRIGGERS = (
    "CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'events are never changed or deleted'; END $$",
    "CREATE OR REPLACE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event "
    "FOR EACH ROW EXECUTE FUNCTION event_append_only()",
)

for statement in SQLITE_TRIGGERS:
    event.listen(Event.__table__, "after_create", DDL(statement).execute_if(dialect="sqlite"))
for statement in POSTGRES_TRIGGERS:
    event.listen(
        Event.__table__, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect="postgresql")
    )


@event.listens_for(EventHead.__table__, "after_create")
def _first_head(table: Any, connection: Any, **_: Any) -> None:
    connection.execute(insert(table).values(id=1, seq=0, hash=GENESIS, at=datetime.fromtimestamp(0, UTC)))
