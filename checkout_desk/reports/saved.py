"""Reports that people keep: a name, days that move with the calendar, who sees them and whom they are mailed to.

Keeping a report gives nobody a right: who lacks `reports.read` neither sees it nor gets it by mail, whatever was ticked
when they still had it. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import PERMISSIONS, ROLES, allowed
from checkout_desk.accounts.sessions import Identity
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.reports.models import SCHEDULES, SavedReport

PERMISSION = "reports.read"
READERS = {role: name for role, name in ROLES.items() if role in PERMISSIONS[PERMISSION]}
"""roles that a report can be shown to"""
MOVING = {"week": "The last whole week", "month": "The last whole month", "7": "The last 7 days", "30": "The last 30 days",
          "90": "The last 90 days"}  # fmt: skip
SCHEDULE_WORDS = {"": "Never", "week": "Every Monday", "month": "On the first of every month"}
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed of a saved report, and sentences by field for what cannot be kept."""

    name: str
    days: str
    roles: Sequence[str] = ()
    schedule: str = ""
    people: Sequence[int] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


def checked(
    name: str, days: str, roles: Sequence[str], schedule: str, people: Sequence[str], *, fixed: str
) -> Form:
    """A typed form. `fixed` are the days of the address, the only ones besides those of MOVING."""
    errors: dict[str, str] = {}
    name = " ".join(name.split())
    if not name:
        errors["name"] = "Give it a name, such as “Money, every month”."
    elif len(name) > LONGEST_NAME:
        errors["name"] = f"“{name[:30]}…” is {len(name)} characters long; at most {LONGEST_NAME} can be kept."
    if days not in MOVING and days != fixed:
        errors["days"] = f"“{days[:24]}” are no days to choose; take one of the list."
    if schedule not in SCHEDULES:
        errors["schedule"] = f"“{schedule[:24]}” is no schedule; take one of the list."
    known = {str(one.id): one.id for one in readers()}
    chosen = [known[one] for one in people if one in known]
    strangers = [one for one in (*roles,) if one not in READERS]
    if strangers:
        errors["roles"] = f"“{strangers[0][:24]}” is no role that reads reports."
    if len(chosen) < len(people):
        errors["people"] = "One of these people does not read reports any more; tick the others again."
    elif schedule and not chosen:
        errors["people"] = "Tick at least one person to mail it to, or choose “Never”."
    if schedule and days not in MOVING and "days" not in errors:
        errors["days"] = (
            "Days that stand still would make the same mail again and again; choose days that move."
        )
    return Form(name, days, [role for role in READERS if role in roles], schedule, chosen, errors)


def readers() -> list[Person]:
    """Everybody who may read reports, by name. Two queries."""
    people = db.session.scalars(
        select(Person).where(Person.disabled_at.is_(None)).order_by(Person.name, Person.id)
    )
    return [one for one in people if allowed(one.roles, PERMISSION)]


def seen_by(person: Identity) -> list[SavedReport]:
    """The reports of a person and those that are shown to their roles, by name. One query."""
    rows = db.session.scalars(select(SavedReport).order_by(SavedReport.name, SavedReport.id))
    return [row for row in rows if shown_to(row, person)]


def shown_to(row: SavedReport, person: Identity) -> bool:
    """Whether the person sees this report."""
    return row.owner_id == person.id or not person.roles.isdisjoint(row.roles)


def keep(form: Form, *, kind: str, words: Mapping[str, Any], by: Person, today: date) -> SavedReport:
    """Keep a new report. Its first mail comes when the next week or month begins."""
    row = SavedReport(
        name=form.name, kind=kind, days=form.days, words=dict(words), owner_id=by.id, roles=list(form.roles),
        schedule=form.schedule, people=list(form.people), created_at=clock.now(),
        mailed_for=begin(form.schedule, today) if form.schedule else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record("report.saved", about=row, after=_told(row))
    return row


def change(row: SavedReport, form: Form, *, by: Person, today: date) -> None:
    """Put other values in. Raises Refused for somebody else's report."""
    _own(row, by)
    before = _told(row)
    if form.schedule and form.schedule != row.schedule:
        row.mailed_for = begin(form.schedule, today)
    row.name, row.days, row.roles = form.name, form.days, list(form.roles)
    row.schedule, row.people = form.schedule, list(form.people)
    if _told(row) != before:
        record("report.changed", about=row, before=before, after=_told(row))


def drop(row: SavedReport, *, by: Person) -> None:
    """Throw a report away. Raises Refused for somebody else's."""
    _own(row, by)
    record("report.removed", about=("saved_report", row.id), before=_told(row))
    db.session.delete(row)


def _own(row: SavedReport, by: Person) -> None:
    if row.owner_id != by.id:
        raise Refused("Only its owner changes a saved report; open it and save one of your own.")


def _told(row: SavedReport) -> dict[str, Any]:
    return {
        "title": row.name, "kind": row.kind, "on": row.days, "roles": list(row.roles), "schedule": row.schedule,
        "people": list(row.people),
    }  # fmt: skip


def range_of(days: str, today: date) -> tuple[date, date]:
    """The first and the last day that the days of a report mean today."""
    if days == "week":
        monday = begin("week", today)
        return monday - timedelta(days=7), monday - timedelta(days=1)
    if days == "month":
        last = begin("month", today) - timedelta(days=1)
        return last.replace(day=1), last
    if days in MOVING:
        return today - timedelta(days=int(days) - 1), today
    first, _, last_ = days.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last_)


def begin(schedule: str, today: date) -> date:
    """The first day of the week (Monday) or month that `today` lies in."""
    return today.replace(day=1) if schedule == "month" else today - timedelta(days=today.weekday())


def due(today: date) -> list[int]:
    """Ids of the reports that are to be mailed in the week or month of `today` and have not been. One query."""
    r = SavedReport
    late = [
        (r.schedule == schedule) & or_(r.mailed_for.is_(None), r.mailed_for < begin(schedule, today))
        for schedule in SCHEDULES
        if schedule
    ]
    return list(db.session.scalars(select(r.id).where(or_(*late)).order_by(r.id)))
