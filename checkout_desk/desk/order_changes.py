"""What a later mail wants different, as differences to accept or decline one by one or together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checkout_desk.catalogue.models import Product
from checkout_desk.desk import order_address, order_ending
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.order_loaded import Row
from checkout_desk.desk.paths import path
from checkout_desk.orders.changing import PAID
from checkout_desk.orders.models import Order, OrderChange
from checkout_desk.returns import cancelling


def context(
    order: Order,
    rows: Sequence[Row],
    changes: Sequence[OrderChange],
    products: Mapping[int, Product],
    labels: Mapping[str, str],
    around: Frame,
    *,
    numbers: Mapping[tuple[int, int], int],
    may: bool,
) -> list[dict[str, Any]]:
    """The open changes for `_changes.html`: who asked when, and each difference as what, old and new."""
    names = {line.id: product.name if product else f"“{line.text}”" for line, product in rows}
    return [
        {
            "id": change.id,
            "when": around.face.short(change.at),
            "from_page": change.message_id is None,
            "diverts": change.message_id is not None and order.state in PAID
            and any(str(item.get("field", "")).startswith("ship_") for item in change.changes),
            "differences": [
                {"place": place, "k": numbers.get((change.id, place)), **difference(item, names, products, labels)}
                for place, item in enumerate(change.changes)
            ],
            "url": path("ordering.decide", number=order.number, change_id=change.id) if may else None,
            "end": order_ending.card(order, change, around) if cancelling.wanted(change, order) else None,
        }
        for change in changes
    ]  # fmt: skip


def difference(
    item: Mapping[str, Any],
    names: Mapping[int, str],
    products: Mapping[int, Product],
    labels: Mapping[str, str],
) -> dict[str, str]:
    """`name`, `old` and `new` of one item; '' where there is no such side."""
    what = item.get("what")
    product = products.get(item.get("product") or 0)
    if what == "quantity":
        return {
            "name": names.get(item["line"], "A line"),
            "old": _many(item.get("from")),
            "new": _many(item.get("to")),
        }
    if what == "remove":
        return {"name": names.get(item["line"], "A line"), "old": _many(item.get("from")), "new": "left out"}
    if what == "product":
        old = names.get(item["line"], "A line")
        return {
            "name": "Which product",
            "old": old,
            "new": product.name if product else f"“{item.get('text', '')}”",
        }
    if what == "add":
        name = product.name if product else f"“{item.get('text', '')}”"
        return {"name": name, "old": "", "new": _many(item.get("quantity"))}
    if what == "cancel":
        return {"name": "The whole order", "old": "", "new": "cancelled"}
    if what == "detail":
        field = str(item["field"])
        values = [str(item.get(side) or "") for side in ("from", "to")]
        if field == "ship_country":
            values = [order_address.country_name(value) for value in values]
        return {
            "name": labels.get(field, field.removeprefix("ship_").capitalize()),
            "old": values[0],
            "new": values[1] or "left out",
        }
    return {"name": str(item.get("text", "")), "old": "", "new": ""}


def _many(quantity: Any) -> str:
    return "" if quantity is None else f"{quantity} ×"
