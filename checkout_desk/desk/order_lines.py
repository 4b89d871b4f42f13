"""One line of an order for the screen: product, stock, price, where it was read, and what can be done with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from checkout_desk import clock, money
from checkout_desk.catalogue.models import Product
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.order_loaded import Row
from checkout_desk.desk.paths import path
from checkout_desk.orders.models import Order, OrderLine

_WORD = re.compile(r"[^\s,·]+")


def numbered(rows: Sequence[Row]) -> dict[int, int]:
    """Line id → the number that its highlight and its row share, for the lines whose words stand in a message."""
    spoken = [line.id for line, _ in rows if line.message_id and line.span_start is not None]
    return {line_id: number for number, line_id in enumerate(spoken, start=1)}


def context(
    order: Order, rows: Sequence[Row], products: Mapping[int, Product], around: Frame, *, editable: bool
) -> list[dict[str, Any]]:
    """The lines for `_line.html`, in the order's order."""
    numbers = numbered(rows)
    return [
        _line(order, line, product, products, around, k=numbers.get(line.id), editable=editable)
        for line, product in rows
    ]


def _line(
    order: Order,
    line: OrderLine,
    product: Product | None,
    products: Mapping[int, Product],
    around: Frame,
    *,
    k: int | None,
    editable: bool,
) -> dict[str, Any]:
    fits = [products[one] for one in line.candidates or () if one in products]
    waits = line.standing == "review" and line.accepted_at is None
    open_ = product is None or line.quantity is None
    may_accept = editable and not open_ and line.accepted_at is None and line.standing != "typed"
    return {
        "id": line.id, "k": k, "number": order.number, "version": order.version, "quantity": line.quantity,
        "name": product.name if product else named(line, fits), "sku": product.sku if product else "",
        "each": money.show(line.unit_price_minor, order.currency)
        if product and line.unit_price_minor is not None and line.quantity != 1 else "",
        "sum": amount(order, line), "stock": stock(product, line.quantity, around) if product else None,
        "check": waits or open_, "waits": waits, "text": line.text, "choice": choice(order, fits) if product is None else [],
        "unknown": product is None and not fits, "no_quantity": line.quantity is None,
        "source": source(line), "typed": typed(line, around), "retired": bool(product and not product.active),
        "accepted": accepted(line, around), "editable": editable, "url": path("ordering.line", number=order.number, line_id=line.id),
        "may_accept": may_accept,
        "find_url": path("ordering.find", number=order.number) + f"?line={line.id}",
        "alias_url": path("ordering.find", number=order.number) + f"?line={line.id}&teach=1",
        "says": says(line, product, waits),
    }  # fmt: skip


def amount(order: Order, line: OrderLine) -> str:
    """What the line costs, or nothing while that is open."""
    if line.product_id is None or line.quantity is None or line.unit_price_minor is None:
        return ""
    return money.show(line.unit_price_minor * line.quantity, order.currency)


def named(line: OrderLine, fits: Sequence[Product]) -> str:
    """What a line without a product is called: `Teapot, which?`, or the customer's own words."""
    common = _common([product.name for product in fits])
    if common:
        return f"{common}, which?"
    words = " ".join(line.text.split())
    return f"“{words}”" if words else "Something, what?"


def _common(names: Sequence[str]) -> str:
    """The words with which all of several names begin."""
    lists = [_WORD.findall(name) for name in names]
    shared = []
    for words in zip(*lists, strict=False):
        if len({word.casefold() for word in words}) > 1:
            break
        shared.append(words[0])
    return " ".join(shared)


def choice(order: Order, fits: Sequence[Product]) -> list[dict[str, Any]]:
    """The products that fit as buttons: by what tells them apart, and their price."""
    common = len(_WORD.findall(_common([product.name for product in fits])))
    return [
        {
            "product": product.id,
            "name": _rest(product.name, common),
            "title": f"{product.name}, {product.sku}",
            "price": short_price(product.price_minor, product.currency),
        }
        for product in fits
    ]


def _rest(name: str, words: int) -> str:
    """`name` without its first `words` words, unless nothing were left."""
    matches = list(_WORD.finditer(name))
    rest = name[matches[words].start() :] if words < len(matches) else name
    return rest[:1].upper() + rest[1:]


def short_price(minor: int, currency: str) -> str:
    """`£22` for whole amounts, else `£22.50`."""
    shown = money.show(minor, currency)
    places = money.decimals(currency)
    return shown.replace("." + "0" * places, "") if places and minor % 10**places == 0 else shown


def stock(product: Product, quantity: int | None, around: Frame) -> dict[str, str]:
    """`7 free of 9`; amber with the next delivery when that is less than is wanted."""
    free = max(product.available, 0)
    if free >= (quantity or 1):
        return {"text": f"{free} free of {product.on_hand}", "tone": ""}
    due = ""
    if product.restock_on and product.restock_on >= clock.now().date():
        due = f", {product.restock_quantity or 'more'} due {_day(product.restock_on, around)}"
    return {"text": (f"{free} free" if free else "none free") + due, "tone": "soon"}


def _day(day: date, around: Frame) -> str:
    """`Thu` within a week, else `3 Dec`."""
    left = (day - around.face.now.astimezone(around.face.zone).date()).days
    return f"{day:%a}" if 0 <= left < 7 else f"{day.day} {day:%b}"


def source(line: OrderLine) -> str:
    """Where the words stand when that is not the text of the mail."""
    if line.source == "subject":
        return "from the subject"
    return f"from {line.source}" if line.source not in ("", "body") and line.message_id else ""


def typed(line: OrderLine, around: Frame) -> str:
    """`typed by Mia` where somebody put something over the reading; the newest of it counts."""
    if line.standing != "typed" and not line.typed:
        return ""
    marks = [mark for mark in line.typed.values() if isinstance(mark, Mapping)]
    newest = max(marks, key=lambda mark: str(mark.get("at", "")), default=None)
    what = {"quantity": "quantity ", "product": "product "}
    part = what.get(next(iter(line.typed)), "") if len(line.typed) == 1 and line.standing != "typed" else ""
    return f"{part}typed by {by(str(newest['by']), around) if newest else 'hand'}"


def by(who: str, around: Frame) -> str:
    """The first name behind 'person:3'; 'customer' is the customer."""
    if who.startswith("person:") and who[7:].isdecimal():
        return first_name(around.name(int(who[7:])))
    return "the customer" if who == "customer" else "the desk"


def first_name(name: str) -> str:
    """How colleagues call each other."""
    return name.split(maxsplit=1)[0] if name.split() else name


def accepted(line: OrderLine, around: Frame) -> str:
    """Who said that the reading is right, and when."""
    if line.accepted_at is None:
        return ""
    who = first_name(around.name(line.accepted_by_id)) if line.accepted_by_id else "the desk"
    return f"accepted by {who} {around.face.short(line.accepted_at)}"


def says(line: OrderLine, product: Product | None, waits: bool) -> str:
    """What a highlight became, in words."""
    if product is None:
        return "Which product? Still open"
    many = f"{line.quantity} × " if line.quantity is not None else "How many? "
    return f"{many}{product.name}" + (", please check" if waits else "")
