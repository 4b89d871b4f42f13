"""The Event table and the one row that holds the head of its chain."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, CheckConstraint, Index, Integer, LargeBinary, String, event, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from checkout_desk.events.sealing import sealed
from checkout_desk.extensions import Model

GENESIS = "0" * 64


class Digest(TypeDecorator[str]):
    """A SHA-256: hexadecimal in Python and in all that is exported, 32 bytes in the database."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """What somebody put there by hand may be text, which is no digest then but has to be shown."""
        return value.hex() if isinstance(value, bytes) else value


class Event(Model):
    """One row of the record. Never changed, never deleted (triggers refuse both)."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_type", "subject_id", "id"),
        Index("ix_event_actor", "actor", "id"),
        Index("ix_event_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    """'person:7', 'desk' (the software itself), 'customer' or 'command'"""
    origin: Mapped[str] = mapped_column(String(120))
    """from where: an address, a door, a job"""
    kind: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    salts: Mapped[dict[str, Any] | None]
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
