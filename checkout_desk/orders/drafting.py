"""An order begins: from what was read in a mail, or by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import entries
from checkout_desk.catalogue.entries import Prepared
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Act, Conversation, Message
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.orders import completeness, details, happenings, lines, readings
from checkout_desk.orders.models import SHIP_FIELDS, Order, OrderNumber
from checkout_desk.reading.model import Ambiguous, Line, Reading, Unmatched, Value
from checkout_desk.settings.models import store


def next_number() -> int:
    """The next order number. The row stays locked until the commit, so no two orders share one."""
    taken: int = db.session.execute(
        update(OrderNumber)
        .where(OrderNumber.id == 1)
        .values(next=OrderNumber.next + 1)
        .returning(OrderNumber.next)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return taken - 1


def from_reading(
    c: Any, message_id: int, reading: Reading, prepared: Prepared, *, at: datetime, language: str = ""
) -> Order:
    """A draft of what a mail orders. Nothing is guessed: what was not read stays empty and is a gap.

    Spans of source 'body' count in the message's text. `language` is the mail's, '' if unknown: then it is the
    customer's or the store's. A product that is gone since the reading becomes words that nobody knows.
    """
    order = _begin(c, at=at, language=language, message_id=message_id)
    _lines(order, reading, prepared, message_id)
    _details(order, reading, message_id)
    happenings.note(
        order, "drafted", number=order.number, message=message_id, conversation=order.conversation_id, fields=_read(order)
    )  # fmt: skip
    completeness.reckon(order)
    db.session.flush()
    return order


def by_hand(c: Conversation, *, by: Person, message_id: int | None = None) -> Order:
    """A draft in a conversation, made by a person; it can be undone.

    From a message it takes what was read there, for a person to accept line by line, unless an order was made of that
    message before; else it is empty but for what is known.
    """
    reading = _unused(message_id) if message_id is not None else None
    order = _begin(c, at=clock.now(), language="", message_id=message_id)
    order.created_by_id = by.id
    if reading is not None and message_id is not None:
        _lines(order, reading, entries.index(), message_id)
        _details(order, reading, message_id)
    else:
        _known(order, message_id)
    happenings.note(
        order, "drafted", by=by, number=order.number, message=message_id, conversation=order.conversation_id,
        fields=_read(order),
    )  # fmt: skip
    completeness.reckon(order)
    db.session.flush()
    db.session.add(
        Act(
            person_id=by.id,
            at=clock.now(),
            kind="order.made",
            sentence=f"Order {order.number} made",
            before={"order": order.id, "conversations": [{"id": c.id}], "version": order.version},
        )
    )
    db.session.flush()
    return order


def _read(order: Order) -> list[str]:
    """The details that were read: reports compare them with what was typed over them, also when the order is erased."""
    return sorted(name for name, source in order.sources.items() if source["by"] == "reading")


def _unused(message_id: int) -> Reading | None:
    """What was read in a message of which no order was made yet."""
    made = select(Order.id).where(Order.born_of_id == message_id).limit(1)
    if db.session.execute(made).first() is not None:
        return None
    return readings.restored(message_id)


def _begin(c: Any, *, at: datetime, language: str, message_id: int | None) -> Order:
    customer = db.session.get(Customer, c.customer_id) if c.customer_id else None
    settings = store()
    order = Order(
        number=next_number(),
        conversation_id=c.id,
        customer_id=c.customer_id,
        state="draft",
        currency=settings.currency,
        language=language or (customer.language if customer else None) or settings.language,
        sources={},
        asked=[],
        created_at=at,
        updated_at=at,
        born_of_id=message_id,
    )
    db.session.add(order)
    db.session.flush()
    return order


def _lines(order: Order, reading: Reading, prepared: Prepared, message_id: int) -> None:
    wanted = {line.sku for line in reading.lines}.union(*(item.candidates for item in reading.ambiguous))
    products = products_of(prepared, wanted)
    items: list[Line | Ambiguous | Unmatched] = [line for line in reading.lines if line.quantity != 0]
    items += [*reading.ambiguous, *reading.unmatched]
    for position, item in enumerate(items, 1):
        product, fitting = None, []
        if isinstance(item, Line):
            product = products.get(item.sku)
            standing = "unknown" if product is None else "review" if item.needs_review else "said"
        else:
            candidates = item.candidates if isinstance(item, Ambiguous) else ()
            fitting = [products[sku].id for sku in candidates if sku in products]
            standing = "choice" if fitting else "unknown"
        lines.new(
            order,
            position=position,
            standing=standing,
            product=product,
            quantity=counted(item.quantity),
            candidates=fitting,
            **where(item, message_id),
        )


def counted(quantity: int | None) -> int | None:
    """A quantity that was read, or None where it cannot be one."""
    return quantity if quantity is not None and 1 <= quantity <= lines.MOST else None


def products_of(prepared: Prepared, skus: set[str]) -> dict[str, Product]:
    """SKU -> product, of those that are still sold. One query."""
    ids = {prepared.ids[sku]: sku for sku in skus if sku in prepared.ids}
    if not ids:
        return {}
    rows = db.session.scalars(select(Product).where(Product.id.in_(ids), Product.active))
    return {ids[row.id]: row for row in rows}


def where(item: Any, message_id: int) -> dict[str, Any]:
    """Where a line was read: the words, the message, the source, and the span where the source is its text."""
    start, end = item.span if item.source == "body" else (None, None)
    return {
        "text": item.text[:300],
        "message_id": message_id,
        "source": item.source[:200],
        "span_start": start,
        "span_end": end,
        "rule": item.rule[:60],
        "confidence": item.confidence,
    }


def detail_values(reading: Reading, *, country: str = "") -> Iterator[tuple[str, Value]]:
    """(field of Order, what was read) for every detail of a reading; the name falls back on the customer's."""
    ship = reading.ship_to
    if ship is not None:
        for name in SHIP_FIELDS:
            value = getattr(ship, name)
            if value is not None and value.text.strip():
                yield f"ship_{name}", value
        if ship.name is None and reading.customer.name is not None:
            yield "ship_name", reading.customer.name
    said = (
        ("phone", reading.customer.phone),
        ("email", reading.customer.email),
        (details.WISH, reading.wish),
    )
    for field, value in said:
        if value is not None and value.text.strip():
            yield field, value


def read_source(value: Value) -> dict[str, Any]:
    """The entry in Order.sources of a detail that was read."""
    return {
        "by": "reading",
        "span": list(value.span) if value.span else None,
        "source": value.source,
        "rule": value.rule,
        "confidence": value.confidence,
        "inferred": value.inferred,
    }


def fitted(field: str, text: str, country: str) -> str:
    """What was read, as it is kept in its column."""
    text = " ".join(text.split())
    if field == "ship_postcode":
        text = details.postcode(text, country)
    if field == "ship_country":
        return text.upper()[:2]
    return text[: details.LONGEST.get(field, 200)]


def _details(order: Order, reading: Reading, message_id: int) -> None:
    ship = reading.ship_to
    country = ship.country.text if ship is not None and ship.country is not None else ""
    for field, value in detail_values(reading):
        details.put(
            order,
            {field: fitted(field, value.text, country)},
            source=read_source(value),
            message_id=message_id,
        )
    _known(order, message_id)


def _known(order: Order, message_id: int | None) -> None:
    """What is known without asking: the writer's address, the customer's number, the name of who writes.

    The address of an earlier order is not used: people move, and presents go elsewhere. It is offered (`details.known`).
    """
    message = db.session.get(Message, message_id) if message_id else None
    customer = db.session.get(Customer, order.customer_id) if order.customer_id else None
    earlier = details.known(order.customer_id, apart_from=order.id)
    writer = ""
    if message is not None and message.direction == "in":
        writer = ((message.facts or {}).get("for") or [message.from_email])[0]  # behind a contact form
    found = {
        "email": writer,
        "phone": (customer.phone if customer else "") or (earlier.fields.get("phone", "") if earlier else ""),
        "ship_name": customer.name if customer else "",
    }
    for field, value in found.items():
        if value and not getattr(order, field):
            details.put(order, {field: fitted(field, value, "")}, source={"by": "known"})
