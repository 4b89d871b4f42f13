"""What a whole search may be a number of: a parcel's tracking number, somebody's phone, or where a parcel goes.

People read such numbers out in any spacing, so they are compared without it. A tracking number is a look into its unique
index; phones and postcodes are looked for in the newest LOOKED_AT orders and customers, so that it stays one bounded
statement however long the books are. Older ones are found by the words of their mails, as before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, literal, null, or_, select, text, union_all

from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.shipping.models import Shipment
from checkout_desk.shipping.numbers import key as tracking_key

LOOKED_AT = 20_000
"""orders, and customers, that one search looks through for a phone number or a postcode"""
MOST = 30
_TOP = 2**62
"""an id that no row reaches: with it the newest are a walk of the primary key"""
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,30}")
_SIGNS = re.compile(r"[\s\-]+")


def conversations(said: str, conditions: Sequence[ColumnElement[bool]]) -> dict[int, str]:
    """Conversation id -> what of it `said` is ('Phone number of order 1042'), newest first; {} where `said` can be no
    such number. They also fulfil `conditions` on Conversation. One statement."""
    parts = list(_parts(said))
    if not parts:
        return {}
    every = union_all(*parts).subquery()
    query = (
        select(every.c.conversation_id, every.c.what, every.c.number)
        .join(Conversation, Conversation.id == every.c.conversation_id)
        .where(*conditions)
        .limit(MOST)  # the branches name the newest first, so nothing is sorted
    )
    found: dict[int, str] = {}
    for row in db.session.execute(query):
        whose = f"order {row.number}" if row.number else "the customer"
        found.setdefault(row.conversation_id, f"{row.what} of {whose}")
    return found


def _parts(said: str) -> list[Any]:
    key = _SIGNS.sub("", said).upper()
    digits = sum(one.isdigit() for one in key)
    if not 4 <= len(key) <= 40 or digits == 0:
        return []
    tail = _phone(said)
    parts = [_parcels(tracking_key(said))] if digits >= 4 and len(key) >= 6 else []
    if tail or len(key) <= 10:
        parts.append(_orders(key, tail))
    return [*parts, _customers(tail)] if tail else parts


def _phone(said: str) -> str:
    """The digits in which every way to write a phone number ends: without its 0, 00 or (0). '' for what is none."""
    if not _PHONE.fullmatch(said):
        return ""
    tail = re.sub(r"\D", "", said.replace("(0)", "")).lstrip("0")
    return tail if 7 <= len(tail) <= 15 else ""


def _parcels(key: str) -> Any:
    return (
        select(Order.conversation_id, Order.number, literal("Tracking number").label("what"))
        .join(Shipment, Shipment.order_id == Order.id)
        # In the words of the partial index, which SQLite takes for nothing else.
        .where(
            Shipment.tracking_key == key, Shipment.tracking_key.is_not(None), text("shipment.state <> 'void'")
        )
    )


def _orders(key: str, tail: str) -> Any:
    newest = (
        select(Order.conversation_id, Order.number, Order.phone, Order.ship_postcode)
        .where(Order.id < _TOP)
        .order_by(Order.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    bare = func.upper(func.replace(func.replace(newest.c.ship_postcode, " ", ""), "-", ""))
    called = newest.c.phone.endswith(tail) if tail else false()
    what = case((called, "Phone number"), else_="Postcode").label("what")
    return select(newest.c.conversation_id, newest.c.number, what).where(or_(bare == key, called))


def _customers(tail: str) -> Any:
    newest = (
        select(Customer.id, Customer.phone)
        .where(Customer.id < _TOP)
        .order_by(Customer.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return (
        select(Conversation.id, null().label("number"), literal("Phone number").label("what"))
        .join(newest, newest.c.id == Conversation.customer_id)
        .where(newest.c.phone.endswith(tail), Conversation.merged_into_id.is_(None))
    )
