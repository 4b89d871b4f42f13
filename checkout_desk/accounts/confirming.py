"""Step-up: a signed-in person shows once more that it is them, before something that a borrowed browser must not do.

One function for every screen. The password counts, or a code of the person's app; it is remembered for five minutes on
this browser alone, and tries are counted as those of the sign-in are.
"""

from __future__ import annotations

from datetime import timedelta

from flask import g, request
from sqlalchemy import update

from checkout_desk import clock
from checkout_desk.accounts import passwords, second_factor, sessions, throttling
from checkout_desk.accounts.models import DeskSession, Person
from checkout_desk.extensions import begin_write, db

LASTS = timedelta(minutes=5)
WRONG = "This is not your present password; type the one that you signed in with."
WRONG_CODE = "This is not the present code of your app, or it was used already; wait for the next one."
MISSING = "Type your password: what you ask for needs it once more."
PAUSED = "Too many tries that did not fit. Wait a few minutes and try again."
BUSY = "Many people are signing in at this moment. Wait a few seconds and try again."


def lately() -> bool:
    """Whether the person showed on this browser, in the last five minutes, that it is them."""
    if g.get("desk_confirmed"):
        return True
    at = sessions.current().confirmed_at
    return at is not None and at <= clock.now() < at + LASTS


def by_code() -> bool:
    """Whether a code of an app confirms the person too: they signed in with one."""
    return sessions.current().second in ("code", "recovery")


def fault(field: str = "password") -> str:
    """Why what was typed in `field` does not confirm the person, as a sentence; '' where it does, or they did so lately.

    Ends the transaction, so that nobody waits for the hash with the write lock held: load anew what was loaded before,
    after `begin_write()`.
    """
    typed, here = request.form.get(field, ""), sessions.current()
    if not typed:
        db.session.rollback()
        return "" if lately() else MISSING
    address, email = request.remote_addr or "", here.who.email
    db.session.rollback()
    begin_write()
    tried = throttling.attempt(email, address)
    stored = db.session.get_one(Person, here.who.id).password_hash
    db.session.commit()
    if tried.paused_until is not None:
        return PAUSED
    wrong = _wrong(here.who.id, stored, typed)
    if not wrong:
        begin_write()
        throttling.succeeded(email, address)
        remember(here.session_id)
        db.session.commit()
    return wrong


def remember(session_id: int) -> None:
    """Note that the person of this session has shown just now that it is them. Does not commit."""
    db.session.execute(
        update(DeskSession).where(DeskSession.id == session_id).values(confirmed_at=clock.now())
    )
    g.desk_confirmed = True


def _wrong(person_id: int, stored: str, typed: str) -> str:
    plain = "".join(typed.split())
    if len(plain) == 6 and plain.isascii() and plain.isdecimal():
        begin_write()
        fits = second_factor.use(person_id, plain) == "code"
        db.session.commit()
        return "" if fits else WRONG_CODE
    try:
        return "" if passwords.verify(stored, typed) else WRONG
    except passwords.Busy:
        return BUSY
