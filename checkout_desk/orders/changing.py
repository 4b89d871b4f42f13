"""What a later mail wants different: kept as a difference for a person, applied or declined as one act."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Act
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import completeness, details, happenings, lines, loading
from checkout_desk.orders.lifecycle import open_for_change
from checkout_desk.orders.loading import open_changes
from checkout_desk.orders.models import Order, OrderChange, OrderLine
from checkout_desk.orders.undoing import doing

_SOURCE = ("span", "source", "rule", "confidence", "inferred")

__all__ = ["accept", "decline", "open_changes", "propose"]


PAID = frozenset({"paid", "packing", "shipped"})
"""states in which goods are paid and not at their door: another address then is how parcels are stolen"""


def propose(order: Order, message_id: int | None, changes: Sequence[dict[str, Any]]) -> OrderChange:
    """Keep what a message (None: the customer page) wants different, for a person to decide.

    Each change is one of quantity, remove, add, product, detail (see `OrderChange.changes`). The same message proposes
    once. 'cancel' wants the whole order cancelled. Raises ValueError for no changes.
    """
    if not changes:
        raise ValueError("a proposal of nothing")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(OrderChange)
    new = db.session.scalar(
        insert.values(
            order_id=order.id, message_id=message_id, at=clock.now(), changes=list(changes), state="open"
        )
        .on_conflict_do_nothing()
        .returning(OrderChange.id)
    )
    if new is None:
        return db.session.scalars(
            select(OrderChange).where(OrderChange.order_id == order.id, OrderChange.message_id == message_id)
        ).one()
    happenings.note(
        order,
        "change_proposed",
        customer=True,
        change=new,
        message=message_id,
        what=[change["what"] for change in changes],
    )
    loading.touch(order)
    completeness.reckon(order)
    return db.session.get_one(OrderChange, new)


def accept(change: OrderChange, *, by: Person, items: Collection[int] | None = None) -> Act | None:
    """Apply a change as the customer wants it, or only its `items` (places in `changes`); a verified order becomes a
    draft again.

    Raises Refused when it was decided on already, or when a part of it does not fit the order any more.
    """
    order = _undecided(change)
    wanted = [one for place, one in enumerate(change.changes) if items is None or place in items]
    if not wanted:
        raise Refused("Tick what to accept, or decline the change.")
    if any(one["what"] == "cancel" for one in wanted):
        raise Refused(f"Choose what becomes of the money of order {order.number}; that cancels it.")
    with doing(order, "change", by=by, sentence=f"Change to order {order.number} accepted") as done:
        open_for_change(order, by=by)
        _details(order, change, wanted)
        for one in wanted:
            if one["what"] != "detail":
                _APPLY[one["what"]](order, change, one, by)
        _decide(order, change, "accepted", by, wanted)
    return done.act


def taken_over(change: OrderChange, *, by: Person, items: Collection[int] | None = None) -> None:
    """Note as accepted what of a change was done elsewhere: the address of an order that is paid. Raises Refused."""
    order = _undecided(change)
    wanted = [one for place, one in enumerate(change.changes) if items is None or place in items]
    _decide(order, change, "accepted", by, wanted)


def decline(change: OrderChange, *, by: Person) -> Act | None:
    """The order stays as it is. Raises Refused when it was decided on already."""
    order = _undecided(change)
    with doing(order, "decline", by=by, sentence=f"Change to order {order.number} declined") as done:
        _decide(order, change, "declined", by, change.changes)
    return done.act


def _undecided(change: OrderChange) -> Order:
    order = db.session.get_one(Order, change.order_id)
    if change.state != "open":
        raise Refused(f"This change to order {order.number} has been {change.state} already.")
    return order


def _decide(
    order: Order, change: OrderChange, state: str, by: Person, items: Sequence[dict[str, Any]]
) -> None:
    change.state, change.decided_at, change.decided_by_id = state, clock.now(), by.id
    happenings.note(
        order,
        f"change_{state}",
        by=by,
        change=change.id,
        what=[one["what"] for one in items],
        left=len(change.changes) - len(items),
    )


def _line(order: Order, one: dict[str, Any]) -> OrderLine:
    line = db.session.get(OrderLine, one["line"])
    if line is None or line.order_id != order.id or line.removed_at is not None:
        raise Refused(
            f"A line that the customer wants changed is no longer on order {order.number}; "
            "decline the change and correct the order by hand."
        )
    return line


def _product(one: dict[str, Any]) -> Product | None:
    if one.get("product") is None:
        return None
    product = db.session.get_one(Product, one["product"])
    if not product.active:
        raise Refused(f"{product.sku} is not sold any more; decline the change and write to the customer.")
    return product


def _said(line: OrderLine, change: OrderChange, names: Sequence[str], by: Person) -> None:
    """The customer said it, a person accepted it: both stand on the line."""
    entry = {"by": "customer", "message": change.message_id, "at": change.at.isoformat()}
    line.typed = {**line.typed, **dict.fromkeys(names, entry)}
    if line.product_id is not None and line.quantity is not None:
        line.accepted_at, line.accepted_by_id = clock.now(), by.id


def _quantity(order: Order, change: OrderChange, one: dict[str, Any], by: Person) -> None:
    line = _line(order, one)
    line.quantity = one["to"]
    _said(line, change, ["quantity"], by)


def _remove(order: Order, change: OrderChange, one: dict[str, Any], by: Person) -> None:
    line = _line(order, one)
    line.removed_at, line.removed_why = clock.now(), "the customer does not want it any more"


def _choose(order: Order, change: OrderChange, one: dict[str, Any], by: Person) -> None:
    line, product = _line(order, one), _product(one)
    if product is None:
        raise ValueError("a choice of no product")
    lines.price(line, product, order)
    line.standing = "said"
    if one.get("quantity") is not None:
        line.quantity = one["quantity"]
    _said(line, change, ["product"], by)


def _add(order: Order, change: OrderChange, one: dict[str, Any], by: Person) -> None:
    product = _product(one)
    span = one.get("span") or (None, None)
    candidates = list(one.get("candidates") or [])
    line = lines.new(
        order,
        standing="said" if product else "choice" if candidates else "unknown",
        product=product,
        quantity=one.get("quantity"),
        candidates=candidates,
        text=str(one.get("text") or "")[:300],
        message_id=change.message_id,
        source=str(one.get("source") or "body"),
        span_start=span[0],
        span_end=span[1],
        rule=str(one.get("rule") or "")[:60],
        confidence=one.get("confidence"),
    )
    if product is not None and line.quantity is not None:
        line.accepted_at, line.accepted_by_id = clock.now(), by.id


def _details(order: Order, change: OrderChange, items: Sequence[dict[str, Any]]) -> None:
    for field, one in {one["field"]: one for one in items if one["what"] == "detail"}.items():
        source: dict[str, Any] = {key: one[key] for key in _SOURCE if key in one}
        source["by"] = "customer" if change.message_id is None else "reading"
        details.put(order, {field: one["to"]}, source=source, message_id=change.message_id)


_APPLY = {"quantity": _quantity, "remove": _remove, "product": _choose, "add": _add}
