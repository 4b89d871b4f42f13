"""A payment becomes the money of quotes: by itself where all is exact, else because a person says so.

Locks are taken in one order everywhere: conversation, order, quote, payment, products; of each kind by id. So two
payments for one quote, two for the same orders, eight clicks on one payment, and a refund beside an allocation queue
up, and the sums that the tables check cannot be exceeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from checkout_desk import clock, money
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import happenings, loading, promising, quoting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_lifecycle import QUOTE, name
from checkout_desk.payments import limits, matching, telling
from checkout_desk.payments.finding import allocated, candidates, money_of
from checkout_desk.payments.lifecycle import PAYMENT, free
from checkout_desk.payments.matching import LIVE, Match
from checkout_desk.payments.models import Allocation, Payment

__all__ = ["allocate", "candidates", "confirm", "lock", "revive", "settle", "unallocate"]

OPEN = ("received", "matched", "needs_review")
DEAD = ("superseded", "withdrawn", "expired")
"""states of a quote in which money that it had been given is to be looked at again"""
_PROPOSED = ("exact", "split", "combined")
"""outcomes in which a proposal, once confirmed, leaves nothing to decide"""


def settle(payment: Payment, *, by: Person | None = None) -> Match:
    """Match an open payment; allocate it at once if the match is sure, else keep the proposal for a person.

    A payment that is used up is left as it is. Returns what the matcher said.
    """
    found = matching.match(money_of(payment), candidates(payment)) if free(payment) else Match("unknown")
    sure = db.session.get(Quote, found.proposal[0].quote_id) if found.sure else None
    hold(payment, [sure] if sure else [])
    if payment.state not in OPEN or not free(payment):
        return found
    if sure:  # somebody may have been faster while we waited for the lock
        found = _again(payment, sure)
    _keep(payment, found)
    if sure and found.sure:
        _allocate(payment, sure, found.proposal[0].minor, by=None)
    else:
        whole = sum(share.minor for share in found.proposal) == free(payment)
        stand(payment, proposed=whole and found.outcome in _PROPOSED, by=by)
    return found


def confirm(payment: Payment, *, by: Person) -> list[Allocation]:
    """A person agrees with the proposal as it stands. Raises Refused where there is none or the quotes have moved on."""
    ids = [share["quote"] for share in payment.proposal]
    quotes = {quote.id: quote for quote in db.session.scalars(select(Quote).where(Quote.id.in_(ids)))}
    hold(payment, list(quotes.values()))
    if not payment.proposal or [share["quote"] for share in payment.proposal] != ids:
        raise Refused("There is no proposal for this payment any more; look at it again.")
    if (
        len(quotes) > 1
    ):  # each would lock its own products, one after the other: two such payments could cross
        promising.lock({product for quote in quotes.values() for product in promising.wanted(quote)})
    return [
        _allocate(payment, quotes[share["quote"]], share["minor"], by=by) for share in list(payment.proposal)
    ]


def allocate(payment: Payment, quote: Quote, minor: int, *, by: Person, reason: str = "") -> Allocation:
    """A person uses `minor` of a payment for a quote; the quote that reaches its total is paid in this transaction.

    With a `reason` a shortage or an excess is accepted as far as the person's role may, also money that came after the end
    of a quote that the clock has not ended yet, and the quote is paid. Raises Refused with a sentence: not that much left, a quote that is not live, another currency, more than it wants.
    """
    hold(payment, [quote])
    ended = quote.expires_at is not None and paid_at(payment) > quote.expires_at
    if reason.strip() and quote.state in LIVE and ended:  # the clock has not come by yet: late all the same
        quoting.extend(quote, by=by)
    return _allocate(payment, quote, minor, by=by, reason=reason)


def revive(
    payment: Payment, quote: Quote, *, by: Person, reason: str, minor: int | None = None
) -> Allocation:
    """Accept a late payment: the expired quote's stock is held anew, then `minor` pays it (all that is free, at most
    what it wants, where that is not said).

    Raises Refused (`stock.Short` where the pieces are gone: then the money goes back).
    """
    hold(payment, [quote])
    if quote.state != "expired" and quote.state not in LIVE:
        raise Refused(f"Quote {name(quote)} is {quote.state}; only an expired one is taken up again.")
    wanted = quote.total_minor - allocated([quote.id]).get(quote.id, 0)
    used = min(free(payment), wanted) if minor is None else minor
    if used < wanted and not reason.strip():
        raise Refused(f"Say why quote {name(quote)} is taken up again for less than it wants.")
    quoting.extend(quote, by=by)
    return _allocate(payment, quote, used, by=by, reason=reason)


def unallocate(payment: Payment, quote: Quote, *, by: Person | None, reason: str) -> None:
    """Take the money away from a quote that is not paid. Raises Refused for one that is: that money can be refunded."""
    hold(payment, [quote])
    if quote.state == "paid":
        raise Refused(f"Quote {name(quote)} is paid with this money; refund it instead.")
    allocation = of(payment, quote)
    if allocation is None:
        raise Refused(f"Nothing of this payment belongs to quote {name(quote)}.")
    if not reason.strip():
        raise Refused(f"Say why the money is taken away from quote {name(quote)}.")
    payment.allocated_minor -= allocation.amount_minor
    payment.proposal = []
    _note(payment, "unallocated", quote, allocation.amount_minor, by=by, reason=reason.strip()[:300])
    db.session.delete(allocation)
    db.session.flush()
    stand(payment, by=by)


def lock(payment: Payment) -> None:
    """Hold the payment for this transaction and read it afresh. Orders that are needed too are locked before."""
    db.session.flush()
    db.session.refresh(payment, with_for_update={"key_share": True})


def _again(payment: Payment, quote: Quote) -> Match:
    """The match with everything locked; sure only if `quote` can be paid now."""
    found = matching.match(money_of(payment), candidates(payment))
    if not found.sure:
        return found
    order = db.session.get_one(Order, quote.order_id)
    refusal = QUOTE.refusal(quote, "pay", at=paid_at(payment))
    if quote.placed_at is None:  # what is on account may have been sent long ago
        refusal = refusal or ORDER.refusal(order, "pay")
    if found.proposal[0].quote_id != quote.id:
        refusal = f"Since a moment ago another quote than {name(quote)} fits; look at it again."
    if refusal:
        return replace(
            found, sure=False, evidence=(*found.evidence, matching.Evidence("state", refusal, False))
        )
    return found


def paid_at(payment: Payment) -> datetime:
    """When the money came; a statement's or a provider's time that lies ahead of ours does not count."""
    return min(payment.received_at, clock.now())


def hold(payment: Payment, quotes: Sequence[Quote], *, order_id: int | None = None) -> None:
    """Lock and read afresh: the conversations and orders of `quotes` (and one order more), the quotes, the payment last."""
    ids = {quote.order_id for quote in quotes} | ({order_id} if order_id is not None else set())
    orders = {each: db.session.get_one(Order, each) for each in ids}
    for order in sorted(orders.values(), key=lambda order: (order.conversation_id or 0, order.id)):
        loading.lock(order)
    for quote in sorted(quotes, key=lambda quote: quote.id):
        db.session.refresh(quote, with_for_update={"key_share": True})
    lock(payment)


def _allocate(
    payment: Payment, quote: Quote, minor: int, *, by: Person | None, reason: str = ""
) -> Allocation:
    """As `allocate`, with everything locked."""
    reason = reason.strip()[:300]
    before = allocated([quote.id]).get(quote.id, 0)
    _check(payment, quote, minor, before, by=by, reason=reason)
    allocation = _add(payment, quote, minor, by)
    _note(payment, "allocation", quote, minor, by=by, reason=reason)
    short = quote.total_minor - before - minor
    if short > 0 and reason:
        assert by is not None
        limits.shortage(by, short, quote.currency)
        record(
            "quote.shortage_accepted", about=quote, after={"minor": short, "reason": reason},
            actor=f"person:{by.id}",
        )  # fmt: skip
    if quote.state in LIVE and (short <= 0 or reason):
        quoting.paid(quote, at=paid_at(payment), by=by)
    elif short > 0:
        telling.part_received(payment, quote, minor)
    payment.proposal = [share for share in payment.proposal if share["quote"] != quote.id]
    stand(payment, by=by)
    return allocation


def _check(
    payment: Payment, quote: Quote, minor: int, before: int, *, by: Person | None, reason: str
) -> None:
    """Raises Refused where `minor` of the payment cannot pay the quote."""
    here = money.show(max(free(payment), 0), payment.currency)
    if minor < 1 or minor > free(payment):
        raise Refused(
            f"{money.show(minor, payment.currency)} cannot be used; {here} of this payment is left."
        )
    if quote.currency != payment.currency:
        raise Refused(f"Quote {name(quote)} is in {quote.currency}, this payment in {payment.currency}.")
    excess = before + minor - quote.total_minor
    if quote.state not in LIVE and not (quote.state == "paid" and reason):
        raise Refused(f"Quote {name(quote)} is {quote.state}; money can be used for one that is sent.")
    if excess > 0 and not reason:
        wanted = money.show(max(quote.total_minor - before, 0), quote.currency)
        raise Refused(f"Quote {name(quote)} wants only {wanted}; refund the rest, or say why it is kept.")
    if excess > 0:
        assert by is not None
        limits.excess(by, excess, quote.currency)


def _add(payment: Payment, quote: Quote, minor: int, by: Person | None) -> Allocation:
    allocation = of(payment, quote)
    if allocation is None:
        allocation = Allocation(
            payment_id=payment.id,
            quote_id=quote.id,
            amount_minor=minor,
            at=clock.now(),
            by_id=by.id if by else None,
        )
        db.session.add(allocation)
    else:
        allocation.amount_minor += minor
    payment.allocated_minor += minor
    db.session.flush()
    return allocation


def of(payment: Payment, quote: Quote) -> Allocation | None:
    """What of the payment pays the quote."""
    found: Allocation | None = db.session.scalars(
        select(Allocation)
        .where(Allocation.payment_id == payment.id, Allocation.quote_id == quote.id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return found


def _keep(payment: Payment, found: Match) -> None:
    payment.outcome = found.outcome
    if payment.quote_id is None and found.paid_before is not None:
        payment.quote_id = found.paid_before  # so that it is known whose money this is (`owing`)
    payment.evidence = [{"what": e.what, "says": e.says, "good": e.good} for e in found.evidence]
    payment.proposal = [{"quote": share.quote_id, "minor": share.minor} for share in found.proposal]


def stand(payment: Payment, *, proposed: bool = False, by: Person | None = None) -> None:
    """Let the state of a locked payment follow its sums after money moved."""
    if free(payment):
        step = "match" if proposed else "review"
        if payment.state == ("matched" if proposed else "needs_review"):
            return
    else:
        step = "refund" if payment.refunded_minor else "allocate"
    PAYMENT.fire(payment, step, by=by, outcome=payment.outcome)
    db.session.flush()


def _note(
    payment: Payment, what: str, quote: Quote, minor: int, *, by: Person | None, reason: str = ""
) -> None:
    after: dict[str, Any] = {"quote": quote.id, "order": quote.order_id, "minor": minor}
    record(
        f"payment.{what}",
        about=payment,
        after=after | ({"reason": reason} if reason else {}),
        actor=f"person:{by.id}" if by else None,
    )
    happenings.tell(
        db.session.get_one(Order, quote.order_id),
        "payment_used" if what == "allocation" else "payment_taken_away",
        by=by,
        quote=name(quote),
        minor=minor,
        currency=payment.currency,
        source=payment.source,
    )
