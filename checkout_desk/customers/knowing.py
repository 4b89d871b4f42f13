"""Finding the customer behind an address, or meeting a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

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
    customer_id = db.session.execute(
        insert(Customer).values(name=name[:200], created_at=at)
    ).inserted_primary_key[0]
    try:
        with db.session.begin_nested():
            db.session.execute(
                insert(CustomerAddress).values(email=email.casefold()[:254], customer_id=customer_id)
            )
    except IntegrityError:
        known = find(email)
        if known is None:
            raise
        return known
    return Known(customer_id, name, new=True)
