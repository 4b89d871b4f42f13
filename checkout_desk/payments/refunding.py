"""Money goes back: bounded, written down before anybody is asked, and never asked for twice under another key.

A refund takes what is free of the payment first and then what had paid `quote`. The row and its idempotency key are
committed with the request; a job asks the provider afterwards (`refunding_job`). Bank transfers and cash are done by a
person, who says so.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, or_, select

from checkout_desk import clock, money
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import limits, owing, settling, telling
from checkout_desk.payments.answers import Answer, Declined, Done, Doubtful, Pending
from checkout_desk.payments.finding import allocated
from checkout_desk.payments.lifecycle import REFUND, free
from checkout_desk.payments.matching import LIVE
from checkout_desk.payments.models import Allocation, Payment, Refund
from checkout_desk.queue import later

BY_PROVIDER = ("stripe", "paypal")
"""sources whose refunds the provider carries out; all others are a person's work"""


def waiting() -> Select[Any]:
    """The payment of each refund that a person carries out at the bank or the till, or whose outcome nobody knows."""
    return (
        select(Refund.payment_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.state.in_(("requested", "to_be_checked")),
            or_(Refund.state == "to_be_checked", Payment.source.not_in(BY_PROVIDER)),
        )
    )


def request(
    payment: Payment, minor: int, *, reason: str, by: Person, quote: Quote | None = None, key: str = ""
) -> Refund:
    """Write a refund down, and ring for the provider where there is one.

    `quote` is the one whose allocation may be taken from, once what is free is used up; `key` is the token of the form,
    so that the same click twice is one refund. Raises Refused with a sentence: too much, no reason, beyond the role.
    """
    settling.hold(payment, [quote] if quote else [], order_id=None if quote else _order_of(payment))
    key = key or secrets.token_hex(16)
    known: Refund | None = db.session.scalars(
        select(Refund).where(Refund.idempotency_key == key)
    ).one_or_none()
    if known is not None:
        if (known.payment_id, known.amount_minor) != (payment.id, minor):
            raise Refused("This form was sent before with another amount; open it again.")
        return known
    if not reason.strip():
        raise Refused("Say why the money goes back; whoever looks at it later reads this first.")
    used = _of_quote(payment, quote)
    _bounded(payment, minor, used, by)
    refund = Refund(
        payment_id=payment.id,
        order_id=quote.order_id if quote else _order_of(payment),
        quote_id=quote.id if quote else None,
        unallocated_minor=max(minor - free(payment), 0),
        amount_minor=minor,
        reason=reason.strip()[:300],
        state="requested",
        idempotency_key=key,
        at=clock.now(),
        by_id=by.id,
    )
    db.session.add(refund)
    _take(payment, refund)
    db.session.flush()
    record(
        "refund.requested",
        about=refund,
        after={"payment": payment.id, "minor": minor, "reason": refund.reason},
        actor=f"person:{by.id}",
    )
    settling.stand(payment, by=by)
    _look(refund)
    if payment.source in BY_PROVIDER:
        later("send_refund", refund.id)
    return refund


def mark_done(refund: Refund, *, by: Person, provider_ref: str = "") -> None:
    """A person saw that the money went back: a bank transfer or cash, or a refund whose outcome nobody knew."""
    payment = _locked(refund)
    if payment.source in BY_PROVIDER and refund.state not in ("to_be_checked", "failed"):
        raise Refused(f"The provider tells when this refund is done; now it is {words(refund)}.")
    _finish(payment, refund, by=by, provider_ref=provider_ref)


def mark_failed(refund: Refund, *, by: Person, words: str) -> None:
    """A person saw that the money did not go back: it is free again, or pays its quote again."""
    payment = _locked(refund)
    if payment.source in BY_PROVIDER and refund.state != "to_be_checked":
        raise Refused("The provider tells whether this refund failed.")
    if not words.strip():
        raise Refused("Say how it is known that the money did not go back.")
    _fail(payment, refund, by=by, words=words.strip())


def words(refund: Refund) -> str:
    """The state of a refund for people."""
    return {
        "requested": "waiting to be sent",
        "sent": "on its way",
        "done": "done",
        "failed": "failed",
        "to_be_checked": "to be checked",
    }[refund.state]


def answered(refund: Refund, answer: Answer) -> None:
    """Apply what the provider said about a refund, at once or later by an event; the same again changes nothing."""
    _apply(_locked(refund), refund, answer)


def _apply(payment: Payment, refund: Refund, answer: Answer) -> None:
    """As `answered`, with everything locked."""
    match answer:
        case Done(ref):
            if refund.state != "done":
                _finish(payment, refund, by=None, provider_ref=ref)
        case Pending(ref):
            if refund.state == "requested":
                REFUND.fire(refund, "send")
            refund.provider_ref = refund.provider_ref or ref
            refund.claimed_until = None
        case Declined(said, ref):
            if refund.state != "failed":
                _fail(payment, refund, by=None, words=said, provider_ref=ref)
        case Doubtful(said):
            if refund.state == "sent":
                REFUND.fire(refund, "doubt", words=said)
    db.session.flush()


def told(
    source: str, *, payment_ref: str, refund_ref: str, minor: int, answer: Answer, key: str = ""
) -> Refund | None:
    """A provider's event or list tells of a refund. Idempotent, in any order. None where the payment is not known.

    Ours is found by its key or the provider's id. One that was made at the provider itself becomes a row of its own, as
    far as the payment has the money for it; what is beyond is recorded and left to a person.
    """
    payment: Payment | None = db.session.scalars(
        select(Payment).where(Payment.source == source, Payment.source_ref == payment_ref)
    ).one_or_none()
    if payment is None:
        return None
    refund = _known(payment, refund_ref, key)
    # What has to be locked is known only by looking, and may have changed until it is locked.
    quote_id = refund.quote_id if refund else _largest(payment)
    quote = db.session.get(Quote, quote_id) if quote_id is not None else None
    settling.hold(payment, [quote] if quote else [], order_id=refund.order_id if refund else None)
    refund = _known(payment, refund_ref, key)
    if refund is None and not isinstance(answer, Declined):
        refund = _foreign(payment, quote, refund_ref, minor)
    if refund is not None:
        _apply(payment, refund, answer)
    return refund


def _known(payment: Payment, refund_ref: str, key: str) -> Refund | None:
    same = [Refund.provider_ref == refund_ref] + ([Refund.idempotency_key == key] if key else [])
    found: Refund | None = db.session.scalars(
        select(Refund)
        .where(Refund.payment_id == payment.id, or_(*same))
        .order_by(Refund.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return found


def _largest(payment: Payment) -> int | None:
    """The quote that most of the payment pays."""
    found: int | None = db.session.scalar(
        select(Allocation.quote_id)
        .where(Allocation.payment_id == payment.id)
        .order_by(Allocation.amount_minor.desc(), Allocation.id)
        .limit(1)
    )
    return found


def _foreign(payment: Payment, quote: Quote | None, refund_ref: str, minor: int) -> Refund | None:
    """A refund that nobody asked us for; `quote` is locked and gives what is not free."""
    used = _of_quote(payment, quote)
    if minor < 1 or minor > free(payment) + used:
        record("refund.beyond_payment", about=payment, after={"minor": minor, "ref": refund_ref[:120]})
        return None
    taken = max(minor - free(payment), 0)
    refund = Refund(
        payment_id=payment.id,
        order_id=quote.order_id if quote and taken else _order_of(payment),
        quote_id=quote.id if quote and taken else None,
        unallocated_minor=taken,
        amount_minor=minor,
        reason="Made at the provider itself",
        state="to_be_checked",
        idempotency_key=sha256(f"{payment.source}:{payment.source_ref}:{refund_ref}".encode()).hexdigest(),
        provider_ref=refund_ref[:120],
        at=clock.now(),
    )
    db.session.add(refund)
    _take(payment, refund)
    db.session.flush()
    record("refund.learned", about=refund, after={"payment": payment.id, "minor": minor})
    settling.stand(payment)
    if quote and taken:
        _look(refund)
    return refund


def _bounded(payment: Payment, minor: int, used: int, by: Person) -> None:
    left = free(payment) + used
    if minor < 1 or minor > left:
        most = money.show(left, payment.currency)
        raise Refused(
            f"{money.show(minor, payment.currency)} cannot go back; {most} of this payment can."
            + ("" if used or not payment.allocated_minor else " Name the quote whose money is meant.")
        )
    limits.refund(by, payment.refunded_minor + minor, payment.currency, before=payment.refunded_minor)


def _of_quote(payment: Payment, quote: Quote | None) -> int:
    if quote is None:
        return 0
    found = settling.of(payment, quote)
    return found.amount_minor if found else 0


def _take(payment: Payment, refund: Refund) -> None:
    """Move the money from what is free, and from the quote's allocation, to what went back."""
    if refund.unallocated_minor:
        quote = db.session.get_one(Quote, refund.quote_id)
        allocation = settling.of(payment, quote)
        assert allocation is not None
        if allocation.amount_minor == refund.unallocated_minor:
            db.session.delete(allocation)
        else:
            allocation.amount_minor -= refund.unallocated_minor
        payment.allocated_minor -= refund.unallocated_minor
    payment.refunded_minor += refund.amount_minor


def _give_back(payment: Payment, refund: Refund) -> None:
    """The refund failed: its money is where it was before, or free where it would make a live quote whole by itself:
    then a person gives it, and the quote is paid as always.
    """
    payment.refunded_minor -= refund.amount_minor
    db.session.flush()
    if not refund.unallocated_minor:
        return
    quote = db.session.get_one(Quote, refund.quote_id)
    whole = allocated([quote.id]).get(quote.id, 0) + refund.unallocated_minor >= quote.total_minor
    if whole and quote.state in LIVE:
        refund.unallocated_minor = 0
        return
    allocation = settling.of(payment, quote)
    if allocation is None:
        db.session.add(
            Allocation(
                payment_id=payment.id,
                quote_id=quote.id,
                amount_minor=refund.unallocated_minor,
                at=clock.now(),
                by_id=refund.by_id,
            )
        )
    else:
        allocation.amount_minor += refund.unallocated_minor
    payment.allocated_minor += refund.unallocated_minor
    db.session.flush()


def _finish(payment: Payment, refund: Refund, *, by: Person | None, provider_ref: str) -> None:
    if refund.state == "failed":  # it had been given back: take it again, if it is still there
        used = settling.of(payment, db.session.get_one(Quote, refund.quote_id)) if refund.quote_id else None
        taken = max(refund.amount_minor - free(payment), 0)
        if taken > (used.amount_minor if used else 0):
            record("refund.beyond_payment", about=payment, after={"refund": refund.id})
            refund.fault = "The provider says that this went back after all, but the money is used otherwise."
            return
        refund.unallocated_minor = taken
        _take(payment, refund)
        settling.stand(payment)
    REFUND.fire(refund, "finish", by=by, provider_ref=provider_ref)
    db.session.flush()
    telling.refunded(payment, refund)


def _fail(payment: Payment, refund: Refund, *, by: Person | None, words: str, provider_ref: str = "") -> None:
    REFUND.fire(refund, "fail", by=by, words=words, provider_ref=provider_ref)
    _give_back(payment, refund)
    settling.stand(payment, by=by)
    _look(refund)


def _look(refund: Refund) -> None:
    owing.look(db.session.get(Order, refund.order_id) if refund.order_id else None)


def _locked(refund: Refund) -> Payment:
    payment = db.session.get_one(Payment, refund.payment_id)
    quote = db.session.get(Quote, refund.quote_id) if refund.quote_id else None
    settling.hold(payment, [quote] if quote else [], order_id=refund.order_id)
    db.session.refresh(refund, with_for_update={"key_share": True})
    return payment


def _order_of(payment: Payment) -> int | None:
    """The order that a payment is about, where it is about one: to tell its customer."""
    ids = set(
        db.session.scalars(
            select(Quote.order_id)
            .join(Allocation, Allocation.quote_id == Quote.id)
            .where(Allocation.payment_id == payment.id)
        )
    )
    if not ids and payment.quote_id is not None:
        ids = {db.session.get_one(Quote, payment.quote_id).order_id}
    return ids.pop() if len(ids) == 1 else None
