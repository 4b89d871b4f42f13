"""Finding a person, and counting what is held about them, class by class."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from checkout_desk.customers.models import Customer, CustomerAddress, name_key
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.records.belongings import Belongings
from checkout_desk.records.classes import CLASSES, TABLES

FOUND = 30


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the list of findings shows them."""

    id: int
    name: str
    emails: tuple[str, ...]
    phone: str


def find(words: str) -> list[Person]:
    """The customers who `words` name: an address, a name or part of one, a phone number, or the number of an order."""
    said = " ".join(words.split())[:200]
    if not said:
        return []
    wanted = select(Customer.id).where(Customer.merged_into_id.is_(None), _matches(said))
    ids = list(db.session.scalars(wanted.order_by(Customer.id.desc()).limit(FOUND)))
    rows = db.session.execute(
        select(Customer.id, Customer.name, Customer.phone)
        .where(Customer.id.in_(ids))
        .order_by(Customer.id.desc())
    ).all()
    emails: dict[int, list[str]] = {}
    for row in db.session.execute(
        select(CustomerAddress.customer_id, CustomerAddress.email)
        .where(CustomerAddress.customer_id.in_(ids))
        .order_by(CustomerAddress.id)
    ):
        emails.setdefault(row.customer_id, []).append(row.email)
    return [Person(row.id, row.name or "(no name)", tuple(emails.get(row.id, ())), row.phone) for row in rows]


def _matches(said: str) -> ColumnElement[bool]:
    key = name_key(said)
    digits = "".join(one for one in said if one.isdigit())
    address = select(CustomerAddress.customer_id).where(
        CustomerAddress.email.contains(key.replace(" ", ""), autoescape=True)
    )
    ways: list[ColumnElement[bool]] = [
        Customer.name_key.contains(key, autoescape=True),
        Customer.id.in_(address),
    ]
    if len(digits) >= 6 and digits == said.lstrip("+").translate(_BLANKS):
        tail = digits.lstrip("0")
        ordered = select(Order.customer_id).where(Order.phone.endswith(tail, autoescape=True))
        ways += [Customer.phone.endswith(tail, autoescape=True), Customer.id.in_(ordered)]
    if said.lstrip("#").isdigit() and len(digits) < 10:
        ways.append(Customer.id.in_(select(Order.customer_id).where(Order.number == int(digits))))
    return or_(*ways)


_BLANKS = str.maketrans("", "", " -()/.")


def held(found: Belongings) -> list[tuple[str, int, str]]:
    """(class, how many rows, what erasing does) of everything that is held, without the empty ones."""
    sums: dict[str, int] = {}
    for name, n in found.counts().items():
        sums[TABLES[name]] = sums.get(TABLES[name], 0) + n
    return [(one.title, sums[key], one.erasing) for key, one in CLASSES.items() if sums.get(key)]
