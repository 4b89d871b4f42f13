"""Drafts: what somebody is writing, saved while they type, and never lost to a refresh, a colleague or a refusal."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Act, Attachment, Conversation, Draft, Message
from checkout_desk.extensions import db
from checkout_desk.mail.cards import mask_cards
from checkout_desk.mail.models import OutboundMail

KINDS = ("reply", "reply_all", "forward", "note")
SENDS = ("send", "macro.send")
"""kinds of acts that queued a mail"""
MAX_TEXT = 100_000
MAX_FILES = 20
MAX_TOTAL = 25 * 2**20
"""bytes of all files of one mail: what the servers of most people take, once it is written as base64"""

_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Written:
    """The fields of the composer as typed, untrimmed but bounded."""

    to: str = ""
    cc: str = ""
    subject: str = ""
    text: str = ""


_MINE = select(Draft).where(
    Draft.conversation_id == bindparam("conversation"),
    Draft.person_id == bindparam("person"),
    Draft.kind == bindparam("which"),
)
_MINE_ALONE = _MINE.with_for_update()
_BEGIN = {
    "sqlite": sqlite.insert(Draft).on_conflict_do_nothing().returning(Draft),
    "postgresql": postgresql.insert(Draft).on_conflict_do_nothing().returning(Draft),
}


def find(c: Conversation, *, person_id: int, kind: str) -> Draft | None:
    """The draft that this person has of this kind in this conversation."""
    mine = {"conversation": c.id, "person": person_id, "which": kind}
    found: Draft | None = db.session.scalars(_MINE, mine).one_or_none()
    return found


def latest(c: Conversation, *, person_id: int) -> Draft | None:
    """The draft that this person worked on last in this conversation."""
    found: Draft | None = db.session.scalars(
        select(Draft)
        .where(Draft.conversation_id == c.id, Draft.person_id == person_id)
        .order_by(Draft.updated_at.desc())
        .limit(1)
    ).one_or_none()
    return found


def save(
    c: Conversation, *, person_id: int, kind: str, written: Written, based_on_id: int | None, token: str = ""
) -> Draft:
    """Keep what was typed. `based_on_id` (the customer's newest message then) is fixed when the draft is begun.

    `token` is the one that the form was opened with: the same form sent again is then known for the same mail. The
    caller commits, having begun a writing transaction.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    draft = find(c, person_id=person_id, kind=kind)
    named = (draft is None or draft.token != token) and _usable(token)
    # Card numbers are nobody's to type either: not kept, not sent, not quoted (SECURITY A47).
    fields: dict[str, Any] = {
        "to": written.to[:4000],
        "cc": written.cc[:4000],
        "subject": mask_cards(written.subject[:500]),
        "text": mask_cards(written.text[:MAX_TEXT]),
        "updated_at": clock.now(),
        **({"token": token} if named else {}),
    }
    if draft is None:
        based_on_id = based_on_id if based_on_id is not None else c.last_inbound_id
        draft = _begin(c, person_id, kind, {"token": new_token(), "based_on_id": based_on_id, **fields})
    for name, value in fields.items():
        if getattr(draft, name) != value:  # a row that was just added is not to be looked through for changes
            setattr(draft, name, value)
    db.session.flush()
    return draft


def _begin(c: Conversation, person_id: int, kind: str, fields: dict[str, Any]) -> Draft:
    """A draft with `fields`; the one that another request of the same person has just begun, if that was faster."""
    row = {"conversation_id": c.id, "person_id": person_id, "kind": kind, **fields}
    mine = {"conversation": c.id, "person": person_id, "which": kind}
    for _ in range(3):  # the other's draft may be sent, and so be gone, between our insert and our look
        draft: Draft | None = db.session.scalar(_BEGIN[db.engine.dialect.name], row)
        if draft is None:
            draft = db.session.scalars(_MINE_ALONE, mine).one_or_none()
        if draft is not None:
            return draft
    raise LookupError("a draft came and went three times")


def new_token() -> str:
    """A name for the mail that a form will become."""
    return secrets.token_hex(16)


def _usable(token: str) -> bool:
    """Whether the token of a form can name a draft: well formed, and the name of no draft or mail yet."""
    if not _TOKEN.fullmatch(token):
        return False
    taken = select(Draft.id).where(Draft.token == token).union_all(
        select(OutboundMail.id).where(OutboundMail.occasion == occasion(token))
    )  # fmt: skip
    return db.session.execute(taken).first() is None


def occasion(token: str) -> str:
    """The occasion of the mail that a draft becomes."""
    return f"reply:{token}"


def acknowledge_newer(draft: Draft, c: Conversation) -> None:
    """The writer has seen the customer's newer message; the draft counts as written after it."""
    draft.based_on_id = c.last_inbound_id


def discard(draft: Draft) -> None:
    """Forget a draft and its attached files (the blobs are swept when nothing names them)."""
    db.session.query(Attachment).filter(Attachment.draft_id == draft.id).delete()
    db.session.delete(draft)


def hand_attachments(draft: Draft, *, message_id: int) -> int:
    """The draft's files become the message's. Returns how many."""
    result = db.session.execute(
        update(Attachment).where(Attachment.draft_id == draft.id).values(message_id=message_id, draft_id=None)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def files_of(message: Message) -> list[Attachment]:
    """The files of a message, oldest first; also the pictures inside it, which plain text cannot show."""
    rows = select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.id)
    return list(db.session.scalars(rows))


def copy_files(draft: Draft, files: Sequence[Attachment]) -> None:
    """Put the same bytes under the draft, as files of its own."""
    kept = ("sha256", "filename", "content_type", "size")
    for file in files:
        facts = {name: getattr(file, name) for name in kept}
        db.session.add(Attachment(draft_id=draft.id, content_id="", inline=False, **facts))
    db.session.flush()


def follow(source: Conversation, target: Conversation) -> list[int]:
    """Everybody's drafts in a merged conversation go along. Returns the ids of those that can go back.

    Where somebody writes the same kind there already, the text is put below that one's, and the files beside its files.
    """
    moved = []
    for draft in db.session.scalars(
        select(Draft).where(Draft.conversation_id == source.id).order_by(Draft.id).with_for_update()
    ):
        there = find(target, person_id=draft.person_id, kind=draft.kind)
        if there is None:
            draft.conversation_id = target.id
            moved.append(draft.id)
            continue
        there.text = "\n\n".join(text for text in (there.text.rstrip(), draft.text.strip()) if text)
        db.session.execute(
            update(Attachment).where(Attachment.draft_id == draft.id).values(draft_id=there.id)
        )
        db.session.delete(draft)
    db.session.flush()
    return moved


def go_back(ids: Sequence[int], source: Conversation, target: Conversation) -> None:
    """The merge is undone: the drafts that went along return, unless they were sent or are somewhere else by now."""
    moved = select(Draft).where(Draft.id.in_(ids), Draft.conversation_id == target.id).with_for_update()
    for draft in db.session.scalars(moved):
        if find(source, person_id=draft.person_id, kind=draft.kind) is None:
            draft.conversation_id = source.id
    db.session.flush()


def typed_as(m: Message) -> tuple[str, int | None]:
    """What the author of a mail of ours typed, without the signature below it, and the mail that it forwarded."""
    sent = select(Act).where(Act.kind.in_(SENDS), Act.person_id == m.author_id, Act.at == m.at)
    for act in db.session.scalars(sent):
        if act.before.get("message") == m.id:
            return str(act.before["draft"]["text"]), act.before["draft"].get("about")
    author = db.session.get(Person, m.author_id) if m.author_id else None
    ending = author.signature.strip() if author else ""
    return m.text.removesuffix(f"\n\n-- \n{ending}") if ending else m.text, None
