"""Orders that were delivered, and their customers in front of the page that asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.conversations import promises
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.customers.models import Customer
from checkout_desk.doorstep import links
from checkout_desk.extensions import db
from checkout_desk.feedback import asking
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order
from checkout_desk.shipping import handing_over
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.dock import NUMBER, Dock
from tests.stories import remembered


@dataclass
class Home:
    """Customers who have their parcels."""

    dock: Dock

    @property
    def shop(self) -> Shop:
        return self.dock.shop

    @remembered
    def delivered(self, tracking: str = NUMBER, *, answered: bool = True) -> int:
        """The number of an order that arrived just now; `answered`: we owe its customer no answer."""
        now = clock.now()
        number = self.dock.paid(when=now)
        self.dock.step(
            self.dock.packed(number, when=now, tracking=tracking), handing_over.hand_over, when=now
        )
        with self.dock.dock(number, now) as (order, by):
            ORDER.fire(order, "deliver", by=by)
            if answered:
                c = db.session.get_one(Conversation, order.conversation_id)
                promises.close_all(c, at=now, message_id=None)
        return number

    def sweep(self, days: float = 6) -> int:
        """The clock's work, `days` from now; how many were asked."""
        with self.shop.app.app_context(), clock.pretending(clock.now() + timedelta(days=days)):
            return asking.sweep()

    def feedback(self, number: int) -> Feedback | None:
        """The row of an order as it is now, detached."""
        rows = self.shop.all(Feedback, Feedback.order_id == self.dock.stage.seen(number).id)
        return rows[0] if rows else None

    @remembered
    def asked(self) -> int:
        """The number of an order whose customer was asked."""
        number = self.delivered()
        self.sweep(0)
        assert self.sweep() == 1
        return number

    def mails(self) -> list[Message]:
        return self.shop.all(Message, Message.kind == "automatic", Message.subject.like("How was order%"))

    def customer(self, number: int) -> Customer:
        return self.shop.all(Customer, Customer.id == self.dock.stage.seen(number).customer_id)[0]

    def open(self, number: int, purpose: str = "feedback") -> Page:
        """The customer clicks the link in a mail."""
        with self.shop.writing():
            order = db.session.scalars(db.select(Order).where(Order.number == number)).one()
            token = links.issue(order.id, email=order.email, purpose=purpose)[1]
        return Browser(self.shop.app, self.shop.app.test_client()).open(f"/o/{token}")


@pytest.fixture
def home(shop: Shop) -> Home:
    """A shop with stock, a carrier, and parcels that arrive."""
    return Home(Dock(Stage(shop)))
