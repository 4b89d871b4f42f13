"""docs/faults.md is the matrix: every cell names tests that exist, or says that the fault cannot meet the step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.faults.ten import TEN

ROOT = Path(__file__).parent.parent
PAGE = ROOT.parent / "docs" / "faults.md"
STEPS, FAULTS = len(TEN), 11
SHORT = {
    "every_commit": "faults/test_every_commit.py::test_a_step_that_is_cut_anywhere_ends_as_if_it_were_not"
}


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [table[0], *table[2:]]


def named(cell: str) -> Iterator[tuple[str, str]]:
    """(file, test) of each word of a cell."""
    file = ""
    for word in cell.split():
        before, _, test = SHORT.get(word, word).partition("::")
        file = before or file
        yield file, test


@cache
def defined(file: str) -> frozenset[str]:
    """The tests of a file."""
    path = ROOT / file
    return (
        frozenset(re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE))
        if path.is_file()
        else frozenset()
    )


def test_every_step_has_an_answer_to_every_fault() -> None:
    head, *steps = rows()
    assert [len(row) for row in (head, *steps)] == [FAULTS + 1] * (STEPS + 1)
    empty = [(row[0], fault) for row in steps for fault, cell in zip(head, row, strict=True) if not cell]
    assert empty == []


def test_every_test_that_is_named_exists() -> None:
    missing = [
        f"{row[0]}: {file}::{test}"
        for row in rows()[1:]
        for cell in row[1:]
        if cell != "–"
        for file, test in named(cell)
        if test not in defined(file)
    ]
    assert missing == []
