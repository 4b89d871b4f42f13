"""When the machine's clock is set back, what the desk itself waits for is brought back with it (work of the clock).

A wait is kept as the instant of its end. Set back by an hour, the clock would reach that instant an hour late: mails would
lie, and what a dead worker held would stay held. So the ends of waits and leases that lie ahead are moved by what the clock
lost, and a wait lasts as long as it was meant to. What people were told (promises, the end of a quote, a snooze) is a date
of the calendar, and stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import Column, Table, func, select, update

from checkout_desk import clock
from checkout_desk.events.finding import of_kind
from checkout_desk.events.models import Event, EventHead
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox, OutboundMail

log = structlog.get_logger(__name__)

LEAST = timedelta(seconds=5)
"""what clocks are put right by every day is no jump"""
FRESH = 60.0
"""seconds after which the last look of this process says nothing: another clock has worked since"""
KIND = "clock.set_back"
LEASES = ("claimed_until", "rung_at")
"""columns of any table that are a machine's own wait"""
SHORTEST = timedelta(seconds=30)
"""what a lease is left in any case: a living worker may have taken it since the jump, and nobody else may take it from them"""
_AHEAD = timedelta(seconds=1)
_DUE = OutboundMail.__table__.c.due_at


def sweep() -> int:
    """Look whether the clock went back since the last look, and bring back what waits. Commits. Returns how many rows."""
    db.session.rollback()
    now, at = clock.now(), monotonic()
    last: tuple[datetime, float] | None = current_app.extensions.get("desk_clock_seen")
    current_app.extensions["desk_clock_seen"] = now, at
    if last is not None and at - last[1] <= FRESH:
        lost = last[0] + timedelta(seconds=at - last[1]) - now
        return _bring_back(now, lost, seen=last[0]) if lost > LEAST else 0
    newest = _newest()
    db.session.rollback()
    if newest is None or newest - now <= LEAST:
        return 0
    return _bring_back(now, newest - now, seen=newest, since=newest)


def _newest() -> datetime | None:
    """The latest instant that anything here was written down at: what a desk that was off has of the time before."""
    head = db.session.scalar(select(EventHead.at))
    contact = db.session.scalar(select(func.max(Mailbox.last_contact_at)))
    return max(filter(None, (head, contact)), default=None)


def _bring_back(now: datetime, lost: timedelta, *, seen: datetime, since: datetime | None = None) -> int:
    """Move the ends of waits that lie after `seen`, what the clock showed when it was last right: those before it were set since."""
    begin_write()
    db.session.execute(select(EventHead.id).with_for_update())  # two clocks that see the same jump: one acts
    if _known(now, since):
        db.session.rollback()
        return 0
    moved = sum(
        _move(column.table, column, seen, lost, floor=None if column is _DUE else now + SHORTEST)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name in LEASES or column is _DUE
    )
    with acting_as("desk", "clock"):
        record(
            KIND,
            about=("desk", 0),
            after={"seconds": round(lost.total_seconds()), "to": now.isoformat(), "moved": moved},
        )
        db.session.commit()
    log.warning("clock.set_back", seconds=round(lost.total_seconds()), moved=moved)
    return moved


def _known(now: datetime, since: datetime | None) -> bool:
    """Whether this jump was seen to before: just now by another clock, or, told by the record (`since`), ever.

    Until the clock is where it was, the record's own time stands still at the event that told of the jump.
    """
    last = db.session.scalars(
        select(Event).where(*of_kind(KIND)).order_by(Event.id.desc()).limit(1)
    ).one_or_none()
    if last is None or last.after is None:
        return False
    to = datetime.fromisoformat(last.after["to"])
    if since is None:
        return -LEAST < now - to < timedelta(seconds=2 * FRESH)
    return since - last.at < _AHEAD and now > to - LEAST


def _move(table: Any, column: Column[Any], seen: datetime, lost: timedelta, *, floor: datetime | None) -> int:
    """Bring the instants of a column that lie after `seen` back by what was lost, none of them before `floor`."""
    keys = list(table.primary_key.columns) if isinstance(table, Table) else []
    ahead = column > seen
    if column is _DUE:
        ahead = ahead & OutboundMail.state.in_(("queued", "sending"))
    rows = db.session.execute(select(*keys, column).where(ahead)).all()
    for row in rows:
        end = row[-1] - lost
        db.session.execute(
            update(table)
            .where(*(key == value for key, value in zip(keys, row[:-1], strict=True)))
            .values({column.name: end if floor is None else max(end, floor)}),
            execution_options={"synchronize_session": False},
        )
    return len(rows)
