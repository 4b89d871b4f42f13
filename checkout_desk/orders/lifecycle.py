"""The states of an order and how it moves between them (SPEC section 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Lifecycle, Refused, Transition
from checkout_desk.orders import (
    completeness,
    happenings,
    leaving,
    loading,
    milestones,
    promising,
    quote_content,
)
from checkout_desk.orders.models import STATES, Order, Quote
from checkout_desk.orders.next_action import OPEN
from checkout_desk.orders.quote_lifecycle import LIVE, QUOTE
from checkout_desk.settings.models import store

BEFORE_SHIPPED = frozenset({"draft", "clarifying", "verified", "quoted", "paid", "packing"})
_TOLD = {
    "ask": "asked",
    "verify": "verified",
    "amend": "amended",
    "cancel": "cancelled",
    "quote": "quoted",
    "unquote": "unquoted",
    "requote": "requoted",
    "pay": "paid",
    "place": "placed",
    "expire": "expired",
    "pack": "packing",
    "unpack": "unpacked",
    "ship": "shipped",
    "deliver": "delivered",
    "undo": "undone",
}
"""transition -> what its event is called"""


@contextmanager
def _watch(order: Order, name: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    happenings.note(
        order,
        _TOLD[name],
        by=facts.get("by"),
        before={"state": old},
        state=new,
        **{key: facts[key] for key in ("reason", "gaps", "message", "fields", "quote") if key in facts},
    )
    yield
    loading.touch(order)
    completeness.reckon(order)


def _ask_guard(order: Order, facts: Mapping[str, Any]) -> str | None:
    return (
        None if facts.get("gaps") else f"Nothing is missing in order {order.number}; there is nothing to ask."
    )


def _verify_guard(order: Order, facts: Mapping[str, Any]) -> str | None:
    lines = loading.lines(order)
    missing = completeness.gaps(order, lines, ask_phone=store().ask_phone)
    if missing:
        return (
            f"Order {order.number} cannot be verified yet; still missing: {', '.join(map(_named, missing))}."
        )
    loose = sum(1 for line in lines if line.removed_at is None and line.accepted_at is None)
    if loose:
        what = "One line is" if loose == 1 else f"{loose} lines are"
        return f"{what} not accepted yet; accept or correct what was read before order {order.number} is verified."
    if loading.changes(order):
        return f"The customer wants order {order.number} changed; accept or decline that first."
    return None


def _named(gap: completeness.Gap) -> str:
    word = completeness.WORDS[gap.name].lower()
    return f"{word} (“{gap.words[:60]}”)" if gap.line_id is not None else word


def _verify(order: Order, facts: Mapping[str, Any]) -> None:
    by = facts.get("by")
    order.verified_at, order.verified_by_id = clock.now(), by.id if by else None
    order.remind_at = order.parked_at = None


def _amend(order: Order, facts: Mapping[str, Any]) -> None:
    order.verified_at = order.verified_by_id = None


def _cancel_guard(order: Order, facts: Mapping[str, Any]) -> str | None:
    if not str(facts.get("reason") or "").strip():
        return f"Say why order {order.number} is cancelled; whoever looks at it later reads this first."
    return next((why for one in leaving.parcels if (why := one.refusal(order))), None)


def cancels_for_good(order: Order) -> bool:
    """Whether cancelling the order now is told to its customer, who has a quote of it, and cannot be undone."""
    return _quote(order, (*LIVE, "paid")) is not None


def _cancel(order: Order, facts: Mapping[str, Any]) -> None:
    order.cancelled_at, order.cancel_reason = clock.now(), str(facts["reason"]).strip()[:500]
    order.remind_at = None
    for one in leaving.parcels:
        one.end(order, by=facts.get("by"))
    quote = _quote(order, (*LIVE, "paid"))
    if quote is None:
        return
    if quote.state == "paid":  # the money is for payments to give back or to keep as owed
        promising.uncommit(quote)
    else:
        QUOTE.fire(quote, "withdraw", by=facts.get("by"), reason="The order is cancelled", cancelled=True)
    if facts.get("answered"):
        milestones.told(order, "cancelled", message_id=None)
    else:
        milestones.post(order, "cancelled")


def _pay(order: Order, facts: Mapping[str, Any]) -> None:
    quote = _quote(order, (*LIVE, "paid"))
    if quote is not None:
        order.ship_by = leaving.cut_off(quote.content, clock.now())


def _quote(order: Order, states: Collection[str]) -> Quote | None:
    """The version in one of these states; of a live or paid one there is never a second."""
    query = select(Quote).where(Quote.order_id == order.id, Quote.state.in_(states))
    found: Quote | None = db.session.scalars(query).one_or_none()
    return found


def _quote_guard(order: Order, facts: Mapping[str, Any]) -> str | None:
    if loading.changes(order):
        return f"The customer wants order {order.number} changed; accept or decline that before it is quoted."
    return None


def _requote_guard(order: Order, facts: Mapping[str, Any]) -> str | None:
    if order.state != "expired" and order.live_quote is None:
        return f"Order {order.number} has no quote that the customer could pay; send a new one."
    return None


def _requote(order: Order, facts: Mapping[str, Any]) -> None:
    by = facts.get("by")
    if order.verified_at is None:
        order.verified_at, order.verified_by_id = clock.now(), by.id if by else None


def _undo_guard(order: Order, facts: Mapping[str, Any]) -> str | None:
    """What a quote has moved is not moved back by undo: the customer has been told."""
    if order.state == "cancelled" and milestones.posted(order, "cancelled"):
        return f"The customer was told that order {order.number} is cancelled, and its stock is free; make a new order instead."
    moved = ("paid", "packing", "shipped", "delivered", "expired")
    if order.state in ("quoted", *moved) or facts["to"] in moved:
        return f"Order {order.number} has moved on to its quote; change the order instead."
    if facts["to"] == "quoted":
        quote = _quote(order, LIVE)
        if quote is None or not quote_content.sells(order, quote):
            return f"Order {order.number} is not what its quote says any more; send a new version."
    return None


def _step(name: str, sources: frozenset[str], target: str | None, label: str, **more: Any) -> Transition:
    return Transition(name, sources, target, label, more.pop("permission", "orders.write"), **more)


ORDER = Lifecycle(
    "order",
    STATES,
    {
        step.name: step
        for step in (
            _step(
                "ask",
                frozenset(OPEN),
                "clarifying",
                "Ask for details",
                guard=_ask_guard,
                refusal="Details are asked for while an order is being put together; this one is past that.",
            ),
            _step(
                "verify",
                frozenset(OPEN),
                "verified",
                "Verify order",
                guard=_verify_guard,
                effect=_verify,
                refusal="This order is not being put together any more, so there is nothing to verify.",
            ),
            _step(
                "amend",
                frozenset({"verified", "quoted", "expired"}),
                "draft",
                "Change the order",
                effect=_amend,
            ),
            _step(
                "quote",
                frozenset({"verified"}),
                "quoted",
                "Send quote",
                guard=_quote_guard,
                refusal="A quote is sent when everything in the order is verified.",
            ),
            _step("unquote", frozenset({"quoted"}), "verified", "Take the quote back"),
            _step(
                "requote",
                frozenset({*OPEN, "verified", "expired"}),
                "quoted",
                "Let the quote count",
                guard=_requote_guard,
                effect=_requote,
            ),
            _step(
                "pay",
                frozenset({"quoted"}),
                "paid",
                "Payment verified",
                permission="payments.write",
                effect=_pay,
                refusal="An order is paid while its quote is out; this one has none now.",
            ),
            _step(
                "place",
                frozenset({"quoted"}),
                "paid",
                "Place on account",
                permission="payments.write",
                effect=_pay,
                refusal="An order is placed on account while its quote is out; this one has none now.",
            ),
            _step("expire", frozenset({"quoted"}), "expired", "Expire"),
            _step(
                "pack",
                frozenset({"paid"}),
                "packing",
                "Pack",
                permission="shipping.write",
                refusal="Only a paid order is packed; this one is not paid, or has left already.",
            ),
            _step("unpack", frozenset({"packing"}), "paid", "Stop packing", permission="shipping.write"),
            _step(
                "ship",
                frozenset({"packing"}),
                "shipped",
                "Ship",
                permission="shipping.write",
                refusal="An order is shipped when all that was packed for it has left.",
            ),
            _step("deliver", frozenset({"shipped"}), "delivered", "Deliver", permission="shipping.write"),
            _step(
                "cancel",
                BEFORE_SHIPPED,
                "cancelled",
                "Cancel order",
                guard=_cancel_guard,
                effect=_cancel,
                refusal="An order can be cancelled until it is shipped; this one cannot any more.",
            ),
            _step("undo", frozenset(STATES), None, "Undo", guard=_undo_guard),
        )
    },
    _watch,
)


def open_for_change(order: Order, *, by: Any = None, customer: bool = False) -> None:
    """Make sure that lines and details may change: a verified order becomes a draft again. Raises Refused.

    People may change a quoted order too: its quote stays live until the new version is sent. Customers may only ask.
    """
    if order.state == "verified" or (order.state in ("quoted", "expired") and not customer):
        ORDER.fire(order, "amend", by=by)
    elif order.state not in OPEN:
        raise Refused(f"Order {order.number} is {order.state}; its lines and details stay as they are.")
