"""Batches: orders that one person picks and packs in one go, and who holds them.

A unique row says in which open batch an order is, so of two people who take the same orders at once each order goes to
one of them. A claim ends by itself, and another person may take a batch over; every scan makes the claim longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.shipping.batch_models import Batch, BatchOrder
from checkout_desk.shipping.models import Shipment

CLAIM = timedelta(minutes=30)
"""how long a batch is somebody's after their last scan"""
FRESH = timedelta(minutes=1)
"""a claim that was made longer so recently is not written again"""
MOST = 50
"""orders in one batch: more do not fit on a trolley, nor a person's head"""
PACKABLE = ("paid", "packing")
ADDRESS = (Order.ship_name, Order.ship_line1, Order.ship_line2, Order.ship_postcode, Order.ship_country)
"""what is the same in orders that could go in one parcel"""


@dataclass(frozen=True, slots=True)
class Taken:
    """An order that another open batch has."""

    number: int
    batch_id: int
    holder: str


class AllTaken(Refused):
    """None of the chosen orders was free. `taken` says who has them."""

    def __init__(self, taken: list[Taken]) -> None:
        super().__init__(f"{told(taken)} Nothing is left to make a batch of.")
        self.taken = taken


def told(taken: Sequence[Taken]) -> str:
    """Who was faster, as sentences."""
    return " ".join(
        f"Order {one.number} is in batch {one.batch_id}{f' of {one.holder}' if one.holder else ''}."
        for one in taken
    )


def make(order_ids: Iterable[int], *, by: Person, taken: list[Taken] | None = None) -> Batch:
    """A batch of these orders in this order, held by `by`. `taken` takes up those that somebody else was faster with.

    Raises Refused when an order is not to be packed, when there are too many, or when none is free (AllTaken).
    """
    wanted = _whole(dict.fromkeys(order_ids))
    if not wanted:
        raise Refused("Choose the orders of the batch first.")
    if len(wanted) > MOST:
        raise Refused(f"A batch has at most {MOST} orders; {len(wanted)} were chosen.")
    found = {
        row.id: row
        for row in db.session.execute(
            select(Order.id, Order.number, Order.state, Order.customer_id, *ADDRESS).where(
                Order.id.in_(wanted)
            )
        )
    }
    for row in found.values():
        if row.state not in PACKABLE:
            raise Refused(f"Order {row.number} is {row.state}; only paid orders are packed.")
    if len(found) < len(wanted):
        raise Refused("One of the chosen orders does not exist any more; look at the list again.")
    now = clock.now()
    batch = Batch(
        created_at=now, created_by_id=by.id, claimed_by_id=by.id, claimed_until=now + CLAIM, state="open"
    )
    db.session.add(batch)
    db.session.flush()
    ours = _enter(batch, _together(wanted, found))
    others = _holders([order_id for order_id in wanted if order_id not in ours])
    if not ours:
        raise AllTaken(others)
    if taken is not None:
        taken += others
    record("batch.made", about=batch, after={"orders": [found[order_id].number for order_id in wanted if order_id in ours]})  # fmt: skip
    return batch


def _whole(order_ids: Iterable[int]) -> list[int]:
    """The orders, and behind each those whose parcels share its box."""
    wanted = list(order_ids)
    box = func.coalesce(Shipment.rides_id, Shipment.id)
    mine = select(box).where(Shipment.order_id.in_(wanted), Shipment.state == "packing")
    rows = db.session.scalars(
        select(Shipment.order_id)
        .where(Shipment.rides_id.is_not(None) | Shipment.id.in_(select(Shipment.rides_id)), box.in_(mine))
        .order_by(Shipment.id)
    )
    return list(dict.fromkeys((*wanted, *rows)))


def _together(order_ids: Sequence[int], rows: Mapping[int, Any]) -> list[int]:
    """The same orders, those of one customer to one address behind the first of them: they are packed in one go."""
    first: dict[Any, int] = {}
    for i, order_id in enumerate(order_ids):
        first.setdefault(_destination(rows[order_id]), i)
    return sorted(order_ids, key=lambda order_id: first[_destination(rows[order_id])])


def _destination(row: Any) -> tuple[Any, ...]:
    return (row.customer_id or -row.id, *row[4:])


def _enter(batch: Batch, order_ids: Sequence[int]) -> set[int]:
    """Put the orders in, those that no open batch has. Rows go in by id, so that two batches never wait crosswise."""
    insert: Any = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(BatchOrder)
    place = {order_id: i for i, order_id in enumerate(order_ids, 1)}
    ours: set[int] = set()
    for order_id in sorted(order_ids):
        values = {"batch_id": batch.id, "order_id": order_id, "position": place[order_id]}
        new = insert.values(**values).on_conflict_do_nothing().returning(BatchOrder.id)
        if db.session.scalar(new) is not None:
            ours.add(order_id)
    return ours


def _holders(order_ids: Sequence[int]) -> list[Taken]:
    if not order_ids:
        return []
    rows = db.session.execute(
        select(Order.number, BatchOrder.batch_id, Person.name)
        .join(Order, Order.id == BatchOrder.order_id)
        .join(Batch, Batch.id == BatchOrder.batch_id)
        .outerjoin(Person, Person.id == Batch.claimed_by_id)
        .where(BatchOrder.order_id.in_(order_ids), BatchOrder.left_at.is_(None))
        .order_by(Order.number)
    )
    return [Taken(number, batch_id, name or "") for number, batch_id, name in rows]


def load(batch_id: int) -> Batch | None:
    """The batch, locked for a change, or None."""
    return db.session.get(Batch, batch_id, with_for_update=True, populate_existing=True)


def holder(batch: Batch) -> int | None:
    """The id of the person who holds the batch now; a claim that has run out is nobody's."""
    if batch.claimed_by_id is None or batch.claimed_until is None or batch.claimed_until <= clock.now():
        return None
    return batch.claimed_by_id


def claim(batch: Batch, *, by: Person) -> None:
    """`by` packs it from now on. Raises Refused while somebody else holds it, or when it is done."""
    _open(batch)
    held = holder(batch)
    if held is not None and held != by.id:
        raise Refused(
            f"{_name(held)} holds batch {batch.id}; take it over only when they have stopped packing it."
        )
    _hold(batch, by, kind="batch.claimed" if held is None else "")


def take_over(batch: Batch, *, by: Person) -> None:
    """`by` packs it from now on, whoever held it; the record says from whom it was taken."""
    _open(batch)
    _hold(batch, by, kind="" if holder(batch) == by.id else "batch.taken_over")


def renew(batch: Batch, *, by: Person) -> None:
    """A scan: the claim lasts longer. A claim that ran out meanwhile is taken up again. Raises Refused when it is another's."""
    _open(batch)
    held = holder(batch)
    if held is not None and held != by.id:
        raise Refused(
            f"{_name(held)} has taken over batch {batch.id}; stop packing, nothing more is counted here."
        )
    if held is None or (batch.claimed_until and batch.claimed_until < clock.now() + CLAIM - FRESH):
        _hold(batch, by, kind="batch.claimed" if held is None else "")


def leave(batch: Batch, *, by: Person) -> None:
    """`by` holds it no longer; what is packed stays packed. Nothing happens when it is another's by now."""
    if batch.claimed_by_id == by.id and batch.state == "open":
        batch.claimed_by_id = batch.claimed_until = None
        record("batch.left", about=batch)


def _hold(batch: Batch, by: Person, *, kind: str) -> None:
    before = batch.claimed_by_id
    batch.claimed_by_id, batch.claimed_until = by.id, clock.now() + CLAIM
    db.session.flush()
    if kind:
        record(kind, about=batch, before={"person": before}, after={"person": by.id})


def _open(batch: Batch) -> None:
    if batch.state != "open":
        raise Refused(f"Batch {batch.id} is done; everything in it was packed or taken out.")


def _name(person_id: int) -> str:
    person = db.session.get(Person, person_id)
    return person.name if person else "Somebody"


def orders(batch: Batch) -> list[Order]:
    """The orders that are still to be packed: in their places, skipped ones last."""
    rows = (
        select(Order)
        .join(BatchOrder, BatchOrder.order_id == Order.id)
        .where(BatchOrder.batch_id == batch.id, BatchOrder.left_at.is_(None))
        .order_by(BatchOrder.skipped_at.is_not(None), BatchOrder.skipped_at, BatchOrder.position)
    )
    return list(db.session.scalars(rows))


def next_order(batch: Batch) -> Order | None:
    """The order that is packed now; None when nothing is left."""
    return next(iter(orders(batch)), None)


def progress(batch_ids: Sequence[int]) -> dict[int, Any]:
    """Batch id → (n: its orders, left: those not packed yet). One query."""
    if not batch_ids:
        return {}
    rows = db.session.execute(
        select(
            BatchOrder.batch_id,
            func.count().label("n"),
            (func.count() - func.count(BatchOrder.left_at)).label("left"),
        )
        .where(BatchOrder.batch_id.in_(batch_ids))
        .group_by(BatchOrder.batch_id)
    )
    return {row.batch_id: row for row in rows}


def skip(batch: Batch, order: Order) -> None:
    """Put the order last; it comes again when the others are packed."""
    row = _entry(batch, order)
    row.skipped_at = clock.now()
    db.session.flush()
    record("batch.skipped", about=batch, after={"order": order.number})


def out(batch: Batch, order: Order, *, why: str = "") -> None:
    """The order was packed, or is taken out for the reason `why`. The last one finishes the batch."""
    row = _entry(batch, order)
    row.left_at = clock.now()
    db.session.flush()
    if why:
        record("batch.taken_out", about=batch, after={"order": order.number, "why": why[:200]})
    if next_order(batch) is None:
        _finish(batch)


def finish(batch: Batch) -> int:
    """Dissolve the batch: what is not packed is free for other batches. Returns how many orders that are."""
    _open(batch)
    left = update(BatchOrder).where(BatchOrder.batch_id == batch.id, BatchOrder.left_at.is_(None))
    n = int(db.session.execute(left.values(left_at=clock.now())).rowcount)  # type: ignore[attr-defined]
    _finish(batch)
    return n


def _finish(batch: Batch) -> None:
    batch.state, batch.done_at = "done", clock.now()
    batch.claimed_by_id = batch.claimed_until = None
    db.session.flush()
    record("batch.done", about=batch)


def _entry(batch: Batch, order: Order) -> BatchOrder:
    found: BatchOrder | None = db.session.scalars(
        select(BatchOrder).where(
            BatchOrder.batch_id == batch.id, BatchOrder.order_id == order.id, BatchOrder.left_at.is_(None)
        )
    ).one_or_none()
    if found is None:
        raise Refused(f"Order {order.number} is not in batch {batch.id} any more; nothing was counted.")
    return found
