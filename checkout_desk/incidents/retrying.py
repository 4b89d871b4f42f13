"""Trying the cases of a cause again, all at once: first what would be tried and what not, then a worker does exactly that.

Nothing is sent twice. A mail that failed, or may have arrived, leaves again with the same bytes and the same Message-ID,
and only from those two states; each case is gone through once, in a transaction that also says that it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import troubling
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.incidents.models import Incident, IncidentCase, IncidentRetry
from checkout_desk.intake import sweeping
from checkout_desk.lifecycle import Refused
from checkout_desk.mail import outbox
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import loading, milestones
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.queue import later

MOST = 1000
"""cases of one go; the rest is the next"""
NEVER = {
    "bounced": "A server took it and gave it back; correct the address instead.",
    "silent": "A mailbox is watched all the time; its settings have to be mended.",
    "webhook": "Who called tries again by themselves; what they send has to be mended.",
    "clock": "Set the machine's clock by NTP; who called tries again by themselves.",
    "stuck": "The desk goes on with it by itself as soon as its worker runs.",
    "milestone": "Look at the order: nobody can tell whether the customer was told otherwise.",
}
"""kind -> why none of it is ever tried again by itself"""


@dataclass(frozen=True, slots=True)
class Chance:
    """One open case, and why it would not be tried again ('' where it would be)."""

    case: Any
    why: str


def plan(incident: Incident) -> list[Chance]:
    """What would become of each open case, the oldest first, at most MOST. One query; changes nothing."""
    case = IncidentCase
    rows = db.session.execute(
        select(
            case.id, case.source, case.about, case.order_id, case.outbound_id, case.message_id, case.conversation_id,
            case.last_at, Message.subject, Message.kind.label("message_kind"), Message.raw_id, Message.resolved_at,
            OutboundMail.state.label("mail"), Conversation.who, Conversation.state.label("talk"),
        )
        .outerjoin(Message, Message.id == case.message_id)
        .outerjoin(Conversation, Conversation.id == case.conversation_id)
        .outerjoin(OutboundMail, OutboundMail.id == case.outbound_id)
        .where(case.incident_id == incident.id, case.settled_at.is_(None))
        .order_by(case.id)
        .limit(MOST)
    ).all()  # fmt: skip
    return [Chance(row, _hindrance(incident.kind, row)) for row in rows]


def _hindrance(kind: str, row: Any) -> str:
    if kind in NEVER:
        return NEVER[kind]
    if row.message_id and row.resolved_at:
        return "Somebody has dealt with it."
    if kind in ("failed", "unknown"):
        if row.mail in ("queued", "sending"):
            return "The desk is trying it at this moment."
        if row.mail not in ("failed", "unknown"):
            return "It has arrived." if row.mail == "sent" else "It was taken back."
        return "Its conversation is marked as spam." if row.talk == "spam" else ""
    if kind == "unreadable":
        return "" if row.message_kind == "unreadable" and row.raw_id else "It has been read."
    if not row.about.startswith("milestone:") or not row.order_id:
        return "A person writes this one."
    return ""


def begin(incident: Incident, case_ids: Sequence[int], *, by: Person) -> IncidentRetry:
    """Have a worker try these cases again. The caller commits. Raises Refused when there is none, or one is going on."""
    if not case_ids:
        raise Refused("Nothing of it can be tried again.")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(IncidentRetry)
    new = db.session.scalar(
        insert.values(
            incident_id=incident.id, by_id=by.id, at=clock.now(), cases=sorted(case_ids)[:MOST], left=[],
            gone_through=0, tried=0,
        ).on_conflict_do_nothing().returning(IncidentRetry.id)
    )  # fmt: skip
    if new is None:
        raise Refused("Its cases are being tried again at this moment; wait until that has ended.")
    retry = db.session.get_one(IncidentRetry, new)
    record("incident.retried", about=incident, after={"cases": len(retry.cases)}, actor=f"person:{by.id}")
    later("retry_incident", new)
    return retry


def carry_on(retry_id: int) -> None:
    """Go on with it until the end. A job: may run twice, at once or late."""
    with acting_as("desk", "retry_incident"):
        while _one(retry_id):
            pass


def sweep() -> int:
    """Go on with what a dead worker left. For the clock. Returns how many."""
    ids = list(db.session.scalars(select(IncidentRetry.id).where(IncidentRetry.done_at.is_(None)).limit(5)))
    db.session.rollback()
    for one in ids:
        carry_on(one)
    return len(ids)


def _one(retry_id: int) -> bool:
    """The next case, in a transaction of its own: what was done and that it was are both true or neither."""
    begin_write()
    retry = db.session.get(IncidentRetry, retry_id, with_for_update=True, populate_existing=True)
    if retry is None or retry.done_at is not None:
        db.session.rollback()
        return False
    if retry.gone_through >= len(retry.cases):
        retry.done_at = clock.now()
        db.session.commit()
        return False
    case_id, place = retry.cases[retry.gone_through], retry.gone_through
    try:
        why = _again(case_id, by=db.session.get_one(Person, retry.by_id))
    except Refused as refusal:
        db.session.rollback()
        begin_write()
        retry = db.session.get_one(IncidentRetry, retry_id, with_for_update=True, populate_existing=True)
        if retry.gone_through != place:  # another worker was here meanwhile
            db.session.rollback()
            return True
        why = str(refusal)
    retry.gone_through += 1
    if why:
        retry.left = [*retry.left, [case_id, why[:300]]]
    else:
        retry.tried += 1
    db.session.commit()
    return True


def _again(case_id: int, *, by: Person) -> str:
    """Try one case again. Returns why not, '' where it was. Raises Refused where a part of it cannot be."""
    case = db.session.get(IncidentCase, case_id, with_for_update=True, populate_existing=True)
    if case is None or case.settled_at is not None:
        return "It is settled already."
    kind = db.session.get_one(Incident, case.incident_id).kind
    if kind in NEVER:
        return NEVER[kind]
    if kind in ("failed", "unknown"):
        return _mail(case)
    if kind == "unreadable":
        message = db.session.get(Message, case.message_id) if case.message_id else None
        if message is None or message.raw_id is None or message.kind != "unreadable" or message.resolved_at:
            return "It has been read, or somebody has dealt with it."
        sweeping.retry(message.raw_id, at=clock.now())
        return ""
    return _milestone(case, by=by)


def _mail(case: IncidentCase) -> str:
    """The conversation first, as every writer does; then the mail's row decides."""
    message = db.session.get(Message, case.message_id) if case.message_id else None
    c = None
    if message is not None:
        c = db.session.get_one(
            Conversation, message.conversation_id, with_for_update={"key_share": True}, populate_existing=True
        )
        db.session.refresh(message)
        if message.resolved_at:
            return "Somebody has dealt with it."
    if case.outbound_id is None or not outbox.retry(case.outbound_id):
        return "It is on its way already or has arrived."
    if message is not None and c is not None:
        troubling.resolve(c, message, at=clock.now())
        message.trouble = None
    return ""


def _milestone(case: IncidentCase, *, by: Person) -> str:
    name = case.about.removeprefix("milestone:")
    order = db.session.get(Order, case.order_id) if case.order_id else None
    if order is None or not name:
        return "A person writes this one."
    loading.lock(order)
    row = db.session.scalars(
        select(MilestoneMail)
        .where(
            MilestoneMail.order_id == order.id,
            MilestoneMail.milestone == name,
            MilestoneMail.message_id.is_(None),
        )
        .order_by(MilestoneMail.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return "It was sent."
    milestones.again(row, by=by)
    return ""
