"""Giving work to people: each in turn, or to whoever has least open, among those of a role who are here.

New conversations get somebody, and so does one whose next step belongs to another role than the last (hand-over by next
action). Each such step is handed out once: what a person decides about it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, or_, select

from checkout_desk import clock
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.conversations import next_action
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings.models import Store

AT_ONCE = 100
OFF, TURNS, LEAST = "off", "turns", "least"
_STEPS = (*next_action.VIEW, next_action.PACK, next_action.SHIP)
_ROLE = case(
    {step: role for step in _STEPS if (role := next_action.role_of(step))},
    value=Conversation.next_action,
)


def refuse_away(person: Person) -> None:
    """Raises Refused when `person` is away: nobody who is away is given anything."""
    now = clock.now()
    if not person.away(now):
        return
    until = ""
    if person.away_until is not None:
        store = db.session.get(Store, 1)
        back = person.away_until.astimezone(ZoneInfo(store.time_zone if store else "UTC"))
        until = f" until {back.day} {back:%b %Y}"
    raise Refused(f"{person.name} is away{until}; choose somebody who is here.")


def sweep() -> int:
    """Give somebody what nobody has been given yet (work of the clock). Returns how many. Commits itself."""
    how = db.session.scalar(select(Store.hand_out).limit(1))
    due = [] if how in (None, OFF) else _waiting()
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for conversation_id in due:
            begin_write()
            done += _one(conversation_id, str(how))
            db.session.commit()
    return done


def _waiting() -> list[int]:
    """Open conversations in whose present step nobody was given them, first those that are due first."""
    query = select(Conversation.id).where(
        Conversation.state == "open",
        Conversation.merged_into_id.is_(None),
        or_(Conversation.handed_for.is_(None), Conversation.handed_for != _ROLE),
        _ROLE.in_(_staffed(clock.now())),
    )
    return list(db.session.scalars(query.order_by(Conversation.queue_at, Conversation.id).limit(AT_ONCE)))


def _staffed(now: datetime) -> list[str]:
    """Roles of which somebody is here: what belongs to the others waits, and holds up nothing."""
    people = db.session.scalars(select(Person).where(Person.disabled_at.is_(None)))
    return sorted({role for person in people if not person.away(now) for role in person.roles})


def _one(conversation_id: int, how: str) -> bool:
    c = db.session.get_one(
        Conversation, conversation_id, with_for_update={"key_share": True}, populate_existing=True
    )
    role = next_action.role_of(c.next_action)
    if c.state != "open" or c.merged_into_id is not None or role is None or c.handed_for == role:
        return False
    owner = db.session.get(Person, c.assignee_id) if c.assignee_id else None
    if owner is not None and owner.disabled_at is None and (c.handed_for is None or role in owner.roles):
        c.handed_for = role  # whoever has it keeps it
        return False
    person = choose(role, how=how)
    if person is None:
        return False
    give(c, person, role=role)
    return True


def choose(role: str, *, how: str = TURNS, but: int | None = None) -> Person | None:
    """Who of a role is next: of those who are here, who was given something longest ago, or who has least open.

    The rows are locked, so that two who choose at once do not choose the same.
    """
    now = clock.now()
    people = db.session.scalars(
        select(Person)
        .where(
            Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == role)),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    here = [person for person in people if not person.away(now) and person.id != but]
    load = _load(person.id for person in here) if how == LEAST else {}
    long_ago = datetime.min.replace(tzinfo=now.tzinfo)
    return min(
        here, key=lambda p: (load.get(p.id, 0), p.last_given_at or long_ago, p.id), default=None
    )  # fmt: skip


def _load(people: Iterable[int]) -> dict[int, int]:
    query = (
        select(Conversation.assignee_id, func.count())
        .where(
            Conversation.assignee_id.in_(list(people)),
            Conversation.state == "open",
            Conversation.merged_into_id.is_(None),
        )
        .group_by(Conversation.assignee_id)
    )
    db.session.flush()
    return {person_id: n for person_id, n in db.session.execute(query) if person_id}


def give(c: Conversation, person: Person, *, role: str | None) -> None:
    """Make `person` the one whose it is, and remember that it was their turn."""
    old = c.assignee_id
    with counted(c):
        c.assignee_id, c.handed_for = person.id, role
    person.last_given_at = clock.now()
    record(
        "conversation.assigned", about=c, before={"person": old}, after={"person": person.id, "role": role}
    )


def next_for(conversations: Sequence[Conversation], *, how: str) -> list[tuple[Conversation, Person]]:
    """Somebody for each of the conversations, by the role of its step, and not who has it now. Raises Refused where a
    role has nobody else who is here. Nothing is given yet, but each turn counts."""
    found = []
    for c in conversations:
        role = next_action.role_of(c.next_action) or "support"
        person = choose(role, how=TURNS if how == OFF else how, but=c.assignee_id)
        if person is None:
            raise Refused(f"Nobody else who could take “{c.who}” is here; choose a person.")
        person.last_given_at = clock.now()
        db.session.flush()
        found.append((c, person))
    return found
