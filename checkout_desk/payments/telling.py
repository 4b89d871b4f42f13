"""What customers are told about their money: by themselves the milestones, as a proposal the mail that asks for more."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.correspondence import rendering, templates
from checkout_desk.correspondence.rendering import Rendered
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import amounts, milestones, placeholder_values, quote_words
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_lifecycle import name
from checkout_desk.payments.finding import allocated, come
from checkout_desk.payments.matching import LIVE
from checkout_desk.payments.models import Allocation, Payment, Refund
from checkout_desk.settings.models import store

SHORT = "order_payment_short"
"""key of the template that asks for the difference"""
_MOST_WAITING = 200


def part_received(payment: Payment, quote: Quote, minor: int) -> None:
    """A part of a quote was paid: say so, once for each payment and quote. The order is locked."""
    order = db.session.get_one(Order, quote.order_id)
    milestones.post(
        order,
        "payment_received",
        about=f"payment:{payment.id}",
        values={"AMOUNT": _shown(order, minor, payment.currency)},
        caused_by_payment=True,
    )


def refunded(payment: Payment, refund: Refund) -> None:
    """Money went back: say so, once for each refund. Nothing where no order tells whom. The order is locked."""
    if refund.order_id is None:
        return
    order = db.session.get_one(Order, refund.order_id)
    milestones.post(
        order,
        "refunded",
        about=f"refund:{refund.id}",
        values={"AMOUNT": _shown(order, refund.amount_minor, payment.currency), "REASON": refund.reason},
        caused_by_payment=True,
    )


def missing(quote: Quote) -> int:
    """Minor units that payments have not given to the quote yet."""
    return max(quote.total_minor - allocated([quote.id]).get(quote.id, 0), 0)


def ask_difference(payment: Payment, quote: Quote) -> Rendered:
    """The mail that asks for what is missing, in the customer's language, for a person to read and send.

    Raises `rendering.Unfilled` with a sentence where the template has a hole, Refused where nothing is missing any more:
    another payment was faster, or the quote has ended.
    """
    order = db.session.get_one(Order, quote.order_id)
    template = templates.newest(SHORT, order.language)
    language = template.language
    lacking = missing(quote)
    if payment.proposal:  # not confirmed yet: what is proposed counts as given
        lacking -= sum(share["minor"] for share in payment.proposal if share["quote"] == quote.id)
    if quote.state not in LIVE:
        raise Refused(f"Quote {name(quote)} is {quote.state}; nothing is asked for it any more.")
    if lacking <= 0:
        raise Refused(f"Quote {name(quote)} lacks nothing with this payment; look at the payment again.")
    content = quote.content
    return rendering.render(
        template,
        placeholder_values.of_quote(
            order, content, quote.expires_at, language=language, contact=store().contact
        )
        | {
            "AMOUNT": quote_words.amount(content, payment.amount_minor, language),
            "AMOUNT_MISSING": quote_words.amount(content, lacking, language),
        },
    )


def amounts_of(quote: Quote) -> Iterator[int]:
    """What a mail may name beside the quote's own amounts: money that came for it, went back, is missing or too much."""
    has_come = _come_for(quote)
    yield from (missing(quote), has_come, quote.total_minor - has_come)
    given = select(Allocation.payment_id).where(Allocation.quote_id == quote.id)
    waiting = (
        select(Payment)
        .where(Payment.state.in_(("matched", "needs_review")), Payment.currency == quote.currency)
        .order_by(Payment.id.desc())
        .limit(_MOST_WAITING)
    )
    shares = {
        payment: share["minor"]
        for payment in db.session.scalars(waiting)
        for share in payment.proposal
        if share["quote"] == quote.id
    }
    for payment, minor in shares.items():
        yield from (payment.amount_minor, minor, missing(quote) - minor, payment.amount_minor - minor)
    rows = select(Payment.amount_minor, Payment.allocated_minor, Payment.refunded_minor)
    for amount, used, back in db.session.execute(rows.where(Payment.id.in_(given))):
        yield from (amount, used, back, amount - used - back)
    yield from db.session.scalars(select(Allocation.amount_minor).where(Allocation.quote_id == quote.id))
    yield from db.session.scalars(select(Refund.amount_minor).where(Refund.quote_id == quote.id))


def _come_for(quote: Quote) -> int:
    """What has come of a quote's total, given to it or to the versions before it."""
    return min(come(db.session.get_one(Order, quote.order_id), quote.currency), quote.total_minor)


def _shown(order: Order, minor: int, currency: str) -> str:
    language = templates.speaks(order.language)
    return money.show(minor, currency, locale=LANGUAGES[language].locale)


amounts.know(amounts_of)
amounts.receive_with(_come_for)
