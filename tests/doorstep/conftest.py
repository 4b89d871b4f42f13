"""An order with gaps, its customer's link, and the customer's browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from checkout_desk.doorstep import links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.orders import asking, completeness
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store
from tests.builders import Shop
from tests.orders.stage import Stage, choice, line, quay, reading
from tests.page import Browser, Page
from tests.stories import remembered

GAPS = reading(
    line("MUG-BLU", 2), choice("the teapot", 1, "POT-06", "POT-12"), ship_to=quay(postcode=None), phone="+441912345678"
)  # fmt: skip
"""two things missing: which teapot, and the postcode"""


@dataclass
class Door:
    """A customer in front of their order."""

    shop: Shop
    stage: Stage

    @remembered
    def asked(self, what: Any = GAPS, *, language: str = "en", **fields: Any) -> int:
        """An order whose customer has been asked for its gaps; returns its number."""
        number = self.stage.order(what)
        with self.stage.on(number) as (order, lines, by):
            order.language = language
            for name, value in fields.items():
                setattr(order, name, value)
            found = completeness.gaps(order, lines, ask_phone=store().ask_phone)
            asking.asked(order, found, message_id=None, by=by)
        return number

    @remembered
    def token(self, number: int) -> str:
        """A fresh link to the order's page."""
        with self.shop.writing():
            order = db.session.scalars(db.select(Order).where(Order.number == number)).one()
            return links.issue(order.id, email="jane@customer.example")[1]

    def link(self, number: int) -> CustomerLink:
        """The newest link of the order."""
        order = self.stage.seen(number)
        return self.shop.all(CustomerLink, CustomerLink.order_id == order.id)[-1]

    def browser(self) -> Browser:
        """Somebody's phone, without script and signed in nowhere."""
        return Browser(self.shop.app, self.shop.app.test_client())

    def open(self, number: int) -> Page:
        """The customer clicks the link in the mail."""
        return self.browser().open(f"/o/{self.token(number)}")


@pytest.fixture
def stage(shop: Shop) -> Stage:
    """A shop with a small catalogue."""
    return Stage(shop)


@pytest.fixture
def door(shop: Shop, stage: Stage) -> Door:
    """The customer's side of it."""
    return Door(shop, stage)
