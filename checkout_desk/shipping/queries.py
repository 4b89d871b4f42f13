"""The pack list: paid orders by the carrier's cut-off, by keyset, and the batches that are being packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, text
from sqlalchemy.orm import aliased

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order, OrderLine, Quote
from checkout_desk.settings.models import ShippingService
from checkout_desk.shipping import batches
from checkout_desk.shipping.batch_models import Batch, BatchOrder
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import Label, Shipment, ShipmentItem

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""stands in a cursor for the cut-off of an order that has none; those come first"""
MOST_BATCHES = 50

# In the index's own words: with values instead, SQLite cannot know that its partial index serves and reads all.
_TO_PACK = text("\"order\".state IN ('paid','packing')")
_Twin: Any = aliased(Order)
_CARRIER: Any = Quote.content["shipping"]["carrier"].as_string()
COLUMNS: tuple[Any, ...] = (
    Order.id, Order.number, Order.state, Order.ship_by, Order.ship_name, Order.ship_city, Order.ship_country,
    Order.conversation_id, Order.delivery_trouble, _CARRIER.label("carrier"),
    Quote.content["shipping"]["name"].as_string().label("service"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty fields narrow nothing. `same` is the number of an order: it and those of its
    customer to its address."""

    carrier: str = ""
    country: str = ""
    single: bool = False
    fragile: bool = False
    twins: bool = False
    same: int | None = None


def page(wanted: Wanted, *, after: tuple[datetime, int] | None = None, limit: int) -> tuple[list[Any], bool]:
    """Orders to pack, the nearest cut-off first, and whether there are more. One query.

    `after` is the (cut-off, id) behind which the page begins.
    """
    query = _narrowed(select(*COLUMNS, _twins().label("twins"), _waits().label("waits")), wanted)
    if after is not None:
        query = query.where(_behind(*after))
    rows = list(db.session.execute(query.order_by(Order.ship_by.nulls_first(), Order.id).limit(limit + 1)))
    return rows[:limit], len(rows) > limit


def free(wanted: Wanted, *, limit: int) -> list[int]:
    """The ids of the next orders that no open batch has and that nothing stands in the way of. One query."""
    query = _narrowed(select(Order.id), wanted).where(
        Order.delivery_trouble.is_(None), ~_in_batch(), ~_labelled(), ~_waits()
    )
    return list(db.session.scalars(query.order_by(Order.ship_by.nulls_first(), Order.id).limit(limit)))


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    query = query.select_from(Order).outerjoin(Quote, Quote.id == _sold())
    query = query.where(_TO_PACK)
    if wanted.carrier:
        query = query.where(wanted.carrier == _CARRIER)
    if wanted.country:
        query = query.where(Order.ship_country == wanted.country)
    if wanted.single:
        lines = select(func.count()).where(OrderLine.order_id == Order.id, OrderLine.removed_at.is_(None))
        query = query.where(lines.scalar_subquery() == 1)
    if wanted.fragile:
        inside = (OrderLine.order_id == Order.id, OrderLine.removed_at.is_(None), Product.fragile)
        query = query.where(exists().where(*inside, Product.id == OrderLine.product_id))
    if wanted.twins:
        query = query.where(_twins() > 0)
    if wanted.same is not None:
        one: Any = aliased(Order)
        query = query.join(one, one.number == wanted.same).where(
            or_(Order.id == one.id, and_(Order.customer_id == one.customer_id, *_one_place(one)))
        )
    return query


def _sold() -> Any:
    """The version that the order's parcels take (as `parcels.sold`): paid, or sold on account."""
    one: Any = aliased(Quote)
    found = select(one.id).where(one.order_id == Order.id, one.state.in_(("sent", "accepted", "paid")))
    return (
        found.order_by((one.state == "paid").desc(), one.number.desc())
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )


def _behind(at: datetime, order_id: int) -> ColumnElement[bool]:
    if at == NEVER:
        return or_(Order.ship_by.is_not(None), and_(Order.ship_by.is_(None), Order.id > order_id))
    return or_(Order.ship_by > at, and_(Order.ship_by == at, Order.id > order_id))


def _one_place(other: Any) -> list[ColumnElement[bool]]:
    return [getattr(other, column.key) == column for column in batches.ADDRESS]


def _twins() -> Any:
    """How many other orders wait for the same customer at the same address."""
    twin = _Twin
    return (
        select(func.count(twin.id))
        .where(
            twin.customer_id == Order.customer_id,
            twin.id != Order.id,
            twin.state.in_(batches.PACKABLE),
            *_one_place(twin),
        )
        .correlate(Order)
        .scalar_subquery()
    )


def _in_batch() -> ColumnElement[bool]:
    return exists().where(BatchOrder.order_id == Order.id, BatchOrder.left_at.is_(None))


def _waits() -> ColumnElement[bool]:
    """By the stock fewer of something are here than it needs: they were missing when it was packed, or counted away."""
    begun = exists().where(
        Shipment.order_id == Order.id,
        Shipment.state == "packing",
        ShipmentItem.shipment_id == Shipment.id,
        Product.id == ShipmentItem.product_id,
        Product.on_hand < ShipmentItem.quantity,
    )
    ordered = exists().where(
        OrderLine.order_id == Order.id,
        OrderLine.removed_at.is_(None),
        Product.id == OrderLine.product_id,
        Product.on_hand < OrderLine.quantity,
    )
    return or_(begun, and_(Order.state == "paid", ordered))


def _labelled() -> ColumnElement[bool]:
    """Packed already: its parcels wait for their numbers or for the carrier. One whose label became void does not."""
    mine = Shipment.order_id == Order.id
    unfinished = exists().where(mine, Shipment.state.in_(HERE), ~_counts())
    return exists().where(mine, Shipment.state == "labelled") & ~unfinished


def _counts() -> ColumnElement[bool]:
    """The parcel is labelled, and its label counts."""
    live = Label.state.in_(("buying", "made", "unknown"))
    return (Shipment.state == "labelled") & exists().where(Label.shipment_id == Shipment.id, live)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to pack: all, past their cut-off, and before the end of today."""

    all: int
    overdue: int
    today: int


def counts(now: datetime, midnight: datetime) -> Counts:
    """Exact, over all orders to pack. `midnight` ends today. One query over the partial index."""
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(Order.ship_by <= now),
            func.count().filter(Order.ship_by > now, Order.ship_by < midnight),
        )
        .select_from(Order)
        .where(_TO_PACK)
    ).one()
    return Counts(*row)


def contents(order_ids: Sequence[int]) -> dict[int, Any]:
    """Order id → (lines, pieces, fragile: lines with something fragile, words: the name of its first product). One query."""
    if not order_ids:
        return {}
    rows = db.session.execute(
        select(
            OrderLine.order_id,
            func.count().label("lines"),
            func.sum(OrderLine.quantity).label("pieces"),
            func.count().filter(Product.fragile).label("fragile"),
            func.min(Product.name).label("words"),
        )
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id.in_(order_ids), OrderLine.removed_at.is_(None))
        .group_by(OrderLine.order_id)
    )
    return {row.order_id: row for row in rows}


def standing(order_ids: Sequence[int]) -> dict[int, Any]:
    """Order id → (batch_id, holder's name or None, parcel: state of its parcel that has not left or None,
    boxed: whether that shares a box with other orders). One query."""
    if not order_ids:
        return {}
    rider: Any = aliased(Shipment)
    rows = db.session.execute(
        select(
            Order.id,
            BatchOrder.batch_id,
            Batch.claimed_by_id,
            Batch.claimed_until,
            Person.name.label("holder"),
            case((_counts(), "labelled"), else_=case((Shipment.id.is_not(None), "packing"))).label("parcel"),
            or_(Shipment.rides_id.is_not(None), exists().where(rider.rides_id == Shipment.id)).label("boxed"),
        )
        .select_from(Order)
        .outerjoin(BatchOrder, (BatchOrder.order_id == Order.id) & BatchOrder.left_at.is_(None))
        .outerjoin(Batch, Batch.id == BatchOrder.batch_id)
        .outerjoin(Person, Person.id == Batch.claimed_by_id)
        .outerjoin(Shipment, (Shipment.order_id == Order.id) & Shipment.state.in_(HERE))
        .where(Order.id.in_(order_ids))
        .order_by(_counts().desc(), Shipment.number)
    )
    return {row.id: row for row in rows}


def open_batches() -> list[Batch]:
    """The batches that are being packed, oldest first. One query."""
    query = select(Batch).where(Batch.state == "open").order_by(Batch.id).limit(MOST_BATCHES)
    return list(db.session.scalars(query))


def countries() -> list[str]:
    """The countries that the orders to pack go to."""
    query = select(Order.ship_country).where(_TO_PACK).distinct()
    return sorted(code for code in db.session.scalars(query) if code)


def carriers() -> list[str]:
    """The carriers of the store's services."""
    query = select(ShippingService.carrier).where(ShippingService.carrier != "").distinct()
    return sorted(db.session.scalars(query))
