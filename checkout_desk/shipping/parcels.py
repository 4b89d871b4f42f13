"""The parcels of an order: which there are, what is in them, and what is left to be packed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, func, select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, promising
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.settings import shipping
from checkout_desk.shipping import carriers, riding
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.lifecycle import AWAY, HERE, SHIPMENT
from checkout_desk.shipping.models import Shipment, ShipmentItem


class Faster(Refused):
    """Somebody changed the parcel since the form was drawn."""


@dataclass(frozen=True, slots=True)
class Left:
    """Pieces of a product that the customer paid for and that no parcel holds."""

    product_id: int
    sku: str
    name: str
    quantity: int


def name(parcel: Shipment, order: Order) -> str:
    """How people and barcodes name a parcel: '1042-P1'."""
    return called(order, parcel.number)


def called(order: Order, number: int) -> str:
    """`name` of the order's parcel with that number."""
    return f"{order.number}-P{number}"


_OF = select(Shipment).where(Shipment.order_id == bindparam("order")).order_by(Shipment.number)
_HERE = select(
    exists().where(Shipment.order_id == bindparam("order"), Shipment.state.in_(HERE)).correlate(None)
)
_SOLD = (
    select(Quote)
    .where(Quote.order_id == bindparam("order"), Quote.state.in_(("sent", "accepted", "paid")))
    .order_by((Quote.state == "paid").desc(), Quote.number.desc())
    .limit(1)
)
_HELD = (
    select(ShipmentItem.product_id, func.sum(ShipmentItem.quantity))
    .join(Shipment, Shipment.id == ShipmentItem.shipment_id)
    .where(Shipment.quote_id == bindparam("quote"), Shipment.state.in_((*HERE, *AWAY)))
    .group_by(ShipmentItem.product_id)
)


def of(order_id: int) -> list[Shipment]:
    """Every parcel of an order, also those that were not sent, oldest first."""
    return list(db.session.scalars(_OF, {"order": order_id}))


def here(order_id: int) -> bool:
    """Whether a parcel of the order is still to leave."""
    return bool(db.session.scalar(_HERE, {"order": order_id}))


def items(shipment_ids: Collection[int]) -> dict[int, list[ShipmentItem]]:
    """Parcel id -> what is in it, in the order of the quote's lines. One query."""
    found: dict[int, list[ShipmentItem]] = {one: [] for one in shipment_ids}
    for item in db.session.scalars(
        select(ShipmentItem).where(ShipmentItem.shipment_id.in_(found)).order_by(ShipmentItem.id)
    ):
        found[item.shipment_id].append(item)
    return found


def load(shipment_id: int, version: int | None = None) -> tuple[Shipment, Order] | None:
    """A parcel and its order, or None. With `version` both are locked for a change; raises Faster when the parcel has
    moved on from it."""
    parcel = db.session.get(Shipment, shipment_id)
    if parcel is None:
        return None
    if version is None:
        return parcel, db.session.get_one(Order, parcel.order_id)
    order = lock(parcel)
    if parcel.version != version:
        raise Faster(
            f"Someone was faster: parcel {name(parcel, order)} has changed since you opened it; nothing was saved."
        )
    return parcel, order


def lock(parcel: Shipment) -> Order:
    """Hold the order of a parcel, then the parcel, for this transaction, and read both afresh; then those that ride in it."""
    return lock_whole(parcel)[0]


def lock_whole(parcel: Shipment) -> tuple[Order, list[Shipment]]:
    """The same; returns what rides in it too.

    A lead's order is the oldest, so orders are held by their ids. Who holds a rider never waits for its lead.
    """
    order, riders = loading.hold(parcel), riding.riders(parcel)
    for rider in riders:
        loading.hold(rider)
    return order, riders


def sold(order: Order) -> Quote:
    """The version whose stock the parcels of an order take. Raises Refused when nothing is sold."""
    found: Quote | None = db.session.scalars(_SOLD, {"order": order.id}).one_or_none()
    if found is None:
        raise Refused(f"Order {order.number} has no quote that was paid, so there is nothing to pack.")
    return found


def left(order: Order) -> list[Left]:
    """What the customer paid for and no parcel holds that is sent or will be."""
    quote = sold(order)
    held: Counter[int] = Counter()
    db.session.flush()
    rows = db.session.execute(_HELD, {"quote": quote.id})
    for product_id, n in rows:
        held[product_id] = int(n)
    wanted = promising.wanted(quote)
    lines = {line["product"]: line for line in reversed(quote.content["lines"])}
    return [
        Left(product_id, str(line["sku"]), str(line["name"]), wanted[product_id] - held[product_id])
        for product_id, line in reversed(lines.items())
        if wanted[product_id] > held[product_id]
    ]


def start(order: Order, *, by: Person | None, batch: Batch | None = None) -> Shipment:
    """The parcel of an order that is being packed; a new one with all that is left where there is none.

    Who asks twice gets the same. Raises Refused for an order that is not paid, and where nothing is left.
    """
    loading.lock(order)
    found: Shipment | None = db.session.scalars(
        select(Shipment).where(Shipment.order_id == order.id, Shipment.state == "packing")
    ).one_or_none()
    if found is not None:
        if batch is not None:
            found.batch_id = batch.id
        return found
    if order.state != "packing":
        ORDER.fire(order, "pack", by=by)
    rest = left(order)
    if not rest:
        raise Refused(f"Everything of order {order.number} is in a parcel already.")
    return begin(order, rest, by=by, batch_id=batch.id if batch else None)


def begin(order: Order, rest: list[Left], *, by: Person | None, batch_id: int | None) -> Shipment:
    """A new parcel with these pieces. The order is locked, and no other parcel of it is being packed."""
    quote = sold(order)
    sent = quote.content["shipping"]
    service = shipping.service(sent["service"]) if sent else None
    highest = db.session.scalar(select(func.max(Shipment.number)).where(Shipment.order_id == order.id))
    now = clock.now()
    parcel = Shipment(
        order_id=order.id, number=(highest or 0) + 1, quote_id=quote.id, state="packing", status="pending",
        batch_id=batch_id, service_id=service.id if service else None, service=sent["name"] if sent else "",
        carrier_id=_carrier(service.carrier) if service else None, created_at=now, updated_at=now,
    )  # fmt: skip
    db.session.add(parcel)
    db.session.flush()
    db.session.add_all(
        ShipmentItem(
            shipment_id=parcel.id, product_id=one.product_id, sku=one.sku, name=one.name[:200],
            quantity=one.quantity,
        )
        for one in rest
    )  # fmt: skip
    db.session.flush()
    parcel.expected_grams = expected(parcel)
    record(
        "parcel.started",
        about=parcel,
        after={"order": order.id, "number": parcel.number, "pieces": sum(one.quantity for one in rest)},
        actor=f"person:{by.id}" if by else None,
    )
    return parcel


def packed_unscanned(parcel: Shipment, *, by: Person | None) -> None:
    """A person packed the parcel without scanning and says that everything is in it."""
    lock(parcel)
    for item in items([parcel.id])[parcel.id]:
        item.packed = item.quantity
    parcel.packed_at, parcel.packed_by_id = clock.now(), by.id if by else None
    record("parcel.packed", about=parcel, after={"order": parcel.order_id, "scanned": False})
    db.session.flush()


def void(parcel: Shipment, *, by: Person | None, reason: str) -> None:
    """A parcel that has not left is not sent; its order is paid and unpacked again when it was the only one."""
    order = lock(parcel)
    SHIPMENT.fire(parcel, "void", by=by, reason=reason)
    others = [one for one in of(order.id) if one.state != "void"]
    if order.state == "packing" and not others:
        ORDER.fire(order, "unpack", by=by)


def expected(parcel: Shipment) -> int | None:
    """Grams of a parcel by the catalogue, its box included; None where a product has no weight."""
    rows = db.session.execute(
        select(Product.weight_grams, ShipmentItem.quantity)
        .join(ShipmentItem, ShipmentItem.product_id == Product.id)
        .where(ShipmentItem.shipment_id == parcel.id)
    ).all()
    total = 0
    for grams, n in rows:
        if grams is None:
            return None
        total += grams * n
    return total


def _carrier(known_as: str) -> int | None:
    found = carriers.named(known_as)
    return found.id if found else None
