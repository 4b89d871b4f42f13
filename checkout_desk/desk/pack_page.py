"""What the pack station shows: the order that is packed now, its lines, and what to do next. Queries are the same in number for
every order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from sqlalchemy import select

from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.pack_list import cut_off
from checkout_desk.extensions import db
from checkout_desk.orders import questioning
from checkout_desk.orders.models import Order
from checkout_desk.shipping import addressing, batches, combining, packing, parcels, riding
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.lifecycle import HERE, live_label
from checkout_desk.shipping.models import Box, Carrier, Label, Shipment
from checkout_desk.shipping.packing import Piece, Verdict

GONE = ("packing", "shipped", "delivered", "closed")
"""states of an order of which nothing is left to be packed because its parcels are"""


@dataclass(frozen=True, slots=True)
class Say:
    """What stands in the wide bar. `tone` is good, bad, soon or rest; a bad one that `stops` waits until it is understood."""

    tone: str
    title: str
    text: str = ""
    stops: bool = False
    sound: str = ""
    code: str = ""
    """what was scanned"""
    doubt: str = ""
    """'kind:number' when the same number scanned once more is taken as it is"""

    @property
    def icon(self) -> str:
        """Its shape: colour is never alone."""
        return {"good": "circle-check", "bad": "circle-x", "soon": "triangle-alert"}.get(self.tone, "info")


def say(verdict: Verdict, code: str) -> Say:
    """A verdict of `packing` in the bar."""
    if verdict.stops:
        return Say("bad", verdict.title, verdict.text, stops=True, sound="bad", code=code)
    return Say("good", verdict.title, verdict.text, sound="done" if verdict.kind == "all_done" else "good", code=code)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the packer stands. `phase` is pack, number, leave (no number needed), stop or over."""

    batch: Batch
    phase: str
    order: Order | None = None
    parcel: Shipment | None = None
    others: Sequence[Shipment] = ()
    pieces: Sequence[Piece] = field(default_factory=list)
    label: Label | None = None
    carrier: Carrier | None = None
    left: int = 0
    riders: Sequence[Shipment] = ()
    """parcels of other orders in the same box"""
    partners: Sequence[Order] = ()
    """orders of the batch that could go into it"""

    @property
    def place(self) -> str:
        """A short word for where the box goes and who shares it: it changes when one of these does."""
        where = addressing.place(self.order) if self.order is not None else ""
        return "+".join([where, *(str(one.id) for one in self.riders)])

    @property
    def fellows(self) -> list[Order]:
        """The orders that share the box."""
        return [db.session.get_one(Order, one.order_id) for one in self.riders]


def at_hand(order_id: int) -> tuple[Shipment | None, list[Shipment]]:
    """The parcel of an order that has to be dealt with now, and all that are sent or will be.

    A closed parcel leaves before the next one is filled; one that waits for its carrier's list has nothing to wait for here.
    """
    every = [one for one in parcels.of(order_id) if one.state != "void"]
    waiting = [one for one in every if one.state in HERE and not _listed(one)]
    waiting.sort(key=lambda one: (one.state != "labelled", one.number))
    return (waiting[0] if waiting else None), every


def _listed(parcel: Shipment) -> bool:
    """It has its label and its number, and leaves with its carrier's list."""
    if parcel.state != "labelled" or not parcel.tracking_key:
        return False
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    return carrier is not None and carrier.handover == "manifest"


def scene(batch: Batch) -> Scene:
    """What is on the table in this batch now."""
    orders = batches.orders(batch)
    if not orders or batch.state != "open":
        return Scene(batch, "over")
    order = orders[0]
    if order.state not in batches.PACKABLE:
        return Scene(batch, "stop", order, left=len(orders))
    parcel, every = at_hand(order.id)
    if parcel is not None and parcel.rides_id is not None:
        order = db.session.get_one(Order, riding.lead(parcel).order_id)
        parcel, every = at_hand(order.id)
    riders = riding.riders(parcel) if parcel else []
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel and parcel.carrier_id else None
    label = live_label(parcel) if parcel else None
    pieces = packing.whole(order, parcel, riders)
    phase = "pack" if pieces else "stop"
    fits = label is not None and not addressing.stale(label, order)
    if parcel is not None and fits and parcel.state == "labelled":
        phase = "number" if carrier is None or carrier.tracked else "leave"
    mates = [] if riders or phase != "pack" else combining.partners(order, orders)
    return Scene(batch, phase, order, parcel, every, pieces, label, carrier, len(orders), riders, mates)


def page(
    found: Scene, *, said: Say | None = None, line: int | None = None, typed: str = "", **more: Any
) -> dict[str, Any]:
    """The context of shipping/_station.html. `line` is the product that the packer was at."""
    around = frame()
    told = batches.progress([found.batch.id]).get(found.batch.id)
    n, left = (told.n, told.left) if told else (0, 0)
    context: dict[str, Any] = {
        "batch": found.batch.id, "phase": found.phase, "at": n - left + 1, "n": n, "packed": n - left,
        "typed": typed, "say": said or standing(found), "pieces": [], "now": None, "short": None, "print": None, **more,
    }  # fmt: skip
    if found.order is None:
        return context
    context |= _order(found, found.order, around)
    if found.phase == "stop":
        return context
    now = packing.current(found.pieces, line)
    return context | _parcel(found) | {
        "now": now.product_id if now else None, "here": now, "title": packing.title(found.pieces),
        "partners": [one.number for one in found.partners], "fellows": [one.number for one in found.fellows], "pieces": found.pieces,
        "lacking": sum(one.quantity - one.packed for one in found.pieces),
    }  # fmt: skip


def _order(found: Scene, order: Order, around: Frame) -> dict[str, Any]:
    lines = questioning.address(order, "en").split("\n")
    return {
        "number": order.number, "order_state": order.state, "place": found.place, "address": lines,
        "wish": " / ".join(dict.fromkeys(one.delivery_wish for one in (order, *found.fellows) if one.delivery_wish)),
        "cut": cut_off(order.ship_by, around.face),
    }  # fmt: skip


def _parcel(found: Scene) -> dict[str, Any]:
    parcel = found.parcel
    boxes = list(db.session.scalars(select(Box).order_by(Box.position, Box.id)))
    expected = packing.expected(parcel, found.riders) if parcel else None
    weighed = packing.compare(parcel.weight_grams, expected) if parcel and parcel.weight_grams else None
    return {
        "parcel": parcel, "parcel_name": parcels.name(parcel, found.order) if parcel and found.order else "",
        "parcel_at": parcel.number if parcel else 1, "parcel_n": max(len(found.others), 1),
        "boxes": [(box.id, f"{box.name}, {box.length_mm / 10:g} × {box.width_mm / 10:g} × {box.height_mm / 10:g} cm") for box in boxes],
        "box": parcel.box_id if parcel else None, "weighed": weighed, "expected": expected,
        "service": _service(found) or "No service", "carrier": found.carrier,
        "label": found.label, "label_url": label_url(found.label) if found.label else "", "buy_url": _buy_url(found),
    }  # fmt: skip


def _service(found: Scene) -> str:
    """The service's name, of the parcel or, before it is begun, of what was sold."""
    if found.parcel is not None or found.order is None:
        return found.parcel.service if found.parcel else ""
    sent = parcels.sold(found.order).content["shipping"]
    return str(sent["name"]) if sent else ""


def _buy_url(found: Scene) -> str:
    """Where the label of a parcel is bought whose carrier sells it; '' for the others."""
    sold = found.carrier is not None and found.carrier.adapter != "manual"
    if not sold or found.parcel is None or found.phase != "pack":
        return ""
    return url_for("label_buying.show", shipment_id=found.parcel.id)


def standing(found: Scene) -> Say:
    """What the bar says when nothing was scanned yet: what to do first."""
    order = found.order
    if order is None:
        return Say("good", f"Batch {found.batch.id} is done", "Everything in it is packed or was taken out.")
    if found.phase == "stop":
        return stopped(order)
    if found.phase == "number":
        return Say("rest", "Put the label on the box", "Then scan the carrier’s number.")
    if found.phase == "leave":
        called = found.carrier.name if found.carrier else "The carrier"
        return Say(
            "rest", "Put the label on the box", f"{called} gives no tracking number: Enter hands it over."
        )
    now = packing.current(found.pieces)
    if now is None and found.carrier is not None and found.carrier.adapter != "manual":
        return Say("good", "Everything is in the box", f"{found.carrier.name} sells its label: buy it, then come back here.")  # fmt: skip
    if now is None:
        return Say(
            "soon",
            "Everything is in the box, and it has no label",
            "Enter prints one with the address of now.",
        )
    n = sum(one.quantity for one in found.pieces)
    packed = sum(one.packed for one in found.pieces)
    where = f"shelf {now.shelf}, " if now.shelf else ""
    pieces = "piece" if n == 1 else "pieces"
    few = next((one for one in found.pieces if one.doubtful), None)
    if few is not None:
        return Say(
            "soon",
            f"By the stock only {few.on_hand} of {few.name} {'is' if few.on_hand == 1 else 'are'} here, {few.quantity} go in",
            f"Look on {f'shelf {few.shelf}' if few.shelf else 'its shelf'}. What lies there is counted in the catalogue before the box can leave; F4 says what is missing.",
        )
    if packed:
        return Say("rest", f"Order {packing.title(found.pieces)}: {packed} of {n} {pieces} in the box", f"Go on with {where}{now.name}.")  # fmt: skip
    return Say("rest", f"Order {packing.title(found.pieces)}: {n} {pieces}", f"Begin with {where}{now.name}.")


def stopped(order: Order) -> Say:
    """The order is not to be packed any more: why, and what to do with what is on the table."""
    if order.state in GONE:
        title, text = (
            f"Order {order.number} is packed already",
            "Somebody packed it elsewhere. It leaves the batch.",
        )
    else:
        title = f"Stop: order {order.number} is {order.state}"
        text = "Put what is in the box back on the shelves; its labels are void. It leaves the batch."
    return Say("bad", title, text, stops=True, sound="bad")


def label_url(label: Label) -> str:
    """Where the label is printed from."""
    return url_for("shipping_paper.label", label_id=label.id)
