"""The demo store's parcels: on their way, late, delivered, and what their customers said."""

from __future__ import annotations

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.feedback import answering, asking
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders.models import Order
from checkout_desk.returns import requesting
from checkout_desk.shipping import labelling, numbering, parcels, tracking
from checkout_desk.shipping.converging import Told
from checkout_desk.shipping.models import Shipment

WORDS = {
    "info_received": ("Sender preparing item", ""),
    "in_transit": ("Item received at the hub", "Mount Pleasant"),
    "out_for_delivery": ("Out for delivery", "Durham"),
    "failed_attempt": ("Nobody was in; a card was left", "Lyon"),
    "delivered": ("Delivered and signed for", ""),
}
"""what the carrier says of a status, and where"""


def ship(order: Order, by: Person, number: str) -> None:
    """Tom packs the order, labels it and scans the carrier's number."""
    parcel = parcels.start(order, by=by)
    parcels.packed_unscanned(parcel, by=by)
    labelling.make(parcel, by=by)
    numbering.give(parcel, number, by=by, how="scan", confirmed=tuple(numbering.DOUBTS))


def scan(order: Order, status: str) -> None:
    """The carrier tells of the order's parcel."""
    parcel = db.session.scalars(select(Shipment).where(Shipment.order_id == order.id)).one()
    words, place = WORDS[status]
    tracking.take(parcel, [Told(clock.now(), status, words, place)], source="webhook")


def ask(order: Order) -> None:
    """Some days after delivery the customer is asked how it was."""
    found = (
        asking.schedule(order)
        or db.session.scalars(select(Feedback).where(Feedback.order_id == order.id)).one()
    )
    found.due_at = clock.now()
    asking.ask(found, at=clock.now())


def say(order: Order, told: str) -> None:
    """The customer presses the button: '5|Lovely cups|' is score, words and step."""
    score, comment, step = told.split("|")
    found = db.session.scalars(select(Feedback).where(Feedback.order_id == order.id)).one()
    if found.asked_at is not None:
        answering.answer(found, int(score), comment=comment, step=step)


def send_back(order: Order, told: str) -> None:
    """The customer asks on their page to give something back: 'damaged|A chip at its rim.|1' is reason, words, pieces."""
    reason, words, pieces = told.split("|")
    (product_id,) = requesting.returnable(order)
    requesting.request(
        order, {product_id: (int(pieces), "refund", None)}, reason=reason, words=words, source="customer"
    )
