"""Small steps that the tests of outgoing mail share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask

from checkout_desk import clock
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.secrets import encrypt
from tests.parts.smtp import SmtpSink

TLS = {"none": "none", "starttls": "starttls", "smtps": "tls"}


def shop_mailbox(desk: Flask, sink: SmtpSink | None = None, **values: Any) -> int:
    """A mailbox that sends through `sink`; without one it has no SMTP server. Returns its id."""
    settings: dict[str, Any] = {
        "address": "orders@shop.test",
        "display_name": "Harbour Tea",
        "created_at": clock.now(),
    }
    if sink is not None:
        settings |= {
            "smtp_host": sink.host,
            "smtp_port": sink.port,
            "smtp_tls": TLS[sink.tls],
            "smtp_ca_file": str(sink.ca_file or ""),
        }
    password = values.pop("smtp_password", "")
    with desk.app_context():
        mailbox = Mailbox(**{**settings, **values}, smtp_secret=encrypt(password))
        db.session.add(mailbox)
        db.session.commit()
        return mailbox.id


def mail_bytes(mailbox: Mailbox, to: list[str], message_id: str, text: str) -> bytes:
    """A small finished mail."""
    return compose(
        mailbox=mailbox,
        to=[Address(one) for one in to],
        subject="Your order",
        text=text,
        html="<p>x</p>",
        message_id=message_id,
        date=clock.now(),
    )


def queue_one(
    desk: Flask,
    mailbox_id: int,
    *,
    to: list[str] | None = None,
    text: str = "Thank you.\n.\n..two\n",
    **changes: Any,
) -> int:
    """Queue a mail and commit. Returns its id."""
    to = to or ["ann@buyer.test"]
    with desk.app_context():
        mailbox = db.session.get_one(Mailbox, mailbox_id)
        message_id = new_message_id("shop.test")
        data = mail_bytes(mailbox, to, message_id, text)
        db.session.rollback()
        begin_write()
        wanted: dict[str, Any] = {
            "occasion": f"reply:{message_id}",
            "thread": f"conversation:{message_id}"[:40],
        }
        row = outbox.queue_mail(
            **{**wanted, **changes},
            mailbox=db.session.get_one(Mailbox, mailbox_id),
            message_bytes=data,
            message_id=message_id,
            recipients=to,
        )
        db.session.commit()
        return row.id


def seen(desk: Flask, outbound_id: int) -> OutboundMail:
    """The row as it is in the database now, detached."""
    with desk.app_context():
        row = db.session.get_one(OutboundMail, outbound_id, populate_existing=True)
        db.session.expunge(row)
        return row


def change(desk: Flask, outbound_id: int, **values: Any) -> None:
    """Set columns of a row directly, as time passing or a dead worker would leave them."""
    with desk.app_context():
        begin_write()
        row = db.session.get_one(OutboundMail, outbound_id)
        for name, value in values.items():
            setattr(row, name, value)
        db.session.commit()


def make_due(desk: Flask, outbound_id: int) -> None:
    """Let the wait of a queued mail be over."""
    change(desk, outbound_id, due_at=clock.now() - timedelta(seconds=1))


def end_lease(desk: Flask, outbound_id: int) -> None:
    """Let the lease of a mail be over."""
    past = clock.now() - timedelta(seconds=1)
    change(desk, outbound_id, due_at=past, claimed_until=past)


def stored(desk: Flask, outbound_id: int) -> bytes:
    """The bytes that were queued."""
    found: bytes = desk.extensions["desk_blobs"].get(seen(desk, outbound_id).sha256)
    return found


def kinds(desk: Flask, outbound_id: int) -> list[str]:
    """The kinds of the events about a mail, oldest first."""
    with desk.app_context():
        about = db.session.query(Event).filter_by(subject_type="outbound_mail", subject_id=outbound_id)
        return [event.kind for event in about.order_by(Event.id)]
