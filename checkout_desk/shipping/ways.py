"""The way of a parcel: its events as they are kept, and those of them that count."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.shipping import converging, riding
from checkout_desk.shipping.converging import Known, Told
from checkout_desk.shipping.models import Shipment, TrackingEvent


def rows(parcel_ids: Collection[int]) -> Sequence[TrackingEvent]:
    """The kept events of parcels, oldest first by the carrier's time. One query."""
    return db.session.scalars(
        select(TrackingEvent)
        .where(TrackingEvent.shipment_id.in_(parcel_ids))
        .order_by(TrackingEvent.at, TrackingEvent.id)
    ).all()


def known(row: TrackingEvent) -> Known:
    """The event that a row keeps."""
    return Known(Told(row.at, row.status, row.words, row.place, row.returning), row.received_at)


def used(parcel: Shipment) -> list[Told]:
    """The events of a parcel that count, oldest first. One query."""
    return used_of([parcel])[parcel.id]


def used_of(parcels: Collection[Shipment]) -> dict[int, list[Told]]:
    """Parcel id -> the events that count, oldest first. One query."""
    kept: dict[int, list[Known]] = {riding.box(parcel): [] for parcel in parcels}
    for row in rows(list(kept)):
        kept[row.shipment_id].append(known(row))
    return {one.id: converging.used(kept[riding.box(one)], made_at=one.created_at) for one in parcels}
