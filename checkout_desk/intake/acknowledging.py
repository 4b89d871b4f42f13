"""The automatic receipt for a new conversation: off unless the store turns it on, never to machines, and counted.

It never quotes the mail or its links (SECURITY A36), never resets a promise, and a circuit breaker stops it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from checkout_desk.conversations import addressing
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.intake.understanding import Understood
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.plain_html import html_from_text
from checkout_desk.orders import loading, milestones
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import Store

TEXT = (
    "Hello,\n\nthank you for your mail. It has arrived, and a person will answer it within {hours} hours.\n"
    "You can simply reply to this mail if there is something to add.\n\n{store}"
)


def acknowledge(
    conversation_id: int, message_id: int, u: Understood, *, new_customer: bool, now: datetime
) -> None:
    """Queue the receipt in the present transaction if every rule allows it; otherwise do nothing."""
    found = db.session.get(Store, 1)
    if found is None or not found.acknowledge or not u.verdict.answerable or not u.letter.sender.email:
        return
    if u.form_for:  # whom a form names is a claim, and the form itself cannot read
        return
    authenticated = u.verdict.authentication.dmarc == "pass"
    if new_customer and not authenticated and not found.acknowledge_strangers:
        return
    address, thread = u.letter.sender.key, f"conversation:{conversation_id}"
    refusal = outbox.may_send_automatically(
        address,
        thread,
        per_address=found.automatic_per_address,
        per_thread=found.automatic_per_conversation,
        now=now,
    )
    if refusal:
        record("mail.automatic_stopped", about=("conversation", conversation_id), after={"why": refusal})
        return
    order = db.session.scalars(
        select(Order).where(Order.conversation_id == conversation_id, Order.born_of_id == message_id)
    ).one_or_none()
    if order is not None:  # it ordered something: the receipt says what was understood
        loading.lock(order)
        milestones.post(order, "received")
        return
    _queue(conversation_id, message_id, u, store=found, now=now)


def _queue(conversation_id: int, message_id: int, u: Understood, *, store: Store, now: datetime) -> None:
    c = db.session.get_one(Conversation, conversation_id)
    mailbox = db.session.get(Mailbox, c.mailbox_id) if c.mailbox_id else None
    mailbox = (
        mailbox or db.session.scalars(select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)).first()
    )
    if mailbox is None:
        return
    text = TEXT.format(hours=store.promise_hours, store=store.name)
    mail_id = new_message_id(mailbox.address.rpartition("@")[2])
    try:
        data = compose(
            mailbox=mailbox,
            to=[Address(u.letter.sender.email)],  # a name is the writer's text, and may be a link
            subject=f"We have your mail, {store.name}",
            text=text,
            html=html_from_text(text),
            in_reply_to=u.letter.message_id,
            references=[*u.letter.references, u.letter.message_id],
            reply_to=addressing.reply_address(mailbox.address, c.reply_token)
            if mailbox.plus_addressing
            else "",
            automatic=True,
            message_id=mail_id,
            loop_mark=loop_mark(mail_id),
            date=now,
        )
    except ValueError:
        return  # an address that cannot be written to gets no receipt; a person will see it in the queue
    outbound = outbox.queue_mail(
        occasion=f"acknowledge:{message_id}",
        thread=f"conversation:{conversation_id}",
        mailbox=mailbox,
        message_bytes=data,
        message_id=mail_id,
        recipients=[u.letter.sender.email],
        automatic=True,
        delay_seconds=0,
    )
    db.session.flush()
    db.session.execute(
        insert(Message.__table__),  # type: ignore[arg-type]
        {
            "conversation_id": conversation_id,
            "direction": "out",
            "kind": "automatic",
            "outbound_id": outbound.id,
            "mail_id": mail_id,
            "from_name": store.name,
            "from_email": mailbox.address,
            "at": now,
            "text": text,
            "subject": f"We have your mail, {store.name}",
            "recipients": {"to": [[u.letter.sender.email, ""]]},
            "attachment_count": 0,
            "blocked_images": 0,
            "reason": "Automatic receipt",
        },
    )
