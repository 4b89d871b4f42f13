"""Sign-ins: one row for each browser, ended by idleness, by age, by the person, or by an admin.

The cookie (Flask's own, signed) carries a random token and Flask-Login's user id *is* that token, so a cookie that was
copied is worth nothing once the row is ended; only the token's SHA-256 is stored (SECURITY A49).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, session
from flask_login import current_user, login_user, logout_user
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from checkout_desk import clock
from checkout_desk.accounts.models import DeskSession, Person, PersonRole, initials
from checkout_desk.accounts.permissions import allowed
from checkout_desk.extensions import begin_write, db, login
from checkout_desk.web.polling import only_polled

log = structlog.get_logger(__name__)

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
SEEN_EVERY = timedelta(seconds=60)
"""How exact `last_seen_at` is: writing it at each request would make every read a write."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What nearly every request needs to know of who is signed in, and no more: read by one plain statement."""

    id: int
    name: str
    email: str
    roles: frozenset[str]
    to_read: int = 0
    """how many pages of the playbook they are asked to read"""

    def may(self, permission: str) -> bool:
        """Whether any of the person's roles carries `permission`."""
        return allowed(self.roles, permission)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What Flask-Login holds as the current user: who it is and the session that this browser has."""

    who: Identity
    token: str
    session_id: int
    seen_at: datetime
    """`last_seen_at` as it was when this request began"""
    second: str
    """as `DeskSession.second`"""
    confirmed_at: datetime | None
    shown: dict[str, Any]
    """what the frame of every page shows of the person, read once: an error page has no database to ask"""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Flask-Login's id of the user: the session's token, never the person's number."""
        return self.token

    @property
    def person(self) -> Person:
        """The person's row, for whoever changes it or acts in its name: loaded when it is asked for."""
        held = db.session.info.get(Person)
        if held is not None and held in db.session and held.id == self.who.id:
            return held
        found: Person = db.session.scalars(_WHOLE, {"person": self.who.id}).unique().one()
        db.session.info[Person] = found  # held, or every step of an act would read the row anew
        return found

    @property
    def session(self) -> DeskSession:
        """The session's row, loaded when it is asked for."""
        return db.session.get_one(DeskSession, self.session_id)


_WHOLE = select(Person).where(Person.id == bindparam("person")).options(joinedload(Person.role_rows))


def init_app(app: Flask) -> None:
    """Let Flask-Login find people by session token, and let sign-ins end by themselves."""
    app.config.update(PERMANENT_SESSION_LIFETIME=ABSOLUTE, SESSION_REFRESH_EACH_REQUEST=False)
    login.session_protection = None  # the row ends sessions; a changed browser string need not
    login.user_loader(find)
    # The remember cookie is never used, and its hook would make every answer vary by cookie, static files too.
    app.after_request_funcs[None].remove(login._update_remember_cookie)
    app.after_request(_note_use)


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


_S: Any = DeskSession.__table__
_P: Any = Person.__table__
_R: Any = PersonRole.__table__
_LIVE = (
    select(
        _S.c.id.label("session_id"),
        _S.c.last_seen_at,
        _S.c.second,
        _S.c.confirmed_at,
        _P.c.id,
        _P.c.name,
        _P.c.email,
        _P.c.to_read,
        select(func.aggregate_strings(_R.c.role, ","))
        .where(_R.c.person_id == _P.c.id)
        .scalar_subquery()
        .label("roles"),
    )
    .select_from(_S.join(_P, _P.c.id == _S.c.person_id))
    .where(
        _S.c.token_hash == bindparam("token_hash"),
        _S.c.ended_at.is_(None),
        _S.c.last_seen_at > bindparam("used_since"),
        _S.c.created_at > bindparam("begun_since"),
        _P.c.disabled_at.is_(None),
    )
)
"""made once: every request of a signed-in browser asks it"""


def find(token: str) -> SignedIn | None:
    """The live session of `token` and its person with their roles, in one query; None if it ended, in whatever way."""
    now = clock.now()
    values = {"token_hash": token_hash(token), "used_since": now - IDLE, "begun_since": now - ABSOLUTE}
    row = db.session.connection().execute(_LIVE, values).first()
    if row is None:
        return None
    roles = frozenset(row.roles.split(",") if row.roles else ())
    who = Identity(row.id, row.name, row.email, roles, row.to_read)
    return _signed_in(who, token, row.session_id, row.last_seen_at, row.second, row.confirmed_at)


def _signed_in(
    who: Identity, token: str, session_id: int, seen_at: datetime, second: str, confirmed_at: datetime | None
) -> SignedIn:
    shown = {
        "name": who.name, "initials": initials(who.name), "email": who.email, "admin": who.may("people.read"),
    }  # fmt: skip
    return SignedIn(
        who=who, token=token, session_id=session_id, seen_at=seen_at, second=second, confirmed_at=confirmed_at, shown=shown
    )  # fmt: skip


def start(person: Person, *, address: str, browser: str, second: str = "") -> DeskSession:
    """Sign `person` in on this browser under a new token; whatever the cookie held before is dropped. Does not commit.

    `second` as in the table. A session that this cookie already had is ended, so that a token never outlives a second
    sign-in.
    """
    now = clock.now()
    old = session.get("_user_id")
    if old:
        db.session.execute(
            update(DeskSession)
            .where(DeskSession.token_hash == token_hash(str(old)), DeskSession.ended_at.is_(None))
            .values(ended_at=now)
        )
    token = secrets.token_urlsafe(32)
    row = DeskSession(
        token_hash=token_hash(token), person_id=person.id, created_at=now, last_seen_at=now,
        address=address[:64], browser=browser[:200], second=second,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    session.clear()
    session.permanent = True
    who = Identity(person.id, person.name, person.email, person.roles, person.to_read)
    login_user(_signed_in(who, token, row.id, now, second, None))
    return row


def finish() -> None:
    """Sign this browser out: its session ends and its cookie is emptied. Does not commit."""
    current().session.ended_at = clock.now()
    logout_user()
    session.clear()


def current() -> SignedIn:
    """Who is signed in on this browser. Raises LookupError for nobody: a view behind a permission always has somebody."""
    found = current_or_none()
    if found is None:
        raise LookupError("nobody is signed in")
    return found


def current_or_none() -> SignedIn | None:
    """Who is signed in on this browser, or None. Asks nothing of the database for a browser without a cookie."""
    found = current_user._get_current_object()
    return found if isinstance(found, SignedIn) else None


def loaded() -> SignedIn | None:
    """Who is signed in, if this request already asked; error pages use it, which must not need a database."""
    found = g.get("_login_user")
    return found if isinstance(found, SignedIn) else None


def who() -> Identity:
    """Who is signed in, as the request's first statement read it. Raises LookupError for nobody."""
    return current().who


def me() -> Person:
    """The row of the person who is signed in, loaded now. Raises LookupError for nobody."""
    return current().person


def live_of(person_id: int) -> list[DeskSession]:
    """The sessions of a person that still open the desk, the last used first."""
    now = clock.now()
    return list(
        db.session.scalars(
            select(DeskSession)
            .where(
                DeskSession.person_id == person_id,
                DeskSession.ended_at.is_(None),
                DeskSession.last_seen_at > now - IDLE,
                DeskSession.created_at > now - ABSOLUTE,
            )
            .order_by(DeskSession.last_seen_at.desc(), DeskSession.id.desc())
        )
    )


def end_all(person_id: int, *, but: DeskSession | None = None) -> int:
    """End every session of a person, except `but`. Returns how many were live. Does not commit."""
    ended = [row for row in live_of(person_id) if but is None or row.id != but.id]
    now = clock.now()
    for row in ended:
        row.ended_at = now
    return len(ended)


def _note_use(response: Response) -> Response:
    """Remember, at most once a minute, that the session was used: after the answer is sent, in its own transaction.

    Not inside the request: a read that turns into a write fails on SQLite, and a page should not wait for a writer.
    """
    found = loaded() if not only_polled() else None
    now = clock.now()
    if found is None or now - found.seen_at < SEEN_EVERY:
        return response
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    response.call_on_close(lambda: _seen(app, found.session_id, now))
    return response


def _seen(app: Flask, session_id: int, at: datetime) -> None:
    try:
        with app.app_context():
            begin_write()
            db.session.execute(
                update(DeskSession)
                .where(
                    DeskSession.id == session_id,
                    DeskSession.ended_at.is_(None),
                    DeskSession.last_seen_at < at,
                )
                .values(last_seen_at=at)
            )
            db.session.commit()
    except SQLAlchemyError as fault:  # the answer is already out, and the next request notes it again
        log.warning("session.not_noted", fault=type(fault).__name__)
