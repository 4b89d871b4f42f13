"""Asking a customer how it was: once, some days after delivery, and only when nothing is open any more (procedure step A16)."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import Customer
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders import loading, milestones
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.returns.models import Return
from checkout_desk.settings.models import set_up, store

log = structlog.get_logger(__name__)

LATER = timedelta(days=1)
"""how long a question waits while a case is open"""
CAP = timedelta(hours=1)
"""how long it waits while the cap on automatic mails is reached"""
PATIENCE = timedelta(days=30)
"""after which a question that had to wait is not asked any more: nobody remembers"""
LOT = 100
OVER = ("refused", "closed")


def schedule(order: Order) -> Feedback | None:
    """From the moment an order is delivered it is to be asked about. None where the store never asks, or it is noted.

    The order is locked. Commits nothing.
    """
    days = store().feedback_days
    if not days or db.session.scalar(select(Feedback.id).where(Feedback.order_id == order.id)) is not None:
        return None
    found = Feedback(
        order_id=order.id, due_at=clock.now() + timedelta(days=days), comment="", step="", skipped_why=""
    )
    db.session.add(found)
    db.session.flush()
    record("feedback.noted", about=found, after={"order": order.id})
    return found


def sweep() -> int:
    """Note orders that were delivered, and ask what is due (work of the clock). Returns how many mails were queued.

    Commits itself, each order in a transaction of its own: what was asked meanwhile is left alone.
    """
    now = clock.now()
    new = list(
        db.session.scalars(
            select(Order.id)
            .outerjoin(Feedback, Feedback.order_id == Order.id)
            .where(Order.state == "delivered", Feedback.id.is_(None))
            .order_by(Order.id)
            .limit(LOT)
        )
    )
    due = list(
        db.session.scalars(
            select(Feedback.id)
            .where(Feedback.due_at <= now, Feedback.asked_at.is_(None), Feedback.skipped_at.is_(None))
            .order_by(Feedback.due_at)
            .limit(LOT)
        )
    )
    db.session.rollback()
    asked = 0
    with acting_as("desk", "clock"):
        for order_id in new if store_asks() else ():
            begin_write()
            order = db.session.get_one(Order, order_id)
            loading.lock(order)
            schedule(order)
            db.session.commit()
        for feedback_id in due:
            begin_write()
            asked += ask(db.session.get_one(Feedback, feedback_id), at=now)
            db.session.commit()
    return asked


def store_asks() -> bool:
    """Whether the store asks at all."""
    asks = set_up() and bool(store().feedback_days)
    db.session.rollback()
    return asks


def ask(feedback: Feedback, *, at: datetime) -> bool:
    """Send the one mail, unless something speaks against it; then it is put off, or never sent. Whether it was queued."""
    order = loading.hold(feedback)
    if feedback.asked_at is not None or feedback.skipped_at is not None:
        return False
    never = _never(order, feedback, at)
    if never:
        return _skip(feedback, never, at)
    if _open_case(order):
        return _put_off(feedback, at + LATER)
    try:
        row = milestones.post(order, "feedback", may_wait=True)
    except milestones.Capped:
        return _put_off(feedback, at + CAP)
    if row is None:
        row = db.session.scalars(
            select(MilestoneMail).where(
                MilestoneMail.order_id == order.id, MilestoneMail.milestone == "feedback"
            )
        ).one()
    if row.message_id is None:
        return _skip(feedback, "the mail could not leave", at)
    feedback.asked_at, feedback.message_id = at, row.message_id
    record("feedback.asked", about=feedback, after={"order": order.id})
    db.session.flush()
    return True


def _put_off(feedback: Feedback, until: datetime) -> bool:
    feedback.due_at = until
    record("feedback.put_off", about=feedback, after={"order": feedback.order_id, "until": until.isoformat()})
    return False


def _skip(feedback: Feedback, why: str, at: datetime) -> bool:
    feedback.skipped_at, feedback.skipped_why = at, why
    record("feedback.skipped", about=feedback, after={"order": feedback.order_id, "why": why})
    db.session.flush()
    return False


def _never(order: Order, feedback: Feedback, at: datetime) -> str:
    """Why this customer is not asked at all; '' where they are."""
    if order.state not in ("delivered", "closed"):
        return f"the order is {order.state}"
    customer = db.session.get(Customer, order.customer_id) if order.customer_id else None
    if customer is not None and customer.feedback_opt_out_at is not None:
        return "the customer does not want to be asked"
    if not order.email or order.conversation_id is None:
        return "nobody to write to"
    return "a case was open for too long" if at > feedback.due_at + PATIENCE or _old(order, at) else ""


def _old(order: Order, at: datetime) -> bool:
    return at - order.updated_at > PATIENCE * 2


def _open_case(order: Order) -> bool:
    """Whether we owe this customer something: an answer, a parcel that went astray, goods that are on their way back."""
    c = db.session.get(Conversation, order.conversation_id)
    if c is not None and (
        c.promise_due_at is not None or c.escalated_at is not None or order.delivery_trouble
    ):
        return True
    running = db.session.scalar(
        select(func.count()).select_from(Return).where(Return.order_id == order.id, Return.state.not_in(OVER))
    )
    return bool(running)
