"""What must be true whenever a fault is over: the invariants of SECURITY section 4 as far as mail goes.

I1 to I4, I9 and I10 are here, I5 to I7 in `money`, I4 of orders and I8 in `goods`; `Yard.broken` and `RunningDesk.broken`
ask them together. I11 is what each test's `Later` and status say, I12 what `restoring.verify` says of each backup.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from email.parser import BytesHeaderParser

from flask import Flask
from sqlalchemy import func, select

from checkout_desk.conversations import counting
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.events.models import Event
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import db
from checkout_desk.mail.health import balance
from checkout_desk.mail.models import FolderCursor, MailboxDelivery, OutboundMail, RawMail
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import FIRST_NUMBER, MessageReading, Order
from checkout_desk.orders.next_action import OVER
from tests.parts.smtp_plan import Accepted

TOLD = ("sent", "failed", "unknown")


def check_invariants(
    app: Flask,
    sent: Sequence[Accepted],
    *,
    acknowledged: Collection[bytes],
    on_servers: Mapping[int, Sequence[bytes]] | None = None,
    replies: Collection[str] = (),
    at_rest: bool = True,
) -> list[str]:
    """Every broken invariant as a sentence; an empty list when all is well.

    With `at_rest` False only those that hold at every moment, also while mails are on their way.

    `sent` is what the SMTP sink kept; `acknowledged` the mails that a door said it has; `on_servers` mailbox id -> what
    its IMAP folder holds; `replies` a word for each reply that an agent sent, which its mail alone holds.
    """
    with app.app_context():
        try:
            if (
                db.engine.dialect.name == "postgresql"
            ):  # one moment for all looks, as SQLite's readers have it
                db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            looks: list[Callable[[], Iterator[str]]] = [
                lambda: _kept(acknowledged),
                _whole,
                _cursors,
                _understood_once,
                _ordered_once,
                _events_match,
                _chain,
                _counted,
            ]
            if at_rest:
                looks += [
                    lambda: _balanced(on_servers or {}),
                    lambda: _left_once(sent),
                    lambda: _answered_once(sent, replies),
                    _quiescent,
                ]
            return [sentence for look in looks for sentence in look()]
        finally:
            db.session.rollback()


def waiting(app: Flask) -> list[str]:
    """What still has to happen by itself; empty when the desk is quiescent (I10)."""
    with app.app_context():
        try:
            return list(_quiescent())
        finally:
            db.session.rollback()


def _kept(acknowledged: Collection[bytes]) -> Iterator[str]:
    """I1: whatever was acknowledged has one row and a blob."""
    rows = Counter(db.session.scalars(select(RawMail.sha256)))
    for data in acknowledged:
        digest = hashlib.sha256(data).hexdigest()
        if rows[digest] != 1:
            yield f"I1: a mail that was acknowledged has {rows[digest]} rows: {data[:200]!r}"


def _whole() -> Iterator[str]:
    """I1: each row's blob holds what its name says, and so does each mail that leaves."""
    named = [*db.session.execute(select(RawMail.sha256, RawMail.size)).all()]
    named += db.session.execute(select(OutboundMail.sha256, OutboundMail.size)).all()
    for digest, size in named:
        try:
            data = blobs().get(digest)
        except FileNotFoundError:
            yield f"I1: blob {digest} is missing"
            continue
        if hashlib.sha256(data).hexdigest() != digest or len(data) != size:
            yield f"I1: blob {digest} does not hold what its name says"


def _balanced(on_servers: Mapping[int, Sequence[bytes]]) -> Iterator[str]:
    """I1: server = stored + duplicate + quarantined, mail by mail."""
    for mailbox_id, mails in on_servers.items():
        for folder in balance(mailbox_id):
            if not folder.balanced or folder.server != len(mails):
                yield f"I1: mailbox {mailbox_id} holds {len(mails)} mails, the desk counts {folder}"
        yield from _kept(mails)


def _cursors() -> Iterator[str]:
    """I1: no cursor is past a mail that is not here (the tests remove none from the server)."""
    deliveries = db.session.execute(
        select(FolderCursor.last_uid, func.count(MailboxDelivery.id), func.max(MailboxDelivery.uid))
        .outerjoin(MailboxDelivery, MailboxDelivery.cursor_id == FolderCursor.id)
        .group_by(FolderCursor.id)
    )
    for last_uid, number, highest in deliveries:
        if not (last_uid == number == (highest or 0)):
            yield f"I1: the cursor stands at {last_uid} with {number} mails up to {highest}"


def _understood_once() -> Iterator[str]:
    """I2: one message for each mail, in one conversation, with its effects once; none for a duplicate."""
    messages: dict[int, list[Message]] = {}
    for message in db.session.scalars(select(Message).where(Message.raw_id.is_not(None))):
        messages.setdefault(message.raw_id or 0, []).append(message)
    rows = {row.id: row for row in db.session.scalars(select(RawMail))}
    for row in rows.values():
        count = len(messages.get(row.id, ()))
        if row.state in ("taken_in", "unreadable") and count != 1:
            yield f"I2: mail {row.id} is {row.state} and became {count} messages"
        elif row.state == "duplicate" and (count or len(messages.get(row.duplicate_of_id or 0, ())) != 1):
            yield f"I2: mail {row.id} is a duplicate of {row.duplicate_of_id}, which is no message"
        elif row.state == "received" and count:
            yield f"I2: mail {row.id} waits and is a message already"
    live = set(db.session.scalars(select(Conversation.id)))
    for found in messages.values():
        if any(message.conversation_id not in live for message in found):
            yield f"I2: message {found[0].id} is in no conversation"
    twice = db.session.scalars(
        select(Promise.message_id).group_by(Promise.message_id).having(func.count() > 1)
    )
    yield from (f"I2: message {message_id} opened two promises" for message_id in twice)
    told = db.session.scalars(select(Message.outbound_id).where(Message.outbound_id.is_not(None)))
    missing = set(db.session.scalars(select(OutboundMail.id))) - set(told)
    yield from (f"I2: mail {outbound_id} left and no conversation shows it" for outbound_id in missing)


def _ordered_once() -> Iterator[str]:
    """I5: one order for each mail that orders, numbered without a gap; its conversation shows it until it is over."""
    born = Counter(db.session.scalars(select(Order.born_of_id)))
    wanted = select(MessageReading.message_id).where(MessageReading.kind == "order")
    for message_id in db.session.scalars(wanted):
        if born[message_id] != 1:
            yield f"I5: message {message_id} orders and became {born[message_id]} orders"
    numbers = sorted(db.session.scalars(select(Order.number)))
    if numbers != list(range(FIRST_NUMBER, FIRST_NUMBER + len(numbers))):
        yield f"I5: the orders have the numbers {numbers}"
    shown = set(db.session.scalars(select(Conversation.order_id).where(Conversation.order_id.is_not(None))))
    yield from (
        f"I5: no conversation shows order {found}"
        for found in set(db.session.scalars(select(Order.id).where(Order.state.not_in(OVER)))) - shown
    )


def _left_once(sent: Sequence[Accepted]) -> Iterator[str]:
    """I3: what the server has of each Message-ID, against what the desk says of it."""
    copies: dict[str, list[bytes]] = {}
    for mail in sent:
        name = str(BytesHeaderParser().parsebytes(mail.content)["Message-ID"]).strip("<> ")
        copies.setdefault(name, []).append(mail.content)
    rows = {row.message_id: row for row in db.session.scalars(select(OutboundMail))}
    yield from (f"I3: a mail left that is in no outbox: {name}" for name in copies.keys() - rows.keys())
    for name, row in rows.items():
        found = copies.get(name, [])
        if len(found) > 1 + row.unknown_count:
            yield f"I3: {len(found)} copies of mail {row.id}, which was unknown {row.unknown_count} times"
        if any(content != blobs().get(row.sha256) for content in found):
            yield f"I3: a copy of mail {row.id} has other bytes"
        if row.state == "sent" and not found:
            yield f"I3: mail {row.id} is sent and the server does not have it"
        if row.state in ("queued", "cancelled", "failed") and found and not row.unknown_count:
            yield f"I3: mail {row.id} is {row.state} and the server has it"


def _answered_once(sent: Sequence[Accepted], replies: Collection[str]) -> Iterator[str]:
    """Every reply left exactly once, or is shown as unknown outcome."""
    for word in replies:
        rows = db.session.scalars(
            select(OutboundMail)
            .join(Message, Message.outbound_id == OutboundMail.id)
            .where(Message.text.contains(word, autoescape=True))
        ).all()
        if len(rows) != 1:
            yield f"I3: the reply {word} became {len(rows)} mails"
        elif not (rows[0].state == "sent" or (rows[0].unknown_count and rows[0].state == "unknown")):
            yield f"I3: the reply {word} is {rows[0].state}"
        ids = {
            mail.content.split(b"Message-ID:")[1].split()[0] for mail in sent if word.encode() in mail.content
        }
        if len(ids) > 1:
            yield f"I3: the reply {word} left under {len(ids)} Message-IDs"


def _events_match() -> Iterator[str]:
    """I4: a state is reached exactly when the record says so."""
    told = Counter(
        (kind, subject)
        for kind, subject in db.session.execute(
            select(Event.kind, Event.subject_id).where(
                Event.kind.in_(["message.received", *(f"mail.{state}" for state in TOLD)])
            )
        )
    )
    for message_id in db.session.scalars(select(Message.id).where(Message.raw_id.is_not(None))):
        if told["message.received", message_id] < 1:
            yield f"I4: nothing tells of message {message_id}"
    received = sum(number for (kind, _), number in told.items() if kind == "message.received")
    if received != db.session.scalar(select(func.count()).where(Message.raw_id.is_not(None))):
        yield "I4: the record tells of messages that are not there"
    for row in db.session.scalars(select(OutboundMail)):
        times = {state: told[f"mail.{state}", row.id] for state in TOLD}
        if times["sent"] != (row.state == "sent"):
            yield f"I4: mail {row.id} is {row.state} and was told to be sent {times['sent']} times"
        if times["unknown"] != row.unknown_count:
            yield f"I4: mail {row.id} was unknown {row.unknown_count} times and told so {times['unknown']} times"


def _chain() -> Iterator[str]:
    """I9: the record has no gap and no fork."""
    report = verify()
    if report.first_wrong is not None:
        yield f"I9: event {report.first_wrong}: {report.why}"


def _quiescent() -> Iterator[str]:
    """I10: nothing waits that the desk would do by itself, and nobody holds a lease on a mail."""
    raw = select(RawMail.id).where((RawMail.state == "received") | RawMail.claimed_until.is_not(None))
    yield from (f"I10: mail {found} came in and waits" for found in db.session.scalars(raw))
    out = select(OutboundMail.id).where(
        OutboundMail.state.in_(("queued", "sending")) | OutboundMail.claimed_until.is_not(None)
    )
    yield from (f"I10: mail {found} waits to leave" for found in db.session.scalars(out))


def _counted() -> Iterator[str]:
    """The counters of the queue are what a recount says."""
    yield from counting.check()
