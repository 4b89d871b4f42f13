"""The parcels that are packed and have not left, with what became of their labels."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select

from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.shipping import addressing, labelling
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import Label, Shipment

MOST = 200
"""parcels of one page, and labels of one print"""


@dataclass(frozen=True, slots=True)
class Row:
    """A parcel, and its label that counts if it has one."""

    parcel: Shipment
    order: Order
    label: Label | None

    @property
    def state(self) -> str:
        """In words."""
        if self.label is None:
            return "No label"
        if self.label.state != "made":
            return "Being bought"
        if addressing.stale(self.label, self.order):
            return "Address changed"
        if self.label.ref:
            return "The carrier’s own"
        times = self.label.printed
        return "Not printed yet" if not times else "Printed" if times == 1 else f"Printed {times} times"

    @property
    def new(self) -> bool:
        """Whether its label was never printed, and can be."""
        return self.state in ("No label", "Not printed yet", "Address changed")

    @property
    def doubts(self) -> list[str]:
        """What about its address may keep it from arriving."""
        return labelling.doubts(addressing.recipient(self.order))

    @property
    def tone(self) -> str:
        """How loudly to say it."""
        return {"Address changed": "bad", "Printed": "good"}.get(self.state, "")


def here(*, before: int | None = None) -> tuple[list[Row], bool]:
    """Packed parcels that have not left, newest first, MOST of them; `before` an id. One query.

    Returns them and whether there are more.
    """
    live = and_(Label.shipment_id == Shipment.id, Label.state.in_(("buying", "made", "unknown")))
    query = (
        select(Shipment, Order, Label)
        .join(Order, Order.id == Shipment.order_id)
        .outerjoin(Label, live)
        .where(Shipment.state.in_(HERE), Shipment.packed_at.is_not(None), Shipment.rides_id.is_(None))
        .order_by(Shipment.id.desc())
        .limit(MOST + 1)
    )
    if before is not None:
        query = query.where(Shipment.id < before)
    found = [Row(*row) for row in db.session.execute(query)]
    return found[:MOST], len(found) > MOST


def of_batch(batch_id: int) -> list[int]:
    """The ids of a batch's parcels that have not left."""
    query = select(Shipment.id).where(
        Shipment.batch_id == batch_id, Shipment.state.in_(HERE), Shipment.rides_id.is_(None)
    )
    return list(db.session.scalars(query))
