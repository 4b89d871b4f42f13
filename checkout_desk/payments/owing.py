"""Money that the store owes to customers: paid for what was cancelled, paid twice, or more than was wanted.

`Order.money_owed` makes it the next step of a cancelled order, and so a place in the queue.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.orders import completeness, leaving, loading
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments.models import Allocation, Payment


@dataclass(frozen=True, slots=True)
class Owed:
    """An amount that has not gone back. `quote_id` is the quote whose allocation holds it, None where it is free."""

    payment_id: int
    quote_id: int | None
    order_number: int | None
    """None where nobody knows which order the payer meant"""
    minor: int
    currency: str
    why: str = "cancelled"
    """'cancelled', 'duplicate' or 'over'"""
    before: int = 0
    """what of the payment went back earlier"""


def owed(*, order_id: int | None = None, limit: int = 100) -> list[Owed]:
    """What has to go back, the oldest first: of one order, or of all. Two queries.

    Money that a proposal wants to use for another quote is not owed while a person has not decided.
    """
    here: ColumnElement[bool] = true() if order_id is None else Order.id == order_id
    used = db.session.execute(
        select(
            Allocation.payment_id,
            Quote.id,
            Order.number,
            Allocation.amount_minor,
            Quote.currency,
            Payment.refunded_minor,
        )
        .join(Payment, Payment.id == Allocation.payment_id)
        .join(Quote, Quote.id == Allocation.quote_id)
        .join(Order, Order.id == Quote.order_id)
        .where(Order.state == "cancelled", here)
        .order_by(Allocation.payment_id, Allocation.id)
        .limit(limit)
    )
    found = [Owed(*row[:5], before=row[5]) for row in used] + _free(here, limit)
    return sorted(found, key=lambda one: one.payment_id)[:limit]


def _free(here: ColumnElement[bool], limit: int) -> list[Owed]:
    """What no quote uses of payments that paid one already, were made twice, or are for a cancelled order."""
    paid = (
        select(func.min(Allocation.quote_id))
        .join(Quote, Quote.id == Allocation.quote_id)
        .where(Allocation.payment_id == Payment.id, Quote.state == "paid")
        .correlate(Payment)
        .scalar_subquery()
    )
    left = Payment.amount_minor - Payment.allocated_minor - Payment.refunded_minor - Payment.credited_minor
    rows = db.session.execute(
        select(
            Payment.id,
            Payment.currency,
            Payment.outcome,
            Payment.proposal,
            Payment.refunded_minor,
            left,
            paid,
            Order.number,
            Order.state,
        )
        .select_from(Payment)
        .outerjoin(Quote, Quote.id == func.coalesce(paid, Payment.quote_id))
        .outerjoin(Order, Order.id == Quote.order_id)
        .where(
            Payment.state == "needs_review",
            left > 0,
            or_(Order.state == "cancelled", Payment.outcome == "duplicate", paid.is_not(None)),
            here,
        )
        .order_by(Payment.id)
        .limit(limit)
    )
    return [
        Owed(payment_id, None, number, minor, currency, _why(outcome, used, state), before)
        for payment_id, currency, outcome, proposal, before, minor, used, number, state in rows
        if not proposal
    ]


def _why(outcome: str, used: int | None, order_state: str | None) -> str:
    if order_state == "cancelled":
        return "cancelled"
    return "over" if used is not None else outcome


def look(order: Order | None) -> None:
    """Bring a cancelled order, which is locked, and its conversation in line with what is owed for it."""
    db.session.flush()
    if order is None or (order.state != "cancelled" and not order.money_owed):
        return
    now = order.state == "cancelled" and bool(owed(order_id=order.id, limit=1))
    if now == order.money_owed:
        return
    order.money_owed = now
    loading.touch(order)
    completeness.reckon(order)
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    if c is not None and now and c.state in ("waiting", "snoozed", "closed"):
        CONVERSATION.fire(c, "reopen", reason=f"Order {order.number}: its customer's money has to go back")


class _Money:
    """What payments do when an order is cancelled, for `orders.leaving`."""

    def refusal(self, order: Order) -> str | None:
        return None

    def end(self, order: Order, *, by: Person | None) -> None:
        look(order)


def register() -> None:
    """Be told of cancelled orders from now on. Called once when the app is made."""
    if not any(isinstance(one, _Money) for one in leaving.parcels):
        leaving.parcels.append(_Money())
