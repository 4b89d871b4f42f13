"""Finding events by anything: order, customer, person, kind, thing, day, words in what they hold. Newest first.

A page is at most four queries, however long the record is. Everything but free words is one walk of an index; free words
look through LOOKED_AT events in one go and say where they stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)

from checkout_desk.events.finding import by_actor, of_kind
from checkout_desk.events.models import Event
from checkout_desk.events.numbering import first_since
from checkout_desk.events.shorthand import COMMON, Kind, actor_holds, kind_holds, told_holds
from checkout_desk.extensions import db
from checkout_desk.orders import queries
from checkout_desk.orders.models import Order
from checkout_desk.records import subjects

LOOKED_AT = 20_000
"""events that one page looks through for free words"""
MOST_WORDS = 5
_TOP = 2**62
"""a number that no event reaches"""
_E: Any = Event.__table__
_COLUMNS = [c for c in _E.c if c.name != "salts"]
_THING = re.compile(r"([a-z_]{2,40}):(\d{1,18})")
_KINDS = text(
    "WITH RECURSIVE found (kind) AS (SELECT min(kind) FROM event WHERE kind > '9' UNION ALL "
    "SELECT (SELECT min(kind) FROM event WHERE kind > found.kind AND kind > '9') FROM found WHERE found.kind IS NOT NULL) "
    "SELECT kind FROM found WHERE kind IS NOT NULL"
).columns(kind=Kind())
_RECENT = _E.c.id > select(func.max(_E.c.id) - LOOKED_AT).scalar_subquery()
_COMMON = union_all(
    *(select(literal(kind)).where(exists().where(_E.c.kind == kind, _RECENT)) for kind in COMMON)
)
"""one look at each, which ends at the first"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the record is searched for; empty fields narrow nothing. `since` and `until` are the ends of a time, the
    second one not part of it; `about` is 'order:7'."""

    words: str = ""
    actor: str = ""
    kind: str = ""
    about: str = ""
    event: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def narrowed(self) -> list[str]:
        """The names of what it is searched by: what the record keeps of an export, for words may name a customer."""
        return [
            name
            for name in ("words", "actor", "kind", "about", "event", "since", "until")
            if getattr(self, name)
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of events, newest first."""

    rows: Sequence[Any]
    older: int | None = None
    """the number before which the next page begins, None at the end"""
    newer: int | None = None
    """the number after which the page before begins, None at the top"""
    stopped_at: int | None = None
    """free words were looked for down to this event only; `older` goes on there"""
    meant: str = ""
    """what the words were taken for: 'order 1042', 'customer jane@…', '' for free words"""


@dataclass(slots=True)
class _Meant:
    subjects: subjects.Subjects = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    told: str = ""


def page(wanted: Wanted, *, before: int | None = None, after: int | None = None, limit: int) -> Found:
    """Events that fit. `before` and `after` are numbers at whose older or newer side the page begins."""
    back = after is not None and before is None
    meant = _meant(wanted.words)
    query = _query(wanted, meant, before=before, after=after if back else None)
    order = "id" if back else "-id"
    if meant.free:
        return _look(query, meant, order=order, before=before, limit=limit)
    rows = list(db.session.execute(_sorted(query, order).limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    return _found(rows, more, back=back, first=before is None, told=meant.told)


def _found(rows: list[Any], more: bool, *, back: bool, first: bool, told: str) -> Found:
    if back:
        rows = rows[::-1]
        older = rows[-1].id if rows else None
        return Found(rows, older, rows[0].id if more else None, meant=told)
    newer = rows[0].id if rows and not first else None
    return Found(rows, rows[-1].id if more else None, newer, meant=told)


def _look(query: Select[Any], meant: _Meant, *, order: str, before: int | None, limit: int) -> Found:
    """Free words: through the LOOKED_AT events that come next, and where that ended."""
    window = _sorted(query, order).limit(LOOKED_AT).subquery()
    seen = db.session.execute(
        select(func.count(), func.min(window.c.id), func.max(window.c.id)).select_from(window)
    ).one()
    hits = select(window).where(*(_holds(window, word) for word in meant.free))
    back = order == "id"
    rows = list(
        db.session.execute(hits.order_by(window.c.id if back else window.c.id.desc()).limit(limit + 1))
    )
    more, rows = len(rows) > limit, rows[:limit]
    found = _found(rows, more, back=back, first=before is None, told="")
    if more or seen[0] < LOOKED_AT:
        return found
    if back:
        return Found(found.rows, found.older or seen[1], seen[2])
    return Found(found.rows, seen[1], found.newer, stopped_at=seen[1])


def _holds(window: Any, word: str) -> ColumnElement[bool]:
    return or_(
        kind_holds(window.c.kind, word),
        actor_holds(window.c.actor, word),
        window.c.origin.icontains(word, autoescape=True),
        *(told_holds(column, word) for column in (window.c.before, window.c.after)),
    )


def _sorted(query: Any, order: str) -> Any:
    return query.order_by(query.selected_columns.id if order == "id" else query.selected_columns.id.desc())


def _query(wanted: Wanted, meant: _Meant, *, before: int | None, after: int | None) -> Select[Any]:
    conditions = list(_conditions(wanted))
    # Always a bound, so that the first page is the same walk as the others.
    conditions.append(_E.c.id > after if after is not None else _E.c.id < (before or _TOP))
    if meant.told and not meant.subjects:
        return select(*_COLUMNS).where(literal(False))
    if not meant.subjects:
        return select(*_COLUMNS).where(*conditions)
    # One branch for each sort of thing: each is a walk of ix_event_subject, and none reads the whole record.
    branches = [
        select(*_COLUMNS).where(_E.c.subject_type == kind, _E.c.subject_id.in_(ids), *conditions)
        for kind, ids in meant.subjects.items()
    ]
    every = union_all(*branches).subquery() if len(branches) > 1 else branches[0].subquery()
    return select(every)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.actor:
        yield from by_actor(wanted.actor)
    if wanted.kind:
        yield from of_kind(wanted.kind)
    thing = _THING.fullmatch(wanted.about)
    if thing:
        yield _E.c.subject_type == thing[1]
        yield _E.c.subject_id == int(thing[2])
    if wanted.event is not None:
        yield _E.c.id == wanted.event
    # Time in the record never goes back, so the ends of a time are numbers: the walk is by number all the same.
    if wanted.since is not None:
        yield _E.c.id >= first_since(wanted.since)
    if wanted.until is not None:
        yield _E.c.id < first_since(wanted.until)


def _meant(words: str) -> _Meant:
    """What was typed: the number of an order (1042, #1042, 1042-Q2), an address of a customer, or free words."""
    words = " ".join(words.split())
    if not words:
        return _Meant()
    number = queries.number_in(words)
    if number is not None and " " not in words:
        order_id = db.session.scalar(select(Order.id).where(Order.number == number))
        told = f"order {number}"
        return _Meant(subjects.of_orders([order_id]), told=told) if order_id else _Meant(told=told)
    if "@" in words and " " not in words:
        customers = subjects.customers_of(words)
        if customers:
            return _Meant(subjects.of_customers(customers), told=f"customer {words}")
    return _Meant(free=words.split()[:MOST_WORDS])


def is_thing(about: str) -> bool:
    """Whether `about` names a thing: 'order:7'."""
    return bool(_THING.fullmatch(about))


def kinds() -> list[str]:
    """Every kind of event that there is: the rare ones from entry to entry of their index, the common ones among the
    LOOKED_AT newest events."""
    return sorted({*db.session.scalars(_KINDS), *db.session.scalars(_COMMON)})


def order_numbers(rows: Sequence[Any]) -> Mapping[int, int]:
    """Order id -> number, for the orders that a page of events is about or names. One query."""
    ids = {row.subject_id for row in rows if row.subject_type == "order" and row.subject_id}
    if not ids:
        return {}
    found = db.session.execute(select(Order.id, Order.number).where(Order.id.in_(ids)))
    return {row.id: row.number for row in found}
