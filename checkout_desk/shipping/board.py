"""What the tracking board shows: parcels that have left, by the nine statuses that carriers share.

A column is one walk of the index (status, handed_over_at, id). Delivered parcels leave it after a month, those that came
back or are lost once nobody has to look at them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union_all

from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.shipping.lifecycle import ON_ITS_WAY
from checkout_desk.shipping.models import Carrier, DeliveryAlarm, Shipment

COLUMNS = (
    "failed_attempt",
    "exception",
    "expired",
    "pending",
    "info_received",
    "in_transit",
    "out_for_delivery",
    "available_for_pickup",
    "delivered",
)
"""statuses as columns: trouble first, where people look first, then the way to the customer"""
KEPT = timedelta(days=30)
"""how long what was delivered stays on the board"""
CARD: tuple[Any, ...] = (
    Shipment.id, Shipment.number, Shipment.status, Shipment.state, Shipment.promised_on, Shipment.last_scan_at,
    Shipment.handed_over_at, Shipment.delivered_at, Shipment.tracking_number, Order.number.label("order_number"),
    Order.ship_name, Order.ship_city, Order.ship_country, Carrier.name.label("carrier"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the board."""

    carrier: int | None = None
    late: bool = False
    """past the promised day"""
    alarm: bool = False
    """somebody has to look"""


ENDED = ("delivered", "returned_to_sender", "lost")
_ALARMING = select(DeliveryAlarm.shipment_id).where(DeliveryAlarm.settled_at.is_(None))


def _open_alarm() -> ColumnElement[bool]:
    return (
        select(DeliveryAlarm.id)
        .where(DeliveryAlarm.shipment_id == Shipment.id, DeliveryAlarm.settled_at.is_(None))
        .exists()
    )


def _shown(wanted: Wanted, now: datetime, today: date) -> list[ColumnElement[bool]]:
    found = [
        Shipment.rides_id.is_(None),  # one box is one parcel
        or_(
            Shipment.state.in_(ON_ITS_WAY),
            and_(Shipment.status == "delivered", Shipment.handed_over_at > now - KEPT),
            and_(Shipment.id.in_(_ALARMING), Shipment.state.in_(ENDED)),
        ),
    ]
    if wanted.carrier is not None:
        found.append(Shipment.carrier_id == wanted.carrier)
    if wanted.late:
        found += [Shipment.promised_on < today, Shipment.state.in_(ON_ITS_WAY)]
    if wanted.alarm:
        found.append(_open_alarm())
    return found


def counts(wanted: Wanted, *, now: datetime, today: date) -> dict[str, int]:
    """Status -> how many parcels stand in that column, and 'alarm': how many of all need somebody. One query."""
    rows = db.session.execute(
        select(Shipment.status, func.count(), func.count().filter(_open_alarm()))
        .where(*_shown(wanted, now, today))
        .group_by(Shipment.status)
    ).all()
    found = dict.fromkeys(COLUMNS, 0) | {status: n for status, n, _ in rows}
    return found | {"alarm": sum(n for _, _, n in rows)}


def column(
    status: str,
    wanted: Wanted,
    *,
    now: datetime,
    today: date,
    limit: int,
    after: tuple[datetime, int] | None = None,
) -> tuple[Sequence[Any], bool]:
    """One column's cards behind the key `after`, and whether there are more. One query."""
    rows = db.session.execute(_cards(status, wanted, now, today, after=after).limit(limit + 1)).all()
    return rows[:limit], len(rows) > limit


def columns(
    wanted: Wanted, *, now: datetime, today: date, limit: int
) -> dict[str, tuple[Sequence[Any], bool]]:
    """The head of every column, and whether it goes on. One query for all nine."""
    heads = [select(_cards(status, wanted, now, today).limit(limit + 1).subquery()) for status in COLUMNS]
    found: dict[str, list[Any]] = {status: [] for status in COLUMNS}
    for row in db.session.execute(union_all(*heads)):
        found[row.status].append(row)
    return {status: (_sorted(rows, status)[:limit], len(rows) > limit) for status, rows in found.items()}


def _sorted(rows: list[Any], status: str) -> list[Any]:
    """A union keeps no order that one may rely on."""
    return sorted(rows, key=lambda row: (row.handed_over_at, row.id), reverse=status == "delivered")


def _cards(
    status: str, wanted: Wanted, now: datetime, today: date, after: tuple[datetime, int] | None = None
) -> Select[Any]:
    """The oldest first, since they wait longest; of what is delivered the newest."""
    key = tuple_(Shipment.handed_over_at, Shipment.id)
    newest = status == "delivered"
    query = (
        select(*CARD)
        .join(Order, Order.id == Shipment.order_id)
        .outerjoin(Carrier, Carrier.id == Shipment.carrier_id)
        .where(Shipment.status == status, Shipment.handed_over_at.is_not(None), *_shown(wanted, now, today))
    )
    if after is not None:
        at = tuple_(*after, types=[Shipment.handed_over_at.type, Shipment.id.type])
        query = query.where(key < at if newest else key > at)
    order = (Shipment.handed_over_at, Shipment.id)
    return query.order_by(*(one.desc() for one in order) if newest else order)


def alarms(ids: Collection[int]) -> dict[int, list[str]]:
    """Parcel id -> the kinds of its open alarms, oldest first. One query."""
    found: dict[int, list[str]] = {}
    rows = db.session.execute(
        select(DeliveryAlarm.shipment_id, DeliveryAlarm.kind)
        .where(DeliveryAlarm.shipment_id.in_(ids), DeliveryAlarm.settled_at.is_(None))
        .order_by(DeliveryAlarm.id)
    )
    for parcel_id, kind in rows:
        if kind not in found.setdefault(parcel_id, []):
            found[parcel_id].append(kind)
    return found


def carriers() -> list[tuple[int, str]]:
    """(id, name) of the carriers that one may choose among. One query."""
    rows = db.session.execute(select(Carrier.id, Carrier.name).order_by(Carrier.position, Carrier.name))
    return [(row.id, row.name) for row in rows]
