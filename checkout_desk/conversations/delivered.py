"""What became of our mails: the delivery tells it here, inside its own transaction.

Only a mail that a server accepted keeps a promise (SPEC section 7); one that failed, or may not have arrived, brings its
conversation back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.conversations import promises
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.conversations.troubling import clear, trouble
from checkout_desk.extensions import db
from checkout_desk.mail import outbox
from checkout_desk.mail.models import OutboundMail


def outcome(outbound: OutboundMail, state: str) -> None:
    """The delivery tells what became of a mail, inside its own transaction (registered in outbox.listeners)."""
    message = db.session.scalars(select(Message).where(Message.outbound_id == outbound.id)).one_or_none()
    if message is None:
        return
    c = db.session.get_one(Conversation, message.conversation_id)
    now = clock.now()
    if state == "sent":
        if message.trouble and not message.resolved_at:
            clear(c, message)
        _keep_promises(c, message, at=now)
        if outbound.refused:
            trouble(
                c,
                message,
                f"Not delivered to {', '.join(outbound.refused)}",
                at=now,
                short="mail not delivered",
            )
        return
    words: dict[str, Any] = {
        "failed": (f"Not delivered: {outbound.response or 'the server refused it'}", "mail not delivered"),
        "unknown": (
            "It may have arrived: the connection broke before the server answered",
            "may not have arrived",
        ),
    }
    if state in words:
        trouble(c, message, words[state][0], at=now, short=words[state][1])
        if state == "failed" and message.kind == "letter" and CONVERSATION.refusal(c, "reopen") is None:
            CONVERSATION.fire(c, "reopen", reason="a mail of ours failed")


def _keep_promises(c: Conversation, message: Message, *, at: datetime) -> None:
    if message.kind != "letter" or message.author_id is None:
        return  # machines and forwards answer nobody (SPEC section 7)
    db.session.execute(
        update(Promise)
        .where(Promise.conversation_id == c.id, Promise.closed_at.is_(None), Promise.opened_at <= message.at)
        .values(closed_at=at, closed_by_id=message.id)
    )
    promises.refresh(c)


def register() -> None:
    """Listen to deliveries. Called once when the app is made."""
    if outcome not in outbox.listeners:
        outbox.listeners.append(outcome)
