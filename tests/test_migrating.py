"""The database comes to this version: new, old, twice and from two processes at once, on both engines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from checkout_desk import migrating
from checkout_desk.app import create_app
from checkout_desk.extensions import db
from tests.parts.postgres import PostgresServer

CHANGE = """
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "b2", "a1", None, None

def upgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.alter_column("name", type_=sa.String(130), existing_type=sa.String(120), existing_nullable=False)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    environment = {"DESK_HOME": str(tmp_path / "h"), "REDIS_URL": f"unix://{tmp_path}/none"}
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        environment["DATABASE_URL"] = server.url_for()
    app = create_app(environment=environment)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of migrations/ without versions; returns the folder for them."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrating.MIGRATIONS, folder, ignore=shutil.ignore_patterns("versions", "__pycache__"))
    (folder / "versions").mkdir()
    monkeypatch.setattr(migrating, "MIGRATIONS", folder)
    return folder / "versions"


def write(versions: Path, name: str, body: str) -> None:
    (versions / f"{name}.py").write_text(body)


BASE = 'revision, down_revision, branch_labels, depends_on = "a1", None, None, None\n\ndef upgrade() -> None:\n    pass\n'


def test_a_new_database_is_created_and_then_left_alone(desk: Flask) -> None:
    assert migrating.upgrade(desk) == "created"
    assert migrating.upgrade(desk) == "current"
    with desk.app_context():
        assert set(db.metadata.tables) <= set(migrating.tables())
        assert migrating.revision() == migrating.head()


def test_two_at_once_create_it_once(desk: Flask) -> None:
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(migrating.upgrade, [desk, desk]))
    assert sorted(said) == ["created", "current"]


def test_an_older_database_is_upgraded_and_keeps_its_rows(desk: Flask, versions: Path) -> None:
    """On SQLite a rebuilt table takes its children with it unless foreign keys are off; here they must stay."""
    write(versions, "a1", BASE)
    assert migrating.upgrade(desk) == "created"
    with desk.app_context(), db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO person (id, name, email, password_hash, signature, created_at) "
                "VALUES (1, 'Mia', 'mia@example.org', 'x', '', '2026-11-01 00:00:00')"
            )
        )
        connection.execute(text("INSERT INTO person_role (person_id, role) VALUES (1, 'support')"))
    write(versions, "b2", CHANGE)
    assert migrating.upgrade(desk) == "upgraded"
    assert migrating.upgrade(desk) == "current"
    with desk.app_context(), db.engine.connect() as connection:
        assert migrating.revision() == "b2"
        assert connection.scalar(text("SELECT role FROM person_role")) == "support"
        columns = {column["name"]: column for column in inspect(connection).get_columns("person")}
        assert "130" in str(columns["name"]["type"])
        if connection.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_a_written_version_can_be_run_and_makes_what_the_tables_say(desk: Flask, versions: Path) -> None:
    """What `make migration` writes needs no repair by hand: its imports and custom types are there."""
    from alembic import command

    with desk.app_context():
        migrating.write_version("initial")
        command.upgrade(migrating._config(), "head")
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_object": lambda thing, name, *_: not str(name).startswith("message_fts")},
            )
            assert compare_metadata(context, db.metadata) == []


def test_the_versions_are_up_to_date(desk: Flask) -> None:
    """When this is red, a table changed without a version: make migration NAME="…"."""
    from alembic import command

    with desk.app_context():
        migrating.import_models()
        command.upgrade(migrating._config(), "head")
        command.check(migrating._config())
