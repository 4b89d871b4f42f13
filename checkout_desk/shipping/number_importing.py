"""Many tracking numbers at once: first what would happen line by line, then every good line in a transaction of its own.

A list that was begun is a row, so that a worker goes on where another one died; a line that is given twice says 'same'.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from checkout_desk import clock, faults
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.queue import later
from checkout_desk.shipping import number_lists, numbering, parcels
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import NumberList, Shipment, ShipmentItem
from checkout_desk.shipping.number_lists import Line
from checkout_desk.shipping.numbering import DOUBTS, Carriers, Doubtful, Judgement
from checkout_desk.shipping.numbers import key

AT_ONCE = 25
"""lines that are given while the person waits; more are a worker's"""
STEP = 20
"""lines after which what was done is noted; a line that is done again says 'same'"""
TURN = 40
"""lines after which a worker lets other jobs go first, such as mails that leave"""
LEASE = timedelta(minutes=3)
_PART = 500


@dataclass(frozen=True, slots=True)
class Row:
    """What would become, or became, of a line.

    `kind` is 'good' before and 'given' after; 'same'; one of `numbering.DOUBTS`; or a fault: 'unreadable', 'unknown'
    (no such order), 'which' (of several parcels), 'used', 'gone' (left with another number), 'refused'.
    """

    line: int
    order: str
    number: str
    kind: str
    words: str = ""
    likely: str = ""
    order_id: int | None = None
    part: int | None = None
    """which parcel of the order the line names, or that a plan chose"""
    carrier: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether a person may take it all the same."""
        return self.kind in DOUBTS


class _Known:
    """Everything that lines may name, in a handful of questions."""

    def __init__(self, lines: Iterable[Line]) -> None:
        named = [number_lists.reference(one.order) for one in lines if not one.fault]
        numbers = {one[0] for one in named if one}
        self.carriers = Carriers()
        self.orders: dict[int, Order] = {}
        for part in _parts(numbers):
            self.orders |= {
                o.number: o for o in db.session.scalars(select(Order).where(Order.number.in_(part)))
            }
        self.parcels: dict[int, list[Shipment]] = {o.id: [] for o in self.orders.values()}
        self.missing: dict[int, int] = {}
        for part in _parts(self.parcels):
            rows = select(Shipment).where(Shipment.order_id.in_(part), Shipment.state != "void")
            for parcel in db.session.scalars(rows.order_by(Shipment.number)):
                self.parcels[parcel.order_id].append(parcel)
            counts = (
                select(ShipmentItem.shipment_id, func.sum(ShipmentItem.quantity - ShipmentItem.packed))
                .join(Shipment, Shipment.id == ShipmentItem.shipment_id)
                .where(Shipment.order_id.in_(part), Shipment.state.in_(HERE))
                .group_by(ShipmentItem.shipment_id)
            )
            self.missing |= {shipment_id: int(n) for shipment_id, n in db.session.execute(counts)}
        self.owners: dict[str, str] = {}
        for part in _parts({key(one.number) for one in lines}):
            found = (
                select(Shipment.tracking_key, Order.number, Shipment.number)
                .join(Order, Order.id == Shipment.order_id)
                .where(Shipment.tracking_key.in_(part), Shipment.state != "void")
            )
            for number_key, order, n in db.session.execute(found):
                self.owners[str(number_key)] = f"{order}-P{n}"


def _parts(values: Collection[Any]) -> Iterator[list[Any]]:
    everything = sorted(values)
    for start in range(0, len(everything), _PART):
        yield everything[start : start + _PART]


def plan(lines: Sequence[Line]) -> list[Row]:
    """What giving these numbers would do now; changes nothing. What one line takes is taken for the next."""
    known = _Known(lines)
    taken: dict[int, int] = {}
    return [_planned(one, known, taken) for one in lines]


def _planned(one: Line, known: _Known, taken: dict[int, int]) -> Row:
    row = Row(one.line, one.order, one.number, "unreadable", one.fault, carrier=one.carrier)
    if one.fault:
        return row
    named = number_lists.reference(one.order)
    assert named is not None
    order = known.orders.get(named[0])
    if order is None:
        return replace(row, kind="unknown", words=f"There is no order {named[0]}.")
    row = replace(row, order_id=order.id, part=named[1])
    found = _parcel(order, named[1], one, known, taken)
    if isinstance(found, tuple):
        return replace(row, kind=found[0], words=found[1])
    if found is not None:
        row = replace(row, part=found.number)
    judgement = _judged(one, found, known)
    called = f"{order.number}-P{found.number}" if found else ""
    owner = known.owners.get(key(judgement.number or one.number))
    if owner and owner != called:
        return replace(row, kind="used", words=f"{judgement.number} is the number of parcel {owner} already.")
    if judgement.number and found is not None:
        taken[found.id] = one.line
    if judgement.number and owner is None:
        known.owners[key(judgement.number)] = called or f"{order.number}"
    if judgement.kind == "good" and (found is None or known.missing.get(found.id)):
        carrier = known.carriers.by_id.get(found.carrier_id or 0) if found else None
        if carrier is None or carrier.handover == "number":
            words = "Nobody has scanned its pieces yet." if found else "Nobody has begun to pack it yet."
            judgement = replace(judgement, kind="not_packed", words=words)
    return replace(row, kind=judgement.kind, words=judgement.words, likely=judgement.likely)


def _judged(one: Line, parcel: Shipment | None, known: _Known) -> Judgement:
    carrier = known.carriers.by_id.get(parcel.carrier_id or 0) if parcel else None
    judgement = numbering.judge(one.number, carrier, known.carriers)
    if one.carrier and carrier is not None and judgement.kind == "good":
        said = known.carriers.named(one.carrier)
        if said is None or said.id != carrier.id:
            words = f"The list says {one.carrier}, but the parcel goes with {carrier.name}."
            return replace(judgement, kind="other_carrier", words=words)
    return judgement


def _parcel(
    order: Order, part: int | None, one: Line, known: _Known, taken: dict[int, int]
) -> Shipment | tuple[str, str] | None:
    """The parcel that a line means; (kind, words) where it means none; None for an order that nobody began to pack."""
    all_of_them = known.parcels[order.id]
    here = [p for p in all_of_them if p.state in HERE]
    if rider := next((p for p in here if p.rides_id is not None), None):
        return "refused", numbering.rides(rider, order)
    if part is not None:
        named = [p for p in all_of_them if p.number == part]
        if not named:
            return "unknown", f"Order {order.number} has no parcel {part}."
        if named[0].state not in HERE:
            return _left(order, named[0], one)
        here = named
    elif not here and all_of_them:
        same = [p for p in all_of_them if p.tracking_key == key(one.number)]
        return _left(order, (same or all_of_them)[-1], one)
    free = [p for p in here if p.id not in taken]
    same = [p for p in here if p.tracking_key == key(one.number)]
    if not here and order.state == "paid":
        return None
    if not here:
        return "refused", f"Order {order.number} is {order.state}; none of its parcels leaves now."
    if not free:
        return (
            "which",
            f"Line {taken[here[0].id]} gives parcel {order.number}-P{here[0].number} a number already.",
        )
    if same:
        return same[0]
    if len(free) > 1 and sum(not p.tracking_key for p in free) != 1:
        return (
            "which",
            f"Order {order.number} has {len(free)} parcels; name one, such as {order.number}-P{free[0].number}.",
        )
    return next((p for p in free if not p.tracking_key), free[0])


def _left(order: Order, parcel: Shipment, one: Line) -> tuple[str, str]:
    called = f"{order.number}-P{parcel.number}"
    if parcel.tracking_number and key(parcel.tracking_number) == key(one.number):
        return "same", f"Parcel {called} has this number already."
    return (
        "gone",
        f"Parcel {called} has left with {parcel.tracking_number or 'no number'}; correct its number there.",
    )


def taking(rows: Iterable[Row], *, confirmed: Collection[str], likely: Collection[int]) -> list[Row]:
    """The lines that would be given now: the good ones, those that a person confirmed, and those whose likely number
    was accepted (`likely` are their lines)."""
    found = []
    for row in rows:
        if row.likely and row.line in likely:
            found.append(replace(row, number=row.likely))
        elif row.kind == "good" or row.kind in confirmed:
            found.append(row)
    return found


def begin(
    rows: Sequence[Row], *, confirmed: Collection[str], likely: Collection[int], filename: str, by: Person
) -> NumberList:
    """Keep the list with what is to be given; `carry_on` does it. Writing transaction; the caller commits."""
    wanted = {row.line: row for row in taking(rows, confirmed=confirmed, likely=likely)}
    kept = [asdict(wanted.get(row.line, row)) | {"wanted": row.line in wanted} for row in rows]
    found = NumberList(
        filename=filename[:200], rows=kept, total=len(wanted), done=0, confirmed=sorted(confirmed),
        at=clock.now(), by_id=by.id,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    record(
        "numbers.begun",
        about=("number_list", found.id),
        after={"rows": len(rows), "wanted": len(wanted), "confirmed": sorted(confirmed)},
        actor=f"person:{by.id}",
    )
    if len(wanted) > AT_ONCE:
        later("take_in_numbers", found.id)
    return found


def carry_on(list_id: int) -> None:
    """The job `take_in_numbers`: give the next lines of a list, and ring for the rest. Commits; may run twice or late."""
    db.session.rollback()
    token = secrets.token_hex(8)
    begin_write()
    mine = db.session.scalar(
        update(NumberList)
        .where(
            NumberList.id == list_id,
            NumberList.done < NumberList.total,
            or_(NumberList.claimed_until.is_(None), NumberList.claimed_until < clock.now()),
        )
        .values(claim=token, claimed_until=clock.now() + LEASE)
        .returning(NumberList.id)
        .execution_options(synchronize_session=False)
    )
    if mine is None:
        db.session.rollback()
        return
    found = db.session.get_one(NumberList, list_id, populate_existing=True)
    rows, begun, confirmed, by_id = list(found.rows), found.done, tuple(found.confirmed), found.by_id
    db.session.commit()
    with acting_as(f"person:{by_id}", "take_in_numbers"):
        _go_on(
            list_id, token, [i for i, row in enumerate(rows) if row["wanted"]], begun, rows, confirmed, by_id
        )


def _go_on(
    list_id: int,
    token: str,
    wanted: list[int],
    begun: int,
    rows: list[dict[str, Any]],
    confirmed: Collection[str],
    by_id: int,
) -> None:
    turn = min(begun + TURN, len(wanted))
    for n, i in enumerate(wanted[begun:turn], begun + 1):
        kind, words = _one(rows[i], confirmed, by_id)
        rows[i] = rows[i] | {"kind": kind, "words": words}
        faults.fault("numbers.given")
        if (n % STEP == 0 or n == turn) and not _noted(
            list_id, token, rows, n, ends=n == turn, more=n < len(wanted)
        ):
            return  # somebody else goes on


def _noted(
    list_id: int, token: str, rows: list[dict[str, Any]], done: int, *, ends: bool, more: bool
) -> bool:
    """Note what was done, and at the end of a turn ring for the next. Returns whether the list is still ours."""
    begin_write()
    mine = db.session.scalar(
        update(NumberList)
        .where(NumberList.id == list_id, NumberList.claim == token)
        .values(rows=rows, done=done, claimed_until=None if ends else clock.now() + LEASE)
        .returning(NumberList.id)
        .execution_options(synchronize_session=False)
    )
    if mine is not None and ends and more:
        later("take_in_numbers", list_id)
    db.session.commit()
    return mine is not None


def _one(row: dict[str, Any], confirmed: Collection[str], by_id: int) -> tuple[str, str]:
    """Give one number in a transaction of its own. Returns what became of it."""
    db.session.rollback()
    begin_write()
    by = db.session.get_one(Person, by_id)
    try:
        order = db.session.get_one(Order, row["order_id"])
        parcel = _meant(row, order, confirmed, by)
        # What the person saw and said concerned the line's own doubt; a new one since then is a refusal with its words.
        given = numbering.give(parcel, row["number"], by=by, how="list", confirmed=confirmed)
    except Doubtful as doubt:
        db.session.rollback()
        return doubt.judgement.kind, doubt.judgement.words
    except numbering.Used as used:
        db.session.rollback()
        return "used", str(used)
    except Refused as refusal:
        db.session.rollback()
        return "refused", str(refusal)
    db.session.commit()
    return given.kind, given.words


def _meant(row: dict[str, Any], order: Order, confirmed: Collection[str], by: Person) -> Shipment:
    found = [p for p in parcels.of(order.id) if p.number == row["part"]]
    if found:
        parcel = found[0]
    elif "not_packed" in confirmed:
        parcel = parcels.start(order, by=by)
    else:
        raise Refused(f"Nobody has begun to pack order {order.number} yet.")
    said = Carriers().named(row["carrier"]) if row["carrier"] and "other_carrier" in confirmed else None
    if said is not None and parcel.state in HERE:
        parcels.lock(parcel)
        parcel.carrier_id = said.id
    return parcel


def sweep() -> int:
    """Ring for lists that nobody finished. Returns how many; commits."""
    waiting = select(NumberList.id).where(
        NumberList.done < NumberList.total,
        or_(NumberList.claimed_until.is_(None), NumberList.claimed_until < clock.now()),
    )
    ids = list(db.session.scalars(waiting.limit(20)))
    for list_id in ids:
        later("take_in_numbers", list_id)
    db.session.commit()
    return len(ids)
