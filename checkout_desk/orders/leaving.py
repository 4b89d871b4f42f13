"""When a paid order should leave, and what its parcels have to say when it is cancelled.

Parcels live above orders; they register here what an order must ask them (`parcels`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Protocol

from checkout_desk import publicdays, worktime
from checkout_desk.accounts.models import Person
from checkout_desk.orders.models import Order
from checkout_desk.settings import shipping
from checkout_desk.settings.models import store

USUAL = time(15)
"""the cut-off of orders whose service is gone or never said one"""


class Parcels(Protocol):
    """What shipping knows of an order."""

    def refusal(self, order: Order) -> str | None:
        """Why the order cannot be cancelled because of its parcels, as a sentence, or None."""

    def end(self, order: Order, *, by: Person | None) -> None:
        """The order is cancelled: what is packed for it is not sent, its labels are void."""


parcels: list[Parcels] = []
credited: list[Callable[[Order], bool]] = []
"""each says whether an order is paid in part with goods that came back: then it ends cancelled, so that the money is owed"""


def cut_off(content: Mapping[str, Any], at: datetime) -> datetime:
    """The first cut-off from `at` on of the service that a quote's content names, on a day on which the store's country
    works."""
    settings = store()
    sent = content.get("shipping")
    service = shipping.service(sent["service"]) if sent else None
    return worktime.next_cut_off(
        at,
        typed(service.cut_off) if service else USUAL,
        zone=settings.time_zone,
        closed=rest_of(settings.country),
    )


def typed(text: str) -> time:
    """'15:00' as a time; the usual one for what cannot be read."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return USUAL


def rest_of(country: str) -> worktime.Closed:
    """The weekends and public holidays of a country."""

    def closed(day: date) -> bool:
        return publicdays.closed(country, day)

    return closed
