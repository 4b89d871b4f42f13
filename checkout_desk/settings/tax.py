"""How a sale to a country is taxed on a day.

A country stands in the first zone (by position) that names it; '*' takes what no zone names. Treatments: 'taxed' by class;
'zero' for exports; 'reverse' where a customer with a VAT id owes the tax (Council Directive 2006/112/EC, articles 138 and
194 to 196) and everybody else is taxed; 'none' where no zone fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat

from checkout_desk.extensions import db
from checkout_desk.settings import choices
from checkout_desk.settings.effective import newest
from checkout_desk.settings.models import TaxRate, TaxZone, store

CLASSES = {"standard": "Standard", "reduced": "Reduced", "zero": "Zero-rated", "exempt": "Exempt"}
"""the tax classes that products and shipping have"""
TREATMENTS = {
    "taxed": "Taxed by the rates below",
    "reverse": "Reverse charge with a VAT id, taxed without",
    "zero": "Not taxed (export)",
}
ELSEWHERE = "*"


@dataclass(frozen=True, slots=True)
class Rate:
    """What one class costs: its name as the customer reads it, and millionths."""

    name: str
    ppm: int


@dataclass(frozen=True, slots=True)
class TaxRules:
    """How a sale is taxed: 'taxed' (by `rates`, class → rate), 'zero', 'reverse' or 'none'."""

    treatment: str
    rates: Mapping[str, Rate]
    zone: str = ""


def rates(country: str, *, on: date, vat_id: str = "", among: Iterable[TaxZone] | None = None) -> TaxRules:
    """The rules for a parcel to `country` (ISO 3166) on a day, for a customer with this VAT id ('' for none).

    `among` are the zones, where the caller has them.

    A VAT id that is wrong by its form, or of another country, counts as none; so does one of the store's own country,
    where nothing is reversed. Raises ValueError with a sentence where no country is known yet: that is no export.
    """
    if not country:
        raise ValueError(
            "The country is missing, so nobody can say which tax there is; complete the address first."
        )
    zone = zone_of(country, all_zones() if among is None else among)
    if zone is None:
        return TaxRules("none", MappingProxyType({}))
    if zone.treatment == "zero":
        return TaxRules("zero", MappingProxyType({}), zone.name)
    if zone.treatment == "reverse" and country != store().country and not (vat_id_fault(vat_id, country)):
        return TaxRules("reverse", MappingProxyType({}), zone.name)
    return TaxRules("taxed", _rates_of(zone, on), zone.name)


def home(*, on: date, among: Iterable[TaxZone] | None = None) -> Mapping[str, Rate]:
    """The rates of the store's own country by class: what is in prices that include tax. `among` as above."""
    return rates(store().country, on=on, among=among).rates


_ZONES = select(TaxZone).order_by(TaxZone.position, TaxZone.id)
_RATES = select(TaxRate).where(TaxRate.zone_id == bindparam("zone"), TaxRate.valid_from <= bindparam("day"))


def all_zones() -> list[TaxZone]:
    """Every zone, as countries are looked up in them."""
    return list(db.session.scalars(_ZONES))


def zone_of(country: str, among: Iterable[TaxZone]) -> TaxZone | None:
    """The zone in which `country` stands, that of the rest of the world, or None."""
    rest = None
    for zone in among:
        if country in zone.countries:
            return zone
        if ELSEWHERE in zone.countries and rest is None:
            rest = zone
    return rest


def vat_id_fault(vat_id: str, country: str) -> str:
    """Why `vat_id` cannot be one of `country`, as a sentence; '' where its form and check digits are right.

    The form alone: whether it is registered only the country's own register knows.
    """
    name = choices.countries().get(country, country)
    if not vat_id.strip():
        return "VAT id is empty."
    module: Any = eu_vat if country.lower() in eu_vat.MEMBER_STATES else get_cc_module(country.lower(), "vat")
    if module is None:
        return f"VAT id “{vat_id[:30]}” cannot be checked: {name} has none that the desk knows."
    number = vat_id.strip().upper()
    if module is eu_vat and number[:2] not in (country, _prefix(country)):
        return f"VAT id “{vat_id[:30]}” is not one of {name}; it begins with the letters of the country, {_prefix(country)}."
    if not module.is_valid(number):
        return f"VAT id “{vat_id[:30]}” has a wrong digit or length; type it as {name} gave it."
    return ""


def _prefix(country: str) -> str:
    return "EL" if country == "GR" else country


def by_place(named: tuple[str, object]) -> tuple[int, str]:
    """Sorts (class, …) as CLASSES does."""
    return (list(CLASSES).index(named[0]) if named[0] in CLASSES else len(CLASSES), named[0])


def _rates_of(zone: TaxZone, on: date) -> Mapping[str, Rate]:
    by_class: dict[str, list[TaxRate]] = {}
    for row in db.session.scalars(_RATES, {"zone": zone.id, "day": on}):
        by_class.setdefault(row.tax_class, []).append(row)
    found = {tax_class: newest(rows, on=on)[0] for tax_class, rows in sorted(by_class.items(), key=by_place)}
    return MappingProxyType({tax_class: Rate(row.name, row.rate_ppm) for tax_class, row in found.items()})
