"""What people do to a whole order: verify it, cancel it. Each is an act that can be undone."""

from __future__ import annotations

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Act
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order
from checkout_desk.orders.undoing import doing


def verify(order: Order, *, by: Person) -> Act | None:
    """A person says that the order is complete and right. Raises Refused with what is missing."""
    with doing(order, "verify", by=by, sentence=f"Order {order.number} verified") as done:
        ORDER.fire(order, "verify", by=by)
    return done.act


def cancel(order: Order, *, reason: str, by: Person, answered: bool = False) -> Act | None:
    """The order is not wanted any more; with `answered` the person tells the customer in a mail of their own. Raises
    Refused without a reason, and once it is shipped."""
    with doing(order, "cancel", by=by, sentence=f"Order {order.number} cancelled") as done:
        ORDER.fire(order, "cancel", by=by, reason=reason.strip()[:500], answered=answered)
    return done.act
