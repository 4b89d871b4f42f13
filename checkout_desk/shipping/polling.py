"""Asking carriers where parcels are: the sweep `parcels asked`, for carriers whose machine can be asked.

A row is claimed by moving its next time ahead and committing, so that two clocks ask once; nothing is held while the
carrier thinks. Who cannot be reached is asked again, later each time a parcel grows older.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, update

from checkout_desk import clock
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.secrets import LostKey
from checkout_desk.shipping import adapters, tracking
from checkout_desk.shipping.adapters import Access, Declined, Unreachable
from checkout_desk.shipping.lifecycle import ON_ITS_WAY
from checkout_desk.shipping.models import Carrier, Shipment

log = structlog.get_logger(__name__)

AT_ONCE = 25
FIRST_DAYS, EVERY, SELDOM = timedelta(days=14), timedelta(hours=2), timedelta(hours=12)
LEASE = timedelta(minutes=15)
"""when a parcel is asked about again whose asker died"""
GIVEN_UP = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class _Asked:
    parcel_id: int
    number: str
    access: Access = field(repr=False)


def sweep() -> int:
    """Ask about the parcels that are due. Returns how many were asked about; commits."""
    due = _claim()
    for one in due:
        _ask(one)
    return len(due)


def _due(now: datetime) -> list[int]:
    """The parcels to be asked about now, those that were never asked about first. One query."""
    return list(
        db.session.scalars(
            select(Shipment.id)
            .join(Carrier, Carrier.id == Shipment.carrier_id)
            .where(
                Shipment.state.in_(ON_ITS_WAY),
                Shipment.tracking_key.is_not(None),
                Shipment.handed_over_at > now - GIVEN_UP,
                or_(Shipment.poll_at.is_(None), Shipment.poll_at <= now),
                Carrier.active,
                Carrier.adapter != "manual",
            )
            .order_by(Shipment.poll_at.is_not(None), Shipment.poll_at, Shipment.id)
            .limit(AT_ONCE)
        )
    )


def _claim() -> list[_Asked]:
    now = clock.now()
    ids = _due(now)
    db.session.rollback()
    if not ids:
        return []
    begin_write()
    ours = db.session.scalars(
        update(Shipment)
        .where(Shipment.id.in_(ids), or_(Shipment.poll_at.is_(None), Shipment.poll_at <= now))
        .values(poll_at=now + LEASE)
        .returning(Shipment.id),
        execution_options={"synchronize_session": False},
    ).all()
    rows = db.session.execute(
        select(Shipment.id, Shipment.tracking_key, Carrier)
        .join(Carrier, Carrier.id == Shipment.carrier_id)
        .where(Shipment.id.in_(ours))
        .order_by(Shipment.id)
    ).all()
    found = []
    for parcel_id, number, carrier in rows:
        try:
            found.append(_Asked(parcel_id, number or "", adapters.access(carrier)))
        except LostKey:
            log.error("polling.key", carrier=carrier.id)
    db.session.commit()
    return found


def _ask(one: _Asked) -> None:
    """Ask about one parcel and keep what was said. Commits."""
    try:
        told = adapters.of(one.access.adapter).track(one.access, one.number, "")
    except (Unreachable, Declined) as fault:
        log.warning("polling.unanswered", parcel=one.parcel_id, fault=str(fault)[:200])
        told = []
    begin_write()
    with acting_as("desk", "clock: carriers"):
        parcel = db.session.get_one(Shipment, one.parcel_id)
        try:
            tracking.take(parcel, told, source="poll")
        except ValueError as fault:  # an answer that is none
            log.warning("polling.nonsense", parcel=one.parcel_id, fault=str(fault)[:200])
        parcel.poll_at = _next(parcel)
    db.session.commit()


def _next(parcel: Shipment) -> datetime | None:
    """When to ask again; None for a parcel that nothing more is to be heard of."""
    if parcel.state not in ON_ITS_WAY or parcel.handed_over_at is None:
        return None
    now = clock.now()
    return now + (EVERY if now - parcel.handed_over_at < FIRST_DAYS else SELDOM)
