"""Two addresses side by side, such as 'Bill to:      Ship to:', are read one after the other."""

from __future__ import annotations

import re

from checkout_desk.reading.model import Span

_COLUMN = re.compile(r"(?<=\S)(?: {3,}| \| )(?=\S)")


def rows_of(low: str, cue_of: re.Pattern[str]) -> list[tuple[int, int, int]]:
    """The lines of a text as (number, start, end); two columns that are announced each are read one after the other."""
    lines, at = [], 0
    for line in low.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    found: list[tuple[int, int, int]] = []
    number, index = 0, 0
    while index < len(lines):
        cut = _columns(low, *lines[index])
        if cut is None or not all(cue_of.search(low, a, b) for a, b in cut):
            found.append((number, *lines[index]))
            number, index = number + 1, index + 1
            continue
        columns: tuple[list[Span], list[Span]] = ([], [])
        while index < len(lines) and len(columns[0]) < 12 and (cut := _columns(low, *lines[index])):
            columns[0].append(cut[0])
            columns[1].append(cut[1])
            index += 1
        for column in columns:
            for a, b in column:
                found.append((number, a, b))
                number += 1
            number += 1
    return found


def _columns(low: str, start: int, end: int) -> tuple[Span, Span] | None:
    gap = _COLUMN.search(low, start, min(end, start + 300))
    return ((start, gap.start()), (gap.end(), end)) if gap else None
