"""Which parcels leave a customs area, and what customs are told of what is in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkout_desk.catalogue import products
from checkout_desk.orders.models import Quote
from checkout_desk.shipping.models import ShipmentItem

_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
AREAS: dict[str, str] = {
    **dict.fromkeys(_UNION.split(), "EU"),
    **dict.fromkeys(("GB", "IM", "JE", "GG"), "UK"),
    **dict.fromkeys(("CH", "LI"), "CH"),
    **dict.fromkeys(("US", "PR"), "US"),
}
"""country -> area within which parcels need no declaration; every other country is an area of its own"""
_APART = {
    "ES": re.compile(r"(35|38|51|52)\d{3}"),
    "IT": re.compile(r"(23041|22061)"),
    "DE": re.compile(r"(78266|27498)"),
    "GR": re.compile(r"63086"),
    "FR": re.compile(r"97\d{3}|98[4-8]\d{2}"),
}
"""postcodes outside the Union's customs or tax territory (Council Directive 2006/112/EC, article 6): the Canaries, Ceuta
and Melilla, Livigno and Campione, Büsingen and Heligoland, Mount Athos, the French overseas"""
_NORTH = re.compile(r"BT\d{1,2}", re.IGNORECASE)
"""Northern Ireland: goods go there without a declaration from the Union and from the rest of the United Kingdom"""


@dataclass(frozen=True, slots=True)
class Goods:
    """One product of a parcel. `value_minor` is what the customer paid for all pieces, without tax."""

    product_id: int
    sku: str
    name: str
    pieces: int
    value_minor: int
    grams: int | None
    """of all pieces"""
    hs_code: str
    origin: str


@dataclass(frozen=True, slots=True)
class Lack:
    """What customs want to know of a product and the catalogue does not say."""

    product_id: int
    sku: str
    name: str
    what: list[str]


def leaves(home: str, country: str, postcode: str) -> bool:
    """Whether a parcel from `home` to an address crosses a border of customs."""
    if not country or not home:
        return False
    here, there = area(home, ""), area(country, postcode)
    if there == "XI":
        return here not in ("EU", "UK")
    return here != there


def area(country: str, postcode: str) -> str:
    """The customs area of an address: 'EU', 'UK', 'XI' for Northern Ireland, else the country or a part of it."""
    code = postcode.replace(" ", "")
    if country == "GB" and _NORTH.match(code):
        return "XI"
    if country in _APART and _APART[country].fullmatch(code):
        return f"{country}-{code[:2]}"
    return AREAS.get(country, country)


def goods(items: Sequence[ShipmentItem], quote: Quote) -> list[Goods]:
    """What is in a parcel with its value by the version that was paid: a part of a line is worth its share."""
    sold = _sold(quote.content["lines"])
    known = products.get({item.product_id for item in items})
    found = []
    for item in items:
        product = known[item.product_id]
        net, pieces = sold.get(item.product_id, (0, item.quantity))
        grams = product.weight_grams * item.quantity if product.weight_grams is not None else None
        found.append(
            Goods(
                product.id, item.sku, item.name, item.quantity, net * item.quantity // max(pieces, 1),
                grams, product.hs_code, product.origin,
            )
        )  # fmt: skip
    return found


def _sold(lines: Collection[Mapping[str, Any]]) -> dict[int, tuple[int, int]]:
    """Product id -> (what all its lines cost without tax, pieces)."""
    found: dict[int, tuple[int, int]] = {}
    for line in lines:
        net, pieces = found.get(line["product"], (0, 0))
        found[line["product"]] = (net + line["net"], pieces + line["quantity"])
    return found


def lacks(inside: Collection[Goods]) -> list[Lack]:
    """What has to be entered in the catalogue before papers for customs can be printed."""
    found = []
    for one in inside:
        what = [
            word
            for word, value in (
                ("HS code", one.hs_code),
                ("country of origin", one.origin),
                ("weight", one.grams),
            )
            if not value
        ]
        if what:
            found.append(Lack(one.product_id, one.sku, one.name, what))
    return found
