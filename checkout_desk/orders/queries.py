"""Lists of orders for the screens: by keyset over the order's number, never counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, text

from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import Customer, CustomerAddress, name_key
from checkout_desk.extensions import db
from checkout_desk.orders import references
from checkout_desk.orders.models import STATES, Order, OrderLine

GROUPS: dict[str, tuple[str, ...]] = {
    "open": ("draft", "clarifying", "verified", "quoted", "paid", "packing"),
    "over": ("closed", "cancelled", "expired"),
}
"""words for several states"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of orders is narrowed to; empty fields narrow nothing. `state` is a state or a word of GROUPS."""

    state: str = ""
    country: str = ""
    words: str = ""


_TOP = 2**62
"""an id that no order reaches: with it the first page is the same walk as the others"""
COLUMNS: tuple[Any, ...] = (
    Order.id, Order.number, Order.state, Order.currency, Order.total_minor, Order.gap_count, Order.ship_name,
    Order.ship_country, Order.created_at, Order.conversation_id, Customer.name.label("customer"),
    Conversation.who, Conversation.order_id.label("shown"), Conversation.next_action,
    Conversation.state.label("conversation_state"),
)  # fmt: skip


def page(
    wanted: Wanted, *, before: int | None = None, after: int | None = None, limit: int
) -> tuple[list[Any], bool, bool]:
    """Orders, newest first: the rows, whether there are older ones, whether there are newer ones. One query.

    `before` and `after` are ids at whose older or newer side the page begins.
    """
    back = after is not None and before is None
    query = _narrowed(wanted)
    query = query.where(Order.id > after if back else Order.id < (before or _TOP))
    order = Order.id if back else Order.id.desc()
    rows = list(db.session.execute(query.order_by(order).limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    if back:
        return rows[::-1], True, more
    return rows, more, before is not None


def _narrowed(wanted: Wanted) -> Select[Any]:
    query = (
        select(*COLUMNS)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .outerjoin(Conversation, Conversation.id == Order.conversation_id)
    )
    if wanted.state in STATES:
        query = query.where(Order.state == wanted.state)
    elif wanted.state in GROUPS:
        query = query.where(Order.state.in_(GROUPS[wanted.state]))
    if wanted.country:
        query = query.where(Order.ship_country == wanted.country)
    return query.where(_matches(wanted.words)) if wanted.words else query


def _matches(words: str) -> ColumnElement[bool]:
    """Whose number is `words`, or whose customer, parcel's name, address or product begins with them."""
    number = number_in(words)
    if number is not None:
        return or_(Order.number == number, with_sku(words))
    key = name_key(words)
    named = select(Customer.id).where(
        or_(
            Customer.name_key.startswith(key, autoescape=True),
            Customer.name_key.contains(f" {key}", autoescape=True),
        )
    )
    address = select(CustomerAddress.customer_id).where(
        CustomerAddress.email.startswith(key.replace(" ", ""), autoescape=True)
    )
    return or_(
        Order.customer_id.in_(named),
        Order.customer_id.in_(address),
        Order.ship_name.icontains(words, autoescape=True),
        with_sku(words),
    )


def number_in(words: str) -> int | None:
    """The order number that was typed as `1042`, `#1042`, `1042-Q2` or a payment's reference; None for anything else."""
    if words.lstrip()[:2].upper() == "RF":
        return next((one.order for one in references.find(words) if one.how == "exact"), None)
    bare = words.strip().removeprefix("#").partition("-")[0]
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 9 else None


def with_sku(sku: str) -> ColumnElement[bool]:
    """The order has a standing line of a product whose SKU is `sku` or begins with it."""
    products = select(Product.id).where(
        Product.sku_key.startswith(sku.strip().casefold()[:64], autoescape=True)
    )
    having = select(OrderLine.order_id).where(
        OrderLine.product_id.in_(products), OrderLine.removed_at.is_(None)
    )
    return Order.id.in_(having)


def line_counts(ids: Sequence[int]) -> dict[int, int]:
    """Order id -> how many lines stand in it. One query."""
    if not ids:
        return {}
    rows = select(OrderLine.order_id, func.count()).where(
        OrderLine.order_id.in_(ids), OrderLine.removed_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(rows.group_by(OrderLine.order_id))}


_COUNTRIES = text(
    'WITH RECURSIVE found (code) AS (SELECT min(ship_country) FROM "order" UNION ALL '
    'SELECT (SELECT min(ship_country) FROM "order" WHERE ship_country > found.code) FROM found '
    "WHERE found.code IS NOT NULL) SELECT code FROM found WHERE code IS NOT NULL AND code <> ''"
)


def countries() -> list[str]:
    """The countries that parcels go to: from entry to entry of their index, however many orders there are."""
    return [row[0] for row in db.session.execute(_COUNTRIES)]


def of_conversation(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on Conversation: one of its orders fulfils all `conditions`."""
    return Conversation.id.in_(select(Order.conversation_id).where(*conditions))
