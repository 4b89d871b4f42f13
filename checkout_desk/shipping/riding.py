"""Parcels that travel in another one's box: which they are, and who travels with whom.

Of several orders in one box the oldest order's parcel is the lead: it has label, number and the carrier's news. The others
ride in it with their own pieces and quote. Reads alone; `combining` changes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import aliased

from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.shipping.models import Shipment

_RIDERS = select(Shipment).where(Shipment.rides_id == bindparam("parcel")).order_by(Shipment.order_id)


def riders(parcel: Shipment) -> list[Shipment]:
    """The parcels in the box of this one, in the order of their orders. One query; none for a parcel that rides itself."""
    if parcel.rides_id is not None:
        return []
    db.session.flush()
    return list(db.session.scalars(_RIDERS, {"parcel": parcel.id}))


def ids(parcel_id: int) -> list[int]:
    """The ids of the parcels in the box of this one, ascending. One query."""
    return list(
        db.session.scalars(select(Shipment.id).where(Shipment.rides_id == parcel_id).order_by(Shipment.id))
    )


def lead(parcel: Shipment) -> Shipment:
    """The parcel whose box, label and number this one has: itself, unless it rides."""
    return parcel if parcel.rides_id is None else db.session.get_one(Shipment, parcel.rides_id)


def box(parcel: Shipment) -> int:
    """The id of the parcel whose box this one has."""
    return parcel.rides_id or parcel.id


def fellows(parcel: Shipment) -> list[int]:
    """The numbers of the other orders in the same box, ascending. One query."""
    mine = box(parcel)
    query = (
        select(Order.number)
        .join(Shipment, Shipment.order_id == Order.id)
        .where(or_(Shipment.id == mine, Shipment.rides_id == mine), Shipment.id != parcel.id)
        .order_by(Order.number)
    )
    return list(db.session.scalars(query))


def grams(parcel: Shipment, inside: Sequence[Shipment] | None = None) -> int | None:
    """By the catalogue, the pieces of all in the box and no box; None where a product has no weight. `inside` are its
    riders where the caller has them, else it is one query."""
    riding = riders(parcel) if inside is None else inside
    all_of_it = [parcel.expected_grams, *(one.expected_grams for one in riding)]
    known = [one for one in all_of_it if one is not None]
    return sum(known) if len(known) == len(all_of_it) else None


def called(parcel: Shipment) -> str:
    """The name of the parcel whose box this one has: '1042-P1'. One query."""
    one = aliased(Shipment)
    row = db.session.execute(
        select(Order.number, one.number).join(one, one.order_id == Order.id).where(one.id == box(parcel))
    ).one()
    return f"{row[0]}-P{row[1]}"
