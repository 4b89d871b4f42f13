"""How Alembic reaches the desk's database. Runs inside an app context, which `checkout_desk.migrating` gives it."""

from __future__ import annotations

from typing import Any

from alembic import context

from checkout_desk.extensions import db

SEARCH_TABLES = ("message_fts", "message_search")
"""no model names them, and FTS5 keeps shadow tables beside its own; autogenerate would propose to drop them all"""


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Leave the search index and its shadow tables to those who made them."""
    table = thing.table.name if kind == "index" else name
    return not (kind in ("table", "index") and table is not None and table.startswith(SEARCH_TABLES))


def run() -> None:
    """Bring the connected database to the wanted version in one transaction."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Batch mode rebuilds a table by dropping it, and with foreign keys on that deletes its children. The
            # pragma does nothing inside a transaction, hence on the driver's connection before one begins.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                include_object=include_object,
                render_as_batch=True,
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            if connection.dialect.name == "sqlite":
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; --sql is not supported.")
run()
