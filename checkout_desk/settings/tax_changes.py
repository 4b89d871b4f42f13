"""Zones and rates as a manager sets them. A rate that has begun is never changed or taken away: quotes were made with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings import choices
from checkout_desk.settings.effective import long_day, one_at_a_time, today
from checkout_desk.settings.models import TaxRate, TaxZone, store
from checkout_desk.settings.tax import CLASSES, ELSEWHERE, all_zones, by_place
from checkout_desk.settings.typed import Wrong, rate_name


def save_zone(zone: TaxZone | None, *, name: str, countries: list[str], treatment: str) -> TaxZone:
    """Make a zone or change one, from now on. Raises Wrong where another zone has a country or the name."""
    one_at_a_time()
    _no_overlap(zone, name, countries)
    if treatment == "reverse" and store().country in countries:
        raise Wrong(
            "treatment",
            f"{_name(store().country)} is where the store is, and nothing is reversed at home; choose “taxed”, or give it a "
            "zone of its own.",
        )
    values = {"name": name, "countries": countries, "treatment": treatment}
    if zone is None:
        position = max((other.position for other in all_zones()), default=-1) + 1
        zone = TaxZone(position=position, **values)
        db.session.add(zone)
        record("tax_zone.created", about=zone, after=values)
        return zone
    before = {field: getattr(zone, field) for field, value in values.items() if getattr(zone, field) != value}
    for field in before:
        setattr(zone, field, values[field])
    if before:
        record(
            "tax_zone.changed", about=zone, before=before, after={field: values[field] for field in before}
        )
    return zone


def add_rate(zone: TaxZone, *, tax_class: str, name: str, ppm: int, valid_from: date) -> TaxRate:
    """From `valid_from` on the class costs this in the zone. Raises Wrong for a past day and for two rates from one day."""
    one_at_a_time()
    name = rate_name(name, ppm)
    rows = rates_of(zone)
    same = next((row for row in rows if (row.tax_class, row.valid_from) == (tax_class, valid_from)), None)
    if same is not None:
        raise Wrong(
            "valid_from",
            f"{CLASSES[tax_class]} has a rate from {long_day(valid_from)} on already, {same.name}; choose another day"
            + (", or take that one away first." if valid_from > today() else "."),
        )
    not_before_today(valid_from)
    row = TaxRate(zone_id=zone.id, tax_class=tax_class, name=name, rate_ppm=ppm, valid_from=valid_from)
    db.session.add(row)
    after = {"zone": zone.name, "class": tax_class, "name": name, "ppm": ppm, "from": valid_from.isoformat()}
    record("tax_rate.created", about=row, after=after)
    return row


def take_away_rate(row: TaxRate) -> None:
    """Forget a rate that has not begun. Raises Refused for one that has."""
    if row.valid_from <= today():
        raise Refused(
            f"{row.name} has held since {long_day(row.valid_from)} and quotes were made with it; add one that takes over later."
        )
    before = {
        "class": row.tax_class,
        "name": row.name,
        "ppm": row.rate_ppm,
        "from": row.valid_from.isoformat(),
    }
    record("tax_rate.taken_away", about=row, before=before)
    db.session.delete(row)


def rates_of(zone: TaxZone) -> list[TaxRate]:
    """Every rate of a zone, by class, newest first."""
    rows = db.session.scalars(select(TaxRate).where(TaxRate.zone_id == zone.id))
    return sorted(rows, key=lambda row: (by_place((row.tax_class, row)), -row.valid_from.toordinal()))


def not_before_today(valid_from: date) -> None:
    """Raises Wrong at 'valid_from' for a day that has gone: what quotes of that time were made with stays true."""
    if valid_from < today():
        raise Wrong(
            "valid_from",
            f"From cannot be {long_day(valid_from)}: quotes were made with the rules of that time; choose today or later.",
        )


def _no_overlap(zone: TaxZone | None, name: str, countries: Iterable[str]) -> None:
    for other in all_zones():
        if zone is not None and other.id == zone.id:
            continue
        if other.name.casefold() == name.casefold():
            raise Wrong("name", f"Name: there is a zone “{other.name}” already; type another one.")
        shared = [code for code in countries if code in other.countries]
        if shared:
            raise Wrong(
                "countries",
                f"Countries: {', '.join(_name(code) for code in shared[:5])} {'stands' if len(shared) == 1 else 'stand'} in "
                f"“{other.name}” already; take {'it' if len(shared) == 1 else 'them'} out of one of the two.",
            )


def _name(code: str) -> str:
    return "everywhere else (*)" if code == ELSEWHERE else choices.countries().get(code, code)
