"""The parcels of an order in its panel: where each is, its number, and the day that the customer was told."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from checkout_desk.desk.frame import Frame
from checkout_desk.desk.order_loaded import Loaded
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.shipping import addressing, links, parcels
from checkout_desk.shipping.models import Carrier, Label, Shipment

STATES = {
    "packing": ("Packing", ""),
    "labelled": ("Labelled", ""),
    "handed_over": ("Handed over", "good"),
    "in_transit": ("In transit", "good"),
    "out_for_delivery": ("Out for delivery", "good"),
    "failed_attempt": ("Failed attempt", "bad"),
    "available_for_pickup": ("Waits for pickup", "soon"),
    "exception": ("Exception", "bad"),
    "delivered": ("Delivered", "good"),
    "returned_to_sender": ("Came back", "bad"),
    "lost": ("Lost", "bad"),
    "void": ("Not sent", ""),
}
"""state of a parcel -> what people call it, and its tone"""
PACKED = ("paid", "packing", "shipped", "delivered", "closed")
"""states in which an order may have parcels that count"""
_Other = aliased(Shipment)
_BOX = (
    select(func.min(Order.number))
    .join(_Other, _Other.order_id == Order.id)
    .where(
        or_(
            _Other.id == Shipment.rides_id,
            _Other.rides_id == Shipment.id,
            _Other.rides_id == Shipment.rides_id,
        ),
        _Other.id != Shipment.id,
    )
    .correlate(Shipment)
    .scalar_subquery()
)
"""the number of an order that shares the box, or NULL"""
_OF = (
    select(Shipment, Carrier, Label, _BOX)
    .outerjoin(Carrier, Carrier.id == Shipment.carrier_id)
    .outerjoin(Label, (Label.shipment_id == Shipment.id) & (Label.state == "made"))
)


def context(loaded: Loaded, around: Frame) -> dict[str, Any] | None:
    """`order.parcels` for `orders/_parcels.html`; None for an order that has none yet. One query for an order that is
    paid, none before."""
    order = loaded.order
    if order.state not in PACKED or not around.person.may("shipping.read"):
        return None
    found = db.session.execute(_OF.where(Shipment.order_id == order.id).order_by(Shipment.number)).all()
    rows = [
        {**_row(parcel, carrier, label, order, around), "shared": other}
        for parcel, carrier, label, other in found
    ]
    live = [row for row in rows if not row["void"]]
    return {"rows": rows, "words": _words(live), "open": bool(live)}


def _row(
    parcel: Shipment, carrier: Carrier | None, label: Label | None, order: Order, around: Frame
) -> dict[str, Any]:
    state, tone = STATES[parcel.state]
    here = parcel.state in ("packing", "labelled")
    return {
        "name": parcels.name(parcel, order), "url": f"/shipping/parcels/{parcel.id}", "state": state, "tone": tone, "void": parcel.state == "void",
        "service": parcel.service or (carrier.name if carrier else ""), "number": parcel.tracking_number,
        "link": links.link(parcel, carrier, language="en", country=order.ship_country),
        "promised": _day(parcel.promised_on) if parcel.promised_on else "",
        "left": around.face.short(parcel.handed_over_at) if parcel.handed_over_at else "",
        "stale": here and label is not None and addressing.stale(label, order),
    }  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _words(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "none"
    if len(rows) == 1:
        return str(rows[0]["state"]).lower()
    return f"{len(rows)} parcels"
