"""What the attacks share. One engine unless a module says otherwise: most of them do not depend on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import SqliteTemplate


@pytest.fixture
def database_url(sqlite_template: SqliteTemplate, tmp_path: Path) -> str:
    """A migrated, empty SQLite database. Modules whose attacks reach the engine take both (see engines)."""
    return sqlite_template.copy(tmp_path / "home" / "desk.db")
