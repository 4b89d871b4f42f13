"""A small desk for tests of the web, people on it, and browsers that are signed in without a round through the form."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from sqlalchemy.engine import Engine

from checkout_desk import clock
from checkout_desk.accounts import passwords, people
from checkout_desk.accounts.models import DeskSession, SignInRule
from checkout_desk.accounts.sessions import token_hash
from checkout_desk.app import create_app
from checkout_desk.extensions import begin_write, db
from checkout_desk.settings.models import Store
from tests.stories import remembered

PASSWORD = "a lantern on the quay"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes that cost nothing; tests put it in the place of the real one."""


def open_desk(
    home: Path, *, url: str = "http://localhost", database_url: str | None = None, **overrides: Any
) -> Flask:
    """A desk without a queue, on the migrated database at `database_url`, else on an empty one in `home`."""
    passwords._hasher = QUICK
    environment = {
        "DESK_HOME": str(home),
        "REDIS_URL": "unix:///nonexistent",
        "DESK_URL": url,
        "DESK_DISK_RESERVE": "0",
        "DESK_MAX_MAIL": "1M",
    }
    if database_url:
        environment["DATABASE_URL"] = database_url
    app = create_app(
        {"TESTING": True, "PROPAGATE_EXCEPTIONS": False, "RATELIMIT_ENABLED": False, **overrides},
        environment=environment,
    )
    if database_url is None:
        with app.app_context():
            db.create_all()
    return app


@remembered
def add_store(app: Flask, name: str = "Fern and Kiln") -> None:
    """The store's row."""
    with app.app_context():
        begin_write()
        db.session.add(Store(id=1, name=name))
        db.session.commit()


def by_password_alone() -> None:
    """Let the password be enough to sign in. The caller commits."""
    db.session.merge(SignInRule(id=1, without_reason="Tests sign in by password.", changed_at=clock.now()))


def add_person(app: Flask, name: str, *roles: str) -> int:
    """A person `name`@fern.example with PASSWORD, which is enough to sign in. Returns the id."""
    return add_people(app, {name: roles})[name]


@remembered
def add_people(app: Flask, wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """As `add_person`, for several at once: name → roles. Returns name → id."""
    with app.app_context():
        begin_write()
        by_password_alone()
        made = {
            name: people.create(
                name=name.title(),
                email=f"{name}@fern.example",
                password_hash=QUICK.hash(PASSWORD),
                roles=roles,
            )
            for name, roles in wanted.items()
        }
        db.session.flush()
        ids = {name: person.id for name, person in made.items()}
        db.session.commit()
        return ids


def signed_in(app: Flask, person_id: int, *, confirmed: bool = False) -> FlaskClient:
    """A browser in which the person is signed in; `confirmed`: and typed their password again just now."""
    client = app.test_client()
    token = _session_of(app, person_id, confirmed=confirmed)
    with client.session_transaction(base_url=app.config["DESK_URL"]) as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client


@remembered
def _session_of(app: Flask, person_id: int, *, confirmed: bool) -> str:
    """The token of a new session of the person."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with app.app_context():
        begin_write()
        db.session.add(
            DeskSession(
                token_hash=token_hash(token),
                person_id=person_id,
                created_at=now,
                last_seen_at=now,
                browser="test",
                confirmed_at=now if confirmed else None,
            )
        )
        db.session.commit()
    return token


def form_token(app: Flask, client: FlaskClient) -> str:
    """A form token that fits the client's cookie."""
    with client.session_transaction(base_url=app.config["DESK_URL"]) as cookie:
        raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
    signer = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token")
    return str(signer.dumps(raw))


def post(app: Flask, client: FlaskClient, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """POST with a fitting form token."""
    return client.post(
        path,
        data={"csrf_token": form_token(app, client), **(data or {})},
        base_url=app.config["DESK_URL"],
        **more,
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that are sent meanwhile, and how SQLite's transactions begin."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    def begun(connection: Any) -> None:
        if connection.dialect.name == "sqlite":
            how = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
            seen.append(f"BEGIN {how}")

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "begin", begun)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Engine, "begin", begun)
