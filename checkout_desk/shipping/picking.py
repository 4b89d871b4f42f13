"""The pick list of a batch: what its orders need, added up by product, along the shelves, and what lies on the trolley."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import promising
from checkout_desk.orders.models import Order, Quote
from checkout_desk.shipping.batch_models import Batch, BatchPick
from checkout_desk.shipping.lifecycle import AWAY
from checkout_desk.shipping.models import Shipment, ShipmentItem
from checkout_desk.shipping.packing import shelf_key


@dataclass(frozen=True, slots=True)
class Row:
    """One product of the list. `orders` are (number, pieces) of those that need it."""

    product: Product
    quantity: int
    picked: int
    orders: tuple[tuple[int, int], ...]

    @property
    def done(self) -> bool:
        """Whether all of it lies on the trolley."""
        return self.picked >= self.quantity


def needed(order_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Order id → product id → pieces that are paid for and in no parcel with a label. Two queries."""
    found: dict[int, Counter[int]] = {order_id: Counter() for order_id in order_ids}
    if not found:
        return {}
    live = Quote.state.in_(("sent", "accepted", "paid"))
    quotes = (
        select(Quote).where(Quote.order_id.in_(found), live).order_by(Quote.state == "paid", Quote.number)
    )
    newest = {quote.order_id: quote for quote in db.session.scalars(quotes)}
    for order_id, quote in newest.items():
        found[order_id].update(promising.wanted(quote))
    rows = db.session.execute(
        select(Shipment.order_id, Shipment.quote_id, ShipmentItem.product_id, ShipmentItem.quantity)
        .join(ShipmentItem, ShipmentItem.shipment_id == Shipment.id)
        .where(Shipment.order_id.in_(found), Shipment.state.in_(("labelled", *AWAY)))
    )
    for order_id, quote_id, product_id, n in rows:
        if order_id in newest and newest[order_id].id == quote_id:
            found[order_id][product_id] -= n
    return {order_id: {p: n for p, n in wants.items() if n > 0} for order_id, wants in found.items()}


def rows(batch: Batch, orders: Sequence[Order]) -> list[Row]:
    """The pick list of a batch for these of its orders. Four queries."""
    wanted: Counter[int] = Counter()
    who: dict[int, list[tuple[int, int]]] = defaultdict(list)
    needs = needed([order.id for order in orders])
    for order in orders:
        for product_id, n in needs[order.id].items():
            wanted[product_id] += n
            who[product_id].append((order.number, n))
    goods = products.get(wanted)
    kept = select(BatchPick.product_id, BatchPick.picked).where(BatchPick.batch_id == batch.id)
    picked = {row.product_id: row.picked for row in db.session.execute(kept)}
    found = [Row(goods[p], n, min(picked.get(p, 0), n), tuple(who[p])) for p, n in wanted.items()]
    return sorted(found, key=lambda row: (shelf_key(row.product.shelf), row.product.name_key))


def pick(batch: Batch, product_id: int, n: int, *, by: Person) -> None:
    """`n` pieces of a product lie on the trolley; 0 puts them back. The last word counts. Raises Refused."""
    if batch.state != "open":
        raise Refused(f"Batch {batch.id} is done; nothing is picked for it any more.")
    if db.session.get(Product, product_id) is None or not 0 <= n <= 1_000_000:
        raise Refused("There is no such line on this pick list.")
    insert: Any = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(BatchPick)
    values = {"picked": n, "picked_at": clock.now(), "picked_by_id": by.id}
    db.session.execute(
        insert.values(batch_id=batch.id, product_id=product_id, **values).on_conflict_do_update(
            index_elements=["batch_id", "product_id"], set_=values
        )
    )
    record("batch.picked", about=batch, after={"product": product_id, "n": n})
