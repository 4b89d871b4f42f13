"""What every test may ask for.

`desk` is an empty desk on each database engine in turn, so a test that takes it, or anything built on it, runs twice.
`shop` is the same desk with a store, a mailbox and people. Tests of pure functions take none of them and run once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.extensions import db
from tests.builders import Shop
from tests.databases import ENGINES, PostgresDatabase, SqliteFile, SqliteTemplate, migrated
from tests.page import Browser
from tests.parts.postgres import PostgresServer
from tests.signing import add_people, add_store, open_desk, signed_in
from tests.stories import KEYS, Story
from tests.warm import CONNECTIONS, folders_in_memory, keep_what_is_compiled, look_for_garbage_rarely

pytest_plugins = ["tests.parts.fixtures"]

keep_what_is_compiled()
folders_in_memory()
settings.register_profile(
    "desk", settings(), deadline=None
)  # how long an example takes is the machine's affair
settings.load_profile("desk")


LONG = (
    "browser/", "test_sop_walk.py", "faults/test_several.py", "faults/test_rush.py", "faults/test_two_at_once.py",
    "payments/test_series.py", "reports/test_conformance.py", "security/test_hostile_mails.py", "records/test_erasing.py",
    "orders/test_quoting_series.py", "reading/test_corpus.py", "test_budgets.py", "records/test_searching.py",
)  # fmt: skip
"""Where the tests of many seconds are."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no worker is left with one at the end; those of the browser share one running desk,
    and so they stay beside each other in the share of one worker."""
    items.sort(
        key=lambda item: next(
            (n for n, part in enumerate(LONG) if item.nodeid.startswith(f"tests/{part}")), len(LONG)
        )
    )


def pytest_collection_finish() -> None:
    look_for_garbage_rarely()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """The migrated file that is copied for each test."""
    return SqliteTemplate(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated database for `PostgresServer.create` to copy, where a test has to have one of its own."""
    migrated(tmp_path_factory.mktemp("template"), postgres_server.create("template"))
    return "template"


@pytest.fixture(scope="session")
def _postgres_suite(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> PostgresDatabase:
    return PostgresDatabase(request.getfixturevalue("postgres_server"), tmp_path_factory.mktemp("postgres"))


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database, once on each engine."""
    if request.param == "sqlite":
        template = cast("SqliteTemplate", request.getfixturevalue("sqlite_template"))
        return template.copy(tmp_path / "home" / "desk.db")
    return cast("PostgresDatabase", request.getfixturevalue("_postgres_suite")).emptied()


ELSEWHERE = {"stripe", "paypal", "smtp_sink", "dovecot", "valkey", "browser"}
"""Parts with clocks of their own, to which a desk that has got back its state would be late."""


def begin_story(request: pytest.FixtureRequest, app: Flask) -> None:
    """None begins for a test that kills, counts what the builders' steps may have done already, moves the clock by other
    means (a cookie of tomorrow is none), or talks with others."""
    counts, travels = (hasattr(request.module, name) for name in ("statements", "time_machine"))
    if request.node.get_closest_marker("faults") or counts or travels:
        return
    if ELSEWHERE.intersection(request.fixturenames):
        return
    patches = request.getfixturevalue("monkeypatch") if "monkeypatch" in request.fixturenames else None
    on_sqlite = app.config["DATABASE_URL"].startswith("sqlite")
    database = SqliteFile(app) if on_sqlite else request.getfixturevalue("_postgres_suite")
    Story(app, database, patches)


def end_story(app: Flask) -> None:
    """Its desk is at its end."""
    if (story := app.extensions.get("story")) is not None:
        story.end()


@pytest.fixture
def desk(tmp_path: Path, database_url: str, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An empty desk whose queue does not answer. No context is pushed: threads and requests push their own."""
    KEYS.lay(tmp_path / "home")
    app = open_desk(tmp_path / "home", database_url=database_url)
    begin_story(request, app)
    yield app
    end_story(app)
    with app.app_context():
        db.session.remove()
        CONNECTIONS.leave(db.engine)


@pytest.fixture
def afresh(desk: Flask, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], None]:
    """Empties the database of `desk` in the middle of a test: each example of a property begins with nothing."""

    def empty() -> None:
        end_story(desk)
        with desk.app_context():
            db.session.remove()
            db.engine.dispose()
        if desk.config["DATABASE_URL"].startswith("sqlite"):
            for leftover in (tmp_path / "home").glob("desk.db*"):
                leftover.unlink()
            request.getfixturevalue("sqlite_template").copy(tmp_path / "home" / "desk.db")
        else:
            request.getfixturevalue("_postgres_suite").emptied()
        begin_story(request, desk)

    return empty


@pytest.fixture
def staffed(desk: Flask) -> dict[str, int]:
    """Role → id of the person of `desk` who has it, and 'nothing' → somebody without a role; and a store."""
    add_store(desk)
    return add_people(desk, {role: [role] for role in ROLES} | {"nothing": []})


@pytest.fixture
def shop(desk: Flask) -> Shop:
    """A desk at work: a store, its mailbox, and everything that tests do to them (see builders)."""
    return Shop(desk)


@pytest.fixture
def app(shop: Shop) -> Flask:
    """The application of `shop`."""
    return shop.app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def as_role(shop: Shop) -> Callable[[str], Browser]:
    """Sign somebody of a role in and return their browser."""
    return lambda role: Browser(shop.app, signed_in(shop.app, shop.person(role)))


@pytest.fixture
def as_confirmed(shop: Shop) -> Callable[[str], Browser]:
    """As `as_role`: and they have just typed their password once more."""
    return lambda role: Browser(shop.app, signed_in(shop.app, shop.person(role), confirmed=True))


@pytest.fixture
def agent(as_role: Callable[[str], Browser]) -> Browser:
    """The browser of the person who answers mail in most tests."""
    return as_role("support")


@pytest.fixture
def begin(shop: Shop) -> Callable[[], AbstractContextManager[None]]:
    """A writing transaction inside the application, committed at its end."""
    return shop.writing
