"""The weekly mail to managers: what went wrong that was new, what came back, what has been open longest.

On the first day of the week on which the store is open, from its hour of the daily mail on; once a week and person, for the
week stands in a row and the mail's occasion is unique for ever. Nothing when there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select

from checkout_desk import clock, openhours
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.incidents import filing
from checkout_desk.incidents.causes import KINDS
from checkout_desk.incidents.models import Incident, IncidentCursor
from checkout_desk.mail import to_people
from checkout_desk.settings import calendars
from checkout_desk.settings.models import Store

SHOWN = 10
"""causes of a part that the mail names"""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the mail: its title, the words for its number, how many there are, the first of them."""

    title: str
    short: str
    count: int
    rows: Sequence[Incident]


def sweep() -> int:
    """Queue the mails of this week when they are due. Commits. Returns how many."""
    store = db.session.get(Store, 1)
    if store is None:
        db.session.rollback()
        return 0
    here = clock.now().astimezone(ZoneInfo(store.time_zone))
    year, week, _ = here.isocalendar()
    done = db.session.scalar(select(IncidentCursor.at).where(IncidentCursor.name == "week"))
    due = (done or 0) < year * 100 + week and _due(store, here)
    db.session.rollback()
    if not due:
        return 0
    with acting_as("desk", "clock"):
        begin_write()
        cursor = filing.cursor("week")
        queued = 0
        if cursor.at < year * 100 + week:
            queued = _queue(here)
            cursor.at = year * 100 + week
        db.session.commit()
    return queued


def _monday(here: datetime) -> datetime:
    day = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return day - timedelta(days=here.weekday())


def _due(store: Store, here: datetime) -> bool:
    """Whether a day of this week has begun on which the store is open."""
    if here.hour < store.digest_hour:
        return False
    hours = calendars.of_store(store)
    end = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return bool(openhours.elapsed(_monday(here).astimezone(UTC), end.astimezone(UTC), hours))


def parts(here: datetime) -> list[Part]:
    """What the mail of the week of `here` tells: of the week before it, and what is open still. Empty ones are left out."""
    end = _monday(here).astimezone(UTC)
    begin = (_monday(here) - timedelta(days=7)).astimezone(UTC)
    asked = (
        (
            "New",
            "new",
            [Incident.first_seen_at >= begin, Incident.first_seen_at < end],
            Incident.first_seen_at,
        ),
        (
            "Came back",
            "back",
            [Incident.reopened_at >= begin, Incident.reopened_at < end],
            Incident.reopened_at,
        ),
        (
            "Open longest",
            "open",
            [Incident.state == "open", Incident.first_seen_at < end],
            Incident.first_seen_at,
        ),
    )
    found = []
    for title, short, conditions, order in asked:
        n = db.session.scalar(select(func.count()).select_from(Incident).where(*conditions)) or 0
        rows = db.session.scalars(
            select(Incident).where(*conditions).order_by(order, Incident.id).limit(SHOWN)
        )
        found.append(Part(title, short, n, rows.all()))
    return [part for part in found if part.count]


def _queue(here: datetime) -> int:
    found = parts(here)
    if not found or to_people.sender() is None:
        return 0
    people = db.session.scalars(select(Person).where(Person.disabled_at.is_(None)).order_by(Person.id))
    managers = [person for person in people if "manager" in person.roles]
    year, week, _ = here.isocalendar()
    numbers = ", ".join(f"{part.count} {part.short}" for part in found)
    for person in managers:
        to_people.write_to(
            person,
            subject=f"communication errors of the week: {numbers}",
            text=text(found, here),
            about="errors",
            once=f"{year}-W{week:02d}",
        )
        record("person.errors_told", about=person, after={"week": f"{year}-W{week:02d}"})
    return len(managers)


def text(found: Sequence[Part], here: datetime) -> str:
    """The words of the mail."""
    base, blocks = current_app.config["DESK_URL"], []
    for part in found:
        lines = [f"{part.title} ({part.count})"]
        for one in part.rows:
            since = one.first_seen_at.astimezone(here.tzinfo)
            n = f"{one.cases} case" + ("" if one.cases == 1 else "s")
            lines += [
                f"- {KINDS[one.kind][0]}: {one.words} ({n}, first seen {since.day} {since:%b})",
                f"  {base}/errors/{one.id}",
            ]
        if part.count > len(part.rows):
            lines.append(f"- and {part.count - len(part.rows)} more: {base}/errors")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + f"\n\nTimes are those of {here.tzinfo}.\n"
