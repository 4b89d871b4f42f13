"""Orders that are placed without a payment: a person says so, and the record holds who."""

from __future__ import annotations

from checkout_desk import clock, money
from checkout_desk.accounts.models import Person
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import milestones, quoting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Quote
from checkout_desk.orders.quote_lifecycle import QUOTE, name


def free(quote: Quote, *, by: Person) -> None:
    """The customer told a person that they want what costs nothing: the order is placed. Raises Refused where it does
    cost something, and as `quoting.paid`."""
    if quote.total_minor:
        total = money.show(quote.total_minor, quote.currency)
        raise Refused(f"Quote {name(quote)} comes to {total}; it is paid when that has come.")
    quoting.paid(quote, at=clock.now(), by=by)


def on_account(quote: Quote, *, by: Person) -> None:
    """A trusted customer orders on account: the stock is sold, the order may be packed, and the money stays open.

    The quote has no end any more, and is paid when its money comes. Raises Refused where it was not offered, the customer
    is not trusted (any more), or the quote has ended.
    """
    order = quoting.locked(quote)
    customer = db.session.get(Customer, order.customer_id) if order.customer_id else None
    facts = {"by": by, "at": clock.now(), "trusted": customer is not None and customer.trusted}
    sentence = QUOTE.refusal(quote, "place", **facts) or ORDER.refusal(order, "place")
    if sentence:
        raise Refused(sentence)
    QUOTE.fire(quote, "place", **facts)
    ORDER.fire(order, "place", by=by, quote=quote.number)
    milestones.post(order, "confirmed", caused_by_payment=True)
    quoting.ours_again(order, "placed on account")
    db.session.flush()
