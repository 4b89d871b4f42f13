"""Filing a mail once more that could not be read before: its message stays, with what it really says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from checkout_desk.conversations import searching, troubling
from checkout_desk.conversations.models import Attachment, Conversation, Message, Participant
from checkout_desk.conversations.threading import Placement
from checkout_desk.customers import knowing
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.intake import filing, ordering
from checkout_desk.intake.making_readings import Made, again
from checkout_desk.intake.rules import Rules
from checkout_desk.intake.understanding import Understood

_REFILED = select(Message).where(Message.raw_id == bindparam("raw_id"))


def file_again(
    raw_id: int, u: Understood, parts: list[str], made: Made | None, *, now: datetime, rule: Rules
) -> int:
    """A mail that could not be read was tried again: the same message now says what it says.

    Returns its conversation's id. Call inside a writing transaction; the caller commits.
    """
    message = db.session.scalars(_REFILED, {"raw_id": raw_id}).one()
    c = db.session.get_one(Conversation, message.conversation_id)
    kind = filing.kind_of(u)
    if kind != "unreadable":
        before = (message.subject, message.text, _words_of(message), ())
        _rewrite(message, u, kind)
        if not db.session.query(Attachment.id).filter_by(message_id=message.id).first():
            filing.attachments(message.id, u, parts)
        _rename(c, message, u, now=now)
        after = (u.subject, u.text, filing.address_words(u), [part.filename for part in u.letter.parts])
        searching.index_again(message.id, before=before, after=after)
        db.session.flush()
        made = again(made, u, c.id, rule=rule)
        if made is not None:
            taking_part = db.session.get(Participant, (c.id, u.writer.key[:254])) is not None
            alone = (
                c.created_at == message.at
            )  # it opened the conversation; else whom a form names is a claim
            doubt = filing.doubt_of(u, new_person=not taking_part or bool(u.form_for and not alone))
            learn = not (doubt or u.form_for or filing.forged(u))
            ordering.order(c.id, message.id, made, rule.prepared, doubt=doubt, learn=learn, now=now)
    record("message.read_again", about=message, after={"kind": kind})
    return c.id


def _words_of(message: Message) -> list[str]:
    """What `filing.address_words` gave when the message was filed."""
    people = message.recipients or {}
    pairs = [[message.from_email, message.from_name], *people.get("to", [])[:20], *people.get("cc", [])[:20]]
    if message.facts and "for" in message.facts:
        pairs.append(message.facts["for"])
    return [word for pair in pairs for word in pair if word]


def _rewrite(message: Message, u: Understood, kind: str) -> None:
    letter = u.letter
    message.kind, message.text, message.html, message.subject = kind, u.text, u.html, u.subject
    message.from_name, message.from_email = letter.sender.name[:200], letter.sender.email[:254]
    message.recipients = {
        "to": filing.pairs(letter.to),
        "cc": filing.pairs(letter.cc),
        "reply_to": filing.pairs(letter.reply_to),
    }
    message.zones = [list(z) for z in u.zones] if u.zones else None
    message.mail_id, message.canonical_key = filing.mail_id(letter), u.canonical_key
    message.sent_at, message.blocked_images = letter.date, u.blocked_images
    message.facts = filing.facts(u, Placement(message.conversation_id, message.reason))
    message.attachment_count = sum(not part.inline for part in letter.parts)
    message.trouble = None


def _rename(c: Conversation, message: Message, u: Understood, *, now: datetime) -> None:
    """The conversation takes its name, customer and participant from the mail that can be read now."""
    sender = u.writer
    troubling.reckon(c)
    first = db.session.scalar(
        select(Message.id).where(Message.conversation_id == c.id).order_by(Message.at, Message.id).limit(1)
    )
    c.has_attachment = c.has_attachment or bool(message.attachment_count)
    if c.last_inbound_id in (None, message.id):
        c.preview = u.preview
    if first != message.id:
        return
    c.subject, c.who = u.subject, filing.who_wrote(sender)
    if sender.email and message.kind != "bounce":
        c.customer_id = c.customer_id or knowing.meet(sender.email, name=sender.name, at=now).id
        filing.takes_part(c.id, sender)
