"""The form in which somebody types what is taken off a quote: an amount or a percentage, of a line or of everything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checkout_desk import money
from checkout_desk.catalogue import products
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.quote_content import Rebate

WHOLE = "order"
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))? ?%")


@dataclass(slots=True)
class Typed:
    """What the form holds, and the sentences for fields that cannot be used."""

    rebate: Rebate = field(default_factory=Rebate)
    line_id: int | None = None
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def fields(order: Order, form: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of the form, with what was typed before."""
    goods = products.get({line.product_id for line in _lines(order) if line.product_id})
    named = [(str(line.id), goods[line.product_id].name) for line in _lines(order) if line.product_id]
    example = money.plain(500 if money.decimals(order.currency) else 5, order.currency)
    return [
        {"kind": "select", "name": "on", "label": "Taken off", "value": form.get("on", WHOLE), "options": [(WHOLE, "The whole order"), *named]},
        {"kind": "text", "name": "off", "label": f"Amount in {order.currency}, or percent", "value": form.get("off", ""), "hint": f"Such as {example} or 10 %."},
        {"kind": "area", "name": "reason", "label": "Reason", "value": form.get("reason", "")},
    ]  # fmt: skip


def read(order: Order, form: Mapping[str, str]) -> Typed:
    """What was typed; `errors` name field, value and what would be accepted."""
    typed = Typed(reason=mask_cards(" ".join(form.get("reason", "").split())))
    on, off = form.get("on", ""), form.get("off", "").strip()
    lines = {str(line.id): line for line in _lines(order)}
    if on in lines:
        typed.line_id = lines[on].id
    elif on != WHOLE:
        typed.errors["on"] = f"“{on[:20]}” is no line of this order now; choose one of the list."
    try:
        typed.rebate = _rebate(off, order.currency, _most(order, lines.get(on)))
    except ValueError as fault:
        typed.errors["off"] = str(fault)
    if not 3 <= len(typed.reason) <= 300:
        short = len(typed.reason) < 3
        said = (
            f"“{typed.reason}” says too little"
            if short
            else f"A reason of {len(typed.reason)} characters is too long"
        )
        typed.errors["reason"] = f"{said}; say in 3 to 300 characters why."
    return typed


def _rebate(text: str, currency: str, most: int) -> Rebate:
    if text.endswith("%"):
        match = _PERCENT.fullmatch(text)
        ppm = int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0")) if match else -1
        if not 0 <= ppm <= 1_000_000:
            raise ValueError(f"“{text[:20]}” cannot be taken off; type from 0 to 100 %, such as 10 %.")
        return Rebate(ppm=ppm)
    minor = money.read(text, currency)
    if minor > most:
        shown = money.show(minor, currency)
        raise ValueError(f"{shown} is more than it costs; type at most {money.plain(most, currency)}.")
    return Rebate(minor=minor)


def _most(order: Order, line: OrderLine | None) -> int:
    rows = [line] if line is not None else _lines(order)
    return sum((row.quantity or 0) * (row.unit_price_minor or 0) for row in rows)


def _lines(order: Order) -> list[OrderLine]:
    return [line for line in loading.lines(order) if line.removed_at is None]
