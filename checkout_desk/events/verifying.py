"""Checking the chain: every row's hash, every number, and the head. Constant memory, and right while others write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, func, select

from checkout_desk.events.models import GENESIS, Event, EventHead, digest
from checkout_desk.extensions import db

WINDOW = 2000

_E: Any = Event.__table__
_H: Any = EventHead.__table__
Row = RowMapping


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `records verify` says: how many rows are right and, if the chain is broken, the first wrong number and why."""

    events: int
    first_wrong: int | None = None
    why: str = ""
    expected: str = ""
    """the hash that the row should bear, where it bears another"""
    found: str = ""
    before: str = ""
    """the last right row in words, '' where there is none"""
    after: str = ""
    """the row that follows the wrong one in words, '' where there is none"""
    head: str = ""
    """the hash with which the record ends, where all of it is right"""


@dataclass(frozen=True, slots=True)
class _End:
    """How the record ends by its head and by its rows, both seen at the same moment."""

    seq: int
    hash: str
    first: int
    last: int


def verify(told: Callable[[int, int], None] | None = None) -> ChainReport:
    """Read the record in order up to its head and compare; stops at the first wrong row.

    `told` hears (rows that are right, rows in all) after each window and may end the transaction. What is written
    meanwhile is left to the next check: rows and head are looked at in one statement, so it is never taken for a fault.
    """
    chain, seen = GENESIS, 0
    previous: Row | None = None
    end = _end()
    if end is None:
        return ChainReport(0, 1, "the head of the record is missing")
    if end.first < 1:
        why = f"event {end.first} was put in from outside: the desk counts from 1"
        return ChainReport(0, end.first, why, after=_words(_next(end.first)))
    for row in _rows(0, end.seq):
        if isinstance(row, int):
            why = f"event {row} cannot be read: what it holds is no time or no JSON"
            return ChainReport(seen, row, why, before=_words(previous))
        if row["id"] != seen + 1:
            return _missing(seen, previous, row)
        expected = _hash(chain, row)
        if row["hash"] != expected:
            return _changed(seen, previous, row, expected, end)
        chain, seen, previous = expected, seen + 1, row
        if told and seen % WINDOW == 0:
            told(seen, end.seq)
    return _wrong_end(seen, chain, previous, end) or ChainReport(seen, head=chain)


def _hash(chain: str, row: Row) -> str:
    """The hash that a row should bear after `chain`; '' where what it holds has no hash at all."""
    try:
        return digest(chain, dict(row))
    except (TypeError, KeyError, AttributeError, ValueError):
        return ""


def _end() -> _End | None:
    row = db.session.execute(
        select(
            _H.c.seq,
            _H.c.hash,
            select(func.coalesce(func.min(_E.c.id), 1)).scalar_subquery(),
            select(func.coalesce(func.max(_E.c.id), 0)).scalar_subquery(),
        )
    ).one_or_none()
    return _End(*row) if row else None


def _rows(after: int, until: int) -> Iterator[Row | int]:
    """The rows with numbers above `after` up to `until`; a bare number for one that cannot be read."""
    while after < until:
        query = select(_E).where(_E.c.id > after, _E.c.id <= until).order_by(_E.c.id)
        try:
            rows = list(db.session.execute(query.limit(WINDOW)).mappings())
        except (ValueError, TypeError):  # one of them is spoilt: go on one by one up to it
            number = _number_after(after)
            try:
                rows = list(db.session.execute(query.limit(1)).mappings())
            except (ValueError, TypeError):
                yield number
                return
        yield from rows
        if not rows:
            return
        after = rows[-1]["id"]


def _number_after(after: int) -> int:
    return int(db.session.scalar(select(func.min(_E.c.id)).where(_E.c.id > after)) or after + 1)


def _next(number: int) -> Row | None:
    try:
        return (
            db.session.execute(select(_E).where(_E.c.id > number).order_by(_E.c.id).limit(1))
            .mappings()
            .first()
        )
    except (ValueError, TypeError):
        return None


def _missing(seen: int, previous: Row | None, row: Row) -> ChainReport:
    last = row["id"] - 1
    gone = f"event {seen + 1} is missing" if last == seen + 1 else f"events {seen + 1} to {last} are missing"
    return ChainReport(seen, seen + 1, gone, before=_words(previous), after=_words(row))


def _changed(seen: int, previous: Row | None, row: Row, expected: str, end: _End) -> ChainReport:
    """A row does not fit its hash. The one that follows still knows the true hash, and so tells what was changed."""
    number, after = row["id"], _next(row["id"])
    why = f"event {number} was changed after it was written"
    if _fits(row["hash"], number, after, end):
        why += ": its content is not what its hash was made of"
    elif _fits(expected, number, after, end):
        why += ": its hash was replaced"
    return ChainReport(seen, number, why, expected, row["hash"], before=_words(previous), after=_words(after))


def _fits(chain: str, number: int, after: Row | None, end: _End) -> bool:
    """Whether what follows event `number`, a row or the head, was written upon the hash `chain`."""
    if after is None:
        return (number, chain) == (end.seq, end.hash)
    return bool(after["hash"] == _hash(chain, after))


def _wrong_end(seen: int, chain: str, previous: Row | None, end: _End) -> ChainReport | None:
    """What is wrong behind the last row that was read, None where rows and head agree."""
    told = {"before": _words(previous)}
    if seen < end.seq:
        gone = f"event {end.seq} is" if end.seq == seen + 1 else f"events {seen + 1} to {end.seq} are"
        return ChainReport(seen, seen + 1, f"the newest events are missing: {gone} cut off", **told)
    if chain != end.hash:
        why = f"the head was changed: it does not bear the hash of event {seen}"
        return ChainReport(seen, max(seen, 1), why, chain, end.hash, **told)
    if end.last > end.seq:
        row = _next(seen)
        why = f"event {seen + 1} was put in from outside: the head ends the record with event {end.seq}"
        return ChainReport(seen, row["id"] if row else end.last, why, after=_words(row), **told)
    return None


def _words(row: Row | None) -> str:
    """A row as a few words: number, time, kind and what it is about."""
    if row is None:
        return ""
    about = f"{row['subject_type']} {row['subject_id']}" if row["subject_id"] else row["subject_type"]
    return f"event {row['id']} of {row['at']:%Y-%m-%d %H:%M:%S} UTC, {row['kind']}, about {about}"
