"""An item is missing on its shelf while a parcel is packed: the stock is counted, the order waits for the customer's word.

It stands as an alarm of the parcel, so the order's next step is the mail that asks the customer (`alarms`, whose mail is
written when somebody opens it). What is in the box stays in it; the alarm ends when the parcel is packed after all.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import stock
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.shipping import alarms, parcels
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import DeliveryAlarm, Shipment, ShipmentItem

KIND = "short"


def short(parcel: Shipment, product_id: int, *, found: int, by: Person) -> int:
    """Only `found` pieces of a product were there for this parcel. Returns how many the stock has by that count.

    `found` counts what is in the box already. What other boxes hold that have not left is in the store too, so it is
    counted with them. Raises Refused when nothing is missing.
    """
    order = parcels.lock(parcel)
    if parcel.state != "packing":
        raise Refused(f"Parcel {parcels.name(parcel, order)} is not being packed any more.")
    item = next((one for one in parcels.items([parcel.id])[parcel.id] if one.product_id == product_id), None)
    if item is None:
        raise Refused("This line is not in the parcel any more.")
    if found >= item.quantity:
        raise Refused(
            f"{found} of {item.name} are all that the order has; nothing is missing. Go on packing."
        )
    elsewhere = db.session.scalar(
        select(func.sum(ShipmentItem.packed))
        .join(Shipment, Shipment.id == ShipmentItem.shipment_id)
        .where(ShipmentItem.product_id == product_id, Shipment.state.in_(HERE), Shipment.id != parcel.id)
    )
    item.packed = found
    there = found + int(elsewhere or 0)
    name = parcels.name(parcel, order)
    stock.count(product_id, there, about=f"order:{order.id}", reason=f"Missing when {name} was packed")
    _raise(parcel, product_id)
    record(
        "parcel.short",
        about=parcel,
        after={"order": order.id, "product": product_id, "found": found, "wanted": item.quantity},
        actor=f"person:{by.id}",
    )
    db.session.flush()
    alarms.tell(order)
    return there


def _raise(parcel: Shipment, product_id: int) -> None:
    insert: Any = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(DeliveryAlarm)
    again = {"at": clock.now(), "settled_at": None, "settled_by_id": None, "settled_how": ""}
    db.session.execute(
        insert.values(shipment_id=parcel.id, kind=KIND, about=str(product_id), **again).on_conflict_do_update(
            index_elements=["shipment_id", "kind", "about"], set_=again
        )
    )


def missing(order: Order) -> list[tuple[str, int, int]]:
    """(name, pieces that are there, pieces that were ordered) of what the order's open alarms say is missing."""
    rows = db.session.execute(
        select(ShipmentItem.name, ShipmentItem.packed, ShipmentItem.quantity, ShipmentItem.product_id, DeliveryAlarm.about)
        .join(Shipment, Shipment.id == ShipmentItem.shipment_id)
        .join(DeliveryAlarm, DeliveryAlarm.shipment_id == Shipment.id)
        .where(
            Shipment.order_id == order.id, DeliveryAlarm.kind == KIND, DeliveryAlarm.settled_at.is_(None)
        )
        .order_by(ShipmentItem.id)
    )  # fmt: skip
    return [(name, packed, n) for name, packed, n, product_id, about in rows if about == str(product_id)]


def found_after_all(parcel: Shipment, order: Order, *, by: Person) -> None:
    """Everything is in the box now: nothing is missing any more."""
    ours = [one for one in alarms.open_ones([parcel.id]) if one.kind == KIND]
    if ours:
        alarms.settle(ours, order, by=by, how="Packed after all")
