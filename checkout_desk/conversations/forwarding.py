"""Forwarding: one mail of a conversation goes to somebody else, with its words below and its files beside one's own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from checkout_desk.conversations import drafting
from checkout_desk.conversations.models import Attachment, Conversation, Draft, Message
from checkout_desk.extensions import db

MAILS = ("in", "out")
"""directions of what may be forwarded: a note never leaves the desk"""


def chosen(c: Conversation, message_id: int | None) -> Message | None:
    """The mail that is meant by a number: one of this conversation; the customer's newest where none is named."""
    found = db.session.get(Message, message_id) if message_id else None
    if found is not None and found.conversation_id == c.id and _may_leave(found):
        return found
    return db.session.get(Message, c.last_inbound_id) if c.last_inbound_id else None


def subject_of(c: Conversation, draft: Draft) -> Message | None:
    """The mail that a draft forwards; it stays that one though it was moved to another conversation meanwhile."""
    found = db.session.get(Message, draft.about_id) if draft.about_id else None
    return found if found is not None and _may_leave(found) else chosen(c, None)


def untouched(draft: Draft) -> bool:
    """Whether its writer has typed nothing yet, so that it may become the forward of another mail."""
    return not (draft.text.strip() or draft.to.strip() or draft.cc.strip())


def carried(message: Message) -> tuple[list[Attachment], list[str]]:
    """The files that go along, and the names of those for which one mail has no room."""
    taken: list[Attachment] = []
    left: list[str] = []
    weight = 0
    for file in drafting.files_of(message):
        if len(taken) < drafting.MAX_FILES and weight + file.size <= drafting.MAX_TOTAL:
            weight += file.size
            taken.append(file)
        else:
            left.append(file.filename)
    return taken, left


def take(draft: Draft, message: Message | None) -> None:
    """The draft forwards `message` from now on: its files are put under the draft, those of the former mail go."""
    if message is None or draft.about_id == message.id:
        return
    former = db.session.get(Message, draft.about_id) if draft.about_id else None
    if former is not None:
        drop(draft, drafting.files_of(former))
    draft.about_id = message.id
    drafting.copy_files(draft, carried(message)[0])


def drop(draft: Draft, files: Sequence[Attachment]) -> None:
    """Take the copies of these files off the draft."""
    for file in files:
        db.session.execute(
            delete(Attachment).where(
                Attachment.draft_id == draft.id,
                Attachment.sha256 == file.sha256,
                Attachment.filename == file.filename,
            )
        )


def _may_leave(message: Message) -> bool:
    return message.direction in MAILS and message.kind != "taken_back"
