"""One order with everything that its panel is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from checkout_desk.catalogue.models import Product
from checkout_desk.desk.frame import Frame
from checkout_desk.extensions import db
from checkout_desk.orders import completeness
from checkout_desk.orders.models import Order, OrderChange, OrderLine

Row = tuple[OrderLine, Product | None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One order with everything that its panel is made of."""

    order: Order
    rows: list[Row]
    changes: list[OrderChange]
    products: dict[int, Product]
    gaps: list[completeness.Gap]


_LINES = (
    select(OrderLine, Product)
    .outerjoin(Product, Product.id == OrderLine.product_id)
    .where(OrderLine.order_id == bindparam("order"), OrderLine.removed_at.is_(None))
    .order_by(OrderLine.position, OrderLine.id)
)
_PRODUCTS = select(Product).where(Product.id.in_(bindparam("ids", expanding=True)))


def load(order: Order, around: Frame, *, changes: Sequence[OrderChange]) -> Loaded:
    """The order's lines, the products that it or its changes name, and its gaps. Two queries."""
    rows: list[Row] = [(line, product) for line, product in db.session.execute(_LINES, {"order": order.id})]
    rows.sort(key=_as_written)
    products = {product.id: product for _, product in rows if product}
    ids = {one for line, product in rows if product is None for one in line.candidates or ()}
    ids |= {
        item["product"]
        for change in changes
        for item in change.changes
        if isinstance(item.get("product"), int)
    }
    ids -= products.keys()
    if ids:
        products |= {one.id: one for one in db.session.scalars(_PRODUCTS, {"ids": sorted(ids)})}
    ask_phone = bool(around.store and around.store.ask_phone)
    gaps = completeness.gaps(order, [line for line, _ in rows], ask_phone=ask_phone)
    return Loaded(order, rows, list(changes), products, gaps)


def _as_written(row: Row) -> tuple[float, int, int, int]:
    """Lines stand as the customer's words do, those that nobody wrote after them."""
    line, start = row[0], row[0].span_start
    spoken = line.message_id is not None and start is not None
    return (
        (line.message_id or 0, start or 0, line.position, line.id)
        if spoken
        else (float("inf"), 0, line.position, line.id)
    )
