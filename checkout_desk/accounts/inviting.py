"""A link by mail with which somebody chooses their own password: who is new here, and who forgot theirs.

The link is signed, holds for three days and works once: it names the password and the address of the moment in which it was
made, so that a new password, another address or a disabled person makes it void.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeSerializer

from checkout_desk import clock
from checkout_desk.accounts import passwords, people
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.naming import store_name, write_to
from checkout_desk.events.recording import record, set_actor
from checkout_desk.extensions import begin_write, db
from checkout_desk.secrets import signing_keys
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("inviting", __name__)

LASTS = timedelta(days=3)
NO_MAILBOX = "No mailbox of the desk can send, so nobody can be written to; type a password for them instead."
BUSY = "Many people are signing in at this moment. Wait a few seconds and try again."


def invite(person: Person, *, by: str, new: bool) -> None:
    """Write to `person` with a link to choose their password. The caller commits.

    Raises people.Refused for somebody who is disabled, and where no mailbox can send.
    """
    if person.disabled_at is not None:
        raise people.Refused(f"{person.name} cannot sign in; let them sign in again first.")
    name = store_name()
    why = (
        f"{by} added you to the desk of {name}. Choose the password with which you sign in:"
        if new
        else f"{by} sends you this link, with which you choose a new password for the desk of {name}:"
    )
    text = (
        f"Hello {person.name},\n\n{why}\n\n{current_app.config['DESK_URL']}/password/{_token(person)}\n\n"
        f"The link holds for {LASTS.days} days and works once. You sign in with {person.email}.\n\n"
        "If you expect no such mail, leave it alone and tell an administrator.\n"
    )
    if not write_to(person, subject="Choose your password", text=text):
        raise people.Refused(NO_MAILBOX)
    record("person.invited", about=person)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(signing_keys(), salt="choose-a-password")


def _mark(person: Person) -> str:
    return hashlib.sha256(f"{person.email}\n{person.password_hash}".encode()).hexdigest()[:24]


def _token(person: Person) -> str:
    return str(_signer().dumps([person.id, _mark(person), int(clock.now().timestamp())]))


def _invited(token: str) -> Person | None:
    """Whom a link is for; None for one that is forged, too old, used or void."""
    try:
        person_id, mark, at = _signer().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    person = db.session.get(Person, person_id, populate_existing=True)
    age = clock.now().timestamp() - at
    if person is None or person.disabled_at is not None or not 0 <= age + 60 < LASTS.total_seconds() + 60:
        return None
    return person if hmac.compare_digest(_mark(person), mark) else None


@blueprint.get("/password/<token>")
@limiter.limit("60 per minute")
@requires(PUBLIC)
def choose(token: str) -> ResponseReturnValue:
    """The page on which they choose it; the link alone changes nothing."""
    person = _invited(token)
    return _page(person), 200 if person else 404


@blueprint.post("/password/<token>")
@limiter.limit("20 per minute")
@requires(PUBLIC)
def chosen(token: str) -> ResponseReturnValue:
    """Keep the password, once; then they sign in with it, and with their second factor as ever."""
    person = _invited(token)
    if person is None:
        db.session.rollback()
        return _page(None), 404
    typed = request.form.get("password", "")
    fault = passwords.fault_of(typed, known=(person.name, person.email, store_name()))
    if fault:
        return _page(person, fault), 422
    db.session.rollback()  # nobody waits for this hash with the write lock held
    try:
        hashed = passwords.hash_password(typed)
    except passwords.Busy:
        return _page(_invited(token), BUSY), 503
    begin_write()
    person = _invited(token)
    if person is None:  # the same link was used meanwhile
        db.session.rollback()
        return _page(None), 404
    set_actor(f"person:{person.id}", request.remote_addr or "")
    people.set_password(person, hashed, keep_this_session=False)
    db.session.commit()
    flash("Your password is set.")
    return redirect("/sign-in", 303)


def _page(person: Person | None, fault: str = "") -> Response:
    page = render_template(
        "accounts/password.html",
        email=person.email if person else "",
        name=person.name if person else "",
        fault=fault,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    # Not no-referrer: browsers would then send the form with the origin 'null', and the desk would refuse it.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
