"""Finding the customer behind an address, or meeting a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk.customers.models import Customer, CustomerAddress
from checkout_desk.extensions import db


@dataclass(frozen=True, slots=True)
class Known:
    """A customer by address. `new` is True when this very call made the row."""

    id: int
    name: str
    new: bool = False


_CUSTOMER: Any = Customer.__table__
_ADDRESS: Any = CustomerAddress.__table__
_FIND = (
    select(_CUSTOMER.c.id, _CUSTOMER.c.name)
    .join_from(_CUSTOMER, _ADDRESS, _ADDRESS.c.customer_id == _CUSTOMER.c.id)
    .where(_ADDRESS.c.email == bindparam("email"))
)


_NEW = insert(_CUSTOMER).returning(_CUSTOMER.c.id)
_INSERTS = {
    "sqlite": sqlite.insert(_ADDRESS).on_conflict_do_nothing().returning(_ADDRESS.c.id),
    "postgresql": postgresql.insert(_ADDRESS).on_conflict_do_nothing().returning(_ADDRESS.c.id),
}


def find(email: str) -> Known | None:
    """The customer who writes from `email` (any case), or None."""
    row = db.session.connection().execute(_FIND, {"email": email.casefold()}).one_or_none()
    return Known(row.id, row.name) if row else None


def meet(email: str, *, name: str, at: datetime) -> Known:
    """The customer who writes from `email`, made now if unknown. Call inside a writing transaction."""
    return find(email) or add(email, name=name, at=at)


def add(email: str, *, name: str, at: datetime) -> Known:
    """`meet` for a caller that has just found nobody.

    Two workers that meet the same stranger at once agree on one row (the address is unique).
    """
    run = db.session.connection().execute
    customer_id = run(_NEW, {"name": name[:200], "created_at": at}).scalar_one()
    # Not a savepoint: rolling one back would drop the events noted so far.
    row = {"email": email.casefold()[:254], "customer_id": customer_id}
    if run(_INSERTS[db.engine.dialect.name], row).scalar_one_or_none() is None:
        run(delete(_CUSTOMER).where(_CUSTOMER.c.id == customer_id))
        known = find(email)
        if known is None:
            raise LookupError("an address is taken and belongs to nobody")
        return known
    return Known(customer_id, name, new=True)
