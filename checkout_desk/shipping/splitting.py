"""One order in several parcels: what does not fit, or is not there, goes into the next one."""

from __future__ import annotations

from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.shipping import labelling, parcels, riding
from checkout_desk.shipping.models import Shipment
from checkout_desk.shipping.parcels import Left


def another(parcel: Shipment, *, by: Person | None) -> Shipment:
    """Close a parcel as it is; what is not packed yet goes into the next one. Raises Refused when that is nothing, or all."""
    order = parcels.lock(parcel)
    inside = parcels.items([parcel.id])[parcel.id]
    if parcel.state != "packing":
        raise Refused(f"Parcel {parcels.name(parcel, order)} is closed already.")
    if parcel.rides_id is not None or riding.riders(parcel):
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} shares its box with another order; take them apart first."
        )
    if not any(item.packed for item in inside):
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} is empty; put something into it before you begin another."
        )
    rest = [
        Left(item.product_id, item.sku, item.name, item.quantity - item.packed)
        for item in inside
        if item.quantity > item.packed
    ]
    if not rest:
        raise Refused(f"Everything of order {order.number} is in parcel {parcels.name(parcel, order)}.")
    for item in inside:
        if item.packed:
            item.quantity = item.packed
        else:
            db.session.delete(item)
    db.session.flush()
    parcel.expected_grams = parcels.expected(parcel)
    labelling.make(parcel, by=by)
    return parcels.begin(order, rest, by=by, batch_id=parcel.batch_id)
