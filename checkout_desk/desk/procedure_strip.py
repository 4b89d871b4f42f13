"""The procedure of one order: which step was done, by whom, when, with what evidence, and where it was left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from checkout_desk.desk import order_answers, ordering
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.paths import path
from checkout_desk.orders.models import Order
from checkout_desk.reports import conformance
from checkout_desk.reports.stages import DONE, NEEDLESS, OPEN, Ref, Stage
from checkout_desk.web.access import requires

blueprint = Blueprint("procedure", __name__)
STATES = {
    DONE: "done", OPEN: "not yet", NEEDLESS: "not needed", "late": "late", "skipped": "skipped", "repeated": "repeated",
}  # fmt: skip
HOLES = {
    DONE: "is-done",
    NEEDLESS: "is-needless",
    "late": "is-late",
    "skipped": "is-late",
    "repeated": "is-late",
}
NAMES = {
    "message": "Mail", "quote": "Quote", "payment": "Payment", "movement": "Stock", "parcel": "Parcel", "return": "Return",
    "record": "Record",
}  # fmt: skip
MOST = 3
"""how many pieces of evidence a step shows"""


@blueprint.get("/orders/<int:number>/procedure")
@requires("orders.read")
def show(number: int) -> ResponseReturnValue:
    """Every step with its evidence: a page, or a dialog for htmx; with `part=strip` the holes of the panel alone."""
    order = ordering.found(number)
    around = frame()
    stages = conformance.strip(order)
    part = request.args.get("part") == "strip"
    if part and request.headers.get("HX-Request"):
        return render_template("orders/_procedure.html", strip=strip(order, stages))
    page = not request.headers.get("HX-Request")
    return render_template(
        "orders/procedure.html" if page else "orders/_steps_done.html",
        number=number, rows=[_row(one, order, around) for one in stages], page=page,
        back_url=order_answers.address(order), strip=strip(order, stages), playbook=around.person.may("playbook.read"),
    )  # fmt: skip


def strip(order: Order, stages: Iterable[Stage]) -> dict[str, Any]:
    """The seventeen holes and the words beside them."""
    here = [one for one in stages if one.step.code[0] == "A"]
    now = next((one.step for one in here if one.state == OPEN), None)
    wrong = sum(bool(one.faults) for one in here)
    url = path("procedure.show", number=order.number)
    words = f"step {now.code} of A17, {now.name.lower()}" if now else "all steps are over"
    return {
        "words": words + (f", {wrong} not as it should be" if wrong else ""), "url": url,
        "holes": [
            {
                "n": one.step.number, "current": one.step is now,
                "hole": HOLES.get(one.state, "is-now" if one.step is now else ""),
                "title": f"{one.step.code} {one.step.name}: {STATES[one.state]}{f', {one.words}' if one.words else ''}",
            }
            for one in here
        ],
    }  # fmt: skip


def _row(one: Stage, order: Order, around: Frame) -> dict[str, Any]:
    """One step as the list shows it."""
    told = [STATES[fault] for fault in one.faults] or [STATES[one.state]]
    return {
        "code": one.step.code, "name": one.step.name, "says": one.step.says, "state": " and ".join(told),
        "tone": {"skipped": "bad", "late": "soon", "repeated": "soon", DONE: "good"}.get(one.state, ""),
        "words": one.words, "who": who(one.by, around), "when": around.face.short(one.at) if one.at else "",
        "iso": one.at.isoformat() if one.at else "",
        "evidence": list(filter(None, (evidence(ref, order, around) for ref in one.evidence[:MOST]))),
    }  # fmt: skip


def who(actor: str, around: Frame) -> str:
    """The actor of a stage for people."""
    kind, _, number = actor.partition(":")
    if kind == "person" and number.isdigit():
        return around.name(int(number))
    return {"desk": "the desk", "customer": "the customer", "carrier": "the carrier"}.get(kind, "")


def evidence(ref: Ref, order: Order, around: Frame) -> dict[str, str] | None:
    """Where a piece of evidence is opened; None where this person may not."""
    kind, key = ref
    may = around.person.may
    if kind == "message":
        base = path("workspace.show", conversation_id=order.conversation_id) if order.conversation_id else ""
        url = f"{base}?order={order.number}#m{key}" if base else ""
    elif kind == "quote":
        url = path("quotes.show", number=order.number, version=key)
    elif kind == "payment":
        url = f"{path('payments.show', kind='done')}#p{key}" if may("payments.read") else ""
    elif kind == "movement":
        url = path("catalogue.show", product_id=key) if may("catalogue.read") else ""
    elif kind == "parcel":
        url = path("parcel.show", parcel_id=key) if may("shipping.read") else ""
    elif kind == "return":
        url = path("return_page.show", return_id=key) if may("returns.read") else ""
    else:
        url = path("ordering.record", number=order.number)
    return (
        {"words": NAMES[kind] + (f" {order.number}-Q{key}" if kind == "quote" else ""), "url": url}
        if url
        else None
    )
