"""Orders that were delivered and come back, each step a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import settling, taking
from checkout_desk.payments.models import Payment
from checkout_desk.reading.model import Reading
from checkout_desk.returns import requesting
from checkout_desk.returns.models import Return, ReturnLine
from checkout_desk.shipping import handing_over
from tests.orders.stage import line, product, quay, reading
from tests.shipping.dock import NUMBER, TUESDAY, Dock
from tests.stories import remembered

MIXED = reading(
    line("MUG-BLU", 3, "three blue mugs"),
    line("POT-06", 1, "one teapot"),
    ship_to=quay(),
    phone="+441912345678",
)


class Counter(Dock):
    """A dock to which goods come back."""

    @remembered
    def delivered(
        self,
        what: Reading = MIXED,
        when: datetime = TUESDAY,
        tracking: str = NUMBER,
        *,
        source: str = "bank",
        first: int = 0,
    ) -> int:
        """The number of an order that was paid and arrived; with `first` by two payments, this one first."""
        number, quote_id = self.quoted(what, when)
        person_id = self.shop.person("manager")
        with self.shop.writing(), clock.pretending(when):
            quote = db.session.get_one(Quote, quote_id)
            by = db.session.get_one(Person, person_id)
            for place, minor in enumerate(filter(None, (first, quote.total_minor - first))):
                payment, _ = taking.take(
                    source, f"{source}:{number}" + (f":{place}" if place else ""), amount_minor=minor,
                    currency=quote.currency, received_at=when, text=quote.reference,
                )  # fmt: skip
                settling.allocate(payment, quote, minor, by=by)
        self.step(self.packed(number, when, tracking), handing_over.hand_over, when)
        with self.dock(number, when) as (order, by):
            ORDER.fire(order, "deliver", by=by)
        return number

    def ids(self, *skus: str) -> list[int]:
        """The ids of products."""
        with self.shop.reading():
            return [product(sku).id for sku in skus]

    @contextmanager
    def over(
        self, number: int, when: datetime = TUESDAY, role: str = "manager"
    ) -> Iterator[tuple[Order, Person]]:
        """A transaction of a person over an order, at a pretended time."""
        with clock.pretending(when), self.stage.on(number, role) as (order, _, by):
            yield order, by

    @remembered
    def ask(
        self,
        number: int,
        lines: dict[str, Any],
        *,
        reason: str = "changed_mind",
        when: datetime = TUESDAY,
        source: str = "customer",
    ) -> int:
        """The id of a new return. `lines`: SKU -> pieces, or (pieces, SKU that is sent instead)."""
        with self.over(number, when) as (order, _):
            wishes: dict[int, requesting.Wish] = {}
            for sku, wish in lines.items():
                n, other = wish if isinstance(wish, tuple) else (wish, "")
                wishes[product(sku).id] = (
                    n,
                    "exchange" if other else "refund",
                    product(other).id if other else None,
                )
            return requesting.request(order, wishes, reason=reason, words="", source=source).id

    def with_return(
        self, return_id: int, step: Any, *, role: str = "manager", when: datetime = TUESDAY, **facts: Any
    ) -> Any:
        """One step of a person with a return; facts['by'] is that person."""
        person_id = self.shop.person(role)
        with clock.pretending(when), self.shop.writing(), acting_as(f"person:{person_id}", "test"):
            back = db.session.get_one(Return, return_id)
            return step(back, by=db.session.get_one(Person, person_id), **facts)

    def back(self, return_id: int) -> Return:
        """The return as it is now, detached."""
        return self.shop.all(Return, Return.id == return_id)[0]

    def rows(self, return_id: int) -> list[ReturnLine]:
        """Its lines as they are now, detached."""
        return self.shop.all(ReturnLine, ReturnLine.return_id == return_id)

    def payment(self, number: int) -> Payment:
        """What paid an order, as it is now, detached."""
        return self.shop.all(Payment, Payment.source_ref == f"bank:{number}")[0]
