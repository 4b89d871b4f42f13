"""A shop on an engine of its own, so that a test may destroy it, and the environment in which it was made."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from checkout_desk.accounts import passwords
from checkout_desk.app import create_app
from checkout_desk.extensions import db
from tests.builders import Shop
from tests.databases import SqliteTemplate
from tests.parts.postgres import PostgresServer
from tests.signing import QUICK


@dataclass
class Mortal:
    """A shop, and what it takes to destroy it and to begin anew in its place."""

    shop: Shop
    environment: dict[str, str]
    home: Path

    def let_go(self) -> None:
        """Nobody uses the database any more."""
        with self.shop.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def destroy(self) -> None:
        """Database, mails and keys are gone."""
        self.let_go()
        shutil.rmtree(self.home)
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(plain(url), autocommit=True) as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")

    def again(self) -> Shop:
        """The shop that stands there now, in an application of its own."""
        self.shop.app = create_app(environment=self.environment)
        self.shop.smtp_works(True)
        return self.shop


def plain(url: str) -> str:
    """The address as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def mortal(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: SqliteTemplate
) -> Iterator[Mortal]:
    """A shop that may be destroyed, once on each engine."""
    environment = {
        "DESK_HOME": str(tmp_path / "home"),
        "REDIS_URL": "unix:///nonexistent",
        "DESK_DISK_RESERVE": "0",
        "DESK_MAX_MAIL": "1M",
    }
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        template: str = request.getfixturevalue("postgres_template")
        environment["DATABASE_URL"] = server.create(f"t{secrets.token_hex(6)}", template)
    else:
        sqlite_template.copy(tmp_path / "home" / "desk.db")
    passwords._hasher = QUICK
    app = create_app(environment=environment)
    yield (found := Mortal(Shop(app), environment, tmp_path / "home"))
    found.let_go()
