"""What the set-up's own short forms set. The rules are those of the settings; here they are only fewer at once."""

from __future__ import annotations

from typing import Any

from flask import request

from checkout_desk.extensions import db
from checkout_desk.settings import brand_views, promise_changes
from checkout_desk.settings.forms import StoreForm
from checkout_desk.settings.models import Calendar, store
from checkout_desk.settings.promise_changes import WEEK
from checkout_desk.settings.typed import Typed, one_of, whole
from checkout_desk.settings.views import change_store

STORE = ("name", "contact", "time_zone", "country", "currency", "language")
HOURS = {"wall": "Wall clock, day and night", "office": "Business hours"}
OFFICE = "Office hours"


def store_now() -> dict[str, Any]:
    """The store step as it is stored."""
    return {name: getattr(store(), name) for name in (*STORE, "sender_address")}


def save_store() -> tuple[dict[str, Any], dict[str, str]]:
    """Set name, place, time and logo, or nothing. Returns what was typed and the sentence of each wrong field."""
    form = StoreForm.of(STORE)
    form.validate()
    typed = Typed(request.form)
    address = typed.take("sender_address", brand_views.lines("Address"))
    typed.errors |= form.sentences
    typed.act(lambda: _set_store({**form.values, "sender_address": address}, typed))
    return {**typed.raw, **form.typed}, typed.errors


def _set_store(values: dict[str, Any], typed: Typed) -> None:
    brand_views.take_logo(typed)
    change_store(store(), values)


def promise_now() -> dict[str, Any]:
    """The promise step as it is stored; a store without a calendar is offered the usual week."""
    shop = store()
    row = db.session.get(Calendar, shop.calendar_id) if shop.calendar_id else None
    days = {f"day{n}": ", ".join(f"{low}–{high}" for low, high in day) for n, day in enumerate(row.hours)} if row else {
        f"day{n}": "09:00–17:00" for n in range(5)}  # fmt: skip
    return {"promise_hours": shop.promise_hours, "clock": "office" if row else "wall", **days}


def save_promise() -> tuple[dict[str, Any], dict[str, str]]:
    """Set by when customers are answered, and in whose hours, or nothing."""
    typed = Typed(request.form)
    hours = typed.take("promise_hours", whole("Promise", 1, 720))
    clock = typed.take("clock", one_of("Counts in", HOURS))
    week = (
        [typed.take(f"day{n}", promise_changes.spans(day)) for n, day in enumerate(WEEK)]
        if clock == "office"
        else []
    )
    typed.act(lambda: _promise(hours, week))
    return dict(typed.raw), typed.errors


def _promise(hours: int, week: list[Any]) -> None:
    shop = store()
    calendar_id = None
    if week:
        row = db.session.get(Calendar, shop.calendar_id) if shop.calendar_id else None
        row = row or db.session.query(Calendar).filter_by(name=OFFICE).one_or_none()
        values = (
            {
                "name": row.name,
                "time_zone": row.time_zone,
                "country": row.country,
                "closures": list(row.closures),
            }
            if row
            else {"name": OFFICE, "time_zone": shop.time_zone, "country": shop.country, "closures": []}
        )
        calendar_id = promise_changes.save_calendar(row, {**values, "hours": week}).id
    change_store(shop, {"promise_hours": hours})
    promise_changes.count_in(shop, calendar_id)
