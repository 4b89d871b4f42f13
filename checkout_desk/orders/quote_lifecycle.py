"""The states of a quote and how it moves between them (SPEC section 4), with what each does to the stock.

The order of a quote is locked by whoever fires here (`loading.lock`), so payment, expiry and a new version queue up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Lifecycle, Transition
from checkout_desk.orders import happenings, promising
from checkout_desk.orders.models import QUOTE_STATES, Order, Quote

LIVE = ("sent", "accepted")
"""states in which a quote may be accepted and paid, and holds stock"""
_TOLD = ("reason", "expires_at", "instead_of", "message")


@contextmanager
def _watch(quote: Quote, step: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    yield
    order = db.session.get_one(Order, quote.order_id)
    db.session.flush()
    order.live_quote = db.session.scalar(
        select(Quote.number).where(Quote.order_id == quote.order_id, Quote.state.in_(LIVE))
    )
    by, customer = facts.get("by"), facts.get("customer")
    record(
        f"quote.{_PAST[step]}",
        about=quote,
        before={"state": old},
        after={
            "state": new,
            "order": quote.order_id,
            "number": quote.number,
            "total": quote.total_minor,
            **{key: _json(facts[key]) for key in _TOLD if facts.get(key) is not None},
        },
        actor=f"person:{by.id}" if by else "customer" if customer else None,
    )
    if step in _IN_THREAD and not (step == "pay" and quote.total_minor):  # the money tells that itself
        tell(quote, _PAST[step], by=by, customer=bool(customer), reason=facts.get("reason"))


def tell(quote: Quote, what: str, *, by: Any, customer: bool = False, reason: str | None = None) -> None:
    """A grey line in the thread: what became of the quote."""
    happenings.tell(
        db.session.get_one(Order, quote.order_id),
        f"quote_{what}",
        by=by,
        customer=customer,
        quote=name(quote),
        minor=quote.total_minor,
        currency=quote.currency,
        until=quote.expires_at.isoformat() if quote.expires_at else None,
        **({"reason": reason} if reason else {}),
    )


def _json(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, datetime)
        else value.number
        if isinstance(value, Quote)
        else value
    )


def _send(quote: Quote, facts: Mapping[str, Any]) -> None:
    promising.hold(quote, instead_of=facts.get("instead_of"))
    quote.sent_at, quote.expires_at = facts["at"], facts["expires_at"]


def _accept_guard(quote: Quote, facts: Mapping[str, Any]) -> str | None:
    return _late(quote, facts, "accepted")


def _pay_guard(quote: Quote, facts: Mapping[str, Any]) -> str | None:
    return _late(quote, facts, "paid")


def _late(quote: Quote, facts: Mapping[str, Any], what: str) -> str | None:
    if quote.expires_at is not None and facts["at"] > quote.expires_at:
        return f"Quote {name(quote)} ended before it was {what}; extend it or send a new version."
    return None


def _accept(quote: Quote, facts: Mapping[str, Any]) -> None:
    quote.accepted_at = facts["at"]


def _pay(quote: Quote, facts: Mapping[str, Any]) -> None:
    promising.commit(quote)
    quote.paid_at = facts["at"]


def _place_guard(quote: Quote, facts: Mapping[str, Any]) -> str | None:
    if quote.placed_at is not None:
        return f"Quote {name(quote)} is placed on account already."
    if not quote.total_minor:
        return f"Quote {name(quote)} costs nothing, so nothing can stay open."
    if facts.get("reason"):  # a manager answers for it
        return _late(quote, facts, "placed")
    if not any(method["kind"] == "account" for method in quote.content["methods"]):
        return f"Quote {name(quote)} does not offer to pay on account; send a version that does."
    if not facts["trusted"]:
        return "This customer is not trusted with ordering on account; a manager decides that on the customer’s page."
    return _late(quote, facts, "placed")


def _place(quote: Quote, facts: Mapping[str, Any]) -> None:
    promising.commit(quote)
    quote.placed_at, quote.expires_at = facts["at"], None


def _withdraw_guard(quote: Quote, facts: Mapping[str, Any]) -> str | None:
    if quote.placed_at is not None and not facts.get("cancelled"):
        return f"Quote {name(quote)} is placed on account; cancel the order instead."
    return None


def _end(quote: Quote, facts: Mapping[str, Any]) -> None:
    promising.release(quote)
    if quote.placed_at is not None:
        promising.uncommit(quote)
    quote.ended_at = clock.now()


def _expire_guard(quote: Quote, facts: Mapping[str, Any]) -> str | None:
    if quote.expires_at is None or facts["at"] < quote.expires_at:
        return f"Quote {name(quote)} has not ended yet."
    return None


def _again(quote: Quote, facts: Mapping[str, Any]) -> None:
    promising.hold(quote, instead_of=facts.get("instead_of"))
    quote.ended_at = None
    quote.expires_at = facts.get("expires_at", quote.expires_at)


def name(quote: Quote) -> str:
    """How people name a version: '1042-Q2'."""
    return str(quote.content["quote"])


def _step(name: str, sources: tuple[str, ...], target: str | None, label: str, **more: Any) -> Transition:
    return Transition(name, frozenset(sources), target, label, more.pop("permission", "orders.write"), **more)


QUOTE = Lifecycle(
    "quote",
    QUOTE_STATES,
    {
        step.name: step
        for step in (
            _step("send", ("draft",), "sent", "Send quote", effect=_send,
                  refusal="This quote was sent already; a change makes the next version."),
            _step("accept", ("sent",), "accepted", "Accept", permission="", guard=_accept_guard, effect=_accept,
                  refusal="This quote cannot be accepted any more."),
            _step("pay", LIVE, "paid", "Pay", permission="payments.write", guard=_pay_guard, effect=_pay,
                  refusal="This quote cannot be paid any more: it ended, was replaced, or is paid."),
            _step("place", LIVE, "accepted", "Place on account", permission="payments.write", guard=_place_guard,
                  effect=_place, refusal="Only a quote that is live can be placed on account."),
            _step("expire", LIVE, "expired", "Expire", permission="", guard=_expire_guard, effect=_end),
            _step("extend", ("expired",), "sent", "Extend", effect=_again,
                  refusal="Only a quote that is live or expired can be extended."),
            _step("supersede", LIVE, "superseded", "Replace", effect=_end),
            _step("withdraw", LIVE, "withdrawn", "Withdraw", guard=_withdraw_guard, effect=_end,
                  refusal="Only a quote that is live can be withdrawn."),
            _step("restore", ("superseded",), None, "Undo", effect=_again),
        )
    },
    _watch,
)  # fmt: skip
_PAST = {
    "send": "sent",
    "accept": "accepted",
    "pay": "paid",
    "place": "placed",
    "expire": "expired",
    "extend": "extended",
    "supersede": "superseded",
    "withdraw": "withdrawn",
    "restore": "restored",
}
"""transition -> what its event is called"""
_IN_THREAD = frozenset(_PAST) - {"supersede", "restore"}
"""what the thread tells; the next version's own line tells that one was replaced"""
