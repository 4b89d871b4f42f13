"""Filing an understood mail: into which conversation, as what kind of message, with which promise.

Everything here happens inside the caller's one transaction; statements are plain inserts because an import files
hundreds of mails a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk.conversations import addressing, next_action, pausing, promises, searching
from checkout_desk.conversations.counting import moved, views_of
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import (
    Attachment,
    Conversation,
    Message,
    Participant,
    PossibleMatch,
    Promise,
)
from checkout_desk.conversations.sketch import Sketch
from checkout_desk.conversations.threading import Placement, place
from checkout_desk.customers import knowing
from checkout_desk.customers.models import Customer
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.intake import bouncing, imitating, ordering
from checkout_desk.intake.acknowledging import acknowledge
from checkout_desk.intake.making_readings import Made, again
from checkout_desk.intake.rules import Rules
from checkout_desk.intake.understanding import Understood
from checkout_desk.mail.letter import Address, Letter
from checkout_desk.mail.receiving import blobs

OWED = ("letter", "unreadable")
"""kinds that a person must answer: they reopen and open a promise"""
UNREADABLE = "This mail could not be read; its raw text is shown."


def _new(model: Any, row: dict[str, Any]) -> int:
    """Insert one row plainly (no unit of work) and return its id."""
    return int(db.session.connection().execute(_inserting(model), row).scalar_one())


@cache
def _inserting(model: Any) -> Any:
    """Made once: an import says it thousands of times."""
    return insert(model.__table__).returning(model.__table__.c.id)


def store_parts(u: Understood) -> list[str]:
    """Keep the attachments as blobs, before the transaction; returns their names in order. Raises NoSpace."""
    names = []
    for position, part in enumerate(u.letter.parts):
        digest = blobs().put(part.data)
        if position in u.card_parts:
            blobs().seal(digest)
        names.append(digest)
    return names


def kind_of(u: Understood) -> str:
    """The kind of message that a verdict makes (see Message.kind)."""
    if not u.letter.readable:
        return "unreadable"
    return u.verdict.kind


def file(
    raw_id: int, raw: Any, u: Understood, parts: list[str], made: Made | None, *, now: datetime, rule: Rules
) -> int:
    """File one mail with its reading and return its conversation's id. Call inside a writing transaction; the caller
    commits. A mail that was filed before and is tried again goes to `refiling`."""
    kind = kind_of(u)
    sender = u.writer
    known = knowing.find(sender.email) if sender.email else None
    placement = place(
        replace(u.letter, sender=sender) if u.form_for else u.letter,
        envelope_to=raw.envelope_to,
        customer_id=known.id if known else None,
        received_at=raw.received_at,
        bounced_ids=(u.verdict.original_message_id,)
        if kind == "bounce" and u.verdict.original_message_id
        else (),
    )
    if u.form_for and placement.conversation_id is not None:  # whom a form names is a claim (SECURITY A11)
        placement = replace(placement, new_person=True)
    writes = kind in OWED or placement.conversation_id is None
    if known is None and sender.email and writes and kind != "bounce":
        known = knowing.add(sender.email, name=sender.name, at=now)
    if placement.conversation_id is None:
        there = None
        conversation_id = _open(raw, u, customer_id=known.id if known else None, kind=kind)
    else:
        there = _lock(placement.conversation_id)
        conversation_id = there.id
    seems = imitating.flags(
        sender,
        own=rule.own_addresses,
        conversation_id=conversation_id if there is not None and placement.new_person else None,
        known=known,
    )
    message_id = _message(raw_id, raw, u, conversation_id, placement, kind, seems)
    group = _group(rule, known.id if known else None)
    due = rule.promised.due(raw.received_at, group=group)
    attachments(message_id, u, parts)
    _possible(message_id, placement)
    new_there = not (placement.new_person or placement.takes_part)
    if sender.email and new_there and kind not in ("bounce", "own"):
        takes_part(conversation_id, sender)
    if there is None:
        _promise_for_new(conversation_id, message_id, raw.received_at, kind, due=due)
    else:
        if kind in OWED and there.paused_until is not None:
            there.paused_until = None
            there.promise_due_at = pausing.customer_wrote(conversation_id, group=group, at=raw.received_at)
        _continue(there, message_id, raw, u, kind, due=due)
    searching.index(
        message_id,
        subject=u.subject,
        body=u.text,
        addresses=address_words(u),
        files=[part.filename for part in u.letter.parts],
    )
    record(
        "message.received",
        about=("message", message_id),
        after={"conversation": conversation_id, "kind": kind, "reason": placement.reason, "raw": raw_id},
    )
    made = again(made, u, there.id if there else None, rule=rule)
    if made is not None:
        doubt = doubt_of(u, new_person=placement.new_person) if there else ""
        learn = not (doubt or u.form_for or placement.new_person or forged(u))
        ordering.order(conversation_id, message_id, made, rule.prepared, doubt=doubt, learn=learn, now=now)
    if kind == "bounce":
        bouncing.mark(u.verdict, conversation_id=conversation_id, at=now)
    elif rule.acknowledge and kind == "letter" and there is None:
        acknowledge(conversation_id, message_id, u, new_customer=bool(known and known.new), now=now)
    return conversation_id


def forged(u: Understood) -> bool:
    """Whether our own mail exchanger found that the domain in From did not send this (RFC 7489)."""
    return u.verdict.authentication.dmarc == "fail"


def doubt_of(u: Understood, *, new_person: bool) -> str:
    """Why a mail in a conversation that exists may change nothing by itself (SECURITY A2), or ''."""
    return "new_person" if new_person else "dmarc" if forged(u) else ""


def _lock(conversation_id: int) -> Sketch:
    """The conversation, locked before anything is put into it; the one it was merged into, if that just happened."""
    there = Sketch(conversation_id)
    for _ in range(10):
        if there.merged_into_id is None:
            break
        there = Sketch(there.merged_into_id)
    return there


def who_wrote(sender: Address) -> str:
    """How the queue names the writer."""
    return (sender.name or sender.email or "Unknown sender")[:200]


def _trouble(kind: str) -> str | None:
    return "could not be read" if kind == "unreadable" else None


def _open(raw: Any, u: Understood, *, customer_id: int | None, kind: str) -> int:
    trouble = _trouble(kind)
    row = {
        "subject": u.subject,
        "customer_id": customer_id,
        "mailbox_id": raw.mailbox_id,
        "reply_token": addressing.new_token(),
        "created_at": raw.received_at,
        "state": "open",
        "tags": [],
        "version": 1,
        "who": who_wrote(u.writer),
        "preview": u.preview,
        "unread": True,
        "has_attachment": any(not part.inline for part in u.letter.parts),
        "trouble": trouble,
        "exception": trouble is not None,
        "last_message_at": raw.received_at,
        "queue_at": raw.received_at + promises.NO_DEADLINE,
        "next_action": next_action.ANSWER if kind in OWED else next_action.CLOSE,
    }
    moved(frozenset(), views_of("open", None, trouble is not None))
    return _new(Conversation, row)


def _message(
    raw_id: int,
    raw: Any,
    u: Understood,
    conversation_id: int,
    placement: Placement,
    kind: str,
    flags: list[str],
) -> int:
    letter = u.letter
    row = {
        "conversation_id": conversation_id,
        "direction": "in",
        "kind": kind,
        "raw_id": raw_id,
        "mail_id": mail_id(letter),
        "canonical_key": u.canonical_key,
        "from_name": letter.sender.name[:200],
        "from_email": letter.sender.email[:254],
        "recipients": {
            "to": pairs(letter.to),
            "cc": pairs(letter.cc),
            "reply_to": pairs(letter.reply_to),
        },
        "subject": u.subject,
        "at": raw.received_at,
        "sent_at": letter.date,
        "text": u.text,
        "html": u.html,
        "blocked_images": u.blocked_images,
        "zones": u.zones,
        "reason": placement.reason,
        "facts": facts(u, placement, flags),
        "attachment_count": sum(not part.inline for part in letter.parts),
        "trouble": UNREADABLE if kind == "unreadable" else None,
    }
    return _new(Message, row)


def mail_id(letter: Letter) -> str | None:
    """The Message-ID by which others may name this mail; none longer than a line of a header (RFC 5322) can.

    In bytes: PostgreSQL refuses an index entry of 2,704, and with it the mail.
    """
    return letter.message_id if 0 < len(letter.message_id.encode()) <= 998 else None


def pairs(addresses: tuple[Address, ...]) -> list[list[str]]:
    """Addresses as `Message.recipients` keeps them."""
    return [[a.email[:254], a.name[:200]] for a in addresses[:100]]


def facts(u: Understood, placement: Placement, more: Sequence[str] = ()) -> dict[str, Any] | None:
    """Flags (with `more`) and verdicts as `Message.facts` keeps them; None when there are none."""
    authentication = u.verdict.authentication
    verdicts = {"spf": authentication.spf, "dkim": authentication.dkim, "dmarc": authentication.dmarc}
    facts: dict[str, Any] = {}
    flags = [*u.verdict.flags, *more, *(["new_person"] if placement.new_person else [])]
    if flags:
        facts["flags"] = flags
    if any(value != "unknown" for value in verdicts.values()):
        facts["authentication"] = verdicts
    if u.letter.defects:
        facts["defects"] = list(u.letter.defects)[:10]
    if u.verdict.kind != "letter":
        facts["why"] = u.verdict.why
    if u.has_card:
        facts["card"] = True
    if u.form_for:
        facts["for"] = [u.form_for.email, u.form_for.name[:200]]
    return facts or None


def attachments(message_id: int, u: Understood, parts: list[str]) -> None:
    """Write the rows of a message's files, whose blobs are `parts`."""
    if not parts:
        return
    db.session.execute(
        insert(Attachment),
        [
            {
                "message_id": message_id,
                "sha256": digest,
                "filename": part.filename[:200],
                "content_type": part.content_type[:120],
                "size": part.size,
                "content_id": part.content_id[:254],
                "inline": part.inline,
            }
            for part, digest in zip(u.letter.parts, parts, strict=True)
        ],
    )


_POSSIBLE = insert(PossibleMatch.__table__)  # type: ignore[arg-type]


def _possible(message_id: int, placement: Placement) -> None:
    if placement.possible:
        db.session.connection().execute(
            _POSSIBLE,
            [
                {"message_id": message_id, "conversation_id": other, "why": why[:200]}
                for other, why in placement.possible
            ],
        )


_PARTICIPANT: Any = Participant.__table__
_JOIN = {
    "sqlite": sqlite.insert(_PARTICIPANT).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_PARTICIPANT).on_conflict_do_nothing(),
}


def takes_part(conversation_id: int, sender: Address) -> None:
    """From now on `sender` takes part in the conversation."""
    row = {"conversation_id": conversation_id, "email": sender.key[:254]}
    db.session.connection().execute(_JOIN[db.engine.dialect.name], row)


_PROMISE: Any = Promise.__table__


def _group(rule: Rules, customer_id: int | None) -> str:
    """The customer's group, asked for only where groups are promised something of their own."""
    if not rule.promised.groups or customer_id is None:
        return ""
    return db.session.scalar(select(Customer.group).where(Customer.id == customer_id)) or ""


def _promise(conversation_id: int, message_id: int, received_at: datetime, *, due: datetime) -> None:
    db.session.connection().execute(
        insert(_PROMISE),
        {
            "conversation_id": conversation_id,
            "message_id": message_id,
            "opened_at": received_at,
            "due_at": due,
        },
    )


_SET_DUE = (
    Conversation.__table__.update()  # type: ignore[attr-defined]
    .where(Conversation.__table__.c.id == bindparam("conversation"))
    .values(promise_due_at=bindparam("due"), queue_at=bindparam("due"), last_inbound_id=bindparam("inbound"))
)


def _promise_for_new(
    conversation_id: int, message_id: int, received_at: datetime, kind: str, *, due: datetime
) -> None:
    if kind in OWED:
        _promise(conversation_id, message_id, received_at, due=due)
        values = {"conversation": conversation_id, "due": due, "inbound": message_id}
        db.session.connection().execute(_SET_DUE, values)


def _continue(c: Sketch, message_id: int, raw: Any, u: Understood, kind: str, *, due: datetime) -> None:
    """A message in a conversation that exists: only a letter reopens it and opens a promise."""
    c.last_message_at = max(c.last_message_at, raw.received_at)
    c.has_attachment = c.has_attachment or any(not part.inline for part in u.letter.parts)
    if kind in OWED:
        _promise(c.id, message_id, raw.received_at, due=due)
        c.unread = c.asks = True
        c.preview = u.preview
        c.last_inbound_id = message_id
        c.promise_due_at = min(c.promise_due_at, due) if c.promise_due_at else due
        CONVERSATION.fire(c, "receive")
    else:
        c.queue_at = promises.queue_time_of(c.state, c.promise_due_at, c.snoozed_until, c.last_message_at)
    c.save()


def address_words(u: Understood) -> list[str]:
    """The people of a mail, for the search index."""
    letter = u.letter
    people = (letter.sender, *letter.to[:20], *letter.cc[:20], *((u.form_for,) if u.form_for else ()))
    return [word for a in people for word in (a.email, a.name) if word]
