"""The quotes that come into question for a payment, with two queries whatever the number of quotes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, false, func, or_, select

from checkout_desk.customers.models import Customer, name_key
from checkout_desk.extensions import db
from checkout_desk.orders import references
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments.lifecycle import free
from checkout_desk.payments.matching import LIVE, Candidate, Money
from checkout_desk.payments.models import Allocation, Payment

MOST = 200
PAST = timedelta(days=120)
"""how long before a payment a quote may have ended to be thought of without being named"""


def money_of(payment: Payment) -> Money:
    """What of the payment belongs to nothing yet, for the matcher."""
    return Money(
        amount_minor=free(payment),
        currency=payment.currency,
        received_at=payment.received_at,
        source=payment.source,
        text=payment.text,
        payer_name=payment.payer_name,
        payer_account=payment.payer_account,
        quote_id=payment.quote_id,
    )


def candidates(payment: Payment) -> list[Candidate]:
    """Quotes that the payment names, that want its amount, or that are its payer's; and their customers' other ones."""
    db.session.flush()
    # In a store where many orders cost the same, the one that is named must not be cut off.
    named = _named(payment)
    surest_first = case((or_(false(), *named), 0), (Quote.state.in_(LIVE), 1), else_=2)
    query = _select().where(_questioned(payment, named)).order_by(surest_first, Quote.id.desc())
    found = _rows(query.limit(MOST))
    customers = {quote.customer_id for quote in found if quote.customer_id is not None}
    if customers:
        siblings = _select().where(
            Order.customer_id.in_(customers),
            Quote.state.in_(LIVE),
            Quote.id.not_in([quote.quote_id for quote in found]),
        )
        found += _rows(siblings.order_by(Quote.id.desc()).limit(MOST))
    return found


def allocated(quote_ids: Iterable[int]) -> dict[int, int]:
    """Quote id -> minor units that payments have paid of it; quotes without any are left out."""
    db.session.flush()
    rows = db.session.execute(
        select(Allocation.quote_id, func.sum(Allocation.amount_minor))
        .where(Allocation.quote_id.in_(list(quote_ids)))
        .group_by(Allocation.quote_id)
    )
    return {quote_id: int(minor) for quote_id, minor in rows}


def come(order: Order, currency: str) -> int:
    """Minor units that have come for an order: what its versions were given, those that ended too, and what waits for a
    person to agree and names the order itself. Three queries."""
    db.session.flush()
    versions = set(db.session.scalars(select(Quote.id).where(Quote.order_id == order.id)))
    given = db.session.scalar(
        select(func.sum(Allocation.amount_minor))
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Allocation.quote_id.in_(versions), Payment.currency == currency)
    )
    waiting = db.session.scalars(
        select(Payment)
        .where(Payment.state.in_(("matched", "needs_review")), Payment.currency == currency)
        .order_by(Payment.id.desc())
        .limit(MOST)
    )
    return int(given or 0) + sum(
        share["minor"]
        for payment in waiting
        if payment.quote_id in versions
        or any(one.order == order.number for one in references.find(payment.text))
        for share in payment.proposal
        if share["quote"] in versions
    )


def _named(payment: Payment) -> list[ColumnElement[bool]]:
    """Quotes of the orders that the payer's words and our record of the provider's session name."""
    ways: list[ColumnElement[bool]] = []
    numbers = {one.order for one in references.find(payment.text) if one.order < 2**31}
    if numbers:
        ways.append(Quote.order_id.in_(select(Order.id).where(Order.number.in_(numbers))))
    if payment.quote_id is not None:
        ways.append(Quote.order_id.in_(select(Quote.order_id).where(Quote.id == payment.quote_id)))
    return ways


def _questioned(payment: Payment, named: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    live = Quote.state.in_(LIVE)
    since = payment.received_at - PAST
    lately = or_(Quote.expires_at >= since, Quote.placed_at.is_not(None) & (Quote.paid_at >= since))
    recent = Quote.state.in_(("paid", "expired")) & lately
    begun = exists(select(Allocation.id).where(Allocation.quote_id == Quote.id))
    ways: list[ColumnElement[bool]] = [
        Quote.id.in_(select(Quote.id).where(or_(live, recent), Quote.total_minor == free(payment))),
        Quote.id.in_(select(Quote.id).where(live, begun)),
        *named,
    ]
    if payment.payer_name:
        same = select(Customer.id).where(Customer.name_key == name_key(payment.payer_name))
        ways.append(or_(live, recent) & Order.customer_id.in_(same))
    if "@" in payment.payer_account:
        ways.append(or_(live, recent) & (Order.email == payment.payer_account.casefold()))
    return or_(*ways) & (Quote.state != "draft")


def _select() -> Select[Any]:
    paid = (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(Allocation.quote_id == Quote.id)
        .correlate(Quote)
        .scalar_subquery()
    )
    return (
        select(
            Quote.id,
            Order.number,
            Quote.number,
            Quote.state,
            Quote.currency,
            Quote.total_minor,
            paid,
            Order.customer_id,
            Customer.name,
            Order.ship_name,
            Order.email,
            Quote.expires_at,
            case((Quote.placed_at.is_not(None), "quoted"), else_=Order.state),
        )
        .join(Order, Order.id == Quote.order_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
    )


def _rows(query: Select[Any]) -> list[Candidate]:
    return [
        Candidate(
            quote_id=row[0],
            order_number=row[1],
            number=row[2],
            state=row[3],
            currency=row[4],
            total_minor=row[5],
            allocated_minor=int(row[6]),
            customer_id=row[7],
            names=tuple(dict.fromkeys(name for name in (row[8], row[9]) if name)),
            emails=(row[10],) if row[10] else (),
            expires_at=row[11],
            order_state=row[12],
        )
        for row in db.session.execute(query)
    ]
