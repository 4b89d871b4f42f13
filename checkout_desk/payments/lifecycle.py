"""The states of payments and refunds, and how they move between them (SPEC section 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Lifecycle, Transition
from checkout_desk.orders import happenings
from checkout_desk.orders.models import Order
from checkout_desk.payments.models import (
    LINK_STATES,
    PAYMENT_STATES,
    REFUND_STATES,
    Payment,
    PaymentLink,
    Refund,
)

_PAYMENT_TOLD = {
    "match": "matched",
    "review": "needs_review",
    "allocate": "allocated",
    "refund": "refunded",
}
_REFUND_TOLD = {"send": "sent", "finish": "done", "fail": "failed", "doubt": "to_be_checked"}
_FACTS = ("outcome", "quote", "minor", "reason", "refund")


def _actor(facts: Mapping[str, Any]) -> str | None:
    by = facts.get("by")
    return f"person:{by.id}" if by else None


@contextmanager
def _watch_payment(
    payment: Payment, name: str, old: str, new: str, facts: Mapping[str, Any]
) -> Iterator[None]:
    yield
    record(
        f"payment.{_PAYMENT_TOLD[name]}",
        about=payment,
        before={"state": old},
        after={"state": new, **{key: facts[key] for key in _FACTS if key in facts}},
        actor=_actor(facts),
    )


@contextmanager
def _watch_refund(refund: Refund, name: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    yield
    record(
        f"refund.{_REFUND_TOLD[name]}",
        about=refund,
        before={"state": old},
        after={"state": new, "payment": refund.payment_id, "minor": refund.amount_minor}
        | ({"fault": refund.fault} if refund.fault else {}),
        actor=_actor(facts),
    )
    if name in ("finish", "fail") and refund.order_id is not None:
        happenings.tell(
            db.session.get_one(Order, refund.order_id),
            f"refund_{_REFUND_TOLD[name]}",
            by=facts.get("by"),
            minor=refund.amount_minor,
            currency=db.session.get_one(Payment, refund.payment_id).currency,
            reason=refund.reason,
        )


def free(payment: Payment) -> int:
    """Minor units that pay for nothing yet and did not go back, in money or in other goods."""
    return payment.amount_minor - payment.allocated_minor - payment.refunded_minor - payment.credited_minor


def _spent(payment: Payment, facts: Mapping[str, Any]) -> str | None:
    return None if free(payment) == 0 else "Part of this payment still belongs to nothing."


def _allocated(payment: Payment, facts: Mapping[str, Any]) -> str | None:
    return _spent(payment, facts) or (
        None if payment.allocated_minor or payment.credited_minor else "Nothing of this payment is used."
    )


def _gone_back(payment: Payment, facts: Mapping[str, Any]) -> str | None:
    return _spent(payment, facts) or (
        None if payment.refunded_minor else "Nothing of this payment went back."
    )


def _loose(payment: Payment, facts: Mapping[str, Any]) -> str | None:
    return None if free(payment) else "This payment is used up; there is nothing left to decide."


def _step(name: str, sources: frozenset[str], target: str, label: str, **more: Any) -> Transition:
    return Transition(name, sources, target, label, more.pop("permission", "payments.write"), **more)


_ANY = frozenset(PAYMENT_STATES)
_OPEN = frozenset({"received", "matched", "needs_review"})

PAYMENT = Lifecycle(
    "payment",
    PAYMENT_STATES,
    {
        step.name: step
        for step in (
            _step("match", _OPEN, "matched", "Propose", guard=_loose, permission=""),
            _step("review", _ANY, "needs_review", "Review", guard=_loose, permission=""),
            _step("allocate", _ANY, "allocated", "Confirm", guard=_allocated),
            _step("refund", _ANY, "refunded", "Refund", guard=_gone_back, permission="payments.refund"),
        )
    },
    _watch_payment,
)


def _keeps(
    link: PaymentLink, name: str, old: str, new: str, facts: Mapping[str, Any]
) -> AbstractContextManager[None]:
    return (
        nullcontext()
    )  # what became of a page is told by the payment, or by `payment_link.…` where it is asked for


LINK = Lifecycle(
    "page to pay on",
    LINK_STATES,
    {
        step.name: step
        for step in (
            _step("open", frozenset({"asked"}), "open", "Open the page", permission=""),
            _step("pay", frozenset(LINK_STATES), "paid", "Pay on the page", permission=""),
            _step("close", frozenset({"asked", "open"}), "closed", "Close the page", permission=""),
        )
    },
    _keeps,
)


def _sent(refund: Refund, facts: Mapping[str, Any]) -> None:
    refund.fault = None


def _done(refund: Refund, facts: Mapping[str, Any]) -> None:
    refund.done_at, refund.fault = clock.now(), None
    refund.claim = refund.claimed_until = None
    refund.provider_ref = str(facts.get("provider_ref") or refund.provider_ref or "")[:120] or None


def _broken(refund: Refund, facts: Mapping[str, Any]) -> None:
    refund.fault = str(facts["words"])[:300]
    refund.done_at = refund.claimed_until = None
    refund.provider_ref = str(facts.get("provider_ref") or refund.provider_ref or "")[:120] or None


def _refund_step(name: str, sources: frozenset[str], target: str, label: str, **more: Any) -> Transition:
    return _step(name, sources, target, label, permission="payments.refund", **more)


REFUND = Lifecycle(
    "refund",
    REFUND_STATES,
    {
        step.name: step
        for step in (
            _refund_step("send", frozenset({"requested"}), "sent", "Send the refund", effect=_sent),
            _refund_step(
                "finish",
                frozenset({"requested", "sent", "to_be_checked", "failed"}),
                "done",
                "The money went back",
                effect=_done,
                refusal="This refund is done already.",
            ),
            _refund_step(
                "fail",
                frozenset({"requested", "sent", "to_be_checked", "done"}),
                "failed",
                "The money did not go back",
                effect=_broken,
                refusal="This refund has failed already.",
            ),
            _refund_step("doubt", frozenset({"sent", "failed"}), "to_be_checked", "Check", effect=_broken),
        )
    },
    _watch_refund,
)
