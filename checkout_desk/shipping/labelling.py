"""Our own labels: made once however often it is asked for, void as soon as they are wrong, printed again on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select

from checkout_desk import clock, typesetting
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import details
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import Store, store
from checkout_desk.shipping import addressing, parcels, riding
from checkout_desk.shipping.addressing import stale
from checkout_desk.shipping.lifecycle import HERE, SHIPMENT, alight, end_label, live_label
from checkout_desk.shipping.models import Carrier, Label, Shipment

__all__ = ["address_of", "doubts", "live", "make", "printed", "stale", "void"]
MOVED = "The address of the order changed"


def make(parcel: Shipment, *, by: Person | None) -> Label:
    """The label of a parcel that counts; a new one where there is none. Who asks twice gets the same.

    A label whose address is not the order's any more is void and replaced. Raises Refused for a parcel that is not
    packed or has left, and while the carrier is still selling one.
    """
    order = parcels.lock(parcel)
    label = live_label(parcel)
    if label is not None and label.state == "made" and not stale(label, order):
        return label
    if order.state != "packing" or parcel.state not in HERE:
        why = (
            f"order {order.number} is {order.state}" if order.state != "packing" else f"it is {parcel.state}"
        )
        raise Refused(f"Parcel {parcels.name(parcel, order)} gets no label: {why.replace('_', ' ')}.")
    if label is not None and label.state != "made":
        raise Refused("A label of this parcel is being bought; wait until the carrier has answered.")
    if label is not None:
        end_label(label, reason=MOVED, by=by)
    if parcel.state == "packing":
        SHIPMENT.fire(parcel, "label", by=by)
    return _new(parcel, order, by=by)


def _new(parcel: Shipment, order: Order, *, by: Person | None) -> Label:
    highest = db.session.scalar(select(func.max(Label.number)).where(Label.shipment_id == parcel.id))
    number = (highest or 0) + 1
    facts = address_of(parcel, order, store())
    label = Label(
        shipment_id=parcel.id, number=number, state="made", address=facts,
        address_hash=addressing.digest(facts["recipient"]), reference=f"own:{parcel.id}:{number}",
        made_at=clock.now(), made_by_id=by.id if by else None, printed=0,
    )  # fmt: skip
    db.session.add(label)
    db.session.flush()
    record(
        "label.made",
        about=label,
        after={"shipment": parcel.id, "number": number, "parcel": parcels.name(parcel, order)},
        actor=f"person:{by.id}" if by else None,
    )
    return label


def void(label: Label, *, by: Person | None, reason: str) -> None:
    """A label that must not be used any more; its parcel needs another before it leaves. Raises Refused."""
    parcel = db.session.get_one(Shipment, label.shipment_id)
    order = parcels.lock(parcel)
    db.session.refresh(label)
    if not reason.strip():
        raise Refused("Say why the label is void; whoever finds it on a parcel reads this first.")
    if parcel.state not in HERE:
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} has left with its label; it cannot be void any more."
        )
    end_label(label, reason=reason.strip(), by=by)
    for rider in riding.riders(parcel):
        alight(rider, by=by, reason=reason.strip())
    packing = any(one.state == "packing" for one in parcels.of(order.id))
    if parcel.state == "labelled" and not packing:  # of one order one parcel is packed at a time
        SHIPMENT.fire(parcel, "unlabel", by=by, reason=reason.strip())


def printed(label: Label, *, by: Person | None) -> None:
    """The label goes to a printer: counted, and from the second time on told in the record. Raises Refused when void or stale."""
    db.session.refresh(label, with_for_update=True)  # two printers at once are two prints
    if label.state != "made":
        raise Refused(
            f"This label is void ({label.void_reason or 'it does not count any more'}); print the new one."
        )
    parcel = db.session.get_one(Shipment, label.shipment_id)
    order = db.session.get_one(Order, parcel.order_id)
    if parcel.state in HERE and stale(label, order):
        raise Refused(
            f"The address of order {order.number} has changed since this label was made; print a new one."
        )
    label.printed += 1
    record(
        "label.printed" if label.printed == 1 else "label.reprinted",
        about=label,
        after={"shipment": label.shipment_id, "number": label.number, "times": label.printed},
        actor=f"person:{by.id}" if by else None,
    )
    db.session.flush()


def live(shipment_ids: Collection[int]) -> dict[int, Label]:
    """Parcel id -> its label that was made and counts. One query."""
    rows = db.session.scalars(select(Label).where(Label.shipment_id.in_(shipment_ids), Label.state == "made"))
    return {label.shipment_id: label for label in rows}


def address_of(parcel: Shipment, order: Order, shop: Store) -> dict[str, Any]:
    """All that a label says, as it is kept and printed again."""
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    counted = [one for one in parcels.of(order.id) if one.state != "void"]
    riders = riding.riders(parcel)
    wishes = [order.delivery_wish, *(db.session.get_one(Order, one.order_id).delivery_wish for one in riders)]
    return {
        "sender": sender(shop),
        "recipient": addressing.recipient(order),
        "parcel": {
            "name": parcels.name(parcel, order),
            "order": order.number,
            "number": next((n for n, one in enumerate(counted, 1) if one.id == parcel.id), parcel.number),
            "of": len(counted),
            "service": parcel.service,
            "carrier": carrier.name if carrier else "",
            "grams": parcel.weight_grams or riding.grams(parcel, riders),
            "wish": " / ".join(dict.fromkeys(wish for wish in wishes if wish)),
            **({"riders": sorted(one.id for one in riders)} if riders else {}),
        },
    }


def sender(shop: Store) -> dict[str, Any]:
    """Where parcels come from."""
    lines = [line.strip() for line in shop.sender_address.splitlines() if line.strip()]
    return {"name": shop.name, "lines": lines, "country": shop.country, "language": shop.language}


def doubts(recipient: Mapping[str, str]) -> list[str]:
    """What about an address may keep a parcel from arriving, as sentences. None of them forbids a label."""
    found = []
    street = f"{recipient['line1']} {recipient['line2']}"
    if not any(letter.isnumeric() for letter in street):
        found.append(f"“{recipient['line1'][:60]}” has no house number.")
    missing = [
        name for name in sorted(details.required(recipient["country"]) - {"ship_name"})
        if not recipient[name.removeprefix("ship_")]
    ]  # fmt: skip
    words = details.labels(recipient["country"])
    found += [f"{words.get(name, name)} is missing." for name in missing]
    odd = typesetting.undrawable(" ".join(value for name, value in recipient.items() if name != "phone"))
    if odd:
        found.append(f"The label cannot show {' '.join(odd[:8])}; write that part in other letters.")
    return found
