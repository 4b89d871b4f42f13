"""One parcel for several orders of a customer: which may go together, how they are joined, and how they are taken apart.

The parcel of the oldest order leads, so that whoever holds several orders holds them by their ids. A rider leaves its lead
without holding it (its own order is held already, and is the later one): the lead's label says who was in the box when it
was made, and one that tells of others than there are is as void as one with an old address.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store
from checkout_desk.shipping import addressing, batches, customs, labelling, parcels, riding
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.lifecycle import HERE, alight, live_label
from checkout_desk.shipping.models import Shipment


def partners(order: Order, others: Iterable[Order]) -> list[Order]:
    """Those of `others` that could go into one box with `order`: the same customer at the same address. Reads nothing."""
    if order.customer_id is None or order.state not in batches.PACKABLE:
        return []
    place = addressing.place(order)
    return [
        one
        for one in others
        if one.id != order.id
        and one.customer_id == order.customer_id
        and one.state in batches.PACKABLE
        and addressing.place(one) == place
    ]


def groups(orders: Sequence[Order]) -> list[list[Order]]:
    """The orders that could share a box, two and more together. Reads nothing."""
    found: list[list[Order]] = []
    seen: set[int] = set()
    for i, order in enumerate(orders):
        if order.id in seen:
            continue
        if mates := partners(order, orders[i + 1 :]):
            seen |= {one.id for one in mates}
            found.append([order, *mates])
    return found


def riding_orders(order_ids: Iterable[int]) -> set[int]:
    """Those of the orders whose parcel rides in another one and has not left. One query."""
    query = select(Shipment.order_id).where(
        Shipment.order_id.in_(list(order_ids)), Shipment.rides_id.is_not(None), Shipment.state.in_(HERE)
    )
    return set(db.session.scalars(query))


def together(orders: Iterable[Order], *, by: Person, batch: Batch | None = None) -> Shipment:
    """One parcel for these orders; returns the one that leads. Who asks twice gets the same.

    Holds the orders by id. Raises Refused with a sentence where they cannot go together.
    """
    wanted = sorted({one.id: one for one in orders}.values(), key=lambda one: one.id)
    for order in wanted:
        loading.lock(order)
    if sentence := _refusal(wanted):
        raise Refused(sentence)
    lead, *others = [_open(order, by, batch) for order in wanted]
    if lead.rides_id is not None:
        raise Refused(f"It travels in parcel {riding.called(lead)} already; take that apart first.")
    strangers = {one.id for one in riding.riders(lead)} - {one.id for one in others}
    for one, order in zip(others, wanted[1:], strict=True):
        if one.rides_id not in (None, lead.id) or riding.riders(one):
            raise Refused(f"Order {order.number} shares a parcel already; take that apart first.")
    fresh = [one for one in others if one.rides_id is None]
    for one in fresh:
        one.rides_id = lead.id
    db.session.flush()
    if fresh:
        record(
            "parcel.combined",
            about=lead,
            after={"order": lead.order_id, "number": lead.number, "orders": [one.number for one in wanted],
                   "others": len(strangers)},
            actor=f"person:{by.id}",
        )  # fmt: skip
    return lead


def _open(order: Order, by: Person, batch: Batch | None) -> Shipment:
    """The parcel of an order that takes part: the one that is being packed. Raises Refused where one is closed and here."""
    closed = next((one for one in parcels.of(order.id) if one.state == "labelled"), None)
    if closed is not None and closed.rides_id is None:
        raise Refused(
            f"Parcel {parcels.name(closed, order)} has its label already; void that before orders are packed together."
        )
    return closed or parcels.start(order, by=by, batch=batch)


def _refusal(orders: Sequence[Order]) -> str | None:
    """Why these orders cannot share a box, as a sentence, or None. They are locked, the oldest comes first."""
    if len(orders) < 2:
        return "Choose two orders of one customer to pack them together."
    first, shop = orders[0], store()
    sent = parcels.sold(first).content["shipping"]
    for order in orders:
        if order.state not in batches.PACKABLE:
            return f"Order {order.number} is {order.state}; only paid orders are packed together."
        if order.delivery_trouble:
            return f"Something of order {order.number} waits for an answer; pack it on its own."
        if customs.leaves(shop.country, order.ship_country, order.ship_postcode):
            return f"Order {order.number} goes through customs, where each order is declared in a parcel of its own."
    for order in orders[1:]:
        if order.customer_id is None or order.customer_id != first.customer_id:
            return f"Orders {first.number} and {order.number} are of different customers."
        if addressing.place(order) != addressing.place(first):
            return f"Orders {first.number} and {order.number} go to different addresses."
        theirs = parcels.sold(order).content["shipping"]
        if (sent or {}).get("service") != (theirs or {}).get("service"):
            names = [one["name"] if one else "no service" for one in (sent, theirs)]
            return f"Order {first.number} goes with {names[0]}, order {order.number} with {names[1]}; each keeps its own parcel."
    return None


def apart(parcel: Shipment, *, by: Person | None, reason: str) -> list[int]:
    """Each order gets a parcel of its own again; a label on the box is void. Returns the numbers of those taken out.

    Raises Refused for a box that has left, and while its label is being bought.
    """
    parcel = riding.lead(parcel)
    order = parcels.lock(parcel)
    called, numbers = parcels.name(parcel, order), riding.fellows(parcel)
    if not numbers:
        raise Refused(f"Parcel {called} holds one order; there is nothing to take apart.")
    if parcel.state not in HERE:
        raise Refused(f"Parcel {called} has left; it cannot be taken apart any more.")
    label = live_label(parcel)
    if label is not None and label.state != "made":
        raise Refused(f"The label of parcel {called} is being bought; wait until the carrier has answered.")
    if label is not None:
        labelling.void(label, by=by, reason=reason)  # which takes them apart
    for one in riding.riders(parcel):
        alight(one, by=by, reason=reason)
    return numbers
