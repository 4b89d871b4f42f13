"""Discount codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk import money
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings import currencies, discount_changes, discounts
from checkout_desk.settings.effective import long_day, today
from checkout_desk.settings.models import Discount
from checkout_desk.settings.money_page import answer, page
from checkout_desk.settings.typed import Typed, amount, day, day_or_none, line, one_of, percent
from checkout_desk.web.access import requires

blueprint = Blueprint("money_discounts", __name__, url_prefix="/settings/money/discounts")

KINDS = {"percent": "Percent of the goods", "amount": "An amount"}
_HERE = "money_discounts.everything"


@blueprint.get("")
@requires("settings.write")
def everything() -> str:
    """Every code with what it takes off, and the form of another one."""
    return _page({"kind": "percent", "valid_from": today().isoformat()}, {})


@blueprint.post("")
@requires("settings.write")
def add() -> ResponseReturnValue:
    """A code, or what a known one is worth from a day on."""
    typed = Typed(request.form)
    kind = typed.take("kind", one_of("Kind", KINDS))
    currency = typed.take("currency", one_of("Currency", currencies.usable()))
    values: dict[str, Any] = {
        "code": typed.take("code", _code),
        "kind": kind,
        "from_value_minor": typed.take("from_value", amount("Goods worth at least", currency, empty=0))
        if currency
        else 0,
        "valid_from": typed.take("valid_from", day("From")),
        "valid_until": typed.take("valid_until", day_or_none("Until")),
        "value": None,
    }
    if kind == "percent":
        values["value"] = typed.take("value", percent("Worth"))
    elif currency:
        values["value"] = typed.take("value", amount("Worth", currency))
    # A percentage of goods from a value on is of that value's currency; without one it is of any.
    values["currency"] = currency if kind == "amount" or values["from_value_minor"] else None
    row = typed.act(lambda: discount_changes.add(values))
    said = f"Code {row.code} holds from {long_day(row.valid_from)} on." if row else ""
    return answer(typed, lambda: _page(typed.raw, typed.errors), said=said, to=_HERE)


@blueprint.post("/<int:discount_id>/end")
@requires("settings.write")
def end(discount_id: int) -> ResponseReturnValue:
    """Today is the last day of a code; one that has not begun goes away."""
    row = _load(discount_id)
    try:
        discount_changes.end(row, on=today())
    except Refused as reason:
        db.session.rollback()
        return _page({}, {"form": str(reason)}), 409
    db.session.commit()
    flash("The code ends with today." if row in db.session else "The code will not come.")
    return redirect(url_for(_HERE), 303)


@blueprint.post("/<int:discount_id>/switch")
@requires("settings.write")
def switch(discount_id: int) -> ResponseReturnValue:
    """Stop a code at once, or let it be used again."""
    row, active = _load(discount_id), bool(request.form.get("active"))
    discount_changes.switch(row, active=active)
    db.session.commit()
    flash(f"Code {row.code} can {'be used again' if active else 'not be used any more'}.")
    return redirect(url_for(_HERE), 303)


def _code(text: str) -> str:
    value = line("Code", 40, needed=True)(text)
    if " " in value:
        raise ValueError(f"Code cannot be “{value}”; type it without spaces, such as WELCOME10.")
    return value


def _load(discount_id: int) -> Discount:
    found = db.session.get(Discount, discount_id)
    if found is None:
        abort(404, "There is no such code.")
    return found


def _page(form: dict[str, str], errors: dict[str, str]) -> str:
    rows = list(db.session.scalars(select(Discount).order_by(Discount.code_key, Discount.valid_from.desc())))
    return page(
        "discounts.html",
        _HERE,
        form=form,
        errors=errors,
        kinds=list(KINDS.items()),
        currencies=list(currencies.usable().items()),
        codes=[
            {
                "id": row.id,
                "code": row.code,
                "takes": discounts.words_of(row),
                "least": money.show(row.from_value_minor, row.currency)
                if row.from_value_minor and row.currency
                else "",
                "from": long_day(row.valid_from),
                "until": long_day(row.valid_until) if row.valid_until else "",
                "standing": discount_changes.standing(
                    row, [one for one in rows if one.code_key == row.code_key]
                ),
                "ends": row.valid_until is None or row.valid_until > today(),
            }
            for row in rows
        ],
    )
