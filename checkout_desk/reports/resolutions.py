"""How long it took until a conversation was closed: from the message that opened it, or opened it again, to its closing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from checkout_desk import openhours
from checkout_desk.conversations.models import Promise
from checkout_desk.events.models import Event
from checkout_desk.events.numbering import first_since
from checkout_desk.extensions import db
from checkout_desk.openhours import Hours
from checkout_desk.reports.period import Period

_E = Event
CLOSED = _E.kind + "" == "conversation.close"
"""not the bare column: of its index the database would read all that were ever closed, instead of those days or conversations"""
_THEN = (_E.id >= first_since(bindparam("start")), _E.id < first_since(bindparam("end")))
_CLOSED = select(_E.id, _E.subject_id, _E.at).where(CLOSED, *_THEN).order_by(_E.id)
_OF_THESE = select(_E.subject_id).where(CLOSED, *_THEN)
OF_CONVERSATION = (_E.subject_type == "conversation", CLOSED)
_BEFORE = select(_E.subject_id, _E.at).where(
    *OF_CONVERSATION, _E.at < bindparam("end"), _E.subject_id.in_(_OF_THESE)
)
_OPENED = select(Promise.conversation_id, Promise.opened_at).where(
    Promise.conversation_id.in_(_OF_THESE), Promise.opened_at < bindparam("end")
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """One closing."""

    event_id: int
    conversation_id: int
    closed_at: datetime
    took: timedelta


def closed_in(period: Period, *, hours: Hours | None) -> list[Resolution]:
    """Every closing in the period that a customer's message went before, oldest first. Three queries."""
    between = {"start": period.start, "end": period.end}
    connection = db.session.connection()
    ends: dict[int, list[datetime]] = defaultdict(list)
    for past in connection.execute(_BEFORE, between):
        ends[past.subject_id].append(past.at)
    begins: dict[int, list[datetime]] = defaultdict(list)
    for promise in connection.execute(_OPENED, between):
        begins[promise.conversation_id].append(promise.opened_at)
    for times in (*ends.values(), *begins.values()):
        times.sort()
    found = []
    for row in connection.execute(_CLOSED, between):
        before, mine = ends[row.subject_id], begins[row.subject_id]
        last = bisect_left(before, row.at) - 1
        at = bisect_right(mine, before[last]) if last >= 0 else 0
        if at < len(mine) and mine[at] < row.at:
            found.append(
                Resolution(row.id, row.subject_id, row.at, openhours.elapsed(mine[at], row.at, hours))
            )
    return found
