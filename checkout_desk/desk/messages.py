"""One message: as text, as sent, as source; its files; its repairs; the conversations that it may belong to."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts import sessions
from checkout_desk.conversations import checking, drafting, relocating, sending, troubling
from checkout_desk.conversations.models import Attachment, Conversation, Message, PossibleMatch
from checkout_desk.desk import discretion, order_panel, thread, thread_rows
from checkout_desk.desk.acts import form_page
from checkout_desk.desk.asking import Wrong
from checkout_desk.desk.frame import frame
from checkout_desk.desk.sources import digest, source
from checkout_desk.desk.workspace import answer, head, load, page_url
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake import sweeping
from checkout_desk.lifecycle import Refused
from checkout_desk.mail import outbox
from checkout_desk.mail.html import document, frame_policy, sanitise
from checkout_desk.mail.models import OutboundMail
from checkout_desk.mail.receiving import blobs
from checkout_desk.web.access import requires

blueprint = Blueprint("messages", __name__)

MAX_PICTURES = 6 * 2**20
"""bytes of a mail's own pictures that are shown inside it"""
IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_ERRORS = re.compile(r"(?:/[\w-]+)*/errors(?:/\d+)?")
_CID = re.compile(r'src="cid:([^"]{1,254})"')


def _message(message_id: int) -> Message:
    return db.session.get(Message, message_id) or abort(404)


@blueprint.get("/messages/<int:message_id>")
@requires("conversations.read")
def show(message_id: int) -> ResponseReturnValue:
    """The message as `view` text, html (as it was sent) or original; without script on its conversation's page."""
    m = _message(message_id)
    view = request.args.get("view", "text")
    if view not in ("text", "html", "original"):
        abort(404)
    if view == "original" and not frame().person.may("originals.read"):
        abort(403)
    if view == "html" and not discretion.sees(frame().person):
        abort(403)
    if not request.headers.get("HX-Request"):
        place: dict[str, Any] = {} if view == "text" else {"m": m.id, "as": view}
        images: dict[str, Any] = {"images": 1} if request.args.get("images") else {}
        return redirect(
            url_for("workspace.show", conversation_id=m.conversation_id, **place, **images) + f"#m{m.id}"
        )
    c = load(m.conversation_id)
    row = thread_rows.one(m.id)
    files = list(
        db.session.scalars(select(Attachment).where(Attachment.message_id == m.id).order_by(Attachment.id))
    )
    marks = order_panel.beside(c, frame()).marks.get(m.id, ()) if view == "text" else ()
    item = thread.message(c, row, frame(), files=files, matches=[], view=view, marks=marks)
    if request.args.get("images"):
        item["frame_url"] = url_for("messages.framed", message_id=m.id, images=1)
    if view == "original":
        item["source"] = source(m)
    return render_template("desk/_message.html", m=item, c=head(c, frame()))


@blueprint.get("/messages/<int:message_id>/frame")
@requires("conversations.read")
def framed(message_id: int) -> ResponseReturnValue:
    """The cleaned HTML for the sandboxed frame, under a policy of its own; remote images only when asked (`images`).
    Whoever sees no payment details reads the text alone."""
    m = _message(message_id)
    if not discretion.sees(sessions.who()):
        abort(403)
    images = bool(request.args.get("images"))
    html = m.html or ""
    if images and m.raw_id:
        # Here and below: what reads mail is loaded by the few requests that read one, not by every web process.
        from checkout_desk.intake.understanding import own_pictures
        from checkout_desk.mail.parsing import parse

        held = digest(m)
        if held and not blobs().sealed(held):
            letter = parse(blobs().get(held))
            html = sanitise(letter.html, cid_urls=own_pictures(letter), remote_images=True).html
    response = Response(document(_with_pictures(m, html)))
    response.headers["Content-Security-Policy"] = frame_policy(remote_images=images)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _with_pictures(m: Message, html: str) -> str:
    """The mail's own pictures (cid:) written into the page: the sandboxed frame has no cookie to fetch them with."""
    wanted = set(_CID.findall(html))
    found: dict[str, str] = {}
    room = MAX_PICTURES
    for a in db.session.scalars(
        select(Attachment).where(Attachment.message_id == m.id, Attachment.content_id.in_(wanted))
    ):
        if a.content_type.lower() in IMAGES and a.size <= room:
            room -= a.size
            found[a.content_id] = (
                f"data:{a.content_type.lower()};base64,{base64.b64encode(blobs().get(a.sha256)).decode()}"
            )
    return _CID.sub(lambda match: f'src="{found[match[1]]}"' if match[1] in found else "", html)


@blueprint.get("/messages/<int:message_id>/raw")
@requires("originals.read")
def raw(message_id: int) -> ResponseReturnValue:
    """The mail exactly as it came or left, as a download; opening a sealed one is recorded first."""
    m = _message(message_id)
    held = digest(m) or abort(404)
    if blobs().sealed(held):
        db.session.rollback()
        begin_write()
        record("original.opened", about=("message", message_id), after={"sealed": True})
        db.session.commit()
    return _download(blobs().get(held), f"message-{message_id}.eml", "message/rfc822")


@blueprint.get("/attachments/<int:attachment_id>")
@requires("conversations.read")
def attachment(attachment_id: int) -> ResponseReturnValue:
    """An attached file, always as a download and never rendered here."""
    a = db.session.get(Attachment, attachment_id) or abort(404)
    if a.message_id is None:
        abort(404)
    if _message(a.message_id).direction == "out" and not discretion.sees(sessions.who()):
        abort(403)  # what the store sends along are papers of money
    return _download(blobs().get(a.sha256), a.filename, "application/octet-stream")


def _download(data: bytes, name: str, content_type: str) -> Response:
    response = Response(data, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.post("/messages/<int:message_id>/send-again")
@requires("errors.repair")
def send_again(message_id: int) -> ResponseReturnValue:
    """Try the same bytes with the same Message-ID once more."""
    m = _message(message_id)
    c = load(m.conversation_id)
    if m.outbound_id is None or not outbox.retry(m.outbound_id):
        return _refused(c, "This mail is on its way already or has arrived.")
    troubling.resolve(c, m, at=clock.now())
    m.trouble = None
    db.session.commit()
    return answer(load(c.id))


@blueprint.post("/messages/<int:message_id>/read-again")
@requires("errors.repair")
def read_again(message_id: int) -> ResponseReturnValue:
    """Let the workers read an unreadable mail once more."""
    m = _message(message_id)
    if m.raw_id is None or m.kind != "unreadable":
        abort(404)
    c = load(m.conversation_id)
    sweeping.retry(m.raw_id, at=clock.now())
    db.session.commit()
    return answer(load(c.id))


@blueprint.post("/messages/<int:message_id>/resolve")
@requires("errors.repair")
def resolve(message_id: int) -> ResponseReturnValue:
    """A person dealt with what went wrong."""
    m = _message(message_id)
    c = load(m.conversation_id)
    troubling.resolve(c, m, at=clock.now())
    db.session.commit()
    came = urlsplit(request.referrer or "").path
    if _ERRORS.fullmatch(came) and not request.headers.get("HX-Request"):
        return redirect(came, code=303)
    return answer(load(c.id))


@blueprint.get("/messages/<int:message_id>/fix")
@requires("errors.repair")
def fix(message_id: int) -> ResponseReturnValue:
    """The form that sends a failed mail's text to a corrected address."""
    m = _message(message_id)
    return _fix_form(m, ", ".join(email for email, _ in (m.recipients or {}).get("to", [])), {})


@blueprint.post("/messages/<int:message_id>/fix")
@requires("errors.repair")
def fix_now(message_id: int) -> ResponseReturnValue:
    """Write the same text to the corrected address, with the same files: a new mail, by the ordinary way."""
    m, around = _message(message_id), frame()
    c = load(m.conversation_id)
    to, fault = checking.recipients(request.form.get("to", ""))
    try:
        _not_under_way(m)
        if fault or not to:
            raise Wrong({"to": fault or "Type the right address, such as ann@example.com."})
        kind = "forward" if m.kind == "forward" else "reply"
        if drafting.find(c, person_id=around.person.id, kind=kind):
            raise Wrong({"form": "You have a draft open in this conversation; send or discard it first."})
        text, about = drafting.typed_as(m)
        again = drafting.Written(to=request.form["to"], subject=m.subject, text=text)
        draft = drafting.save(
            c, person_id=around.person.id, kind=kind, written=again, based_on_id=c.last_inbound_id
        )
        draft.about_id = about
        drafting.copy_files(draft, drafting.files_of(m))
        sending.send(c, draft, by=sessions.me(), after="wait", confirmed=True)
        troubling.resolve(c, m, at=clock.now())
        db.session.commit()
    except Wrong as wrong:
        db.session.rollback()
        return _fix_form(_message(message_id), request.form.get("to", ""), dict(wrong.fields), status=422)
    except sending.Stopped as stop:
        db.session.rollback()
        return _fix_form(
            _message(message_id),
            request.form.get("to", ""),
            {"form": " ".join(stop.fields.values()) or "The customer wrote again; read it first."},
            status=409,
        )
    return answer(load(c.id))


def _not_under_way(m: Message) -> None:
    """Raises Wrong while the desk itself still tries: the customer would have the mail twice."""
    if m.outbound_id is None:
        abort(404)
    row = db.session.get_one(OutboundMail, m.outbound_id, with_for_update=True, populate_existing=True)
    if row.state in ("queued", "sending"):
        raise Wrong({"form": "The desk is still trying to deliver this mail; wait until that has ended."})


def _fix_form(m: Message, typed: str, errors: dict[str, str], *, status: int = 200) -> ResponseReturnValue:
    c = load(m.conversation_id)
    context: dict[str, Any] = {
        "act": {"key": "fix", "title": "Fix the address", "text": "The same words go to the corrected address as a new mail.", "label": "Send", "action": url_for("messages.fix_now", message_id=m.id)},
        "fields": [{"kind": "text", "name": "to", "label": "To", "value": typed}], "errors": errors, "c": head(c, frame()), "back_url": page_url(c.id),
    }  # fmt: skip
    return form_page(context, status=status)


@blueprint.post("/matches/<int:match_id>/join")
@requires("conversations.write")
def join(match_id: int) -> ResponseReturnValue:
    """The message does belong there: its conversation is merged into the other one."""
    match = db.session.get(PossibleMatch, match_id) or abort(404)
    m = _message(match.message_id)
    source, into = load(m.conversation_id), load(match.conversation_id)
    try:
        relocating.merge(source, into=into, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _refused(load(m.conversation_id), str(refusal))
    if match in db.session:
        match.resolved_at = clock.now()
    db.session.commit()
    return answer(load(into.id))


@blueprint.post("/matches/<int:match_id>/dismiss")
@requires("conversations.write")
def dismiss(match_id: int) -> ResponseReturnValue:
    """The message does not belong there."""
    match = db.session.get(PossibleMatch, match_id) or abort(404)
    m = _message(match.message_id)
    match.resolved_at = clock.now()
    record("match.dismissed", about=("message", m.id), after={"conversation": match.conversation_id})
    db.session.commit()
    return answer(load(m.conversation_id))


def _refused(c: Conversation, sentence: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return answer(c, status=409, toast_text=sentence, tone="bad", with_toast=True)
    flash(sentence, "error")
    return redirect(page_url(c.id), code=303)
