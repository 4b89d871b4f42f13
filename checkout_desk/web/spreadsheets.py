"""CSV that goes out: no cell is one that a spreadsheet would run as a formula (CWE-1236). Every export writes by this."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

_DANGER = re.compile(
    r"'*\s*[=+\-@\t\r\n＝＋－＠﹢﹣﹦﹫]"
)  # full-width and small forms, which some programs fold


def safe(cell: str) -> str:
    """`cell` with an apostrophe before what a spreadsheet would take for a formula; `unsafe` takes it away."""
    return f"'{cell}" if _DANGER.match(cell) else cell


def unsafe(cell: str) -> str:
    """The cell that `safe` was given."""
    return cell[1:] if cell[:1] == "'" and _DANGER.match(cell) else cell


class Number(str):
    """A number as it shall be written: '-0.5' is no formula."""

    __slots__ = ()


def lines(rows: Iterable[Iterable[str | int | float]]) -> Iterator[str]:
    """`rows` as lines of CSV (RFC 4180). Words are made safe; numbers stay numbers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(
            [safe(cell) if isinstance(cell, str) and not isinstance(cell, Number) else cell for cell in row]
        )
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
