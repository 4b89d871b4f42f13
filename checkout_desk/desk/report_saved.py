"""Saved reports: keep the one on the screen under a name, show it to roles, have it mailed, open it again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.desk import report_frame
from checkout_desk.desk.frame import frame
from checkout_desk.desk.report_kinds import KINDS
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.reports import saved
from checkout_desk.reports.models import SavedReport
from checkout_desk.reports.saved import Form
from checkout_desk.web.access import requires

blueprint = Blueprint("report_saved", __name__, url_prefix="/reports/saved")
WORDS = ("clock", "against")
"""words of an address that are kept besides the days"""


@blueprint.get("")
@requires("reports.read")
def everything() -> str:
    """Own reports, and those that are shown to the person's roles."""
    around = frame()
    rows = [
        {
            "id": row.id, "name": row.name, "title": KINDS[row.kind].title, "days": _days_words(row.days), "owner": around.name(row.owner_id),
            "own": row.owner_id == around.person.id, "roles": ", ".join(saved.READERS[role] for role in row.roles if role in saved.READERS),
            "schedule": saved.SCHEDULE_WORDS[row.schedule] if row.schedule else "",
            "people": ", ".join(around.name(one) for one in row.people) if row.schedule else "",
        }
        for row in saved.seen_by(around.person)
        if row.kind in KINDS
    ]  # fmt: skip
    return render_template("reports/saved.html", rows=rows)


@blueprint.get("/<int:report_id>")
@requires("reports.read")
def show(report_id: int) -> ResponseReturnValue:
    """The report with the days that its own mean today."""
    row = _found(report_id)
    return redirect(address(row), 303)


@blueprint.get("/new")
@requires("reports.read")
def new() -> ResponseReturnValue:
    """The form for the report of an address."""
    kind = _kind()
    return _form(None, Form(KINDS[kind].title, "30"), kind)


@blueprint.post("/new")
@requires("reports.read")
def create() -> ResponseReturnValue:
    """Keep it."""
    kind = _kind()
    form = _typed(_fixed())
    if form.errors:
        return _form(None, form, kind, status=422)
    words = {name: request.form[name] for name in WORDS if request.form.get(name)}
    if form.days in saved.MOVING:
        words.pop("against", None)  # days that stand still cannot be compared with days that move
    saved.keep(form, kind=kind, words=words, by=sessions.me(), today=_today())
    db.session.commit()
    flash(f"“{form.name}” is kept.")
    return redirect(url_for(".everything"), 303)


@blueprint.get("/<int:report_id>/edit")
@requires("reports.read")
def edit(report_id: int) -> ResponseReturnValue:
    """The form of a report of one's own."""
    row = _found(report_id)
    return _form(row, Form(row.name, row.days, row.roles, row.schedule, row.people), row.kind)


@blueprint.post("/<int:report_id>")
@requires("reports.read")
def act(report_id: int) -> ResponseReturnValue:
    """Change or remove it."""
    row = _found(report_id)
    try:
        if request.form.get("act") == "remove":
            saved.drop(row, by=sessions.me())
            words = f"“{row.name}” is removed."
        else:
            form = _typed(row.days)
            if form.errors:
                return _form(row, form, row.kind, status=422)
            saved.change(row, form, by=sessions.me(), today=_today())
            words = f"“{row.name}” is changed."
    except Refused as refusal:
        db.session.rollback()
        abort(409, str(refusal))
    db.session.commit()
    flash(words)
    return redirect(url_for(".everything"), 303)


def address(row: SavedReport, **more: Any) -> str:
    """Where the report stands with the days that its own mean today."""
    first, last = saved.range_of(row.days, _today())
    kind = KINDS[row.kind]
    own = {"kind": row.kind} if kind.endpoint == "more_reports.show" else {}
    words: dict[str, Any] = {"from": first.isoformat(), "to": last.isoformat(), **row.words, **own}
    return url_for(kind.endpoint, **words, **more)


def _today() -> Any:
    face = frame().face
    return face.now.astimezone(face.zone).date()


def _days_words(days: str) -> str:
    return saved.MOVING.get(days) or days.replace("/", " to ")


def _kind() -> str:
    kind = request.values.get("kind", "")
    if kind not in KINDS:
        abort(404)
    return kind


def _fixed() -> str:
    """The days of the address as a saved report names them."""
    asked, faults = report_frame.asked(request.values, frame())
    if faults:
        abort(422, next(iter(faults.values())))
    return f"{asked.period.first.isoformat()}/{asked.period.last.isoformat()}"


def _typed(fixed: str) -> Form:
    given = request.form
    return saved.checked(
        given.get("name", ""), given.get("days", ""), given.getlist("roles"), given.get("schedule", ""),
        given.getlist("people"), fixed=fixed,
    )  # fmt: skip


def _found(report_id: int) -> SavedReport:
    row = db.session.get(SavedReport, report_id)
    if row is None or row.kind not in KINDS or not saved.shown_to(row, frame().person):
        abort(404)
    return row


def _form(row: SavedReport | None, form: Form, kind: str, *, status: int = 200) -> ResponseReturnValue:
    fixed = row.days if row is not None else _fixed()
    days = [*saved.MOVING.items()]
    if fixed not in saved.MOVING:
        days.append((fixed, f"Always {_days_words(fixed)}"))
    keep = {name: value for name in ("from", "to", *WORDS) if (value := request.values.get(name))}
    return render_template(
        "reports/save.html", row=row, form=form, kind=kind, title=KINDS[kind].title, days=days, roles=saved.READERS,
        schedules=[*saved.SCHEDULE_WORDS.items()], people=saved.readers(), keep=keep,
    ), status  # fmt: skip
