"""The tracking board: where every parcel is, in nine columns, and which of them somebody has to look at."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.paths import path
from checkout_desk.settings.choices import countries
from checkout_desk.shipping import board
from checkout_desk.shipping.alarms import TITLES
from checkout_desk.shipping.board import COLUMNS, Wanted
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number
from checkout_desk.web.paging import decode, encode

blueprint = Blueprint("tracking_board", __name__, url_prefix="/shipping/board")

HEAD = 10
"""cards of a column on the board; all of them stand on the column's own page"""
PAGE = 50
STATUSES = {
    "pending": ("Pending", "hourglass", ""),
    "info_received": ("Info received", "file-text", ""),
    "in_transit": ("In transit", "truck", ""),
    "out_for_delivery": ("Out for delivery", "map-pin", "good"),
    "available_for_pickup": ("Waits for pickup", "package", "soon"),
    "failed_attempt": ("Failed attempt", "circle-alert", "bad"),
    "exception": ("Exception", "triangle-alert", "bad"),
    "expired": ("Expired", "clock", "soon"),
    "delivered": ("Delivered", "circle-check", "good"),
}
"""status -> its name, icon and tone"""


@blueprint.get("")
@requires("shipping.read")
def show() -> str:
    """All nine columns with the head of each; with `column` that one as far as it goes."""
    around = frame()
    wanted, fault = _wanted()
    now, today = around.face.now, around.face.now.astimezone(around.face.zone).date()
    chosen = request.args.get("column", "")
    if chosen and chosen not in COLUMNS:
        abort(404)
    n = board.counts(wanted, now=now, today=today)
    if chosen:
        after = decode(request.args.get("after"))
        heads = {chosen: board.column(chosen, wanted, now=now, today=today, limit=PAGE, after=after)}
    else:
        heads = board.columns(wanted, now=now, today=today, limit=HEAD)
    ids = [row.id for rows, _ in heads.values() for row in rows]
    raised = board.alarms(ids)
    keep = _kept(wanted)
    first = chosen or _first(n, heads, raised)
    context = {
        "wanted": wanted, "keep": keep, "fault": fault, "chosen": chosen, "total": sum(n[one] for one in COLUMNS),
        "moving": sum(n[one] for one in COLUMNS) - n["delivered"], "alarming": n["alarm"], "first": first,
        "tabs": [_tab(one, n[one], first == one, keep) for one in COLUMNS],
        "columns": [_column(one, n[one], *heads[one], raised, around, today, keep, chosen) for one in heads],
        "carriers": [("", "Every carrier"), *board.carriers()],
        "first_url": url_for(".show", **keep, column=chosen) if request.args.get("after") else None,
        "may": around.person.may("shipping.write"),
    }  # fmt: skip
    return render_template("shipping/board.html", **context)


def _wanted() -> tuple[Wanted, str]:
    """What was asked for, and a sentence about what is not known of it."""
    typed, fault, carrier = request.args.get("carrier", ""), "", None
    if typed:
        try:
            carrier = row_number(typed)
        except ValueError:
            fault = f"“{typed[:20]}” is not the number of a carrier; choose one from the list."
    return Wanted(carrier, bool(request.args.get("late")), bool(request.args.get("alarm"))), fault


def _kept(wanted: Wanted) -> dict[str, Any]:
    """The filters as they stand in addresses."""
    flags = {name: "1" for name in ("late", "alarm") if getattr(wanted, name)}
    return ({"carrier": wanted.carrier} if wanted.carrier else {}) | flags


def _first(n: dict[str, int], heads: dict[str, Any], raised: dict[int, list[str]]) -> str:
    """The column that a phone shows: one with trouble, else the fullest on the way."""
    trouble = [one for one, (rows, _) in heads.items() if any(row.id in raised for row in rows)]
    return next(iter(trouble), max(COLUMNS[:-1], key=lambda one: n[one]))


def _tab(status: str, n: int, current: bool, keep: dict[str, Any]) -> dict[str, Any]:
    name, icon, _ = STATUSES[status]
    url = url_for(".show", **keep, column=status)
    return {"label": name, "icon": icon, "n": n, "current": current, "url": url}


def _column(
    status: str, n: int, rows: Any, more: bool, raised: dict[int, list[str]], around: Frame, today: date,
    keep: dict[str, Any], chosen: str,
) -> dict[str, Any]:  # fmt: skip
    name, icon, tone = STATUSES[status]
    next_url = None
    if more and chosen:
        last = rows[-1]
        next_url = url_for(".show", **keep, column=status, after=encode(last.handed_over_at, last.id))
    return {
        "status": status, "name": name, "icon": icon, "tone": tone, "n": n,
        "url": url_for(".show", **keep, column=status), "next_url": next_url, "more": n - len(rows) if more else 0,
        "cards": [_card(row, raised.get(row.id, []), around, today) for row in rows],
    }  # fmt: skip


def _card(row: Any, kinds: list[str], around: Frame, today: date) -> dict[str, Any]:
    land = countries().get(row.ship_country, row.ship_country)
    late = row.promised_on is not None and row.promised_on < today and row.status != "delivered"
    return {
        "name": f"{row.order_number}-P{row.number}", "url": f"{path('parcel.show', parcel_id=0)[:-1]}{row.id}",
        "who": row.ship_name or "(no name)", "place": ", ".join(part for part in (row.ship_city, land) if part),
        "carrier": row.carrier or "No carrier", "alarms": [TITLES[kind] for kind in kinds], "late": late,
        "promised": f"{row.promised_on:%a} {row.promised_on.day} {row.promised_on:%b}" if row.promised_on else "",
        "when": _when(row, around), "iso": (row.last_scan_at or row.handed_over_at).isoformat(),
    }  # fmt: skip


def _when(row: Any, around: Frame) -> str:
    if row.status == "delivered" and row.delivered_at:
        return f"delivered {around.face.ago(row.delivered_at)}"
    if row.last_scan_at:
        return f"scan {around.face.ago(row.last_scan_at)}"
    return f"left {around.face.ago(row.handed_over_at)}, no scan"
