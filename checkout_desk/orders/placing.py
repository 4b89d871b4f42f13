"""Orders that are placed without a payment: a person says so, and the record holds who."""

from __future__ import annotations

from checkout_desk import clock, money
from checkout_desk.accounts.models import Person
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quoting
from checkout_desk.orders.models import Quote
from checkout_desk.orders.quote_lifecycle import name


def free(quote: Quote, *, by: Person) -> None:
    """The customer told a person that they want what costs nothing: the order is placed. Raises Refused where it does
    cost something, and as `quoting.paid`."""
    if quote.total_minor:
        total = money.show(quote.total_minor, quote.currency)
        raise Refused(f"Quote {name(quote)} comes to {total}; it is paid when that has come.")
    quoting.paid(quote, at=clock.now(), by=by)
