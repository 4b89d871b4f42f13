"""One moment of the database, while everybody works on.

SQLite is copied in one step by its backup API: a reader of the write-ahead log, for which no writer waits. PostgreSQL is
read table by table by COPY inside one REPEATABLE READ transaction, which needs no client programs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy import table as sql_table

from checkout_desk import migrating, orphans
from checkout_desk.extensions import db

SEARCH = "message_search"
"""PostgreSQL's search index, the one table that the models do not know"""
PIECE = 2**20


@dataclass(slots=True)
class Facts:
    """What the manifest says of the database."""

    engine: str
    version: str
    counts: dict[str, int] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)


class Cut(Protocol):
    """The database at one moment."""

    facts: Facts

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The members that hold it, each to be read before the next."""

    def digests(self) -> set[str]:
        """The blobs that it names."""


@contextmanager
def cut(folder: Path) -> Iterator[Cut]:
    """The database of the current app at this moment; `folder` is private and has room for a copy."""
    version = migrating.revision() or ""
    if db.engine.dialect.name == "sqlite":
        copy = folder / "database.sqlite"
        with (
            closing(sqlite3.connect(str(db.engine.url.database))) as live,
            closing(sqlite3.connect(copy)) as made,
        ):
            live.execute("PRAGMA busy_timeout=10000")
            live.backup(made)
            made.execute("PRAGMA journal_mode=DELETE")
            yield SqliteCut(made, copy, version)
        return
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        yield PostgresCut(connection, version)


def known_tables(connection: Connection) -> list[str]:
    """The desk's own tables of the connection's schema."""
    ours = {*db.metadata.tables, SEARCH}
    return sorted(ours & set(inspect(connection).get_table_names()))


class SqliteCut:
    """A copy of the file."""

    def __init__(self, connection: sqlite3.Connection, file: Path, version: str) -> None:
        self._connection, self._file = connection, file
        self.facts = Facts("sqlite", version)
        for table in sorted(db.metadata.tables):
            found = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608
            self.facts.counts[table] = found[0]

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The one file."""
        yield "database.sqlite", _file(self._file)

    def digests(self) -> set[str]:
        """The blobs that the copy names."""
        return {
            row[0].hex() if isinstance(row[0], bytes) else row[0]
            for column in orphans.naming_columns()
            for row in self._connection.execute(
                f'SELECT DISTINCT "{column.name}" FROM "{column.table.name}" WHERE "{column.name}" <> \'\''  # noqa: S608
            )
        }


class PostgresCut:
    """A transaction that sees one moment."""

    def __init__(self, connection: Connection, version: str) -> None:
        self._connection = connection
        self.facts = Facts("postgresql", version)
        look = inspect(connection)
        for table in known_tables(connection):
            self.facts.columns[table] = [c["name"] for c in look.get_columns(table) if "computed" not in c]
            self.facts.counts[table] = connection.scalars(
                select(func.count()).select_from(sql_table(table))
            ).one()
        # A sequence is in no transaction: read after the snapshot it is not behind it.
        rows = connection.exec_driver_sql(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() "
            "AND last_value IS NOT NULL"
        )
        self.facts.sequences = {row[0]: row[1] for row in rows}

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """A member for each table, in COPY's text form."""
        for table, columns in self.facts.columns.items():
            yield f"tables/{table}", self._copy(table, columns)

    def _copy(self, table: str, columns: list[str]) -> Iterator[bytes]:
        names = ", ".join(f'"{name}"' for name in columns)
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) TO STDOUT') as copy:
            for piece in copy:
                yield bytes(piece)

    def digests(self) -> set[str]:
        """The blobs that the moment names."""
        return {
            digest
            for column in orphans.naming_columns()
            for digest in self._connection.scalars(select(column).where(column != "").distinct())
        }


def _file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
