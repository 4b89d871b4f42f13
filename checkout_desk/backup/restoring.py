"""A desk from a backup. Everything is made and checked beside the live desk; only what is whole takes its place.

What was checked is put in place in an order in which each step harms nobody: blobs (which are only added), keys, and the
database last, in one transaction.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, event, inspect, text

from checkout_desk import config, faults, migrating
from checkout_desk.app import create_app
from checkout_desk.backup import afterwards, checking, loading
from checkout_desk.backup.container import Reader, Refused
from checkout_desk.backup.making import alone, clear_home
from checkout_desk.buckets import open_blobs
from checkout_desk.extensions import db

NOBODY = "unix:///nonexistent/valkey.sock"
"""the desk that is being checked rings for nobody"""
FILLED = ("person", "store", "raw_mail", "event")


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in a backup."""

    about: dict[str, Any]
    faults: list[str]
    keys: tuple[str, ...]
    blobs: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place."""

    found: Verified
    settled: afterwards.Settled


class _Place:
    """The desk that is restored to, known by its settings alone: making an app there would make new keys."""

    def __init__(self, environment: Mapping[str, str] | None) -> None:
        self.environment = dict(os.environ if environment is None else environment)
        self.values = config.read(self.environment)
        self.home: Path = self.values["DESK_HOME"]
        config.ensure_home(self.home)
        self.url: str = self.values["DATABASE_URL"]
        self.engine: Engine = create_engine(self.url, hide_parameters=True)
        self.dialect = self.engine.dialect.name

    def key(self, name: str) -> str:
        """A key of the place: its setting, else its file, else ''."""
        setting = {"secret": "DESK_SECRET_KEY", "crypt": "DESK_CRYPT_KEYS"}[name]
        with contextlib.suppress(FileNotFoundError):
            return self.values[setting] or (self.home / "keys" / name).read_text().strip()
        return ""

    def live(self) -> Engine | None:
        """The database that stands here; None where SQLite has no file, which looking would make."""
        if self.dialect == "sqlite" and not Path(str(self.engine.url.database)).exists():
            return None
        return self.engine


def verify(file: Path, *, environment: Mapping[str, str] | None = None) -> Verified:
    """Check a backup in every respect and leave nothing behind. Raises Refused and Busy."""
    place = _Place(environment)
    with _opened(place, file, force=True) as (reader, app, _, found):
        del app
        return Verified(reader.about, found, _key_names(reader), len(reader.named("blobs")))


def restore(file: Path, *, environment: Mapping[str, str] | None = None, force: bool = False) -> Restored:
    """Put the desk of a backup in the place that the settings name. Raises Refused and Busy; then nothing was changed.

    `force` also replaces a desk that is in use or holds something, takes a backup that another desk made, and one whose
    desk was not sound. Bytes that were altered are refused in any case.
    """
    place = _Place(environment)
    faults.allow(place.environment, sandbox=place.values["DESK_SANDBOX"])
    if not force:
        try:
            _check_place(place)
        finally:
            place.engine.dispose()  # our own connection would be one of those that use the desk
    with _opened(place, file, force=force) as (reader, app, name, found):
        if found and not force:
            raise Refused("The desk in the backup is not sound, nothing was changed: " + "; ".join(found[:5]))
        _check_keys(place, reader, force=force)
        live = place.live()
        revoked = afterwards.revoked_links(live) if live is not None else set()
        settled = afterwards.settle(app, made_at=str(reader.about["made_at"]), revoked=revoked)
        faults.fault("restore.before_blobs")
        _bring_blobs(place, reader)
        _bring_keys(place, reader)
        faults.fault("restore.before_database")
        with app.app_context():
            db.engine.dispose()
        if place.dialect == "sqlite":
            loading.replace_file(Path(name), Path(str(place.engine.url.database)))
        else:
            loading.replace_tables(place.url, name)
        _empty_queues(place)
        return Restored(
            Verified(reader.about, found, _key_names(reader), len(reader.named("blobs"))), settled
        )


@contextlib.contextmanager
def _opened(place: _Place, file: Path, *, force: bool) -> Iterator[tuple[Reader, Flask, str, list[str]]]:
    """The file opened, a desk on its database beside the live one, where that is, and what is wrong with it."""
    migrating.import_models()
    with ExitStack() as stack:
        stack.callback(place.engine.dispose)
        stack.enter_context(alone(place.home, place.engine))
        clear_home(place.home)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="restore-", dir=place.home)))
        _check_space(place, file)
        reader = Reader(file, folder=folder, passphrase=place.values["DESK_BACKUP_PASSPHRASE"])
        stack.callback(reader.close)
        _check_origin(place, reader, force=force)
        (folder / "keys").mkdir(mode=0o700)
        for member in reader.named("keys"):
            _write_key(folder / member, reader.data(member))
        environment = {
            "DESK_HOME": str(folder), "REDIS_URL": NOBODY, "BLOB_URL": str(folder / "blobs"),
            "DESK_LOG": place.values["DESK_LOG"], "DESK_DISK_RESERVE": "0",
        }  # fmt: skip
        found: list[str] = []
        if place.dialect == "sqlite":
            name = str(folder / "desk.db")
            loading.write_file(reader, Path(name))
            found += checking.look_at_file(Path(name))
            app = create_app(environment=environment | {"DATABASE_URL": f"sqlite:///{name}"})
        else:
            name = loading.SCHEMA + secrets.token_hex(6)
            inside = stack.enter_context(loading.schema(place.url, name))
            app = create_app(environment=environment | {"DATABASE_URL": inside})
            stack.callback(_let_go, app)
            loading.fill(app, reader)
        stack.callback(_let_go, app)
        found += _checked_readonly(app, reader)
        yield reader, app, name, found


def _checked_readonly(app: Flask, reader: Reader) -> list[str]:
    """What is wrong with the database, looked at through connections that cannot write."""
    with app.app_context():
        engine = db.engine
        if migrating.revision() != reader.about["version"]:
            raise Refused("The database in the backup has another version than its manifest says.")
        engine.dispose()
    words: tuple[str, ...] = ("PRAGMA query_only=ON", "PRAGMA trusted_schema=OFF")
    if engine.dialect.name != "sqlite":
        words = ("SET default_transaction_read_only = on",)

    def close_door(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for one in words:
            cursor.execute(one)
        cursor.close()
        if engine.dialect.name != "sqlite":
            connection.commit()

    event.listen(engine, "connect", close_door)
    try:
        return checking.check(app, reader)
    finally:
        event.remove(engine, "connect", close_door)
        engine.dispose()


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _check_space(place: _Place, file: Path) -> None:
    wanted = 3 * file.stat().st_size if file.exists() else 0
    free = shutil.disk_usage(place.home).free
    if free < wanted:
        raise Refused(
            f"{place.home} has {free // 2**20} MB free, restoring may need {wanted // 2**20 + 1} MB."
        )


def _check_origin(place: _Place, reader: Reader, *, force: bool) -> None:
    inside = reader.data("keys/secret").decode().splitlines() if "keys/secret" in reader.members else []
    own = [line.strip() for line in place.key("secret").splitlines() if line.strip()]
    if not reader.signed_by([*own, *inside] if force or not own else own):
        other = "another desk made it, or " if own and reader.signed_by(inside) else ""
        raise Refused(
            f"The backup is not signed with this desk's key: {other}it was altered."
            + (" --force takes it nevertheless." if other else "")
        )
    newest = migrating.head()
    if reader.about["version"] != newest:
        raise Refused(
            f"The backup is of database version {reader.about['version']}, this desk has {newest}; install the version of "
            "the desk that made it, restore, and upgrade then."
        )
    if reader.about["engine"] != place.dialect:
        raise Refused(
            f"The backup was made on {reader.about['engine']} and can be restored there alone; "
            f"DATABASE_URL names {place.dialect}."
        )


def _check_place(place: _Place) -> None:
    """Raise Refused for a desk that is in use, or where something is."""
    if _in_use(place):
        raise Refused("The desk here runs. Stop it first, or replace it under its processes with --force.")
    live = place.live()
    if live is None:
        return
    with live.connect() as connection:
        there = inspect(connection).get_table_names()
        for table in FILLED:
            if table in there and connection.scalar(text(f'SELECT 1 FROM "{table}" LIMIT 1')):  # noqa: S608
                raise Refused("There is a desk here already. --force replaces it; make a backup of it first.")


def _in_use(place: _Place) -> bool:
    """Whether processes of the desk are at work: a supervisor, or connections to the database."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(place.home / "up.lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    live = place.live()
    if live is None:
        return False
    if place.dialect == "sqlite":
        # Leaving the write-ahead log needs the file alone, so it tells whether anybody has it open.
        with closing(sqlite3.connect(str(live.url.database), timeout=0.2)) as connection:
            try:
                connection.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError:
                return True
            return False
    with live.connect() as connection:
        others = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND usename = current_user"
        )
        for _ in range(20):  # who has just left is still on the list for a moment
            if not connection.scalar(others):
                return False
            connection.execute(text("SELECT pg_sleep(0.1)"))
        return True


def _check_keys(place: _Place, reader: Reader, *, force: bool) -> None:
    """Keys of the environment stay in force after the restore: they must be able to read what is restored."""
    for name, setting in (("secret", "DESK_SECRET_KEY"), ("crypt", "DESK_CRYPT_KEYS")):
        told = place.values[setting]
        if told and name == "secret":
            told += f",{place.values['DESK_OLD_SECRET_KEYS']}"
        inside = {line for line in reader.data(f"keys/{name}").decode().splitlines() if line}
        if told and not inside <= {key.strip() for key in told.split(",")} and not force:
            raise Refused(
                f"{setting} of the environment is not the key of the backup: set it to the one that was then."
            )


def _bring_blobs(place: _Place, reader: Reader) -> None:
    # Any key does: blobs are brought in the form in which they were kept.
    keys = [line for line in reader.data("keys/crypt").decode().splitlines() if line]
    here = open_blobs(place.values["BLOB_URL"], keys=keys)
    for member in reader.named("blobs"):
        digest, dot, rest = member.removeprefix("blobs/").partition(".")
        here.bring(digest, dot + rest, reader.data(member))


def _bring_keys(place: _Place, reader: Reader) -> None:
    """The backup's keys; those that were here and open sealed blobs or passwords are kept behind them."""
    folder = place.home / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    own = place.key("crypt").replace(",", "\n").splitlines()
    for member in reader.named("keys"):
        data = reader.data(member)
        if member == "keys/crypt":
            data = "\n".join(
                dict.fromkeys([*data.decode().split(), *(key for key in own if key.strip())])
            ).encode()
        _write_key(place.home / member, data)
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _write_key(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _empty_queues(place: _Place) -> None:
    """What the queue holds are numbers of rows of another desk; the sweeps ring anew for what waits."""
    from redis import Redis
    from redis.exceptions import RedisError
    from rq import Queue

    from checkout_desk.queue import QUEUES

    client = Redis.from_url(place.values["REDIS_URL"], socket_connect_timeout=1, socket_timeout=2)
    with contextlib.suppress(RedisError, OSError):
        for queue in QUEUES:
            Queue(queue, connection=client).empty()
    client.close()


def _key_names(reader: Reader) -> tuple[str, ...]:
    return tuple(name.removeprefix("keys/") for name in reader.named("keys"))
