"""I5, I6, I7 and I10 of a desk that takes money: every broken one as a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from email import message_from_bytes, policy

from flask import Flask
from sqlalchemy import func, select

from checkout_desk import clock, money
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product, StockMovement
from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import promising
from checkout_desk.orders.models import MilestoneMail, Order, Quote
from checkout_desk.orders.quoting import LIVE
from checkout_desk.payments.models import Allocation, Payment, PaymentLink, ProviderEvent, Refund
from tests.parts.smtp_plan import Accepted

PAID = ("paid", "packing", "shipped", "delivered")
"""states of an order after its money"""
GONE = ("shipped", "delivered")
"""states of an order whose pieces are not in the stock any more"""


def check_money(app: Flask, *, sent: Sequence[Accepted], taken: Mapping[str, int]) -> list[str]:
    """What is broken at rest; an empty list when all is well.

    `sent` is what the SMTP server kept; `taken` what the provider took from customers: its id of the payment -> amount.
    """
    with app.app_context():
        try:
            quotes = list(db.session.scalars(select(Quote).order_by(Quote.id)))
            orders = {order.id: order for order in db.session.scalars(select(Order))}
            looks = (_payments(taken), _stock(quotes, orders), _quotes(quotes, orders), _paid(quotes, orders))
            told = (_pages(quotes), _mails(orders, quotes, sent), unsettled())
            return [sentence for look in (*looks, *told) for sentence in look]
        finally:
            db.session.rollback()


def waiting_for_money(app: Flask) -> list[str]:
    """What the desk still has to do by itself about money (I10)."""
    with app.app_context():
        try:
            return list(unsettled())
        finally:
            db.session.rollback()


def unsettled() -> Iterator[str]:
    """I10: no event, payment, refund, page or quote is due, and nobody holds a lease."""
    now = clock.now()
    for what, query in {
        "event": select(ProviderEvent.id).where(ProviderEvent.understood_at.is_(None)),
        "payment": select(Payment.id).where(Payment.state == "received"),
        "refund": select(Refund.id).where(
            Refund.state.in_(("requested", "sent")) | Refund.claimed_until.is_not(None)
        ),
        "page": select(PaymentLink.id).where(PaymentLink.state == "asked"),
        "quote": select(Quote.id).where(Quote.state.in_(LIVE), Quote.expires_at <= now),
        "open page of a quote that is not to be paid": select(PaymentLink.id)
        .join(Quote, Quote.id == PaymentLink.quote_id)
        .where(PaymentLink.state == "open", Quote.state.not_in(LIVE)),
    }.items():
        yield from (f"I10: {what} {found} waits" for found in db.session.scalars(query))


def _payments(taken: Mapping[str, int]) -> Iterator[str]:
    """I5: what the provider took came once; what is given and paid back is not more than what came."""
    given = _sums(Allocation.payment_id)
    back = dict(
        db.session.execute(
            select(Refund.payment_id, func.sum(Refund.amount_minor))
            .where(Refund.state != "failed")
            .group_by(Refund.payment_id)
        ).all()
    )
    ours = Counter[str]()
    for payment in db.session.scalars(select(Payment)):
        ours[payment.source_ref] += 1
        if taken.get(payment.source_ref) != payment.amount_minor:
            yield f"I5: payment {payment.id} of {payment.amount_minor} is {taken.get(payment.source_ref)} at the provider"
        sums = given.get(payment.id, 0), back.get(payment.id, 0)
        if sums != (payment.allocated_minor, payment.refunded_minor) or sum(sums) > payment.amount_minor:
            yield f"I5: payment {payment.id} of {payment.amount_minor} has {sums} given and paid back"
    yield from (f"I5: {ref} became {ours[ref]} payments" for ref in taken if ours[ref] != 1)


def _sums(column: object) -> dict[int, int]:
    query = select(column, func.sum(Allocation.amount_minor)).group_by(column)  # type: ignore[call-overload]
    return {key: int(minor) for key, minor in db.session.execute(query)}


def _stock(quotes: Sequence[Quote], orders: Mapping[int, Order]) -> Iterator[str]:
    """I6: balances are their ledger, nothing is promised that is not there, each quote is sold once."""
    yield from (f"I6: {sentence}" for sentence in stock.check())
    held, sold = Counter[int](), Counter[int]()
    for quote in quotes:
        if quote.state in LIVE:
            held.update(promising.wanted(quote))
        elif quote.state == "paid" and orders[quote.order_id].state not in ("cancelled", *GONE):
            sold.update(promising.wanted(quote))
    for product in db.session.scalars(select(Product)):
        if product.available < 0:
            yield f"I6: {product.sku} has {product.available} available"
        if (product.held, product.committed) != (held[product.id], sold[product.id]):
            yield f"I6: {product.sku} holds {product.held}, sold {product.committed}; quotes say {held[product.id]}, {sold[product.id]}"
    commits = dict(
        db.session.execute(
            select(StockMovement.about, func.count())
            .where(StockMovement.kind == "commit")
            .group_by(StockMovement.about)
        ).all()
    )
    for quote in quotes:
        wanted = len(promising.wanted(quote)) if quote.state == "paid" else 0
        if commits.get(promising.about(quote), 0) != wanted:
            yield f"I6: quote {quote.id} is {quote.state} and was sold {commits.get(promising.about(quote), 0)} times"


def _quotes(quotes: Sequence[Quote], orders: Mapping[int, Order]) -> Iterator[str]:
    """I7: one live quote at most, and it alone holds; the order says the same."""
    live = Counter(quote.order_id for quote in quotes if quote.state in LIVE)
    numbers = {quote.order_id: quote.number for quote in quotes if quote.state in LIVE}
    for quote in quotes:
        if live[quote.order_id] > 1:
            yield f"I7: order {quote.order_id} has {live[quote.order_id]} live quotes"
        holds = promising.held(quote)
        if holds != (promising.wanted(quote) if quote.state in LIVE else {}):
            yield f"I7: quote {quote.id} is {quote.state} and holds {holds}"
    for order in orders.values():
        if order.live_quote != numbers.get(order.id) or (order.state == "quoted" and not live[order.id]):
            yield f"I7: order {order.number} is {order.state}, its live quote {order.live_quote}, not {numbers.get(order.id)}"


def _paid(quotes: Sequence[Quote], orders: Mapping[int, Order]) -> Iterator[str]:
    """A quote is paid only with its whole total, of this very version; and then its order is paid, and no other."""
    given = Counter(_sums(Allocation.quote_id))
    for quote_id, minor in db.session.execute(
        select(Refund.quote_id, Refund.unallocated_minor).where(
            Refund.quote_id.is_not(None), Refund.state != "failed"
        )
    ):
        given[quote_id or 0] += minor
    paid = {quote.order_id: quote for quote in quotes if quote.state == "paid"}
    for quote in quotes:
        if quote.state == "paid" and given.get(quote.id, 0) < quote.total_minor:
            yield f"I5: quote {quote.id} is paid with {given.get(quote.id, 0)} of {quote.total_minor}"
        if quote.state in LIVE and given.get(quote.id, 0) >= quote.total_minor:
            yield f"I5: quote {quote.id} is {quote.state} and has all of its {quote.total_minor}"
    for order in orders.values():
        if order.state != "cancelled" and (order.state in PAID) != (order.id in paid):
            yield f"I5: order {order.number} is {order.state}, its paid quote {paid.get(order.id)}"


def _pages(quotes: Sequence[Quote]) -> Iterator[str]:
    """I7: the mail, the row and the provider name one total; what was taken through a page is its quote's."""
    by_id = {quote.id: quote for quote in quotes}
    for payment in db.session.scalars(select(Payment).where(Payment.quote_id.is_not(None))):
        quote = by_id[payment.quote_id or 0]
        if payment.amount_minor != quote.total_minor:
            yield f"I7: the page of quote {quote.id} took {payment.amount_minor}, the quote says {quote.total_minor}"
    for quote in quotes:
        message = db.session.get(Message, quote.message_id) if quote.message_id else None
        if message and money.show(quote.total_minor, quote.currency) not in message.text:
            yield f"I7: the mail of quote {quote.id} does not name its total"


def _mails(orders: Mapping[int, Order], quotes: Sequence[Quote], sent: Sequence[Accepted]) -> Iterator[str]:
    """One mail for each milestone; confirmed is who paid, and nobody else.

    Copies of one mail after an unknown outcome are the business of I3 (`invariants`); here a mail is its Message-ID.
    """
    rows = list(db.session.scalars(select(MilestoneMail)))
    posted = Counter((row.order_id, row.milestone, row.about) for row in rows)
    yield from (f"I2: {key} was posted {times} times" for key, times in posted.items() if times > 1)
    doubtful = set(
        db.session.scalars(
            select(Message.id)
            .join(OutboundMail, OutboundMail.id == Message.outbound_id)
            .where(OutboundMail.state == "unknown")
        )
    )
    confirmed = {row.order_id: row.message_id for row in rows if row.milestone == "confirmed"}
    left = Counter(subject for subject, _ in {_names(mail) for mail in sent})
    paid = {quote.order_id for quote in quotes if quote.state == "paid"}
    for order in orders.values():
        mails = left[f"Your Order #{order.number} is Confirmed"]
        missing = mails == 0 and order.id in paid and confirmed.get(order.id) not in doubtful
        if (order.id in confirmed) != (order.id in paid) or mails > (order.id in paid) or missing:
            yield f"I3: order {order.number} is {order.state} and was confirmed by {mails} mails"


def _names(mail: Accepted) -> tuple[str, str]:
    """Subject and Message-ID."""
    found = message_from_bytes(mail.content, policy=policy.default)
    return str(found["Subject"]), str(found["Message-ID"])
