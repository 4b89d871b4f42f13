"""Goods arrive: counted or scanned piece by piece, for a return that was asked for or for none."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.returns import requesting, telling
from checkout_desk.returns.lifecycle import RETURN, lines
from checkout_desk.returns.models import Return, ReturnLine


def receive(back: Return, counted: Mapping[int, int], *, by: Person) -> None:
    """So many more pieces of each line (by its id) came. Raises Refused for more than is expected, and for nothing.

    The customer is told when all of it is here.
    """
    order = requesting.lock(back)
    rows = {line.id: line for line in lines(back)}
    if not counted.keys() <= rows.keys():
        raise Refused("A line is not in this return any more; look at it again.")
    pieces = sum(counted.values())
    if pieces < 1 or min(counted.values()) < 0:
        raise Refused("Type how many pieces came.")
    for line_id, n in counted.items():
        line = rows[line_id]
        if line.received + n > line.quantity:
            raise Refused(
                f"{line.received + n} of {line.name} would be more than the {line.quantity} of return "
                f"{requesting.name(back, order)}; enter what else came as a return of its own."
            )
    RETURN.fire(back, "receive", by=by, pieces=pieces)
    for line_id, n in counted.items():
        rows[line_id].received += n
    if all(line.received == line.quantity for line in rows.values()):
        telling.told(back, "received")


def scan(back: Return, code: str, *, by: Person) -> ReturnLine:
    """One piece was scanned, or its code typed. Returns its line; raises Refused for a product that is not expected."""
    order = requesting.lock(back)
    product = products.by_code(code)
    if product is None:
        raise Refused(
            f"No product has the code {code[:40]}. Scan it again, or type the SKU; nothing was counted."
        )
    mine = [line for line in lines(back) if line.product_id == product.id]
    if not mine:
        raise Refused(f"{product.name} is not in return {requesting.name(back, order)}; nothing was counted.")
    line = next((one for one in mine if one.received < one.quantity), mine[0])
    receive(back, {line.id: 1}, by=by)
    return line


def unasked(order: Order, counted: Mapping[int, int], *, by: Person, words: str = "") -> Return:
    """Goods of an order came without a word (product id -> pieces): a return that is received and not decided yet.

    Raises Refused as `requesting.request` does.
    """
    back = requesting.request(
        order,
        {product_id: (n, "refund", None) for product_id, n in counted.items()},
        reason="other",
        words=words,
        source="goods",
        by=by,
    )
    receive(back, {line.id: line.quantity for line in lines(back)}, by=by)
    return back
