"""Asking a signed-in person for their password again, before something that a borrowed browser must not do."""

from __future__ import annotations

from checkout_desk.accounts import passwords, throttling
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db

WRONG = "This is not your present password; type the one that you signed in with."
MISSING = "Type your password: what you ask for needs it once more."


def fault_of(person: Person, password: str, *, address: str) -> str:
    """Why `password` does not confirm that it is `person`, as a sentence; '' where it does.

    Counts tries as the sign-in does. Ends the transaction, so that nobody waits for the hash with the write lock held;
    what was loaded before is to be loaded again.
    """
    if not password:
        return MISSING
    email, stored = person.email, person.password_hash
    db.session.rollback()
    begin_write()
    tried = throttling.attempt(email, address)
    db.session.commit()
    if tried.paused_until is not None:
        return "Too many tries that did not fit. Wait a few minutes and try again."
    try:
        if not passwords.verify(stored, password):
            return WRONG
    except passwords.Busy:
        return "Many people are signing in at this moment. Wait a few seconds and try again."
    begin_write()
    throttling.succeeded(email, address)
    db.session.commit()
    return ""
