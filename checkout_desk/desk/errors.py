"""Communication errors: what bounced, failed, may have arrived, or could not be read, each with its repairs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, select

from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("errors", __name__)

PAGE = 30
KINDS: tuple[tuple[str, str, ColumnElement[bool] | None], ...] = (
    ("all", "All", None),
    ("failed", "Not delivered", and_(Message.direction == "out", OutboundMail.state != "unknown")),
    ("unknown", "May have arrived", OutboundMail.state == "unknown"),
    ("unreadable", "Could not be read", Message.kind == "unreadable"),
)


@blueprint.get("/errors")
@requires("errors.read")
def show() -> ResponseReturnValue:
    """Unresolved errors, newest first, by kind."""
    around = frame()
    kind = request.args.get("kind", "all")
    before = request.args.get("before", type=row_number)
    query = (
        select(
            Message,
            Conversation.who,
            Conversation.subject.label("about"),
            OutboundMail.state,
            OutboundMail.response,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(OutboundMail, OutboundMail.id == Message.outbound_id)
        .where(Message.trouble.is_not(None), Message.resolved_at.is_(None))
    )
    condition = next((c for key, _, c in KINDS if key == kind), None)
    if condition is not None:
        query = query.where(condition)
    if before:
        query = query.where(Message.id < before)
    rows = db.session.execute(query.order_by(Message.id.desc()).limit(PAGE + 1)).all()
    more = len(rows) > PAGE
    entries = [_entry(row, repair=around.person.may("errors.repair")) for row in rows[:PAGE]]
    kinds = [
        {
            "label": label,
            "url": url_for("errors.show", kind=key),
            "current": key == kind,
            "n": None,
            "kind": key,
        }
        for key, label, _ in KINDS
    ]
    next_url = url_for("errors.show", kind=kind, before=rows[PAGE - 1][0].id) if more else None
    return render_template(
        "desk/errors.html", kinds=kinds, entries=entries, next_url=next_url, previous_url=None
    )


def _entry(row: Any, *, repair: bool) -> dict[str, Any]:
    m: Message = row[0]
    around = frame()
    unreadable, unknown = m.kind == "unreadable", row.state == "unknown"
    acts: list[dict[str, Any]] = []
    if repair:
        if unreadable:
            acts.append(
                {
                    "label": "Read again",
                    "url": url_for("messages.read_again", message_id=m.id),
                    "method": "post",
                    "primary": True,
                }
            )
        elif m.direction == "out" and row.state not in ("queued", "sending"):
            acts.append(
                {
                    "label": "Fix address",
                    "url": url_for("messages.fix", message_id=m.id),
                    "dialog": True,
                    "primary": True,
                }
            )
            if row.state in ("failed", "unknown"):
                acts.append(
                    {
                        "label": "Send again",
                        "url": url_for("messages.send_again", message_id=m.id),
                        "method": "post",
                    }
                )
        acts.append(
            {"label": "Dealt with", "url": url_for("messages.resolve", message_id=m.id), "method": "post"}
        )
    return {
        "id": m.id, "icon": "file-question" if unreadable else "mail-warning", "tone": "soon" if unknown else "bad",
        "kind": "Could not be read" if unreadable else "May have arrived" if unknown else "Not delivered",
        "title": m.subject or row.about or "(no subject)", "words": m.trouble, "when": around.face.short(m.at), "iso": m.at.isoformat(),
        "conversation": {"title": f"{row.who}: {row.about}", "url": url_for("workspace.show", conversation_id=m.conversation_id) + f"#m{m.id}"}, "acts": acts,
    }  # fmt: skip
