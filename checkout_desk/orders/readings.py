"""Keeping what the software understood of each message."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk.extensions import db
from checkout_desk.orders.models import MessageReading
from checkout_desk.reading.model import Ambiguous, Customer, Line, Reading, ShipTo, Unmatched, Value

_SEPARATE = ("kind", "role")
_READING: Any = MessageReading.__table__


def _upsert(insert: Any) -> Any:
    """Built once: every mail that comes in is kept by it."""
    kept = ("kind", "role", "language", "reading", "milliseconds", "at")
    set_ = {name: insert.excluded[name] for name in kept}
    return insert.on_conflict_do_update(index_elements=["message_id"], set_=set_)


_KEEP = {"sqlite": _upsert(sqlite.insert(_READING)), "postgresql": _upsert(postgresql.insert(_READING))}


def keep(
    message_id: int, reading: Reading, *, at: datetime, language: str = "", milliseconds: float = 0.0
) -> None:
    """Keep the reading of a message; a later reading of the same message takes its place.

    Spans of source 'body' count in `message.text` already. `language` is what the mail is written in, '' if unknown.
    """
    facts = {name: value for name, value in asdict(reading).items() if name not in _SEPARATE}
    values = {
        "kind": reading.kind,
        "role": reading.role,
        "language": language,
        "reading": facts,
        "milliseconds": milliseconds,
        "at": at,
    }
    row = {"message_id": message_id, **values}
    db.session.connection().execute(_KEEP[db.engine.dialect.name], row)


def of(message_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Message id -> its reading as plain data (lines, ambiguous, unmatched, customer, ship_to, gaps, kind, role,
    language). One query."""
    if not message_ids:
        return {}
    rows = db.session.execute(
        select(
            MessageReading.message_id,
            MessageReading.kind,
            MessageReading.role,
            MessageReading.language,
            MessageReading.reading,
        ).where(MessageReading.message_id.in_(message_ids))
    )
    return {
        row.message_id: {**row.reading, "kind": row.kind, "role": row.role, "language": row.language}
        for row in rows
    }


def restored(message_id: int) -> Reading | None:
    """The reading of a message as it was, or None where nothing was read. One query."""
    kept = of([message_id]).get(message_id)
    if kept is None:
        return None
    return Reading(
        kept["kind"],
        kept["role"],
        tuple(Line(**_spanned(one)) for one in kept["lines"]),
        tuple(Ambiguous(**_spanned(one)) for one in kept["ambiguous"]),
        tuple(Unmatched(**_spanned(one)) for one in kept["unmatched"]),
        Customer(**_values(kept["customer"])),
        ShipTo(**_values(kept["ship_to"])) if kept["ship_to"] else None,
        tuple(kept["gaps"]),
        _values({"wish": kept.get("wish")})["wish"],
    )


def _spanned(facts: dict[str, Any]) -> dict[str, Any]:
    span = facts.get("span")
    found = {**facts, "span": tuple(span) if span else None}
    return {**found, "candidates": tuple(facts["candidates"])} if "candidates" in facts else found


def _values(facts: dict[str, Any]) -> dict[str, Value | None]:
    return {name: Value(**_spanned(one)) if one else None for name, one in facts.items()}
