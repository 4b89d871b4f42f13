"""The one next step of an open conversation, and the queue view that it stands in (SPEC section 4).

A pure function of four facts. `counting.counted` keeps both columns in line with it, so that whoever changes one of the
facts inside `counted` need not think of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

ANSWER, CLOSE = "answer", "close"
CHECK_ORDER, ASK_DETAILS, CHECK_ANSWER, SEND_QUOTE, REVISE_QUOTE, PACK, SHIP, FIX_DELIVERY = (
    "check_order",
    "ask_details",
    "check_answer",
    "send_quote",
    "revise_quote",
    "pack",
    "ship",
    "fix_delivery",
)
CHECK_RETURN, RECEIVE_RETURN, REFUND = "check_return", "receive_return", "refund"

VIEW = {
    ANSWER: "answer",
    CLOSE: "answer",
    CHECK_ORDER: "new-orders",
    ASK_DETAILS: "details",
    CHECK_ANSWER: "details",
    SEND_QUOTE: "quote",
    REVISE_QUOTE: "quote",
    FIX_DELIVERY: "delivery",
    CHECK_RETURN: "returns",
    RECEIVE_RETURN: "returns",
    REFUND: "returns",
}
"""step -> queue view. What owes nobody anything stands behind the answers: a person who works through that view
closes it. A step without a view of its own is seen in *All open*."""

_LOGISTICS = (PACK, SHIP, RECEIVE_RETURN)
_SUPPORT = (ANSWER, FIX_DELIVERY, CHECK_RETURN)


def role_of(step: str) -> str | None:
    """The role whose people do `step`; None where it is nobody's work."""
    if step in ("", CLOSE):
        return None
    return "logistics" if step in _LOGISTICS else "support" if step in _SUPPORT else "processing"


class Facts(Protocol):
    """What of a Conversation or Sketch decides."""

    state: str
    promise_due_at: datetime | None
    asks: bool
    order_step: str | None


def of(state: str, *, owed: bool, asks: bool, order_step: str | None) -> str:
    """The next step: '' unless `state` is open.

    `owed`: a promise is open. `asks`: the customer's newest message wants words, not only its order done. A question
    goes first, then the order, then the answer that is owed all the same.
    """
    if state != "open":
        return ""
    if asks and owed:
        return ANSWER
    return order_step or (ANSWER if owed else CLOSE)


def of_facts(c: Facts) -> str:
    """`of` for a Conversation or Sketch."""
    return of(c.state, owed=c.promise_due_at is not None, asks=c.asks, order_step=c.order_step)


def view_of(step: str) -> str:
    """The view of `step`; '' for none."""
    return VIEW.get(step, "")
