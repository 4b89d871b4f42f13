"""The forms of acts: their fields, how what was typed is read, and what a bulk act would do before it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from checkout_desk.accounts.models import Person, is_away
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations import pausing
from checkout_desk.conversations.acting import MAX_TAGS
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.wording import Clockface
from checkout_desk.extensions import db

FORMS = ("assign", "snooze", "pause", "escalate", "hand_back", "tag", "merge", "split", "move")
BULK = ("assign", "snooze", "tag", "close", "spam", "reopen", "escalate")
TURNS = "turns"
"""stands for a person in the form of Assign: by turns"""

WORDS: dict[str, tuple[str, str, str]] = {
    "assign": ("Assign", "Whose is it from now on?", "Assign"),
    "snooze": (
        "Snooze",
        "It leaves the queue and comes back by itself. The promise to answer keeps running.",
        "Snooze",
    ),
    "pause": (
        "Pause the promise",
        "The clock of the answer stands still until the pause ends: by hand, at its time, or when the customer writes.",
        "Pause",
    ),
    "resume": ("End the pause", "The promise runs again, with what was left of it.", "End the pause"),
    "hand_back": (
        "Hand back",
        "It goes back to who escalated it, with your answer as a note, and is no exception any more.",
        "Hand back",
    ),
    "escalate": (
        "Escalate",
        "For a case that needs somebody else. They see it under Escalated to me, and it stands under Exceptions until it is handed back or settled. The promise to the customer runs on.",
        "Escalate",
    ),
    "tag": ("Tags", "", "Save tags"),
    "merge": (
        "Merge",
        "All messages of this conversation go to the other one; later answers follow. It can be undone.",
        "Merge",
    ),
    "split": ("Split off", "The message becomes a conversation of its own.", "Split off"),
    "move": ("Move", "The message goes to another conversation.", "Move"),
    "close": ("Close", "Nothing more is owed. A new message of the customer reopens it.", "Close"),
    "reopen": ("Reopen", "It goes back into the queue.", "Reopen"),
    "wait": ("Wait for the customer", "Nothing is owed for now.", "Wait"),
    "spam": ("Mark as spam", "It leaves the queue; nothing is answered.", "Mark as spam"),
    "settle": ("Settle", "The escalation is dealt with.", "Settle"),
}


@dataclass
class Wrong(Exception):
    """A field holds something that cannot be used: name of the field -> sentence."""

    fields: Mapping[str, str]


def words(name: str, *, many: int = 1) -> tuple[str, str, str]:
    """Title, explanation and button of an act."""
    title, text, label = WORDS[name]
    return (title if many == 1 else f"{title}: {many} conversations"), text, label


def fields(
    name: str, conversations: Sequence[Conversation], around: Frame, form: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The fields of an act's form, holding what was typed."""
    c = conversations[0]
    options: list[Any]
    if name == "assign":
        options = [
            ("", "Nobody"),
            *((str(p.id), p.name + (" (you)" if p.id == around.person.id else "")) for p in _working(around)),
        ]
        if len(conversations) > 1 or c.assignee_id is not None:
            options.insert(1, (TURNS, "By turns: whoever of the same role is next"))
        value = form.get("person", str(around.person.id if c.assignee_id is None else c.assignee_id))
        return [{"kind": "select", "name": "person", "label": "Person", "options": options, "value": value}]
    if name == "pause":
        return _pause(around, form)
    if name == "hand_back":
        return [
            {
                "kind": "area",
                "name": "answer",
                "label": "Answer",
                "value": form.get("answer", ""),
                "hint": "Stands in the thread as a note; the customer does not see it",
            }
        ]
    if name == "snooze":
        options = [{"value": key, "label": label, "hint": hint} for key, label, hint in _times(around.face)]
        return [
            {
                "kind": "choice",
                "name": "until",
                "label": "Until",
                "options": options,
                "value": form.get("until", "tomorrow"),
            },
            {
                "kind": "datetime",
                "name": "at",
                "label": "Date and time",
                "value": form.get("at", ""),
                "hint": f"Only for the last choice; {around.face.zone.key} time",
            },
        ]
    if name == "escalate":
        options = [
            *((f"role:{key}", title) for key, title in ROLES.items()),
            *((f"person:{p.id}", p.name) for p in _working(around)),
        ]
        return [
            {
                "kind": "select",
                "name": "target",
                "label": "To",
                "options": options,
                "value": form.get("target", "role:manager"),
            },
            {
                "kind": "area",
                "name": "reason",
                "label": "Reason",
                "value": form.get("reason", ""),
                "hint": "Whoever takes it over reads this first",
            },
            {
                "kind": "area",
                "name": "note",
                "label": "Note to them",
                "value": form.get("note", ""),
                "hint": "May stay empty. Stands in the thread; the customer does not see it",
            },
        ]
    if name == "tag":
        now = ", ".join(c.tags) if len(conversations) == 1 else ""
        hint = (
            "Comma between; take one out to remove it"
            if len(conversations) == 1
            else "Comma between; these are added"
        )
        return [
            {
                "kind": "tags",
                "name": "tags",
                "label": "Tags",
                "value": form.get("tags", now),
                "hint": hint,
                "options": [],
            }
        ]
    into: dict[str, Any] = {"kind": "text", "name": "into", "label": "Conversation", "value": form.get("into", ""),
            "hint": "Its number or the address of its page", "placeholder": "1042"}  # fmt: skip
    which: dict[str, Any] = {
        "kind": "choice",
        "name": "range",
        "label": "Which",
        "value": form.get("range", "one"),
        "options": [
            {"value": "one", "label": "This message"},
            {"value": "later", "label": "This message and all after it"},
        ],
    }
    return {"merge": [into], "split": [which], "move": [which, into]}[name]


def _pause(around: Frame, form: Mapping[str, str]) -> list[dict[str, Any]]:
    times = [(key, label, hint) for key, label, hint in _times(around.face) if key not in ("hour", "reply")]
    options = [
        {"value": key, "label": label, "hint": hint}
        for key, label, hint in (("reply", "Somebody ends it, or the customer writes", ""), *times)
    ]
    return [
        {
            "kind": "area",
            "name": "reason",
            "label": "Reason",
            "value": form.get("reason", ""),
            "hint": "Everybody who looks at the conversation reads it",
        },
        {"kind": "choice", "name": "until", "label": "Until", "options": options, "value": form.get("until", "reply")},
        {
            "kind": "datetime",
            "name": "at",
            "label": "Date and time",
            "value": form.get("at", ""),
            "hint": f"Only for the last choice; {around.face.zone.key} time",
        },
    ]  # fmt: skip


def _working(around: Frame) -> list[Any]:
    """Who can be given something: people who work here and are not away; oneself in any case."""
    return sorted(
        (
            p
            for p in around.people.values()
            if p.disabled_at is None
            and (p.id == around.person.id or not is_away(p.away_from, p.away_until, around.face.now))
        ),
        key=lambda p: p.name.casefold(),
    )


def _times(face: Clockface) -> list[tuple[str, str, str]]:
    return [
        ("hour", "In an hour", face.time(face.now + timedelta(hours=1))),
        ("evening", "This evening", "18:00"),
        ("tomorrow", "Tomorrow morning", "09:00"),
        ("monday", "Next Monday", "09:00"),
        ("reply", "Until the customer writes", ""),
        ("time", "At a time", ""),
    ]


def wake_time(choice: str, typed: str, face: Clockface) -> datetime | None:
    """When a snooze ends, as a UTC instant; None for 'until the customer writes'. Raises Wrong."""
    here = face.now.astimezone(face.zone)
    morning = here.replace(hour=9, minute=0, second=0, microsecond=0)
    if choice == "reply":
        return None
    if choice == "hour":
        return face.now + timedelta(hours=1)
    if choice == "evening":
        evening = here.replace(hour=18, minute=0, second=0, microsecond=0)
        if evening <= here:
            raise Wrong({"until": "It is past 18:00 already; choose another time."})
        return evening.astimezone(UTC)
    if choice == "tomorrow":
        return (morning + timedelta(days=1)).astimezone(UTC)
    if choice == "monday":
        return (morning + timedelta(days=7 - here.weekday())).astimezone(UTC)
    if choice != "time":
        raise Wrong({"until": "Choose one of the times."})
    try:
        at = datetime.strptime(typed.strip(), "%Y-%m-%dT%H:%M").replace(tzinfo=face.zone)
    except ValueError:
        raise Wrong(
            {"at": f"“{typed[:40]}” is not a date and time; expected something like 2026-12-01T09:00."}
        ) from None
    if at <= face.now:
        raise Wrong({"at": "That time lies in the past; choose a later one."})
    if at > face.now + timedelta(days=366):
        raise Wrong({"at": "That is more than a year away; choose an earlier time."})
    return at.astimezone(UTC)


def person(value: str, around: Frame) -> Person | None:
    """The person chosen; None for nobody. Raises Wrong."""
    if value == "":
        return None
    found = db.session.get(Person, int(value)) if value.isdecimal() and len(value) < 12 else None
    if found is None or found.disabled_at is not None:
        raise Wrong({"person": "Choose somebody who works at this desk."})
    return found


def target(value: str, around: Frame) -> tuple[str | None, Person | None]:
    """The role or person of an escalation. Raises Wrong."""
    kind, _, rest = value.partition(":")
    if kind == "role" and rest in ROLES:
        return rest, None
    if kind == "person":
        try:
            return None, person(rest, around) or _nobody()
        except Wrong:
            pass
    raise Wrong({"target": "Choose a role or a person."})


def _nobody() -> Person:
    raise Wrong({"target": "Choose a role or a person."})


def text(
    value: str, *, name: str, what: str, most: int, why: str = "whoever takes it over reads this first"
) -> str:
    """A text that must not be empty. Raises Wrong."""
    value = value.strip()
    if not value:
        raise Wrong({name: f"Write {what}; {why}."})
    if len(value) > most:
        raise Wrong({name: f"{len(value)} characters are too many for {what}; at most {most}."})
    return value


def tags(value: str) -> list[str]:
    """Tags as typed, comma between. Raises Wrong."""
    found = [" ".join(tag.split()) for tag in value.replace(";", ",").split(",")]
    found = [tag for tag in found if tag]
    long = next((tag for tag in found if len(tag) > 40), None)
    if long:
        raise Wrong({"tags": f"“{long[:50]}…” is too long for a tag; at most 40 characters."})
    if len(found) > MAX_TAGS:
        raise Wrong({"tags": f"{len(found)} tags are too many; at most {MAX_TAGS}."})
    return found


def conversation(value: str) -> Conversation:
    """The conversation named by its number or the address of its page. Raises Wrong."""
    number = value.strip().rstrip("/").rpartition("/")[2].partition("?")[0].lstrip("#")
    found = db.session.get(Conversation, int(number)) if number.isdecimal() and len(number) < 16 else None
    if found is None:
        raise Wrong(
            {"into": f"“{value.strip()[:60]}” is no conversation here; expected its number, such as 1042."}
        )
    return found


def sort_out(
    name: str, chosen: Sequence[Conversation]
) -> tuple[list[Conversation], list[tuple[Conversation, str]]]:
    """Which of the chosen would change, and why the others would not."""
    will, wont = [], []
    for c in chosen:
        why = CONVERSATION.refusal(c, name) if name in CONVERSATION.transitions else None
        if name == "pause":
            why = pausing.refusal(c)
        if c.merged_into_id is not None:
            why = "It has been merged into another conversation."
        if why:
            wont.append((c, why))
        else:
            will.append(c)
    return will, wont


STATE_WORDS = {
    "open": "open",
    "waiting": "waiting for the customer",
    "snoozed": "snoozed",
    "closed": "closed",
    "spam": "spam",
}


def planned(c: Conversation, name: str, around: Frame) -> dict[str, Any]:
    """One row of the dry run."""
    row = {"id": c.id, "who": c.who, "subject": c.subject}
    if name == "assign":
        return {
            **row,
            "before": around.name(c.assignee_id) if c.assignee_id else "nobody",
            "after": "as chosen above",
        }
    if name == "pause":
        return {**row, "before": "the promise runs", "after": "paused as above"}
    if name == "tag":
        return {**row, "before": ", ".join(c.tags) or "no tag", "after": "with the tags above"}
    if name == "escalate":
        return {
            **row,
            "before": "not escalated" if c.escalated_at is None else "escalated",
            "after": "escalated as above",
        }
    step = CONVERSATION.transitions[name]
    return {**row, "before": STATE_WORDS[c.state], "after": STATE_WORDS[step.target or c.state]}
