"""Which conversation a letter belongs to, and why.

In this order (SPEC section 5): signed reply address; In-Reply-To and References against every id that we sent or
received, but only from somebody who takes part; never by subject. What a stranger claims becomes a possible match for
a person to decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from checkout_desk.conversations import addressing
from checkout_desk.conversations.models import Conversation, Message, Participant
from checkout_desk.extensions import db
from checkout_desk.mail.letter import Letter

_REPLY_PREFIX = re.compile(
    r"^\s*((re|aw|antw|antwort|sv|vs|ref|rif|odp|res|rép|回复|返信|답장|fwd?|wg|tr|enc|rv)\s*(\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a letter goes: an existing conversation or None for a new one, the reason as a sentence, and the
    conversations that it may belong to (id, why). `takes_part`: its sender is known to be one of its people."""

    conversation_id: int | None
    reason: str
    new_person: bool = False
    possible: tuple[tuple[int, str], ...] = field(default=())
    takes_part: bool = False


def base_subject(subject: str) -> str:
    """The subject without its reply and forward prefixes, casefolded."""
    return _REPLY_PREFIX.sub("", subject).strip().casefold()


_C: Any = Conversation.__table__
_M: Any = Message.__table__
_P: Any = Participant.__table__
_BY_TOKEN = select(_C.c.id, _C.c.merged_into_id).where(
    _C.c.reply_token.in_(bindparam("tokens", expanding=True))
)
_BY_MAIL_ID = (
    select(_M.c.mail_id, _M.c.conversation_id, _C.c.merged_into_id)
    .join_from(_M, _C, _C.c.id == _M.c.conversation_id)
    .where(_M.c.mail_id.in_(bindparam("ids", expanding=True)))
    .order_by(_M.c.id)
)
_TAKES_PART = select(_P.c.conversation_id).where(
    _P.c.email == bindparam("email"), _P.c.conversation_id.in_(bindparam("ids", expanding=True))
)
_MERGED = select(_C.c.merged_into_id).where(_C.c.id == bindparam("id"))
_RECENT_OF_CUSTOMER = (
    select(_C.c.id, _C.c.subject)
    .where(
        _C.c.customer_id == bindparam("customer_id"),
        _C.c.last_message_at > bindparam("since"),
        _C.c.merged_into_id.is_(None),
    )
    .order_by(_C.c.last_message_at.desc())
    .limit(10)
)


def _run(statement: Any, values: dict[str, Any]) -> Any:
    """Plainly on the session's connection: an import asks this hundreds of times a second."""
    return db.session.connection().execute(statement, values)


def place(
    letter: Letter,
    *,
    envelope_to: str | None,
    customer_id: int | None,
    received_at: datetime,
    bounced_ids: tuple[str, ...] = (),
) -> Placement:
    """Find the conversation of `letter`. At most four queries, one for a first mail without references.

    `customer_id` is the known customer behind the sender, `bounced_ids` the original Message-IDs that a bounce names
    (a bounce joins by them alone: its sender is a machine).
    """
    addresses = [
        envelope_to or "",
        *(a.email for a in letter.to),
        *(a.email for a in letter.cc),
        *letter.headers.get("delivered-to", ()),
        *letter.headers.get("x-original-to", ()),
    ]
    tokens = addressing.tokens(a for a in addresses if "+" in a)
    if tokens:
        row = _run(_BY_TOKEN, {"tokens": tokens}).first()
        if row:
            target = _final(row.merged_into_id or row.id)
            known = bool(bounced_ids) or _takes_part(letter.sender.key, (target, row.id))
            return Placement(target, "Joined by signed reply address", new_person=not known)
    named = _claimed(letter, bounced_ids)
    if named:
        return _by_header(letter, named, bounced=bool(bounced_ids))
    if customer_id and _REPLY_PREFIX.match(letter.subject):
        return Placement(None, "First message", possible=_same_subject(letter, customer_id, received_at))
    return Placement(None, "First message")


def _claimed(letter: Letter, bounced_ids: tuple[str, ...]) -> list[tuple[int, int]]:
    """(conversation named, conversation it was merged into) for each id that we know, most telling first."""
    claims = [*bounced_ids, *letter.in_reply_to, *reversed(letter.references)]
    order = {mail_id: rank for rank, mail_id in reversed(list(enumerate(claims)))}
    if not order:
        return []
    rows = _run(_BY_MAIL_ID, {"ids": list(order)}).all()
    found: dict[int, tuple[int, int]] = {}
    for row in sorted(rows, key=lambda r: order[r.mail_id]):
        target = _final(row.merged_into_id) if row.merged_into_id else row.conversation_id
        found.setdefault(target, (row.conversation_id, target))
    return list(found.values())


def _by_header(letter: Letter, named: list[tuple[int, int]], *, bounced: bool) -> Placement:
    if bounced:
        return Placement(named[0][1], "A bounce of a mail in this conversation")
    ids = [conversation_id for pair in named for conversation_id in pair]
    part_of = set(_run(_TAKES_PART, {"email": letter.sender.key, "ids": ids}).scalars())
    for origin, target in named:
        if target in part_of or origin in part_of:
            return Placement(target, "Answers a message of this conversation", takes_part=target in part_of)
    why = f"It refers to a message of this conversation, but {letter.sender.email or 'its sender'} takes no part in it"
    return Placement(
        None, "First message of a new sender", possible=tuple((target, why) for _, target in named[:3])
    )


def _same_subject(letter: Letter, customer_id: int, received_at: datetime) -> tuple[tuple[int, str], ...]:
    subject = base_subject(letter.subject)
    rows = _run(_RECENT_OF_CUSTOMER, {"customer_id": customer_id, "since": received_at - RECENT})
    return tuple(
        (row.id, "Same sender and subject, but nothing in the mail links the two")
        for row in rows
        if subject and base_subject(row.subject) == subject
    )[:3]


def _takes_part(email: str, ids: tuple[int, ...]) -> bool:
    return _run(_TAKES_PART, {"email": email, "ids": list(ids)}).first() is not None


def _final(conversation_id: int) -> int:
    """The conversation that this one ended up in after merges (a chain is followed at most ten steps)."""
    for _ in range(10):
        into = _run(_MERGED, {"id": conversation_id}).scalar_one_or_none()
        if into is None:
            return conversation_id
        conversation_id = into
    return conversation_id
