"""What became of our mails: the delivery tells it here, inside its own transaction.

Only a mail that a server accepted keeps a promise (SPEC section 7); one that failed, or may not have arrived, brings its
conversation back.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.conversations import promises
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.conversations.troubling import MAYBE, clear, trouble
from checkout_desk.extensions import db
from checkout_desk.mail import outbox
from checkout_desk.mail.models import OutboundMail
from checkout_desk.settings.models import Store


def outcome(outbound: OutboundMail, state: str) -> None:
    """The delivery tells what became of a mail, inside its own transaction (registered in outbox.listeners).

    The conversation is locked first, as every writer does, so that no click in between turns the news into a conflict.
    """
    message = db.session.scalars(select(Message).where(Message.outbound_id == outbound.id)).one_or_none()
    if message is None:
        return
    c = db.session.get_one(
        Conversation, message.conversation_id, with_for_update={"key_share": True}, populate_existing=True
    )
    now = clock.now()
    if outbound.sent_at is not None:
        _reached(c, message, outbound, at=now)
    elif state == "failed":
        words = f"Not delivered: {outbound.response or 'the server refused it'}"
        trouble(c, message, words, at=now, short="mail not delivered")
        if message.kind == "letter" and CONVERSATION.refusal(c, "reopen") is None:
            CONVERSATION.fire(c, "reopen", reason="a mail of ours failed")
    elif state == "unknown":
        words = f"{MAYBE}: the connection broke before the server answered"
        trouble(c, message, words, at=now, short="may not have arrived")


def _reached(c: Conversation, message: Message, outbound: OutboundMail, *, at: datetime) -> None:
    """Somebody has it. Who has not is trouble for a person, but the customer may well be answered."""
    if message.trouble and not message.resolved_at:
        clear(c, message)
    unreached = {who.casefold() for who in (*(outbound.refused or {}), *outbound.recipients)}
    addressed = {email.casefold() for email, _ in (message.recipients or {}).get("to", [])}
    if not addressed or addressed - unreached:
        _keep_promises(c, message, at=at, milestone=_milestone(outbound))
    if outbound.refused:
        words = f"Not delivered to {', '.join(outbound.refused)}"
        trouble(c, message, words, at=at, short="mail not delivered", keep=True)


def _milestone(outbound: OutboundMail) -> str:
    """The milestone of a mail that a change of state sent ('milestone:ORDER:NAME:…'), else ''."""
    parts = outbound.occasion.split(":")
    return parts[2] if parts[0] == "milestone" and len(parts) > 2 else ""


def _keep_promises(c: Conversation, message: Message, *, at: datetime, milestone: str) -> None:
    """Close the promises of what was in the conversation when the answer was written.

    By number, not by time: a mail that was received and not yet filed when the person pressed Send was not answered.
    """
    by_hand = message.kind == "letter" and message.author_id is not None
    if not by_hand and not (
        milestone and milestone in (db.session.scalar(select(Store.answer_mails)) or "").split()
    ):
        return  # machines and forwards answer nobody, but for what the store lists as an answer (SPEC section 7)
    db.session.execute(
        update(Promise)
        .where(Promise.conversation_id == c.id, Promise.closed_at.is_(None), Promise.message_id < message.id)
        .values(closed_at=at, closed_by_id=message.id)
    )
    promises.refresh(c)


def register() -> None:
    """Listen to deliveries. Called once when the app is made."""
    if outcome not in outbox.listeners:
        outbox.listeners.append(outcome)
