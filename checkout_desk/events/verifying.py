"""Checking the chain: every row's hash, every number, and the head."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from checkout_desk.events.models import GENESIS, Event, EventHead, digest
from checkout_desk.extensions import db

WINDOW = 2000


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `records verify` says: how many rows were read and, if the chain is broken, the first wrong number and why."""

    events: int
    first_wrong: int | None = None
    why: str = ""


def verify() -> ChainReport:
    """Read the whole record in order and compare. Constant memory; stops at the first wrong row."""
    chain, seen = GENESIS, 0
    table = Event.__table__
    while True:
        rows = (
            db.session.execute(select(table).where(table.c.id > seen).order_by(table.c.id).limit(WINDOW))
            .mappings()
            .all()
        )
        for row in rows:
            if row["id"] != seen + 1:
                return ChainReport(seen, seen + 1, f"event {seen + 1} is missing")
            expected = digest(chain, dict(row))
            if row["hash"] != expected:
                return ChainReport(seen, row["id"], f"event {row['id']} was changed after it was written")
            chain, seen = expected, row["id"]
        if len(rows) < WINDOW:
            break
    head = db.session.execute(select(EventHead.seq, EventHead.hash)).one_or_none()
    if (head.seq, head.hash) != (seen, chain) if head else seen:
        return ChainReport(seen, seen + 1, "the newest events are missing")
    return ChainReport(seen)
