"""What admins do with people: add, change, disable. Managers may look."""

from __future__ import annotations

import secrets
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from werkzeug.wrappers import Response as BaseResponse

from checkout_desk import clock
from checkout_desk.accounts import (
    confirming,
    inviting,
    passwords,
    people,
    second_factor,
    second_views,
    sessions,
)
from checkout_desk.accounts.forms import PersonForm
from checkout_desk.accounts.models import DeskSession, Person
from checkout_desk.accounts.naming import store_name
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.accounts.views import BUSY, session_line
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.web.access import requires

blueprint = Blueprint("people", __name__, url_prefix="/people")

HINTS = {
    "processing": "New orders, details, quotes and payments; conversations.",
    "support": "Answers, exceptions and returns; conversations.",
    "logistics": "Shipping. Reads conversations, sees no payment details.",
    "manager": "All of these, reports, templates and settings.",
    "admin": "People, mailboxes, keys and backups.",
}


@blueprint.get("")
@requires("people.read")
def everybody() -> str:
    """Who works here."""
    return _everybody()


def _everybody(*, errors: dict[str, str] | None = None) -> str:
    last = select(DeskSession.person_id, func.max(DeskSession.last_seen_at)).group_by(DeskSession.person_id)
    seen = {row[0]: row[1] for row in db.session.execute(last)}
    mine = sessions.who().id
    shown = [
        {
            "id": person.id, "name": person.name, "email": person.email, "initials": person.initials,
            "roles": [ROLES[role] for role in ROLES if role in person.roles],
            "state": "disabled" if person.disabled_at else "active",
            "last_seen": f"{seen[person.id]:%-d %b %Y, %H:%M} UTC" if person.id in seen else "",
            "url": url_for("people.person", person_id=person.id), "me": person.id == mine,
        }
        for person in people.everybody()
    ]  # fmt: skip
    return render_template(
        "accounts/people.html", people=shown, new_url=url_for("people.add"), without=second_factor.reason_without(),
        errors=errors or {}, may=sessions.who().may("people.write"), form=request.form,
    )  # fmt: skip


@blueprint.get("/new")
@requires("people.write")
def add() -> Response:
    """The form for a new person."""
    return _page(None)


@blueprint.post("/new")
@requires("people.write", writes=False)
def add_now() -> ResponseReturnValue:
    """Add a person: they choose their own password by a link in a mail, unless the admin types one."""
    form = PersonForm()
    ok = form.validate()
    errors, wanted = form.sentences, form.password.data or ""
    known = (form.name.data, form.email.data, store_name())
    fault = passwords.fault_of(wanted, known=known) if wanted else None
    errors |= {"password": fault} if fault else {}
    if not ok or errors:
        return _page(None, form=form.typed, errors=errors), 422
    if wrong := confirming.fault("confirm"):
        return _page(None, form=form.typed, errors={"confirm": wrong}), 422
    try:
        hashed = passwords.hash_password(wanted or secrets.token_urlsafe(40))
    except passwords.Busy:
        return _page(None, form=form.typed, errors={"form": BUSY}), 503
    begin_write()
    try:
        person = people.create(
            name=form.name.data, email=form.email.data, password_hash=hashed, roles=form.roles.data
        )
        if not wanted:
            inviting.invite(person, by=sessions.who().name, new=True)
    except people.Refused as reason:
        db.session.rollback()
        field = "password" if str(reason) == inviting.NO_MAILBOX else "email"
        return _page(None, form=form.typed, errors={field: str(reason)}), 422
    db.session.commit()
    flash(f"{person.name} {'can sign in now' if wanted else 'gets a mail, and chooses a password'}.")
    return redirect(url_for("people.everybody"), 303)


@blueprint.get("/<int:person_id>")
@requires("people.read")
def person(person_id: int) -> Response:
    """One person."""
    return _page(_load(person_id))


@blueprint.post("/<int:person_id>")
@requires("people.write", writes=False)
def change(person_id: int) -> ResponseReturnValue:
    """Save name, address, roles and, where one was typed, a new password, which ends the person's sessions.

    What lets somebody in, or into more, needs the admin's own password once more.
    """
    form = PersonForm()
    ok = form.validate()
    errors = form.sentences
    wanted = form.password.data or ""
    fault = (
        passwords.fault_of(wanted, known=(form.name.data, form.email.data, store_name())) if wanted else None
    )
    if not ok or fault:
        return _page(
            _load(person_id), form=form.typed, errors=errors | ({"password": fault} if fault else {})
        ), 422
    found = _load(person_id)
    far = wanted or people.fold(form.email.data) != found.email or set(form.roles.data) != set(found.roles)
    if far and (wrong := confirming.fault("confirm")):
        return _page(_load(person_id), form=form.typed, errors={"confirm": wrong}), 422
    db.session.rollback()
    try:
        hashed = passwords.hash_password(wanted) if wanted else None
    except passwords.Busy:
        return _page(_load(person_id), form=form.typed, errors={"form": BUSY}), 503
    begin_write()
    found = _load(person_id)
    try:
        people.rename(found, name=form.name.data, email=form.email.data)
        people.set_roles(found, form.roles.data)
        if hashed:
            people.set_password(found, hashed, keep_this_session=found.id == sessions.who().id)
    except people.Refused as reason:
        db.session.rollback()
        field = "roles" if "admin" in str(reason) else "email"
        return _page(_load(person_id), form=form.typed, errors={field: str(reason)}), 409
    db.session.commit()
    flash(f"{found.name} is saved.")
    return redirect(url_for("people.everybody"), 303)


@blueprint.post("/<int:person_id>/invite")
@requires("people.write", writes=False)
def invite(person_id: int) -> ResponseReturnValue:
    """Send a link to choose a new password to somebody who forgot theirs, or whose first link is too old."""
    if wrong := confirming.fault("invite_confirm"):
        return _page(_load(person_id), errors={"invite_confirm": wrong}), 422
    begin_write()
    found = _load(person_id)
    try:
        inviting.invite(found, by=sessions.who().name, new=False)
    except people.Refused as reason:
        db.session.rollback()
        return _page(_load(person_id), errors={"form": str(reason)}), 409
    db.session.commit()
    flash(f"{found.name} gets a mail with a link, and chooses a password.")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/<int:person_id>/disable")
@requires("people.write")
def disable(person_id: int) -> ResponseReturnValue:
    """Keep a person from signing in; their sessions end at once."""
    found = _load(person_id)
    try:
        people.disable(found)
    except people.Refused as reason:
        db.session.rollback()
        return _page(_load(person_id), errors={"form": str(reason)}), 409
    db.session.commit()
    flash(f"{found.name} can no longer sign in.")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/<int:person_id>/enable")
@requires("people.write")
def enable(person_id: int) -> BaseResponse:
    """Let a disabled person sign in again."""
    found = _load(person_id)
    people.enable(found)
    db.session.commit()
    flash(f"{found.name} can sign in again.")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/<int:person_id>/end-sessions")
@requires("people.write")
def end_sessions(person_id: int) -> BaseResponse:
    """Sign a person out everywhere."""
    found = _load(person_id)
    here = sessions.current()
    ended = sessions.end_all(found.id, but=here.session if found.id == here.who.id else None)
    if ended:
        record("session.ended", about=found, after={"sessions_ended": ended})
    db.session.commit()
    flash(f"{ended} session{'' if ended == 1 else 's'} of {found.name} ended.")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/<int:person_id>/sessions/<int:session_id>/end")
@requires("people.write")
def end_session(person_id: int, session_id: int) -> BaseResponse:
    """Sign a person out on one browser."""
    row = db.session.get(DeskSession, session_id)
    if row is None or row.person_id != person_id:
        abort(404)
    if row.ended_at is None:
        row.ended_at = clock.now()
        record("session.ended", about=row)
    db.session.commit()
    flash("That session is ended.")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/<int:person_id>/reset-second-factor")
@requires("people.write", writes=False)
def reset_second_factor(person_id: int) -> ResponseReturnValue:
    """Take app and codes of somebody who lost them; they are told by mail and set up new ones at the next sign-in."""
    if wrong := confirming.fault("reset_confirm"):
        return _page(_load(person_id), errors={"reset_confirm": wrong}), 422
    begin_write()
    found = _load(person_id)
    gone = second_views.reset(found)
    db.session.commit()
    flash(f"The second factor of {found.name} is reset." if gone else f"{found.name} has none.")
    return redirect(url_for("people.person", person_id=person_id), 303)


@blueprint.post("/second-factor")
@requires("people.write", writes=False)
def set_second_factor() -> ResponseReturnValue:
    """Whether everybody needs a second factor; doing without takes a reason, which stands on the page and in the record."""
    reason = " ".join(request.form.get("reason", "").split())
    wanted = request.form.get("wanted", "") == "1"
    if not wanted and not 10 <= len(reason) <= 300:
        says = f"The reason has {len(reason)} characters; say in 10 to 300 why the password alone is enough here."
        return _everybody(errors={"reason": says}), 422
    if wrong := confirming.fault("confirm"):
        return _everybody(errors={"confirm": wrong}), 422
    begin_write()
    second_factor.set_rule("" if wanted else reason, by_id=sessions.who().id)
    db.session.commit()
    flash("Everybody sets up a second factor now." if wanted else "The password alone is enough now.")
    return redirect(url_for("people.everybody"), 303)


def _load(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    if found is None:
        abort(404, "There is no such person here.")
    return found


def _page(
    found: Person | None, *, form: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> Response:
    shown: dict[str, Any] = {
        "id": None,
        "name": "",
        "email": "",
        "roles": [],
        "state": "active",
        "sessions": 0,
    }
    urls = {"action": url_for("people.add_now")}
    if found is not None:
        open_ = sessions.live_of(found.id)
        shown = {
            "id": found.id, "name": found.name, "email": found.email, "roles": sorted(found.roles),
            "state": "disabled" if found.disabled_at else "active", "sessions": len(open_),
            "second": second_factor.of(found.id) is not None,
            "open": [
                session_line(row, here=row.id == sessions.current().session_id,
                             end_url=url_for("people.end_session", person_id=found.id, session_id=row.id))
                for row in open_
            ],
        }  # fmt: skip
        urls = {
            "action": url_for("people.change", person_id=found.id),
            "disable_url": url_for("people.disable", person_id=found.id),
            "enable_url": url_for("people.enable", person_id=found.id),
            "invite_url": url_for("people.invite", person_id=found.id),
            "reset_url": url_for("people.reset_second_factor", person_id=found.id),
            "end_url": url_for("people.end_sessions", person_id=found.id),
        }
    roles = [{"value": key, "label": label, "hint": HINTS[key]} for key, label in ROLES.items()]
    page = render_template(
        "accounts/person.html", person=shown, roles=roles, form=form, errors=errors or {},
        back_url=url_for("people.everybody"), me_is_person=found is not None and found.id == sessions.who().id, **urls,
    )  # fmt: skip
    return make_response(page)
