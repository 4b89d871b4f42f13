"""What is still missing before an order can be verified, and the columns that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, not_, or_, select

from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.orders import loading
from checkout_desk.orders.models import SHIP_FIELDS, Order, OrderLine, Quote
from checkout_desk.orders.next_action import OPEN, OVER, Step, step
from checkout_desk.reading.gaps import needed
from checkout_desk.settings.models import store

WORDS = {
    "lines": "What to order",
    "product": "Which product",
    "quantity": "How many",
    "ship_to": "Where the parcel goes",
    "ship_to.name": "Name on the parcel",
    "ship_to.line1": "Street and number",
    "ship_to.city": "Town",
    "ship_to.region": "Region",
    "ship_to.postcode": "Postcode",
    "ship_to.country": "Country",
    "phone": "Phone number",
}
"""gap -> how people of the desk call it"""


@dataclass(frozen=True, slots=True)
class Gap:
    """One detail that is missing or unclear. `name` is a word of SPEC section 10.

    `words` are the customer's own where the gap is about a line, else what the detail is called. A gap that is not
    `askable` is the store's to mend; `words` says how.
    """

    name: str
    line_id: int | None = None
    words: str = ""
    asked_at: datetime | None = None
    askable: bool = True

    @property
    def field(self) -> str | None:
        """The column of Order that it is about, such as 'ship_postcode'; None for lines and a whole address."""
        if self.name == "phone":
            return "phone"
        return self.name.replace("ship_to.", "ship_") if self.name.startswith("ship_to.") else None


def gaps(order: Order, lines: Sequence[OrderLine], *, ask_phone: bool) -> list[Gap]:
    """The gaps of an order in the order in which they are asked: lines, then the address, then the phone number."""
    asked = {(entry["gap"], entry.get("line")): entry["at"] for entry in order.asked}
    found = []
    for name, line_id, words, askable in _gaps(order, lines, ask_phone):
        at = asked.get((name, line_id))
        found.append(Gap(name, line_id, words, datetime.fromisoformat(at) if at else None, askable))
    return found


def _gaps(
    order: Order, lines: Sequence[OrderLine], ask_phone: bool
) -> Iterator[tuple[str, int | None, str, bool]]:
    live = [line for line in lines if line.removed_at is None]
    if not live:
        yield "lines", None, WORDS["lines"], True
    for line in live:
        if line.product_id is None:
            yield "product", line.id, line.text or WORDS["product"], True
        elif line.unit_price_minor is None:
            words = f"It is not priced in {order.currency}, the currency of order {order.number}; set a price in {order.currency} or choose another product."
            yield "product", line.id, words, False
        if line.quantity is None:
            yield "quantity", line.id, line.text or WORDS["quantity"], True
    for name in address_gaps(order):
        yield name, None, WORDS[name], True
    if ask_phone and not order.phone:
        yield "phone", None, WORDS["phone"], True


def address_gaps(order: Order) -> list[str]:
    """Which parts of the address are missing, by the rules of its country; 'ship_to' alone when nothing is there."""
    if not any(getattr(order, f"ship_{name}") for name in SHIP_FIELDS if name != "name"):
        return ["ship_to"]
    return [
        f"ship_to.{name}"
        for name in needed(order.ship_country or None)
        if not getattr(order, f"ship_{name}").strip()
    ]


def total(lines: Sequence[OrderLine]) -> int:
    """The sum of the lines that have a price and a quantity, in minor units of the order's currency."""
    return sum(
        line.unit_price_minor * line.quantity
        for line in lines
        if line.removed_at is None and line.unit_price_minor is not None and line.quantity is not None
    )


def next_step(order: Order, lines: Sequence[OrderLine] | None = None) -> Step | None:
    """The next step of an order as the database has it. At most two queries."""
    lines = loading.lines(order) if lines is None else lines
    return step(order, lines, gaps(order, lines, ask_phone=store().ask_phone), loading.changes(order))


_NEWEST = (
    select(Quote.total_minor)
    .where(Quote.order_id == bindparam("order"), Quote.state.in_(("sent", "accepted", "paid")))
    .order_by(Quote.id.desc())
    .limit(1)
)
_WAITS = or_(Order.return_step.is_not(None), Order.money_owed)
_FIRST = (
    select(Order)
    .where(Order.conversation_id == bindparam("conversation"), or_(Order.state.not_in(OVER), _WAITS))
    .order_by(Order.delivery_trouble.is_(None), not_(_WAITS), Order.id.desc())
    .limit(1)
)
"""the order that speaks for its conversation"""


def _told(order: Order) -> int | None:
    """What the customer was told to pay: the total of the quote that holds, with tax and shipping."""
    if order.state in OPEN or order.state == "verified":
        return None
    found: int | None = db.session.scalar(_NEWEST, {"order": order.id})
    return found


def reckon(order: Order) -> None:
    """Bring `gap_count`, `total_minor` and the columns of its conversation in line with the facts."""
    db.session.flush()
    lines = loading.lines(order)
    order.gap_count = len(gaps(order, lines, ask_phone=store().ask_phone))
    order.total_minor = _told(order) or total(lines)
    if order.conversation_id is not None:
        show(db.session.get_one(Conversation, order.conversation_id), {order.id: lines})


def show(c: Conversation, loaded: Mapping[int, Sequence[OrderLine]] | None = None) -> None:
    """Write into the conversation's row what its newest order that is not over wants, or that it has none.

    An order with trouble on the way goes before newer ones, and so does one of which something comes back or whose money
    is owed, over or not.

    `loaded` are lines that need not be read again, by order id.
    """
    order = db.session.scalars(_FIRST, {"conversation": c.id}).one_or_none()
    values: dict[str, Any] = dict.fromkeys(ROW)
    values["order_gaps"] = 0
    if order is not None:
        found = next_step(order, (loaded or {}).get(order.id))
        values = {
            "order_step": found.key if found and found.ours else None,
            "order_id": order.id,
            "order_number": order.number,
            "order_state": order.state,
            "order_total_minor": order.total_minor,
            "order_currency": order.currency,
            "order_gaps": order.gap_count,
        }
    with counted(c):
        for name, value in values.items():
            if getattr(c, name) != value:
                setattr(c, name, value)


ROW = (
    "order_step",
    "order_id",
    "order_number",
    "order_state",
    "order_total_minor",
    "order_currency",
    "order_gaps",
)
"""the columns of Conversation that `show` keeps"""
