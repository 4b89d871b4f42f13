"""Which services take a parcel to a country on a day, and for how much.

The price table of a service is all its rows in one currency that begin on the newest day that has come: a new table replaces
the old one whole. In it the row of the highest value of goods counts first ('free from £50'), then the lightest that
carries the weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.extensions import db
from checkout_desk.settings import choices
from checkout_desk.settings.effective import newest
from checkout_desk.settings.models import ShippingPrice, ShippingService
from checkout_desk.settings.tax import ELSEWHERE


class NoWeight(ValueError):
    """A parcel cannot be weighed, because a product has no weight. Its sentence names the product."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to send this parcel. Days are business days from hand-over to the door."""

    service_id: int
    name: str
    price_minor: int
    days_min: int
    days_max: int
    tax_class: str
    carrier: str = ""
    cut_off: str = ""


def weigh(lines: Iterable[tuple[str, int | None, int]]) -> int:
    """Grams of a parcel of (name, grams of one, quantity). Raises NoWeight where a product has no weight."""
    total = 0
    for name, grams, quantity in lines:
        if grams is None:
            raise NoWeight(
                f"“{name[:80]}” has no weight, so its parcel has no price; set the weight in the catalogue."
            )
        total += grams * quantity
    return total


def offers(country: str, *, grams: int, value_minor: int, currency: str, on: date) -> list[Offer]:
    """What can be chosen for a parcel, as the store sorted it, the named country's services before those of everywhere.

    `value_minor`: what the goods are worth after discounts, in `currency`.
    """
    services = _going_to(country)
    tables = _tables([one.id for one in services], currency)
    found = []
    for service in services:
        row = row_for(newest(tables.get(service.id, ()), on=on), grams=grams, value_minor=value_minor)
        if row is not None:
            found.append(_offer(service, row))
    return found


def row_for(table: Iterable[ShippingPrice], *, grams: int, value_minor: int) -> ShippingPrice | None:
    """The row of one table that prices a parcel, or None where it is too heavy."""
    fitting = [
        row
        for row in table
        if row.from_value_minor <= value_minor and (row.up_to_grams is None or grams <= row.up_to_grams)
    ]
    return min(
        fitting,
        key=lambda row: (-row.from_value_minor, row.up_to_grams is None, row.up_to_grams or 0),
        default=None,
    )


def none_because(country: str, *, grams: int, value_minor: int, currency: str, on: date) -> str:
    """Why `offers` is empty, as a sentence that says what a manager can do."""
    place = choices.countries().get(country, country or "an order without a country")
    services = _going_to(country)
    if not services:
        return f"No shipping service goes to {place}; add one under Settings, Money."
    tables = [newest(rows, on=on) for rows in _tables([one.id for one in services], currency).values()]
    if not any(tables):
        return f"No shipping service to {place} has prices in {currency} that day; add them under Settings, Money."
    limits = [row.up_to_grams for rows in tables for row in rows if row.from_value_minor <= value_minor]
    heaviest = max((grams or 0 for grams in limits), default=0)
    if not limits:
        lowest = min(row.from_value_minor for rows in tables for row in rows)
        return f"Shipping to {place} is only priced for goods from {money.show(lowest, currency)} on."
    return f"The parcel weighs {grams} g, and no service takes more than {heaviest} g to {place}; split the order or add a price."


def every() -> Sequence[ShippingService]:
    """All services, offered or not, as the store sorted them."""
    return db.session.scalars(
        select(ShippingService).order_by(ShippingService.position, ShippingService.id)
    ).all()


def service(service_id: int) -> ShippingService | None:
    """The service, whether it is offered or not."""
    found: ShippingService | None = db.session.get(ShippingService, service_id)
    return found


def goes_to(one: ShippingService, country: str) -> bool:
    """Whether a service is for `country`, named or as part of everywhere else."""
    return country in one.countries or ELSEWHERE in one.countries


def _going_to(country: str) -> list[ShippingService]:
    """Services that name the country; where none does, those for everywhere else."""
    active = db.session.scalars(
        select(ShippingService)
        .where(ShippingService.active.is_(True))
        .order_by(ShippingService.position, ShippingService.id)
    ).all()
    named = [one for one in active if country in one.countries]
    return named or [one for one in active if country and ELSEWHERE in one.countries]


def _tables(services: Sequence[int], currency: str) -> dict[int, list[ShippingPrice]]:
    found: dict[int, list[ShippingPrice]] = {}
    rows = select(ShippingPrice).where(
        ShippingPrice.service_id.in_(services), ShippingPrice.currency == currency
    )
    for row in db.session.scalars(rows.order_by(ShippingPrice.id)):
        found.setdefault(row.service_id, []).append(row)
    return found


def _offer(one: ShippingService, row: ShippingPrice) -> Offer:
    return Offer(
        one.id, one.name, row.price_minor, one.days_min, one.days_max, one.tax_class, one.carrier, one.cut_off
    )
