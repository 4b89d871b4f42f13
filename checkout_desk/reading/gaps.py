"""Which details are still missing before an order can be verified, in the words of SPEC section 10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkout_desk.reading import countries
from checkout_desk.reading.canonical import fold
from checkout_desk.reading.model import Customer, KnownThread, Role, ShipTo

if TYPE_CHECKING:  # web processes ask what an address needs; the reader behind it is a worker's
    from checkout_desk.reading.merging import Found


def find_gaps(
    found: Found,
    customer: Customer,
    ship_to: ShipTo | None,
    *,
    role: Role,
    known: KnownThread | None,
    phone: bool,
) -> tuple[str, ...]:
    """The gaps of an order. An update asks only for what it leaves unclear itself, and for what its thread lacks."""
    gaps: list[str] = []
    if not (found.lines or found.ambiguous or found.unmatched) and role == "new":
        gaps.append("lines")
    if found.ambiguous or found.unmatched:
        gaps.append("product")
    quantities: list[int | None] = [line.quantity for line in found.lines]
    quantities += [item.quantity for item in found.ambiguous]
    quantities += [item.quantity for item in found.unmatched]
    if any(quantity is None for quantity in quantities):
        gaps.append("quantity")
    if ship_to is not None:
        gaps += _address_gaps(ship_to, customer)
    elif role == "new" or (known is not None and not known.has_address):
        gaps.append("ship_to")
    if phone and customer.phone is None and (role == "new" or (known is not None and not known.has_phone)):
        gaps.append("phone")
    return tuple(gaps)


def needed(country: str | None) -> tuple[str, ...]:
    """Which parts an address in `country` must have, in the order in which they are asked for.

    Where the country is not known it is asked for, and the postcode with it: most countries have one.
    """
    rules = countries.needs(country) if country else frozenset({"postcode"})
    region = ("region",) if "region" in rules else ()
    postcode = ("postcode",) if "postcode" in rules else ()
    return ("name", "line1", "city", *region, *postcode, "country")


def _address_gaps(ship_to: ShipTo, customer: Customer) -> list[str]:
    parts = needed(ship_to.country.text if ship_to.country else None)
    missing = [part for part in parts if getattr(ship_to, part) is None]
    if "region" in missing and ship_to.country and ship_to.city:
        regions = countries.region_names(ship_to.country.text)
        if fold(ship_to.city.text) in regions:
            missing.remove("region")  # New York, Buenos Aires, 東京: the town is called as its region is
    return [f"ship_to.{part}" for part in missing if part != "name" or customer.name is None]
