"""One cause of communication errors: its cases with their repairs, whose it is, what was done, and all cases again at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts import sessions
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk import errors
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.events.models import Event
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.incidents import filing, retrying
from checkout_desk.incidents.lifecycle import INCIDENT
from checkout_desk.incidents.models import Incident, IncidentCase, IncidentRetry
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.orders.models import Order
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("error_page", __name__, url_prefix="/errors")

PAGE = 30
HISTORY = 50
TOLD = {
    "incident.seen": "Seen for the first time", "incident.recurred": "Came back", "incident.again": "Happened again",
    "incident.settled": "Every case is right again", "incident.resolve": "Resolved", "incident.reopen": "Opened again",
    "incident.assigned": "Given to", "incident.retried": "Tried again",
}  # fmt: skip


def _load(incident_id: int, *, lock: bool = False) -> Incident:
    found = db.session.get(Incident, incident_id, with_for_update=lock or None, populate_existing=lock)
    return found or abort(404)


@blueprint.get("/<int:incident_id>")
@requires("errors.read")
def show(incident_id: int) -> ResponseReturnValue:
    """The cause, its cases newest first, and its history."""
    return _page(_load(incident_id))


def _page(
    incident: Incident, *, fault: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    around = frame()
    which = request.args.get("cases", "open")
    before = request.args.get("before", type=row_number)
    cases, older = _cases(incident, which, before, around)
    retry = db.session.scalars(
        select(IncidentRetry).where(IncidentRetry.incident_id == incident.id).order_by(IncidentRetry.id.desc()).limit(1)
    ).one_or_none()  # fmt: skip
    may = around.person.may
    here = url_for(".show", incident_id=incident.id)
    context = {
        "e": errors.row_of(incident, errors.affected([incident.id]).get(incident.id, (0, 0)), around),
        "incident": incident, "cases": cases, "fault": fault or {}, "form": request.form, "here": here,
        "which": [{"label": label, "url": f"{here}?cases={key}", "current": key == which} for key, label in (("open", "Open"), ("all", "All"))],
        "next_url": f"{here}?cases={which}&before={older}" if older else None,
        "previous_url": f"{here}?cases={which}" if before else None,
        "history": _history(incident, around), "retry": _progress(retry, around) if retry else None,
        "people": _owners(around), "may_resolve": may("errors.resolve"), "may_repair": may("errors.repair"),
        "may_retry": may("errors.repair") and incident.kind not in retrying.NEVER and bool(incident.unsettled),
        "why_not": retrying.NEVER.get(incident.kind, ""),
        "resolved": f"{around.name(incident.resolved_by_id)}, {around.face.short(incident.resolved_at)}" if incident.resolved_at else "",
        "how_url": url_for("playbook.how", kind="finding", key="error") if may("playbook.read") else "",
    }  # fmt: skip
    return render_template("desk/error.html", **context), status


def _owners(around: Frame) -> list[tuple[Any, str]]:
    rows = [row for row in around.people.values() if row.disabled_at is None]
    return [("", "Nobody yet"), *sorted(((row.id, row.name) for row in rows), key=lambda one: str(one[1]))]


def _cases(
    incident: Incident, which: str, before: int | None, around: Frame
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of cases and the id after which the next one begins."""
    query = (
        select(
            IncidentCase, Message, Conversation.who, Conversation.subject.label("about"), OutboundMail.state,
            OutboundMail.to_address, Order.number, Mailbox.address,
        )
        .outerjoin(Message, Message.id == IncidentCase.message_id)
        .outerjoin(Conversation, Conversation.id == IncidentCase.conversation_id)
        .outerjoin(OutboundMail, OutboundMail.id == IncidentCase.outbound_id)
        .outerjoin(Order, Order.id == IncidentCase.order_id)
        .outerjoin(Mailbox, IncidentCase.about == "mailbox:" + db.cast(Mailbox.id, db.String))
        .where(IncidentCase.incident_id == incident.id)
    )  # fmt: skip
    if which != "all":
        query = query.where(IncidentCase.settled_at.is_(None))
    if before:
        query = query.where(IncidentCase.id < before)
    rows = db.session.execute(query.order_by(IncidentCase.id.desc()).limit(PAGE + 1)).all()
    shown = [_case(row, around) for row in rows[:PAGE]]
    return shown, rows[PAGE - 1][0].id if len(rows) > PAGE else None


def _case(row: Any, around: Frame) -> dict[str, Any]:
    case: IncidentCase = row[0]
    m: Message | None = row[1]
    acts: list[dict[str, Any]] = []
    dealt = m is not None and m.resolved_at is not None
    if case.settled_at is None and not dealt and around.person.may("errors.repair"):
        acts = errors.repairs(m, row.state) if m is not None and m.trouble else []
        if not acts:
            done = url_for(".settle", case_id=case.id)
            acts = [{"label": "Dealt with", "url": done, "method": "post"}]
    by = f", {around.name(case.settled_by_id)}" if case.settled_by_id else ""
    how = f"{case.settled_how}{by}, {around.face.short(case.settled_at)}" if case.settled_at else ""
    waits = row.state in ("queued", "sending") and case.settled_at is None
    return {
        "id": case.id, "title": _title(case, row), "words": m.trouble if m is not None else "", "acts": acts,
        "how": how or ("Dealt with" if dealt else "Being tried again" if waits else ""),
        "links": list(_links(case, row, around)), "when": around.face.short(case.last_at), "iso": case.last_at.isoformat(),
    }  # fmt: skip


def _title(case: IncidentCase, row: Any) -> str:
    if row.who is not None:
        m: Message | None = row[1]
        return f"{row.who}: {(m.subject if m is not None else '') or row.about or '(no subject)'}"
    kind, _, name = case.about.partition(":")
    if row.address:
        return str(row.address)
    if kind in ("provider", "carrier", "mailbox"):
        return f"{kind.capitalize()} {name}"
    return str(row.to_address or f"{kind.replace('_', ' ').capitalize()} {name}".strip() or case.source)


def _links(case: IncidentCase, row: Any, around: Frame) -> Sequence[tuple[str, str]]:
    found = []
    if case.conversation_id:
        anchor = f"#m{case.message_id}" if case.message_id else ""
        found.append(
            ("Conversation", url_for("workspace.show", conversation_id=case.conversation_id) + anchor)
        )
    if case.customer_id:
        found.append(("Customer", url_for("customers.show", customer_id=case.customer_id)))
    if row.number:
        found.append((f"Order {row.number}", url_for("orders_list.show", q=row.number)))
    if case.about.startswith("mailbox:"):
        found.append(("Mailboxes", url_for("mailboxes.show")))
    return found


def _history(incident: Incident, around: Frame) -> list[dict[str, str]]:
    rows = db.session.scalars(
        select(Event)
        .where(Event.subject_type == "incident", Event.subject_id == incident.id)
        .order_by(Event.id.desc())
        .limit(HISTORY)
    )
    found = []
    for event in rows:
        after = event.after or {}
        words = TOLD.get(event.kind, event.kind)
        if event.kind == "incident.assigned":
            words += f" {around.name(after.get('to')) if after.get('to') else 'nobody'}"
        if event.kind == "incident.retried":
            words += f": {after.get('cases')} cases"
        actor = event.actor.removeprefix("person:")
        found.append(
            {
                "words": words,
                "note": str(after.get("note") or ""),
                "who": around.name(int(actor)) if actor.isdigit() else "",
                "when": around.face.short(event.at),
                "iso": event.at.isoformat(),
            }
        )
    return found


def _progress(retry: IncidentRetry, around: Frame) -> dict[str, Any]:
    return {
        "done": retry.done_at is not None, "total": len(retry.cases), "at": retry.gone_through, "tried": retry.tried,
        "left": len(retry.left), "why": sorted({why for _, why in retry.left})[:5],
        "who": around.name(retry.by_id), "when": around.face.short(retry.at),
    }  # fmt: skip


@blueprint.post("/<int:incident_id>/owner")
@requires("errors.resolve")
def own(incident_id: int) -> ResponseReturnValue:
    """It is somebody's from now on, or nobody's."""
    incident = _load(incident_id, lock=True)
    typed = request.form.get("owner", "")
    number = request.form.get("owner", type=row_number)
    person = db.session.get(Person, number) if number else None
    if typed and (person is None or person.disabled_at is not None):
        db.session.rollback()
        wrong = f"“{typed[:20]}” is nobody who works here; choose somebody from the list."
        return _page(_load(incident_id), fault={"owner": wrong}, status=422)
    if incident.owner_id != (person.id if person else None):
        before, incident.owner_id = incident.owner_id, person.id if person else None
        record("incident.assigned", about=incident, before={"to": before}, after={"to": incident.owner_id})
    db.session.commit()
    return redirect(url_for(".show", incident_id=incident_id), 303)


@blueprint.post("/<int:incident_id>/resolve")
@requires("errors.resolve")
def resolve(incident_id: int) -> ResponseReturnValue:
    """Somebody did something about the cause, and says what."""
    incident = _load(incident_id, lock=True)
    try:
        INCIDENT.fire(incident, "resolve", by=sessions.me(), note=request.form.get("note", ""))
    except Refused as refusal:
        db.session.rollback()
        incident = _load(incident_id)
        status = 409 if incident.state == "resolved" else 422
        return _page(incident, fault={"note": str(refusal)}, status=status)
    db.session.commit()
    return redirect(url_for(".show", incident_id=incident_id), 303)


@blueprint.post("/<int:incident_id>/reopen")
@requires("errors.resolve")
def reopen(incident_id: int) -> ResponseReturnValue:
    """It was not resolved after all."""
    incident = _load(incident_id, lock=True)
    try:
        INCIDENT.fire(incident, "reopen", by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(incident_id), fault={"form": str(refusal)}, status=409)
    db.session.commit()
    return redirect(url_for(".show", incident_id=incident_id), 303)


@blueprint.post("/cases/<int:case_id>/settle")
@requires("errors.repair")
def settle(case_id: int) -> ResponseReturnValue:
    """A person dealt with one case in another way."""
    case = db.session.get(IncidentCase, case_id) or abort(404)
    incident = _load(case.incident_id, lock=True)
    filing.count(filing.settle([case.id], "Dealt with", by=sessions.me()))
    record("incident.case_settled", about=incident, after={"case": case_id})
    db.session.commit()
    return redirect(url_for(".show", incident_id=incident.id), 303)


@blueprint.get("/<int:incident_id>/retry")
@requires("errors.repair")
def dry_run(incident_id: int) -> ResponseReturnValue:
    """What would be tried again, and what not and why. Changes nothing."""
    return _plan(_load(incident_id))


def _plan(incident: Incident, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    around = frame()
    chances = retrying.plan(incident)
    rows = [
        {
            "title": f"{one.case.who}: {one.case.subject or '(no subject)'}" if one.case.who else one.case.source,
            "when": around.face.short(one.case.last_at), "iso": one.case.last_at.isoformat(), "why": one.why,
            "url": url_for("workspace.show", conversation_id=one.case.conversation_id) if one.case.conversation_id else "",
        }
        for one in chances
    ]  # fmt: skip
    context = {
        "e": errors.row_of(incident, (0, 0), around), "fault": fault, "most": retrying.MOST,
        "would": [row for row in rows if not row["why"]], "left": [row for row in rows if row["why"]],
        "seen": max((one.case.id for one in chances if not one.why), default=0),
        "same": incident.kind == "unknown", "back_url": url_for(".show", incident_id=incident.id),
    }  # fmt: skip
    return render_template("desk/error_retry.html", **context), status


@blueprint.post("/<int:incident_id>/retry")
@requires("errors.repair")
def retry(incident_id: int) -> ResponseReturnValue:
    """Do what the dry run showed: cases that came after it was looked at are left for the next one."""
    incident = _load(incident_id, lock=True)
    seen = request.form.get("seen", 0, type=row_number)
    ids = [one.case.id for one in retrying.plan(incident) if not one.why and one.case.id <= seen]
    try:
        retrying.begin(incident, ids, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _plan(_load(incident_id), fault=str(refusal), status=409)
    db.session.commit()
    flash("They are being tried again.")
    return redirect(url_for(".show", incident_id=incident_id), 303)
