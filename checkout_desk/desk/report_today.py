"""*Today* for a screen on the wall: large figures that renew themselves, and nothing that a visitor may not see."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk import money
from checkout_desk.desk.frame import frame
from checkout_desk.desk.wording import Clockface, precise
from checkout_desk.reports.today import Today, today
from checkout_desk.web.access import requires

blueprint = Blueprint("report_today", __name__, url_prefix="/reports")
SECONDS = 15
"""between two looks; without script the page is loaded anew twice as rarely"""
STATES = {
    "draft": "New", "clarifying": "Asked", "verified": "To quote", "quoted": "Quoted", "paid": "Paid", "packing": "Packing",
}  # fmt: skip
Figure = dict[str, Any]


@blueprint.get("/today")
@requires("reports.read")
def show() -> ResponseReturnValue:
    """The screen; to htmx the figures alone. Asking counts as using the desk: nobody touches a wall."""
    around = frame()
    found, face = today(around.face.now, around.face.zone), around.face
    name = "reports/_today.html" if "HX-Request" in request.headers else "reports/today.html"
    return render_template(
        name, store=around.store.store if around.store else "", at=face.time(face.now), day=face.full(face.now).partition(",")[0],
        waiting_now=_waiting(found, face), shop=_shop(found, face), states=_states(found), alarms=_alarms(found),
        seconds=SECONDS, here=url_for(".show"),
    )  # fmt: skip


def _fig(name: str, value: str, note: str = "", tone: str = "") -> Figure:
    return {"name": name, "value": value, "note": note, "tone": tone}


def _waiting(found: Today, face: Clockface) -> list[Figure]:
    oldest = precise(face.now - found.oldest) if found.oldest else "–"
    return [
        _fig("Open", str(found.open), "conversations"),
        _fig("Due soon", str(found.due_soon), "within 4 hours", "soon" if found.due_soon else ""),
        _fig("Overdue", str(found.overdue), "promises broken" if found.overdue else "every promise holds", "bad" if found.overdue else "good"),
        _fig("Oldest waiting", oldest, "since the customer wrote" if found.oldest else "nobody waits"),
    ]  # fmt: skip


def _shop(found: Today, face: Clockface) -> list[Figure]:
    sums = " + ".join(money.show(minor, currency) for currency, (_, minor) in found.paid.items())
    quotes = sum(n for n, _ in found.paid.values())
    leave = f"by {face.short(found.cut_off)}" if found.cut_off else "no cut-off ahead"
    missed = f"{leave}; {found.missed} missed theirs" if found.missed else leave
    return [
        _fig("Mails in", str(found.since["mails_in"]), "since midnight"),
        _fig("Mails out", str(found.since["mails_out"]), "accepted by a server"),
        _fig("Paid today", sums or "0", f"{quotes} {'order' if quotes == 1 else 'orders'}"),
        _fig("Parcels to leave", str(found.to_leave), missed, "bad" if found.missed else ""),
    ]


def _states(found: Today) -> list[Figure]:
    rows = [_fig(STATES[state], str(n)) for state, n in found.under_way.items()]
    return [*rows, *(_fig(f"{what.capitalize()} today", str(found.since[what])) for what in ("shipped", "delivered"))]  # fmt: skip


def _alarms(found: Today) -> list[str]:
    words = {
        "parcels": ("parcel needs a look", "parcels need a look"),
        "mails": ("mail went wrong", "mails went wrong"),
        "mailboxes": ("mailbox is silent", "mailboxes are silent"),
    }
    return [f"{n} {words[what][n != 1]}" for what, n in found.alarms.items() if n]
