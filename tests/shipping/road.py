"""Parcels on their way for tests: what carriers say, at pretended times, and what came of it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from checkout_desk import clock
from checkout_desk.conversations import promises
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.shipping import alarms, handing_over, tracking
from checkout_desk.shipping.converging import Told
from checkout_desk.shipping.models import DeliveryAlarm, Shipment, TrackingEvent
from tests.shipping.dock import TUESDAY, Dock
from tests.stories import remembered

LEFT = TUESDAY
"""3 November 2026, 10:00; promised for Friday the 6th"""
_numbers = itertools.count(1)


def after(hours: float) -> datetime:
    """So many hours after the parcel left."""
    return LEFT + timedelta(hours=hours)


def told(
    hours: float, status: str, words: str = "", place: str = "Leeds", *, returning: bool = False
) -> Told:
    """What a carrier says happened so many hours after the parcel left."""
    return Told(after(hours), status, words, place, returning)


class Road(Dock):
    """A dock whose parcels are tracked."""

    @remembered
    def sent(self, when: datetime = LEFT, **mail: Any) -> tuple[int, int]:
        """The number of an order and the id of its only parcel, which has left."""
        number = self.paid(when=when, **mail)
        parcel_id = self.packed(number, when, tracking=f"TEST{next(_numbers):08d}")
        self.step(parcel_id, handing_over.hand_over, when, at=when)
        return number, parcel_id

    @remembered
    def answered(self, number: int) -> None:
        """The customer's mail was answered, and the conversation waits."""
        with self.shop.writing():
            c = db.session.get_one(Conversation, self.stage.seen(number).conversation_id)
            promises.close_all(c, at=clock.now(), message_id=None)
            promises.refresh(c)
            if c.state == "open":
                CONVERSATION.fire(c, "wait")

    @remembered
    def says(self, parcel_id: int, *events: Told, when: datetime | None = None, source: str = "poll") -> int:
        """The carrier says so; at `when`, else an hour after the newest of it. Returns how many were new."""
        when = when or max(one.at for one in events) + timedelta(hours=1)
        with clock.pretending(when), self.shop.writing(), acting_as("desk", "test"):
            return tracking.take(db.session.get_one(Shipment, parcel_id), events, source=source)

    def sweep(self, when: datetime) -> int:
        """The clock looks for parcels that are silent or late."""
        with clock.pretending(when), self.shop.app.app_context():
            return alarms.sweep()

    def open(self, parcel_id: int) -> list[tuple[str, str]]:
        """(kind, about) of the alarms that stand."""
        return [(one.kind, one.about) for one in self.alarms(parcel_id) if one.settled_at is None]

    def alarms(self, parcel_id: int) -> list[DeliveryAlarm]:
        """All alarms of a parcel, oldest first."""
        return self.shop.all(DeliveryAlarm, DeliveryAlarm.shipment_id == parcel_id)

    def events(self, parcel_id: int) -> list[TrackingEvent]:
        """What is kept of what carriers said."""
        return self.shop.all(TrackingEvent, TrackingEvent.shipment_id == parcel_id)

    def milestones(self, number: int, milestone: str) -> list[MilestoneMail]:
        """The mails of a milestone of an order."""
        order = self.stage.seen(number)
        return self.shop.all(
            MilestoneMail, MilestoneMail.order_id == order.id, MilestoneMail.milestone == milestone
        )


def moment(day: int, hour: int = 9) -> datetime:
    """A time in November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)
