"""Messages in trouble of which no event tells: from before the desk grouped errors, or kept when a listener had failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import exists, select

from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.conversations.troubling import MAYBE
from checkout_desk.extensions import db
from checkout_desk.incidents import causes
from checkout_desk.incidents.filing import Wrong
from checkout_desk.incidents.models import IncidentCase
from checkout_desk.mail.models import OutboundMail, RawMail

AT_ONCE = 200
_STATUS = re.compile(r"\((\d\.\d{1,3}\.\d{1,3})\)")


def found() -> list[Wrong]:
    """Those that have no case at all. One query over the few messages in trouble.

    Read this before the head of the record: when that has not moved past the cursor then, no event is still to tell of them.
    """
    rows = db.session.execute(
        select(
            Message.id, Message.at, Message.kind, Message.trouble, Message.outbound_id, Message.conversation_id,
            Conversation.order_id, Conversation.customer_id, OutboundMail.state, OutboundMail.to_address, RawMail.fault,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(OutboundMail, OutboundMail.id == Message.outbound_id)
        .outerjoin(RawMail, RawMail.id == Message.raw_id)
        .where(
            Message.trouble.is_not(None),
            Message.resolved_at.is_(None),
            ~exists().where(IncidentCase.message_id == Message.id),
        )
        .order_by(Message.id)
        .limit(AT_ONCE)
    ).all()  # fmt: skip
    return list(_wrongs(rows))


def _wrongs(rows: Any) -> Iterator[Wrong]:
    for row in rows:
        yield Wrong(
            _cause(row), f"message:{row.id}", row.at, message_id=row.id, outbound_id=row.outbound_id,
            conversation_id=row.conversation_id, order_id=row.order_id, customer_id=row.customer_id,
        )  # fmt: skip


def _cause(row: Any) -> causes.Cause:
    if row.kind == "unreadable":
        return causes.unreadable(row.fault)
    if row.state == "unknown":
        return causes.unknown(row.trouble.partition(":")[2] or MAYBE)
    if row.state == "failed":
        known = [row.to_address] if row.to_address else []
        return causes.answer(0, row.trouble.partition(":")[2].strip(), known=known)
    status = _STATUS.search(row.trouble)
    return causes.bounce(status[1] if status else "")
