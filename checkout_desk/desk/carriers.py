"""Carriers and boxes as the manager sets them. A carrier's key is typed once and never shown again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.extensions import db
from checkout_desk.secrets import LostKey
from checkout_desk.settings import sorting
from checkout_desk.settings.typed import SHOWN, Typed, line, one_of, whole
from checkout_desk.shipping import carriers
from checkout_desk.shipping.models import Box, Carrier
from checkout_desk.shipping.numbers import CARRIERS
from checkout_desk.web.access import requires

blueprint = Blueprint("carriers", __name__, url_prefix="/settings/carriers")

PATTERNS = {"": "Another one; any number is taken", **{k: v for k, v in CARRIERS.items() if k != "post"}}
HANDOVER = {
    "number": "As soon as its tracking number is entered",
    "manifest": "When the day’s manifest is closed",
}
ADAPTERS = {
    "manual": "By hand: own labels, numbers typed or scanned",
    "easypost": "EasyPost: buys labels, follows parcels",
}
MODES = {"sandbox": "Test, no real labels", "live": "Live"}
LABELS = {"api_key": "API key", "webhook_secret": "Webhook secret"}
FROM = {
    "from_street": ("Street", 100), "from_city": ("City", 60), "from_state": ("State or region", 40),
    "from_zip": ("Postcode", 20), "from_phone": ("Telephone", 30),
}  # fmt: skip
"""where bought labels say that parcels come from"""
STARTS = {"sandbox": "EZTK", "live": "EZAK"}
"""how EasyPost's keys begin, by mode: a live key in a test would buy real labels"""
MOST_HOLIDAYS = 60
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)


@blueprint.get("")
@requires("carriers.write")
def everything() -> ResponseReturnValue:
    """Every carrier and box."""
    return _list({}, {}), 200


def _list(form: dict[str, Any], errors: dict[str, str], *, box_id: int | None = None) -> str:
    rows = [
        {
            "id": row.id, "name": row.name, "active": row.active, "handover": HANDOVER[row.handover].lower(),
            "numbers": PATTERNS[row.pattern] if row.pattern else "", "adapter": row.adapter,
            "lacks": _lacks(row), "tracked": row.tracked,
        }
        for row in carriers.every()
    ]  # fmt: skip
    boxes = [
        {"id": b.id, "name": b.name, "size": f"{b.length_mm} × {b.width_mm} × {b.height_mm} mm", "grams": b.grams, "form": _box_form(b)}
        for b in carriers.boxes()
    ]  # fmt: skip
    return render_template(
        "shipping/carriers.html", carriers=rows, missing=carriers.missing(), boxes=boxes, form=form, errors=errors, box_id=box_id,
    )  # fmt: skip


def _lacks(row: Carrier) -> str:
    return "Its key is missing" if row.adapter == "easypost" and not row.secret else ""


@blueprint.post("/missing")
@requires("carriers.write")
def make_missing() -> ResponseReturnValue:
    """Set up the carriers that services name already, with what is known of them."""
    names = carriers.missing()
    carriers.open_carriers()
    db.session.commit()
    flash(f"{', '.join(names)} can be used now." if names else "Every carrier was there already.")
    return redirect(url_for(".everything"), 303)


@blueprint.get("/new")
@requires("carriers.write")
def new() -> ResponseReturnValue:
    """The form of a new carrier."""
    return _page(
        None, {"active": "1", "tracked": "1", "silent_days": 3, "handover": "number", "adapter": "manual"}, {}
    )


@blueprint.post("/new")
@requires("carriers.write")
def create() -> ResponseReturnValue:
    """A new carrier."""
    return _save(None)


@blueprint.get("/<int:carrier_id>")
@requires("carriers.write")
def carrier(carrier_id: int) -> ResponseReturnValue:
    """One carrier."""
    found = db.session.get(Carrier, carrier_id) or abort(404)
    return _page(found, _stored(found), {})


@blueprint.post("/<int:carrier_id>")
@requires("carriers.write")
def change(carrier_id: int) -> ResponseReturnValue:
    """Change a carrier from now on; parcels that have left keep their number and promised day."""
    return _save(db.session.get(Carrier, carrier_id) or abort(404))


@blueprint.post("/<int:carrier_id>/up")
@requires("carriers.write")
def move_up(carrier_id: int) -> ResponseReturnValue:
    """Show it before the one above it."""
    found = db.session.get(Carrier, carrier_id) or abort(404)
    sorting.move_up(carriers.every(), found)
    db.session.commit()
    return redirect(url_for(".everything"), 303)


def _save(found: Carrier | None) -> ResponseReturnValue:
    typed = Typed(request.form)
    adapter = typed.take("adapter", one_of("Labels", ADAPTERS))
    values: dict[str, Any] = {
        "name": typed.take("name", line("Name", 40, needed=True)),
        "pattern": typed.take("pattern", one_of("Numbers", PATTERNS)),
        "handover": typed.take("handover", one_of("Handed over", HANDOVER)),
        "tracking_url": typed.take("tracking_url", tracking_url),
        "holidays": typed.take("holidays", holidays),
        "silent_days": typed.take("silent_days", whole("Business days without a scan", 1, 60)),
        "tracked": typed.ticked("tracked"),
        "active": typed.ticked("active"),
        "adapter": adapter,
    }
    settings: dict[str, Any] = {}
    keys: dict[str, str] = {}
    if adapter == "easypost":
        settings["mode"] = typed.take("mode", one_of("Mode", MODES))
        settings["account"] = typed.take("account", line("Carrier account", 60))
        for name, (label, longest) in FROM.items():
            settings[name] = typed.take(name, line(label, longest))
        keys = {
            name: typed.take(name, _key(name, settings["mode"], found))
            for name in carriers.SECRETS["easypost"]
        }
    number = found.id if found else None
    try:
        saved = typed.act(lambda: carriers.save(found, values, settings=settings, secrets_typed=keys))
    except LostKey:
        typed.errors["form"] = "The keys that are stored cannot be read any more; type both anew."
        saved = None
    if typed.errors or saved is None:
        db.session.rollback()
        for name in keys:
            if typed.raw.pop(name, "") and name not in typed.errors:
                typed.errors[name] = (
                    f"{LABELS[name]}: type it again. A page never holds a key, and this one was not saved."
                )
        again = db.session.get(Carrier, number) if number else None
        return _page(again, typed.raw, typed.errors, status=422)
    said = f"{saved.name} is saved."
    db.session.commit()
    flash(said)
    return redirect(url_for(".everything"), 303)


def tracking_url(text: str) -> str:
    """An address of the carrier's page with {number} in it; '' for the usual one."""
    if not text:
        return ""
    parts = urlsplit(text)
    if (
        parts.scheme != "https"
        or "." not in (parts.hostname or "")
        or len(text) > 300
        or not text.isprintable()
        or " " in text
    ):
        raise ValueError(
            f"Tracking page cannot be “{text[:SHOWN]}”; type an address that begins with https://, at most 300 signs."
        )
    if "{number}" not in text or "{number}" in parts.netloc:
        raise ValueError(
            f"Tracking page “{text[:SHOWN]}” lacks {{number}}; write it where the tracking number goes, such as "
            "https://carrier.example/track?n={number}."
        )
    strange = set(re.findall(r"\{[^}]*\}?", text)) - {"{number}", "{language}", "{country}"}
    if strange:
        raise ValueError(
            f"Tracking page holds {', '.join(sorted(strange))[:SHOWN]}; only {{number}}, {{language}} and {{country}} are filled in."
        )
    return text


def holidays(text: str) -> list[str]:
    """Days as ISO dates, sorted, from a text with commas or lines between."""
    found = set()
    for word in re.split(r"[\s,;]+", text):
        if not word:
            continue
        match = _DATE.fullmatch(word)
        try:
            if match is None:
                raise ValueError
            year, month, day_ = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
            found.add(date(int(year), int(month), int(day_)).isoformat())
        except ValueError:
            raise ValueError(
                f"Holidays: “{word[:SHOWN]}” is no day; type days such as 2026-12-24, with commas between."
            ) from None
    if len(found) > MOST_HOLIDAYS:
        raise ValueError(f"Holidays: {len(found)} days are too many; type at most {MOST_HOLIDAYS}.")
    return sorted(found)


def _key(name: str, mode: str | None, found: Carrier | None) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            kept = found is not None and found.secret and found.adapter == "easypost"
            if name == "webhook_secret" or (kept and found and found.settings.get("mode", mode) == mode):
                return ""  # without it parcels are asked after now and then
            raise ValueError(
                f"{LABELS[name]} is empty; type the one that EasyPost shows you for “{MODES.get(mode or '', '')}”."
            )
        if len(text) > 400 or not text.isprintable() or " " in text:
            raise ValueError(f"{LABELS[name]} cannot be that; paste it without spaces, at most 400 signs.")
        if name == "api_key" and mode in STARTS and not text.startswith(STARTS[mode]):
            # Never the value itself: this sentence reaches pages and logs.
            raise ValueError(f"{LABELS[name]} is not one for “{MODES[mode]}”; it begins with {STARTS[mode]}.")
        return text

    return read


def _stored(found: Carrier) -> dict[str, Any]:
    return {
        "name": found.name, "pattern": found.pattern, "handover": found.handover, "tracked": found.tracked,
        "tracking_url": found.tracking_url, "holidays": ", ".join(found.holidays), "silent_days": found.silent_days,
        "adapter": found.adapter, "active": found.active, **found.settings,
    }  # fmt: skip


def _page(
    found: Carrier | None, form: dict[str, Any], errors: dict[str, str], *, status: int = 200
) -> ResponseReturnValue:
    html = render_template(
        "shipping/carrier.html", carrier_id=found.id if found else None, title=found.name if found else "A new carrier",
        kept=bool(found and found.secret), form=form, errors=errors, patterns=list(PATTERNS.items()),
        handovers=list(HANDOVER.items()), adapters=list(ADAPTERS.items()), modes=list(MODES.items()), keys=list(LABELS.items()), froms=[(name, label) for name, (label, _) in FROM.items()],
        hook=_hook(found) if found and found.adapter == "easypost" else "",
    )  # fmt: skip
    return html, status


def _hook(found: Carrier) -> str:
    """The address to which EasyPost tells what happens; a manager enters it there."""
    path = url_for("carrier_hook.take", carrier_id=found.id)
    return f"{current_app.config['DESK_URL']}{path}"


@blueprint.post("/boxes")
@requires("carriers.write")
def make_box() -> ResponseReturnValue:
    """A new size of box."""
    return _save_box(None)


@blueprint.post("/boxes/<int:box_id>")
@requires("carriers.write")
def change_box(box_id: int) -> ResponseReturnValue:
    """Change a size of box, or take it away."""
    found = db.session.get(Box, box_id) or abort(404)
    if "remove" in request.form:
        said = f"Box {found.name} is taken away."
        carriers.remove_box(found)
        db.session.commit()
        flash(said)
        return redirect(url_for(".everything", _anchor="boxes"), 303)
    return _save_box(found)


def _save_box(found: Box | None) -> ResponseReturnValue:
    typed = Typed(request.form)
    values = {
        "name": typed.take("name", line("Name", 40, needed=True)),
        "length_mm": typed.take("length_mm", whole("Length", 10, 3000)),
        "width_mm": typed.take("width_mm", whole("Width", 10, 3000)),
        "height_mm": typed.take("height_mm", whole("Height", 1, 3000)),
        "grams": typed.take("grams", whole("Weight when empty", 0, 50_000)),
    }
    number = found.id if found else None
    saved = typed.act(lambda: carriers.save_box(found, values))
    if typed.errors or saved is None:
        db.session.rollback()
        return _list(typed.raw, typed.errors, box_id=number), 422
    said = f"Box {saved.name} is saved."
    db.session.commit()
    flash(said)
    return redirect(url_for(".everything", _anchor="boxes"), 303)


def _box_form(box: Box) -> dict[str, Any]:
    return {name: getattr(box, name) for name in ("name", "length_mm", "width_mm", "height_mm", "grams")}
