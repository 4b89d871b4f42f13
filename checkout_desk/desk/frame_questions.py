"""What the frame of every page asks the database. The statements are made once: building them costs more than their answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, bindparam, func, literal, literal_column, select, text, union_all

from checkout_desk.accounts.models import DeskSession, Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations.counting import VIEWS as COUNTED
from checkout_desk.conversations.models import Conversation, ConversationCount, DeskVersion, Message
from checkout_desk.events.models import EventHead
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.orders.models import Order
from checkout_desk.payments import refunding
from checkout_desk.payments.models import Payment
from checkout_desk.records.models import LegalHold
from checkout_desk.settings.models import Store, Tolerance

MANY = 1000
"""counts beside the exact ones (overdue, outbox, failed) stop here, so that they cost the same in every store"""


def _counts() -> CompoundSelect[Any]:
    kept = select(ConversationCount.view, ConversationCount.n).where(
        ConversationCount.view.in_(
            [
                *(literal_column(f"'{view}'") for view in COUNTED),
                *(literal_column(f"'to:{role}'") for role in ROLES),
                bindparam("mine"),
                bindparam("to_me"),
            ]
        )
    )
    due = select(literal(1)).where(
        Conversation.state == "open",
        Conversation.merged_into_id.is_(None),
        Conversation.queue_at <= bindparam("now"),
    )
    # In the index's own words: with values instead, SQLite cannot know that its partial index serves and reads all.
    leaving = (
        select(literal(1))
        .where(text("outbound_mail.state IN ('queued','sending')"))
        .select_from(OutboundMail)
    )
    failed = select(literal(1)).where(Message.trouble.is_not(None), Message.resolved_at.is_(None))
    money = union_all(
        select(literal(1))
        .where(text("payment.state IN ('received','matched','needs_review')"))
        .select_from(Payment),
        select(literal(1)).select_from(refunding.waiting().subquery()),
    )
    to_pack = select(literal(1)).where(text("\"order\".state IN ('paid','packing')")).select_from(Order)
    bounded = [
        select(literal(name).label("view"), func.count().label("n")).select_from(query.limit(MANY).subquery())
        for name, query in (
            ("overdue", due),
            ("outbox", leaving),
            ("failed", failed),
            ("payments", money),
            ("pack", to_pack),
        )
    ]
    # What polling compares comes along, so that what is remembered below costs no question of its own.
    versions = [
        select(literal("#events"), EventHead.seq).where(EventHead.id == 1),
        select(literal("#desk"), DeskVersion.n).where(DeskVersion.id == 1),
        select(literal("#holds"), func.count()).select_from(LegalHold).where(LegalHold.lifted_at.is_(None)),
    ]
    return union_all(kept, *bounded, *versions)


COUNTS = _counts()
STORE_AND_BOXES = (
    select(
        Store.name.label("store"),
        Store.time_zone,
        Store.sandbox,
        Store.undo_seconds,
        Store.ask_phone,
        Mailbox.id,
        Mailbox.address,
        Mailbox.enabled,
        Mailbox.last_contact_at,
        Mailbox.last_mail_at,
        Mailbox.last_fault,
        Mailbox.alarmed_at,
    )
    .select_from(Store)
    .outerjoin(Mailbox, literal(True))
    .order_by(Mailbox.id)
)
REFUNDS = select(Tolerance.role).where(Tolerance.refund_minor > 0).distinct()
PEOPLE = select(
    Person.id,
    Person.name,
    Person.disabled_at,
    Person.away_from,
    Person.away_until,
    select(func.max(DeskSession.last_seen_at))
    .where(DeskSession.person_id == Person.id, DeskSession.ended_at.is_(None))
    .scalar_subquery()
    .label("seen_at"),
)


HOLDS = (
    select(LegalHold.customer_id, LegalHold.order_id, LegalHold.reason, LegalHold.at, Person.name)
    .join(Person, Person.id == LegalHold.by_id)
    .where(LegalHold.lifted_at.is_(None))
    .order_by(LegalHold.id)
)
