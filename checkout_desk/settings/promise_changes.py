"""Changing calendars, what groups of customers are promised, and where broken promises go. Each change leaves an event."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from checkout_desk import openhours
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.settings.models import Calendar, EscalationRule, PromiseRule, Store
from checkout_desk.settings.typed import SHOWN, Wrong

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPAN = re.compile(r"([0-9]{1,2}[:.][0-9]{2})\s*(?:-|–|—|to)\s*([0-9]{1,2}[:.][0-9]{2})")


def spans(label: str) -> Callable[[str], list[list[str]]]:
    """'09:00–12:30, 13:00–17:00' as [["09:00", "12:30"], ["13:00", "17:00"]]; empty for a day that is closed."""

    def read(text: str) -> list[list[str]]:
        found = []
        for part in filter(None, (one.strip() for one in re.split(r"[,;]", text))):
            match = _SPAN.fullmatch(part)
            if match is None:
                raise ValueError(_refusal(label, part))
            low, high = (one.replace(".", ":").rjust(5, "0") for one in match.groups())
            try:
                if openhours.minutes(low) >= openhours.minutes(high):
                    raise ValueError
            except ValueError:
                raise ValueError(_refusal(label, part)) from None
            found.append([low, high])
        found.sort()
        for (_, until), (begin, _) in pairwise(found):
            if begin <= until:
                raise ValueError(
                    f"{label} is open twice at {begin}; leave a gap between its hours, or make them one."
                )
        return found

    return read


def _refusal(label: str, part: str) -> str:
    return f"{label} cannot be “{part[:SHOWN]}”; type hours such as 09:00–12:30, 13:00–17:00, or nothing for closed."


def days(text: str) -> list[str]:
    """Days, one a line or with commas between, such as 2026-12-24; sorted, each once."""
    found = set()
    for part in filter(None, re.split(r"[\s,;]+", text)):
        try:
            found.add(date.fromisoformat(part).isoformat())
        except ValueError:
            raise ValueError(
                f"Closed on cannot hold “{part[:SHOWN]}”; type days such as 2026-12-24."
            ) from None
    return sorted(found)


def save_calendar(row: Calendar | None, values: dict[str, Any]) -> Calendar:
    """Make a calendar, or change one. Raises Wrong where its name is taken, and for one that never opens."""
    taken = db.session.scalar(select(Calendar.id).where(Calendar.name == values["name"]))
    if taken is not None and (row is None or taken != row.id):
        raise Wrong("name", f"Another calendar is called “{values['name']}”; give this one another name.")
    if not any(values["hours"]):
        raise Wrong(
            "day0",
            "This calendar never opens, so nobody would ever be late; type hours for at least one day.",
        )
    before = None if row is None else {name: getattr(row, name) for name in values}
    if row is None:
        row = Calendar(**values)
        db.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    db.session.flush()
    record("calendar.saved", about=row, before=before, after=values)
    return row


def count_in(store: Store, calendar_id: int | None) -> None:
    """The store's promises run in that calendar from now on, or by the wall clock."""
    if store.calendar_id != calendar_id:
        record(
            "store.changed",
            about=store,
            before={"calendar_id": store.calendar_id},
            after={"calendar_id": calendar_id},
        )
        store.calendar_id = calendar_id


def promise(group: str, hours: int, calendar_id: int | None) -> PromiseRule:
    """What a group is promised; a group that has a rule gets this one instead."""
    row = db.session.scalars(select(PromiseRule).where(PromiseRule.group == group)).one_or_none()
    before = None if row is None else {"hours": row.hours, "calendar": row.calendar_id}
    if row is None:
        row = PromiseRule(group=group)
        db.session.add(row)
    row.hours, row.calendar_id = hours, calendar_id
    db.session.flush()
    record(
        "promise_rule.saved",
        about=row,
        before=before,
        after={"group": group, "hours": hours, "calendar": calendar_id},
    )
    return row


def hand_out(store: Store, values: dict[str, Any]) -> None:
    """Who gets new work, when the daily mail goes, and when a case that stays is escalated again."""
    before = {name: getattr(store, name) for name in values}
    if before != values:
        for name, value in values.items():
            setattr(store, name, value)
        record("store.changed", about=store, before=before, after=values)


def escalate(values: dict[str, Any]) -> EscalationRule:
    """One more rule for broken promises."""
    row = EscalationRule(active=True, **values)
    db.session.add(row)
    db.session.flush()
    record("escalation_rule.added", about=row, after=values)
    return row


def drop(row: PromiseRule | EscalationRule) -> None:
    """Take a rule away; what it has brought about stays. An escalation rule is kept for what it has escalated, switched off."""
    if isinstance(row, EscalationRule):
        row.active = False
        record("escalation_rule.ended", about=row)
        return
    record("promise_rule.dropped", about=row, before={"group": row.group, "hours": row.hours})
    db.session.delete(row)
