"""A bounce turns the message that bounced red, and the answer that it was did not happen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.conversations.troubling import trouble
from checkout_desk.extensions import db
from checkout_desk.mail.screening import Verdict


def mark(verdict: Verdict, *, conversation_id: int, at: datetime) -> None:
    """Mark what bounced, if it was ours and the failure is final. A delay changes nothing but its own message."""
    final = [recipient for recipient in verdict.bounced if recipient.permanent]
    if verdict.bounced and not final:
        return
    if not verdict.original_message_id:
        return
    message = db.session.scalars(
        select(Message)
        .where(
            Message.direction == "out",
            Message.mail_id == verdict.original_message_id,
            Message.conversation_id == conversation_id,
        )
        .order_by(Message.id.desc())
    ).first()
    c = db.session.get_one(Conversation, conversation_id)
    if message is None:
        return
    words = "; ".join(f"{r.email} ({r.status or 'refused'})" for r in final[:5]) or "the address"
    reason = next((r.diagnostic for r in final if r.diagnostic), "")
    trouble(
        c,
        message,
        f"Not delivered to {words}" + (f": {reason}" if reason else ""),
        at=at,
        short="mail not delivered",
        bounced=sorted({r.status for r in final}),
    )
    if c.state in ("waiting", "closed", "snoozed"):
        CONVERSATION.fire(c, "reopen", reason="a mail of ours bounced")
