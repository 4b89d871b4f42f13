"""The daily mail to each person of the desk: what is overdue, due today, escalated to them, and wakes today.

Once a day and person: the day is kept with the person in the transaction that queues the mail, and the mail's occasion is
unique for ever. Who is away, has nothing to do or does not want it gets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_, select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import next_action
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import to_people
from checkout_desk.settings.models import Store

SHOWN = 20
"""conversations of a section that the mail names"""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the mail: its title, the words for its number in the subject, how many there are, the first of them."""

    title: str
    short: str
    count: int
    rows: Sequence[Any]


def sweep() -> int:
    """Queue the mails that are due today (work of the clock). Returns how many. Commits itself."""
    now, store = clock.now(), db.session.get(Store, 1)
    here = now.astimezone(ZoneInfo(store.time_zone)) if store else now
    ready = store is not None and here.hour >= store.digest_hour
    ids = list(db.session.scalars(select(Person.id).where(_due(here)))) if ready else []
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for person_id in ids:
            begin_write()
            done += _one(person_id, here)
            db.session.commit()
    return done


def _due(here: datetime) -> ColumnElement[bool]:
    """Who has not got the day's mail. Nobody gets one on the day on which they were added."""
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return and_(
        Person.disabled_at.is_(None),
        Person.digest,
        Person.created_at < midnight.astimezone(UTC),
        or_(Person.digest_on.is_(None), Person.digest_on < here.date()),
    )


def _one(person_id: int, here: datetime) -> bool:
    """The mail of one person, unless another clock was faster."""
    today = here.date()
    person = db.session.scalars(
        select(Person)
        .where(Person.id == person_id, _due(here))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if person is None or to_people.sender() is None:
        return False
    person.digest_on = today
    found = [] if person.away(clock.now()) else sections(person, here)
    if not found:
        return False
    _queue(person, found, here)
    record("person.digest_sent", about=person, after={"day": today.isoformat()})
    return True


def sections(person: Person, here: datetime) -> list[Section]:
    """What the mail to `person` holds at that local time; parts without anything are left out. Four queries."""
    now = clock.now()
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    tomorrow = (midnight + timedelta(days=1)).astimezone(now.tzinfo)
    c, live = Conversation, Conversation.merged_into_id.is_(None)
    steps = [step for step in _STEPS if next_action.role_of(step) in person.roles]
    nobodys = and_(c.assignee_id.is_(None), c.next_action.in_(steps))
    ours, open_ = or_(c.assignee_id == person.id, nobodys), and_(live, c.state == "open")
    asleep = and_(live, c.state == "snoozed", c.snoozed_until < tomorrow)
    to_me = or_(c.escalated_to_id == person.id, c.escalated_to_role.in_(sorted(person.roles)))
    asked: tuple[tuple[str, str, ColumnElement[bool]], ...] = (
        ("Overdue", "overdue", and_(open_, ours, c.promise_due_at <= now)),
        ("Due today", "due today", and_(open_, ours, c.promise_due_at > now, c.promise_due_at < tomorrow)),
        ("Escalated to you", "escalated to you", and_(live, c.exception, c.escalated_at.is_not(None), to_me)),
        ("Snoozed until today", "waking today", and_(asleep, c.assignee_id == person.id)),
    )
    found = [Section(title, short, *_rows(condition)) for title, short, condition in asked]
    return [section for section in found if section.count]


_STEPS = (*next_action.VIEW, next_action.PACK, next_action.SHIP)


def _rows(condition: ColumnElement[bool]) -> tuple[int, Sequence[Any]]:
    c = Conversation
    rows = db.session.execute(
        select(
            c.id, c.who, c.subject, c.promise_due_at, c.snoozed_until, c.escalated_reason, c.assignee_id,
            func.count().over().label("all"),
        )
        .where(condition)
        .order_by(c.queue_at, c.id)
        .limit(SHOWN)
    ).all()  # fmt: skip
    return (rows[0].all if rows else 0), rows


def _queue(person: Person, found: Sequence[Section], here: datetime) -> None:
    numbers = ", ".join(f"{section.count} {section.short}" for section in found)
    to_people.write_to(
        person, subject=numbers, text=text(person, found, here), about="digest", once=here.date().isoformat()
    )


def text(person: Person, found: Sequence[Section], here: datetime) -> str:
    """The words of the mail."""
    base = current_app.config["DESK_URL"]
    parts = [f"Good morning {person.name.split()[0]}, this is {here:%A} {here.day} {here:%B}."]
    for section in found:
        lines = [f"{section.title} ({section.count})"]
        for row in section.rows:
            lines += [
                f"- {row.who}: {row.subject or '(no subject)'}{_more(section.title, row, here)}",
                f"  {base}/conversations/{row.id}",
            ]
        if section.count > len(section.rows):
            lines.append(f"- and {section.count - len(section.rows)} more: {base}/")
        parts.append("\n".join(lines))
    parts.append(
        f"Times are those of {here.tzinfo}. You get this once a day when there is something; to switch it off:\n{base}/me/away"
    )
    return "\n\n".join(parts) + "\n"


def _more(title: str, row: Any, here: datetime) -> str:
    """What stands behind a conversation: its time, or why it was escalated; and that nobody has it yet."""
    nobodys = "" if row.assignee_id else ", nobody's yet"
    if title == "Escalated to you":
        return f" ({row.escalated_reason})"
    at = (row.snoozed_until if title.startswith("Snoozed") else row.promise_due_at).astimezone(here.tzinfo)
    day = "" if at.date() == here.date() else f"{at.day} {at:%b} "
    return f" ({'wakes' if title.startswith('Snoozed') else 'due'} {day}{at:%H:%M}{nobodys})"
