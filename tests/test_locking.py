"""One writer at a time on SQLite: the next one waits its turn, and says so when that takes too long."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from checkout_desk import extensions
from checkout_desk.extensions import begin_write, db
from tests.signing import open_desk


@pytest.fixture
def lone(tmp_path: Path) -> Flask:
    """An empty desk on SQLite."""
    return open_desk(tmp_path / "home")


@pytest.fixture
def other(lone: Flask) -> Iterator[sqlite3.Connection]:
    """A writer of another process."""
    path = Path(lone.config["DESK_HOME"]) / "desk.db"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


def test_a_writer_waits_for_the_one_before(
    lone: Flask, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    other.execute("BEGIN IMMEDIATE")
    asked = threading.Event()

    def pause(seconds: float) -> None:
        asked.set()

    monkeypatch.setattr(extensions, "sleep", pause)

    def end() -> None:
        asked.wait(30)
        other.execute("COMMIT")

    thread = threading.Thread(target=end)
    thread.start()
    with lone.app_context():
        begin_write()
        assert asked.is_set(), "it did not wait"
        other.execute("PRAGMA busy_timeout=0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        db.session.rollback()
    thread.join()


def test_a_writer_that_waited_too_long_gets_the_databases_own_fault(
    lone: Flask, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extensions, "LOCK_SECONDS", 0.02)
    other.execute("BEGIN IMMEDIATE")
    with lone.app_context():
        with pytest.raises(OperationalError, match="locked"):
            begin_write()
        db.session.rollback()
        assert db.session.scalar(text("PRAGMA busy_timeout")) == 20
        other.execute("COMMIT")
        db.session.rollback()
        begin_write()
        db.session.rollback()
