"""Bringing the database to this version of the desk, by one process at a time."""

from __future__ import annotations

import fcntl
import importlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask
from sqlalchemy import Connection, inspect, text

from checkout_desk.extensions import db

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
ADVISORY_LOCK = 0x4465736B
"""PostgreSQL's advisory locks are numbers; this one is ours"""


def upgrade(app: Flask) -> str:
    """Create or upgrade the database of `app`; harmless when there is nothing to do or another process does it.

    Returns 'created', 'upgraded' or 'current'. Raises database errors as they are.
    """
    import_models()
    with app.app_context(), _alone(app.config["DESK_HOME"]):
        present, newest = revision(), head()
        if present is not None and present == newest:
            return "current"
        if present is None and not tables():
            create()
            return "created"
        if newest is None:  # a checkout without versions: add what is missing
            db.metadata.create_all(db.engine)
            return "current"
        from alembic import command  # costs half a second that a current database need not pay

        command.upgrade(_config(), "head")
        _give_back()
        return "upgraded"


def _give_back() -> None:
    """Write SQLite's file anew if an upgrade left much of it empty and the disk has room for a second and a third one.

    The desk runs without it: what is empty is filled again. So nothing is refused where it cannot be done now, and a kill
    leaves the file as it was.
    """
    if db.engine.dialect.name != "sqlite":
        return
    file = Path(str(db.engine.url.database))
    with db.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        empty, pages = (
            driver.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count")
        )
        if empty * 5 < pages or shutil.disk_usage(file.parent).free < 2 * file.stat().st_size:
            return
        try:
            driver.execute("PRAGMA temp_store=FILE")  # not in memory, where a large store has no room
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as fault:  # somebody reads, or the disk of temporary files is small
            structlog.get_logger().warning("migrating.not_shrunk", fault=str(fault))
        finally:
            driver.execute("PRAGMA temp_store=MEMORY")


def revision() -> str | None:
    """The version that the database says it has, None when it says nothing."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def head() -> str | None:
    """The newest version in `migrations/`, None when there is none."""
    if not any((MIGRATIONS / "versions").glob("*.py")):
        return None
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def known() -> set[str | None]:
    """Every version in `migrations/`, and None for a database that says nothing."""
    if head() is None:
        return {None}
    from alembic.script import ScriptDirectory

    return {None, *(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())}


def unfit() -> str | None:
    """Why this desk cannot use the database as it is, and what to do, as a sentence; None when it has this version."""
    present, newest = revision(), head()
    if not tables():
        return "the database is empty; run: checkout-desk migrate"
    if present not in known():
        return f"the database was made by a newer desk (version {present}); install that one, this one would harm it"
    if present != newest:
        return f"the database has version {present or 'none'}, this desk needs {newest}; run: checkout-desk migrate"
    return None


def write_version(message: str) -> None:
    """Write a new version from the difference between tables and database. For those who change the desk."""
    from alembic import command

    import_models()
    command.revision(_config(), message=message, autogenerate=True)


def create() -> None:
    """All tables and the version stamp in one transaction, so that a killed start leaves no half database."""
    import_models()
    newest = head()
    with db.engine.begin() as connection:
        db.metadata.create_all(connection)
        if newest is not None:
            _stamp(connection, newest)


def _stamp(connection: Connection, newest: str) -> None:
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:newest)"), {"newest": newest})


def import_models() -> None:
    """Import the tables of every package, whoever else uses them or not."""
    for path in sorted(Path(__file__).parent.glob("*/*models.py")):
        importlib.import_module(f"checkout_desk.{path.parent.name}.{path.stem}")


def tables() -> list[str]:
    """The names of all tables that the database has."""
    return inspect(db.engine).get_table_names()


def _config() -> Config:
    from alembic.config import Config

    config = Config(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One upgrade at a time: a file lock on this machine, and an advisory lock where several machines share PostgreSQL."""
    descriptor = os.open(home / "migrate.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if db.engine.dialect.name != "postgresql":
            yield
            return
        with db.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
    finally:
        os.close(descriptor)
