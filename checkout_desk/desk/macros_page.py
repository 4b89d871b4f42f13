"""The page where managers keep macros; everybody who writes mail may read what each does and how often it was used."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.correspondence import macros
from checkout_desk.correspondence.kinds import PLACEHOLDERS, REPLY
from checkout_desk.correspondence.macros import AFTER, MOVES, Typed
from checkout_desk.correspondence.models import Macro
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.versions import Faulty
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import db
from checkout_desk.settings.models import store
from checkout_desk.web.access import requires

blueprint = Blueprint("macros", __name__, url_prefix="/templates/macros")
FIELDS = ("name", "order_move", "reason", "tags", "assign", "escalate_role", "after", "snooze_days")


@blueprint.get("")
@requires("templates.read")
def everything() -> str:
    """All macros, and the form of a new one."""
    return _page(None, Typed())


@blueprint.get("/<int:macro_id>")
@requires("templates.read")
def show(macro_id: int) -> str:
    """One macro, to read or to change."""
    macro = _load(macro_id)
    days = "" if macro.snooze_days is None else str(macro.snooze_days)
    kept: dict[str, Any] = {name: getattr(macro, name) for name in FIELDS}
    return _page(
        macro, Typed(**{**kept, "tags": ", ".join(macro.tags), "snooze_days": days}, texts=macro.texts)
    )


@blueprint.post("")
@requires("macros.write")
def create() -> ResponseReturnValue:
    """Keep a new one."""
    return _save(None)


@blueprint.post("/<int:macro_id>")
@requires("macros.write")
def change(macro_id: int) -> ResponseReturnValue:
    """Let it do something else, or (`act` remove) forget it."""
    macro = _load(macro_id)
    if request.form.get("act") == "remove":
        name = macro.name
        macros.remove(macro)
        db.session.commit()
        flash(f"“{name}” is removed.")
        return redirect(url_for(".everything"), 303)
    return _save(macro)


def _save(macro: Macro | None) -> ResponseReturnValue:
    said = {name: request.form.get(name, "")[:500] for name in FIELDS}
    texts = {code: request.form.get(f"text_{code}", "")[:20_000] for code in LANGUAGES}
    typed = Typed(**said, texts=texts)
    try:
        name = macros.save(macro, typed, by=sessions.me()).name
    except Faulty as fault:
        db.session.rollback()
        return _page(macro, typed, errors=fault.fields), 422
    db.session.commit()
    flash(f"“{name}” is saved.")
    return redirect(url_for(".everything"), 303)


def _page(macro: Macro | None, typed: Typed, *, errors: dict[str, str] | None = None) -> str:
    known = macros.everything()
    ours = store().language
    written = [code for code in LANGUAGES if typed.texts.get(code)] or [ours]
    return render_template(
        "studio/macros.html",
        rows=[_row(one, macro) for one in known],
        macro=macro,
        form=typed,
        errors=errors or {},
        languages=[
            {"code": code, "name": one.name, "text": typed.texts.get(code, ""), "open": code in written}
            for code, one in sorted(LANGUAGES.items(), key=lambda pair: pair[0] != ours)
        ],
        moves=list(MOVES.items()),
        after=list(AFTER.items()),
        roles=[("", "Nobody"), *ROLES.items()],
        people=[
            ("", "Whoever has it keeps it"),
            ("me", "Whoever sends it"),
            ("nobody", "Nobody"),
            *((str(p.id), p.name) for p in frame().people.values() if not p.disabled_at),
        ],
        help=[(name, PLACEHOLDERS[name]) for name in REPLY],
        may_write=sessions.who().may("macros.write"),
        action=url_for(".change", macro_id=macro.id) if macro else url_for(".create"),
    )


def _row(one: Macro, open_: Macro | None) -> dict[str, Any]:
    return {
        "name": one.name,
        "does": "; ".join(_does(one)),
        "used": one.used,
        "by": frame().name(one.created_by_id),
        "when": frame().face.short(one.changed_at),
        "url": url_for(".show", macro_id=one.id),
        "current": open_ is not None and one.id == open_.id,
    }


def _does(one: Macro) -> list[str]:
    """What it does, in few words."""
    found = [MOVES[one.order_move].lower()] if one.order_move else []
    if one.texts:
        found.append(
            "writes in " + ", ".join(LANGUAGES[code].name for code in LANGUAGES if code in one.texts)
        )
    if one.tags:
        found.append("tags " + ", ".join(one.tags))
    if one.assign:
        found.append("assigns")
    if one.escalate_role:
        found.append(f"escalates to {ROLES[one.escalate_role]}")
    then = {"snooze": f"sleeps {one.snooze_days} d", "close": "closes", "stay": "stays open"}.get(one.after)
    return [*found, then or "waits for the customer"]


def _load(macro_id: int) -> Macro:
    return db.session.get(Macro, macro_id) or abort(404, "There is no such macro.")
