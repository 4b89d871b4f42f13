"""A draft becomes a mail: checked, composed, queued with the change of state that it carries, and undoable.

The message row, the outbox row and the conversation's new state commit together; the mail leaves after the undo window.
Whether it left comes back by `outcome`, inside the transaction of the delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import (
    acting,
    addressing,
    checking,
    drafting,
    forwarding,
    promises,
    purposes,
    searching,
    wrapping,
)
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import (
    Act,
    Attachment,
    Conversation,
    Draft,
    Message,
    Participant,
)
from checkout_desk.conversations.threading import base_subject
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail import outbox
from checkout_desk.mail.cards import mask_cards
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address, Part
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.mailboxes import own_addresses
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.mail.receiving import blobs
from checkout_desk.mail.zones import zones
from checkout_desk.settings.models import store

AFTER = ("wait", "close", "stay")
WORDS = ("kind", "to", "cc", "subject", "text")
MOVES = ("order_id", "purpose", "template", "macro_id")
"""columns of a draft that say what its mail does"""


@dataclass
class Stopped(Exception):
    """The mail must not leave as it is. `fields` maps a field of the composer to its sentence; `newer` holds what the
    customer wrote since; `outsiders` the recipients to be confirmed."""

    fields: Mapping[str, str] = field(default_factory=dict)
    newer: list[Message] = field(default_factory=list)
    outsiders: list[Address] = field(default_factory=list)


def default_recipients(c: Conversation, *, kind: str) -> tuple[list[Address], list[Address]]:
    """To and Cc for a reply: the last writer who takes part; for reply to all also those whom we wrote to or who are in
    To and Cc of that mail *and* take part. A new person behind a leaked reply address and strangers in Cc are shown but
    never adopted (SECURITY A2, A3)."""
    if kind == "forward":
        return [], []
    last = _last_of_those_who_take_part(c) or last_inbound(c)
    if last is None:
        return [], []
    writer = _writer(last)
    to = [writer] if writer.email else []
    if kind != "reply_all":
        return to, []
    own = own_addresses()
    others = [Address(e, n) for key in ("to", "cc") for e, n in (last.recipients or {}).get(key, [])]
    others = [a for a in others if a.key not in own and a.key not in (writer.key, last.from_email.casefold())]
    outside = {a.key for a in checking.outsiders(c, others)} if others else set()
    return to, [a for a in others if a.key not in outside]


def _writer(m: Message) -> Address:
    """Who wrote a mail: the person for whom a contact form sent it, else its sender."""
    email, name = (m.facts or {}).get("for") or (m.from_email, m.from_name)
    return Address(email, name)


def last_inbound(c: Conversation) -> Message | None:
    """The customer's newest message."""
    return db.session.get(Message, c.last_inbound_id) if c.last_inbound_id else None


def _last_of_those_who_take_part(c: Conversation) -> Message | None:
    taking_part = select(Participant.email).where(Participant.conversation_id == c.id)
    found: Message | None = db.session.scalars(
        select(Message)
        .where(
            Message.conversation_id == c.id,
            Message.direction == "in",
            Message.kind == "letter",
            func.lower(Message.from_email).in_(taking_part),
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    ).one_or_none()
    return found


def reply_subject(c: Conversation, *, kind: str) -> str:
    """The subject that a reply or forward starts with."""
    bare = c.subject.strip()
    if kind == "forward":
        return bare if bare.casefold().startswith("fwd:") else f"Fwd: {bare}"
    return (
        bare if base_subject(bare) != bare.casefold() and bare.casefold().startswith("re:") else f"Re: {bare}"
    )


def send(c: Conversation, draft: Draft, *, by: Person, after: str, confirmed: bool = False) -> Act:
    """Queue the draft as a mail and change the conversation's state. The caller commits.

    `after` is what becomes of the conversation: wait, close or stay. `confirmed` means that the person has seen that
    a recipient is new to the conversation. Raises Stopped with what is wrong; nothing has changed then.
    """
    if c.merged_into_id is not None:
        raise Refused("This conversation has just been merged into another one; your draft went along.")
    to, cc = _checked(c, draft, confirmed=confirmed)
    known = db.session.execute(_KNOWN, {"occasion": drafting.occasion(draft.token), "draft": draft.id}).one()
    if known.sent:
        raise Refused("This mail is on its way already.")
    now = clock.now()
    mailbox = _mailbox(c)
    forward = draft.kind == "forward"
    last = forwarding.subject_of(c, draft) if forward else last_inbound(c)
    was = acting.snapshot(c)
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    reply_to = addressing.reply_address(mailbox.address, c.reply_token) if mailbox.plus_addressing else ""
    files = _parts(draft) if known.files else []
    letter = purposes.letter(
        c,
        draft,
        text=wrapping.with_signature(draft.text, by),
        quoted=wrapping.quoted(last, forward=forward),
        to=to[0].email,
    )
    try:
        data = compose(
            mailbox=mailbox,
            to=to,
            cc=cc,
            subject=draft.subject.strip() or reply_subject(c, kind=draft.kind),
            text=letter.text,
            html=letter.html,
            in_reply_to="" if forward or last is None else last.mail_id or "",
            references=[] if forward else references(c),
            attachments=[*files, *letter.parts, *letter.pictures],
            reply_to=reply_to,
            message_id=message_id,
            loop_mark=loop_mark(message_id),
            date=now,
        )
    except ValueError as fault:
        raise Stopped({"text": str(fault)}) from None
    storing = blobs().begin(data)
    outbound = outbox.queue_mail(
        occasion=drafting.occasion(draft.token),
        thread=f"conversation:{c.id}",
        mailbox=mailbox,
        message_bytes=data,
        message_id=message_id,
        recipients=[a.email for a in (*to, *cc)],
        delay_seconds=store().undo_seconds,
        storing=storing,
    )
    message = _message(c, draft, by=by, to=to, cc=cc, letter=letter, outbound=outbound, at=now)
    if files:
        message.attachment_count = drafting.hand_attachments(draft, message_id=message.id)
    c.last_message_at, c.unread = now, False
    if after == "close":
        CONVERSATION.fire(c, "close")
    elif after == "wait" and (c.order_step is None or draft.purpose is not None):
        CONVERSATION.fire(c, "answer")
    else:  # what its order wants of us stays to be done; a mail with a purpose is that step itself
        c.queue_at = promises.queue_time(c)
    moved = purposes.sent(c, draft, letter, message, by_id=by.id)
    act = Act(
        person_id=by.id,
        at=now,
        kind="send",
        sentence=f"Mail to {to[0].name or to[0].email}"[:300],
        before={
            "conversations": [{**was, "promises": [], "left": acting.snapshot(c)}],
            "outbound": outbound.id,
            "message": message.id,
            "due": outbound.due_at.isoformat(),
            "moved": moved,
            "draft": {
                **{name: getattr(draft, name) for name in (*WORDS, *MOVES)},
                "based_on": draft.based_on_id,
                "about": draft.about_id,
            },
        },
    )
    db.session.add(act)
    db.session.delete(draft)  # its files are the message's by now
    record(
        "message.queued", about=message, after={"conversation": c.id, "outbound": outbound.id, "then": after}
    )
    db.session.flush()
    storing.wait()
    return act


def on_its_way(token: str) -> bool:
    """Whether the form with this token was sent before: its answer was lost, or somebody clicked twice."""
    return bool(token) and db.session.scalar(_LEFT, {"occasion": drafting.occasion(token)}) is not None


def note(c: Conversation, text: str, *, by: Person | None) -> Message:
    """An internal note: seen by the desk, never mailed, no answer to anybody. `by` None: the desk itself writes it."""
    if c.merged_into_id is not None:
        raise Refused("This conversation has just been merged into another one; write the note there.")
    if not text.strip():
        raise Stopped({"text": "The note is empty; write something or discard it."})
    message = Message(
        conversation_id=c.id,
        direction="note",
        kind="note",
        author_id=by.id if by else None,
        from_name=by.name if by else "The desk",
        at=clock.now(),
        text=mask_cards(text.strip()[: drafting.MAX_TEXT]),
    )
    db.session.add(message)
    db.session.flush()
    searching.index(message.id, subject="", body=message.text, addresses=[message.from_name], files=[])
    record("note.written", about=message, after={"conversation": c.id})
    return message


def undo(act: Act) -> Conversation:
    """Take a mail back before it leaves: the state it carried is reverted and the text is a draft again.

    Raises Refused when it has left (or is leaving) already.
    """
    facts = act.before
    if not outbox.undo(facts["outbound"]):
        raise Refused("Too late to undo: the mail is already on its way.")
    was = facts["conversations"][0]
    try:
        c = acting.restore(was)
    except Refused:
        # Somebody, or the customer, has moved the conversation on: that stays, but the mail does not leave.
        c = db.session.get_one(Conversation, was["id"])
    message = db.session.get_one(Message, facts["message"])
    message.kind = "taken_back"
    purposes.taken_back(facts.get("moved"), by_id=act.person_id)
    c.last_message_at = (
        db.session.scalar(
            select(func.max(Message.at)).where(
                Message.conversation_id == c.id, Message.kind.not_in(("taken_back", "note"))
            )
        )
        or c.created_at
    )
    c.queue_at = promises.queue_time(c)
    _text_again(c, message, facts["draft"], person_id=act.person_id)
    record("message.taken_back", about=message, after={"conversation": c.id})
    return c


def _text_again(c: Conversation, message: Message, was: dict[str, Any], *, person_id: int) -> None:
    """What was taken back is a draft again; before what the person has begun to write since, if anything."""
    written = drafting.Written(**{key: was[key] for key in ("to", "cc", "subject", "text")})
    begun = drafting.find(c, person_id=person_id, kind=was["kind"])
    if begun is not None and begun.text.strip():
        written = replace(written, text=f"{written.text}\n\n{begun.text}")
    draft = drafting.save(
        c, person_id=person_id, kind=was["kind"], written=written, based_on_id=was.get("based_on")
    )
    draft.about_id = was.get("about")
    for name in MOVES:
        setattr(draft, name, was.get(name))
    db.session.execute(
        update(Attachment)
        .where(Attachment.message_id == message.id)
        .values(message_id=None, draft_id=draft.id)
    )


_LEFT = select(OutboundMail.id).where(
    OutboundMail.occasion == bindparam("occasion"), OutboundMail.state != "cancelled"
)
_KNOWN = select(
    exists().where(OutboundMail.occasion == bindparam("occasion")).label("sent"),
    exists().where(Attachment.draft_id == bindparam("draft")).label("files"),
)
_HERE = Message.conversation_id == bindparam("conversation")
_IDS = (
    select(Message.mail_id)
    .where(_HERE, Message.mail_id.is_not(None), Message.kind != "taken_back")
    .order_by(Message.at.desc(), Message.id.desc())
    .limit(20)
)


def references(c: Conversation) -> list[str]:
    """Message-IDs of the thread for the References header: the first and the latest, oldest first (RFC 5322 3.6.4)."""
    ids = db.session.scalars(_IDS, {"conversation": c.id}).all()
    return [mail_id for mail_id in reversed(ids) if mail_id]


def _checked(c: Conversation, draft: Draft, *, confirmed: bool) -> tuple[list[Address], list[Address]]:
    newer = checking.newer_messages(c, draft)
    fields: dict[str, str] = {}
    to, fault = checking.recipients(draft.to)
    if fault:
        fields["to"] = fault
    elif not to:
        fields["to"] = "The mail has no recipient; type an address such as ann@example.com."
    cc, fault = checking.recipients(draft.cc)
    if fault:
        fields["cc"] = fault
    words = checking.text_faults(c, purposes.kept_in(draft), purpose=draft.purpose)
    if words:
        fields["text"] = words
    strangers = [] if confirmed or draft.kind == "forward" or fields else checking.outsiders(c, [*to, *cc])
    if newer or fields or strangers:
        raise Stopped(fields, newer, strangers)
    return to, cc


def _mailbox(c: Conversation) -> Mailbox:
    mailbox = db.session.get(Mailbox, c.mailbox_id) if c.mailbox_id else None
    if mailbox is None:
        mailbox = db.session.scalars(
            select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id).limit(1)
        ).one_or_none()
    if mailbox is None:
        raise Stopped({"to": "No mailbox can send; an administrator has to set one up."})
    return mailbox


def _parts(draft: Draft) -> list[Part]:
    rows = db.session.scalars(
        select(Attachment).where(Attachment.draft_id == draft.id).order_by(Attachment.id)
    )
    return [Part(a.filename, a.content_type, blobs().get(a.sha256)) for a in rows]


def _message(
    c: Conversation,
    draft: Draft,
    *,
    by: Person,
    to: list[Address],
    cc: list[Address],
    letter: purposes.Letter,
    outbound: OutboundMail,
    at: datetime,
) -> Message:
    message = Message(
        conversation_id=c.id,
        direction="out",
        kind="forward" if draft.kind == "forward" else "letter",
        outbound_id=outbound.id,
        author_id=by.id,
        mail_id=outbound.message_id,
        from_name=by.name,
        from_email=outbound.envelope_from,
        subject=draft.subject or reply_subject(c, kind=draft.kind),
        at=at,
        text=letter.kept,
        reason=letter.reason,
        zones=[[z.kind, z.start, z.end] for z in zones(letter.kept)],
        recipients={"to": [[a.email, a.name] for a in to], "cc": [[a.email, a.name] for a in cc]},
    )
    db.session.add(message)
    db.session.flush()
    if draft.kind != "forward":
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Participant)
        db.session.execute(
            insert.on_conflict_do_nothing(), [{"conversation_id": c.id, "email": a.key} for a in (*to, *cc)]
        )
    searching.index(
        message.id,
        subject=message.subject,
        body=letter.kept,
        addresses=[word for a in (*to, *cc) for word in (a.email, a.name) if word],
        files=[],
    )
    return message
