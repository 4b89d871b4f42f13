"""How the procedure is kept, and the funnel: reports over a period, their CSV, and the orders behind each figure."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.desk import procedure_sections as shown
from checkout_desk.desk import report_view
from checkout_desk.desk.frame import frame
from checkout_desk.desk.paths import path
from checkout_desk.desk.report_pages import page
from checkout_desk.reports import conformance, funnel, period
from checkout_desk.reports.conformance import Kept, Wanted
from checkout_desk.reports.funnel import STATIONS, Case
from checkout_desk.reports.period import Period
from checkout_desk.reports.procedure import BY_CODE, CAUSES
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("procedure_report", __name__, url_prefix="/reports")
Row = dict[str, Any]


@blueprint.get("/procedure")
@requires("reports.read")
def show() -> ResponseReturnValue:
    """Each step over the chosen days, and what deviations have in common."""
    return report_view.page("procedure")


@blueprint.get("/funnel")
@requires("reports.read")
def funnel_page() -> ResponseReturnValue:
    """How far orders came, and why some went no further."""
    return report_view.page("funnel")


@blueprint.get("/procedure/<key>.csv")
@blueprint.post("/procedure/<key>.csv")
@requires("reports.read", writes=False)
def download(key: str) -> ResponseReturnValue:
    """One table as the screen shows it."""
    return report_view.table("procedure", key)


@blueprint.get("/funnel/<key>.csv")
@blueprint.post("/funnel/<key>.csv")
@requires("reports.read", writes=False)
def download_funnel(key: str) -> ResponseReturnValue:
    """One table as the screen shows it."""
    return report_view.table("funnel", key)


@blueprint.get("/procedure/orders")
@requires("reports.read")
def orders() -> ResponseReturnValue:
    """The orders behind a figure, oldest first, with what they depart from."""
    found, faults = asked()
    wanted, words = _wanted()
    rows = [row for row in conformance.kept_in(found) if wanted.fits(row)]
    rest, after = page([((row.order_id,), row) for row in rows])
    return _behind(
        [_kept(row) for row in rest], len(rows), words, found, faults, ".show", after,
    )  # fmt: skip


@blueprint.get("/funnel/orders")
@requires("reports.read")
def cases() -> ResponseReturnValue:
    """The orders and mails behind a figure of the funnel, in the order in which they are counted."""
    found, faults = asked()
    station = request.args.get("station", default=0, type=row_number)
    over, why = request.args.get("over", ""), request.args.get("why")
    rows = [case for case in funnel.cases_in(found) if _counts(case, station, over, why)]
    listed, after = page(
        [((int(not case.order_id), case.order_id or case.message_id), case) for case in rows]
    )
    words = {"yes": "dropped out after", "no": "still on their way after"}.get(over, "reached")
    name = STATIONS[station].lower() if station < len(STATIONS) else "nothing"
    return _behind(
        [_case(case) for case in listed], len(rows), f"{words} {name}{f': {why}' if why else ''}", found,
        faults, ".funnel_page", after,
    )  # fmt: skip


def asked() -> tuple[Period, dict[str, str]]:
    """The days that the address names, and what is wrong with them."""
    face = frame().face
    return period.typed(
        request.args.get("from", ""), request.args.get("to", ""), now=face.now, zone=face.zone
    )


def _wanted() -> tuple[Wanted, str]:
    """What the address asks for, and in words; what means nothing asks for nothing."""
    step = BY_CODE.get(request.args.get("step", ""))
    kind, _, key = request.args.get("cause", "").partition(":")
    state = request.args.get("state", "")
    cause = (kind, key) if kind in CAUSES else ("", "")
    words = [f"{step.code} {step.name}"] if step else []
    words += [
        {"needless": "not needed", "open": "not yet", "deviating": "with a deviation"}.get(state, state)
    ]
    words += [f"{CAUSES[kind].lower()} {key}"] if kind in CAUSES and kind == "template" else []
    return Wanted(step.code if step else "", state, cause), ", ".join(filter(None, words)) or "all orders"


def _kept(row: Kept) -> Row:
    told = [
        f"{one.step.code} {' and '.join(one.faults)}{f' ({one.words})' if one.words else ''}"
        for one in row.stages
        if one.faults
    ]
    return {
        "name": f"Order {row.number}", "url": path("procedure.show", number=row.number), "when": row.created_at,
        "state": row.state, "words": "; ".join(told) or "as it should be",
    }  # fmt: skip


def _counts(case: Case, station: int, over: str, why: str | None) -> bool:
    if not over:
        return case.reached >= station
    return case.reached == station and case.over == (over == "yes") and (why is None or case.why == why)


def _case(case: Case) -> Row:
    if case.number:
        name, url = f"Order {case.number}", path("ordering.show", number=case.number)
    else:
        name, url = "A mail", path("workspace.show", conversation_id=case.conversation_id)
    state = STATIONS[case.reached]
    return {"name": name, "url": url, "when": case.at, "state": state, "words": case.why}


def _behind(
    rows: list[Row], n: int, words: str, found: Period, faults: dict[str, str], back: str, after: str
) -> ResponseReturnValue:
    around = frame()
    for row in rows:
        row["when"] = around.face.short(row["when"])
    endpoint = request.endpoint or ""
    keep: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return render_template(
        "reports/orders.html", rows=rows, n=n, words=words, range=found, faults=faults,
        back=url_for(back, **shown.days(found)), next_url=url_for(endpoint, **keep, after=after) if after else None,
    ), 422 if faults else 200  # fmt: skip
