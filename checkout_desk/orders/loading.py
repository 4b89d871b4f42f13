"""Loading orders for people: with the lock that a change needs, and with the truth about who was faster."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm.attributes import flag_modified

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import happenings
from checkout_desk.orders.models import Order, OrderChange, OrderLine
from checkout_desk.settings.models import store

MOST_EVENTS = 50


class Faster(Refused):
    """Somebody changed the order since the form was drawn. `since` are sentences: who changed what, and when."""

    def __init__(self, order: Order, since: list[str]) -> None:
        super().__init__(
            f"Someone was faster: order {order.number} has changed since you opened it; nothing was saved."
        )
        self.order = order
        self.number = order.number
        self.since = since


def load(number: int, version: int | None = None) -> Order | None:
    """The order of that number, or None. With `version` it is locked for a change (the transaction must write).

    Raises Faster when the order has moved on from `version`.
    """
    found: Order | None = db.session.scalars(select(Order).where(Order.number == number)).one_or_none()
    if found is None or version is None:
        return found
    lock(found)
    if found.version != version:
        raise Faster(found, since(found, version))
    return found


def lock(order: Order) -> None:
    """Hold the order for this transaction and read it afresh; its conversation first, as every writer does."""
    db.session.flush()
    if order.conversation_id is not None:
        # Held by the session: it keeps rows weakly, and who locks the order writes its conversation's row next.
        db.session.info[Conversation] = db.session.get(
            Conversation, order.conversation_id, with_for_update={"key_share": True}, populate_existing=True
        )
    db.session.refresh(order, with_for_update={"key_share": True})


class OfOrder(Protocol):
    """A row that belongs to an order: a parcel, a return, an answer."""

    order_id: int


def hold(row: OfOrder) -> Order:
    """Hold the order of a row, then the row, for this transaction, and read both afresh; in that order everywhere, so
    that no two writers wait crosswise."""
    order = db.session.get_one(Order, row.order_id)
    lock(order)
    db.session.refresh(row, with_for_update={"key_share": True})
    return order


def touch(order: Order) -> None:
    """Make this transaction raise the order's version, whatever else of the order changes."""
    order.updated_at = clock.now()
    flag_modified(order, "updated_at")


_LINES = (
    select(OrderLine)
    .where(OrderLine.order_id == bindparam("order"))
    .order_by(OrderLine.position, OrderLine.id)
)


def lines(order: Order) -> list[OrderLine]:
    """All lines of an order in their places, removed ones too."""
    return list(db.session.scalars(_LINES, {"order": order.id}))


def changes(order: Order) -> list[OrderChange]:
    """The changes that customers asked for and nobody decided on, oldest first."""
    return open_changes([order.id]).get(order.id, [])


_CHANGES = (
    select(OrderChange)
    .where(OrderChange.order_id.in_(bindparam("orders", expanding=True)), OrderChange.state == "open")
    .order_by(OrderChange.id)
)


def open_changes(order_ids: Collection[int]) -> dict[int, list[OrderChange]]:
    """Order id -> its open changes, oldest first. One query."""
    found: dict[int, list[OrderChange]] = {}
    for change in db.session.scalars(_CHANGES, {"orders": list(order_ids)}):
        found.setdefault(change.order_id, []).append(change)
    return found


def since(order: Order, version: int) -> list[str]:
    """Who changed what since `version`, oldest first, from the record. Times are the store's."""
    rows = db.session.scalars(
        select(Event)
        .where(Event.subject_type == "order", Event.subject_id == order.id)
        .order_by(Event.id.desc())
        .limit(MOST_EVENTS)
    )
    told = [row for row in reversed(list(rows)) if ((row.after or {}).get("version") or 0) >= version]
    ids = {int(row.actor.partition(":")[2]) for row in told if row.actor.startswith("person:")}
    names = {
        f"person:{row.id}": row.name
        for row in db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    }
    zone = ZoneInfo(store().time_zone)
    return [
        f"{row.at.astimezone(zone):%H:%M} {happenings.who(row.actor, names)} {happenings.words(row.kind, row.before or {}, row.after or {})}."
        for row in told
    ]
