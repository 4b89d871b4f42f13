"""From a moment to the number of an event, without an index over times.

Time in the record never goes back (`recording`), so the first event of a moment is found by halving the numbers: some
twenty looks by primary key, however long the record is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, case, func, literal, select

from checkout_desk.events.models import Event

_E: Any = Event.__table__


def first_since(moment: Any) -> Any:
    """The number of the first event at or after `moment` (a value or a bind parameter), as a scalar subquery.

    Where there is none it is the number that the next event will get, so that both ends of a time can be asked for.
    """
    seen = _E.alias()
    ends = select(
        literal(1, BigInteger()).label("low"), (func.coalesce(func.max(seen.c.id), 0) + 1).label("high")
    )
    walk = ends.cte(recursive=True)
    middle = (walk.c.low + walk.c.high) // 2
    one = _E.alias()
    early = select(one.c.id).where(one.c.id == middle, one.c.at < moment).exists()
    half = select(case((early, middle + 1), else_=walk.c.low), case((early, walk.c.high), else_=middle))
    walk = walk.union_all(half.where(walk.c.low < walk.c.high))
    return select(walk.c.low).where(walk.c.low == walk.c.high).scalar_subquery()
