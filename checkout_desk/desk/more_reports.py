"""Reading accuracy, stock and money, templates: a page each, its CSV, and what stands behind its figures."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.desk import report_frame, report_view
from checkout_desk.desk.frame import frame
from checkout_desk.desk.report_kinds import KINDS, OWN
from checkout_desk.desk.report_pages import page
from checkout_desk.web.access import requires

blueprint = Blueprint("more_reports", __name__, url_prefix="/reports")
NAVIGATION = [
    {"key": key, "short": kind.short, "endpoint": kind.endpoint, "own": key in OWN}
    for key, kind in KINDS.items()
]
blueprint.record(lambda state: state.app.jinja_env.globals.update(report_kinds=NAVIGATION))
_OWN = f"<any({', '.join(OWN)}):kind>"


@blueprint.get(f"/{_OWN}")
@requires("reports.read")
def show(kind: str) -> ResponseReturnValue:
    """The page."""
    return report_view.page(kind)


@blueprint.get(f"/{_OWN}/<key>.csv")
@blueprint.post(f"/{_OWN}/<key>.csv")
@requires("reports.read", writes=False)
def download(kind: str, key: str) -> ResponseReturnValue:
    """One table as the screen shows it."""
    return report_view.table(kind, key)


@blueprint.get(f"/{_OWN}/behind")
@requires("reports.read")
def behind(kind: str) -> ResponseReturnValue:
    """What a figure counts, in its order; a page begins after the last row of the one before."""
    asked, faults = report_frame.asked(request.args, frame())
    found = KINDS[kind].behind
    assert found is not None
    title, head, rows = found(asked, request.args)
    shown, after = page(rows)
    keep: dict[str, Any] = request.args.to_dict() | {"kind": kind}
    more = url_for(".behind", **{**keep, "after": after}) if after else None
    return render_template(
        "reports/listed.html", title=title, head=head, rows=shown, n=len(rows), next_url=more,
        back=url_for(".show", kind=kind, **asked.days),
    ), 422 if faults else 200  # fmt: skip
