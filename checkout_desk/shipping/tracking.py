"""What a carrier says of a parcel: kept once, and what all of it comes to, on parcel, order and customer (SPEC A14, B3).

Events arrive late, twice and in any order. Each is kept under its own hash, then the parcel is brought in line with all
of them, so that no order of arrival shows.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import milestones
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order
from checkout_desk.shipping import alarms, converging, parcels, riding, ways
from checkout_desk.shipping.converging import Outcome, Told
from checkout_desk.shipping.lifecycle import AWAY, SHIPMENT
from checkout_desk.shipping.models import STATUSES, Shipment, TrackingEvent

WORDS_LONGEST, PLACE_LONGEST = 300, 120
TOLD = ("failed_attempt", "available_for_pickup", "exception", "delivered", "returned_to_sender")
"""states that the thread of the customer tells of"""


def take(parcel: Shipment, events: Iterable[Told], *, source: str) -> int:
    """Keep what is new of what was said, and bring the parcel in line with all of it. Returns how many were new.

    `source` is 'poll', 'webhook' or 'person'. Expects a writing transaction; locks the parcel's order. What is told
    twice changes nothing. What is said of a parcel that rides is said of its box.
    """
    parcel = riding.lead(parcel)
    order = parcels.lock(parcel)
    new = _keep(parcel, events, source)
    if new:
        reckon(parcel, order)
    return new


def _keep(parcel: Shipment, events: Iterable[Told], source: str) -> int:
    now = clock.now()
    rows = {}
    for told in map(_bounded, events):
        rows[told.key] = {
            "shipment_id": parcel.id, "key": told.key, "at": told.at, "status": told.status, "words": told.words,
            "place": told.place, "returning": told.returning, "source": source, "received_at": now,
        }  # fmt: skip
    if not rows:
        return 0
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(TrackingEvent)
    made = db.session.scalars(
        insert.values(list(rows.values())).on_conflict_do_nothing().returning(TrackingEvent.id)
    )
    return len(made.all())


def _bounded(told: Told) -> Told:
    """The event as it is kept. Raises ValueError for a status that is none of the nine, and for a time without zone."""
    if told.status not in STATUSES:
        raise ValueError(f"“{told.status[:40]}” is none of the statuses that carriers share.")
    if told.at.tzinfo is None:
        raise ValueError("naive datetime where an instant is meant")
    words, place = (" ".join(text.replace("\0", "").split()) for text in (told.words, told.place))
    return Told(told.at, told.status, words[:WORDS_LONGEST], place[:PLACE_LONGEST], told.returning)


def say(parcel: Shipment, told: Told, *, by: Person) -> None:
    """A person enters what they heard, on the telephone for example. Raises Refused where that cannot be."""
    parcel = riding.lead(parcel)
    order = parcels.lock(parcel)
    if parcel.state not in AWAY:
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} has not left; nothing can have happened on its way."
        )
    if told.at > clock.now():
        raise Refused("This lies ahead; enter what has happened.")
    if told.at < parcel.created_at - converging.AHEAD:
        raise Refused(f"Parcel {parcels.name(parcel, order)} was not made yet then.")
    if not take(parcel, [told], source="person"):
        raise Refused("This is known already.")
    alarms.note(parcel, order, "told", by=by, status=told.status)


def reckon(parcel: Shipment, order: Order) -> Outcome:
    """Bring a parcel in line with its events: status, state, times, alarms; the order when all of it has arrived. What
    rides in it goes the same way.

    The orders are locked. Doing it again changes nothing.
    """
    events = ways.used(parcel)
    found = converging.outcome(events)
    _bring(parcel, order, found)
    alarms.look(parcel, order, events)
    arrived(order)
    for rider in riding.riders(parcel):
        theirs = db.session.get_one(Order, rider.order_id)
        _bring(rider, theirs, found)
        arrived(theirs)
    return found


def _bring(parcel: Shipment, order: Order, found: Outcome) -> None:
    values = {"status": found.status, "last_scan_at": found.last_scan_at, "delivered_at": found.delivered_at}
    for name, value in values.items():
        if getattr(parcel, name) != value:
            setattr(parcel, name, value)
    if found.state and _moves(parcel, found):
        SHIPMENT.fire(parcel, "track", to=found.state)
        if found.state in TOLD and order.conversation_id is not None:
            record(
                "conversation.parcel_moved",
                about=("conversation", order.conversation_id),
                after={"parcel": parcels.name(parcel, order), "state": found.state},
            )
    db.session.flush()


def catch_up(parcel: Shipment, order: Order) -> None:
    """The parcel has just left: what the carrier told before counts from now on. The order is locked."""
    if parcel.status != "pending":
        reckon(parcel, order)


def _moves(parcel: Shipment, found: Outcome) -> bool:
    """Whether the events change the state: not before the parcel has left, and a lost one only by a newer scan."""
    if parcel.state not in AWAY or parcel.state == found.state:
        return False
    newest = found.last_scan_at
    return parcel.state != "lost" or (newest is not None and newest > parcel.updated_at)


def arrived(order: Order) -> bool:
    """Deliver the order and tell the customer once all of its parcels have arrived. Returns whether that was now."""
    if order.state != "shipped":
        return False
    sent = [one.state for one in parcels.of(order.id) if one.state != "void"]
    if not sent or any(state != "delivered" for state in sent):
        return False
    ORDER.fire(order, "deliver")
    # A carrier's event made it, once for the order: no loop of mails can come of it.
    milestones.post(order, "delivered", caused_by_payment=True)
    return True
