"""A report as tables: what the page shows and what its CSV holds are made of the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from checkout_desk.web import spreadsheets

NONE = "–"
"""what the screen says where there is no value"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: its words, where they lead, and how long a bar in it is (0 to 100), if there is one."""

    text: str
    url: str = ""
    bar: float | None = None
    shade: int = 0
    """0 to 4: how dark a cell of a heat map is"""
    value: timedelta | date | float | Decimal | None = None
    """what a CSV says instead of the words: seconds, an ISO day, a bare number"""
    unit: str = ""
    """of `value`, for the head of its column in a CSV: '%'"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a chart."""

    label: str
    value: float
    text: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer: a chart (where there are bars), the table under it, and what the figures mean."""

    key: str
    title: str
    how: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    meta: str = ""
    bars: Sequence[Bar] = ()
    chart: str = ""
    """the chart in a sentence, for those who do not see it"""
    empty: str = "Nothing in these days."
    wide: bool = False
    heat: bool = False
    notes: Sequence[Cell] = field(default_factory=tuple)


def csv_of(section: Section) -> str:
    """The table of a section as CSV (RFC 4180): numbers as numbers (times in seconds, days as ISO 8601), words as the screen has
    them; none of it can be run by a spreadsheet."""
    head = [name + _unit(section, at) for at, name in enumerate(section.head)]
    rows = [[_said(cell) for cell in row] for row in (*section.rows, section.foot) if row]
    return "".join(spreadsheets.lines([head, *rows]))


def _unit(section: Section, at: int) -> str:
    """What the numbers of a column are counted in."""
    for row in section.rows:
        if at < len(row) and isinstance(row[at].value, timedelta):
            return ", seconds"
        if at < len(row) and (row[at].unit or row[at].bar is not None):
            return f", {row[at].unit or '%'}"
    return ""


def _said(cell: Cell) -> str:
    if isinstance(cell.value, timedelta):
        return spreadsheets.Number(f"{cell.value.total_seconds():.15g}")
    if isinstance(cell.value, date):
        return cell.value.isoformat()
    if cell.value is not None:
        return spreadsheets.Number(f"{cell.value:.15g}")
    if cell.bar is not None:
        return spreadsheets.Number(f"{cell.bar:.15g}")
    return "" if cell.text == NONE else cell.text


def scale(bars: Sequence[Bar], *, height: int = 160, steps: int = 4) -> tuple[float, list[tuple[float, str]]]:
    """(pixels for one, [(pixels above the axis, words)] of the grid) for columns that fit into `height`."""
    highest = max((bar.value for bar in bars), default=0)
    step = _round_up(highest / steps) if highest else 1
    per_one = height / (step * steps)
    return per_one, [(n * step * per_one, f"{n * step:g}") for n in range(steps + 1)]


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5, 10, 20, 25, 50 … (and their tenths) from `value` on."""
    size = 0.1
    while True:
        for factor in (1, 2, 2.5, 5):
            if value <= size * factor:
                return size * factor
        size *= 10
