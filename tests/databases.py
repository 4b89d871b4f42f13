"""A migrated, empty database for each test, on either engine, for the price of a few milliseconds.

SQLite: a file is copied. PostgreSQL: one database for each worker of pytest-xdist, emptied before each test, which is
much quicker than `CREATE DATABASE … TEMPLATE`.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from _pytest.mark.structures import ParameterSet
from flask import Flask
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


class SqliteFile:
    """The file of one desk, for its story."""

    def __init__(self, app: Flask) -> None:
        self._file = Path(app.config["DATABASE_URL"].removeprefix("sqlite:///"))
        with app.app_context():
            self._engine = db.engine
        self._watching: sqlite3.Connection | None = None

    def mark(self) -> object:
        """What SQLite counts for a connection: how often another one has written."""
        if self._watching is None:
            self._watching = sqlite3.connect(self._file, check_same_thread=False)
        return self._watching.execute("PRAGMA data_version").fetchone()

    def keep(self) -> bytes:
        """The file as it is with its log in it."""
        with closing(sqlite3.connect(self._file)) as here, closing(sqlite3.connect(":memory:")) as there:
            here.backup(there)
            return there.serialize()

    def restore(self, kept: bytes) -> None:
        """The file as it was; whoever is connected is cut off."""
        self.leave()
        self._engine.dispose()
        for log in ("-wal", "-shm"):
            self._file.with_name(self._file.name + log).unlink(missing_ok=True)
        self._file.write_bytes(kept)

    def leave(self) -> None:
        """Let go of the file."""
        if self._watching is not None:
            self._watching.close()
            self._watching = None


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
        self._functions = [self._emptying(), self._keeping(), self._restoring()]
        self._define()

    def _define(self) -> None:
        for function in self._functions:
            self._connection.execute(function)

    def _emptying(self) -> sql.Composed:
        """One function of our connection, for asking a hundred tables one by one takes longer than most tests, and so does
        planning what asks them: a function keeps its plans.

        TRUNCATE makes new files for each table and index, so it is DELETE, and only where there are rows.
        """
        delete = [
            sql.SQL("IF EXISTS (SELECT FROM {0}) THEN DELETE FROM {0}; END IF;").format(sql.Identifier(name))
            for name in self._tables
        ]
        insert = [
            sql.SQL("INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{2}, {1});").format(
                sql.Identifier(name), sql.Literal(rows), sql.Identifier("public", name)
            )
            for name, rows in self._first_rows.items()
        ]
        body = sql.SQL(
            "SET LOCAL session_replication_role = replica; {} IF first THEN {} END IF; "  # no triggers, no foreign keys
            "PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) "
            "FROM pg_sequences WHERE last_value IS NOT NULL;"
        )
        return _function(
            "emptied(first boolean) RETURNS void",
            body.format(sql.SQL("").join(delete), sql.SQL("").join(insert)),
        )

    def _keeping(self) -> sql.Composed:
        each = [
            sql.SQL(
                "IF EXISTS (SELECT FROM {0}) THEN SELECT rows || jsonb_build_object({1}, jsonb_agg(t)) INTO rows FROM {0} t; "
                "END IF;"
            ).format(sql.Identifier(name), sql.Literal(name))
            for name in self._tables
        ]
        return _function(
            "kept(OUT rows jsonb, OUT counted jsonb)",
            sql.SQL(
                "rows = '{{}}'; {} SELECT coalesce(jsonb_object_agg(sequencename, last_value), '{{}}') INTO counted "
                "FROM pg_sequences WHERE last_value IS NOT NULL;"
            ).format(sql.SQL("").join(each)),
        )

    def _restoring(self) -> sql.Composed:
        each = [
            sql.SQL(
                "IF rows ? {1} THEN INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{2}, rows->{1}); END IF;"
            ).format(
                sql.Identifier(name), sql.Literal(name), sql.Identifier("public", name)
            )  # `box` is a type too
            for name in self._tables
        ]
        return _function(
            "restored(rows jsonb, counted jsonb) RETURNS void",
            sql.SQL(
                "PERFORM pg_temp.emptied(false); SET LOCAL session_replication_role = replica; {} "
                "PERFORM setval(format('%I', key)::regclass, value::bigint) FROM jsonb_each_text(counted);"
            ).format(sql.SQL("").join(each)),
        )

    def mark(self) -> object:
        """The number of the next transaction that will write."""
        return self._connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()

    def keep(self) -> Any:
        """Its rows, and how far its sequences have counted."""
        return self._connection.execute("SELECT rows::text, counted::text FROM pg_temp.kept()").fetchone()

    def restore(self, kept: Any) -> None:
        """The rows as they were; nobody is at work in it."""
        self._connection.execute("SELECT pg_temp.restored(%s::jsonb, %s::jsonb)", kept)

    def leave(self) -> None:
        """Nothing is held."""

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
            self._define()
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
        self._connection.execute("SELECT pg_temp.emptied(true)")
        return True


def _function(head: str, body: sql.Composed) -> sql.Composed:
    """A function of our connection: it keeps its plans."""
    text = sql.SQL("BEGIN {} END").format(body).as_string()
    return sql.SQL("CREATE FUNCTION pg_temp.{} LANGUAGE plpgsql AS {}").format(
        sql.SQL(head), sql.Literal(text)
    )


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
