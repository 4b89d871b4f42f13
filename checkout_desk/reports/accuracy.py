"""How well mails are read: what people accepted as it was read, and what they typed over it.

Counted for the day on which an order was made, from its lines and from the record, of which an erasure takes nothing that
counts here. One line is two judgements (its product, its quantity), each detail of delivery is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from checkout_desk.catalogue.models import ProductAlias
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.reports.dayrows import DayRow, Sheet
from checkout_desk.reports.period import Period

ACCEPTED, CORRECTED, TYPED, ASKED, OPEN = OUTCOMES = ("accepted", "corrected", "typed", "asked", "open")
"""accepted as it was read; typed over by a person; not read, a person knew it; not read, the customer told it; not judged yet"""
FIELDS = {
    "product": "Product", "quantity": "Quantity", "ship_name": "Name", "ship_line1": "Street and number",
    "ship_line2": "Second line", "ship_city": "City", "ship_region": "Region", "ship_postcode": "Postcode",
    "ship_country": "Country", "delivery_wish": "Delivery note", "phone": "Phone",
}  # fmt: skip
ALIAS = "alias"
"""the part that counts words which customers use and the catalogue learned"""
_TOLD = ("drafted", "details_changed", "filled", "undone", "line_changed", "line_removed")


@dataclass(frozen=True, slots=True)
class Judged:
    """One value of an order that was or should have been read, and what came of it."""

    order_id: int
    number: int
    conversation_id: int | None
    at: datetime
    language: str
    field: str
    outcome: str


def judged_in(period: Period) -> list[Judged]:
    """Every value of the orders that were made of mails in the period, by order. Three queries."""
    made = (Order.born_of_id.is_not(None), Order.created_at >= period.start, Order.created_at < period.end)
    connection = db.session.connection()
    db.session.flush()
    orders = connection.execute(
        select(
            Order.id, Order.number, Order.conversation_id, Order.created_at, Order.language, Order.verified_at, Order.state
        ).where(*made).order_by(Order.id)
    ).all()  # fmt: skip
    chosen = select(Order.id).where(*made)
    lines = _by(connection.execute(_LINES.where(OrderLine.order_id.in_(chosen))), "order_id")
    told = _by(connection.execute(_EVENTS.where(Event.subject_id.in_(chosen))), "subject_id")
    found = []
    for order in orders:
        news = told.get(order.id, ())
        pairs = [*_lines(lines.get(order.id, ()), news), *_details(order, news)]
        found += [
            Judged(order.id, order.number, order.conversation_id, order.created_at, order.language, *pair)
            for pair in pairs
        ]
    return found


_LINES: Any = (
    select(
        OrderLine.order_id, OrderLine.id, OrderLine.product_id, OrderLine.quantity, OrderLine.confidence, OrderLine.typed,
        OrderLine.accepted_at, OrderLine.removed_at,
    )
    .where(OrderLine.message_id.is_not(None))
    .order_by(OrderLine.id)
)  # fmt: skip
_EVENTS: Any = (
    select(Event.subject_id, Event.kind, Event.actor, Event.before, Event.after)
    .where(Event.subject_type == "order", Event.kind.in_([f"order.{kind}" for kind in _TOLD]))
    .order_by(Event.id)
)


def rows(period: Period) -> list[DayRow]:
    """Part 'language|field' → how many of each outcome; 'language|alias' → words taught, and taken back. Four queries."""
    sheet = Sheet()
    for one in judged_in(period):
        sheet.add(period.day_of(one.at), f"{one.language}|{one.field}", **{one.outcome: 1})
    taught = select(ProductAlias.taught_at, ProductAlias.language, ProductAlias.undone_at).where(
        ProductAlias.taught_how.like("order %"),
        ProductAlias.taught_at >= period.start,
        ProductAlias.taught_at < period.end,
    )
    for row in db.session.connection().execute(taught):
        part = f"{row.language or ''}|{ALIAS}"
        sheet.add(period.day_of(row.taught_at), part, taught=1, undone=int(row.undone_at is not None))
    return sheet.rows()


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    parts: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        parts[getattr(row, name)].append(row)
    return parts


def _lines(lines: Sequence[Any], news: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """(field, outcome) of what was read as lines."""
    before: dict[tuple[Any, str], Any] = {}
    removed: set[Any] = set()
    confirmed: set[Any] = set()
    for one in news:
        was, line = one.before or {}, (one.after or {}).get("line")
        if one.kind == "order.line_changed":
            for name in was:
                before.setdefault((line, name), was[name])
            if "sku" in was:  # a person chose what had been read, or something else
                (confirmed.add if was["sku"] == one.after["sku"] else confirmed.discard)(line)
        elif one.kind == "order.line_removed" and one.actor.startswith("person:"):
            removed.add(line)
    for line in lines:
        gone = line.removed_at is not None
        if gone and line.id in removed and line.accepted_at is None:
            yield "product", CORRECTED  # it was no order at all
            continue
        if gone and line.accepted_at is None:
            continue  # the customer thought better of it before anybody judged it
        if line.id in confirmed:
            yield "product", ACCEPTED
        else:
            yield "product", _of_line(line, "product", bool(before.get((line.id, "sku"), line.product_id)))
        yield (
            "quantity",
            _of_line(line, "quantity", before.get((line.id, "quantity"), line.quantity) is not None),
        )


def _of_line(line: Any, name: str, was_read: bool) -> str:
    by = (line.typed or {}).get(name, {}).get("by", "")
    if by.startswith("person:"):
        return CORRECTED if was_read else TYPED
    if by == "customer" or not was_read:
        return ASKED if line.product_id and line.quantity else OPEN
    return ACCEPTED if line.accepted_at is not None else OPEN


def _details(order: Any, news: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """(field, outcome) of where the parcel goes and how to reach the customer."""
    read: set[str] = set()
    typed: dict[str, list[str]] = defaultdict(list)
    for one in news:
        names = (one.after or {}).get("fields") or ()
        if one.kind == "order.drafted":
            read = set(names)
        elif one.kind in ("order.details_changed", "order.filled"):
            by = TYPED if one.actor.startswith("person:") else ASKED
            for name in names:
                typed[name].append(by)
        elif one.kind == "order.undone":
            for name in names:
                if typed.get(name):
                    typed[name].pop()
    for name in FIELDS:
        if name in ("product", "quantity"):
            continue
        last = typed[name][-1] if typed.get(name) else ""
        if last == TYPED:
            yield name, CORRECTED if name in read else TYPED
        elif last == ASKED and name not in read:
            yield name, ASKED
        elif name in read:
            yield name, ACCEPTED if order.verified_at is not None else OPEN


def share(numbers: Mapping[str, int]) -> tuple[int, int]:
    """(accepted, judged) of a part's numbers: what nobody has judged yet, or what no mail said, counts for neither."""
    return numbers.get(ACCEPTED, 0), sum(numbers.get(name, 0) for name in (ACCEPTED, CORRECTED, TYPED))
