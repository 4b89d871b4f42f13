"""The page on which a manager says what the store is called, what it promises, and what the desk may mail by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from checkout_desk import clock
from checkout_desk.accounts import sessions
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.settings import choices, zones
from checkout_desk.settings.forms import ANSWER_MAILS, CREDIT_CONFIRMED, WAYS_BACK, StoreForm
from checkout_desk.settings.indexing import INDEX
from checkout_desk.settings.models import Store
from checkout_desk.web.access import requires

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
@requires("settings.write")
def show() -> str:
    """Everything that can be set, one line each."""
    may = sessions.who().may
    groups = [
        (
            title,
            [line for line in lines if line.endpoint in current_app.view_functions and may(line.permission)],
        )
        for title, lines in INDEX
    ]
    return render_template("settings/index.html", groups=[group for group in groups if group[1]])


@blueprint.get("/settings/store")
@requires("settings.write")
def of_store() -> Response:
    """The store as it is."""
    found = _store()
    shown = {name: getattr(found, name) for name in StoreForm()._fields}
    return _page(found, form={**shown, "answer_mails": found.answer_mails.split()})


@blueprint.post("/settings/store")
@requires("settings.write")
def save() -> ResponseReturnValue:
    """Check all, then set all."""
    found = _store()
    form = StoreForm()
    if not form.validate():
        return _page(found, form=form.typed, errors=form.sentences), 422
    changed = change_store(found, form.values)
    db.session.commit()
    flash("The settings are saved." if changed else "Nothing was different; nothing was changed.")
    return redirect(url_for("settings.of_store"), 303)


def change_store(store: Store, values: Mapping[str, Any]) -> bool:
    """Set `values` (names of columns, already checked) and record before and after of those that differ.

    The caller commits. Returns whether anything changed.
    """
    before = {name: getattr(store, name) for name, value in values.items() if getattr(store, name) != value}
    after = {name: values[name] for name in before}
    for name, value in after.items():
        setattr(store, name, value)
    if after:
        record("store.changed", about=store, before=before, after=after)
    return bool(after)


def _store() -> Store:
    found = db.session.get(Store, 1)
    if found is None:
        abort(404, "This desk has no store yet.")
    return found


def _page(store: Store, *, form: dict[str, Any], errors: dict[str, str] | None = None) -> Response:
    chosen = form["time_zone"]
    listed = {name for _, places in zones.grouped() for name, _ in places}
    page = render_template(
        "settings/store.html", form=form, errors=errors or {}, zones=zones.grouped(),
        odd_zone=chosen if chosen not in listed else "", now_there=_now_there(store.time_zone),
        countries=choices.countries().items(), currencies=choices.currencies().items(), languages=choices.LANGUAGES.items(),
        ways_back=WAYS_BACK.items(), credit_confirmed=CREDIT_CONFIRMED.items(),
        answer_mails=[{"value": name, "label": words} for name, words in ANSWER_MAILS.items()],
    )  # fmt: skip
    return make_response(page)


def _now_there(name: str) -> str:
    """The time of day in the zone `name`, '' where there is no such zone."""
    if name not in zones.known():
        return ""
    there: datetime = clock.now().astimezone(ZoneInfo(name))
    return f"{there:%A} {there:%H:%M}"
