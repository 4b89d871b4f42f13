"""How much of the record one person may take away in a day (SECURITY A64). The record itself counts it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.finding import by_actor
from checkout_desk.events.models import Event
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.records.gathering import EXPORTED

LISTED = "records.listed"
ROWS_A_DAY = 50_000
"""events as CSV"""
FILES_A_DAY = 100
"""case files of orders"""
DAY = timedelta(hours=24)


def take_rows(by: Person, rows: int, *, narrowed: Sequence[str]) -> None:
    """Note that `by` takes `rows` events away. Raises Refused beyond what a day allows."""
    taken = sum(int((after or {}).get("rows", 0)) for after in _today(by, LISTED))
    if taken + rows > ROWS_A_DAY:
        raise Refused(
            f"That would be {taken + rows:,} events in 24 hours; one person may export {ROWS_A_DAY:,}. "
            "Search for less, or go on tomorrow."
        )
    record(LISTED, about=by, after={"rows": rows, "fields": list(narrowed)})


def take_file(by: Person) -> None:
    """Raises Refused when `by` has taken as many case files as a day allows."""
    taken = len(_today(by, EXPORTED))
    if taken >= FILES_A_DAY:
        raise Refused(
            f"You have exported the records of {taken} orders in 24 hours; one person may export {FILES_A_DAY}."
        )


def _today(by: Person, kind: str) -> list[Any]:
    # Whoever asks twice at once waits here for the first, whose event then counts.
    db.session.execute(select(Person.id).where(Person.id == by.id).with_for_update())
    mine = (*by_actor(f"person:{by.id}"), Event.kind == kind, Event.at >= clock.now() - DAY)
    return list(db.session.scalars(select(Event.after).where(*mine)))
