"""The template studio: every mail that the desk writes, its versions and languages, and how it looks on a real order."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.correspondence import comparing, templates, versions
from checkout_desk.correspondence.kinds import KINDS, PLACEHOLDERS
from checkout_desk.correspondence.rendering import Unfilled
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.versions import Faulty, Version
from checkout_desk.desk import template_preview
from checkout_desk.desk.frame import frame
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("studio", __name__, url_prefix="/templates")

WIDTHS = (("wide", "Wide"), ("phone", "Phone, 390 px"))
SCHEMES = (("light", "Light"), ("dark", "Dark"))
PARTS = (("html", "HTML"), ("text", "Text"))
STATES = {
    "in use": ("good", "circle-check", "In use"),
    "draft": ("soon", "pencil-line", "Draft"),
    "scheduled": ("theirs", "clock", "Scheduled"),
    "earlier": ("", "history", "Earlier"),
}


@blueprint.get("")
@requires("templates.read")
def everything() -> str:
    """Every template with its languages: which version is in use, and who wrote it."""
    own = templates.all_in_use()
    rows = [
        {
            "title": kind.title,
            "when": kind.when,
            "languages": [_cell(key, code, own) for code in LANGUAGES],
            "url": url_for(".show", key=key, language="en"),
        }
        for key, kind in KINDS.items()
    ]
    return render_template("studio/list.html", rows=rows, languages=[one.name for one in LANGUAGES.values()])


def _cell(key: str, code: str, own: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    row = own.get((key, code))
    there = row is not None or key in LANGUAGES[code].templates
    return {
        "code": code,
        "name": LANGUAGES[code].name,
        "number": row.number if row else 1 if there else None,
        "by": frame().name(row.created_by_id) if row else "",
        "url": url_for(".show", key=key, language=code),
    }


@blueprint.get("/<key>/<language>")
@requires("templates.read")
def show(key: str, language: str) -> str:
    """One template in one language: its words, its versions, and a preview. `version` begins with another one's words,
    `compare` shows what that one changed against the one in use (or `with`)."""
    found = _history(key, language)
    number = request.args.get("version", type=row_number)
    begun = next((one for one in found if one.number == number), None) or _current(found)
    words = begun or _fallback(key, language)
    return _page(key, language, found, {"subject": words.subject, "body": words.body}, based_on=begun)


@blueprint.post("/<key>/<language>/preview")
@requires("templates.read", writes=False)
def preview(key: str, language: str) -> str:
    """The preview beside the editor, for what is typed (htmx)."""
    _known(key, language)
    return render_template("studio/_preview.html", preview=_preview(key, language, request.form))


@blueprint.get("/frame")
@requires("templates.read")
def framed() -> Response:
    """The mail inside the sandboxed frame, under a policy of its own."""
    try:
        html = template_preview.document(
            request.args.get("w", "")[:20_000], scheme=request.args.get("scheme", "")
        )
    except LookupError as fault:
        abort(404, str(fault))
    except Unfilled as fault:
        abort(422, str(fault))
    response = Response(html)
    response.headers["Content-Security-Policy"] = template_preview.POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/<key>/<language>")
@requires("templates.write")
def save(key: str, language: str) -> ResponseReturnValue:
    """Save what is typed as a draft, send it to oneself as a test, or (`act` preview) only look at it."""
    found = _history(key, language)
    typed = {name: request.form.get(name, "")[:20_000] for name in ("subject", "body")}
    based_on = request.form.get("based_on", type=row_number)
    begun = next((one for one in found if one.number == based_on), None)
    act = request.form.get("act", "save")
    if act == "preview":
        return _page(key, language, found, typed, based_on=begun)
    try:
        if act == "test":
            return _test(key, language, found, typed, begun)
        row = versions.save(
            key, language, subject=typed["subject"], body=typed["body"], based_on=based_on,
            newest=request.form.get("newest", type=row_number), by=sessions.me(),
        )  # fmt: skip
    except Faulty as fault:
        db.session.rollback()
        return _page(key, language, found, typed, based_on=begun, errors=fault.fields), 422
    except Refused as fault:
        db.session.rollback()
        return _page(
            key, language, _history(key, language), typed, based_on=begun, errors={"form": str(fault)}
        ), 409
    number = row.number
    db.session.commit()
    flash(f"Version {number} is saved as a draft; customers get it once it is approved.")
    return redirect(url_for(".show", key=key, language=language, version=number), 303)


def _test(
    key: str, language: str, found: list[Version], typed: dict[str, str], begun: Version | None
) -> ResponseReturnValue:
    order = template_preview.order_of(request.form.get("order", ""))
    try:
        made = template_preview.sample(key, language, typed["subject"], typed["body"], order)
    except Unfilled as fault:
        raise Faulty({"body": str(fault)}) from None
    me = sessions.me()
    mail = template_preview.send_test(key, language, made, to=me, token=request.form.get("token", ""))
    record("template.tested", about=mail, after={"template": f"{key}:{language}"})
    db.session.commit()
    flash(f"The test mail to {me.email} is in the outbox.")
    return _page(key, language, found, typed, based_on=begun)


@blueprint.post("/<key>/<language>/<int:number>")
@requires("templates.write")
def act(key: str, language: str, number: int) -> ResponseReturnValue:
    """Approve a version (now, or from a time on), hold back one that has not begun, or bring an old text back."""
    found = _history(key, language)
    by = sessions.me()
    at = request.form.get("effective_from", "").strip()
    try:
        match request.form.get("act", ""):
            case "approve":
                row = versions.approve(key, language, number, at=_time(at), by=by)
                said = f"Version {number} is in use from now on." if not at else (
                    f"Version {number} is in use from {frame().face.full(templates.began(row))} on."
                )  # fmt: skip
            case "hold_back":
                versions.hold_back(key, language, number, by=by)
                said = f"Version {number} is a draft again."
            case "bring_back":
                row = versions.bring_back(key, language, number, by=by)
                said = f"The words of version {number} are in use again, as version {row.number}."
            case _:
                abort(400)
    except Faulty as fault:
        db.session.rollback()
        return _again(key, language, found, number, fault.fields, at), 422
    except Refused as fault:
        db.session.rollback()
        return _again(key, language, _history(key, language), number, {"form": str(fault)}, at), 409
    db.session.commit()
    flash(said)
    return redirect(url_for(".show", key=key, language=language), 303)


def _again(
    key: str, language: str, found: list[Version], number: int, errors: Mapping[str, str], at: str
) -> str:
    one = next((each for each in found if each.number == number), None) or _current(found)
    words = one or _fallback(key, language)
    typed = {"subject": words.subject, "body": words.body, "effective_from": at}
    return _page(key, language, found, typed, based_on=one, errors=errors)


def _time(text: str) -> datetime | None:
    """A moment as the browser's field sends it, where the store is. Raises Faulty."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=frame().face.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Faulty(
            {"effective_from": f"“{text[:40]}” is no time; type one such as 2026-12-01T09:00."}
        ) from None


def _page(
    key: str,
    language: str,
    found: list[Version],
    typed: dict[str, str],
    *,
    based_on: Version | None,
    errors: Mapping[str, str] | None = None,
) -> str:
    kind = KINDS[key]
    given = {**request.args, **request.form.to_dict()}
    return render_template(
        "studio/show.html",
        key=key,
        kind=kind,
        language=language,
        language_name=LANGUAGES[language].name,
        form=typed,
        errors=dict(errors or {}),
        based_on=based_on,
        newest=found[0].number if found else 0,
        token=secrets.token_urlsafe(12),
        versions=[_version(one) for one in found],
        missing=_fallback(key, language) if not _current(found) else None,
        tabs=[_tab(key, code, language) for code in LANGUAGES],
        help=[(name, PLACEHOLDERS[name], name in kind.required, name in kind.spare) for name in kind.known],
        may_write=sessions.who().may("templates.write"),
        compared=_compared(found, given),
        preview=_preview(key, language, {**given, **typed}),
        widths=WIDTHS,
        schemes=SCHEMES,
        parts=PARTS,
    )


def _tab(key: str, code: str, language: str) -> dict[str, Any]:
    label = LANGUAGES[code].name
    return {"label": label, "url": url_for(".show", key=key, language=code), "current": code == language}


def _version(one: Version) -> dict[str, Any]:
    tone, icon, label = STATES[one.state]
    row, face = one.row, frame().face
    began = row.effective_from if row else None
    return {
        "number": one.number,
        "state": one.state,
        "pill": (label, tone, icon),
        "by": frame().name(row.created_by_id) if row else "",
        "when": face.short(row.created_at) if row else "",
        "approved": f"approved by {frame().name(row.approved_by_id)}" if row and row.approved_by_id else "",
        "from": face.short(began) if began else "",
        "based_on": row.based_on if row else None,
        "subject": one.subject,
    }


def _compared(found: list[Version], given: Mapping[str, str]) -> dict[str, Any] | None:
    """What one version says differently from another, for `compare` and `with` of the address."""
    by_number = {str(one.number): one for one in found}
    new = by_number.get(given.get("compare", ""))
    if new is None:
        return None
    old = by_number.get(given.get("with", ""))
    if old is None:
        base = new.row.based_on if new.row else None
        old = by_number.get(str(base)) or _current(found)
    if old is None or old is new:
        return None
    return {
        "old": old.number,
        "new": new.number,
        "subject": comparing.by_word(old.subject, new.subject),
        "body": comparing.by_word(old.body, new.body),
    }


def _preview(key: str, language: str, given: Mapping[str, str]) -> dict[str, Any]:
    """What _preview.html shows: the choices, and the frame or the sentence that says why there is none."""
    chosen = {
        "order": given.get("order", "")[:12],
        "width": given.get("width") if given.get("width") in dict(WIDTHS) else "wide",
        "scheme": given.get("scheme") if given.get("scheme") in dict(SCHEMES) else "light",
        "part": given.get("part") if given.get("part") in dict(PARTS) else "html",
    }
    subject, body = given.get("subject", "")[:20_000], given.get("body", "")[:20_000]
    order = template_preview.order_of(str(chosen["order"]))
    said: dict[str, Any] = {
        **chosen,
        "number": order.number if order else None,
        "fault": "",
        "order_fault": "",
    }
    if order is None and str(chosen["order"]).strip():
        said["order_fault"] = f"There is no order {chosen['order']}; type the number of one, or nothing."
    try:
        made = template_preview.sample(key, language, subject, body, order)
    except Unfilled as fault:
        return {**said, "fault": str(fault)}
    said |= {"subject": made.mail.subject, "text": made.text, "examples": made.examples}
    frame_at = template_preview.address(
        key, language, subject, body, order=str(chosen["order"]), scheme=str(chosen["scheme"])
    )
    return {**said, "frame_url": f"{url_for('.framed')}?{urlencode(frame_at)}"}


def _history(key: str, language: str) -> list[Version]:
    _known(key, language)
    return versions.history(key, language)


def _known(key: str, language: str) -> None:
    if key not in KINDS or language not in LANGUAGES:
        abort(404, "There is no such template.")


def _current(found: list[Version]) -> Version | None:
    return next((one for one in found if one.state == "in use"), None)


def _fallback(key: str, language: str) -> templates.Template:
    """What customers of this language get while nobody has written it."""
    return templates.newest(key, language)
