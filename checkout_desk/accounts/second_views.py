"""The second step of signing in, and setting up, renewing and giving back one's second factor."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from checkout_desk import clock
from checkout_desk.accounts import confirming, second_factor, sessions, throttling
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.naming import store_name, write_to
from checkout_desk.events.recording import record, set_actor
from checkout_desk.extensions import begin_write, db
from checkout_desk.secrets import LostKey, decrypt, encrypt
from checkout_desk.web.access import PUBLIC, SIGNED_IN, requires
from checkout_desk.web.limits import limiter
from checkout_desk.web.pages import safe_next

blueprint = Blueprint("second", __name__)

HALFWAY = 300
"""seconds between password and code"""
OFFERED = 1800
"""seconds for which the picture of a new secret may be used"""
WRONG = "This code does not fit, or it was used already. Type the one that the app shows now."
TAKEN = "You have a second factor already. Give it back first, to use another device."


def halfway(person: Person) -> None:
    """Note in the cookie that the password of `person` was right; nobody is signed in by that."""
    session.clear()
    session["half"] = [person.id, _print(person), _seconds()]


def _seconds() -> int:
    return int(clock.now().timestamp())


def _print(person: Person) -> str:
    """A mark of the present password: another password makes the half sign-in void."""
    return hashlib.sha256(person.password_hash.encode()).hexdigest()[:24]


def _half() -> Person | None:
    """Who typed their password on this browser a moment ago."""
    half = session.get("half")
    if not half or not 0 <= _seconds() - half[2] < HALFWAY:
        return None
    person = db.session.get(Person, half[0])
    if person is None or person.disabled_at is not None or _print(person) != half[1]:
        return None
    return person


@blueprint.get("/sign-in/code")
@requires(PUBLIC)
def ask() -> ResponseReturnValue:
    """The question for the code."""
    return _ask_page() if _half() else redirect(url_for("accounts.sign_in"), 303)


@blueprint.post("/sign-in/code")
@limiter.limit("60 per minute")
@requires(PUBLIC)
def answer() -> ResponseReturnValue:
    """Sign in, if the code fits. Tries are counted for the person, whatever the password was."""
    found = _half()
    if found is None:
        flash("That took too long. Type e-mail and password again.")
        return redirect(url_for("accounts.sign_in"), 303)
    person_id, address = found.id, request.remote_addr or ""
    db.session.rollback()
    begin_write()
    tried = throttling.attempt(f"second:{person_id}", address)
    if tried.paused_until is not None:
        db.session.rollback()
        return _ask_page("Too many codes that did not fit. There is a pause now; try again later."), 429
    db.session.commit()
    begin_write()
    person = _half()
    try:
        how = second_factor.use(person_id, request.form.get("code", "")) if person else ""
    except LostKey:
        db.session.rollback()
        return _ask_page("The desk lost the key to your app. Use a recovery code, or ask an admin."), 422
    if person is None or not how:
        record("person.second_factor_failed", about=("person", person_id))
        db.session.commit()
        return _ask_page(WRONG), 422
    throttling.succeeded(f"second:{person_id}", address)
    row = sessions.start(person, address=address, browser=request.user_agent.string, second=how)
    set_actor(f"person:{person_id}", address)
    record("person.signed_in", about=person, after={"session": row.id, "second": how})
    db.session.commit()
    if how == "recovery":
        left = second_factor.codes_left(person_id)
        flash(f"That recovery code is used up now; {left} left. Make new ones when they run out.")
    return redirect(safe_next(request.form.get("next")), 303)


def _ask_page(error: str = "") -> Response:
    onward = safe_next(request.values.get("next"), default="")
    return _page("accounts/code.html", store=store_name(), error=error, next=onward)


@blueprint.get("/me/second-factor")
@requires(SIGNED_IN)
def mine() -> Response:
    """One's second factor, or the page on which one sets it up."""
    here = sessions.current()
    found = second_factor.of(here.who.id)
    if found is None:
        return _enrol_page(second_factor.new_secret())
    return _mine_page()


def _mine_page(**errors: str) -> Response:
    me = sessions.who()
    found = second_factor.of(me.id)
    return _page(
        "accounts/second_factor.html", since=f"{found.added_at:%-d %b %Y}" if found else "", errors=errors,
        left=second_factor.codes_left(me.id), wanted=not second_factor.reason_without(),
    )  # fmt: skip


def _enrol_page(secret: str, *, errors: dict[str, str] | None = None) -> Response:
    me, due = sessions.who(), sessions.current().second == "due"
    address = second_factor.address_of(secret, me.email, store_name())
    return _page(
        "accounts/enrol.html", picture=second_factor.picture(address), sealed=encrypt(f"{me.id}:{_seconds()}:{secret}"), due=due,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), errors=errors or {},
        next=safe_next(request.values.get("next"), default=""),
        code="" if not errors or "code" in errors else request.form.get("code", "")[:12],
    )  # fmt: skip


@blueprint.post("/me/second-factor")
@limiter.limit("20 per minute")
@requires(SIGNED_IN, writes=False)
def enrol() -> ResponseReturnValue:
    """Keep the app whose first code was typed, and show the recovery codes, once. Other sessions of the person end."""
    here = sessions.current()
    secret = _offered(here.who.id)
    if second_factor.of(here.who.id) is not None:
        return _mine_page(form=TAKEN), 409
    if not secret:
        again = {"code": "That picture is too old. Read this new one with the app."}
        return _enrol_page(second_factor.new_secret(), errors=again), 422
    wrong = "" if here.second == "due" else confirming.fault()
    if wrong:
        return _enrol_page(secret, errors={"password": wrong}), 422
    db.session.rollback()
    begin_write()
    if second_factor.of(here.who.id) is not None:
        db.session.rollback()
        return _mine_page(form=TAKEN), 409
    codes = second_factor.add(here.person, secret, request.form.get("code", ""))
    if not codes:
        db.session.rollback()
        return _enrol_page(
            secret, errors={"code": "This is not what the app shows now; type its six digits."}
        ), 422
    here.session.second = "code"
    sessions.end_all(here.who.id, but=here.session)
    db.session.commit()
    return _codes_page(codes, first=True)


def _offered(person_id: int) -> str:
    """The secret of the picture that this person was shown in the last half hour; '' for anything else."""
    try:
        whose, at, secret = decrypt(request.form.get("sealed", "")).split(":")
    except (LostKey, ValueError):
        return ""
    if not 0 <= _seconds() - int(at) < OFFERED:
        return ""
    return secret if whose == str(person_id) else ""


@blueprint.post("/me/second-factor/codes")
@limiter.limit("20 per minute")
@requires(SIGNED_IN, writes=False)
def codes() -> ResponseReturnValue:
    """Ten new recovery codes; the old ones are void."""
    wrong = confirming.fault()
    if wrong:
        return _mine_page(codes=wrong), 422
    begin_write()
    here = sessions.current()
    if second_factor.of(here.who.id) is None:
        db.session.rollback()
        return redirect(url_for(".mine"), 303)
    made = second_factor.new_codes(here.person)
    db.session.commit()
    return _codes_page(made, first=False)


@blueprint.post("/me/second-factor/remove")
@limiter.limit("20 per minute")
@requires(SIGNED_IN, writes=False)
def remove() -> ResponseReturnValue:
    """Give the app back. Where the store wants a second factor, the next page sets up another one."""
    wrong = confirming.fault("confirm")
    if wrong:
        return _mine_page(confirm=wrong), 422
    begin_write()
    here = sessions.current()
    second_factor.remove(here.person)
    here.session.second = "" if second_factor.reason_without() else "due"
    sessions.end_all(here.who.id, but=here.session)
    db.session.commit()
    flash("Your app and your recovery codes are void now.")
    return redirect(url_for(".mine"), 303)


def reset(person: Person) -> bool:
    """An admin takes the second factor of somebody who lost it: their sessions end, and they are told by mail.

    Returns whether there was one. Does not commit.
    """
    if not second_factor.remove(person):
        return False
    throttling.forget(f"second:{person.id}")
    sessions.end_all(person.id)
    by = sessions.who().name
    write_to(
        person,
        subject="Your second factor was reset",
        text=f"{by} took your app and your recovery codes from your account at the desk. At the next sign-in you set up a "
        "new one.\n\nIf you did not ask for this, tell an administrator at once, by another way than this mail.\n",
    )
    return True


def _codes_page(made: list[str], *, first: bool) -> Response:
    onward = safe_next(request.values.get("next"), default="/")
    whose = {"email": sessions.who().email, "store": store_name()}
    return _page("accounts/codes.html", codes=made, first=first, next=onward, **whose)


def _page(template: str, **context: Any) -> Response:
    response = make_response(render_template(template, **context))
    response.headers["Cache-Control"] = "no-store"
    return response


__all__ = ["blueprint", "halfway", "reset"]
