"""For attacks that reach the database: both engines, since each refuses other things."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.databases import ENGINES, PostgresDatabase, SqliteTemplate


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database, once on each engine; import the name into a test module to have it so there."""
    if request.param == "sqlite":
        template = cast("SqliteTemplate", request.getfixturevalue("sqlite_template"))
        return template.copy(tmp_path / "home" / "desk.db")
    return cast("PostgresDatabase", request.getfixturevalue("_postgres_suite")).emptied()
