"""Finding the customer behind an address, or meeting a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


_FIND = (
    select(Customer.id, Customer.name)
    .join(CustomerAddress, CustomerAddress.customer_id == Customer.id)
    .where(CustomerAddress.email == bindparam("email"))
)


_NEW = insert(Customer.__table__).returning(Customer.__table__.c.id)  # type: ignore[arg-type]
_INSERTS = {
    "sqlite": sqlite.insert(CustomerAddress).on_conflict_do_nothing().returning(CustomerAddress.id),
    "postgresql": postgresql.insert(CustomerAddress).on_conflict_do_nothing().returning(CustomerAddress.id),
}


def find(email: str) -> Known | None:
    """The customer who writes from `email` (any case), or None."""
    row = db.session.execute(_FIND, {"email": email.casefold()}).one_or_none()
    return Known(row.id, row.name) if row else None


def meet(email: str, *, name: str, at: datetime) -> Known:
    """The customer who writes from `email`, made now if unknown. Call inside a writing transaction.

    Two workers that meet the same stranger at once agree on one row (the address is unique).
    """
    known = find(email)
    if known:
        return known
    customer_id = db.session.scalars(_NEW, {"name": name[:200], "created_at": at}).one()
    # Not a savepoint: rolling one back would drop the events noted so far.
    row = {"email": email.casefold()[:254], "customer_id": customer_id}
    if db.session.scalar(_INSERTS[db.engine.dialect.name], row) is None:
        db.session.execute(delete(Customer).where(Customer.id == customer_id))
        known = find(email)
        if known is None:
            raise LookupError("an address is taken and belongs to nobody")
        return known
    return Known(customer_id, name, new=True)
