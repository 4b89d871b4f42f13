"""A store of each earlier version comes to this one with all that it held, and its pages can be opened."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    String,
    event,
    func,
    inspect,
    select,
    text,
)

from checkout_desk import migrating
from checkout_desk.accounts import passwords
from checkout_desk.app import create_app
from checkout_desk.backup import checking
from checkout_desk.catalogue import stock
from checkout_desk.conversations import counting
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import db
from tests.parts.postgres import PostgresServer
from tests.signing import QUICK, signed_in

Rows = dict[str, tuple[list[str], list[list[Any]]]]
HERE = Path(__file__).parent
VERSIONS = sorted(path.name.partition(".")[0] for path in HERE.glob("*.json.gz"))
SUMS = ("stock_movement.on_hand", "quote.total_minor", "payment.amount_minor", "event.id", "raw_mail.size")
PAGES = ("/", "/orders", "/customers", "/search?q=mug", "/settings", "/mailboxes", "/me")


def written(version: str) -> Rows:
    """What the demo store of that version held: table -> columns and rows."""
    found: Rows = json.loads(gzip.decompress((HERE / f"{version}.json.gz").read_bytes()))
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    environment = {
        "DESK_HOME": str(tmp_path / "home"),
        "REDIS_URL": "unix:///nonexistent",
        "DESK_DISK_RESERVE": "0",
        "DESK_URL": "http://localhost",
    }
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        environment["DATABASE_URL"] = server.url_for()
    passwords._hasher = QUICK
    app = create_app(environment=environment)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _value(kind: Any, value: Any, dialect: str) -> Any:
    if value is None:
        return None
    if isinstance(kind, DateTime):
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if dialect == "postgresql" else f"{at:%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(value)
    if isinstance(kind, Boolean):
        return bool(value)
    return json.loads(value) if isinstance(kind, JSON) else value


def fill(connection: Connection, rows: Rows) -> None:
    """Put the rows into the tables of their own version, which the first migrations have just made."""
    dialect = connection.dialect.name
    tables = MetaData()
    tables.reflect(connection, only=list(rows))
    if dialect == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))
    for name, (columns, held) in rows.items():
        table = tables.tables[name]
        kinds = {c.name: c.type for c in table.c}
        for column in table.c if dialect == "sqlite" else ():
            if isinstance(column.type, DateTime):
                column.type = String()  # the versions before 0006 kept instants as text
        connection.execute(table.delete())
        values = [
            {c: _value(kinds[c], v, dialect) for c, v in zip(columns, row, strict=True)} for row in held
        ]
        for start in range(0, len(values), 200):
            connection.execute(table.insert(), values[start : start + 200])
        if dialect == "postgresql" and "id" in table.c and connection.scalar(
            text("SELECT pg_get_serial_sequence(:t, 'id')"), {"t": f'"{name}"'}
        ):  # fmt: skip
            highest = max(row[columns.index("id")] for row in held)
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:t, 'id'), :n)"), {"t": f'"{name}"', "n": highest}
            )
    if dialect == "postgresql":
        connection.execute(text("SET session_replication_role = DEFAULT"))


def as_it_was(desk: Flask, version: str, rows: Rows) -> None:
    """The database at that version, with what it held."""
    from alembic import command

    migrating.import_models()
    with desk.app_context():
        command.upgrade(migrating._config(), version)
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.rollback()
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            fill(connection, rows)
            connection.commit()
        db.engine.dispose()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_that_version_comes_to_this_one(desk: Flask, version: str) -> None:
    rows = written(version)
    as_it_was(desk, version, rows)
    with desk.app_context():
        assert migrating.revision() == version
    assert migrating.upgrade(desk) in ("upgraded", "current")
    with desk.app_context():
        assert migrating.revision() == migrating.head()
        if db.engine.dialect.name == "sqlite":
            assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
        for name, (_, held) in rows.items():
            if name != "conversation_count":  # a newer version counts more views
                assert db.session.scalar(select(func.count()).select_from(db.metadata.tables[name])) == len(
                    held
                ), name
        for column in SUMS:
            table, _, name = column.partition(".")
            columns, held = rows.get(table, ([], []))
            if held:
                here = db.session.scalar(select(func.sum(db.metadata.tables[table].c[name])))
                assert int(here or 0) == sum(row[columns.index(name)] for row in held), column
        report = verify()
        assert report.first_wrong is None, report.why
        assert report.events == len(rows["event"][1])
        assert set(db.session.scalars(text("SELECT length(hash) FROM event"))) == {32}  # bytes, no letters
        assert (stock.check(), counting.check(), list(checking.payments())) == ([], [], [])
        tables = set(inspect(db.engine).get_table_names())
        person = db.session.scalar(text("SELECT person_id FROM person_role WHERE role = 'support'"))
        conversation = db.session.scalar(
            text("SELECT id FROM conversation WHERE merged_into_id IS NULL ORDER BY id")
        )
        db.session.remove()
    assert set(db.metadata.tables) <= tables
    browser = signed_in(desk, int(person or 0))
    for page in (*PAGES, f"/conversations/{conversation}"):
        answer = browser.get(page, follow_redirects=True)
        assert answer.status_code in (200, 403), page
        assert answer.request.path != "/sign-in", page
    assert browser.get(f"/conversations/{conversation}").status_code == 200


def _schema(desk: Flask) -> set[str]:
    """Tables, triggers and indexes, by name."""
    with desk.app_context():
        names = (
            "SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
            if db.engine.dialect.name == "sqlite"
            else "SELECT relkind::text || ' ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'i', 'S') UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        return set(db.session.scalars(text(names)))


def test_an_upgrade_that_dies_at_its_last_step_begins_anew(desk: Flask) -> None:
    rows = written("0005")
    as_it_was(desk, "0005", rows)
    before = _schema(desk)
    with desk.app_context():
        engine = db.engine
        kept = engine.dialect.name == "sqlite"
        seq = "SELECT seq FROM sqlite_sequence WHERE name = 'draft'"
        if kept:  # a number that was given and is gone
            with engine.begin() as connection:
                connection.execute(text("DELETE FROM sqlite_sequence WHERE name = 'draft'"))
                connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('draft', 900)"))

    def die(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("UPDATE alembic_version"):
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        migrating.upgrade(desk)
    event.remove(engine, "before_cursor_execute", die)
    with desk.app_context():
        assert migrating.revision() == "0005"
    assert _schema(desk) == before
    assert migrating.upgrade(desk) == "upgraded"
    with desk.app_context():
        assert verify().first_wrong is None
        assert not kept or db.session.scalar(text(seq)) == 900
        db.session.remove()
        engine.dispose()
    fresh = desk.config["DESK_HOME"].parent / "fresh"
    if kept:  # what an upgraded store is made of is what a new one is made of
        new = create_app(environment={"DESK_HOME": str(fresh), "REDIS_URL": "unix:///nonexistent"})
        migrating.upgrade(new)
        assert _schema(desk) == _schema(new)


def test_every_version_before_this_one_is_tried() -> None:
    made = {path.name[:4] for path in (migrating.MIGRATIONS / "versions").glob("[0-9]*.py")}
    assert made - set(VERSIONS) <= {migrating.head()}
