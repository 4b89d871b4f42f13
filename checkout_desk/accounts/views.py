"""Signing in and out, one's own settings and sessions."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from checkout_desk import clock
from checkout_desk.accounts import passwords, people, second_factor, second_views, sessions, throttling
from checkout_desk.accounts.forms import MeForm, PasswordForm, SignInForm
from checkout_desk.accounts.models import DeskSession, Person
from checkout_desk.accounts.naming import store_name
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.events.recording import record, set_actor
from checkout_desk.extensions import begin_write, db
from checkout_desk.web.access import PUBLIC, SIGNED_IN, requires
from checkout_desk.web.limits import limiter
from checkout_desk.web.pages import safe_next

blueprint = Blueprint("accounts", __name__)

THEMES = ("", "light", "dark")
WRONG = "This e-mail and password do not fit."
BUSY = "Many people are signing in at this moment. Wait a few seconds and try again."


@blueprint.get("/sign-in")
@requires(PUBLIC)
def sign_in() -> ResponseReturnValue:
    """The sign-in page; on to the desk for who is signed in, on to the set-up where nobody can sign in yet."""
    if sessions.current_or_none() is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    if not people.anybody():
        return redirect("/first-run", 303)
    return _sign_in_page(email="", errors={})


@blueprint.post("/sign-in")
@limiter.limit("60 per minute")
@requires(PUBLIC)
def sign_in_now() -> ResponseReturnValue:
    """Check e-mail and password. The same words, and the same work, for a wrong password and for a name nobody has."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(email=form.email.data, errors=form.sentences), 422
    try:
        with passwords.seat():
            return _tried(form)
    except passwords.Busy:
        return _sign_in_page(email=form.email.data, errors={"form": BUSY}), 503


def _tried(form: SignInForm) -> ResponseReturnValue:
    """The answer to a try. Raises passwords.Busy, and the try counts."""
    email, address = people.fold(form.email.data), request.remote_addr or ""
    begin_write()
    tried = throttling.attempt(email, address)
    if tried.paused_until is not None:
        db.session.rollback()
        return _paused(form.email.data, tried.paused_until)
    person = people.by_email(email)
    stored = person.password_hash if person is not None and person.disabled_at is None else None
    db.session.commit()  # nobody waits for this hash with the write lock held
    if not passwords.verify(stored, form.password.data):
        return _not_signed_in(form.email.data, email, tried.left)
    renewed = passwords.hash_password(form.password.data) if stored and passwords.outdated(stored) else None
    begin_write()
    person = people.by_email(email)
    if person is None or person.disabled_at is not None or person.password_hash != stored:
        return _not_signed_in(form.email.data, email, tried.left)  # changed while we hashed
    if renewed:
        person.password_hash = renewed
    throttling.succeeded(email, address)
    onward = safe_next(request.form.get("next"))
    if second_factor.of(person.id) is not None:
        second_views.halfway(person)
        db.session.commit()
        return redirect(url_for("second.ask", next=onward if onward != "/" else None), 303)
    due = "" if second_factor.reason_without() else "due"
    row = sessions.start(person, address=address, browser=request.user_agent.string, second=due)
    set_actor(f"person:{person.id}", address)
    record("person.signed_in", about=person, after={"session": row.id})
    db.session.commit()
    return redirect(onward, 303)


def _not_signed_in(typed: str, email: str, left: int) -> tuple[Response, int]:
    begin_write()
    person = people.by_email(email)
    record("person.sign_in_failed", about=person if person is not None else ("person", 0))
    db.session.commit()
    tries = {0: "No try is left now: there is a pause.", 1: "1 try left before a 15 minute pause."}
    sentence = f"{WRONG} {tries.get(left, f'{left} tries left before a 15 minute pause.')}"
    return _sign_in_page(email=typed, errors={"password": sentence}), 422


def _paused(typed: str, until: datetime) -> tuple[Response, int]:
    seconds = _seconds(until)
    sentence = f"Too many tries that did not fit. The next one is possible in {_minutes(seconds)}."
    response = _sign_in_page(email=typed, errors={"form": sentence})
    response.headers["Retry-After"] = str(seconds)
    return response, 429


def _seconds(until: datetime) -> int:
    return max(math.ceil((until - clock.now()).total_seconds()), 1)


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return (
        "1 minute"
        if minutes == 1
        else f"{minutes} minutes"
        if minutes < 120
        else f"{-(-minutes // 60)} hours"
    )


def _sign_in_page(*, email: str | None, errors: dict[str, str]) -> Response:
    onward = safe_next(request.values.get("next"), default="")
    page = render_template(
        "accounts/sign_in.html", store=store_name(), email=email, next=onward, errors=errors
    )
    return make_response(page)


@blueprint.post("/sign-out")
@requires(SIGNED_IN)
def sign_out() -> BaseResponse:
    """End this session; its cookie is worthless from then on, also a copy of it."""
    found = sessions.current()
    record("person.signed_out", about=found.person, after={"session": found.session_id})
    sessions.finish()
    db.session.commit()
    response = redirect(url_for("accounts.sign_in"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/me")
@requires(SIGNED_IN)
def me() -> Response:
    """One's own name, signature and password."""
    return _me_page()


@blueprint.post("/me")
@requires(SIGNED_IN)
def change_me() -> ResponseReturnValue:
    """Save name and signature."""
    form = MeForm()
    if not form.validate():
        return _me_page(form=form.typed, errors=form.sentences), 422
    person = sessions.me()
    people.rename(person, name=form.name.data)
    people.set_signature(person, form.signature.data)
    db.session.commit()
    flash("Saved.")
    return redirect(url_for("accounts.me"), 303)


@blueprint.post("/me/password")
@limiter.limit("20 per minute")
@requires(SIGNED_IN, writes=False)
def change_password() -> ResponseReturnValue:
    """A new password; every other session of the person ends."""
    form = PasswordForm()
    if not form.validate():
        return _me_page(errors=form.sentences), 422
    person = sessions.me()
    fault = passwords.fault_of(form.password.data, known=(person.name, person.email, store_name()))
    if fault:
        return _me_page(errors={"password": fault}), 422
    person_id, email, stored = person.id, person.email, person.password_hash
    db.session.rollback()
    begin_write()
    tried = throttling.attempt(email, request.remote_addr or "")
    db.session.commit()
    if tried.paused_until is not None:
        sentence = f"Too many tries that did not fit. The next one is possible in {_minutes(_seconds(tried.paused_until))}."
        return _me_page(errors={"present": sentence}), 429
    try:
        if not passwords.verify(stored, form.present.data):
            return _me_page(
                errors={"present": "This is not your present password; type the one that you signed in with."}
            ), 422
        new = passwords.hash_password(form.password.data)
    except passwords.Busy:
        return _me_page(errors={"form": BUSY}), 503
    db.session.rollback()
    begin_write()
    person = db.session.get_one(Person, person_id)
    throttling.succeeded(email, request.remote_addr or "")
    ended = people.set_password(person, new, keep_this_session=True)
    db.session.commit()
    flash("Your password is changed." + (f" {_sessions(ended)} ended." if ended else ""))
    return redirect(url_for("accounts.me"), 303)


def _sessions(number: int) -> str:
    return "1 other session" if number == 1 else f"{number} other sessions"


def _me_page(*, form: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> Response:
    person = sessions.me()
    typed = form or {"name": person.name, "signature": person.signature}
    roles = [ROLES[role] for role in ROLES if role in person.roles]
    return make_response(render_template("accounts/me.html", form=typed, errors=errors or {}, roles=roles))


@blueprint.post("/theme")
@requires(SIGNED_IN, writes=False)
def theme() -> BaseResponse:
    """Light, dark or as the system: kept in a cookie of this browser."""
    wanted = request.form.get("theme", "")
    if wanted not in THEMES:
        abort(422, "The theme can be light, dark or empty for that of the system.")
    here = urlsplit(request.referrer or "")
    response = redirect(safe_next(request.form.get("next") or f"{here.path}?{here.query}"), 303)
    response.set_cookie(
        "theme", wanted, max_age=31536000 if wanted else 0, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response


@blueprint.get("/sessions")
@requires(SIGNED_IN)
def own_sessions() -> str:
    """Where one is signed in."""
    here = sessions.current()
    shown = [
        session_line(
            row, here=row.id == here.session_id, end_url=url_for("accounts.end_session", session_id=row.id)
        )
        for row in sessions.live_of(here.who.id)
    ]
    return render_template(
        "accounts/sessions.html", sessions=shown, end_others_url=url_for("accounts.end_others")
    )


@blueprint.post("/sessions/<int:session_id>/end")
@requires(SIGNED_IN)
def end_session(session_id: int) -> BaseResponse:
    """End one of one's own sessions. Another person's is not there (404)."""
    row = db.session.get(DeskSession, session_id)
    here = sessions.current()
    if row is None or row.person_id != here.who.id:
        abort(404)
    if row.ended_at is None:
        row.ended_at = clock.now()
        record("session.ended", about=row)
    db.session.commit()
    flash("That session is ended.")
    return redirect(url_for("accounts.own_sessions"), 303)


@blueprint.post("/sessions/end-others")
@requires(SIGNED_IN)
def end_others() -> BaseResponse:
    """End all of one's sessions but this one."""
    here = sessions.current()
    ended = sessions.end_all(here.who.id, but=here.session)
    if ended:
        record("session.ended", about=here.person, after={"sessions_ended": ended})
    db.session.commit()
    flash(f"{_sessions(ended)} ended." if ended else "There was no other session.")
    return redirect(url_for("accounts.own_sessions"), 303)


def session_line(row: DeskSession, *, here: bool, end_url: str) -> dict[str, Any]:
    """A sign-in as the lists of sessions show it."""
    return {
        "id": row.id,
        "device": device(row.browser),
        "address": row.address or "unknown address",
        "since": f"{row.created_at:%-d %b %Y, %H:%M} UTC",
        "last_seen": "now" if here else f"{row.last_seen_at:%-d %b %Y, %H:%M} UTC",
        "here": here,
        "second": {"code": "with a code", "recovery": "with a recovery code"}.get(row.second, ""),
        "end_url": end_url,
    }


def device(browser: str) -> str:
    """A few words for a User-Agent line, as good as such a line is."""
    names = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    name = next((word for sign, word in names if sign in browser), "")
    system = next((word for sign, word in systems if sign in browser), "")
    return " on ".join(word for word in (name, system) if word) or browser[:60] or "Unknown browser"
