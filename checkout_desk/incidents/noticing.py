"""Finding what goes wrong, from what stands: the record by the number of its events, and bounded looks at what waits.

Work of the clock. Late, twice or on two machines it leaves the same rows: each walk is locked by its cursor, each case is
unique with its cause, and what a case is called comes from the event, not from the day on which it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import or_, select

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.events.models import Event, EventHead
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.incidents import auditing, causes, filing, leftover, settling, stuck
from checkout_desk.incidents.causes import Cause
from checkout_desk.incidents.filing import Wrong
from checkout_desk.incidents.models import Incident, IncidentCase, IncidentCursor
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.orders.models import Order

HOOKS = ("mail.hook_refused", "payment.hook_refused", "carrier.hook_refused")
ORDERS = (
    "order.paid",
    "order.placed",
    "order.expired",
    "order.cancelled",
    "order.shipped",
    "order.delivered",
)
KINDS = (
    "mail.failed", "mail.unknown", "message.trouble", "message.received", "mailbox.silent", "mailbox.back",
    "mail.automatic_stopped", "mail.placeholder_refused", *HOOKS, *ORDERS,
)  # fmt: skip
EVENTS_AT_ONCE = 500
BATCHES = 20
"""of events in one sweep: what is older waits for the next"""
ORDERS_AT_ONCE = 300


def sweep() -> int:
    """File what went wrong since the last time, settle what is right again. Commits. Returns how many events were read."""
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for _ in range(BATCHES):
            read = _events()
            done += read
            if read < EVENTS_AT_ONCE:
                break
        _round()
        settling.sweep()
    return done


def _events() -> int:
    """The next events of the record. One transaction."""
    head = db.session.scalar(select(EventHead.seq)) or 0
    begun = db.session.scalar(select(IncidentCursor.at).where(IncidentCursor.name == "events"))
    db.session.rollback()
    if begun == head:
        return 0
    begin_write()
    cursor = filing.cursor("events")
    rows = db.session.scalars(
        select(Event)
        .where(Event.id > cursor.at, Event.id <= head, Event.kind.in_(KINDS))
        .order_by(Event.id)
        .limit(EVENTS_AT_ONCE)
    ).all()
    cursor.at = rows[-1].id if len(rows) == EVENTS_AT_ONCE else max(head, cursor.at)
    _file(rows)
    db.session.commit()
    return len(rows)


def _file(rows: Sequence[Event]) -> None:
    """In the order of the record: a mailbox that was silent twice and is back is one that is back."""
    context = _Context(rows)
    waiting: list[Wrong] = []
    for event in rows:
        if event.kind in ("mailbox.back", "mail.failed"):
            filing.note(waiting)
            waiting = []
            settling.overtaken(event)
        waiting += context.of(event)
    named = {event.subject_id for event in rows if event.kind in ORDERS and event.subject_id}
    filing.note([*waiting, *auditing.audit(named, at=clock.now())])


class _Context:
    """What the events of a batch are about, in three queries."""

    def __init__(self, rows: Sequence[Event]) -> None:
        self.mails = {
            row.id: row
            for row in db.session.execute(
                select(OutboundMail.id, OutboundMail.recipients, OutboundMail.refused, OutboundMail.to_address)
                .where(OutboundMail.id.in_(_ids(rows, "outbound_mail")))
            )
        }  # fmt: skip
        asked = select(
            Message.id, Message.outbound_id, Message.direction, Message.conversation_id,
            Conversation.order_id, Conversation.customer_id, RawMail.fault, RawMail.state.label("raw"),
        ).join(Conversation, Conversation.id == Message.conversation_id).outerjoin(RawMail, RawMail.id == Message.raw_id)  # fmt: skip
        found = db.session.execute(
            asked.where(Message.id.in_(_ids(rows, "message")) | Message.outbound_id.in_(list(self.mails)))
        ).all()
        self.messages = {row.id: row for row in found}
        self.by_mail = {row.outbound_id: row for row in found if row.outbound_id}
        self.talks = {
            row.id: row
            for row in db.session.execute(
                select(Conversation.id, Conversation.order_id, Conversation.customer_id).where(
                    Conversation.id.in_(_ids(rows, "conversation"))
                )
            )
        }
        numbers = {
            (event.after or {}).get("order") for event in rows if event.kind == "mail.automatic_stopped"
        }
        numbers |= set(_ids(rows, "order"))
        known = select(Order.id, Order.customer_id, Order.conversation_id, Order.email)
        ids = [one for one in numbers if type(one) is int]
        self.orders = {row.id: row for row in db.session.execute(known.where(Order.id.in_(ids)))}

    def of(self, event: Event) -> Iterator[Wrong]:
        """What this event says went wrong."""
        if event.kind in ("mail.failed", "mail.unknown"):
            yield from self._mail(event)
        elif event.kind == "message.trouble":
            yield from self._bounce(event)
        elif event.kind == "message.received" and (event.after or {}).get("kind") == "unreadable":
            message = self.messages.get(event.subject_id or 0)
            yield self._about(
                event,
                causes.unreadable(message.fault if message and message.raw == "unreadable" else None),
                message,
            )
        elif event.kind == "mailbox.silent":
            cause = causes.silence(event.subject_id or 0, _text(event, "why"))
            about = f"mailbox:{event.subject_id}"
            yield Wrong(cause, f"{about}:{event.id}", event.at, about=about, event_id=event.id)
        elif event.kind in HOOKS:
            door = _text(event, "provider")
            about = f"provider:{door}" if door else f"{event.subject_type}:{event.subject_id}"
            wrong = (event.after or {}).get("clock")
            cause = causes.clock() if wrong else causes.webhook(about, _text(event, "why"))
            yield Wrong(cause, f"event:{event.id}", event.at, about=about[:60], event_id=event.id)
        elif event.kind in ("mail.automatic_stopped", "mail.placeholder_refused"):
            yield self._stopped(event)

    def _mail(self, event: Event) -> Iterator[Wrong]:
        message, after = self.by_mail.get(event.subject_id), event.after or {}
        if event.kind == "mail.unknown":
            found = {causes.unknown(str(after.get("response") or "")): None}
        else:
            refused = after.get("refused") or {}
            said = {who: pair for who, pair in refused.items() if isinstance(pair, list) and len(pair) == 2}
            known = [*said, *_addresses(self.mails.get(event.subject_id or 0))]
            # a dict, for the order: the same rows whoever files them
            found = dict.fromkeys(
                causes.answer(int(code or 0), str(words), known=known) for code, words in said.values()
            ) or {causes.answer(0, str(after.get("response") or ""), known=known): None}
        for cause in found:
            yield self._about(event, cause, message)

    def _bounce(self, event: Event) -> Iterator[Wrong]:
        after = event.after or {}
        if not after.get("bounced"):
            return  # told by the mail's own event, or by the mail that could not be read
        message = self.messages.get(event.subject_id or 0)
        for cause in dict.fromkeys(causes.bounce(str(code)) for code in after.get("code") or [""]):
            yield self._about(event, cause, message)

    def _about(self, event: Event, cause: Cause, message: Any) -> Wrong:
        outbound = event.subject_id if event.subject_type == "outbound_mail" else None
        return Wrong(
            cause,
            f"message:{message.id}" if message else f"mail:{outbound}" if outbound else f"event:{event.id}",
            event.at,
            event_id=event.id,
            order_id=message.order_id if message else None,
            customer_id=message.customer_id if message else None,
            conversation_id=message.conversation_id if message else None,
            message_id=message.id if message else None,
            outbound_id=outbound or (message.outbound_id if message else None),
        )

    def _stopped(self, event: Event) -> Wrong:
        after, milestone = event.after or {}, _text(event, "milestone")
        number = after.get("order") or (event.subject_id if event.subject_type == "order" else None)
        order = self.orders.get(number) if isinstance(number, int) else None
        talk = self.talks.get(event.subject_id) if event.subject_type == "conversation" else None
        if event.kind == "mail.placeholder_refused":
            cause = causes.placeholder(f"[{_text(event, 'reference')}]")
        else:
            cause = causes.stopped(_text(event, "why"), milestone, known=[order.email] if order else [])
        subject = f"order:{order.id}" if order else f"{event.subject_type}:{event.subject_id}"
        return Wrong(
            cause,
            f"{subject}:{milestone or 'mail'}",
            event.at,
            about=f"milestone:{milestone}" if milestone else "",
            event_id=event.id,
            order_id=order.id if order else talk.order_id if talk else None,
            customer_id=order.customer_id if order else talk.customer_id if talk else None,
            conversation_id=talk.id if talk else order.conversation_id if order else None,
        )


def _ids(rows: Iterable[Event], subject: str) -> list[int]:
    return sorted({event.subject_id for event in rows if event.subject_type == subject and event.subject_id})


def _text(event: Event, key: str) -> str:
    return str((event.after or {}).get(key) or "")


def _addresses(mail: Any) -> list[str]:
    return [mail.to_address, *mail.recipients, *(mail.refused or {})] if mail else []


def _round() -> None:
    """A look at what stands still, at what no event told, and at the next orders of the long walk around all of them.

    Everything is read before the write lock is taken, and that only where there is something to write.
    """
    now = clock.now()
    told = leftover.found()
    head = db.session.scalar(select(EventHead.seq)) or 0
    at = dict(db.session.execute(select(IncidentCursor.name, IncidentCursor.at)).all())
    begun = at.get("orders", 0)
    ids = list(
        db.session.scalars(select(Order.id).where(Order.id > begun).order_by(Order.id).limit(ORDERS_AT_ONCE))
    )
    moved = ids[-1] if len(ids) == ORDERS_AT_ONCE else 0
    seen = _new([*stuck.found(now), *auditing.audit(ids, at=now)])
    db.session.rollback()
    if at.get("events", 0) != head:
        told = []  # the record may tell more of them than they do themselves
    if not (told or seen or moved != begun):
        return
    begin_write()
    events, cursor = filing.cursor("events"), filing.cursor("orders")
    if cursor.at == begun and (not told or events.at == head):  # else another machine was here meanwhile
        cursor.at = moved
        filing.note([*told, *seen])
    db.session.commit()


def _new(found: Iterable[Wrong]) -> list[Wrong]:
    """Those that do not stand as open cases already: what is only seen again is not news. Nor is what somebody has dealt
    with in another way, such as by phone."""
    wrongs = list(found)
    if not wrongs:
        return []
    case, incident = IncidentCase, Incident
    rows = db.session.execute(
        select(incident.kind, incident.cause, case.source)
        .join(incident, incident.id == case.incident_id)
        .where(
            or_(case.settled_at.is_(None), case.settled_by_id.is_not(None)),
            case.source.in_([one.source for one in wrongs]),
        )
    )
    known = {tuple(row) for row in rows}
    return [one for one in wrongs if (one.cause.kind, one.cause.key, one.source) not in known]
