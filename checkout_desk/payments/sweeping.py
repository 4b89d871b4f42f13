"""What the clock does for payments: those that nobody settled are settled, money of dead quotes is free again, and a
proposal whose quote was paid or has ended meanwhile is made anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import and_, column, func, or_, select, true
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from checkout_desk import clock
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import Json, begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import settling
from checkout_desk.payments.matching import LIVE
from checkout_desk.payments.models import Allocation, Payment

log = structlog.get_logger(__name__)

BATCH = 100
LATER = timedelta(seconds=5)
"""whoever took a payment settles it in the same transaction or right after"""


def sweep() -> int:
    """Settle what is left in 'received', free what dead quotes were given, match anew what proposes more than a quote
    wants. Returns how many. Commits one by one."""
    received = db.session.scalars(
        select(Payment.id)
        .where(Payment.state == "received", Payment.created_at <= clock.now() - LATER)
        .order_by(Payment.id)
        .limit(BATCH)
    ).all()
    dead = db.session.execute(
        select(Allocation.payment_id, Allocation.quote_id)
        .join(Quote, Quote.id == Allocation.quote_id)
        .where(Quote.state.in_(settling.DEAD))
        .order_by(Allocation.id)
        .limit(BATCH)
    ).all()
    stale = _stale()
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for payment_id in (*received, *stale):
            done += _one(payment_id, settling.settle)
        for payment_id, quote_id in dead:
            done += _one(payment_id, lambda payment, quote_id=quote_id: _free(payment, quote_id))  # type: ignore[misc]
    return done


def _stale() -> list[int]:
    """Open payments whose proposal cannot be confirmed any more: another payment was faster, or the quote has ended.

    What came after the end of a quote proposes an expired one, and says so: that may be taken up again, and stays.
    """
    each = func.json_each if db.engine.dialect.name == "sqlite" else func.jsonb_array_elements
    shares = each(Payment.proposal).table_valued(column("value", Json), name="share")
    share = shares.c.value
    given = (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(Allocation.quote_id == Quote.id)
        .correlate(Quote)
        .scalar_subquery()
    )
    quote_id, minor = share["quote"].as_integer(), share["minor"].as_integer()
    return list(
        db.session.scalars(
            select(Payment.id)
            .join(shares, true())
            .join(Quote, Quote.id == quote_id)
            .where(
                Payment.state.in_(("matched", "needs_review")),
                or_(
                    Quote.state.not_in((*LIVE, "expired")),
                    and_(Quote.state == "expired", Payment.outcome != "late"),
                    minor > Quote.total_minor - given,
                ),
            )
            .distinct()
            .order_by(Payment.id)
            .limit(BATCH)
        )
    )


def _free(payment: Payment, quote_id: int) -> None:
    quote = db.session.get_one(Quote, quote_id)
    settling.hold(payment, [quote])
    if quote.state not in settling.DEAD:  # taken up again while we waited: the money is where it belongs
        return
    settling.unallocate(payment, quote, by=None, reason=f"The quote is {quote.state}")
    if payment.quote_id is None and db.session.get_one(Order, quote.order_id).state == "cancelled":
        payment.quote_id = quote.id  # so that it is known whose money this is (`owing`)
    settling.settle(payment)


def _one(payment_id: int, do: Callable[[Payment], object]) -> bool:
    begin_write()
    try:
        do(db.session.get_one(Payment, payment_id))
        db.session.commit()
    except (
        Refused,
        OperationalError,
        StaleDataError,
    ) as fault:  # somebody was faster; the next round looks again
        db.session.rollback()
        log.info("payment.left", payment=payment_id, why=str(fault)[:200])
        return False
    return True
