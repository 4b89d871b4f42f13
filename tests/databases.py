"""A migrated, empty database for each test, on either engine, for the price of a few milliseconds.

SQLite: a file is copied. PostgreSQL: one database for each worker of pytest-xdist, emptied before each test, which is
much quicker than `CREATE DATABASE … TEMPLATE`.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from _pytest.mark.structures import ParameterSet
from psycopg import sql

from checkout_desk import migrating
from checkout_desk.app import create_app
from checkout_desk.extensions import db
from tests.parts.postgres import PostgresServer
from tests.warm import CONNECTIONS

ENGINES = ("sqlite", "postgres")
NAME = "suite"


def migrated(home: Path, url: str | None = None) -> None:
    """Bring the database at `url` (SQLite in `home` unless given) to this version, and let go of it."""
    environment = {"DESK_HOME": str(home), "REDIS_URL": "unix:///nonexistent"}
    app = create_app(environment=environment | ({"DATABASE_URL": url} if url else {}))
    migrating.upgrade(app)
    with app.app_context():
        db.engine.dispose()


class SqliteTemplate:
    """A migrated file that is made once and copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "desk.db"
        migrated(folder)
        # What stands in the log belongs into the file that is copied.
        with sqlite3.connect(self.file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def copy(self, file: Path) -> str:
        """A database of its own at `file`, and its address."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(self.file, file)
        return f"sqlite:///{file}"


class PostgresDatabase:
    """One migrated database; `emptied` gives it back as new."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._make()

    def _make(self) -> None:
        self._url = self._server.create(NAME)
        migrated(self._folder, self._url)
        self._connection = self._connect()  # a kept one: a new one would have to get to know the tables first
        self._tables = self._tables_of(self._connection)
        self._first_rows = {
            name: json
            for name in self._tables
            for (json,) in self._connection.execute(
                sql.SQL("SELECT json_agg(t)::text FROM {} t").format(sql.Identifier(name))
            )
            if json is not None
        }
        self._emptying = self._function()
        self._connection.execute(self._emptying)

    def _function(self) -> sql.Composed:
        """One function of our connection, for asking a hundred tables one by one takes longer than most tests, and so does
        planning what asks them: a function keeps its plans.

        TRUNCATE makes new files for each table and index, so it is DELETE, and only where there are rows.
        """
        delete = [
            sql.SQL("IF EXISTS (SELECT FROM {0}) THEN DELETE FROM {0}; END IF;").format(sql.Identifier(name))
            for name in self._tables
        ]
        insert = [
            sql.SQL("INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, {1});").format(
                sql.Identifier(name), sql.Literal(rows)
            )
            for name, rows in self._first_rows.items()
        ]
        return sql.SQL(
            "CREATE FUNCTION pg_temp.emptied() RETURNS void LANGUAGE plpgsql AS {}"
        ).format(
            sql.Literal(
                sql.SQL(
                    "BEGIN SET LOCAL session_replication_role = replica; {} {} "  # no triggers, no foreign keys
                    "PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) "
                    "FROM pg_sequences WHERE last_value IS NOT NULL; END"
                )
                .format(sql.SQL("").join(delete), sql.SQL("").join(insert))
                .as_string()
            )
        )

    @staticmethod
    def _tables_of(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' "
            "ORDER BY tablename"
        ).fetchall()
        return [str(row[0]) for row in rows]

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        # A thread that a failed test left behind may take a row again after it was thrown out: waiting for it has an end,
        # and whoever was caught in between is thrown out the second time.
        return psycopg.connect(
            self._url.replace("+psycopg", "", 1),
            autocommit=True,
            connect_timeout=10,
            options="-c lock_timeout=20s",
        )

    def emptied(self) -> str:
        """The address of the database as the migration left it, with nobody at work in it.

        What is connected is thrown out, but for connections that wait for the next test.
        """
        if not self._server.running:
            self._server.start()
        try:
            whole = self._empty()
        except psycopg.OperationalError:  # the server was gone meanwhile, or somebody held a row
            self._connection = self._connect()
            self._connection.execute(self._emptying)
            whole = self._empty()
        if not whole:  # a test broke the database on purpose
            self._make()
        return self._url

    def _empty(self) -> bool:
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND NOT (state = 'idle' AND pid = ANY(%s))",
            [list(CONNECTIONS.backends)],
        )
        if self._tables_of(self._connection) != self._tables:
            return False
        self._connection.execute("SELECT pg_temp.emptied()")
        return True


def rows_on_sqlite(
    names: str | Sequence[str], rows: Iterable[Any], *, ids: Iterable[object] | None = None
) -> pytest.MarkDecorator:
    """As `pytest.mark.parametrize` for a test with a desk: every row on SQLite, and the first one on PostgreSQL too.

    For tables whose rows differ in nothing that a database sees: input that is refused before it is written, one sentence in
    every language, one answer for every role. What a row writes, finds or locks belongs on both engines.
    """
    many = not isinstance(names, str) or "," in names
    told = iter(ids) if ids is not None else itertools.repeat(None)
    cells = []
    for n, (row, word) in enumerate(zip(rows, told, strict=False)):
        known = row if isinstance(row, ParameterSet) else ParameterSet.param(*(row if many else (row,)))
        name = known.id if word is None else str(word)
        for engine in ENGINES if n == 0 else ENGINES[:1]:
            own = {} if name is None else {"id": f"{engine}-{name}"}
            cells.append(pytest.param(engine, *known.values, marks=known.marks, **own))
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    return pytest.mark.parametrize(("database_url", *wanted), cells, indirect=["database_url"])
