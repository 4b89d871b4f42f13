"""Quotes for tests: a verified order becomes a sent quote, and each step is a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.orders import acting, lines, quoting
from checkout_desk.orders.models import MilestoneMail, Order, Quote
from checkout_desk.reading.model import Reading
from tests.orders.stage import COMPLETE, Stage, product
from tests.stories import remembered

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
END = datetime(2026, 11, 9, 17, 0, tzinfo=UTC)
"""when a quote of that Monday ends: five business days later at 17:00"""


class Till:
    """A stage with stock, on which orders are quoted and paid."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.shop = stage.shop
        self._fill()

    @remembered
    def _fill(self) -> None:
        with self.shop.writing():
            for sku in ("MUG-BLU", "MUG-RED", "POT-06", "POT-12"):
                found = product(sku)
                found.weight_grams = 400
                stock.receive(found.id, 10, occasion=f"first:{sku}")

    @remembered
    def verified(self, what: Reading = COMPLETE, **mail: Any) -> int:
        """A verified order; returns its number."""
        number = self.stage.order(what, **mail)
        self.verify(number)
        return number

    @remembered
    def verify(self, number: int) -> None:
        """All lines are accepted and the order is verified."""
        with self.stage.on(number) as (order, _, by):
            lines.accept_all(order, by=by)
            acting.verify(order, by=by)

    @contextmanager
    def at(self, number: int, when: datetime | None = None) -> Iterator[tuple[Order, Person]]:
        """A transaction over an order, at a pretended time."""
        with clock.pretending(when or clock.now()), self.stage.on(number) as (order, _, by):
            yield order, by

    @remembered
    def send(self, number: int, when: datetime = MONDAY, **choices: Any) -> int:
        """Draw up and send the next version; returns its id."""
        with self.at(number, when) as (order, by):
            quote = quoting.draft(order, by=by, **choices)
            quoting.send(order, quote, by=by)
            return quote.id

    @remembered
    def quoted(self, what: Reading = COMPLETE, when: datetime = MONDAY, **mail: Any) -> tuple[int, int]:
        """(number of a quoted order, id of its quote)."""
        number = self.verified(what, **mail)
        return number, self.send(number, when)

    def do(self, quote_id: int, step: Any, when: datetime = MONDAY, **facts: Any) -> Any:
        """One step of quoting with a quote, at a pretended time."""
        with self.shop.writing(), clock.pretending(when):
            return step(db.session.get_one(Quote, quote_id), **facts)

    def quote(self, quote_id: int) -> Quote:
        """The quote as it is now, detached."""
        return self.shop.all(Quote, Quote.id == quote_id)[0]

    def stock(self, sku: str = "MUG-BLU") -> tuple[int, int, int]:
        """(on hand, held, committed)."""
        found: Product = self.shop.all(Product, Product.sku == sku)[0]
        return found.on_hand, found.held, found.committed

    def mails(self, number: int) -> list[tuple[str, bool]]:
        """(milestone, whether a message was made) of an order, oldest first."""
        rows = self.shop.all(MilestoneMail, MilestoneMail.order_id == self.stage.seen(number).id)
        return [(row.milestone, row.message_id is not None) for row in rows]

    def sound(self) -> None:
        """What holds at every moment, of the stock too."""
        self.shop.sound()
        with self.shop.reading():
            assert stock.check() == []
            for found in db.session.query(Product):
                assert found.available >= 0, f"{found.sku}: more is promised than there is"
