"""Cases that are right again by themselves: sent, read, back. Nobody has to say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select

from checkout_desk import clock
from checkout_desk.conversations.models import Message
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.incidents import auditing, filing, stuck
from checkout_desk.incidents.models import Incident, IncidentCase
from checkout_desk.mail.models import Mailbox, OutboundMail, RawMail
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.payments.models import ProviderEvent
from checkout_desk.shipping.models import CarrierEvent

AT_ONCE = 500
LOOK_BACK = 2000
"""raw mails in which one of a web door is looked for"""


def overtaken(event: Event) -> None:
    """A mailbox is back, or a mail failed anew: cases from before this event are over. Within the walk of the events."""
    case = IncidentCase
    query = select(case.id).join(Incident, Incident.id == case.incident_id).where(case.settled_at.is_(None))
    if event.kind == "mailbox.back":
        # By the event's number, so that the order in the record decides and not the order of reading.
        query = query.where(
            Incident.kind == "silent", case.about == f"mailbox:{event.subject_id}", case.event_id < event.id
        )
        how = "Mail comes again"
    else:
        query = query.where(
            Incident.kind.in_(("failed", "unknown")),
            case.outbound_id == event.subject_id,
            case.event_id < event.id,
        )
        how = "Tried again; what became of it is a case of its own"
    filing.count(filing.settle(list(db.session.scalars(query)), how))


def sweep() -> int:
    """Look at the next open cases and settle those that are right again. Commits. Returns how many."""
    if db.session.scalar(select(IncidentCase.id).where(IncidentCase.settled_at.is_(None)).limit(1)) is None:
        db.session.rollback()
        return 0
    db.session.rollback()
    begin_write()
    cursor = filing.cursor("cases")
    case = IncidentCase
    rows = db.session.execute(
        select(
            case.id, case.source, case.about, case.at, case.last_at, case.order_id, case.conversation_id,
            Incident.kind, Incident.cause,
            Message.id.label("message"), Message.trouble, Message.resolved_at, Message.kind.label("message_kind"),
            OutboundMail.state.label("mail"),
        )
        .join(Incident, Incident.id == case.incident_id)
        .outerjoin(Message, Message.id == case.message_id)
        .outerjoin(OutboundMail, OutboundMail.id == case.outbound_id)
        .where(case.settled_at.is_(None), case.id > cursor.at)
        .order_by(case.id)
        .limit(AT_ONCE)
    ).all()  # fmt: skip
    cursor.at = rows[-1].id if len(rows) == AT_ONCE else 0
    right: dict[str, list[int]] = defaultdict(list)
    of_kind: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        of_kind[row.kind].append(row)
    for kind, some in of_kind.items():
        for row, how in LOOKS[kind](some):
            right[how].append(row.id)
    touched: set[int] = set()
    for how, ids in right.items():
        touched |= filing.settle(ids, how)
    filing.count(touched)
    db.session.commit()
    return sum(map(len, right.values()))


Found = Iterator[tuple[Any, str]]


def _mails(rows: Sequence[Any]) -> Found:
    """Failed and unknown: while the desk tries again nothing is decided."""
    for row in rows:
        if row.mail in ("queued", "sending"):
            continue
        if row.message is not None and row.trouble and row.resolved_at:
            yield row, "Dealt with"
        elif row.mail == "sent":
            yield row, "It was sent"
        elif row.mail != row.kind:
            yield row, "It was taken back" if row.mail == "cancelled" else "What became of it is known now"


def _letters(rows: Sequence[Any]) -> Found:
    """Bounces and unreadable mails: as their message says."""
    for row in rows:
        if row.message is None or (row.trouble and row.resolved_at):
            yield row, "Dealt with" if row.message else "The mail is not there any more"
        elif not row.trouble or (row.kind == "unreadable" and row.message_kind != "unreadable"):
            yield row, "It was read" if row.kind == "unreadable" else "It was delivered after all"


def _mailboxes(rows: Sequence[Any]) -> Found:
    ids = {_number(row.about) for row in rows}
    well = set(
        db.session.scalars(
            select(Mailbox.id).where(Mailbox.id.in_(ids), or_(~Mailbox.enabled, Mailbox.alarmed_at.is_(None)))
        )
    )
    for row in rows:
        if _number(row.about) in well:
            yield row, "Mail comes again"


def _webhooks(rows: Sequence[Any]) -> Found:
    """The same door took something that came later."""
    newest: dict[str, datetime | None] = {}
    for row in rows:
        if row.about not in newest:
            newest[row.about] = _taken_at(row.about)
        taken = newest[row.about]
        if taken is not None and taken > row.last_at:
            yield row, "The door took a later one"


def _taken_at(about: str) -> datetime | None:
    door, _, name = about.partition(":")
    if door == "mailbox":
        top = db.session.scalar(select(func.max(RawMail.id))) or 0
        query = select(RawMail.received_at).where(
            RawMail.id > top - LOOK_BACK, RawMail.mailbox_id == int(name), RawMail.door == "http"
        ).order_by(RawMail.id.desc())  # fmt: skip
    elif door == "provider":
        query = select(ProviderEvent.received_at).where(ProviderEvent.provider == name).order_by(
            ProviderEvent.id.desc()
        )  # fmt: skip
    else:
        query = select(CarrierEvent.received_at).where(CarrierEvent.carrier_id == int(name)).order_by(
            CarrierEvent.id.desc()
        )  # fmt: skip
    return db.session.scalar(query.limit(1))


def _stuck(rows: Sequence[Any]) -> Found:
    ids: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        ids[row.cause].add(_number(row.about))
    now = clock.now()
    still = {key: stuck.still(key, some, now) for key, some in ids.items()}
    for row in rows:
        if _number(row.about) not in still[row.cause]:
            yield row, "The work went on"


def _milestones(rows: Sequence[Any]) -> Found:
    found = {
        (one.cause.key, one.source) for one in auditing.audit({row.order_id for row in rows}, at=clock.now())
    }
    for row in rows:
        if (row.cause, row.source) not in found:
            yield row, "Order and mails agree again"


def _held_back(rows: Sequence[Any]) -> Found:
    """A milestone that a person sent, or any later mail of ours in the conversation."""
    for row in rows:
        milestone = row.about.partition(":")[2]
        if milestone and row.order_id:
            waits = exists().where(
                MilestoneMail.order_id == row.order_id,
                MilestoneMail.milestone == milestone,
                MilestoneMail.message_id.is_(None),
            )
            over = exists().where(Order.id == row.order_id, Order.state.in_(("cancelled", "closed")))
            if not db.session.scalar(select(waits)):
                yield row, "It was sent"
            elif milestone != "cancelled" and db.session.scalar(select(over)):
                yield row, "The order is over"
        elif row.conversation_id and db.session.scalar(
            select(
                exists().where(
                    Message.conversation_id == row.conversation_id,
                    Message.direction == "out",
                    Message.at > row.last_at,
                )
            )
        ):
            yield row, "A later mail went out"


def _number(about: str) -> int:
    return int(about.partition(":")[2] or 0)


LOOKS: dict[str, Callable[[Sequence[Any]], Found]] = {
    "failed": _mails, "unknown": _mails, "bounced": _letters, "unreadable": _letters, "silent": _mailboxes,
    "webhook": _webhooks, "clock": _webhooks, "stuck": _stuck, "milestone": _milestones, "stopped": _held_back,
    "placeholder": _held_back,
}  # fmt: skip
