"""A parcel leaves: the stock, the order and the customer learn of it in one transaction (procedure steps A12, A14, B3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from checkout_desk import clock, faults
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import stock
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, milestones, promising
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.settings import shipping
from checkout_desk.settings.models import store
from checkout_desk.shipping import addressing, parcels, promised, riding, tracking
from checkout_desk.shipping.lifecycle import SHIPMENT, live_label
from checkout_desk.shipping.models import Carrier, Shipment


def refusal(parcel: Shipment, order: Order) -> str | None:
    """Why this parcel cannot leave now, as a sentence, or None. The order is locked."""
    if order.state != "packing":
        return f"Order {order.number} is {order.state}; none of its parcels leaves now."
    if loading.changes(order):
        return (
            f"The customer wants order {order.number} changed; accept or decline that before a parcel leaves."
        )
    sentence = SHIPMENT.refusal(parcel, "hand_over")
    if sentence:
        return sentence
    label = live_label(parcel)
    if label is not None and addressing.stale(label, order):
        return (
            f"The address of order {order.number} has changed since the label of parcel "
            f"{parcels.name(parcel, order)} was printed; print a new one."
        )
    if parcel.rides_id is not None:
        return None
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    if not parcel.tracking_number and (carrier is None or carrier.tracked):
        return f"Parcel {parcels.name(parcel, order)} has no tracking number yet."
    return None


def hand_over(
    parcel: Shipment,
    *,
    by: Person | None,
    at: datetime | None = None,
    held: tuple[Order, list[Shipment]] | None = None,
) -> None:
    """The carrier has the parcel: its pieces leave the stock, the order is shipped when nothing is left, the customer
    is told; so with every order that travels in it. `held` is what `parcels.lock_whole` gave a caller that has locked it.
    Raises Refused, and nothing has moved."""
    order, riders = held or parcels.lock_whole(parcel)
    if parcel.rides_id is not None:
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} travels in parcel {riding.called(parcel)}; hand that one over."
        )
    whole = [(parcel, order), *((one, db.session.get_one(Order, one.order_id)) for one in riders)]
    for one, its in whole:
        if sentence := refusal(one, its) or _elsewhere(its, order):
            raise Refused(sentence)
    at = at or clock.now()
    kept = [_at_hand(one, its) for one, its in whole]
    _ship([one for one, _ in whole])
    faults.fault("handing_over.shipped")
    for one, _ in whole:
        one.tracking_number, one.tracking_by = parcel.tracking_number, parcel.tracking_by
        SHIPMENT.fire(one, "hand_over", by=by, at=at, manifest=parcel.manifest_id, judged=True)
    for one, its in whole:
        _tell(one, its, at, by=by)
    faults.fault("handing_over.told")
    tracking.catch_up(parcel, order)
    for _, its in whole:
        _rest(its)
    db.session.flush()
    del kept


def _elsewhere(order: Order, lead: Order) -> str | None:
    if order is lead or addressing.place(order) == addressing.place(lead):
        return None
    return f"Order {order.number} goes to another address than order {lead.number}; take their parcel apart first."


def _tell(parcel: Shipment, order: Order, at: datetime, *, by: Person | None) -> None:
    """Order and customer learn that this parcel has left."""
    _promise(parcel, order, at)
    if not parcels.here(order.id) and not parcels.left(order):
        ORDER.fire(order, "ship", by=by)
    loading.touch(order)
    milestones.post(order, "shipped", about=f"shipment:{parcel.id}", caused_by_payment=True)


def _at_hand(parcel: Shipment, order: Order) -> tuple[object, ...]:
    """What every step of a hand-over asks for. The session forgets what nobody holds; held, each is read once."""
    return (
        store(),
        db.session.get(Quote, parcel.quote_id),
        db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None,
        db.session.get(Conversation, order.conversation_id) if order.conversation_id else None,
    )


def _ship(whole: Sequence[Shipment]) -> None:
    """What is in these parcels has left the stock; each product of each once, whoever asks how often."""
    inside = parcels.items([one.id for one in whole])
    promising.lock([item.product_id for items in inside.values() for item in items])
    for parcel in whole:
        quote = db.session.get_one(Quote, parcel.quote_id)
        for item in sorted(inside[parcel.id], key=lambda one: one.product_id):
            stock.ship(
                item.product_id,
                item.packed,
                about=promising.about(quote),
                occasion=f"shipment:{parcel.id}:ship:{item.product_id}",
            )


def _promise(parcel: Shipment, order: Order, at: datetime) -> None:
    quote = db.session.get_one(Quote, parcel.quote_id)
    sent = quote.content["shipping"]
    if not sent or shipping.service(sent["service"]) is None:
        return
    settings = store()
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    parcel.promised_on = promised.arrives(
        at.astimezone(ZoneInfo(settings.time_zone)).date(),
        days_min=sent["days_min"],
        days_max=sent["days_max"],
        home=settings.country,
        country=order.ship_country,
        carrier=carrier,
    )[1]


def _rest(order: Order) -> None:
    """A conversation that owes no answer waits for the parcel to arrive."""
    if order.state != "shipped" or order.conversation_id is None:
        return
    c = db.session.get_one(Conversation, order.conversation_id)
    if c.order_id == order.id and c.state == "open" and c.promise_due_at is None and c.order_step is None:
        CONVERSATION.fire(c, "wait", reason=f"Order {order.number} is on its way")
