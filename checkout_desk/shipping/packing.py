"""Packing one parcel: what a scan means (pure), and what it changes (procedure step A10).

A code is a barcode or a SKU in any case. Digits that are neither set the quantity of the current line, and a number
with g or kg behind it is the weight. What does not belong into the parcel changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.catalogue.stock import MOST
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.shipping import parcels, riding
from checkout_desk.shipping.models import Box, Shipment, ShipmentItem

Kind = Literal["right", "line_done", "all_done", "wrong", "extra", "unknown"]
STOPS = ("wrong", "extra", "unknown")
"""verdicts after which nothing is counted until the packer has understood them"""
PARTS, GRAMS = 20, 20
"""a parcel may weigh a twentieth (5 %) or 20 g more or less than the catalogue says, whichever is more"""
HEAVIEST = 1_000_000
"""grams that a parcel can weigh"""
_COUNT = re.compile(r"[0-9]{1,4}")
_WEIGHT = re.compile(r"([0-9]{1,7}(?:[.,][0-9]{1,3})?)\s*(k?g)", re.IGNORECASE)
_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One line at the station: a product, where it lies, and how much of it is in the box."""

    product_id: int
    sku: str
    name: str
    quantity: int
    packed: int = 0
    barcode: str = ""
    shelf: str = ""
    fragile: bool = False
    picture: str = ""
    """the beginning of its hash, '' for none"""
    parcel_id: int = 0
    """the parcel that it is of; 0 before one is begun"""
    order: int = 0
    """the number of its order"""
    on_hand: int = MOST
    """how many of it are in the store, by its stock"""

    @property
    def doubtful(self) -> bool:
        """Whether fewer are here, by the stock, than go into the box: it could not leave before they are counted."""
        return self.on_hand < self.quantity

    @property
    def done(self) -> bool:
        """Whether all of it is in the box."""
        return self.packed >= self.quantity


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scan came to, as a title and a sentence. `item` is the product that it is about, if it is in the order."""

    kind: Kind
    title: str
    text: str = ""
    item: int | None = None

    @property
    def stops(self) -> bool:
        """Whether nothing may go on before somebody has understood it."""
        return self.kind in STOPS


@dataclass(frozen=True, slots=True)
class Weighed:
    """The parcel on the scale. `fits` is None where the catalogue lacks a weight."""

    grams: int
    expected: int | None
    fits: bool | None


def find(pieces: Sequence[Piece], code: str) -> Piece | None:
    """The line whose barcode or SKU is `code`; of several orders' the first that is not done."""
    key = code.strip().casefold()
    return _first(one for one in pieces if key and key in (one.barcode.casefold(), one.sku.casefold()))


def line(pieces: Sequence[Piece], product_id: int | None) -> Piece | None:
    """The line of a product; of several orders' the first that is not done."""
    return _first(one for one in pieces if one.product_id == product_id)


def _first(pieces: Iterable[Piece]) -> Piece | None:
    found = list(pieces)
    return next((one for one in found if not one.done), found[0] if found else None)


def count_in(code: str) -> int | None:
    """The quantity that was typed: up to four digits; None for anything else."""
    return int(code) if _COUNT.fullmatch(code.strip()) else None


def grams_in(text: str) -> int | None:
    """The weight that was typed or sent by a scale: '1840 g', '1.84kg', '1,84 kg'; None for anything else."""
    found = _WEIGHT.fullmatch(text.strip())
    if not found:
        return None
    factor = 1000 if found[2].casefold() == "kg" else 1
    return int((Decimal(found[1].replace(",", ".")) * factor).to_integral_value())


def current(pieces: Sequence[Piece], last: int | None = None) -> Piece | None:
    """The line to go on with: the one of product `last` while something of it is missing, else the first that is not done."""
    missing = [one for one in pieces if not one.done]
    return next((one for one in missing if one.product_id == last), missing[0] if missing else None)


def shelf_key(shelf: str) -> tuple[bool, list[tuple[int, int, str]]]:
    """Sorts shelves as people walk along them: A-2 before A-12, what has no shelf at the end."""
    parts = [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in _DIGITS.split(shelf.casefold()) if p]
    return not shelf, parts


def judge(pieces: Sequence[Piece], item: Piece, *, order: int | str) -> Verdict:
    """What to say when `item` was just put in; `pieces` are as they are afterwards. `order` is how the order is called, or
    those that share the box."""
    title = f"{item.name}: {item.packed} of {item.quantity}"
    if not item.done:
        lacking = item.quantity - item.packed
        return Verdict("right", title, f"{lacking} more of it.", item.product_id)
    following = current(pieces)
    if following is None:
        return Verdict("all_done", title, f"Everything of order {order} is in the box.", item.product_id)
    where = f"shelf {following.shelf}, " if following.shelf else ""
    return Verdict("line_done", title, f"Line complete. Next: {where}{following.name}.", item.product_id)


def extra(item: Piece, *, order: int | str, n: int | None = None) -> Verdict:
    """Of a product that belongs in there is one too many; `n` is the number that was typed."""
    only = f"Order {order} has {item.quantity} of it"
    said = f"{only}, not {n}." if n is not None else f"{only}, and they are in the box."
    return Verdict(
        "extra", f"Too many: {item.name}", f"{said} {_back(item.sku, item.shelf)}", item.product_id
    )


def stranger(code: str, product: Product | None, *, order: int | str) -> Verdict:
    """A code that is not of this order: of another product, or of none."""
    if product is None:
        return Verdict(
            "unknown",
            f"No product has the code {code[:40]}",
            "Scan it again, or type the SKU. Nothing was counted.",
        )
    return Verdict("wrong", f"{product.name} is not in order {order}", _back(product.sku, product.shelf))


def _back(sku: str, shelf: str) -> str:
    return f"Put {sku} back{f' on shelf {shelf}' if shelf else ''}. Nothing was counted."


def sheet(order: Order, parcel: Shipment | None) -> list[Piece]:
    """What the parcel is to hold, along the shelves; before it is begun, all that is left of the order. Two queries."""
    rows: Sequence[ShipmentItem | parcels.Left] = (
        parcels.items([parcel.id])[parcel.id] if parcel is not None else parcels.left(order)
    )
    goods = products.get(row.product_id for row in rows)
    of = (parcel.id if parcel is not None else 0, order.number)
    pieces = [_piece(row, goods[row.product_id], of) for row in rows]
    return sorted(pieces, key=lambda one: shelf_key(one.shelf))


def whole(order: Order, parcel: Shipment | None, riders: Sequence[Shipment] = ()) -> list[Piece]:
    """What the box is to hold: the lines of the parcel, then those of the orders that share it."""
    found = sheet(order, parcel)
    for rider in riders:
        found += sheet(db.session.get_one(Order, rider.order_id), rider)
    return found


def title(pieces: Sequence[Piece]) -> str:
    """How the order of these lines is called, or the orders: '1042', '1042 + 1043'."""
    return " + ".join(dict.fromkeys(str(one.order) for one in pieces))


def _piece(row: ShipmentItem | parcels.Left, product: Product, of: tuple[int, int]) -> Piece:
    return Piece(
        row.product_id, row.sku, row.name, row.quantity,
        packed=row.packed if isinstance(row, ShipmentItem) else 0,
        barcode=product.barcode or "", shelf=product.shelf, fragile=product.fragile,
        picture=(product.picture_sha256 or "")[:12], parcel_id=of[0], order=of[1], on_hand=product.on_hand,
    )  # fmt: skip


def scan(parcel: Shipment, code: str, *, by: Person) -> Verdict:
    """One piece was scanned, or its code typed. Raises Refused while the parcel is not being packed."""
    order, riders = _packed_now(parcel)
    pieces = whole(order, parcel, riders)
    item = find(pieces, code)
    if item is None:
        return _refused(parcel, stranger(code, products.by_code(code), order=title(pieces)), code)
    if item.done:
        return _refused(parcel, extra(_all_of(item, pieces), order=title(pieces)), code)
    return _put([parcel, *riders], pieces, item, item.packed + 1, by=by)


def _all_of(item: Piece, pieces: Sequence[Piece]) -> Piece:
    """The line with what every order in the box has of its product."""
    return replace(item, quantity=sum(one.quantity for one in pieces if one.product_id == item.product_id))


def set_count(parcel: Shipment, product_id: int, n: int, *, by: Person) -> Verdict:
    """So many pieces of a product are in the box. More than the order has is a verdict, not a change. Raises Refused."""
    order, riders = _packed_now(parcel)
    pieces = whole(order, parcel, riders)
    item = line(pieces, product_id)
    if item is None:
        raise Refused("This line is not in the parcel any more; scan the next item.")
    if n > item.quantity:
        return _refused(parcel, extra(item, order=item.order, n=n), str(n))
    return _put([parcel, *riders], pieces, item, n, by=by)


def _packed_now(parcel: Shipment) -> tuple[Order, list[Shipment]]:
    order, riders = parcels.lock_whole(parcel)
    if order.state != "packing":
        raise Refused(f"Order {order.number} is {order.state} now; stop packing it.")
    if parcel.rides_id is not None:
        raise Refused(f"Order {order.number} is packed in parcel {riding.called(parcel)} now.")
    if parcel.state != "packing":
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} is {parcel.state.replace('_', ' ')}; nothing more goes in."
        )
    return order, riders


def _put(box: Sequence[Shipment], pieces: list[Piece], item: Piece, n: int, *, by: Person) -> Verdict:
    row = _row(item.parcel_id, item.product_id)
    row.packed = n
    now = replace(item, packed=n)
    after = [now if one == item else one for one in pieces]
    verdict = judge(after, now, order=title(pieces))
    if verdict.kind == "all_done":
        for one in box:
            one.packed_at, one.packed_by_id = clock.now(), by.id
            record("parcel.packed", about=one, after={"order": one.order_id, "scanned": True})
    db.session.flush()
    return verdict


def _row(parcel_id: int, product_id: int) -> ShipmentItem:
    found: ShipmentItem = db.session.scalars(
        select(ShipmentItem).where(
            ShipmentItem.shipment_id == parcel_id, ShipmentItem.product_id == product_id
        )
    ).one()
    return found


def _refused(parcel: Shipment, verdict: Verdict, code: str) -> Verdict:
    """The record keeps what was stopped: how often the wrong thing is in somebody's hand is worth knowing."""
    record("parcel.stopped", about=parcel, after={"kind": verdict.kind, "code": code[:64]})
    return verdict


def expected(parcel: Shipment, riders: Sequence[Shipment] | None = None) -> int | None:
    """Grams that the parcel should weigh in its box; None where a product has no weight. `riders` as in `riding.grams`."""
    grams = riding.grams(parcel, riders)
    if grams is None:
        return None
    box = db.session.get(Box, parcel.box_id) if parcel.box_id else None
    return grams + (box.grams if box else 0)


def compare(grams: int, wanted: int | None) -> Weighed:
    """Hold the scale against the catalogue."""
    fits = None if wanted is None else abs(grams - wanted) <= max(wanted // PARTS, GRAMS)
    return Weighed(grams, wanted, fits)


def weigh(parcel: Shipment, grams: int, *, by: Person) -> Weighed:
    """Keep what the scale says. What does not fit is kept too and told: opening the box decides. Raises Refused."""
    if not 0 < grams <= HEAVIEST:
        raise Refused(f"{grams} g is no weight of a parcel; type one from 1 to {HEAVIEST} g.")
    order = parcels.lock(parcel)
    if parcel.state not in ("packing", "labelled"):
        raise Refused(f"Parcel {parcels.name(parcel, order)} has left already.")
    parcel.weight_grams = grams
    found = compare(grams, expected(parcel))
    record("parcel.weighed", about=parcel, after={"grams": grams, "expected": found.expected})
    db.session.flush()
    return found


def choose_box(parcel: Shipment, box_id: int | None, *, by: Person) -> None:
    """The parcel goes into this box. Raises Refused for a box that does not exist."""
    if box_id is not None and db.session.get(Box, box_id) is None:
        raise Refused("This box does not exist any more; choose another one.")
    parcels.lock(parcel)
    parcel.box_id = box_id
    record("parcel.boxed", about=parcel, after={"box": box_id})
    db.session.flush()
