"""What a later reading says about an order that is there: what fills a gap, and what wants something different."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checkout_desk.catalogue.entries import Prepared
from checkout_desk.catalogue.models import Product
from checkout_desk.orders import completeness
from checkout_desk.orders.details import ADDRESS
from checkout_desk.orders.drafting import counted, detail_values, fitted, products_of
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.reading.canonical import fold
from checkout_desk.reading.model import Line, Reading, Value

WHERE_TO = ("ship_line1", "ship_city", "ship_postcode", "ship_country")
"""when one of these contradicts what is there, the mail gives another address and does not complete this one"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a reading says: as a change of an OrderChange, and whether it only fills an open gap."""

    change: dict[str, Any]
    fills: bool = False
    item: Any = None
    product: Product | None = None
    standing: str = "said"
    value: Value | None = None


def compare(
    order: Order, lines: Sequence[OrderLine], reading: Reading, prepared: Prepared
) -> list[Difference]:
    """Everything in which the reading differs from the order. What agrees says nothing."""
    live = [line for line in lines if line.removed_at is None]
    return [*_Lines(live, reading, prepared).differences(), *_details(order, reading)]


def differ(was: str, now: str) -> bool:
    """Whether two values of a detail differ in more than blanks, signs, case and accents."""
    return _bare(was) != _bare(now)


def _bare(text: str) -> str:
    return "".join(sign for sign in fold(text) if sign.isalnum())


def quantity_change(line: OrderLine, to: int, **where: Any) -> dict[str, Any]:
    """The change of a line's quantity."""
    return {"what": "quantity", "line": line.id, "from": line.quantity, "to": to, "text": "", **where}


def _where(item: Any) -> dict[str, Any]:
    return {
        "text": item.text[:300],
        "span": list(item.span) if item.source == "body" else None,
        "source": item.source[:200],
        "rule": item.rule,
        "confidence": item.confidence,
    }


class _Lines:
    """Lines of a reading set against the live lines of an order; each line of the order is answered once."""

    def __init__(self, live: list[OrderLine], reading: Reading, prepared: Prepared) -> None:
        self.live = live
        self.reading = reading
        skus = {line.sku for line in reading.lines}.union(*(one.candidates for one in reading.ambiguous))
        self.products = products_of(prepared, skus)
        self.settled: set[int] = set()

    def differences(self) -> Iterator[Difference]:
        for item in self.reading.lines:
            product = self.products.get(item.sku)
            if product is not None:
                yield from self._line(item, product)
        for choice in self.reading.ambiguous:
            fitting = [self.products[sku].id for sku in choice.candidates if sku in self.products]
            yield from self._vague(choice, fitting)
        for unknown in self.reading.unmatched:
            yield from self._vague(unknown, [])

    def _line(self, item: Line, product: Product) -> Iterator[Difference]:
        same = next((line for line in self.live if line.product_id == product.id), None)
        standing = "review" if item.needs_review else "said"
        quantity = counted(item.quantity)
        if same is not None:
            yield from self._same(same, item, quantity)
            return
        if item.quantity == 0:
            return
        choices = self._choices(product)
        facts = {"product": product.id, "quantity": quantity, **_where(item)}
        if choices:
            line = choices[0]
            self.settled.add(line.id)
            alone = self._answers(line) == 1
            yield Difference(
                {"what": "product", "line": line.id, **facts},
                alone,
                item,
                product,
                standing,
            )
            if alone and quantity is not None and line.quantity not in (None, quantity):
                yield Difference(quantity_change(line, quantity, **_where(item)))
            return
        unknown = [line for line in self.live if line.standing == "unknown" and line.id not in self.settled]
        if len(unknown) == 1 and len(self.reading.lines) == 1:  # an answer to "which one?": a person says so
            self.settled.add(unknown[0].id)
            yield Difference({"what": "product", "line": unknown[0].id, **facts})
            return
        yield Difference({"what": "add", "candidates": [], **facts}, not self.live, item, product, standing)

    def _same(self, line: OrderLine, item: Line, quantity: int | None) -> Iterator[Difference]:
        if item.quantity == 0:
            yield Difference({"what": "remove", "line": line.id, "from": line.quantity, **_where(item)})
        elif quantity is not None and quantity != line.quantity:
            yield Difference(quantity_change(line, quantity, **_where(item)), line.quantity is None, item)

    def _choices(self, product: Product) -> list[OrderLine]:
        return [
            line
            for line in self.live
            if line.product_id is None and product.id in line.candidates and line.id not in self.settled
        ]

    def _answers(self, line: OrderLine) -> int:
        """How many products of the mail fit one choice: two answers to one question are no answer."""
        named = {self.products[one.sku].id for one in self.reading.lines if one.sku in self.products}
        return len(named & set(line.candidates))

    def _vague(self, item: Any, fitting: list[int]) -> Iterator[Difference]:
        """Words for several products or none: the same question again, or something new."""
        quantity = counted(item.quantity)
        for line in self.live:
            if line.product_id is not None or line.id in self.settled:
                continue
            if set(fitting) & set(line.candidates) or (not fitting and not differ(line.text, item.text)):
                self.settled.add(line.id)
                if item.quantity == 0:
                    yield Difference(
                        {"what": "remove", "line": line.id, "from": line.quantity, **_where(item)}
                    )
                    return
                if quantity is not None and quantity != line.quantity:
                    yield Difference(
                        quantity_change(line, quantity, **_where(item)), line.quantity is None, item
                    )
                return
        if item.quantity == 0:
            return
        yield Difference(
            {"what": "add", "product": None, "quantity": quantity, "candidates": fitting, **_where(item)},
            not self.live,
            item,
            None,
            "choice" if fitting else "unknown",
        )


def _details(order: Order, reading: Reading) -> Iterator[Difference]:
    ship = reading.ship_to
    country = ship.country.text if ship is not None and ship.country is not None else order.ship_country
    said = {
        name: (fitted(name, value.text, country), value)
        for name, value in detail_values(reading)
        if name != "email"
    }
    elsewhere = any(
        getattr(order, name) and differ(getattr(order, name), said[name][0]) and not said[name][1].inferred
        for name in WHERE_TO
        if name in said
    )
    if ship is not None and ship.name is None and order.ship_name:
        said.pop("ship_name", None)  # who writes is not who gets the parcel
    incomplete = bool(completeness.address_gaps(order))
    for name, (text, value) in said.items():
        was = getattr(order, name)
        if not differ(was, text) or (was and value.inferred and not elsewhere):
            continue
        change = {
            "what": "detail",
            "field": name,
            "from": was,
            "to": text,
            "text": value.text[:200],
            "span": list(value.span) if value.span and value.source == "body" else None,
            "source": value.source,
            "rule": value.rule,
            "confidence": value.confidence,
            "inferred": value.inferred,
        }
        open_ = name not in ADDRESS or (incomplete and not elsewhere)
        yield Difference(change, not was and open_, value=value)
    if elsewhere and "ship_line1" in said:  # another address leaves nothing of the old one behind
        for name in ("ship_line2", "ship_region"):
            if name not in said and getattr(order, name):
                yield Difference({"what": "detail", "field": name, "from": getattr(order, name), "to": ""})
