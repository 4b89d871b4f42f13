"""Mails of the desk to the people who work at it: accounts, money, the day, the week. Plain, automatic, one person each."""

from __future__ import annotations

import secrets

from flask import Flask
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.extensions import db
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox
from checkout_desk.settings.models import store


def init_app(app: Flask) -> None:
    """Let the packages below write to people."""
    app.extensions["desk_write_to"] = write_to


def administrators() -> list[Person]:
    """Every admin who can sign in."""
    admins = select(Person).join(PersonRole, PersonRole.person_id == Person.id)
    admins = admins.where(PersonRole.role == "admin", Person.disabled_at.is_(None)).order_by(Person.id)
    return list(db.session.scalars(admins))


def sender() -> Mailbox | None:
    """The mailbox that such mails leave from; None where none can send."""
    found: Mailbox | None = db.session.scalars(
        select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)
    ).first()
    return found


def write_to(person: Person, *, subject: str, text: str, about: str = "account", once: str = "") -> bool:
    """Queue a mail to `person` in this transaction. False where no mailbox can send.

    `about` begins its occasion; with `once` (a day, a week) there is at most one of it for that person, for ever.
    """
    mailbox = sender()
    if mailbox is None:
        return False
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    data = compose(
        mailbox=mailbox,
        to=[Address(person.email, person.name)],
        subject=f"{store().name}: {subject}",
        text=text,
        automatic=True,
        message_id=message_id,
        loop_mark=loop_mark(message_id),
        date=clock.now(),
    )
    outbox.queue_mail(
        occasion=f"{about}:{person.id}:{once}" if once else f"{about}:{secrets.token_hex(8)}:{person.id}",
        thread=f"person:{person.id}",
        mailbox=mailbox,
        message_bytes=data,
        message_id=message_id,
        recipients=[person.email],
        automatic=True,
    )
    return True
