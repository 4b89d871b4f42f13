"""The page of any report, and each of its tables as a CSV file.

What is under the head of a page is kept in this process for as long as the report would be the same: who looks again, or looks at
what a colleague has looked at, waits for no figure to be added up and no table to be written.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from checkout_desk.accounts.handing_out import hand_out
from checkout_desk.desk import report_frame
from checkout_desk.desk.frame import frame
from checkout_desk.desk.report_frame import Asked
from checkout_desk.desk.report_kinds import KINDS, OWN
from checkout_desk.reports import tables

MOST = 4_000_000
"""characters of pages that one process keeps"""


def page(kind: str, **more: Any) -> ResponseReturnValue:
    """The page; what was typed and cannot be used is named, and the usual days are shown. `more` is for its head."""
    asked, faults = report_frame.asked(request.args, frame())
    here = url_for(KINDS[kind].endpoint, kind=kind) if kind in OWN else url_for(KINDS[kind].endpoint)
    summary, body = _body(kind, asked, here)
    return render_template(
        "reports/figures.html", kind=kind, title=KINDS[kind].title, summary=summary, body=body, asked=asked, faults=faults,
        typed=request.args, here=here, **more,
    ), 422 if faults else 200  # fmt: skip


def table(kind: str, key: str) -> ResponseReturnValue:
    """One table as the screen shows it, for who has just shown that it is them."""
    asked, faults = report_frame.asked(request.args, frame())
    if faults:
        abort(422, next(iter(faults.values())))
    words = {**asked.days, **({"kind": kind} if kind in OWN else {})}
    back = url_for(KINDS[kind].endpoint, **words)
    return hand_out(lambda: _file(kind, key, asked), what=f"{KINDS[kind].title} as CSV", back=back)


def _file(kind: str, key: str, asked: Asked) -> ResponseReturnValue:
    section = next((one for one in KINDS[kind].shown(asked).sections if one.key == key), None)
    if section is None:
        abort(404)
    answer = Response("\ufeff" + tables.csv_of(section), mimetype="text/csv")
    name = f"{kind}-{key}-{asked.period.first.isoformat()}-{asked.period.last.isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _body(kind: str, asked: Asked, here: str) -> tuple[str, Markup]:
    """(the line under the title, figures and sections)."""
    looked = KINDS[kind].look(asked)
    if looked.key is None:
        return _made(kind, asked, here, looked.facts)
    days = (asked.period, asked.against, asked.compared, *sorted(asked.words.items()))
    key: Hashable = (kind, here, days, looked.key)
    kept: dict[Hashable, tuple[str, Markup]] = current_app.extensions.setdefault("desk_report_pages", {})
    found = kept.get(key)
    if found is None:
        found = _made(kind, asked, here, looked.facts)
        if sum(len(body) for _, body in list(kept.values())) + len(found[1]) > MOST:
            kept.clear()
        kept[key] = found
    return found


def _made(kind: str, asked: Asked, here: str, facts: Any) -> tuple[str, Markup]:
    shown = KINDS[kind].load(asked, facts)
    charts = {one.key: tables.scale(one.bars) for one in shown.sections if one.bars}
    html = render_template(
        "reports/_body.html",
        figures=shown.figures,
        sections=shown.sections,
        charts=charts,
        csv_base=here,
        days=asked.days,
    )
    return shown.summary, Markup(html)  # noqa: S704 - a rendered template
