"""The rows behind a thread: the newest window of messages, or one of them, without the HTML that only its frame loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, select

from checkout_desk.conversations.models import Conversation, Message, PossibleMatch
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail

WINDOW = 40
"""messages that a page shows at first; each "earlier" adds as many"""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a thread that a page shows: rows of COLUMNS, oldest first, and whether more exist."""

    rows: list[Any]
    earlier: bool


_M: Any = Message.__table__
_O: Any = OutboundMail.__table__
COLUMNS = (
    *(
        _M.c[name]
        for name in (
            "id", "conversation_id", "direction", "kind", "raw_id", "outbound_id", "author_id", "from_name", "from_email",
            "recipients", "subject", "at", "text", "blocked_images", "zones", "reason", "facts", "attachment_count",
            "trouble", "resolved_at",
        )
    ),
    _M.c.html.is_not(None).label("has_html"),
    exists().where(PossibleMatch.message_id == _M.c.id, PossibleMatch.resolved_at.is_(None)).label("may_belong"),
    _O.c.state.label("out_state"), _O.c.due_at, _O.c.response, _O.c.sent_at.label("out_at"), _O.c.attempts,
)  # fmt: skip
"""what a message on the screen is made of; the HTML itself is loaded by its frame alone"""

_JOINED = _M.outerjoin(_O, _O.c.id == _M.c.outbound_id)
_WINDOW = (
    select(*COLUMNS)
    .select_from(_JOINED)
    .where(_M.c.conversation_id == bindparam("conversation"))
    .order_by(_M.c.at.desc(), _M.c.id.desc())
    .limit(bindparam("size"))
)
_ONE = select(*COLUMNS).select_from(_JOINED).where(_M.c.id == bindparam("message"))


def window(c: Conversation, *, size: int = WINDOW) -> Window:
    """The newest `size` messages of a conversation. One query."""
    values = {"conversation": c.id, "size": size + 1}
    rows = db.session.connection().execute(_WINDOW, values).all()
    return Window(list(reversed(rows[:size])), len(rows) > size)


def one(message_id: int) -> Any:
    """One message as `window` has it. Raises NoResultFound for an unknown id."""
    return db.session.connection().execute(_ONE, {"message": message_id}).one()
