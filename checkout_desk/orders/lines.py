"""What people do to the lines of an order: accept, correct, add, remove. Each is an act that can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product, ProductAlias
from checkout_desk.conversations.models import Act
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import happenings, loading, teaching
from checkout_desk.orders.lifecycle import open_for_change
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.next_action import waiting_to_be_accepted
from checkout_desk.orders.undoing import doing

MOST = 999_999


@dataclass(frozen=True, slots=True)
class Chosen:
    """What choosing a product did: the alias that it taught, or in `sentence` why the words taught nothing."""

    act: Act | None
    alias: ProductAlias | None = None
    sentence: str = ""


def order_of(line: OrderLine) -> Order:
    """The order of a line."""
    return db.session.get_one(Order, line.order_id)


def sku(line: OrderLine) -> str | None:
    """The SKU of a line's product, for the record."""
    return db.session.get_one(Product, line.product_id).sku if line.product_id else None


def accept(line: OrderLine, *, by: Person) -> Act | None:
    """A person vouches for what was read. Raises Refused while the product or the quantity is missing."""
    order = _changing(line)
    if line.product_id is None:
        raise Refused("Choose the product first; a line without one cannot be accepted.")
    if line.quantity is None:
        raise Refused("Type the quantity first; a line without one cannot be accepted.")
    if line.accepted_at is not None:
        return None
    with doing(order, "line", by=by, sentence=f"A line of order {order.number} accepted") as done:
        open_for_change(order, by=by)
        _accept(line, by)
        happenings.note(order, "line_accepted", by=by, line=line.id, sku=sku(line), quantity=line.quantity)
    return done.act


def accept_all(order: Order, *, by: Person) -> int:
    """Accept every line that the customer said clearly, with product and quantity; returns how many.

    Lines below the bar are left: those need a look each. The act is the newest of `by`.
    """
    certain = [
        line for line in waiting_to_be_accepted(loading.lines(order)) if line.standing in ("said", "typed")
    ]
    if not certain:
        return 0
    count = f"{len(certain)} lines" if len(certain) > 1 else "One line"
    with doing(order, "lines", by=by, sentence=f"{count} of order {order.number} accepted"):
        open_for_change(order, by=by)
        for line in certain:
            _accept(line, by)
        happenings.note(
            order, "lines_accepted", by=by, count=len(certain), lines=[line.id for line in certain]
        )
    return len(certain)


def set_quantity(line: OrderLine, n: int, *, by: Person) -> Act | None:
    """Type a quantity over what was read. The line counts as accepted once it has a product."""
    order = _changing(line)
    _checked(n)
    if line.quantity == n and line.accepted_at is not None:
        return None
    with doing(order, "quantity", by=by, sentence=f"Quantity in order {order.number} changed to {n}") as done:
        open_for_change(order, by=by)
        was, line.quantity = line.quantity, n
        _typed(line, by, "quantity")
        _accept(line, by)
        happenings.note(
            order,
            "line_changed",
            by=by,
            before={"quantity": was},
            line=line.id,
            sku=sku(line),
            quantity=n,
        )
    return done.act


def choose(line: OrderLine, product: Product, *, by: Person, teach: bool = True) -> Chosen:
    """Say which product the customer's words mean, and teach the words to the catalogue (`teach`).

    The price is the catalogue's of now. Words that cannot be an alias leave the choice standing; `sentence` says why.
    """
    order = _changing(line)
    _sellable(product)
    if line.product_id == product.id and line.accepted_at is not None and line.unit_price_minor is not None:
        return Chosen(None)
    alias, sentence = None, ""
    with doing(order, "product", by=by, sentence=f"{product.sku} chosen in order {order.number}") as done:
        open_for_change(order, by=by)
        was = sku(line)
        price(line, product, order)
        line.standing = "typed"
        _typed(line, by, "product")
        _accept(line, by)
        if teach and line.text.strip():
            alias, sentence = teaching.teach(
                product, line.text, language=order.language, by=by, how=f"order {order.number}"
            )
            if alias is not None:
                done.aliases.append(alias.id)
        happenings.note(
            order,
            "line_changed",
            by=by,
            before={"sku": was},
            line=line.id,
            product=product.id,
            sku=product.sku,
        )
    return Chosen(done.act, alias, sentence)


def add(order: Order, product: Product, n: int, *, by: Person) -> OrderLine:
    """Put another product on the order. Raises Refused when it is there already."""
    _sellable(product)
    _checked(n)
    live = [line for line in loading.lines(order) if line.removed_at is None]
    if any(line.product_id == product.id for line in live):
        raise Refused(f"{product.sku} is on order {order.number} already; change its quantity there.")
    with doing(order, "add", by=by, sentence=f"{n} × {product.sku} added to order {order.number}"):
        open_for_change(order, by=by)
        line = new(order, product=product, quantity=n, standing="typed")
        _typed(line, by, "product")
        _typed(line, by, "quantity")
        _accept(line, by)
        happenings.note(order, "line_added", by=by, line=line.id, sku=product.sku, quantity=n)
    return line


def remove(line: OrderLine, *, by: Person, why: str = "") -> Act | None:
    """Take a line off the order: it was no order, or the customer does not want it any more. It stays to be seen."""
    order = _changing(line)
    with doing(order, "remove", by=by, sentence=f"A line of order {order.number} removed") as done:
        open_for_change(order, by=by)
        line.removed_at, line.removed_why = clock.now(), why.strip()[:120]
        happenings.note(
            order, "line_removed", by=by, before={"quantity": line.quantity}, line=line.id, sku=sku(line)
        )
    return done.act


def new(
    order: Order, *, standing: str, product: Product | None = None, quantity: int | None = None, **facts: Any
) -> OrderLine:
    """A line at the end of the order, priced as the catalogue prices it now. No act, no event: that is the caller's.

    `facts` are further columns; without a `position` it is the next one.
    """
    position = facts.pop("position", None)
    if position is None:
        position = 1 + max((line.position for line in loading.lines(order)), default=0)
    line = OrderLine(
        order_id=order.id,
        position=position,
        quantity=quantity,
        standing=standing,
        candidates=facts.pop("candidates", []),
        typed={},
        **facts,
    )
    if product is not None:
        price(line, product, order)
    db.session.add(line)
    db.session.flush()
    return line


def price(line: OrderLine, product: Product, order: Order) -> None:
    """Put the product on the line with its price; without one where it is priced in another currency than the order."""
    line.product_id = product.id
    line.unit_price_minor = product.price_minor if product.currency == order.currency else None


def _changing(line: OrderLine) -> Order:
    order = order_of(line)
    if line.removed_at is not None:
        raise Refused(f"This line of order {order.number} has been removed; undo that first.")
    return order


def _checked(n: int) -> None:
    if not 1 <= n <= MOST:
        raise Refused(
            f"A quantity is a whole number from 1 to {MOST}, not {n}; remove the line to order none."
        )


def _sellable(product: Product) -> None:
    if not product.active:
        raise Refused(f"{product.sku} is not sold any more; choose another product.")


def _typed(line: OrderLine, by: Person, name: str) -> None:
    line.typed = {**line.typed, name: {"by": f"person:{by.id}", "at": clock.now().isoformat()}}


def _accept(line: OrderLine, by: Person) -> None:
    if line.product_id is not None and line.quantity is not None:
        line.accepted_at, line.accepted_by_id = clock.now(), by.id
