"""What a row says of its order and of the next step: the docket chip, the gaps, the icon. From kept columns alone."""

from __future__ import annotations

from typing import Any

from checkout_desk import money
from checkout_desk.conversations import next_action

TITLES = {
    "draft": "Draft",
    "clarifying": "Asked",
    "verified": "Verified",
    "quoted": "Quoted",
    "paid": "Paid",
    "packing": "Packing",
    "shipped": "Shipped",
    "delivered": "Delivered",
    "closed": "Closed",
    "cancelled": "Cancelled",
    "expired": "Expired",
}
TONES = {
    "clarifying": "theirs",
    "verified": "good",
    "quoted": "theirs",
    "paid": "good",
    "packing": "good",
    "shipped": "good",
    "delivered": "good",
    "expired": "soon",
}
"""tone of the state's part; neutral where nothing is won or waited for"""
STEPS = {
    next_action.ANSWER: ("Answer", "reply"),
    next_action.CLOSE: ("Close", "circle-check"),
    next_action.CHECK_ORDER: ("Check order", "clipboard-check"),
    next_action.ASK_DETAILS: ("Ask details", "circle-help"),
    next_action.CHECK_ANSWER: ("Check answer", "clipboard-check"),
    next_action.SEND_QUOTE: ("Send quote", "receipt"),
    next_action.REVISE_QUOTE: ("Send new quote", "receipt"),
    next_action.PACK: ("Pack", "package"),
    next_action.SHIP: ("Ship", "truck"),
    next_action.FIX_DELIVERY: ("Fix delivery", "triangle-alert"),
    next_action.CHECK_RETURN: ("Decide on return", "rotate-ccw"),
    next_action.RECEIVE_RETURN: ("Receive return", "rotate-ccw"),
    next_action.REFUND: ("Refund", "banknote"),
}
"""next step -> its name and its icon"""
STATES = {
    "waiting": ("Waiting", "hourglass"),
    "snoozed": ("Snoozed", "alarm-clock"),
    "closed": ("Closed", "circle-check"),
    "spam": ("Spam", "ban"),
}
OVER = ("cancelled", "expired", "closed")
"""orders whose gaps nobody will fill"""


def docket(
    number: int | None, state: str | None, total_minor: int | None, currency: str | None
) -> dict[str, Any] | None:
    """The chip of an order: number, state, tone, total (None while nothing has a price); None without an order."""
    if number is None or state is None:
        return None
    total = money.show(total_minor, currency) if total_minor and currency else None
    return {"number": number, "state": TITLES.get(state, state), "tone": TONES.get(state, ""), "total": total}


def step(name: str) -> tuple[str, str]:
    """How a next step is called, and its icon."""
    return STEPS.get(name) or (name.replace("_", " ").capitalize(), "circle-dot")


def gaps(n: int, state: str | None) -> str:
    """`2 gaps`, or nothing."""
    return f"{n} {'gap' if n == 1 else 'gaps'}" if n and state not in OVER else ""


def facts(row: Any, *, refunds: bool = True, total: bool = True) -> dict[str, Any]:
    """`docket`, `gaps`, `next_icon` and `next_name` of one row of the queue; `refunds`: whether its reader may send money,
    `total`: sees what things cost."""
    if row.exception:
        name, icon = "Exception", "triangle-alert"
    else:
        name, icon = step(row.next_action) if row.state == "open" else STATES[row.state]
        if not refunds and row.state == "open" and row.next_action == next_action.REFUND:
            name = "Refund, by somebody else"
    return {
        "docket": docket(
            row.order_number, row.order_state, row.order_total_minor if total else None, row.order_currency
        ),
        "gaps": gaps(row.order_gaps, row.order_state),
        "next_icon": icon,
        "next_name": name,
    }
