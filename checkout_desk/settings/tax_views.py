"""Tax zones and their rates."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings import choices, tax, tax_changes
from checkout_desk.settings.discounts import percent as as_percent
from checkout_desk.settings.effective import long_day, newest, today
from checkout_desk.settings.models import TaxRate, TaxZone
from checkout_desk.settings.money_page import answer, page
from checkout_desk.settings.typed import Typed, countries, day, line, one_of, percent, show_countries
from checkout_desk.web.access import requires

blueprint = Blueprint("money_tax", __name__, url_prefix="/settings/money/tax")

_HERE = "money_tax.everything"


@blueprint.get("")
@requires("settings.write")
def everything() -> str:
    """Every zone with what holds today and what is coming."""
    return page("tax.html", _HERE, zones=[_shown(zone) for zone in tax.all_zones()])


@blueprint.get("/new")
@requires("settings.write")
def new() -> str:
    """The form of a new zone."""
    return _new({"treatment": "taxed"}, {})


@blueprint.post("/new")
@requires("settings.write")
def create() -> ResponseReturnValue:
    """A new zone."""
    typed = Typed(request.form)
    zone = typed.act(_save(None, typed))
    if zone is not None:
        db.session.flush()
        return answer(typed, str, said=f"{zone.name} is a zone now.", to=".zone", zone_id=zone.id)
    return answer(typed, lambda: _new(typed.raw, typed.errors), said="", to=_HERE)


@blueprint.get("/<int:zone_id>")
@requires("settings.write")
def zone(zone_id: int) -> str:
    """One zone, and all the rates that it had and will have."""
    return _zone(_load(zone_id))


@blueprint.post("/<int:zone_id>")
@requires("settings.write")
def change(zone_id: int) -> ResponseReturnValue:
    """Change which countries it has and how they are taxed, from now on."""
    typed = Typed(request.form)
    typed.act(_save(_load(zone_id), typed))
    return answer(
        typed,
        lambda: _zone(_load(zone_id), form=typed.raw, errors=typed.errors),
        said="The zone is saved; quotes that were sent stay as they are.",
        to=".zone",
        zone_id=zone_id,
    )


@blueprint.post("/<int:zone_id>/rates")
@requires("settings.write")
def add_rate(zone_id: int) -> ResponseReturnValue:
    """A rate from a day on."""
    found = _load(zone_id)
    typed = Typed(request.form)
    values: dict[str, Any] = {
        "tax_class": typed.take("tax_class", one_of("Class", tax.CLASSES)),
        "name": typed.take("name", line("Name", 40)),
        "ppm": typed.take("rate", percent("Percent")),
        "valid_from": typed.take("valid_from", day("From")),
    }
    row = typed.act(lambda: tax_changes.add_rate(found, **values))
    return answer(
        typed,
        lambda: _zone(_load(zone_id), rate=typed.raw, errors=typed.errors),
        said=f"{row.name} holds from {long_day(row.valid_from)} on." if row else "",
        to=".zone",
        zone_id=zone_id,
    )


@blueprint.post("/rates/<int:rate_id>/take-away")
@requires("settings.write")
def take_away(rate_id: int) -> ResponseReturnValue:
    """Forget a rate that has not begun."""
    row = db.session.get(TaxRate, rate_id)
    if row is None:
        abort(404, "There is no such rate.")
    zone_id = row.zone_id
    try:
        tax_changes.take_away_rate(row)
    except Refused as reason:
        db.session.rollback()
        return _zone(_load(zone_id), errors={"form": str(reason)}), 409
    db.session.commit()
    flash("The rate will not come.")
    return redirect(url_for(".zone", zone_id=zone_id), 303)


def _save(zone: TaxZone | None, typed: Typed) -> Any:
    values: dict[str, Any] = {
        "name": typed.take("name", line("Name", 80, needed=True)),
        "countries": typed.take("countries", countries),
        "treatment": typed.take("treatment", one_of("Treatment", tax.TREATMENTS)),
    }
    return lambda: tax_changes.save_zone(zone, **values)


def _load(zone_id: int) -> TaxZone:
    found = db.session.get(TaxZone, zone_id)
    if found is None:
        abort(404, "There is no such zone.")
    return found


def _shown(zone: TaxZone) -> dict[str, Any]:
    """A zone as its card reads."""
    rows, now = tax_changes.rates_of(zone), today()
    holding = {
        row.id for name in tax.CLASSES for row in newest((r for r in rows if r.tax_class == name), on=now)
    }
    names = choices.countries()
    return {
        "id": zone.id,
        "name": zone.name,
        "treatment": zone.treatment,
        "says": tax.TREATMENTS.get(zone.treatment, zone.treatment),
        "places": [
            "everywhere else" if code == tax.ELSEWHERE else names.get(code, code) for code in zone.countries
        ],
        "rates": [
            {
                "id": row.id,
                "name": row.name,
                "class": tax.CLASSES.get(row.tax_class, row.tax_class),
                "percent": as_percent(row.rate_ppm),
                "from": long_day(row.valid_from),
                "day": row.valid_from.isoformat(),
                "standing": "coming" if row.valid_from > now else "holds" if row.id in holding else "over",
            }
            for row in rows
        ],
        "unrated": zone.treatment != "zero"
        and not any(row.id in holding and row.tax_class == "standard" for row in rows),
    }


def _new(form: dict[str, str], errors: dict[str, str]) -> str:
    return page("zone_new.html", _HERE, form=form, errors=errors, treatments=_treatments())


def _zone(
    zone: TaxZone,
    *,
    form: dict[str, str] | None = None,
    rate: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    stored = {"name": zone.name, "countries": show_countries(zone.countries), "treatment": zone.treatment}
    return page(
        "zone.html",
        _HERE,
        zone=_shown(zone),
        form=form or stored,
        rate=rate or {"valid_from": today().isoformat()},
        errors={} if rate else errors or {},
        rate_errors=errors or {} if rate else {},
        treatments=_treatments(),
        classes=list(tax.CLASSES.items()),
    )


def _treatments() -> list[dict[str, str]]:
    hints = {
        "taxed": "Every customer there pays tax.",
        "reverse": "A business with a VAT id owes the tax itself; everybody else pays it.",
        "zero": "Nobody there pays tax. Where prices include the tax of home, it is taken out.",
    }
    return [{"value": key, "label": label, "hint": hints[key]} for key, label in tax.TREATMENTS.items()]
