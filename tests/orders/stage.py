"""A shop with a small catalogue and orders in it, and short words for what tests do to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import entries, products
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations import undoing
from checkout_desk.conversations.models import Act, Conversation
from checkout_desk.events.models import Event
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.orders import drafting, loading
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.reading.model import Ambiguous, Customer, Line, Reading, ShipTo, Unmatched, Value
from tests.builders import JANE, Shop
from tests.stories import remembered

TEXT = "Good morning, thank you for the kind words about our garden."
"""orders nothing, so that the intake makes no order of its own; what was read of it is up to each test"""


def value(text: str, span: tuple[int, int] | None = None, **more: Any) -> Value:
    """A detail that was read."""
    return Value(text, more.pop("rule", "said"), more.pop("confidence", 0.9), "body", span, **more)


def line(sku: str, quantity: int | None, text: str = "two blue mugs", confidence: float = 0.95) -> Line:
    """A line that was read."""
    return Line(sku, quantity, text, (0, len(text)), "body", confidence, "quantity-x-name")


def choice(text: str, quantity: int | None, *skus: str) -> Ambiguous:
    """Words that fit several products."""
    return Ambiguous(text, quantity, skus, (0, len(text)), "body")


def unknown(text: str, quantity: int | None = 1) -> Unmatched:
    """Words that fit none."""
    return Unmatched(text, quantity, (0, len(text)), "body")


def quay(**parts: str | None) -> ShipTo:
    """A complete address in England, with some parts changed or taken away."""
    whole: dict[str, str | None] = {
        "name": "Jane Fox",
        "line1": "5 Quay Lane",
        "city": "Tynemouth",
        "postcode": "NE30 1AA",
        "country": "GB",
        **parts,
    }
    return ShipTo(**{name: value(text) for name, text in whole.items() if text is not None})


def reading(
    *items: Line | Ambiguous | Unmatched,
    ship_to: ShipTo | None = None,
    phone: str = "",
    name: str = "",
    role: Any = "new",
) -> Reading:
    """What was read of a mail."""
    customer = Customer(
        name=value(name) if name else None, email=None, phone=value(phone, (1, 5)) if phone else None
    )
    return Reading(
        "order",
        role,
        tuple(item for item in items if isinstance(item, Line)),
        tuple(item for item in items if isinstance(item, Ambiguous)),
        tuple(item for item in items if isinstance(item, Unmatched)),
        customer,
        ship_to,
    )


COMPLETE = reading(line("MUG-BLU", 2), ship_to=quay(), phone="+441912345678")


class Stage:
    """Orders in a shop; each method is a transaction of its own unless it is told otherwise."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._furnish()

    @remembered
    def _furnish(self) -> None:
        with self.shop.writing():
            for sku, name, price, currency in (
                ("MUG-BLU", "Blue mug", 1600, "GBP"),
                ("MUG-RED", "Red mug", 1650, "GBP"),
                ("POT-06", "Teapot for six", 4200, "GBP"),
                ("POT-12", "Teapot for twelve", 6400, "GBP"),
                ("BOWL", "Salad bowl", 2500, "EUR"),
            ):
                products.create(sku=sku, name=name, price_minor=price, currency=currency)

    @remembered
    def order(self, what: Reading = COMPLETE, *, text: str = TEXT, sender: str = "") -> int:
        """An order out of a mail; returns its number."""
        taken = self.shop.take(text=text, sender=sender or JANE)
        with self.shop.writing():
            c = db.session.get_one(Conversation, taken.conversation)
            order = drafting.from_reading(c, taken.message, what, entries.index(), at=clock.now())
            return order.number

    @contextmanager
    def on(self, number: int, role: str = "processing") -> Iterator[tuple[Order, list[OrderLine], Person]]:
        """A writing transaction of a person over an order, its lines and that person."""
        person_id = self.shop.person(role)
        with self.shop.writing(), acting_as(f"person:{person_id}", "test"):
            order = loading.load(number)
            assert order is not None
            loading.lock(order)
            yield order, loading.lines(order), db.session.get_one(Person, person_id)

    def seen(self, number: int) -> Order:
        """The order as it is now, detached."""
        with self.shop.reading():
            order = loading.load(number)
            assert order is not None
            db.session.expunge(order)
            return order

    def lines(self, number: int) -> list[OrderLine]:
        """Its lines as they are now, detached."""
        return self.shop.all(OrderLine, OrderLine.order_id == self.seen(number).id)

    def row(self, number: int) -> Conversation:
        """Its conversation as it is now, detached."""
        conversation_id = self.seen(number).conversation_id
        assert conversation_id is not None
        return self.shop.seen(conversation_id)

    def told(self, number: int) -> list[str]:
        """The kinds of the events about an order, oldest first."""
        order = self.seen(number)
        found = self.shop.all(Event, Event.subject_type == "order", Event.subject_id == order.id)
        return [event.kind.removeprefix("order.") for event in found]

    def undo(self, role: str = "processing") -> Act:
        """That person takes back what they did last."""
        person_id = self.shop.person(role)
        with self.shop.writing(), acting_as(f"person:{person_id}", "test"):
            by = db.session.get_one(Person, person_id)
            act = undoing.last(by)
            assert act is not None, "there is nothing to undo"
            undoing.undo(act, by=by)
            return act


def product(sku: str) -> Product:
    """The product of that SKU, in the current transaction."""
    found = products.by_sku(sku)
    assert found is not None
    return found
