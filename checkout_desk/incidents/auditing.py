"""Whether orders and the mails that tell of them agree: a milestone that is missing, doubled, or told too early."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from checkout_desk.extensions import db
from checkout_desk.incidents import causes
from checkout_desk.incidents.filing import Wrong
from checkout_desk.orders.models import MilestoneMail, Order, Quote
from checkout_desk.shipping.models import Shipment

SOLD = ("paid", "packing", "shipped", "delivered")
ONCE = ("received", "confirmed", "cancelled", "delivered", "feedback")
"""told once in the life of an order"""
BEFORE = {
    "confirmed": (*SOLD, "cancelled", "closed"),
    "cancelled": ("cancelled",),
    "delivered": ("delivered", "closed"),
}
"""milestone -> the states without which it is told too early"""


def audit(order_ids: Collection[int], *, at: datetime) -> Iterator[Wrong]:
    """What is wrong with the milestone mails of these orders now. Three queries; writes nothing."""
    if not order_ids:
        return
    quoted = exists().where(Quote.order_id == Order.id, Quote.state == "paid")
    orders = db.session.execute(
        select(Order.id, Order.state, Order.conversation_id, Order.customer_id, quoted.label("had_paid"))
        .where(Order.id.in_(order_ids))
        .order_by(Order.id)
    ).all()
    told: dict[int, list[Any]] = defaultdict(list)
    for mail in db.session.execute(
        select(MilestoneMail.order_id, MilestoneMail.milestone, MilestoneMail.about)
        .where(MilestoneMail.order_id.in_(order_ids))
        .order_by(MilestoneMail.id)
    ):
        told[mail.order_id].append(mail)
    parcels: dict[int, list[Any]] = defaultdict(list)
    for parcel in db.session.execute(
        select(Shipment.order_id, Shipment.id, Shipment.state, Shipment.handed_over_at)
        .where(Shipment.order_id.in_(order_ids))
        .order_by(Shipment.id)
    ):
        parcels[parcel.order_id].append(parcel)
    for order in orders:
        for how, name, about in _wrong(order, told[order.id], parcels[order.id]):
            yield Wrong(
                causes.milestone(how, name),
                f"order:{order.id}:{about or name}",
                at,
                about=f"milestone:{name}",
                order_id=order.id,
                customer_id=order.customer_id,
                conversation_id=order.conversation_id,
            )


def _wrong(order: Any, told: list[Any], parcels: list[Any]) -> Iterator[tuple[str, str, str]]:
    """(how, milestone, what it is about) of everything that does not agree."""
    names = [mail.milestone for mail in told]
    for name in _due(order):
        if name not in names:
            yield "missing", name, ""
    for name in ONCE:
        if names.count(name) > 1:
            yield "doubled", name, ""
        if name in names and name in BEFORE and order.state not in BEFORE[name]:
            yield "early", name, ""
    shipped = {mail.about for mail in told if mail.milestone == "shipped"}
    for parcel in parcels:
        about, left = f"shipment:{parcel.id}", parcel.handed_over_at is not None
        if left and about not in shipped:
            yield "missing", "shipped", about
        if not left and about in shipped:
            yield "early", "shipped", about


def _due(order: Any) -> Iterator[str]:
    if order.state in SOLD:
        yield "confirmed"
    if order.state in ("delivered", "expired"):
        yield order.state
    if order.state == "cancelled" and order.had_paid:
        yield "cancelled"
