"""Rows as plain data for `order.json`: fields by name, instants in UTC, amounts with their currency."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from checkout_desk.mail.cards import mask_cards

_ERASED = re.compile(r"\[erased [0-9a-f]{64}\]")
FREE = frozenset(
    {
        "text", "subject", "words", "comment", "note", "reason", "cancel_reason", "found", "void_reason", "fault", "verdict",
        "overruled", "settled_how", "response", "trouble", "filename", "removed_why", "payer_name", "who",
    }
)  # fmt: skip
"""fields in which people write what they like: a card number that got past the desk's masks stops here"""


def instant(at: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC: '2026-11-02T09:12:00.000000Z'."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if at else None


def amount(minor: int | None, currency: str | None) -> dict[str, Any] | None:
    """An amount in minor units of its currency."""
    return None if minor is None else {"minor": minor, "currency": currency}


def fields(
    row: Any, names: str, *, currency: str | None = None, people: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """The named columns of a row. `x_minor` becomes the amount `x`, and the person behind `x_by_id` becomes `x_by`."""
    found: dict[str, Any] = {}
    for name in names.split():
        value = getattr(row, name)
        if name.endswith("_minor"):
            found[name.removesuffix("_minor")] = amount(value, currency)
        elif people is not None and (name.endswith("by_id") or name == "author_id"):
            found[name.removesuffix("_id")] = person(value, people)
        else:
            found[name] = plain(value, free=name in FREE)
    return found


def person(person_id: int | None, people: Mapping[int, str]) -> dict[str, Any] | None:
    """A person of ours by number and name; None where the desk or the customer did it."""
    return {"person": person_id, "name": people.get(person_id, "")} if person_id else None


def plain(value: Any, *, free: bool = False) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return mask_cards(value) if free and isinstance(value, str) else value


def quiet(value: Any) -> Any:
    """What an event holds, as people may read it: what was erased says so without its seal, and no card number passes."""
    if isinstance(value, str):
        return _ERASED.sub("[erased]", mask_cards(value))
    if isinstance(value, dict):
        return {key: quiet(inner) for key, inner in value.items()}
    return [quiet(inner) for inner in value] if isinstance(value, list) else value


def by(rows: Iterable[Any], column: str) -> dict[int, list[Any]]:
    """Rows by the number in a column, in their order."""
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(row)
    return found
