"""Reply times and feedback: five figures, then charts with their tables; every figure leads to the messages behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.desk import report_feedback, report_frame, report_sections, report_view
from checkout_desk.desk.frame import frame
from checkout_desk.desk.report_pages import instant, page
from checkout_desk.openhours import Hours
from checkout_desk.reports import behind, scores
from checkout_desk.reports import replies as listed
from checkout_desk.reports import resolutions as resolved
from checkout_desk.reports.figures import lasting
from checkout_desk.reports.period import Period
from checkout_desk.reports.tables import Cell
from checkout_desk.settings.models import store
from checkout_desk.web.access import requires

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
CLOCKS = {"wall": "Wall clock", "business": "Business hours"}


@blueprint.get("")
@requires("reports.read")
def show() -> ResponseReturnValue:
    """The page."""
    found, _ = _asked()
    return report_view.page("replies", clocks=_clocks(_clock()[0], found))


@blueprint.get("/<key>.csv")
@blueprint.post("/<key>.csv")
@requires("reports.read", writes=False)
def download(key: str) -> ResponseReturnValue:
    """One table as the screen shows it."""
    return report_view.table("replies", key)


@blueprint.get("/replies")
@requires("reports.read")
def replies() -> ResponseReturnValue:
    """The messages behind a figure, oldest first."""
    found, faults = _asked()
    clock, hours, around = *_clock(), frame()
    wanted = behind.Wanted.of(request.args)
    rows = listed.opened_in(found, now=around.face.now, hours=hours)
    chosen = wanted.choose(rows, found, behind.roles())
    rest, after = page([((row.promise_id,), row) for row in chosen])
    shown = behind.messages(rest)
    keep = {**_keep(found, clock), **wanted.words}
    more = url_for("reports.replies", **keep, after=after) if after else None
    return render_template(
        "reports/replies.html", rows=[report_sections.message(row, around) for row in shown], n=len(chosen),
        words=report_sections.wanted_words(wanted, around), next_url=more, range=found,
        back=url_for("reports.show", **_keep(found, clock)), faults=faults,
    ), 422 if faults else 200  # fmt: skip


@blueprint.get("/resolutions")
@requires("reports.read")
def resolutions() -> ResponseReturnValue:
    """The closings behind the resolution times, oldest first."""
    found, _ = _asked()
    clock, hours = _clock()
    closed = resolved.closed_in(found, hours=hours)
    shown, after = page([((instant(one.closed_at), one.event_id), one) for one in closed])
    names = behind.who({one.conversation_id for one in shown})
    face = frame().face
    return _listed(
        found, clock, "Conversations that were closed", ("Customer", "Closed", "Took"),
        [
            [Cell(names.get(one.conversation_id, "–"), url_for("workspace.show", conversation_id=one.conversation_id)),
             Cell(face.short(one.closed_at)), Cell(lasting(one.took))]
            for one in shown
        ], len(closed), after,
    )  # fmt: skip


@blueprint.get("/answers")
@requires("reports.read")
def answers() -> ResponseReturnValue:
    """The answers of customers that a figure counts, oldest first."""
    found, _ = _asked()
    clock, _ = _clock()
    chosen = scores.choose(scores.answered_in(found), found, request.args)
    shown, after = page([((instant(one.answered_at), one.id), one) for one in chosen])
    face = frame().face
    return _listed(
        found, clock, "Answers of customers", ("Order", "When", "Score", "Words"),
        [
            [Cell(str(one.order_number), report_feedback.thread(one)), Cell(face.short(one.answered_at)),
             Cell(str(one.score)), Cell(one.comment[:300])]
            for one in shown
        ], len(chosen), after,
    )  # fmt: skip


def _listed(
    found: Period,
    clock: str,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    n: int,
    after: str,
) -> str:
    """A page of what a figure counts; `after` is the word of the next one."""
    keep = {**request.args.to_dict(), **_keep(found, clock), "after": after}
    more = url_for(str(request.endpoint), **keep) if after else None
    return render_template(
        "reports/listed.html", title=title, head=head, rows=rows, n=n, next_url=more,
        back=url_for("reports.show", **_keep(found, clock)),
    )  # fmt: skip


def _asked() -> tuple[Period, dict[str, str]]:
    asked, faults = report_frame.asked(request.args, frame())
    return asked.period, faults


def _clock() -> tuple[str, Hours | None]:
    """The clock that the address asks for, and the hours by which it counts."""
    return report_sections.clock_of(request.args)


def _clocks(clock: str, found: Period) -> list[dict[str, Any]]:
    """Both clocks where the store has a calendar; one needs no choice."""
    if store().calendar_id is None:
        return []
    return [
        {"title": title, "url": url_for("reports.show", **_keep(found, key)), "current": key == clock}
        for key, title in CLOCKS.items()
    ]


def _keep(found: Period, clock: str) -> dict[str, Any]:
    return report_sections.keep(found, clock)
