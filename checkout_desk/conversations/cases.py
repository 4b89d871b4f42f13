"""Complex cases: handed to a role or a person with a note, and handed back with an answer. The promise to the customer
runs on all the while, and whoever has the case sees it among what is due.
"""

from __future__ import annotations

from collections.abc import Sequence

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, searching, sending
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.lifecycle import CONVERSATION, calm, is_exception
from checkout_desk.conversations.models import Act, Conversation, Message
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused


def escalate(
    conversations: Sequence[Conversation],
    *,
    reason: str,
    by: Person,
    role: str | None = None,
    to: Person | None = None,
    note: str = "",
) -> Act:
    """`acting.escalate`, with a Note to whoever takes it over. Raises Refused."""
    act = acting.escalate(conversations, reason=reason, by=by, role=role, to=to)
    return _with_notes(act, conversations, note, by=by)


def hand_back(conversations: Sequence[Conversation], *, answer: str, by: Person) -> Act:
    """Give a case back to who escalated it, with the answer as a Note; it is no exception any more. Raises Refused.

    What a rule escalated, or somebody who is away by now, stays with whom it is assigned to.
    """
    if not answer.strip():
        raise Refused("Write the answer; whoever gets the case back goes on by it.")
    if any(c.escalated_at is None for c in conversations):
        raise Refused("It is not escalated, or somebody has handed it back already.")
    now = clock.now()

    def change(c: Conversation) -> None:
        asked = db.session.get(Person, c.escalated_by_id) if c.escalated_by_id else None
        if asked is not None and (asked.disabled_at is not None or asked.away(now)):
            asked = None
        with counted(c):
            calm(c)
            if asked is not None:
                c.assignee_id = asked.id
            c.unread = True
            c.exception = is_exception(c)
        record("conversation.handed_back", about=c, after={"person": asked.id if asked else c.assignee_id})
        if c.state in ("waiting", "snoozed"):
            CONVERSATION.fire(c, "reopen", reason="handed back with an answer")

    named = conversations[0].who if len(conversations) == 1 else f"{len(conversations)} conversations"
    act = acting.carry_out("hand_back", conversations, by, f"{named} handed back with an answer", change)
    return _with_notes(act, conversations, answer, by=by)


def _with_notes(act: Act, conversations: Sequence[Conversation], text: str, *, by: Person) -> Act:
    notes = [sending.note(c, text, by=by).id for c in conversations] if text.strip() else []
    act.before = {**act.before, "notes": notes}
    return act


def take_notes_back(act: Act) -> None:
    """Undoing the act takes the notes away that came with it."""
    for message_id in act.before.get("notes", ()):
        message = db.session.get(Message, message_id)
        if message is not None and message.direction == "note" and message.kind == "note":
            searching.index_again(
                message.id, before=("", message.text, [message.from_name], []), after=("", "", [], [])
            )
            message.kind, message.text = "taken_back", ""
            record("note.taken_back", about=message, after={"conversation": message.conversation_id})
