"""The points in the code and those in the tests are the same, and none works outside a sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import checkout_desk
from checkout_desk import faults
from checkout_desk.app import create_app
from checkout_desk.config import ConfigError
from tests.faults import steps


def test_every_point_is_named_by_a_test_and_every_named_point_is_there() -> None:
    sources = Path(checkout_desk.__file__).parent.rglob("*.py")
    points = {
        name for path in sources for name in re.findall(r'faults\.fault\("([^"]+)"\)', path.read_text())
    }
    assert points == steps.ALL


def test_every_list_of_steps_is_used_by_a_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    lists = [name for name in vars(steps) if name.isupper() and name != "ALL"]
    assert [name for name in lists if not re.search(rf"\b{name}\b", tests)] == []


def test_a_shop_refuses_to_start_with_faults(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DESK_FAULTS"):
        create_app(environment={"DESK_HOME": str(tmp_path), "DESK_FAULTS": str(tmp_path)})
    assert faults._folder is None
