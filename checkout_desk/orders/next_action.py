"""The one next step of an order (SPEC section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkout_desk.orders.models import Order, OrderChange, OrderLine

if TYPE_CHECKING:
    from checkout_desk.orders.completeness import Gap


@dataclass(frozen=True, slots=True)
class Step:
    """What an order wants next: the words of its button, the team that owns it, and who may do it."""

    key: str
    title: str
    role: str
    label: str
    shortcut: str
    permission: str
    ours: bool = True
    """False: it is the customer's turn, and nobody of the desk has to do anything"""


def _step(key: str, title: str, label: str, shortcut: str) -> Step:
    return Step(key, title, "processing", label, shortcut, "orders.write")


CHECK = _step("check_order", "Check what was ordered", "Accept what is certain", "v")
VERIFY = _step("check_order", "Everything is there", "Verify order", "v")
LOOK = _step("check_order", "Complete the order", "Complete the order", "v")
ASK = _step("ask_details", "Ask for what is missing", "Ask for details", "q")
ASK_AGAIN = _step("ask_details", "The customer has not told everything", "Ask again", "q")
WAIT = _step("ask_details", "Waiting for the customer’s answer", "Ask again", "q")
CHECK_ANSWER = _step("check_answer", "Check the customer’s answer", "Accept what is certain", "v")
VERIFY_ANSWER = _step("check_answer", "The answer completes the order", "Verify order", "v")
CHECK_CHANGE = _step("check_answer", "The customer wants something changed", "Look at the change", "v")
CHECK_CANCEL = _step("check_answer", "The customer wants to cancel", "See what is possible", "v")
QUOTE = _step("send_quote", "Send the quote", "Send quote", "q")
REVISE = _step("revise_quote", "Send the new version of the quote", "Send new quote", "q")
PAYMENT = Step("await_payment", "Waiting for the payment", "processing", "", "", "orders.write", ours=False)
PACK = Step("pack", "Pack the parcel", "logistics", "Pack", "", "shipping.write")
SHIP = Step("ship", "Hand the parcel over", "logistics", "Ship", "", "shipping.write")
FIX_DELIVERY = Step(
    "fix_delivery", "Something is wrong on the way", "support", "Fix delivery", "d", "conversations.write"
)
AFTER_SALE = {
    "check_return": Step(
        "check_return", "Decide on a return", "support", "Look at the return", "d", "returns.write"
    ),
    "receive_return": Step(
        "receive_return", "Look at what came back", "logistics", "Receive return", "d", "returns.receive"
    ),
    "refund": Step("refund", "Settle a return", "processing", "Refund", "d", "payments.refund"),
}
"""Order.return_step -> what a return of the order waits for"""
GIVE_BACK = Step(
    "refund", "The customer’s money has to go back", "processing", "Refund", "d", "payments.refund"
)

OPEN = ("draft", "clarifying")
"""states in which an order is being put together"""
OVER = ("closed", "cancelled", "expired")
"""states that nothing follows"""


def waiting_to_be_accepted(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """Lines that say a product and a quantity and that nobody has accepted yet."""
    return [
        line
        for line in lines
        if line.removed_at is None
        and line.accepted_at is None
        and line.product_id is not None
        and line.quantity is not None
    ]


def step(
    order: Order, lines: Sequence[OrderLine], gaps: Sequence[Gap], changes: Sequence[OrderChange]
) -> Step | None:
    """Exactly one next step, or None where nothing is to be done with this order now.

    People accept what was read before a mail goes out, so that one mail asks for all that is missing.
    """
    if order.delivery_trouble and order.state not in OVER:
        return FIX_DELIVERY
    if order.return_step or order.money_owed:
        return AFTER_SALE.get(order.return_step or "", GIVE_BACK)
    if order.state in OVER:
        return None
    wanted = [one.get("what") for change in changes if change.state == "open" for one in change.changes]
    if wanted:
        return CHECK_CANCEL if "cancel" in wanted else CHECK_CHANGE
    if order.state == "verified":
        return QUOTE if order.live_quote is None else REVISE
    if order.state == "quoted":
        return PAYMENT
    if order.state in ("paid", "packing"):
        return PACK if order.state == "paid" else SHIP
    if order.state not in OPEN:
        return None
    asked = order.state == "clarifying"
    told = asked and order.remind_at is None and order.parked_at is None  # `asking.answered` clears both
    if waiting_to_be_accepted(lines):
        return CHECK_ANSWER if told else CHECK
    if not gaps:
        return VERIFY_ANSWER if told else VERIFY
    empty = order.created_by_id is not None and not asked and not _live(lines)
    if empty or not any(gap.askable for gap in gaps):
        return LOOK
    return ASK_AGAIN if told else WAIT if asked else ASK


def _live(lines: Sequence[OrderLine]) -> list[OrderLine]:
    return [line for line in lines if line.removed_at is None]
