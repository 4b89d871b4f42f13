"""What people do to conversations, each of it undoable: an Act keeps what was before.

All functions expect a writing transaction and leave the commit to the caller; each takes one or many conversations, so
that a bulk act is the same act.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations import giving, next_action, promises
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.lifecycle import CONVERSATION, calm, is_exception
from checkout_desk.conversations.models import Act, Conversation
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.settings.models import Store

FIELDS = (
    "assignee_id",
    "snoozed_until",
    "escalated_at",
    "escalated_reason",
    "escalated_to_role",
    "escalated_to_id",
    "escalated_by_id",
    "tags",
    "trouble",
)
MAX_TAGS = 20


def snapshot(c: Conversation) -> dict[str, Any]:
    """What undo needs of one conversation, as JSON."""
    return {"id": c.id, "state": c.state, **{name: _json(getattr(c, name)) for name in FIELDS}}


def _json(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, datetime)
        else list(value)
        if isinstance(value, list)
        else value
    )


def carry_out(
    kind: str,
    conversations: Sequence[Conversation],
    person: Person,
    sentence: str,
    change: Callable[[Conversation], Any],
) -> Act:
    """Do `change` to each of the conversations and keep what was before; it may return the promises that it closed."""
    before = []
    for c in conversations:
        was = snapshot(c)
        kept = change(c)
        db.session.flush()
        before.append({**was, "promises": kept or [], "left": snapshot(c)})
    act = Act(
        person_id=person.id,
        at=clock.now(),
        kind=kind,
        sentence=sentence[:300],
        before={"conversations": before},
    )
    db.session.add(act)
    db.session.flush()
    return act


def _named(conversations: Sequence[Conversation]) -> str:
    return conversations[0].who if len(conversations) == 1 else f"{len(conversations)} conversations"


def assign(conversations: Sequence[Conversation], *, to: Person | None, by: Person) -> Act:
    """Give conversations to somebody, or to nobody."""
    if to is not None and to.disabled_at:
        raise Refused(f"{to.name} no longer works at this desk.")
    if to is not None and to.id != by.id:
        giving.refuse_away(to)

    def change(c: Conversation) -> None:
        old = c.assignee_id
        with counted(c):
            c.assignee_id = to.id if to else None
            c.handed_for = next_action.role_of(c.next_action)
        if old != c.assignee_id:
            record("conversation.assigned", about=c, before={"person": old}, after={"person": c.assignee_id})

    return carry_out(
        "assign",
        conversations,
        by,
        f"{_named(conversations)} assigned to {to.name if to else 'nobody'}",
        change,
    )


def hand_over(conversations: Sequence[Conversation], *, by: Person) -> Act:
    """Give each to somebody else of the role whose step it is, by turns. Raises Refused."""
    how = db.session.scalar(select(Store.hand_out)) or giving.TURNS
    chosen = {c.id: person for c, person in giving.next_for(conversations, how=how)}

    def change(c: Conversation) -> None:
        giving.give(c, chosen[c.id], role=next_action.role_of(c.next_action))

    return carry_out("assign", conversations, by, f"{_named(conversations)} handed over by turns", change)


def close(conversations: Sequence[Conversation], *, by: Person, seen: int | None = None) -> Act:
    """Close; open promises count as needing no answer. `seen` is the customer's newest message that the person saw."""
    now = clock.now()

    def change(c: Conversation) -> list[int]:
        CONVERSATION.fire(c, "close", seen=seen)
        return promises.close_all(c, at=now, message_id=None)

    return carry_out("close", conversations, by, f"{_named(conversations)} closed", change)


def spam(conversations: Sequence[Conversation], *, by: Person) -> Act:
    """Put away as spam; nothing is owed to it."""
    now = clock.now()

    def change(c: Conversation) -> list[int]:
        CONVERSATION.fire(c, "spam")
        return promises.close_all(c, at=now, message_id=None)

    return carry_out("spam", conversations, by, f"{_named(conversations)} marked as spam", change)


def reopen(conversations: Sequence[Conversation], *, by: Person) -> Act:
    """Back into the queue."""
    return carry_out(
        "reopen",
        conversations,
        by,
        f"{_named(conversations)} reopened",
        lambda c: CONVERSATION.fire(c, "reopen"),
    )


def wait(conversations: Sequence[Conversation], *, by: Person) -> Act:
    """No answer is owed for now; the customer's next message reopens. The promise stays as it is."""
    return carry_out(
        "wait",
        conversations,
        by,
        f"{_named(conversations)} waits for the customer",
        lambda c: CONVERSATION.fire(c, "wait"),
    )


def snooze(conversations: Sequence[Conversation], *, until: datetime | None, by: Person) -> Act:
    """Hide until a time, or (until None) until the customer writes."""
    words = f"until {until:%d %b %H:%M} UTC" if until else "until the customer writes"
    return carry_out(
        "snooze",
        conversations,
        by,
        f"{_named(conversations)} snoozed {words}",
        lambda c: CONVERSATION.fire(c, "snooze", until=until),
    )


def escalate(
    conversations: Sequence[Conversation],
    *,
    reason: str,
    by: Person,
    role: str | None = None,
    to: Person | None = None,
) -> Act:
    """Hand a complex case to a role or a person, with the reason; it stands in Exceptions until it is closed."""
    if not reason.strip():
        raise Refused("Say why it is escalated; whoever takes it over reads this first.")
    if role is not None and role not in ROLES:
        raise Refused("Choose a role or a person to escalate to.")
    if role is None and to is None:
        raise Refused("Choose a role or a person to escalate to.")
    if to is not None:
        giving.refuse_away(to)
    now = clock.now()

    def change(c: Conversation) -> None:
        with counted(c):
            c.escalated_at, c.escalated_reason = now, mask_cards(reason.strip()[:500])
            c.escalated_to_role, c.escalated_to_id = role, to.id if to else None
            c.escalated_by_id = by.id
            c.exception = is_exception(c)
        record(
            "conversation.escalated",
            about=c,
            after={"reason": c.escalated_reason, "role": role, "person": to.id if to else None},
        )

    target = to.name if to else ROLES[role or ""]
    return carry_out("escalate", conversations, by, f"{_named(conversations)} escalated to {target}", change)


def settle(conversations: Sequence[Conversation], *, by: Person) -> Act:
    """The escalation is dealt with."""

    def change(c: Conversation) -> None:
        with counted(c):
            calm(c)
            c.exception = is_exception(c)
        record("conversation.settled", about=c)

    return carry_out("settle", conversations, by, f"Escalation of {_named(conversations)} settled", change)


def tag(
    conversations: Sequence[Conversation], *, add: Sequence[str], remove: Sequence[str], by: Person
) -> Act:
    """Put tags on and take tags off. A tag is at most 40 characters, compared without case."""
    add = [word for word in (mask_cards(" ".join(t.split())[:40]) for t in add) if word]

    def change(c: Conversation) -> None:
        gone = {t.casefold() for t in remove}
        kept = [t for t in c.tags if t.casefold() not in gone]
        have = {t.casefold() for t in kept}
        kept += [t for t in add if t.casefold() not in have]
        if len(kept) > MAX_TAGS:
            raise Refused(f"A conversation can carry at most {MAX_TAGS} tags.")
        if kept != c.tags:
            record("conversation.tagged", about=c, before={"tags": list(c.tags)}, after={"tags": kept})
            c.tags = kept

    words = ", ".join([f"+{t}" for t in add] + [f"−{t}" for t in remove])
    return carry_out("tag", conversations, by, f"{_named(conversations)} tagged {words}", change)


def restore(was: dict[str, Any]) -> Conversation:
    """Put one conversation back to a snapshot. Raises Refused when somebody changed the same facts since."""
    c = db.session.get_one(Conversation, was["id"])
    present, left = snapshot(c), was["left"]
    changed = [name for name in ("state", *FIELDS) if was[name] != left[name] and present[name] != left[name]]
    if changed:
        raise Refused(f"{c.who} has changed since; nothing was undone.")
    with counted(c):
        for name in FIELDS:
            if was[name] != left[name]:
                value = was[name]
                setattr(
                    c,
                    name,
                    datetime.fromisoformat(value) if name.endswith(("_at", "_until")) and value else value,
                )
        c.exception = is_exception(c)
    if was["state"] != left["state"]:
        CONVERSATION.fire(c, "undo", to=was["state"])
        if was["state"] == "snoozed" and was["snoozed_until"]:
            c.snoozed_until = datetime.fromisoformat(was["snoozed_until"])
    promises.open_again(c, was["promises"])
    if was["state"] == left["state"]:  # the lifecycle tells of states itself
        record("conversation.undone", about=c)
    return c
