"""Mailbox health: last contact, last mail, the usual gap, and the balance that proves that nothing is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from checkout_desk.desk.frame import frame
from checkout_desk.desk.wording import span
from checkout_desk.extensions import db
from checkout_desk.mail import health
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.web.access import requires

blueprint = Blueprint("mailboxes", __name__)


@blueprint.get("/mailboxes")
@requires("mailboxes.read")
def show() -> ResponseReturnValue:
    """Every mailbox and the outbox; asked again every fifteen seconds."""
    boxes = db.session.scalars(select(Mailbox).order_by(Mailbox.address)).all()
    return render_template(
        "desk/mailboxes.html", boxes=[_box(box) for box in boxes], outbox=_outbox(), poll_url=url_for("mailboxes.show"),
        can_check=False, add_url=url_for("mailbox_setup.add") if _may_change() else None,
    )  # fmt: skip


def _may_change() -> bool:
    return frame().person.may("mailboxes.write")


def _box(box: Mailbox) -> dict[str, Any]:
    face = frame().face
    tone, state, icon, detail = _state(box)
    door = "IMAP" if box.imap_host else "HTTP" if box.hook_secret else "LMTP, HTTP or import"
    return {
        "name": box.display_name or box.address, "address": box.address, "door": door, "tone": tone, "state": state, "icon": icon,
        "detail": detail, "last_contact": face.ago(box.last_contact_at) if box.last_contact_at else None,
        "last_mail": face.ago(box.last_mail_at) if box.last_mail_at else None,
        "usual_gap": span(timedelta(seconds=box.usual_gap_seconds)) if box.usual_gap_seconds else None, "next_try": None,
        "balance": _balance(box), "sends": f"Sends through {box.smtp_host}" if box.smtp_host else "", "check_url": None,
        "change_url": url_for("mailbox_setup.show", mailbox_id=box.id) if _may_change() else None,
    }  # fmt: skip


def _state(box: Mailbox) -> tuple[str, str, str, str]:
    if not box.enabled:
        return "soon", "switched off", "ban", ""
    if box.last_fault:
        return "bad", "needs a look", "circle-alert", box.last_fault
    if box.imap_host and box.last_contact_at is None:
        return "soon", "not read yet", "clock", ""
    words = health.silent(box, frame().face.now)
    if words:
        return "bad", "silent", "circle-alert", words
    return "good", "all well", "circle-check", ""


def _balance(box: Mailbox) -> dict[str, Any] | None:
    folders = health.balance(box.id)
    if not folders:
        return None
    server, stored = sum(f.server for f in folders), sum(f.stored for f in folders)
    duplicate, quarantined = sum(f.duplicate for f in folders), sum(f.quarantined for f in folders)
    return {
        "server": server,
        "stored": stored,
        "duplicate": duplicate,
        "quarantined": quarantined,
        "difference": sum(f.missing for f in folders),
        "checked": frame().face.ago(box.last_contact_at) if box.last_contact_at else None,
    }


def _outbox() -> dict[str, Any]:
    face, o = frame().face, OutboundMail
    midnight = face.now.astimezone(face.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    waiting = db.session.execute(
        select(func.count(), func.min(o.id)).where(o.state.in_(("queued", "sending")))
    ).one()
    oldest = db.session.get(o, waiting[1]) if waiting[1] else None
    counted: dict[str, int] = {
        row[0]: row[1]
        for row in db.session.execute(
            select(o.state, func.count()).where(o.state.in_(("failed", "unknown"))).group_by(o.state)
        )
    }
    sent = db.session.scalar(select(func.count()).where(o.state == "sent", o.sent_at >= midnight))
    return {
        "waiting": waiting[0],
        "oldest": face.ago(oldest.queued_at) if oldest else None,
        "sent_today": sent or 0,
        "failed": counted.get("failed", 0),
        "unknown": counted.get("unknown", 0),
        "url": url_for("errors.show"),
    }
