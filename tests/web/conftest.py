"""A desk with one person of each role."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from checkout_desk.accounts.permissions import ROLES
from tests.signing import add_person, add_store, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Flask:
    """An empty desk."""
    return open_desk(tmp_path / "home")


@pytest.fixture
def staffed(desk: Flask) -> dict[str, int]:
    """Role → id of the person of `desk` who has it, and 'nothing' → somebody without a role."""
    add_store(desk)
    return {role: add_person(desk, role, role) for role in ROLES} | {"nothing": add_person(desk, "nothing")}
