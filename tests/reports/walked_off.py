"""The second half of the walk of an order: its mails, its parcel, and what its customer says."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from datetime import datetime, timedelta

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.catalogue import products, stock
from checkout_desk.customers.models import Customer
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.feedback import asking as feedback_asking
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail import delivery
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import (
    milestones,
)
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.returns import deciding, requesting
from checkout_desk.returns.models import Return
from checkout_desk.shipping import labelling, numbering, parcels, shortage, tracking
from checkout_desk.shipping.converging import Told
from checkout_desk.shipping.lifecycle import SHIPMENT, live_label
from checkout_desk.shipping.models import Shipment
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.reports.plants import END

Steps = Generator[datetime, None, None]
numbers = itertools.count(1)


class SendingOff:
    """From the packed parcel to the feedback; see `walked.Walk`."""

    def __init__(self, shop: Shop, stage: Stage, plant: str, begin: datetime) -> None:
        self.shop, self.stage, self.plant, self.begin = shop, stage, plant, begin
        self.offset = 0.0
        """hours by which the rest of the walk is later"""
        self.number = self.conversation = 0

    def at(self, hours: float) -> datetime:
        """So many hours after the mail."""
        return self.begin + timedelta(hours=hours + self.offset)

    def _leaves(self, *, later: float = 0) -> Steps:
        """What is queued for this order leaves after the undo window, or so many hours later."""
        yield clock.now() + timedelta(seconds=20, hours=later)
        with self.shop.reading():
            query = select(OutboundMail.id).where(
                OutboundMail.state == "queued", OutboundMail.thread == f"conversation:{self.conversation}"
            )
            waiting = list(db.session.scalars(query.order_by(OutboundMail.id)))
        for outbound_id in waiting:
            with self.shop.reading():
                delivery.deliver(outbound_id)

    def _mailed(self, milestone: str, late: str, refused: str, twice: str) -> Steps:
        """The mail of a milestone leaves: late, not at all, or twice where that is planted."""
        if self.plant == refused:
            leaving = self._leaves()
            yield next(leaving)
            self.shop.smtp_works(False)
            for moment in leaving:
                raise AssertionError(moment)
            self.shop.smtp_works(True)
        elif self.plant != "confirmed_late" or late == "told_late":  # it leaves with the next one
            yield from self._leaves(later=3 if self.plant == late else 0)
        if self.plant == twice:
            with self.stage.on(self.number) as (order, _, by):
                of = (MilestoneMail.order_id == order.id, MilestoneMail.milestone == milestone)
                milestones.again(db.session.scalars(select(MilestoneMail).where(*of)).one(), by=by)
            yield from self._leaves()

    def _packed(self) -> Steps:
        yield self.at(11 if self.plant == "packed_late" else 5.6)
        self.offset += 5.5 if self.plant == "packed_late" else 0
        with self.stage.on(self.number, "logistics") as (order, _, by):
            parcel = parcels.start(order, by=by)
            if self.plant == "missing_on_the_shelf":
                item = parcels.items([parcel.id])[parcel.id][0]
                there = shortage.short(parcel, item.product_id, found=item.quantity - 1, by=by)
                stock.receive(item.product_id, 5000 - there, occasion=f"found:{order.number}")
            parcels.packed_unscanned(parcel, by=by)
            if self.plant == "packed_again":
                parcels.void(parcel, by=by, reason="The box broke")
                parcel = parcels.start(order, by=by)
                parcels.packed_unscanned(parcel, by=by)
            if self.plant != "without_a_label":
                labelling.make(parcel, by=by)
            if self.plant == "labelled_again":
                label = live_label(parcel)
                assert label is not None
                labelling.void(label, by=by, reason="It was torn")
                labelling.make(parcel, by=by)

    def _left(self) -> Steps:
        yield self.at(11 if self.plant == "handed_over_late" else 6.2)
        with self.stage.on(self.number, "logistics") as (order, _, by):
            parcel, code = self._parcel(order), f"TEST{next(numbers):08d}"
            numbering.give(parcel, code, by=by, how="scan", confirmed=tuple(numbering.DOUBTS))
            if self.plant == "lost":
                SHIPMENT.fire(parcel, "lose", by=by)
        yield from self._mailed("shipped", "told_late", "told_nobody", "told_twice")

    def _parcel(self, order: Order) -> Shipment:
        query = select(Shipment).where(Shipment.order_id == order.id, Shipment.state != "void")
        found: Shipment = db.session.scalars(query).one()
        return found

    def _arrived(self) -> Steps:
        yield self.at(24 * (9 if self.plant == "arrived_late" else 1) + 6)
        with self.stage.on(self.number, "logistics") as (order, _, _by):
            told = Told(clock.now(), "delivered", "Delivered", "Leeds")
            tracking.take(self._parcel(order), [told], source="poll")
            found = (
                feedback_asking.schedule(order)
                or db.session.query(Feedback).filter_by(order_id=order.id).one()
            )
            feedback_id, due_at = found.id, found.due_at
            if self.plant == "opted_out":
                db.session.get_one(Customer, order.customer_id).feedback_opt_out_at = clock.now()
        yield from self._leaves()
        if self.plant in ("returned", "return_decided_late"):
            yield from self._came_back()
        if self.plant == "feedback_forgotten":
            return
        yield due_at + timedelta(hours=1)
        while not self._feedback(feedback_id) and clock.now() < END - timedelta(days=1):
            yield clock.now() + timedelta(days=1)
        yield from self._leaves()

    def _feedback(self, feedback_id: int) -> bool:
        """The clock's work of a day; whether it has come to an end."""
        with self.shop.writing(), acting_as("desk", "clock"):
            feedback = db.session.get_one(Feedback, feedback_id)
            if self.plant == "feedback_impossible":
                db.session.get_one(Order, feedback.order_id).email = ""
            if feedback.due_at <= clock.now():
                feedback_asking.ask(feedback, at=clock.now())
            return bool(feedback.asked_at or feedback.skipped_at)

    def _came_back(self) -> Steps:
        with self.stage.on(self.number) as (order, _, _by):
            product = products.by_sku("MUG-BLU")
            assert product is not None
            goods: dict[int, requesting.Wish] = {product.id: (1, "refund", None)}
            back = requesting.request(order, goods, reason="damaged", words="", source="customer").id
        yield clock.now() + timedelta(hours=30 if self.plant == "return_decided_late" else 2)
        with self.stage.on(self.number, "manager") as (_, _, by):
            found = db.session.get_one(Return, back)
            requesting.lock(found)
            deciding.refuse(found, by=by, reason="It was used")
        yield from self._leaves()
