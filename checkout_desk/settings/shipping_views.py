"""Shipping services and their price tables."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk import money
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings import choices, currencies, shipping, shipping_changes, sorting, tax
from checkout_desk.settings.effective import long_day, newest, today
from checkout_desk.settings.models import ShippingPrice, ShippingService
from checkout_desk.settings.money_page import answer, page
from checkout_desk.settings.typed import (
    Typed,
    amount,
    countries,
    day,
    line,
    one_of,
    show_countries,
    time_of_day,
    whole,
)
from checkout_desk.web.access import requires

blueprint = Blueprint("money_shipping", __name__, url_prefix="/settings/money/shipping")

ROWS = 12
"""rows that a price table can have"""
_HERE = "money_shipping.everything"
_FRESH = {
    "countries": "",
    "days_min": "1",
    "days_max": "3",
    "cut_off": "15:00",
    "tax_class": "standard",
    "active": "1",
}


@blueprint.get("")
@requires("settings.write")
def everything() -> str:
    """Every service with what it costs today."""
    return page("shipping.html", _HERE, services=[_shown(one) for one in shipping.every()])


@blueprint.get("/new")
@requires("settings.write")
def new() -> str:
    """The form of a new service."""
    return _new(_FRESH, {})


@blueprint.post("/new")
@requires("settings.write")
def create() -> ResponseReturnValue:
    """A new service; its prices come next."""
    typed = Typed(request.form)
    values = _values(typed)
    one = typed.act(lambda: shipping_changes.save_service(None, values))
    if one is not None:
        db.session.flush()
        return answer(
            typed, str, said=f"{one.name} is there; it has no prices yet.", to=".service", service_id=one.id
        )
    return answer(typed, lambda: _new(typed.raw, typed.errors), said="", to=_HERE)


@blueprint.get("/<int:service_id>")
@requires("settings.write")
def service(service_id: int) -> str:
    """One service, and every price table that it had and will have."""
    return _service(_load(service_id))


@blueprint.post("/<int:service_id>")
@requires("settings.write")
def change(service_id: int) -> ResponseReturnValue:
    """Change a service from now on."""
    found, typed = _load(service_id), Typed(request.form)
    values = _values(typed)
    typed.act(lambda: shipping_changes.save_service(found, values))
    return answer(
        typed,
        lambda: _service(_load(service_id), form=typed.raw, errors=typed.errors),
        said=f"{found.name} is saved; quotes that were sent stay as they are.",
        to=".service",
        service_id=service_id,
    )


@blueprint.post("/<int:service_id>/up")
@requires("settings.write")
def move_up(service_id: int) -> ResponseReturnValue:
    """Offer it before the one above it."""
    found = _load(service_id)
    sorting.move_up(shipping.every(), found)
    db.session.commit()
    return redirect(url_for(_HERE, _anchor=f"s{service_id}"), 303)


@blueprint.post("/<int:service_id>/prices")
@requires("settings.write")
def set_table(service_id: int) -> ResponseReturnValue:
    """Prices from a day on."""
    found, typed = _load(service_id), Typed(request.form)
    currency = typed.take("currency", one_of("Currency", currencies.usable()))
    valid_from = typed.take("valid_from", day("From"))
    rows = _rows(typed, currency) if currency else []
    typed.act(lambda: shipping_changes.set_table(found, rows, currency=currency, valid_from=valid_from))
    said = f"The prices hold from {long_day(valid_from)} on." if valid_from else ""
    return answer(
        typed,
        lambda: _service(_load(service_id), table=typed.raw, errors=typed.errors),
        said=said,
        to=".service",
        service_id=service_id,
    )


@blueprint.post("/<int:service_id>/prices/take-away")
@requires("settings.write")
def take_away(service_id: int) -> ResponseReturnValue:
    """Forget prices that have not begun."""
    found, typed = _load(service_id), Typed(request.form)
    currency = typed.take("currency", line("Currency", 3, needed=True))
    valid_from = typed.take("valid_from", day("From"))
    if typed.errors:
        abort(400)
    try:
        shipping_changes.take_away_table(found, currency=currency, valid_from=valid_from)
    except Refused as reason:
        db.session.rollback()
        return _service(_load(service_id), errors={"form": str(reason)}), 409
    db.session.commit()
    flash("These prices will not come.")
    return redirect(url_for(".service", service_id=service_id), 303)


def _values(typed: Typed) -> dict[str, Any]:
    return {
        "name": typed.take("name", line("Name", 80, needed=True)),
        "carrier": typed.take("carrier", line("Carrier", 40)),
        "countries": typed.take("countries", countries),
        "days_min": typed.take("days_min", whole("Business days at best", 0, 90)),
        "days_max": typed.take("days_max", whole("Business days at most", 0, 90)),
        "cut_off": typed.take("cut_off", time_of_day),
        "tax_class": typed.take("tax_class", one_of("Tax class", tax.CLASSES)),
        "active": typed.ticked("active"),
    }


def _rows(typed: Typed, currency: str) -> list[shipping_changes.Row]:
    found = []
    for at in range(ROWS):
        fields = [f"{name}-{at}" for name in ("grams", "value", "price")]
        if not any(typed.raw.get(field, "").strip() for field in fields):
            continue
        label = f"Row {at + 1}"
        grams = None
        if typed.raw.get(fields[0], "").strip():
            grams = typed.take(fields[0], whole(f"{label}, grams", 1, 1_000_000))
        value = typed.take(fields[1], amount(f"{label}, value of goods", currency, empty=0))
        if not typed.raw.get(fields[2], "").strip():
            typed.errors[fields[2]] = f"{label} has no price; type one, 0 for free, or empty the row."
            continue
        found.append((grams, value, typed.take(fields[2], amount(f"{label}, price", currency))))
    return found


def _load(service_id: int) -> ShippingService:
    found = db.session.get(ShippingService, service_id)
    if found is None:
        abort(404, "There is no such service.")
    return found


def _shown(one: ShippingService) -> dict[str, Any]:
    """A service as its card reads: one table a currency and day."""
    now, prices = today(), shipping_changes.prices_of(one)
    holding = {
        row.id
        for code in {p.currency for p in prices}
        for row in newest((p for p in prices if p.currency == code), on=now)
    }
    names = choices.countries()
    tables = []
    for (valid_from, code), group in groupby(prices, key=lambda row: (row.valid_from, row.currency)):
        rows = list(group)
        standing = "coming" if valid_from > now else "holds" if rows[0].id in holding else "over"
        tables.append(
            {
                "from": long_day(valid_from),
                "day": valid_from.isoformat(),
                "currency": code,
                "standing": standing,
                "rows": [_row(row) for row in rows],
            }
        )
    return {
        "id": one.id,
        "name": one.name,
        "title": one.name if one.name.startswith(one.carrier) else f"{one.carrier} {one.name}",
        "carrier": one.carrier,
        "active": one.active,
        "days": f"{one.days_min} to {one.days_max}" if one.days_min != one.days_max else str(one.days_min),
        "cut_off": one.cut_off,
        "places": [
            "everywhere else" if code == tax.ELSEWHERE else names.get(code, code) for code in one.countries
        ],
        "tables": tables,
    }


def _row(row: ShippingPrice) -> dict[str, str]:
    return {
        "weight": "any weight"
        if row.up_to_grams is None
        else f"up to {row.up_to_grams:,} g".replace(",", "\u202f"),
        "value": money.show(row.from_value_minor, row.currency) if row.from_value_minor else "",
        "price": money.show(row.price_minor, row.currency) if row.price_minor else "free",
    }


def _stored(one: ShippingService) -> dict[str, Any]:
    return {name: getattr(one, name) for name in (*_FRESH, "name", "carrier")} | {
        "countries": show_countries(one.countries)
    }


def _table_form(one: ShippingService) -> dict[str, str]:
    """The form of the next table, filled with what holds, to change from there."""
    prices = shipping_changes.prices_of(one)
    currency = prices[0].currency if prices else next(iter(currencies.usable()))
    form = {"currency": currency, "valid_from": today().isoformat()}
    held = [row for row in prices if row.currency == currency]
    for at, row in enumerate(newest(held, on=max((r.valid_from for r in held), default=today()))[:ROWS]):
        form[f"grams-{at}"] = "" if row.up_to_grams is None else str(row.up_to_grams)
        form[f"value-{at}"] = money.plain(row.from_value_minor, currency) if row.from_value_minor else ""
        form[f"price-{at}"] = money.plain(row.price_minor, currency)
    return form


def _new(form: dict[str, str], errors: dict[str, str]) -> str:
    return page("service_new.html", _HERE, form=form, errors=errors, classes=list(tax.CLASSES.items()))


def _service(
    one: ShippingService,
    *,
    form: dict[str, str] | None = None,
    table: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    return page(
        "service.html",
        _HERE,
        service=_shown(one),
        form=form or _stored(one),
        table=table or _table_form(one),
        rows=ROWS,
        errors={} if table else errors or {},
        table_errors=errors or {} if table else {},
        classes=list(tax.CLASSES.items()),
        currencies=list(currencies.usable().items()),
    )
