"""How templates do: per version, what became of the mails made of it and of the orders that they went to (SPEC B6).

A mail counts for the day on which it was queued. What the customer wrote first afterwards, before the desk's next mail about
the same order, says whether it was clear: a question is *asked again*.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import MessageReading, MilestoneMail, Order
from checkout_desk.reports.dayrows import DayRow, Sheet, micro
from checkout_desk.reports.period import Period

QUESTION = "inquiry"
_M = MilestoneMail


@dataclass(frozen=True, slots=True)
class Mailing:
    """One mail of a template, and what came of it."""

    id: int
    template: str
    """'order_confirmed:en:1'"""
    at: datetime
    order_number: int
    conversation_id: int | None
    message_id: int | None
    sent: bool
    bounced: bool
    """refused by a server, then or later"""
    waited: timedelta | None
    """until the customer's next mail, if it came before the desk's next one about the order"""
    asked_again: bool
    score: int | None
    """what the customer of its order said in the end"""


def sent_in(period: Period) -> list[Mailing]:
    """Every mail of a template that was queued in the period, oldest first. Three queries."""
    between = (_M.at >= period.start, _M.at < period.end, _M.template != "")
    db.session.flush()
    connection = db.session.connection()
    mails = connection.execute(_MAILS.where(*between).order_by(_M.at, _M.id)).all()
    threads = select(Order.conversation_id).join(_M, _M.order_id == Order.id).where(*between)
    heard = _heard(connection.execute(_HEARD.where(Message.conversation_id.in_(threads))))
    orders = select(_M.order_id).where(*between)
    told: dict[int, list[datetime]] = defaultdict(list)
    for row in connection.execute(select(_M.order_id, _M.at).where(_M.order_id.in_(orders)).order_by(_M.at)):
        told[row.order_id].append(row.at)
    return [_mailing(row, heard, told) for row in mails]


_MAILS: Any = (
    select(
        _M.id, _M.template, _M.at, _M.order_id, _M.message_id, Order.number, Order.conversation_id, Message.trouble,
        Message.kind, OutboundMail.state, OutboundMail.sent_at, Feedback.score,
    )
    .join(Order, Order.id == _M.order_id)
    .outerjoin(Message, Message.id == _M.message_id)
    .outerjoin(OutboundMail, OutboundMail.id == Message.outbound_id)
    .outerjoin(Feedback, Feedback.order_id == _M.order_id)
)  # fmt: skip
_HEARD: Any = (
    select(Message.conversation_id, Message.at, MessageReading.kind)
    .outerjoin(MessageReading, MessageReading.message_id == Message.id)
    .where(Message.direction == "in", Message.kind.in_(("letter", "page")))
    .order_by(Message.conversation_id, Message.at, Message.id)
)
Heard = Mapping[int, tuple[list[datetime], list[str]]]


def _heard(rows: Iterable[Any]) -> Heard:
    found: dict[int, tuple[list[datetime], list[str]]] = defaultdict(lambda: ([], []))
    for row in rows:
        found[row.conversation_id][0].append(row.at)
        found[row.conversation_id][1].append(row.kind or "")
    return found


def _mailing(row: Any, heard: Heard, told: Mapping[int, Sequence[datetime]]) -> Mailing:
    waited, kind = None, ""
    if row.sent_at is not None and row.conversation_id in heard:
        times, kinds = heard[row.conversation_id]
        place = bisect_right(times, row.sent_at)
        later = bisect_right(told[row.order_id], row.at)
        until = told[row.order_id][later] if later < len(told[row.order_id]) else None
        if place < len(times) and (until is None or times[place] < until):
            waited, kind = times[place] - row.sent_at, kinds[place]
    return Mailing(
        row.id, row.template, row.at, row.number, row.conversation_id, row.message_id, row.sent_at is not None,
        row.state == "failed" or row.trouble is not None, waited, kind == QUESTION, row.score,
    )  # fmt: skip


def rows(period: Period) -> list[DayRow]:
    """Part: the template's version → mails, sent, bounced, again (asked), waited (microseconds), scores. Three queries."""
    sheet = Sheet()
    for one in sent_in(period):
        sheet.add(
            period.day_of(one.at), one.template, mails=1, sent=int(one.sent), bounced=int(one.bounced),
            again=int(one.asked_again), waited=[micro(one.waited)] if one.waited is not None else [],
            scores=[one.score] if one.score is not None else [],
        )  # fmt: skip
    return sheet.rows()
