"""What the marks of routes mean: who is signed in, and whether one of their roles carries the permission."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request, session, url_for
from flask.signals import request_started
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, db
from checkout_desk.web import access
from checkout_desk.web.pages import sign_in_needed

_WHILE_DUE = frozenset({"second.mine", "second.enrol", "accounts.sign_out", "accounts.theme"})
"""what somebody may use who has to set up a second factor first"""


def init_app(app: Flask) -> None:
    """Decide about the routes of `app`, and name the person to the record of events."""
    access.check_with(app, check)
    request_started.connect(_nobody_yet, app)
    app.teardown_request(_nobody_any_more)


def check(permission: str, *, writes: bool) -> ResponseReturnValue | None:
    """Let the request pass (None), send it to the sign-in page, or abort with 403."""
    if "_user_id" not in session:  # no cookie: no question to the database, and no write lock for strangers
        return sign_in_needed(url_for("accounts.sign_in"))
    if writes:
        begin_write()
    found = sessions.current_or_none()
    if found is None:
        db.session.rollback()
        return sign_in_needed(url_for("accounts.sign_in"))
    set_actor(f"person:{found.who.id}", request.remote_addr or "")
    if found.second == "due" and request.endpoint not in _WHILE_DUE:
        db.session.rollback()
        return sign_in_needed(url_for("second.mine"))
    if not found.who.may(permission):
        db.session.rollback()
        abort(403)
    return None


def _nobody_yet(app: Flask, **_: Any) -> None:
    """A thread serves many people: what a public route records must not be put down to the one before."""
    set_actor("visitor", request.remote_addr or "")


def _nobody_any_more(fault: BaseException | None) -> None:
    set_actor("desk", "process")
