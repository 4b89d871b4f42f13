"""Everything that comes back: what waits for somebody first, and the rest by state."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.desk.frame import Frame, frame
from checkout_desk.returns import queries
from checkout_desk.returns.models import RETURN_STATES
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("returns_list", __name__)

PAGE = 50
STATES = {
    "requested": ("Requested", "soon"),
    "approved": ("Allowed", ""),
    "refused": ("Refused", "bad"),
    "awaiting_goods": ("Goods are coming", ""),
    "received": ("Goods are here", "soon"),
    "inspected": ("Looked at", "soon"),
    "settled": ("Settled", "good"),
    "closed": ("Closed", ""),
}
"""state of a return -> what people call it, and its tone"""
REASONS = {
    "damaged": "Damaged",
    "wrong_item": "Wrong item",
    "not_as_described": "Not as described",
    "does_not_fit": "Does not fit",
    "changed_mind": "Changed their mind",
    "late": "Came too late",
    "other": "Another reason",
}


@blueprint.get("/returns")
@requires("returns.read")
def show() -> ResponseReturnValue:
    """A page of returns, newest first."""
    around = frame()
    state, fault = request.args.get("state", "open"), ""
    if state not in ("open", "all", *RETURN_STATES):
        fault, state = f"“{state[:20]}” is not a state of a return; all that are open are shown.", "open"
    before = request.args.get("before", type=row_number)
    rows, older = queries.page("" if state == "all" else state, before=before, limit=PAGE)
    n = queries.pieces([row.id for row in rows])
    context = {
        "fault": fault, "state": state, "returns": [_row(row, n.get(row.id, 0), around) for row in rows],
        "tabs": [{"label": label, "url": url_for(".show", state=key), "current": key == state} for key, label in _tabs()],
        "next_url": url_for(".show", state=state, before=rows[-1].id) if older else None,
        "previous_url": url_for(".show", state=state) if before else None,
        "may": around.person.may("returns.receive"),
    }  # fmt: skip
    return render_template("returns/list.html", **context)


def _tabs() -> list[tuple[str, str]]:
    return [("open", "Open"), *((one, STATES[one][0]) for one in RETURN_STATES), ("all", "All")]


def _row(row: Any, pieces: int, around: Frame) -> dict[str, Any]:
    state, tone = STATES[row.state]
    return {
        "name": f"{row.order_number}-R{row.number}", "url": f"/returns/{row.id}", "state": state, "tone": tone,
        "customer": row.customer or row.ship_name or row.email or "(no name)", "pieces": pieces,
        "reason": REASONS[row.reason], "against": not row.allowed, "age": around.face.age(row.requested_at),
        "at": row.requested_at,
    }  # fmt: skip
