"""An answer of the customer fills exactly the gaps that are open; whatever it says beyond is for a person to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from checkout_desk.catalogue.entries import Prepared
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import asking, comparing, details, happenings, lines, loading
from checkout_desk.orders.comparing import Difference
from checkout_desk.orders.drafting import read_source, where
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.next_action import OPEN, OVER
from checkout_desk.orders.undoing import doing
from checkout_desk.reading.model import Reading


@dataclass(slots=True)
class Filled:
    """What an answer filled (fields of Order, 'quantity:5', 'product:5', 'line:6'), and what it wants beyond, as the
    changes of an OrderChange."""

    filled: list[str] = field(default_factory=list)
    rest: list[dict[str, Any]] = field(default_factory=list)


def fill(
    order: Order,
    message_id: int,
    reading: Reading,
    prepared: Prepared,
    *,
    at: datetime,
    propose_only: bool = False,
) -> list[dict[str, Any]]:
    """Fill the open gaps of an order from a mail; returns what is left for a person (`changing.propose`).

    With `propose_only`, and always once the order is verified, nothing is filled and everything is returned. Nothing
    is filled that a person or the customer gave before.
    """
    loading.lock(order)
    found = comparing.compare(order, loading.lines(order), reading, prepared)
    if propose_only or order.state not in OPEN:
        return [one.change for one in found]
    result = Filled(rest=[one.change for one in found if not one.fills])
    with doing(order, "fill", by=None, sentence=""):
        asking.answered(order)
        for one in found:
            if one.fills:
                result.filled.append(_fill(order, one, message_id, at))
        if result.filled:
            happenings.note(order, "filled", customer=True, message=message_id, fields=result.filled)
    return result.rest


def _fill(order: Order, one: Difference, message_id: int, at: datetime) -> str:
    change = one.change
    if change["what"] == "detail":
        assert one.value is not None
        details.put(
            order, {change["field"]: change["to"]}, source=read_source(one.value), message_id=message_id
        )
        return str(change["field"])
    source = {"by": "reading", "message": message_id, "at": at.isoformat(), "span": change.get("span")}
    if change["what"] == "add":
        line = lines.new(
            order,
            standing=one.standing,
            product=one.product,
            quantity=change["quantity"],
            candidates=change["candidates"],
            **where(one.item, message_id),
        )
        return f"line:{line.id}"
    line = db.session.get_one(OrderLine, change["line"])
    if change["what"] == "quantity":
        line.quantity = change["to"]
        line.typed = {**line.typed, "quantity": source}
        return f"quantity:{line.id}"
    assert one.product is not None
    _settle(order, line, one.product, source, standing=one.standing)
    if line.quantity is None and change["quantity"] is not None:
        line.quantity = change["quantity"]
    return f"product:{line.id}"


def _settle(
    order: Order, line: OrderLine, product: Product, source: dict[str, Any], *, standing: str
) -> None:
    lines.price(line, product, order)
    line.standing = standing
    line.typed = {**line.typed, "product": source}


def fill_form(order: Order, fields: Mapping[str, str], *, at: datetime) -> Filled:
    """Fill gaps from what a customer typed on their page; `rest` is what differs from what is there already.

    Keys are fields of `details.FIELDS`, 'quantity:<line id>' and 'product:<line id>' (the id of one of the products
    that fit). Empty values say nothing. Raises details.Wrong for what cannot be kept, and Refused once the order is over.
    """
    loading.lock(order)
    if order.state in OVER:
        raise Refused(f"Order {order.number} is {order.state}; nothing can be changed any more.")
    typed = {key: " ".join(value.split()) for key, value in fields.items() if value.strip()}
    on_lines = {key: value for key, value in typed.items() if ":" in key}
    wrong = details.faults({k: v for k, v in typed.items() if ":" not in k}, order.ship_country)
    rows = {line.id: line for line in loading.lines(order) if line.removed_at is None}
    wrong |= {key: sentence for key, value in on_lines.items() if (sentence := _line_fault(key, value, rows))}
    if wrong:
        raise details.Wrong(wrong)
    country = order.ship_country
    if typed.get("ship_country"):
        country = details.cleaned({"ship_country": typed["ship_country"]}, country)["ship_country"]
    values = details.cleaned({k: v for k, v in typed.items() if ":" not in k}, country)
    result = Filled()
    with doing(order, "fill", by=None, sentence=""):
        if typed and order.state in OPEN:
            asking.answered(order)
        _form_details(order, values, result)
        for key, value in on_lines.items():
            _form_line(order, rows, key, int(value), at, result)
        if result.filled:
            happenings.note(order, "filled", customer=True, fields=result.filled)
    return result


def _line_fault(key: str, value: str, rows: Mapping[int, OrderLine]) -> str | None:
    what, _, number = key.partition(":")
    line = rows.get(int(number)) if number.isascii() and number.isdecimal() else None
    if what not in ("quantity", "product") or line is None:
        return "This line is not on the order any more; reload the page."
    whole = value.isascii() and value.isdecimal() and len(value) <= 15
    if what == "quantity" and not (whole and 1 <= int(value) <= lines.MOST):
        return f"“{value[:20]}” is not a quantity; type a whole number from 1 to {lines.MOST}."
    if what == "product" and not (whole and int(value) in line.candidates):
        return "Choose one of the products that are shown."
    return None


def _form_details(order: Order, values: Mapping[str, str], result: Filled) -> None:
    filled = {
        name: value for name, value in values.items() if order.state in OPEN and not getattr(order, name)
    }
    for name, value in values.items():
        was = getattr(order, name)
        if name not in filled and comparing.differ(was, value):
            result.rest.append({"what": "detail", "field": name, "from": was, "to": value})
    if filled:
        details.put(order, filled, source={"by": "customer"})
        result.filled += sorted(filled)


def _form_line(
    order: Order, rows: Mapping[int, OrderLine], key: str, value: int, at: datetime, result: Filled
) -> None:
    what, _, number = key.partition(":")
    line = rows[int(number)]
    source = {"by": "customer", "at": at.isoformat()}
    if what == "quantity":
        if line.quantity is None and order.state in OPEN:
            line.quantity, line.typed = value, {**line.typed, "quantity": source}
            result.filled.append(key)
        elif line.quantity != value:
            result.rest.append(comparing.quantity_change(line, value))
        return
    product = db.session.get_one(Product, value)
    if line.product_id is None and product.active and order.state in OPEN:
        _settle(order, line, product, source, standing="said")
        result.filled.append(key)
    elif line.product_id != value:
        result.rest.append(
            {"what": "product", "line": line.id, "product": value, "quantity": None, "text": ""}
        )
