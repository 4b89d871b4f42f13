"""Communication errors by cause: how often, whom they struck, whose they are; and what has not been grouped yet."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, exists, func, or_, select, tuple_

from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.extensions import db
from checkout_desk.incidents.causes import KINDS
from checkout_desk.incidents.models import Incident, IncidentCase
from checkout_desk.mail.models import OutboundMail
from checkout_desk.web import paging
from checkout_desk.web.access import requires

blueprint = Blueprint("errors", __name__)

PAGE = 30
STATES = {"open": "Open", "settled": "Right again", "resolved": "Resolved", "all": "All"}
TONES = {"open": "bad", "settled": "good", "resolved": "good"}


@blueprint.get("/errors")
@requires("errors.read")
def show() -> ResponseReturnValue:
    """The causes, those seen last first, by state and kind."""
    around = frame()
    state, kind = request.args.get("state", "open"), request.args.get("kind", "all")
    state, kind = state if state in STATES else "open", kind if kind in KINDS else "all"
    after = paging.decode(request.args.get("after"))
    query = select(Incident)
    if state != "all":
        query = query.where(Incident.state == state)
    if kind != "all":
        query = query.where(Incident.kind == kind)
    if after:
        query = query.where(tuple_(Incident.last_seen_at, Incident.id) < after)
    rows = db.session.scalars(
        query.order_by(Incident.last_seen_at.desc(), Incident.id.desc()).limit(PAGE + 1)
    ).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    struck = affected([row.id for row in rows[:PAGE]])
    kinds = [("all", "All"), *((key, words[0]) for key, words in KINDS.items())]
    context = {
        "groups": [row_of(row, struck.get(row.id, (0, 0)), around) for row in rows[:PAGE]],
        "entries": _ungrouped(kind) if state in ("open", "all") and not after else [],
        "states": [
            {"label": label, "url": url_for(".show", state=key, kind=kind), "current": key == state}
            for key, label in STATES.items()
        ],
        "kinds": [
            {"label": label, "url": url_for(".show", state=state, kind=key), "current": key == kind}
            for key, label in kinds
        ],
        "state": state,
        "next_url": url_for(".show", state=state, kind=kind, after=paging.encode(last.last_seen_at, last.id)) if last else None,
        "previous_url": url_for(".show", state=state, kind=kind) if after else None,
        "how_url": url_for("playbook.how", kind="finding", key="error") if around.person.may("playbook.read") else "",
    }  # fmt: skip
    return render_template("desk/errors.html", **context)


def affected(incident_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Incident -> (orders, customers) that its cases struck. One query."""
    orders = func.count(IncidentCase.order_id.distinct())
    customers = func.count(IncidentCase.customer_id.distinct())
    rows = db.session.execute(
        select(IncidentCase.incident_id, orders, customers)
        .where(IncidentCase.incident_id.in_(incident_ids))
        .group_by(IncidentCase.incident_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def row_of(incident: Incident, struck: tuple[int, int], around: Frame) -> dict[str, Any]:
    """What the list and the page of a cause show of it."""
    title, icon, tone = KINDS[incident.kind]
    return {
        "id": incident.id, "kind": title, "icon": icon, "tone": tone if incident.state == "open" else "",
        "words": incident.words, "state": STATES[incident.state], "state_tone": TONES[incident.state],
        "first": around.face.short(incident.first_seen_at), "first_iso": incident.first_seen_at.isoformat(),
        "last": around.face.short(incident.last_seen_at), "last_iso": incident.last_seen_at.isoformat(),
        "cases": incident.cases, "unsettled": incident.unsettled, "orders": struck[0], "customers": struck[1],
        "owner": around.name(incident.owner_id) if incident.owner_id else "", "reopened": incident.reopened,
        "url": url_for("error_page.show", incident_id=incident.id),
    }  # fmt: skip


def _ungrouped(kind: str) -> list[dict[str, Any]]:
    """Messages in trouble that the clock has not looked at yet: what has just happened is never missing."""
    if kind not in ("all", "failed", "bounced", "unknown", "unreadable"):
        return []
    grouped = exists().where(
        IncidentCase.message_id == Message.id,
        or_(IncidentCase.settled_at.is_(None), IncidentCase.settled_by_id.is_not(None)),
    )
    query = (
        select(
            Message,
            Conversation.who,
            Conversation.subject.label("about"),
            OutboundMail.state,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(OutboundMail, OutboundMail.id == Message.outbound_id)
        .where(Message.trouble.is_not(None), Message.resolved_at.is_(None), ~grouped)
    )
    unknown = OutboundMail.state == "unknown"
    if kind in ("failed", "bounced"):
        query = query.where(and_(Message.direction == "out", ~unknown))
    elif kind == "unknown":
        query = query.where(unknown)
    elif kind == "unreadable":
        query = query.where(Message.kind == "unreadable")
    rows = db.session.execute(query.order_by(Message.id.desc()).limit(PAGE)).all()
    repair = frame().person.may("errors.repair")
    return [entry(row[0], row, repair=repair) for row in rows]


def entry(m: Message, row: Any, *, repair: bool) -> dict[str, Any]:
    """A message in trouble with its repairs; `row` has who, about and the state of its mail."""
    around = frame()
    unreadable, unknown = m.kind == "unreadable", row.state == "unknown"
    return {
        "id": m.id, "icon": "file-question" if unreadable else "mail-warning", "tone": "soon" if unknown else "bad",
        "kind": "Could not be read" if unreadable else "May have arrived" if unknown else "Not delivered",
        "title": m.subject or row.about or "(no subject)", "words": m.trouble, "when": around.face.short(m.at), "iso": m.at.isoformat(),
        "conversation": {"title": f"{row.who}: {row.about}", "url": url_for("workspace.show", conversation_id=m.conversation_id) + f"#m{m.id}"},
        "acts": repairs(m, row.state) if repair else [],
    }  # fmt: skip


def repairs(m: Message, mail_state: str | None) -> list[dict[str, Any]]:
    """What a person can do about one message in trouble."""
    done = {
        "label": "Dealt with", "url": url_for("messages.resolve", message_id=m.id), "method": "post",
    }  # fmt: skip
    if m.kind == "unreadable":
        again = url_for("messages.read_again", message_id=m.id)
        return [{"label": "Read again", "url": again, "method": "post", "primary": True}, done]
    acts: list[dict[str, Any]] = []
    if m.direction == "out" and mail_state not in ("queued", "sending"):
        fix = url_for("messages.fix", message_id=m.id)
        acts.append({"label": "Fix address", "url": fix, "dialog": True, "primary": True})
        if mail_state in ("failed", "unknown"):
            again = url_for("messages.send_again", message_id=m.id)
            acts.append({"label": "Send again", "url": again, "method": "post"})
    return [*acts, done]
