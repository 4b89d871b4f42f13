"""Shipping services and their price tables as a manager sets them. A table that has begun stays; a new one takes over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from checkout_desk import money
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings.effective import long_day, one_at_a_time, today
from checkout_desk.settings.models import ShippingPrice, ShippingService
from checkout_desk.settings.tax_changes import not_before_today
from checkout_desk.settings.typed import Wrong

Row = tuple[int | None, int, int]
"""(up to grams or None for any weight, from a value of goods, price)"""


def save_service(one: ShippingService | None, values: dict[str, Any]) -> ShippingService:
    """Make a service or change one, from now on. `values` are its columns. Raises Wrong where two contradict."""
    one_at_a_time()
    if values["days_min"] > values["days_max"]:
        raise Wrong(
            "days_max",
            f"Business days at most cannot be {values['days_max']}, fewer than {values['days_min']} at best; type {values['days_min']} "
            "or more.",
        )
    others = db.session.scalars(select(ShippingService).where(ShippingService.name == values["name"]))
    for other in others:
        shared = set(other.countries) & set(values["countries"])
        if (one is None or other.id != one.id) and shared:
            raise Wrong(
                "name",
                f"Name: “{other.name}” goes to {', '.join(sorted(shared)[:5])} already; type another name, or change that one.",
            )
    if one is None:
        last = db.session.scalar(
            select(ShippingService.position).order_by(ShippingService.position.desc()).limit(1)
        )
        one = ShippingService(position=(last or 0) + 1, **values)
        db.session.add(one)
        record("shipping_service.created", about=one, after=values)
        return one
    before = {field: getattr(one, field) for field, value in values.items() if getattr(one, field) != value}
    for field in before:
        setattr(one, field, values[field])
    if before:
        record(
            "shipping_service.changed",
            about=one,
            before=before,
            after={field: values[field] for field in before},
        )
    return one


def set_table(one: ShippingService, rows: Sequence[Row], *, currency: str, valid_from: date) -> None:
    """From `valid_from` on these rows are what the service costs in `currency`. Raises Wrong where they contradict."""
    one_at_a_time()
    if not rows:
        raise Wrong("price-0", "Price is empty; type at least one row, such as 2000 g and 3.95.")
    for at, row in enumerate(rows):
        _fits(at, row, rows, currency)
    if any(row.valid_from == valid_from and row.currency == currency for row in prices_of(one)):
        raise Wrong(
            "valid_from",
            f"Prices in {currency} from {long_day(valid_from)} on are there already; choose another day"
            + (", or take those away first." if valid_from > today() else "."),
        )
    not_before_today(valid_from)
    for grams, value, price in rows:
        db.session.add(
            ShippingPrice(
                service_id=one.id,
                up_to_grams=grams,
                from_value_minor=value,
                price_minor=price,
                currency=currency,
                valid_from=valid_from,
            )
        )
    after = {"currency": currency, "from": valid_from.isoformat(), "rows": [list(row) for row in rows]}
    record("shipping_prices.created", about=one, after=after)


def take_away_table(one: ShippingService, *, currency: str, valid_from: date) -> None:
    """Forget a table that has not begun. Raises Refused for one that has."""
    if valid_from <= today():
        raise Refused(
            f"These prices have held since {long_day(valid_from)} and quotes were made with them; add some that take over later."
        )
    db.session.execute(
        delete(ShippingPrice).where(
            ShippingPrice.service_id == one.id,
            ShippingPrice.currency == currency,
            ShippingPrice.valid_from == valid_from,
        )
    )
    record(
        "shipping_prices.taken_away", about=one, before={"currency": currency, "from": valid_from.isoformat()}
    )


def prices_of(one: ShippingService) -> list[ShippingPrice]:
    """Every price of a service, newest table first, each from light to heavy."""
    rows = db.session.scalars(select(ShippingPrice).where(ShippingPrice.service_id == one.id))
    return sorted(
        rows,
        key=lambda row: (
            -row.valid_from.toordinal(),
            row.currency,
            row.from_value_minor,
            row.up_to_grams is None,
            row.up_to_grams or 0,
        ),
    )


def _fits(at: int, row: Row, rows: Sequence[Row], currency: str) -> None:
    """Raises Wrong where another row says something else for the same parcel, or a heavier one would cost less."""
    grams, value, price = row
    weight = "any weight" if grams is None else f"{grams} g"
    for other, (their_grams, their_value, _) in enumerate(rows[:at]):
        if (their_grams, their_value) == (grams, value):
            raise Wrong(
                f"grams-{at}",
                f"Row {at + 1} is for {weight} and the same value as row {other + 1}; one of them is too many.",
            )
    for other, (their_grams, their_value, their_price) in enumerate(rows):
        lighter = their_grams is not None and (grams is None or their_grams < grams)
        if their_value == value and lighter and their_price > price:
            raise Wrong(
                f"price-{at}",
                f"Row {at + 1}, {weight}, costs {money.show(price, currency)}, less than the lighter parcel of row {other + 1}; "
                f"type at least {money.plain(their_price, currency)}.",
            )
