"""Trying the money rules: what would this basket to this country cost on that day?

It asks the same rules and the same arithmetic as a quote does, and changes nothing. It stands here because it needs the
catalogue and the pricing, which the settings below know nothing of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk import money
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.orders.pricing import MILLION, Item, Off, Priced, half_up, price
from checkout_desk.settings import choices, discounts, methods, shipping, tax
from checkout_desk.settings.discounts import percent
from checkout_desk.settings.effective import long_day, today
from checkout_desk.settings.models import store
from checkout_desk.settings.money_page import page
from checkout_desk.settings.typed import Typed, day, whole
from checkout_desk.web.access import requires

blueprint = Blueprint("money_preview", __name__, url_prefix="/settings/money/preview")

LINES = 4
SUGGESTED = 300
"""products that the field suggests"""


@dataclass(frozen=True, slots=True)
class Basket:
    """What was asked for."""

    country: str
    on: date
    currency: str
    lines: tuple[tuple[Product, int], ...]
    vat_id: str = ""
    code: str = ""
    service: int = 0


def init_app(app: Flask) -> None:
    """Tell the settings below in which currencies the store sells."""
    app.extensions["desk_currencies"] = lambda: db.session.scalars(
        select(Product.currency).where(Product.active.is_(True)).distinct()
    ).all()


@blueprint.get("")
@requires("settings.write")
def show() -> ResponseReturnValue:
    """The form, and below it what the basket costs that day."""
    typed = Typed(request.args)
    if "country" not in request.args:
        first = db.session.scalars(
            select(Product).where(Product.active.is_(True)).order_by(Product.id).limit(1)
        ).first()
        fresh = {"country": store().country, "day": typed.raw.get("day") or today().isoformat()}
        fresh |= {"sku-0": first.sku, "quantity-0": "2"} if first else {}
        return _page(fresh, {}, None)
    basket = _read(typed)
    found = None
    if basket is not None and not typed.errors:
        try:
            found = reckon(basket)
        except (
            ValueError
        ) as refusal:  # a product without a weight, a class without a rate, a code that does not hold
            typed.errors["code" if isinstance(refusal, discounts.Unusable) else "form"] = str(refusal)
    return _page(typed.raw, typed.errors, found), 422 if typed.errors else 200


def reckon(basket: Basket) -> dict[str, Any]:
    """What `basket` costs, as the page shows it. Raises ValueError with the sentence of the rule that stops it."""
    shop = store()
    items = [Item(quantity, one.price_minor, one.tax_class) for one, quantity in basket.lines]
    goods = sum(item.quantity * item.unit_minor for item in items)
    off: list[Off] = []
    if basket.code:
        cut = discounts.find(basket.code, value_minor=goods, currency=basket.currency, on=basket.on)
        off.append(Off(cut.code, cut.ppm, cut.minor))
    worth = goods - sum(min(goods, half_up(goods * one.ppm, MILLION) + one.minor) for one in off)
    rules = tax.rates(basket.country, on=basket.on, vat_id=basket.vat_id)
    grams = shipping.weigh((one.name, one.weight_grams, quantity) for one, quantity in basket.lines)
    asked: dict[str, Any] = {
        "grams": grams,
        "value_minor": worth,
        "currency": basket.currency,
        "on": basket.on,
    }
    offers = shipping.offers(basket.country, **asked)
    chosen = next((one for one in offers if one.service_id == basket.service), offers[0] if offers else None)
    sum_ = price(
        items,
        shipping=Item(1, chosen.price_minor, chosen.tax_class) if chosen else None,
        discounts=off,
        tax=rules,
        includes_tax=shop.prices_include_tax,
        rounding=shop.tax_rounding,
        currency=basket.currency,
        home=tax.home(on=basket.on),
    )
    return {
        **_shown(sum_, basket, chosen),
        "day": long_day(basket.on),
        "place": choices.countries()[basket.country],
        "zone": rules.zone,
        "treatment": _TREATED[rules.treatment],
        "offers": [_offer(one, basket.currency, current=one is chosen) for one in offers],
        "none": "" if offers else shipping.none_because(basket.country, **asked),
        "grams": grams,
        "vat_fault": tax.vat_id_fault(basket.vat_id, basket.country) if basket.vat_id else "",
        "ways": [one.name for one in methods.active(basket.currency, basket.country)],
    }


_TREATED = {
    "taxed": "taxed",
    "zero": "not taxed, an export",
    "reverse": "reverse charge: the customer owes the tax",
    "none": "not taxed, because no tax zone has this country",
}


def _read(typed: Typed) -> Basket | None:
    country = typed.take("country", one_of_countries)
    on = typed.take("day", day("Day"))
    lines = [line for at in range(LINES) if (line := _line(typed, at)) is not None]
    if not lines and not typed.errors:
        typed.errors["sku-0"] = "Product is empty; type a SKU of the catalogue."
    kinds = {one.currency for one, _ in lines}
    if len(kinds) > 1:
        typed.errors["sku-0"] = (
            f"Products in {' and '.join(sorted(kinds))} cannot be in one basket; choose those of one currency."
        )
    if typed.errors:
        return None
    service = typed.raw.get("service", "")
    return Basket(
        country, on, kinds.pop(), tuple(lines), typed.raw.get("vat_id", "").strip()[:40], typed.raw.get("code", "").strip()[:40],
        int(service) if service.isascii() and service.isdecimal() and len(service) < 10 else 0,
    )  # fmt: skip


def one_of_countries(text: str) -> str:
    """A country's code; its sentence does not list two hundred names."""
    if text not in choices.countries():
        raise ValueError(
            f"Country cannot be “{text[:60]}”; choose one from the list, such as GB for the United Kingdom."
        )
    return text


def _line(typed: Typed, at: int) -> tuple[Product, int] | None:
    words = typed.raw.get(f"sku-{at}", "").strip()
    if not words:
        return None
    product = db.session.scalars(select(Product).where(Product.sku_key == words.casefold()[:64])).first()
    if product is None:
        typed.errors[f"sku-{at}"] = (
            f"Product “{words[:60]}” is not in the catalogue; type a SKU such as one of the list."
        )
    quantity = typed.take(f"quantity-{at}", whole("Pieces", 1, 100_000))
    return (product, quantity) if product is not None and quantity else None


def _shown(sum_: Priced, basket: Basket, chosen: shipping.Offer | None) -> dict[str, Any]:
    def show(minor: int) -> str:
        return money.show(minor, basket.currency)

    rows = [
        (f"{part.quantity} × {one.name}", part.rate_name, show(part.shown_minor))
        for part, (one, _) in zip(sum_.lines, basket.lines, strict=True)
    ]
    rows += [(f"Code {name}", "", f"−{show(minor)}") for name, minor in sum_.discounts]
    if sum_.shipping is not None and chosen is not None:
        rows.append((chosen.name, sum_.shipping.rate_name, show(sum_.shipping.shown_minor)))
    word = "of it" if sum_.includes_tax else "and"
    return {
        "rows": rows,
        "taxes": [
            (f"{word} {one.name} on {show(one.net_minor)}", f"{percent(one.ppm)} %", show(one.tax_minor))
            for one in sum_.taxes
        ],
        "total": show(sum_.total_minor),
        "net": show(sum_.net_minor),
        "tax": show(sum_.tax_minor),
    }


def _offer(one: shipping.Offer, currency: str, *, current: bool) -> dict[str, Any]:
    days = f"{one.days_min} to {one.days_max}" if one.days_min != one.days_max else str(one.days_min)
    return {
        "id": one.service_id,
        "name": one.name if one.name.startswith(one.carrier) else f"{one.carrier} {one.name}",
        "days": days,
        "price": money.show(one.price_minor, currency) if one.price_minor else "free",
        "current": current,
    }


def _suggestions() -> Sequence[Any]:
    return db.session.execute(
        select(Product.sku, Product.name)
        .where(Product.active.is_(True))
        .order_by(Product.name_key, Product.id)
        .limit(SUGGESTED)
    ).all()


def _page(form: dict[str, str], errors: dict[str, str], found: dict[str, Any] | None) -> str:
    return page(
        "preview.html",
        "money_preview.show",
        form=form,
        errors=errors,
        found=found,
        lines=LINES,
        countries=list(choices.countries().items()),
        products=_suggestions(),
        services=[(one["id"], one["name"]) for one in found["offers"]] if found else [],
    )
