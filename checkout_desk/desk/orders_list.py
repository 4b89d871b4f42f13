"""All orders: found by state, country, number, name or SKU; each row opens its conversation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.desk import discretion, dockets
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.paths import path
from checkout_desk.orders import queries
from checkout_desk.orders.models import STATES
from checkout_desk.orders.queries import GROUPS, Wanted
from checkout_desk.settings.choices import countries
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("orders_list", __name__)

PAGE = 50


@blueprint.get("/orders")
@requires("orders.read")
def show() -> ResponseReturnValue:
    """A page of orders, newest first."""
    around = frame()
    wanted, fault = _wanted()
    before = request.args.get("before", type=row_number)
    after = None if before else request.args.get("after", type=row_number)
    rows, older, newer = queries.page(wanted, before=before, after=after, limit=PAGE)
    lines = queries.line_counts([row.id for row in rows])
    keep: dict[str, Any] = {
        "q": wanted.words or None,
        "state": wanted.state or None,
        "country": wanted.country or None,
    }
    return render_template(
        "orders/everything.html", wanted=wanted, fault=fault, priced=discretion.sees(around.person),
        orders=[_row(row, lines.get(row.id, 0), around) for row in rows],
        states=[("", "Every state"), ("open", "All that are open"), ("over", "All that are over"),
                *((state, dockets.TITLES[state]) for state in STATES)],
        countries=[("", "Every country"), *((code, countries().get(code, code)) for code in _countries(wanted))],
        narrowed=bool(wanted.words or wanted.state or wanted.country),
        next_url=url_for("orders_list.show", **keep, before=rows[-1].id) if older and rows else None,
        previous_url=url_for("orders_list.show", **keep, after=rows[0].id) if newer and rows else None,
    )  # fmt: skip


def _wanted() -> tuple[Wanted, str]:
    """What was asked for, and a sentence about what is not known of it."""
    words = " ".join(request.args.get("q", "").replace("\0", " ").split())[:200]
    state, country = request.args.get("state", ""), request.args.get("country", "").upper()
    fault = ""
    if state and state not in STATES and state not in GROUPS:
        fault, state = f"“{state[:20]}” is not a state of an order; all states are shown.", ""
    if country and country not in countries():
        fault, country = f"“{country[:20]}” is not a country; use two letters such as GB.", ""
    return Wanted(state, country, words), fault


def _countries(wanted: Wanted) -> list[str]:
    found = set(queries.countries()) | ({wanted.country} if wanted.country else set())
    return sorted(found, key=lambda code: countries().get(code, code))


def _row(row: Any, lines: int, around: Frame) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": path("workspace.show", conversation_id=row.conversation_id) if row.conversation_id else None,
        "customer": row.customer or row.who or row.ship_name or "(no name)",
        "country": countries().get(row.ship_country, row.ship_country),
        "docket": dockets.docket(
            row.number, row.state, row.total_minor if discretion.sees(around.person) else None, row.currency
        ),
        "lines": lines,
        "gaps": dockets.gaps(row.gap_count, row.state),
        "age": around.face.age(row.created_at),
        "at": row.created_at,
        "next": _next(row),
    }


def _next(row: Any) -> tuple[str, str] | None:
    """Name and icon of what comes next, where the conversation shows this order."""
    if row.shown != row.id:
        return None
    if row.conversation_state == "open":
        return dockets.step(row.next_action)
    return dockets.STATES[row.conversation_state]
