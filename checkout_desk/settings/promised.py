"""By when the store answers whom: hours of wall time or of a calendar, for all and for groups of customers (SPEC section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from checkout_desk import openhours
from checkout_desk.extensions import db
from checkout_desk.openhours import Hours
from checkout_desk.settings import calendars
from checkout_desk.settings.models import Calendar, PromiseRule, Store


@dataclass(frozen=True, slots=True)
class Promised:
    """What the store promises. `groups`: name of a group -> (hours, the calendar they count in)."""

    hours: int = 24
    calendar: Hours | None = None
    groups: Mapping[str, tuple[int, Hours | None]] = field(default_factory=dict)

    def due(self, opened_at: datetime, *, group: str = "") -> datetime:
        """When an answer to a message of `opened_at` is due. A calendar that never opens counts by the wall clock."""
        hours, calendar = self.groups.get(group, (self.hours, self.calendar))
        return _due(opened_at, timedelta(hours=hours), calendar)

    def resumed(
        self, at: datetime, *, paused_at: datetime, was_due_at: datetime, group: str = ""
    ) -> datetime:
        """When a promise that was paused from `paused_at` to `at` is due: what was left of it then is left now."""
        _, calendar = self.groups.get(group, (self.hours, self.calendar))
        return _due(at, openhours.elapsed(paused_at, was_due_at, calendar), calendar)


def _due(start: datetime, amount: timedelta, calendar: Hours | None) -> datetime:
    try:
        return openhours.due(start, amount, calendar)
    except ValueError:
        return start + amount


def now() -> Promised:
    """What the store promises from now on. One query, two where it has calendars."""
    store = db.session.execute(select(Store.promise_hours, Store.calendar_id)).one_or_none()
    if store is None:
        return Promised()
    rules = db.session.execute(select(PromiseRule.group, PromiseRule.hours, PromiseRule.calendar_id)).all()
    wanted = {rule.calendar_id for rule in rules} | {store.calendar_id}
    found: dict[int | None, Hours] = {
        row.id: calendars.hours_of(row)
        for row in (
            db.session.scalars(select(Calendar).where(Calendar.id.in_(wanted - {None})))
            if wanted - {None}
            else ()
        )
    }
    return Promised(
        store.promise_hours,
        found.get(store.calendar_id),
        {rule.group: (rule.hours, found.get(rule.calendar_id)) for rule in rules},
    )
