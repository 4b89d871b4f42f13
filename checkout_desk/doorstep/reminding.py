"""The one reminder of missing details, and parking when that is not answered either (work of the clock)."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations import addressing, searching, sending
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.correspondence import branding
from checkout_desk.correspondence.templates import Template
from checkout_desk.doorstep import asking_mail, links, page
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.orders import asking, loading, questioning
from checkout_desk.orders.models import Order
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store

log = structlog.get_logger(__name__)

KEY = "missing_details_reminder"
AGAIN = timedelta(days=1)
"""when a reminder that may not leave now is looked at again"""


def remind() -> int:
    """Remind the customers of orders that are due, and park those that stayed silent. Returns how many.

    Each order is a transaction of its own; the occasion of the mail lets no second one out. Commits itself.
    """
    now = clock.now()
    due = [order.id for order in asking.remind_due(now)]
    silent = [order.id for order in asking.park_due(now)]
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for order_id in due:
            done += _one(order_id, now, parked=False)
        for order_id in silent:
            done += _one(order_id, now, parked=True)
    return done


def _one(order_id: int, now: datetime, *, parked: bool) -> bool:
    """One order, unless somebody was faster."""
    begin_write()
    order = db.session.get_one(Order, order_id)
    loading.lock(order)
    still = order.state == "clarifying" and order.remind_at is not None and order.remind_at <= now
    if not still or (order.reminded_at is not None) is not parked:
        db.session.rollback()
        return False
    done = True
    try:
        if parked:
            asking.park(order)
        else:
            done = _remind(order, now)
    except (
        ValueError
    ) as fault:  # a template with a hole, an address that cannot be written to: a person has to see
        db.session.rollback()
        log.warning("reminder.fault", order=order_id, fault=str(fault)[:200])
        begin_write()
        order = db.session.get_one(Order, order_id)
        _later(order, now, why=str(fault))
        done = False
    db.session.commit()
    return done


def _remind(order: Order, now: datetime) -> bool:
    """Queue the reminder where every rule allows it. Returns whether it was."""
    o = questioning.opened(order)
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    asked = _question(order)
    if c is None or c.merged_into_id is not None or c.state not in ("waiting", "snoozed"):
        return False  # the store owes an answer, or nobody waits for one any more
    if not o.gaps or asked is None:
        order.remind_at = None
        return False
    if _wrote_since(c, asked):
        asking.answered(order)
        return False
    reached = db.session.get(OutboundMail, asked.outbound_id) if asked.outbound_id else None
    if (
        reached is None or reached.state != "sent"
    ):  # what did not arrive is no question yet; a person sees that
        order.remind_at = now + AGAIN
        return False
    settings = store()
    to = (asked.recipients or {}).get("to") or [[order.email, ""]]
    refusal = outbox.may_send_automatically(
        to[0][0], f"conversation:{c.id}", per_address=settings.automatic_per_address,
        per_thread=settings.automatic_per_conversation, now=now,
    )  # fmt: skip
    if refusal:
        _later(order, now, why=refusal)
        return False
    message = _queue(c, o, asked, to=to[0][0], now=now)
    asking.reminded(order, message_id=message.id)
    return True


def _later(order: Order, now: datetime, *, why: str) -> None:
    order.remind_at = now + AGAIN
    if order.conversation_id:
        record("mail.automatic_stopped", about=("conversation", order.conversation_id), after={"why": why})


def _question(order: Order) -> Message | None:
    """The mail that asked last."""
    numbers = [entry["message"] for entry in order.asked if entry.get("message")]
    return db.session.get(Message, max(numbers)) if numbers else None


def _wrote_since(c: Conversation, asked: Message) -> bool:
    later = select(Message.id).where(
        Message.conversation_id == c.id, Message.direction == "in",
        Message.kind.in_(("letter", "page", "unreadable")), Message.id > asked.id,
    )  # fmt: skip
    return db.session.execute(later.limit(1)).first() is not None


def _queue(c: Conversation, o: Open, asked: Message, *, to: str, now: datetime) -> Message:
    """The mail, its row in the thread, and a link of its own. Raises ValueError when it cannot be made."""
    mailbox = db.session.get(Mailbox, c.mailbox_id) if c.mailbox_id else None
    mailbox = (
        mailbox or db.session.scalars(select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)).first()
    )
    if mailbox is None:
        raise ValueError("No mailbox can send; an administrator has to set one up.")
    template, mail = questioning.rendered(o, KEY, contact=page.contact(o.order) or mailbox.address)
    _, token = links.issue(o.order.id, email=to)
    url = links.address(token)
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    data = compose(
        mailbox=mailbox,
        to=[Address(to)],
        subject=mail.subject,
        text=asking_mail.final(mail.text, url),
        html=asking_mail.dressed(o, mail.text, url=url, subject=mail.subject, language=template.language),
        in_reply_to=asked.mail_id or "",
        references=sending.references(c),
        attachments=branding.pictures(),
        reply_to=addressing.reply_address(mailbox.address, c.reply_token) if mailbox.plus_addressing else "",
        automatic=True,
        message_id=message_id,
        loop_mark=loop_mark(message_id),
        date=now,
    )
    outbound = outbox.queue_mail(
        occasion=f"reminder:{o.order.id}:{asked.id}",
        thread=f"conversation:{c.id}",
        mailbox=mailbox,
        message_bytes=data,
        message_id=message_id,
        recipients=[to],
        automatic=True,
    )
    return _row(c, mailbox, outbound, template, mail.subject, asking_mail.final(mail.text, links.address(asking_mail.HIDDEN)), now)  # fmt: skip


def _row(
    c: Conversation, mailbox: Mailbox, outbound: OutboundMail, template: Template, subject: str, text: str, now: datetime
) -> Message:  # fmt: skip
    message = Message(
        conversation_id=c.id,
        direction="out",
        kind="automatic",
        outbound_id=outbound.id,
        mail_id=outbound.message_id,
        from_name=store().name,
        from_email=mailbox.address,
        subject=subject,
        at=now,
        text=text,
        recipients={"to": [[outbound.to_address, ""]]},
        reason=f"Automatic, template {template.title}",
    )
    db.session.add(message)
    db.session.flush()
    searching.index(message.id, subject=subject, body=text, addresses=[outbound.to_address], files=[])
    return message
