"""Legal hold: what belongs to a customer or an order is kept, whatever a rule or a person says, until it is lifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.customers.models import Customer
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.records.models import LegalHold


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as pages show it."""

    id: int
    about: str
    """'order 1042' or the customer's name"""
    customer_id: int | None
    order_id: int | None
    order_number: int | None
    reason: str
    by: str
    at: datetime
    lifted_at: datetime | None
    lifted_by: str
    lifted_why: str

    @property
    def sentence(self) -> str:
        """Why nothing may be erased."""
        about = f"Order {self.order_number}" if self.order_number else self.about
        return f"{about} is under legal hold since {self.at:%d %B %Y}, set by {self.by}: {self.reason}"


def put(*, reason: str, by_id: int, customer_id: int | None = None, order_id: int | None = None) -> LegalHold:
    """Hold a customer or an order. The caller commits. Raises Refused for one that is held already."""
    thing = LegalHold.customer_id == customer_id if customer_id else LegalHold.order_id == order_id
    if db.session.scalar(select(LegalHold.id).where(thing, LegalHold.lifted_at.is_(None))):
        raise Refused("This is under legal hold already; lift that one first if its reason changed.")
    hold = LegalHold(
        customer_id=customer_id, order_id=order_id, reason=reason, at=clock.now(), by_id=by_id, lifted_why=""
    )
    db.session.add(hold)
    db.session.flush()
    about = ("customer", customer_id) if customer_id else ("order", order_id)
    record("hold.put", about=about, after={"hold": hold.id, "reason": reason})
    return hold


def lift(hold_id: int, *, why: str, by_id: int) -> LegalHold:
    """End a hold. The caller commits. Raises Refused when it was lifted before."""
    hold = db.session.get_one(LegalHold, hold_id, with_for_update=True, populate_existing=True)
    if hold.lifted_at is not None:
        raise Refused("This hold was lifted already.")
    hold.lifted_at, hold.lifted_by_id, hold.lifted_why = clock.now(), by_id, why
    about = ("customer", hold.customer_id) if hold.customer_id else ("order", hold.order_id)
    record("hold.lifted", about=about, before={"reason": hold.reason}, after={"hold": hold.id, "reason": why})
    return hold


def over(customer_ids: Sequence[int], order_ids: Sequence[int]) -> list[Hold]:
    """The holds that these customers or orders are under now."""
    some = or_(LegalHold.customer_id.in_(customer_ids), LegalHold.order_id.in_(order_ids))
    return _read(some, LegalHold.lifted_at.is_(None))


def everything(*, limit: int) -> list[Hold]:
    """The newest holds, those that are in force first."""
    return _read(limit=limit)


def _read(*conditions: ColumnElement[bool], limit: int | None = None) -> list[Hold]:
    """Holds with the names that they need. One query."""
    lifter = aliased(Person)
    rows = (
        select(LegalHold, Person.name.label("by"), lifter.name.label("lifter"), Order.number, Customer.name)
        .join(Person, Person.id == LegalHold.by_id)
        .outerjoin(lifter, lifter.id == LegalHold.lifted_by_id)
        .outerjoin(Order, Order.id == LegalHold.order_id)
        .outerjoin(Customer, Customer.id == LegalHold.customer_id)
        .where(*conditions)
        .order_by(LegalHold.lifted_at.is_not(None), LegalHold.id.desc())
        .limit(limit)
    )
    return [
        Hold(
            h.id, f"order {number}" if number else name or "(no name)", h.customer_id, h.order_id, number, h.reason, by,
            h.at, h.lifted_at, lifted_by or "", h.lifted_why,
        )
        for h, by, lifted_by, number, name in db.session.execute(rows)
    ]  # fmt: skip
