"""I4 of orders and I8: what became of orders, parcels and labels; every broken one as a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from flask import Flask
from sqlalchemy import func, select

from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.shipping.models import Label, Shipment, TrackingEvent

ONWARDS = {
    "confirmed": ("paid", "packing", "shipped", "delivered"),
    "shipped": ("shipped", "delivered"),
    "delivered": ("delivered",),
}


def check_goods(app: Flask, *, charged: Collection[str]) -> list[str]:
    """What is broken at any moment; an empty list when all is well. `charged` are the labels that the carrier sold."""
    with app.app_context():
        try:
            looks = (_milestones(), _labels(charged), _heard())
            return [sentence for look in looks for sentence in look]
        finally:
            db.session.rollback()


def _milestones() -> Iterator[str]:
    """I4: who is told of a state has reached it, once; who has reached it is told, in the same transaction."""
    told = Counter(
        db.session.execute(select(MilestoneMail.order_id, MilestoneMail.milestone, MilestoneMail.about)).all()
    )
    yield from (f"I4: {key} was told {times} times" for key, times in told.items() if times > 1)
    mails = {(order_id, milestone) for order_id, milestone, _ in told}
    for order in db.session.scalars(select(Order).where(Order.state.not_in(("cancelled", "returned")))):
        for milestone, states in ONWARDS.items():
            if ((order.id, milestone) in mails) != (order.state in states):
                yield f"I4: order {order.number} is {order.state}; told that it is {milestone}: {(order.id, milestone) in mails}"


def _labels(charged: Collection[str]) -> Iterator[str]:
    """I8: what was sold is stored or listed, and nothing is *made* or *labelled* without it."""
    live = Counter[int]()
    refs = set()
    for label in db.session.scalars(select(Label).where(Label.reference.is_not(None))):
        refs.add(label.ref)
        if label.state in ("buying", "made", "unknown"):
            live[label.shipment_id] += 1
        if label.state == "made" and label.ref and label.ref not in charged:
            yield f"I8: label {label.id} is made and the carrier sold nothing"
    yield from (f"I8: parcel {found} has {times} live labels" for found, times in live.items() if times > 1)
    lost = [ref for ref in charged if ref not in refs]
    doubtful = db.session.scalar(
        select(func.count()).select_from(Label).where(Label.state.in_(("buying", "unknown")))
    )
    if len(lost) > (doubtful or 0):
        yield f"I8: the carrier sold {lost}, and {doubtful} purchases are in doubt"
    made = set(db.session.scalars(select(Label.shipment_id).where(Label.state == "made")))
    for parcel in db.session.scalars(select(Shipment).where(Shipment.state == "labelled")):
        if parcel.id not in made:
            yield f"I8: parcel {parcel.id} is labelled and has no label"


def _heard() -> Iterator[str]:
    """A carrier's word is kept once, and a parcel that was delivered has an event that says so."""
    twice = db.session.execute(
        select(TrackingEvent.shipment_id, TrackingEvent.key)
        .group_by(TrackingEvent.shipment_id, TrackingEvent.key)
        .having(func.count() > 1)
    )
    yield from (f"I5: parcel {found} was told {key} twice" for found, key in twice)
    moved = db.session.scalars(select(Event).where(Event.kind == "parcel.tracked"))
    said = {event.subject_id for event in moved if (event.after or {}).get("state") == "delivered"}
    for parcel in db.session.scalars(select(Shipment.id).where(Shipment.state == "delivered")):
        if parcel not in said:
            yield f"I4: parcel {parcel} is delivered and the record does not say so"
