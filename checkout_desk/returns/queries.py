"""Lists of returns for the screens: by keyset over their ids, never counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.returns.lifecycle import OPEN
from checkout_desk.returns.models import RETURN_STATES, Return, ReturnLine

_TOP = 2**62
"""an id that no return reaches"""


def page(state: str, *, before: int | None = None, limit: int) -> tuple[list[Any], bool]:
    """Returns in `state` ('open' for all that wait for somebody, '' for every one), newest first, and whether there are
    older ones. One query."""
    query = (
        select(
            Return.id, Return.number, Return.state, Return.reason, Return.allowed, Return.source, Return.requested_at,
            Order.number.label("order_number"), Order.ship_name, Order.email, Customer.name.label("customer"),
        )
        .join(Order, Order.id == Return.order_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .where(Return.id < (before or _TOP))
    )  # fmt: skip
    if state in RETURN_STATES:
        query = query.where(Return.state == state)
    elif state == "open":
        query = query.where(Return.state.in_(OPEN))
    rows = list(db.session.execute(query.order_by(Return.id.desc()).limit(limit + 1)))
    return rows[:limit], len(rows) > limit


def pieces(ids: Sequence[int]) -> dict[int, int]:
    """Return id -> how many pieces it is about. One query."""
    if not ids:
        return {}
    rows = db.session.execute(
        select(ReturnLine.return_id, func.sum(ReturnLine.quantity))
        .where(ReturnLine.return_id.in_(ids))
        .group_by(ReturnLine.return_id)
    )
    return {return_id: int(n) for return_id, n in rows}
