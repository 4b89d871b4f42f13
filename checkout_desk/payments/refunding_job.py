"""The job `send_refund`: claim one refund, ask the provider, record the answer.

The claim is one conditional UPDATE with a lease, committed before the provider hears anything. Whoever finds the lease
ended knows that the provider may have been asked: the refund is to be checked, and no machine asks again.
"""

from __future__ import annotations

import importlib
import secrets
from datetime import timedelta
from typing import cast

import structlog
from sqlalchemy import and_, or_, select, update

from checkout_desk import clock, faults
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.payments import refunding
from checkout_desk.payments.answers import Answer, Doubtful, RefundErrand, RefundProvider
from checkout_desk.payments.lifecycle import REFUND
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.queue import ring

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=180)
"""longer than a provider may take to answer"""
LATE = timedelta(seconds=30)
"""after which the ring for a refund counts as lost"""
UNDER_WAY = timedelta(hours=1)
"""after which a refund that the provider has on its way is asked after"""
BATCH = 100

PROVIDERS = {
    "stripe": "checkout_desk.payments.providers.stripe",
    "paypal": "checkout_desk.payments.providers.paypal",
}


def send(refund_id: int) -> None:
    """Send one refund if it waits and is free; otherwise do nothing. Commits."""
    db.session.rollback()
    errand = _claim(refund_id)
    if errand is None:
        return
    with acting_as("desk", "send_refund"):
        answer = ask(errand)
        faults.fault("refund.before_commit")
        begin_write()
        refund = db.session.get_one(Refund, refund_id)
        refunding.answered(refund, answer)
        db.session.commit()


def ask(errand: RefundErrand) -> Answer:
    """Ask the provider, outside of any transaction. What it raises is an unknown outcome."""
    try:
        return provider(errand.source).refund(errand)
    except Exception as fault:
        log.exception("refund.fault", refund=errand.refund_id)
        return Doubtful(f"The provider's answer was lost ({type(fault).__name__}).")
    finally:
        db.session.rollback()


def look(refund: Refund) -> None:
    """Ask the provider what became of a refund that is to be checked. Commits; asks for no money."""
    errand = _errand(refund)
    db.session.rollback()
    answer = provider(errand.source).find_refund(errand)
    db.session.rollback()
    if answer is not None:
        begin_write()
        refunding.answered(db.session.get_one(Refund, errand.refund_id), answer)
        db.session.commit()


def provider(source: str) -> RefundProvider:
    """Who carries out refunds of payments from `source`. Raises KeyError for money that no provider holds."""
    return cast("RefundProvider", importlib.import_module(PROVIDERS[source]))


def _claim(refund_id: int) -> RefundErrand | None:
    """Take the refund, or None when somebody was faster. Committed before the provider hears anything."""
    begin_write()
    token = secrets.token_hex(16)
    taken = db.session.scalar(
        update(Refund)
        .where(Refund.id == refund_id, Refund.state == "requested", Refund.claim.is_(None))
        .values(claim=token, claimed_until=clock.now() + LEASE)
        .returning(Refund.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        db.session.rollback()
        return None
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    errand = _errand(refund)
    if errand.source not in PROVIDERS:  # a person's work
        db.session.rollback()
        return None
    with acting_as("desk", "send_refund"):
        REFUND.fire(refund, "send")
        db.session.commit()
    faults.fault("refund.after_claim")
    return errand


def _errand(refund: Refund) -> RefundErrand:
    payment = db.session.get_one(Payment, refund.payment_id)
    return RefundErrand(
        refund.id,
        payment.source,
        payment.source_ref,
        refund.amount_minor,
        payment.currency,
        refund.idempotency_key,
    )


def sweep() -> None:
    """Ring for refunds whose ring was lost; mark those as to be checked whose worker died after the claim."""
    now = clock.now()
    waiting = db.session.scalars(
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state == "requested", Refund.at < now - LATE, Payment.source.in_(PROVIDERS))
        .order_by(Refund.id)
        .limit(BATCH)
    ).all()
    lost = db.session.scalars(
        select(Refund.id)
        .where(Refund.state == "sent", Refund.claimed_until < now)
        .order_by(Refund.id)
        .limit(BATCH)
    ).all()
    db.session.rollback()
    for refund_id in waiting:
        ring("send_refund", refund_id)
    for refund_id in lost:
        begin_write()
        refund = db.session.get_one(Refund, refund_id)
        db.session.refresh(refund, with_for_update={"key_share": True})
        if refund.state == "sent" and refund.claimed_until is not None and refund.claimed_until < now:
            REFUND.fire(refund, "doubt", words="The provider was asked, but its answer was lost.")
            refund.claim = None
        db.session.commit()


def look_again() -> None:
    """Ask providers about their refunds that are to be checked, or on their way: what they tell for sure is applied.

    Asks for no money. Of a refund on its way the web hook tells, but a web hook may be lost for good.
    """
    under_way = and_(
        Refund.state == "sent", Refund.claimed_until.is_(None), Refund.at < clock.now() - UNDER_WAY
    )
    doubtful = db.session.scalars(
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(or_(Refund.state == "to_be_checked", under_way), Payment.source.in_(PROVIDERS))
        .order_by(Refund.id.desc())
        .limit(BATCH)
    ).all()
    ids = [refund.id for refund in doubtful]
    db.session.rollback()
    for refund_id in ids:
        try:
            look(db.session.get_one(Refund, refund_id))
        except Exception:  # the provider is away, or answers nonsense: the next round looks again
            db.session.rollback()
            log.exception("refund.fault", refund=refund_id)
