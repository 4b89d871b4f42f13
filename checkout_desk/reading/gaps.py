"""Which details are still missing before an order can be verified, in the words of SPEC section 10."""

from __future__ import annotations

from checkout_desk.reading import countries
from checkout_desk.reading.merging import Found
from checkout_desk.reading.model import Customer, KnownThread, Role, ShipTo


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


def _address_gaps(ship_to: ShipTo, customer: Customer) -> list[str]:
    gaps = []
    if ship_to.name is None and customer.name is None:
        gaps.append("ship_to.name")
    if ship_to.line1 is None:
        gaps.append("ship_to.line1")
    if ship_to.city is None:
        gaps.append("ship_to.city")
    needed = countries.needs(ship_to.country.text) if ship_to.country else frozenset()
    if ship_to.region is None and "region" in needed:
        gaps.append("ship_to.region")
    if ship_to.postcode is None and ("postcode" in needed or ship_to.country is None):
        gaps.append("ship_to.postcode")
    if ship_to.country is None:
        gaps.append("ship_to.country")
    return gaps
