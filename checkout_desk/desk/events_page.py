"""The record of everything that happened: searched by anything, taken away as CSV, checked by a worker."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.accounts.handing_out import hand_out
from checkout_desk.desk import events_rows
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.records_tabs import tabs
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.records import allowance, chain_checks, searching, telling
from checkout_desk.records.searching import Wanted
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("events_page", __name__, url_prefix="/records")

PAGE = 50
MOST_ROWS = 10_000
"""events in one CSV"""
ACTORS = ("desk", "customer", "command", "visitor")


@blueprint.get("")
@requires("events.read")
def show() -> ResponseReturnValue:
    """A page of events, newest first."""
    return _page()


def _page(*, error: str = "", status: int = 200) -> ResponseReturnValue:
    around = frame()
    wanted, typed, faults = _wanted(around)
    before = request.args.get("before", type=row_number)
    after = None if before else request.args.get("after", type=row_number)
    found = searching.page(wanted, before=before, after=after, limit=PAGE)
    rows = events_rows.rows(found.rows, searching.order_numbers(found.rows), around)
    keep: dict[str, Any] = {name: value for name, value in typed.items() if value}
    return render_template(
        "records/events.html", tabs=tabs(), rows=rows, typed=typed, keep=keep, faults=faults, error=error, meant=found.meant,
        actors=_actors(around), kinds=searching.kinds(), narrowed=bool(wanted.narrowed()),
        next_url=url_for(".show", **keep, before=found.older) if found.older else None,
        previous_url=url_for(".show", **keep, after=found.newer) if found.newer else None,
        stopped=found.stopped_at, looked_at=searching.LOOKED_AT, check=_check(around), most=MOST_ROWS,
        may_take=around.person.may("records.read"),
    ), status  # fmt: skip


def _actors(around: Frame) -> list[tuple[str, str]]:
    people = sorted(around.people.values(), key=lambda one: one.name.casefold())
    everybody = [(f"person:{one.id}", one.name) for one in people]
    return [("", "Everybody"), *everybody, *((one, telling.who(one, {})) for one in ACTORS)]


def _wanted(around: Frame) -> tuple[Wanted, dict[str, str], dict[str, str]]:
    """What was asked for, as it was typed, and a sentence for each field that cannot be understood."""
    given = request.values
    typed = {name: " ".join(given.get(name, "").replace("\0", " ").split())[:200] for name in _FIELDS}
    faults: dict[str, str] = {}
    days: dict[str, datetime | None] = {}
    for name in ("since", "until"):
        days[name] = _day(typed[name], name, around, faults)
    if typed["about"] and not searching.is_thing(typed["about"]):
        faults["about"] = (
            f"“{typed['about'][:40]}” names no thing; a name and a number such as order:7 would."
        )
    event = given.get("event", type=row_number)
    if typed["event"] and event is None:
        faults["event"] = f"“{typed['event'][:20]}” is no number of an event."
    return (
        Wanted(
            typed["q"],
            typed["actor"],
            typed["kind"],
            typed["about"],
            event,
            since=days["since"],
            until=days["until"],
        ),
        typed,
        faults,
    )


_FIELDS = ("q", "actor", "kind", "about", "event", "since", "until")


def _day(typed: str, name: str, around: Frame, faults: dict[str, str]) -> datetime | None:
    """The beginning of a day of the store (the end of it for `until`) as an instant."""
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed) + timedelta(days=name == "until")
        return datetime.combine(day, time(), around.face.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        faults[name] = f"“{typed[:20]}” is no day; write it as 2026-11-02."
        return None


@blueprint.post("/events.csv")
@requires("records.read", writes=False)
def download() -> ResponseReturnValue:
    """What the search finds, as CSV, for who has just shown that it is them: at most MOST_ROWS events, noted in the record with their
    number."""
    return hand_out(_file, what="Events as CSV", back=url_for(".show"))


def _file() -> ResponseReturnValue:
    db.session.rollback()
    begin_write()
    around, by = frame(), sessions.me()
    wanted, _, faults = _wanted(around)
    if faults:
        return _page(status=422)
    found = searching.page(wanted, limit=MOST_ROWS)
    try:
        allowance.take_rows(by, len(found.rows), narrowed=wanted.narrowed())
    except Refused as refusal:
        db.session.rollback()
        return _page(error=str(refusal), status=409)
    people = {number: person.name for number, person in around.people.items()}
    made = "".join(events_rows.csv_lines(found.rows, people))
    db.session.commit()
    return Response(
        made.encode("utf-8", "replace"),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="events.csv"', "Cache-Control": "no-store"},
    )


@blueprint.post("/check")
@requires("events.read")
def check() -> ResponseReturnValue:
    """Have a worker check the whole record."""
    chain_checks.ask(sessions.me())
    db.session.commit()
    return redirect(url_for(".show", _anchor="h-check"), 303)


@blueprint.get("/check")
@requires("events.read")
def progress() -> str:
    """How far the check is: asked again every two seconds until it is done."""
    return render_template("records/_check.html", check=_check(frame()))


def _check(around: Frame) -> dict[str, Any] | None:
    found = chain_checks.newest()
    if found is None:
        return None
    return {
        "open": found.finished_at is None, "done": found.done, "total": found.total, "first_wrong": found.first_wrong,
        "why": found.why, "beside": [part for part in found.beside.split("; ") if part], "hash": found.hash,
        "by": around.name(found.asked_by_id), "when": around.face.short(found.finished_at or found.asked_at),
        "iso": (found.finished_at or found.asked_at).isoformat(),
    }  # fmt: skip
