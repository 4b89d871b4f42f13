"""docs/security.md has a row for each abuse case, and what it names as a test or a mechanism exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs/security.md").read_text().splitlines()
    if re.match(r"\| A\d+ \|", line)
]


def test_each_case_has_one_row() -> None:
    assert [row[0] for row in ROWS] == [f"A{number}" for number in range(1, 67)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_a_row_names_exists(row: list[str]) -> None:
    tests = re.findall(r"`([^`]+)`", row[3])
    assert tests, "no test is named"
    assert [name for name in tests if not (ROOT / "tests" / name).exists()] == []
    named = re.findall(r"`([a-z_/]+(?:\.py|/))`", row[2])
    assert [name for name in named if not (ROOT / "checkout_desk" / name).exists()] == []
