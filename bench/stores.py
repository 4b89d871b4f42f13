"""Stores to measure in, and the servers in front of them: made once for a run and used by all of its rows."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from bench.client import Connection, request
from checkout_desk import clock, migrating, seeding
from checkout_desk.accounts.models import DeskSession, Person
from checkout_desk.accounts.sessions import token_hash
from checkout_desk.app import create_app
from checkout_desk.extensions import begin_write, db
from tests.parts.postgres import PostgresServer
from tests.parts.valkey import ValkeyServer

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4
ENGINES = ("sqlite", "postgresql")
INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""an installed desk has its bytecode files; without them each start compiles everything anew"""


@dataclass
class Store:
    """One seeded desk: where it lives and a person who is signed in."""

    engine: str
    size: int
    environment: dict[str, str]
    app: Flask
    home: Path
    cookie: str = ""
    csrf: str = ""


@dataclass
class Served:
    """A gunicorn with two workers."""

    port: int
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The process numbers of the workers."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


@dataclass
class Run:
    """What one call of the benchmark shares between its rows."""

    small: bool
    rounds: int
    engines: tuple[str, ...] = ENGINES
    size: int | None = None
    kept: bool = False
    keep: ExitStack = field(default_factory=ExitStack)
    _stores: dict[tuple[str, int, str], Store] = field(default_factory=dict)
    _served: dict[object, Served] = field(default_factory=dict)
    _parts: dict[str, Any] = field(default_factory=dict)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="bench")))

    @property
    def large(self) -> int:
        """How many conversations the large store has."""
        return self.size or (2_000 if self.small else 100_000)

    def valkey(self) -> ValkeyServer:
        """The run's Valkey."""
        if "valkey" not in self._parts:
            self._parts["valkey"] = self.keep.enter_context(ValkeyServer())
        found: ValkeyServer = self._parts["valkey"]
        return found

    def postgres(self) -> PostgresServer:
        """The run's PostgreSQL, with fsync."""
        if "postgres" not in self._parts:
            self._parts["postgres"] = self.keep.enter_context(
                PostgresServer(durable=True, names=f"bench_{os.getpid()}_")
            )
        found: PostgresServer = self._parts["postgres"]
        return found

    def store(self, engine: str, size: int, *, use: str = "read") -> Store:
        """A store of `size` conversations; `use` tells those apart that a row changes. Size 0 is an empty desk."""
        key = (engine, size, use)
        if key not in self._stores:
            self._stores[key] = self._make(engine, size, use)
        return self._stores[key]

    def _make(self, engine: str, size: int, use: str) -> Store:
        name = f"{engine}{size}{use}"
        environment = {
            "DESK_HOME": str(self.folder / name), "REDIS_URL": self.valkey().url, "DESK_URL": "http://127.0.0.1",
            "DESK_LOG": "warning",
        }  # fmt: skip
        if engine == "postgresql":
            environment["DATABASE_URL"] = self.postgres().create(name)
        app = create_app(environment=environment)
        migrating.upgrade(app)
        seeded = self.folder / name / "seeded"  # by an earlier run that was told to keep its stores
        if not seeded.exists():
            say(f"seeding {size} conversations on {engine}")
            with app.app_context():
                seeding.seed(size or 1, longest=500 if size else 0)
            if engine == "sqlite" and use == "read":
                seeded.touch()
        store = Store(engine, size, environment, app, self.folder / name)
        with app.app_context():
            store.cookie, store.csrf = sign_in(app)
            db.engine.dispose()
        return store

    def serve(self, store: Store) -> Served:
        """The desk over this store."""
        return self._server(("desk", store.home), "wsgi:app", store.environment)

    def hello(self) -> Served:
        """The bare page."""
        return self._server("hello", "bench.hello:app", {})

    def _server(self, key: object, target: str, environment: dict[str, str]) -> Served:
        if key not in self._served:
            self._served[key] = self.keep.enter_context(
                gunicorn(target, environment, self.folder / "gunicorn.log")
            )
        return self._served[key]

    def served(self, store: Store) -> Served | None:
        """The server over this store, if one was started."""
        return self._served.get(("desk", store.home))

    def close(self) -> None:
        """End every server and delete every store."""
        self.keep.close()
        if not self.kept:
            shutil.rmtree(self.folder, ignore_errors=True)


def say(words: str) -> None:
    """What is being done, for whoever waits; figures alone go to standard output."""
    print(f"… {words}", file=sys.stderr, flush=True)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def gunicorn(target: str, environment: dict[str, str], log: Path) -> Iterator[Served]:
    """Two workers of gunicorn for `target`, ready for requests."""
    port = free_port()
    words = [
        sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS),
        "--keep-alive", "60", "--bind", f"127.0.0.1:{port}", "--log-level", "error", target,
    ]  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(
            words, cwd=ROOT, env={**os.environ, **INSTALLED, **environment}, stdout=out, stderr=out
        )
    try:
        wait_for(port, "/healthz" if "wsgi" in target else "/", process)
        yield Served(port, process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(port: int, path: str, process: subprocess.Popen[bytes], *, within: float = 30.0) -> float:
    """Ask until the server answers; returns the seconds that it took."""
    began = time.monotonic()
    while time.monotonic() < began + within:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        connection = Connection(port)
        with contextlib.suppress(OSError):
            if connection.ask(request(path)).status < 500:
                connection.close()
                return time.monotonic() - began
        connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.01)
    raise RuntimeError("the server did not answer")


def sign_in(app: Flask) -> tuple[str, str]:
    """A signed-in browser: its cookie header and a form token."""
    from itsdangerous import URLSafeTimedSerializer

    token, now = secrets.token_urlsafe(32), clock.now()
    person_id = db.session.scalars(select(Person.id).order_by(Person.id).limit(1)).one()
    db.session.rollback()
    begin_write()
    db.session.add(
        DeskSession(
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=now,
            last_seen_at=now,
            browser="bench",
        )
    )
    db.session.commit()
    client = app.test_client()
    raw = secrets.token_hex(20)
    with client.session_transaction(base_url=app.config["DESK_URL"]) as session:
        session.update({"_user_id": token, "_fresh": True, "csrf_token": raw})
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"], domain="127.0.0.1")
    if cookie is None:
        raise RuntimeError("no cookie was set")
    form = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(raw)
    return f"{cookie.key}={cookie.value}", str(form)
