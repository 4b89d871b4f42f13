"""Paid orders and their parcels for tests: each step is a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.orders import quoting
from checkout_desk.orders.models import Order
from checkout_desk.reading.model import Reading
from checkout_desk.settings.models import ShippingPrice, ShippingService
from checkout_desk.shipping import parcels
from checkout_desk.shipping.models import Carrier, Shipment, ShipmentItem
from tests.orders.quoted import Till
from tests.orders.stage import COMPLETE, Stage
from tests.stories import remembered

TUESDAY = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
NUMBER = "AB123456785GB"
"""a number of the postal union's form whose check digit is right"""


class Dock(Till):
    """A till with a carrier, on which paid orders are packed and leave."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._hire_carrier()

    @remembered
    def _hire_carrier(self) -> None:
        with self.shop.writing():
            service = ShippingService(
                name="Tracked 48",
                carrier="Royal Mail",
                countries=["*"],
                days_min=2,
                days_max=3,
                cut_off="15:00",
            )
            carrier = Carrier(
                name="Royal Mail",
                pattern="royal_mail",
                tracking_url="https://track.example/{language}/{number}",
            )
            db.session.add_all([service, carrier])
            db.session.flush()
            db.session.add(
                ShippingPrice(
                    service_id=service.id, price_minor=399, currency="GBP", valid_from=date(2026, 1, 1)
                )
            )

    @remembered
    def paid(self, what: Reading = COMPLETE, when: datetime = TUESDAY, **mail: Any) -> int:
        """The number of a paid order."""
        number, quote_id = self.quoted(what, when, **mail)
        self.do(quote_id, quoting.paid, when=when, at=when)
        return number

    @contextmanager
    def dock(self, number: int, when: datetime = TUESDAY) -> Iterator[tuple[Order, Person]]:
        """A transaction of somebody of logistics over an order, at a pretended time."""
        with clock.pretending(when), self.stage.on(number, "logistics") as (order, _, by):
            yield order, by

    @remembered
    def packed(self, number: int, when: datetime = TUESDAY, tracking: str = "") -> int:
        """The id of a parcel with all that is left of an order, packed; with `tracking` it has that number."""
        with self.dock(number, when) as (order, by):
            parcel = parcels.start(order, by=by)
            parcels.packed_unscanned(parcel, by=by)
            if tracking:
                parcel.tracking_number = parcel.tracking_key = tracking
            db.session.flush()
            return parcel.id

    def step(self, parcel_id: int, step: Any, when: datetime = TUESDAY, **facts: Any) -> Any:
        """One step of somebody of logistics with a parcel, at a pretended time; facts['by'] is that person."""
        person_id = self.shop.person("logistics")
        with clock.pretending(when), self.shop.writing(), acting_as(f"person:{person_id}", "test"):
            parcel = db.session.get_one(Shipment, parcel_id)
            return step(parcel, by=db.session.get_one(Person, person_id), **facts)

    def parcel(self, parcel_id: int) -> Shipment:
        """The parcel as it is now, detached."""
        return self.shop.all(Shipment, Shipment.id == parcel_id)[0]

    def inside(self, parcel_id: int) -> list[tuple[str, int, int]]:
        """(sku, quantity, packed) of what is in a parcel."""
        rows = self.shop.all(ShipmentItem, ShipmentItem.shipment_id == parcel_id)
        return [(row.sku, row.quantity, row.packed) for row in rows]
