"""Promises: the calendars in which they run, what groups of customers are promised, and where a broken one goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.extensions import db
from checkout_desk.settings import choices, promise_changes, zones
from checkout_desk.settings.models import Calendar, EscalationRule, PromiseRule, store
from checkout_desk.settings.promise_changes import WEEK
from checkout_desk.settings.typed import Typed, line, one_of, whole
from checkout_desk.web.access import requires

blueprint = Blueprint("promises", __name__, url_prefix="/settings/promises")
WALL = "Wall clock, day and night"
_HERE = "promises.show"


@blueprint.get("")
@requires("settings.write")
def show() -> str:
    """All rules, and a form for each kind of them."""
    return _page({}, {})


@blueprint.get("/calendars/<int:calendar_id>")
@requires("settings.write")
def edit(calendar_id: int) -> str:
    """The calendar in its form."""
    row = _calendar(calendar_id)
    return _page(_typed(row), {}, editing=row)


@blueprint.post("/calendars")
@blueprint.post("/calendars/<int:calendar_id>")
@requires("settings.write")
def save(calendar_id: int | None = None) -> ResponseReturnValue:
    """Make or change a calendar."""
    row = _calendar(calendar_id) if calendar_id is not None else None
    typed = Typed(request.form)
    values: dict[str, Any] = {
        "name": typed.take("name", line("Name", 80, needed=True)),
        "time_zone": typed.take("time_zone", _zone),
        "country": typed.take("country", one_of("Public holidays", {"": "none", **choices.countries()})),
        "hours": [typed.take(f"day{n}", promise_changes.spans(day)) for n, day in enumerate(WEEK)],
        "closures": typed.take("closures", promise_changes.days),
    }
    saved = typed.act(lambda: promise_changes.save_calendar(row, values))
    return _answer(typed, "calendar", f"The calendar {saved.name if saved else ''} is saved.", editing=row)


@blueprint.post("/clock")
@requires("settings.write")
def clock() -> ResponseReturnValue:
    """Which calendar promises to everybody run in."""
    typed = Typed(request.form)
    calendar_id = typed.take("calendar", _of_calendars)
    typed.act(lambda: promise_changes.count_in(store(), calendar_id))
    return _answer(typed, "clock", "Counts for mail that comes from now on.")


@blueprint.post("/groups")
@requires("settings.write")
def promise() -> ResponseReturnValue:
    """What a group is promised."""
    typed = Typed(request.form)
    group = typed.take("group", line("Group", 40, needed=True))
    hours = typed.take("hours", whole("Promise", 1, 720))
    calendar_id = typed.take("calendar", _of_calendars)
    typed.act(lambda: promise_changes.promise(group, hours, calendar_id))
    return _answer(
        typed, "group", f"The group {group} has its promise. Customers join it on their own pages."
    )


HAND_OUT = {
    "off": "Nobody: people take it themselves",
    "turns": "Everybody of the role in turn",
    "least": "Whoever of the role has least open",
}


@blueprint.post("/work")
@requires("settings.write")
def work() -> ResponseReturnValue:
    """Who gets new work, when the daily mail goes, and when a case that stays is escalated again."""
    typed = Typed(request.form)
    values = {
        "hand_out": typed.take("hand_out", one_of("New work goes to", HAND_OUT)),
        "digest_hour": typed.take("digest_hour", whole("Daily mail from", 0, 23)),
        "stays_hours": typed.take("stays_hours", _again("A case that stays")),
        "stays_role": typed.take("stays_role", one_of("To", ROLES)),
    }
    typed.act(lambda: promise_changes.hand_out(store(), values))
    return _answer(typed, "work", "Counts from now on.")


@blueprint.post("/escalations")
@requires("settings.write")
def escalate() -> ResponseReturnValue:
    """Where a broken promise goes."""
    typed = Typed(request.form)
    target = typed.take("target", one_of("Goes to", dict(_targets())))
    kind, _, who = (target or "").partition(":")
    values = {
        "after_hours": typed.take("after_hours", whole("Hours after the deadline", 0, 720)),
        "again_hours": typed.take("again_hours", _again("Again after hours")),
        "to_role": who if kind == "role" else None,
        "to_person_id": int(who) if kind == "person" else None,
    }
    typed.act(lambda: promise_changes.escalate(values))
    return _answer(typed, "escalation", "The rule holds from now on.")


@blueprint.post("/<kind>/<int:row_id>/drop")
@requires("settings.write")
def drop(kind: str, row_id: int) -> ResponseReturnValue:
    """Take a rule away."""
    table: Any = {"groups": PromiseRule, "escalations": EscalationRule}.get(kind)
    row = db.session.get(table, row_id) if table is not None else None
    if row is None:
        abort(404, "There is no such rule.")
    promise_changes.drop(row)
    db.session.commit()
    flash("The rule is taken away.")
    return redirect(url_for(_HERE), 303)


def _answer(typed: Typed, part: str, said: str, *, editing: Calendar | None = None) -> ResponseReturnValue:
    if typed.errors:
        db.session.rollback()
        return _page(typed.raw, typed.errors, part=part, editing=editing), 422
    db.session.commit()
    flash(said)
    return redirect(url_for(_HERE), 303)


def _calendar(calendar_id: int) -> Calendar:
    found = db.session.get(Calendar, calendar_id)
    if found is None:
        abort(404, "There is no such calendar.")
    return found


def _zone(text: str) -> str:
    if text not in zones.known():
        raise ValueError(f"Time zone cannot be “{text[:60]}”; type one such as Europe/Berlin.")
    return text


def _of_calendars(text: str) -> int | None:
    if not text:
        return None
    found = (
        db.session.get(Calendar, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    )
    if found is None:
        raise ValueError("There is no such calendar; choose one from the list.")
    return found.id


def _again(label: str) -> Callable[[str], int | None]:
    read = whole(label, 1, 720)
    return lambda text: read(text) if text else None


def _targets() -> list[tuple[str, str]]:
    people = db.session.execute(
        select(Person.id, Person.name).where(Person.disabled_at.is_(None)).order_by(Person.name)
    )
    return [
        *((f"role:{role}", f"Role: {title}") for role, title in ROLES.items()),
        *((f"person:{row.id}", row.name) for row in people),
    ]


def _typed(row: Calendar) -> dict[str, str]:
    """A calendar as its form shows it."""
    hours = {f"day{n}": _words(day) for n, day in enumerate(row.hours)}
    return {
        "name": row.name, "time_zone": row.time_zone, "country": row.country, "closures": "\n".join(row.closures), **hours,
    }  # fmt: skip


def _words(day: list[list[str]]) -> str:
    return ", ".join(f"{low}–{high}" for low, high in day)


def _page(
    form: dict[str, str], errors: dict[str, str], *, part: str = "", editing: Calendar | None = None
) -> str:
    calendars = list(db.session.scalars(select(Calendar).order_by(Calendar.name)))
    names = {row.id: row.name for row in calendars}
    targets = _targets()
    usual = {
        "time_zone": store().time_zone,
        "country": store().country,
        **{f"day{n}": "09:00–17:00" for n in range(5)},
    }
    return render_template(
        "settings/promises.html",
        calendars=[
            {"id": row.id, "name": row.name, "zone": row.time_zone, "closed": len(row.closures),
             "week": [(day[:3], _words(hours) or "closed") for day, hours in zip(WEEK, row.hours, strict=True)],
             "holidays": choices.countries().get(row.country, "")}
            for row in calendars
        ],
        clocks=[("", WALL), *((str(row.id), row.name) for row in calendars)],
        hand_outs=list(HAND_OUT.items()), roles=list(ROLES.items()), store=store(),
        chosen=str(store().calendar_id or ""), hours=store().promise_hours,
        groups=[
            {"id": row.id, "group": row.group, "hours": row.hours, "clock": names.get(row.calendar_id or 0, WALL)}
            for row in db.session.scalars(select(PromiseRule).order_by(PromiseRule.group))
        ],
        rules=[
            {"id": row.id, "after": row.after_hours, "again": row.again_hours,
             "to": dict(targets).get(f"role:{row.to_role}" if row.to_role else f"person:{row.to_person_id}", "nobody")}
            for row in db.session.scalars(
                select(EscalationRule).where(EscalationRule.active.is_(True)).order_by(EscalationRule.after_hours)
            )
        ],
        targets=targets, week=list(enumerate(WEEK)), countries=[("", "No public holidays"), *choices.countries().items()],
        form=form if part in ("", "calendar") and (form or editing) else usual, typed=form if part else {},
        errors=errors, sent=part, editing=editing,
    )  # fmt: skip
