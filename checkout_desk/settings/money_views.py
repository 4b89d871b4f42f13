"""Money rules at a glance, how quotes are made, and who may accept what differs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from checkout_desk import money
from checkout_desk.accounts.permissions import PERMISSIONS, ROLES
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.settings import currencies, methods, tax
from checkout_desk.settings.effective import one_at_a_time, today
from checkout_desk.settings.models import Discount, PaymentMethod, ShippingService, Tolerance, store
from checkout_desk.settings.money_page import answer, page
from checkout_desk.settings.typed import Typed, amount, line, one_of, whole
from checkout_desk.settings.views import change_store
from checkout_desk.web.access import requires

blueprint = Blueprint("money", __name__, url_prefix="/settings/money")

ROUNDING = {"line": "On each line", "total": "Once per rate, on the total"}
LIMITS = (
    ("under_minor", "Too little"),
    ("over_minor", "Too much"),
    ("refund_minor", "Refunds of a payment"),
    ("discount_minor", "Discount by hand"),
)


@blueprint.get("")
@requires("settings.write")
def overview() -> str:
    """What is set, and what is missing before a quote can be sent."""
    shop, on = store(), today()
    zones = tax.all_zones()
    home = tax.rates(shop.country, on=on)
    services = db.session.scalar(
        select(func.count()).select_from(ShippingService).where(ShippingService.active.is_(True))
    )
    ways = db.session.scalars(select(PaymentMethod).where(PaymentMethod.active.is_(True))).all()
    codes = db.session.scalar(
        select(func.count(func.distinct(Discount.code_key))).where(Discount.active.is_(True))
    )
    return page(
        "overview.html",
        "money.overview",
        shop=shop,
        zones=zones,
        home=home,
        services=services or 0,
        ways=[way for way in ways if not methods.lacks(way)],
        unready=[way for way in ways if methods.lacks(way)],
        codes=codes or 0,
        currencies=currencies.usable(),
        rounding=ROUNDING[shop.tax_rounding],
    )


@blueprint.get("/quotes")
@requires("settings.write")
def quotes() -> str:
    """How quotes are made."""
    shop = store()
    return _quotes(
        {
            "prices_include_tax": shop.prices_include_tax,
            "tax_rounding": shop.tax_rounding,
            "quote_days": shop.quote_days,
            "quote_remind_days": shop.quote_remind_days,
            "quote_pdf": shop.quote_pdf,
            "vat_id": shop.vat_id,
        },
        {},
    )


@blueprint.post("/quotes")
@requires("settings.write")
def save_quotes() -> ResponseReturnValue:
    """Set how quotes are made from now on; sent ones stay as they were mailed."""
    typed = Typed(request.form)
    values: dict[str, Any] = {
        "prices_include_tax": typed.ticked("prices_include_tax"),
        "tax_rounding": typed.take("tax_rounding", one_of("Rounding", ROUNDING)),
        "quote_days": typed.take("quote_days", whole("Valid for", 1, 90)),
        "quote_remind_days": typed.take("quote_remind_days", whole("Reminder", 0, 89)),
        "quote_pdf": typed.ticked("quote_pdf"),
        "vat_id": typed.take("vat_id", _vat_id),
    }
    if not typed.errors and values["quote_remind_days"] >= values["quote_days"]:
        typed.errors["quote_remind_days"] = (
            f"Reminder cannot be {values['quote_remind_days']} days before the end of {values['quote_days']}; "
            f"type 0 to {values['quote_days'] - 1}."
        )
    typed.act(lambda: change_store(store(), values))
    return answer(
        typed,
        lambda: _quotes(typed.raw, typed.errors),
        said="Quotes are made like this from now on.",
        to=".quotes",
    )


@blueprint.get("/tolerances")
@requires("settings.write")
def limits() -> str:
    """By how much a payment may differ, by role."""
    form = {}
    for row in db.session.scalars(select(Tolerance)):
        for column, _ in LIMITS:
            form[f"{row.role}-{row.currency}-{column}"] = money.plain(getattr(row, column), row.currency)
    return _limits(form, {})


@blueprint.post("/tolerances")
@requires("settings.write")
def save_limits() -> ResponseReturnValue:
    """Set all of them."""
    typed = Typed(request.form)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for role in _roles():
        for code in currencies.usable():
            found[role, code] = {
                column: typed.take(
                    f"{role}-{code}-{column}", amount(f"{ROLES[role]}, {label}", code, empty=0)
                )
                for column, label in LIMITS
            }
    typed.act(lambda: _set_limits(found))
    return answer(
        typed, lambda: _limits(typed.raw, typed.errors), said="The tolerances are saved.", to=".limits"
    )


def _set_limits(found: dict[tuple[str, str], dict[str, int]]) -> None:
    one_at_a_time()
    known = {(row.role, row.currency): row for row in db.session.scalars(select(Tolerance))}
    for (role, code), values in found.items():
        row = known.get((role, code))
        if row is None:
            row = Tolerance(role=role, currency=code, **{column: 0 for column, _ in LIMITS})
            if any(values.values()):
                db.session.add(row)
        before = {column: getattr(row, column) for column in values if getattr(row, column) != values[column]}
        for column in before:
            setattr(row, column, values[column])
        if before:
            after = {"role": role, "currency": code, **{column: values[column] for column in before}}
            record("tolerance.changed", about=row, before=before, after=after)


def _roles() -> list[str]:
    """Roles that take part in quotes and payments."""
    takes_part = PERMISSIONS["payments.write"] | PERMISSIONS["payments.refund"] | PERMISSIONS["orders.write"]
    return [role for role in ROLES if role in takes_part]


def _vat_id(text: str) -> str:
    """The store's own VAT id as its country forms them, '' for a store without one."""
    value = line("VAT id", 20)(text.upper())
    if value and (fault := tax.vat_id_fault(value, store().country)):
        raise ValueError(f"{fault} It may stay empty.")
    return value


def _quotes(form: Any, errors: dict[str, str]) -> str:
    return page("quotes.html", "money.quotes", form=form, errors=errors, rounding=list(ROUNDING.items()))


def _limits(form: dict[str, str], errors: dict[str, str]) -> str:
    return page(
        "limits.html",
        "money.limits",
        form=form,
        errors=errors,
        roles=[(role, ROLES[role]) for role in _roles()],
        currencies=list(currencies.usable()),
        columns=LIMITS,
    )
