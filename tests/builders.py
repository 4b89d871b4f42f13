"""Mails as customers write them, and a shop that they write to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from flask import Flask
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import addressing, counting, drafting, promises, sending
from checkout_desk.conversations.models import Act, Conversation, Message, Promise
from checkout_desk.events.models import Event
from checkout_desk.events.recording import acting_as
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail import delivery
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.mail.receiving import blobs, receive
from checkout_desk.settings.models import Store
from tests.signing import add_person
from tests.stories import remembered

SHOP = "orders@shop.example"
JANE = "Jane Fox <jane@customer.example>"
EVE = "Eve Stranger <eve@elsewhere.example>"
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CARD = "4111 1111 1111 1111"

_numbers = itertools.count(1)


def mail(
    text: str = "Two blue mugs, please.",
    *,
    sender: str = JANE,
    to: str = SHOP,
    cc: str = "",
    subject: str = "Mugs",
    message_id: str | None = None,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    date: datetime = MONDAY,
    html: str = "",
    files: Sequence[tuple[str, str, bytes]] = (),
    pictures: Sequence[tuple[str, bytes]] = (),
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a mail. Without `message_id` it gets one of its own; '' leaves it away. `files` are (name, type,
    bytes), `pictures` (Content-ID, PNG bytes) inside the HTML."""
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = sender, to, subject
    if cc:
        m["Cc"] = cc
    m["Date"] = date
    if message_id is None:
        message_id = f"m{next(_numbers)}@customer.example"
    if message_id:
        m["Message-ID"] = f"<{message_id}>"
    if in_reply_to:
        m["In-Reply-To"] = f"<{in_reply_to}>"
    if references:
        m["References"] = " ".join(f"<{one}>" for one in references)
    for name, value in (headers or {}).items():
        m[name] = value
    m.set_content(text)
    if html:
        m.add_alternative(html, subtype="html")
        for cid, data in pictures:
            m.get_payload()[1].add_related(data, "image", "png", cid=f"<{cid}>")  # type: ignore[index, union-attr]
    for name, kind, data in files:
        main, _, sub = kind.partition("/")
        m.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return m.as_bytes(policy=SMTP)


def bounce(original_id: str, *, recipient: str = "jane@customer.example", status: str = "5.1.1") -> bytes:
    """An RFC 3464 report that `original_id` could not be delivered to `recipient`."""
    action = "failed" if status.startswith("5") else "delayed"
    return (
        f"From: MAILER-DAEMON@mx.customer.example\r\nTo: {SHOP}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <b{next(_numbers)}@mx.customer.example>\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user here\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: {SHOP}\r\nTo: {recipient}\r\nSubject: Re: Mugs\r\n"
        f"Message-ID: <{original_id}>\r\n\r\nHello\r\n--b--\r\n"
    ).encode()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one mail."""

    outcome: str
    conversation: int
    message: int
    raw: int


class Shop:
    """A store with one mailbox. Its mails really go through the intake; what leaves is kept in a folder, unless
    `smtp_works` is switched off: then every delivery fails for good."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.smtp_works(True)
        self._people: dict[str, int] = {}
        self.mailbox = self._opened()

    @remembered
    def _opened(self) -> int:
        """The store and its mailbox; the mailbox's id."""
        with self.writing():
            db.session.add(Store(id=1, name="Fern and Kiln"))
            box = Mailbox(address=SHOP, display_name="Fern and Kiln", created_at=clock.now())
            db.session.add(box)
            db.session.flush()
            return box.id

    def smtp_works(self, works: bool) -> None:
        """Whether what leaves arrives."""
        self.app.config["DESK_SANDBOX"] = works

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A writing transaction inside the application, committed at its end."""
        with self.app.app_context():
            begin_write()
            yield
            db.session.commit()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The application's context, for looking."""
        with self.app.app_context():
            yield

    def person(self, role: str) -> int:
        """The id of the person of that role, hired at the first call. 'support2' is another one of support."""
        if role not in self._people:
            self._people[role] = self._hired(role)
        return self._people[role]

    @remembered
    def _hired(self, role: str) -> int:
        with self.reading():  # hired by a step that was not done anew
            known = db.session.scalar(select(Person.id).where(Person.email == f"{role}@fern.example"))
        return known or add_person(self.app, role, role.rstrip("0123456789"))

    @remembered
    def set_store(self, **values: Any) -> None:
        """Change the store's row."""
        with self.writing():
            for name, value in values.items():
                setattr(db.session.get_one(Store, 1), name, value)

    def set_mailbox(self, **values: Any) -> None:
        """Change the mailbox's row."""
        with self.writing():
            for name, value in values.items():
                setattr(db.session.get_one(Mailbox, self.mailbox), name, value)

    @remembered
    def receive(self, data: bytes, *, envelope_to: str | None = None) -> int:
        """Keep a mail without understanding it; returns its raw id."""
        with self.app.app_context():
            receipt = receive(
                data, door="import", mailbox_id=self.mailbox, envelope_to=envelope_to, wake=False
            )
            return receipt.raw_id

    @remembered
    def take(self, data: bytes | None = None, *, envelope_to: str | None = None, **words: Any) -> Taken:
        """A mail comes in and is understood. Without `data` it is `mail(**words)`."""
        raw_id = self.receive(mail(**words) if data is None else data, envelope_to=envelope_to)
        return self.take_in(raw_id)

    @remembered
    def take_in(self, raw_id: int) -> Taken:
        """Understand a mail that was received."""
        with self.app.app_context():
            outcome, conversation_id = take_in(raw_id)
            message_id = db.session.scalar(select(Message.id).where(Message.raw_id == raw_id))
            return Taken(outcome, conversation_id or 0, message_id or 0, raw_id)

    def seen(self, conversation_id: int) -> Conversation:
        """The conversation's row as it is now, detached."""
        return self._row(Conversation, conversation_id)

    def message(self, message_id: int) -> Message:
        """The message's row as it is now, detached."""
        return self._row(Message, message_id)

    def outbound(self, outbound_id: int) -> OutboundMail:
        """The outbox row as it is now, detached."""
        return self._row(OutboundMail, outbound_id)

    def _row(self, model: Any, row_id: int) -> Any:
        with self.app.app_context():
            row = db.session.get_one(model, row_id)
            db.session.expunge(row)
            return row

    def all(self, model: Any, *conditions: Any) -> list[Any]:
        """Rows of a table by id, detached."""
        with self.app.app_context():
            rows = list(db.session.scalars(select(model).where(*conditions).order_by(model.id)))
            db.session.expunge_all()
            return rows

    def messages(self, conversation_id: int) -> list[Message]:
        """The messages of a conversation, oldest first."""
        return self.all(Message, Message.conversation_id == conversation_id)

    def owed(self, conversation_id: int) -> int:
        """How many promises are open."""
        return len(self.all(Promise, Promise.conversation_id == conversation_id, Promise.closed_at.is_(None)))

    def kinds(self, conversation_id: int) -> list[str]:
        """The kinds of the events about a conversation, oldest first."""
        rows = self.all(Event, Event.subject_type == "conversation", Event.subject_id == conversation_id)
        return [row.kind for row in rows]

    def act(self, do: Callable[..., Any], *ids: int, role: str = "support", **facts: Any) -> int:
        """Let a person do an act of `acting` to conversations; returns the act's id (0 where there is none)."""
        person_id = self.person(role)
        with self.writing(), acting_as(f"person:{person_id}", "test"):
            by = db.session.get_one(Person, person_id)
            done = do([db.session.get_one(Conversation, i) for i in ids], by=by, **facts)
            return done.id if isinstance(done, Act) else 0

    def reply(
        self,
        conversation_id: int,
        text: str = "They are on their way.",
        *,
        role: str = "support",
        kind: str = "reply",
        after: str = "wait",
        to: str = "",
        cc: str = "",
    ) -> Message:
        """Queue an answer of a person, to the default recipients unless `to` says otherwise."""
        return self.message(
            self._replied(conversation_id, text, role=role, kind=kind, after=after, to=to, cc=cc)
        )

    @remembered
    def _replied(
        self, conversation_id: int, text: str, *, role: str, kind: str, after: str, to: str, cc: str
    ) -> int:
        person_id = self.person(role)
        with self.writing(), acting_as(f"person:{person_id}", "test"):
            c = db.session.get_one(Conversation, conversation_id)
            default, others = sending.default_recipients(c, kind=kind)
            written = drafting.Written(
                to=to or ", ".join(map(str, default)), cc=cc or ", ".join(map(str, others)), text=text
            )
            draft = drafting.save(c, person_id=person_id, kind=kind, written=written, based_on_id=None)
            by = db.session.get_one(Person, person_id)
            act = sending.send(c, draft, by=by, after=after, confirmed=True)
            message_id: int = act.before["message"]
            return message_id

    def deliver(self, message: Message) -> OutboundMail:
        """The undo window is over and a worker takes the mail, after those that stand before it in the thread."""
        assert message.outbound_id is not None
        with self.writing():
            thread = db.session.get_one(OutboundMail, message.outbound_id).thread
            queued = (
                OutboundMail.thread == thread,
                OutboundMail.state == "queued",
                OutboundMail.id <= message.outbound_id,
            )
            due = list(db.session.scalars(select(OutboundMail.id).where(*queued).order_by(OutboundMail.id)))
            for outbound_id in due:
                db.session.get_one(OutboundMail, outbound_id).due_at = clock.now() - timedelta(seconds=1)
        for outbound_id in due:
            with self.app.app_context():
                delivery.deliver(outbound_id)
        return self.outbound(message.outbound_id)

    def answered(self, conversation_id: int, text: str = "They are on their way.", **how: Any) -> Message:
        """An answer that has left."""
        message = self.reply(conversation_id, text, **how)
        assert self.deliver(message).state == "sent"
        return self.message(message.id)

    def bytes_of(self, outbound: OutboundMail) -> bytes:
        """The bytes of a mail of ours."""
        with self.app.app_context():
            return blobs().get(outbound.sha256)

    def reply_address(self, conversation_id: int) -> str:
        """The signed address of a conversation."""
        with self.app.app_context():
            token = db.session.get_one(Conversation, conversation_id).reply_token
            return addressing.reply_address(SHOP, token)

    def sound(self) -> None:
        """What must hold at every moment: exact counts, an unbroken record, queue columns that follow the facts."""
        with self.app.app_context():
            assert counting.check() == []
            report = verify()
            assert report.first_wrong is None, report.why
            for c in db.session.scalars(select(Conversation).where(Conversation.merged_into_id.is_(None))):
                due = db.session.scalars(
                    select(Promise.due_at).where(Promise.conversation_id == c.id, Promise.closed_at.is_(None))
                ).all()
                assert c.promise_due_at == min(due, default=None), (
                    f"conversation {c.id} shows another deadline"
                )
                assert c.queue_at == promises.queue_time(c), f"conversation {c.id} sorts by something else"
