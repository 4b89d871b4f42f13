"""What a provider's event means, found out after it was kept: the job `understand_event`, and what it applies.

Events come late, twice and in any order, so everything here is told to functions that take the same thing once. What
speaks of a payment that is not here yet stays open and is tried again when money comes, and by the clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select

from checkout_desk import clock, faults
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Quote
from checkout_desk.orders.quoting import LIVE
from checkout_desk.payments import refunding, settling, taking
from checkout_desk.payments.hook import PROVIDERS
from checkout_desk.payments.lifecycle import LINK
from checkout_desk.payments.models import Payment, PaymentLink, ProviderEvent
from checkout_desk.payments.providers.model import (
    Access,
    Approved,
    Closed,
    Disputed,
    Money,
    MoneyBack,
    ProviderFault,
    RefundsOf,
    Said,
    access,
)
from checkout_desk.queue import later
from checkout_desk.settings.models import PaymentMethod

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=15)
MOST_ATTEMPTS = 12
"""after so many tries, over about a day, an event is left for a person to see"""
AT_ONCE = 100


class NotYet(Exception):
    """The event speaks of a payment that is not here: its own event may still come."""


def understand(event_id: int) -> None:
    """Find out what an event means and apply it. Commits; may run twice or late."""
    found = _load(event_id)
    if found is None:
        return
    provider, digest, reached = found
    with acting_as("desk", f"hook: {provider}"):
        try:
            said = asked(provider, reached, PROVIDERS[provider].understand(json.loads(blobs().get(digest))))
            faults.fault("understand_event.before_write")
            begin_write()
            fresh = apply(provider, said, event_id=event_id)
            event = db.session.get_one(ProviderEvent, event_id)
            event.understood_at, event.fault = clock.now(), None
            if fresh:
                _try_others(provider, event_id)
            faults.fault("understand_event.before_commit")
            db.session.commit()
        except (NotYet, ProviderFault, Refused) as fault:
            _note(event_id, str(fault))
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            log.exception("understand_event.fault", provider_event=event_id)
            _note(event_id, f"The event cannot be understood ({type(fault).__name__}).")


def _load(event_id: int) -> tuple[str, str, Access | None] | None:
    event = db.session.get(ProviderEvent, event_id)
    if event is None or event.understood_at is not None:
        db.session.rollback()
        return None
    method = db.session.get(PaymentMethod, event.method_id) if event.method_id else None
    provider, digest = event.provider, event.raw_sha256
    try:
        reached = access(method) if method else None
    except ProviderFault:
        reached = None
    db.session.rollback()
    return provider, digest, reached


def asked(provider: str, reached: Access | None, said: Iterable[Said]) -> list[Said]:
    """What was said, with the provider asked where it has to be: refunds listed, approved orders captured.

    Outside of a transaction. Raises ProviderFault.
    """
    whole: list[Said] = []
    for one in said:
        if isinstance(one, RefundsOf) and reached:
            whole += PROVIDERS[provider].refunds_of(reached, one.payment_ref)
        elif isinstance(one, Approved) and reached:
            if wanted(provider, one.link_ref):
                whole += PROVIDERS[provider].capture(reached, one.link_ref)
        else:
            whole.append(one)
    return whole


def wanted(provider: str, link_ref: str) -> bool:
    """Whether the quote of a page is still to be paid: else an approved order is not captured. Reads alone."""
    row = db.session.execute(
        select(Quote.state, Quote.expires_at)
        .join(PaymentLink, PaymentLink.quote_id == Quote.id)
        .where(PaymentLink.provider == provider, PaymentLink.ref == link_ref)
    ).one_or_none()
    db.session.rollback()
    return bool(row and row.state in LIVE and (row.expires_at is None or row.expires_at > clock.now()))


def apply(provider: str, said: Sequence[Said], *, event_id: int | None = None) -> bool:
    """Apply what was said, in a writing transaction. Returns whether money came that was not here. Raises NotYet."""
    fresh = False
    for one in said:
        match one:
            case Money():
                fresh |= _money(provider, one, event_id)
            case MoneyBack():
                refund = refunding.told(
                    provider,
                    payment_ref=one.payment_ref,
                    refund_ref=one.refund_ref,
                    key=one.key,
                    minor=one.amount_minor,
                    answer=one.answer,
                )
                if refund is None and not _has(provider, one.payment_ref):
                    raise NotYet("The payment that this refund belongs to is not known.")
            case Closed(link_ref):
                link = _by_ref(provider, link_ref)
                if link is not None and link.state in ("asked", "open"):
                    LINK.fire(link, "close")
            case Disputed():
                _disputed(provider, one)
            case RefundsOf() | Approved():
                raise ProviderFault("The provider cannot be asked: the method's keys are missing.")
    return fresh


def _money(provider: str, said: Money, event_id: int | None) -> bool:
    link = _by_ref(provider, said.link_ref) if said.link_ref else None
    if link is None and said.link_id is not None:
        link = db.session.get(PaymentLink, said.link_id)
        if link is not None and link.provider != provider:
            link = None
    if link is None:
        return False  # paid to the same account, but not through a page of ours
    payment, new = taking.take(
        provider,
        said.ref,
        amount_minor=said.amount_minor,
        currency=said.currency,
        received_at=min(said.received_at, clock.now()),
        payer_name=said.payer_name,
        payer_account=said.payer_account,
        text=said.text,
        origin=taking.Origin(event_id=event_id, quote_id=link.quote_id),
    )
    LINK.fire(link, "pay")
    if payment.state == "received":
        settling.settle(payment)
    return new


def _disputed(provider: str, said: Disputed) -> None:
    payment = _payment(provider, said.payment_ref)
    if payment is None:
        raise NotYet("The payment that is disputed is not known.")
    record(
        "payment.disputed",
        about=payment,
        after={"minor": said.amount_minor, "state": said.state, "why": said.why[:120]},
    )
    words = f"Disputed by the payer: {said.state}"
    if words not in payment.note:
        payment.note = f"{payment.note} {words}".strip()[:500]


def _try_others(provider: str, event_id: int) -> None:
    """Money came: what spoke of it too early is understood now."""
    waiting = select(ProviderEvent.id).where(
        ProviderEvent.provider == provider,
        ProviderEvent.understood_at.is_(None),
        ProviderEvent.attempts > 0,
        ProviderEvent.id != event_id,
    )
    for other in db.session.scalars(waiting.limit(AT_ONCE)):
        later("understand_event", other)


def _note(event_id: int, why: str) -> None:
    db.session.rollback()
    begin_write()
    event = db.session.get_one(ProviderEvent, event_id)
    event.attempts += 1
    event.fault = why[:300]
    db.session.commit()


def _payment(provider: str, ref: str) -> Payment | None:
    found: Payment | None = db.session.scalars(
        select(Payment).where(Payment.source == provider, Payment.source_ref == ref)
    ).one_or_none()
    return found


def _has(provider: str, ref: str) -> bool:
    return _payment(provider, ref) is not None


def _by_ref(provider: str, ref: str) -> PaymentLink | None:
    found: PaymentLink | None = db.session.scalars(
        select(PaymentLink).where(PaymentLink.provider == provider, PaymentLink.ref == ref)
    ).one_or_none()
    return found


def sweep(ring: Callable[..., None] = later) -> int:
    """Ring for events that nobody understood yet, later and later each time. Returns how many; commits."""
    now = clock.now()
    rows = db.session.execute(
        select(ProviderEvent.id, ProviderEvent.received_at, ProviderEvent.attempts)
        .where(ProviderEvent.understood_at.is_(None), ProviderEvent.attempts < MOST_ATTEMPTS)
        .order_by(ProviderEvent.id)
        .limit(1000)
    ).all()
    due = [row.id for row in rows if row.received_at + PATIENCE * 2**row.attempts <= now][:AT_ONCE]
    for event_id in due:
        ring("understand_event", event_id)
    db.session.commit()
    return len(due)
