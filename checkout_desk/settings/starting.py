"""The money rules that a new store starts with, for its manager to look at and change before the first quote.

Tax: the rates of the country itself; of the European Union the standard rate alone (Directive 2006/112/EC, article 97: at
least 15 %), since which goods are reduced differs from state to state. Where the desk knows no rates, nothing is taxed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.settings.methods import KINDS
from checkout_desk.settings.models import PaymentMethod, ShippingPrice, ShippingService, TaxRate, TaxZone
from checkout_desk.settings.tax import ELSEWHERE

EU_STANDARD = {
    "AT": 200_000, "BE": 210_000, "BG": 200_000, "CY": 190_000, "CZ": 210_000, "DE": 190_000, "DK": 250_000,
    "EE": 240_000, "ES": 210_000, "FI": 255_000, "FR": 200_000, "GR": 240_000, "HR": 250_000, "HU": 270_000,
    "IE": 230_000, "IT": 220_000, "LT": 210_000, "LU": 170_000, "LV": 210_000, "MT": 180_000, "NL": 210_000,
    "PL": 230_000, "PT": 230_000, "RO": 210_000, "SE": 250_000, "SI": 220_000, "SK": 230_000,
}  # fmt: skip
"""millionths, as of 2026"""
EU = sorted(EU_STANDARD)
GB_RATES = {
    "standard": ("VAT 20 %", 200_000),
    "reduced": ("VAT 5 %", 50_000),
    "zero": ("VAT 0 %", 0),
    "exempt": ("VAT exempt", 0),
}

HOME_POST = ["GB", "GG", "IM", "JE"]
"""where inland postage holds; the Channel Islands are outside the tax zone all the same"""
Table = tuple[tuple[int | None, int, int], ...]
"""(up to grams, from a value of goods, price)"""
GB_SERVICES: tuple[tuple[str, str, list[str], int, int, str, Table], ...] = (
    ("Tracked 48", "Royal Mail", HOME_POST, 2, 3, "15:00",
     ((2000, 0, 395), (5000, 0, 595), (10_000, 0, 795), (20_000, 0, 1195), (10_000, 6000, 0))),
    ("Tracked 24", "Royal Mail", HOME_POST, 1, 2, "15:00",
     ((2000, 0, 495), (5000, 0, 745), (10_000, 0, 995), (20_000, 0, 1495))),
    ("DHL Paket International", "DHL", EU, 3, 6, "16:00",
     ((1000, 0, 990), (2000, 0, 1190), (5000, 0, 1590), (10_000, 0, 2290), (20_000, 0, 3490))),
    ("International Tracked", "Royal Mail", [ELSEWHERE], 6, 12, "15:00",
     ((500, 0, 1250), (1000, 0, 1650), (2000, 0, 2250), (5000, 0, 4500), (10_000, 0, 7900))),
)  # fmt: skip

also: list[Callable[[], None]] = []
"""what rooms above this one add to a store's beginning, such as the carriers of its services"""


def open_rules(country: str, currency: str, *, on: date) -> None:
    """Make the rules of a store in `country` that hold from a day on, where it has none yet. The caller commits."""
    if db.session.query(TaxZone.id).first() is None:
        _tax(country, on)
    if (country, currency) == ("GB", "GBP") and db.session.query(ShippingService.id).first() is None:
        _shipping(on)
    if db.session.query(PaymentMethod.id).first() is None:
        method = PaymentMethod(
            kind="cash", name=KINDS["cash"], position=90, settings={"countries": [country]}
        )
        db.session.add(method)
        record("payment_method.created", about=method, after={"kind": "cash", "name": method.name})
    db.session.flush()
    for begin in also:
        begin()


def _tax(country: str, on: date) -> None:
    if country == "GB":
        _zone("United Kingdom", ["GB", "IM"], "taxed", GB_RATES, on, 0)
        _zone("European Union", EU, "zero", {}, on, 1)
    elif country in EU_STANDARD:
        ppm = EU_STANDARD[country]
        rates = {
            "standard": (f"VAT {ppm / 10_000:g} %", ppm),
            "zero": ("VAT 0 %", 0),
            "exempt": ("VAT exempt", 0),
        }
        _zone("Home", [country], "taxed", rates, on, 0)
        _zone("European Union", [code for code in EU if code != country], "reverse", rates, on, 1)
    else:
        return
    _zone("Rest of the world", [ELSEWHERE], "zero", {}, on, 2)


def _zone(
    name: str,
    countries: list[str],
    treatment: str,
    rates: dict[str, tuple[str, int]],
    on: date,
    position: int,
) -> None:
    zone = TaxZone(name=name, countries=countries, treatment=treatment, position=position)
    db.session.add(zone)
    db.session.flush()
    for tax_class, (called, ppm) in rates.items():
        db.session.add(
            TaxRate(zone_id=zone.id, tax_class=tax_class, name=called, rate_ppm=ppm, valid_from=on)
        )
    after = {
        "name": name,
        "countries": countries,
        "treatment": treatment,
        "rates": {k: v[1] for k, v in rates.items()},
    }
    record("tax_zone.created", about=zone, after=after)


def _shipping(on: date) -> None:
    for position, (name, carrier, countries, days_min, days_max, cut_off, table) in enumerate(GB_SERVICES):
        one = ShippingService(
            name=name, carrier=carrier, countries=countries, days_min=days_min, days_max=days_max, cut_off=cut_off,
            position=position,
        )  # fmt: skip
        db.session.add(one)
        db.session.flush()
        for grams, value, price in table:
            db.session.add(
                ShippingPrice(
                    service_id=one.id, up_to_grams=grams, from_value_minor=value, price_minor=price, currency="GBP",
                    valid_from=on,
                )
            )  # fmt: skip
        record("shipping_service.created", about=one, after={"name": name, "countries": countries})
