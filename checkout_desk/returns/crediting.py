"""What the customer had paid for goods that came back is taken off the order that is sent instead.

The money leaves what pays the old quote, so that it can neither be refunded nor credited a second time; it is free
again when the order that was sent instead is cancelled.
"""

from __future__ import annotations

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import leaving
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import settling
from checkout_desk.payments.models import Allocation, Payment
from checkout_desk.returns.models import Return


def held(quote: Quote) -> list[tuple[Payment, int]]:
    """The payments of a quote, oldest first, with what of each pays it."""
    rows = db.session.execute(
        select(Payment, Allocation.amount_minor)
        .join(Allocation, Allocation.payment_id == Payment.id)
        .where(Allocation.quote_id == quote.id)
        .order_by(Payment.id)
        .execution_options(populate_existing=True)
    )
    return [(payment, int(n)) for payment, n in rows]


def take(back: Return, quote: Quote, minor: int, *, by: Person) -> None:
    """Take `minor` of what pays `quote`, whose order is locked, for goods that are sent instead. Raises Refused where
    that much is not there any more."""
    taken: list[list[int]] = []
    left = minor
    for payment, _ in held(quote):
        settling.hold(payment, [quote])
        allocation = settling.of(payment, quote)
        part = min(allocation.amount_minor if allocation else 0, left)
        if allocation is None or not part:
            continue
        if allocation.amount_minor == part:
            db.session.delete(allocation)
        else:
            allocation.amount_minor -= part
        payment.allocated_minor -= part
        payment.credited_minor += part
        db.session.flush()
        _note(payment, back, part, "credited", by=by)
        settling.stand(payment, by=by)
        taken.append([payment.id, part])
        left -= part
    if left:
        short, currency = minor - left, quote.currency
        raise Refused(
            f"{money.show(minor, currency)} cannot be taken off what is sent instead: verified payments still hold "
            f"{money.show(short, currency)}, the rest went back before."
        )
    back.credit_minor, back.credit_of = minor, taken


class _Exchanges:
    """What returns have to do when the order that was sent instead is cancelled, for `orders.leaving`."""

    def refusal(self, order: Order) -> str | None:
        return None

    def end(self, order: Order, *, by: Person | None) -> None:
        """Its credit is the customer's money again: free, and so owed to them."""
        for back in db.session.scalars(select(Return).where(Return.exchange_id == order.id)):
            for payment_id, minor in back.credit_of or ():
                payment = db.session.get_one(Payment, payment_id)
                settling.lock(payment)
                payment.credited_minor -= minor
                db.session.flush()
                _note(payment, back, minor, "credit_ended", by=by)
                settling.stand(payment, by=by)
            back.credit_minor, back.credit_of = 0, None


def _note(payment: Payment, back: Return, minor: int, what: str, *, by: Person | None) -> None:
    after = {"return": back.id, "minor": minor}
    record(f"payment.{what}", about=payment, after=after, actor=f"person:{by.id}" if by else None)


def _credited(order: Order) -> bool:
    """Whether the order is sent instead of goods whose money is taken off it."""
    holds = select(Return.id).where(Return.exchange_id == order.id, Return.credit_minor > 0)
    return db.session.scalar(holds.limit(1)) is not None


def register() -> None:
    """Be told of cancelled orders from now on. Called once when the app is made."""
    if _credited not in leaving.credited:
        leaving.credited.append(_credited)
    if not any(isinstance(one, _Exchanges) for one in leaving.parcels):
        leaving.parcels.append(_Exchanges())
