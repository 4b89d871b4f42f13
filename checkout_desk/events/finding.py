"""Conditions by which events of a kind or of an actor are found without reading the whole record."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from checkout_desk.events.models import OTHERS, RARE, Event
from checkout_desk.events.shorthand import COMMON


def of_kind(kind: str) -> list[Any]:
    """The conditions for events of a kind.

    SQLite sees that the index of rare kinds serves by the words of that index alone. One of a common kind is never far
    when the record is walked by its numbers.
    """
    return [Event.kind == kind, *([] if kind in COMMON else [text(f"event.{RARE}")])]


def by_actor(actor: str) -> list[Any]:
    """The conditions for what an actor did. What the desk did by itself has no index: it is every second event."""
    return [Event.actor == actor, *([] if actor == "desk" else [text(f"event.{OTHERS}")])]
