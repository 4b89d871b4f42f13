"""What an order's parcels have to say when it is cancelled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.orders import leaving
from checkout_desk.orders.models import Order
from checkout_desk.shipping import parcels
from checkout_desk.shipping.lifecycle import AWAY, HERE, SHIPMENT
from checkout_desk.shipping.models import Shipment

_S: Any = Shipment.__table__
_GONE = (
    select(_S.c.number).where(_S.c.order_id == bindparam("order"), _S.c.state.in_(AWAY)).order_by(_S.c.number)
)
"""every page that shows an order asks it"""


class Ours:
    """The parcels of an order, for `orders.leaving`."""

    def refusal(self, order: Order) -> str | None:
        """What has left is no order to cancel any more, but goods to take back."""
        gone = [parcels.called(order, row.number) for row in db.session.execute(_GONE, {"order": order.id})]
        if not gone:
            return None
        return f"Parcel {', '.join(gone)} has left already; what was sent can only come back as a return."

    def end(self, order: Order, *, by: Person | None) -> None:
        """Parcels that are being packed are not sent, and their labels are void."""
        for one in parcels.of(order.id):
            if one.state in HERE:
                parcels.lock(one)  # with those that ride in it
                SHIPMENT.fire(one, "void", by=by, reason=f"Order {order.number} is cancelled")


def register() -> None:
    """Be asked from now on. Called once when the app is made."""
    if not any(isinstance(one, Ours) for one in leaving.parcels):
        leaving.parcels.append(Ours())
