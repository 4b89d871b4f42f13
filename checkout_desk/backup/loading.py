"""The database of a backup beside the live one, and then in its place.

SQLite: a file in a private folder, written over the live one by the backup API, which is one transaction there. PostgreSQL: a
schema of its own, whose tables move into the live schema in the transaction that drops what was there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, create_engine, inspect, make_url
from sqlalchemy.exc import DBAPIError

from checkout_desk import migrating
from checkout_desk.backup.container import Reader, Refused
from checkout_desk.backup.cutting import known_tables
from checkout_desk.extensions import db

SCHEMA = "desk_restore_"
PATIENCE = "30s"


def write_file(reader: Reader, file: Path) -> None:
    """Put the backup's SQLite file to `file`. Raises Refused when a byte is not that of the manifest."""
    with file.open("xb") as target:
        for piece in reader.pieces("database.sqlite"):
            target.write(piece)


def replace_file(made: Path, live: Path) -> None:
    """Give `live` the content of `made`, all of it or nothing."""
    with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(live)) as target:
        target.execute("PRAGMA busy_timeout=10000")
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        source.backup(target)
        target.execute("PRAGMA journal_mode=WAL")
    live.chmod(0o600)


@contextmanager
def schema(url: str, name: str) -> Iterator[str]:
    """A schema of the database at `url` that is gone afterwards. Yields the address by which tables are made in it."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with engine.connect() as connection:
            _drop_left(connection)
            try:
                connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
            except DBAPIError as fault:
                reason = str(fault.orig).strip().partition("\n")[0]
                raise Refused(
                    f"The database does not let this user make a schema beside the live one ({reason})."
                ) from None
        try:
            inside = make_url(url).update_query_dict({"options": f"-csearch_path={name}"})
            yield inside.render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
    finally:
        engine.dispose()


def _drop_left(connection: Connection) -> None:
    """What a restore that was killed left; the lock of restores is held."""
    pattern = f"^{SCHEMA}[0-9a-f]+$"
    left = connection.exec_driver_sql("SELECT nspname FROM pg_namespace WHERE nspname ~ %s", (pattern,))
    for (name,) in left.all():
        connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')


def fill(app: Flask, reader: Reader) -> None:
    """Make this version's tables in the (empty) schema of `app` and copy the backup's rows into them. Raises Refused."""
    with app.app_context():
        migrating.create()
        with db.engine.begin() as connection:
            tables = known_tables(connection)
            _check_columns(connection, tables, reader)
            keys = _foreign_keys(connection)
            for table, name, _ in keys:
                connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
            for table in tables:
                connection.exec_driver_sql(f'TRUNCATE "{table}"')
            for table in tables:
                _copy(connection, reader, table)
            for table, name, words in keys:
                connection.exec_driver_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {words}')
            _set_sequences(connection, reader.about["sequences"])
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _check_columns(connection: Connection, tables: list[str], reader: Reader) -> None:
    told = reader.about["columns"]
    look = inspect(connection)
    here = {table: {column["name"] for column in look.get_columns(table)} for table in tables}
    if {table: {*columns} for table, columns in told.items()} != here or [
        name.removeprefix("tables/") for name in reader.named("tables")
    ] != sorted(told):
        raise Refused("The tables in the backup are not those of this version of the desk.")


def _foreign_keys(connection: Connection) -> list[tuple[str, str, str]]:
    """Table, name and definition: taken away while rows are copied, since tables may name each other."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace ORDER BY 1, 2"
    )
    return [(table, name, words) for table, name, words in rows]


def _copy(connection: Connection, reader: Reader, table: str) -> None:
    names = ", ".join(f'"{name}"' for name in reader.about["columns"][table])
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for piece in reader.pieces(f"tables/{table}"):
            copy.write(piece)


def _set_sequences(connection: Connection, told: dict[str, int]) -> None:
    found = connection.exec_driver_sql(
        "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()"
    )
    for name in {row[0] for row in found} & {*told}:
        connection.exec_driver_sql("SELECT setval(quote_ident(%s)::regclass, %s)", (name, int(told[name])))


def replace_tables(url: str, name: str) -> None:
    """Move everything from the schema `name` into the live one and drop what was there, in one transaction."""
    engine = create_engine(url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            live = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
            new = inspect(connection).get_table_names(schema=name)
            for table in sorted({*known_tables(connection), *new} & {*inspect(connection).get_table_names()}):
                connection.exec_driver_sql(f'DROP TABLE "{live}"."{table}" CASCADE')
            functions = connection.exec_driver_sql(
                f"SELECT proname FROM pg_proc WHERE pronamespace = '{name}'::regnamespace"  # noqa: S608
            ).scalars().all()  # fmt: skip
            for function in functions:
                connection.exec_driver_sql(f'DROP FUNCTION IF EXISTS "{live}"."{function}"() CASCADE')
                connection.exec_driver_sql(f'ALTER FUNCTION "{name}"."{function}"() SET SCHEMA "{live}"')
            for table in new:
                connection.exec_driver_sql(f'ALTER TABLE "{name}"."{table}" SET SCHEMA "{live}"')
    finally:
        engine.dispose()
