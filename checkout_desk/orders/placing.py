"""Orders that are placed without a payment: a person says so, and the record holds who."""

from __future__ import annotations

from typing import Any

from checkout_desk import clock, money
from checkout_desk.accounts.models import Person
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import milestones, quoting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_lifecycle import QUOTE, name
from checkout_desk.settings.models import store


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
    trusted = customer is not None and customer.trusted
    _place(quote, order, "placed on account", by=by, trusted=trusted)


def before_payment(quote: Quote, *, by: Person, reason: str) -> None:
    """A manager lets this one order leave before it is paid, and says why (SPEC A6). Otherwise as `on_account`.

    Raises Refused without a reason, and where the quote has ended or costs nothing.
    """
    if not reason.strip():
        raise Refused(
            "Say why this order leaves before it is paid; whoever looks at it later reads this first."
        )
    order = quoting.locked(quote)
    _place(quote, order, "to be packed before it is paid", by=by, trusted=False, reason=reason.strip()[:300])


def _place(quote: Quote, order: Order, how: str, **facts: Any) -> None:
    facts["at"] = clock.now()
    sentence = QUOTE.refusal(quote, "place", **facts) or ORDER.refusal(order, "place")
    if sentence:
        raise Refused(sentence)
    QUOTE.fire(quote, "place", **facts)
    told = {"reason": facts["reason"]} if "reason" in facts else {}
    ORDER.fire(order, "place", by=facts["by"], quote=quote.number, **told)
    if not facts["trusted"] or store().credit_confirmed == "placed":
        milestones.post(order, "confirmed", caused_by_payment=True)
    quoting.ours_again(order, how)
    db.session.flush()
