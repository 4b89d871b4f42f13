"""The returns of an order in its panel."""

from __future__ import annotations

from typing import Any

from checkout_desk.desk.frame import Frame
from checkout_desk.desk.order_loaded import Loaded
from checkout_desk.desk.returns_list import REASONS, STATES
from checkout_desk.returns import requesting

LEFT = ("packing", "shipped", "delivered", "closed")
"""states in which something of an order may have left"""


def context(loaded: Loaded, around: Frame) -> dict[str, Any] | None:
    """`order.returns` for `orders/_returns.html`; None where nothing can have left. One query, none before."""
    order = loaded.order
    if order.state not in LEFT or not around.person.may("returns.read"):
        return None
    rows = [
        {
            "name": requesting.name(back, order), "url": f"/returns/{back.id}", "state": STATES[back.state][0],
            "tone": STATES[back.state][1], "reason": REASONS[back.reason], "when": around.face.short(back.requested_at),
        }
        for back in requesting.of(order.id)
    ]  # fmt: skip
    new = around.person.may("returns.receive") and order.state != "packing"
    if not rows and not new:
        return None
    return {
        "rows": rows,
        "new_url": f"/returns/new?order={order.number}" if new else None,
        "words": ("one return" if len(rows) == 1 else f"{len(rows)} returns") if rows else "none",
    }
