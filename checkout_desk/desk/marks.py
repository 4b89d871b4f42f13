"""Highlights in a mail's words: which pieces of its text belong to which numbered line of the order beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Mark(NamedTuple):
    """One highlight over `text[start:end]`: its number, whether it waits to be checked, what it points at, and in words."""

    start: int
    end: int
    number: int
    check: bool
    target: str
    """id of the element in the order panel"""
    says: str
    """what the words became, for people who do not see the panel beside them"""


class Piece(NamedTuple):
    """A part of a highlight that overlaps no other; the last one of its words carries the number."""

    start: int
    end: int
    mark: Mark
    last: bool


def pieces(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """The highlights of `text` without overlaps, in order. Where two meet, the shorter keeps all of its words."""
    free: list[tuple[int, int, Mark]] = []
    taken: list[tuple[int, int]] = []
    for mark in sorted(set(marks), key=lambda m: (m.end - m.start, m.start, m.number)):
        start, end = max(mark.start, 0), min(mark.end, len(text))
        parts = _without((start, end), taken) if start < end else []
        trimmed = [cut for part in parts if (cut := _trimmed(text, *part))]
        taken += trimmed
        free += [(*cut, mark) for cut in trimmed]
    last = {id(mark): end for _, end, mark in sorted(free, key=lambda part: part[0])}
    return [
        Piece(start, end, mark, last[id(mark)] == end)
        for start, end, mark in sorted(free, key=lambda p: p[0])
    ]


def _without(whole: tuple[int, int], taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of the range `whole` none of `taken` covers."""
    parts, at = [], whole[0]
    for start, end in sorted(taken):
        if end <= at or start >= whole[1]:
            continue
        if start > at:
            parts.append((at, start))
        at = end
    return [*parts, (at, whole[1])] if at < whole[1] else parts


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The range without the space around its words; None when there is no word in it."""
    piece = text[start:end]
    if not any(sign.isalnum() for sign in piece):
        return None
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def joined(text: str, marks: Iterable[Mark]) -> list[Mark]:
    """Marks of the same thing become one where only signs and space stand between them: street, city and postcode."""
    found: list[Mark] = []
    for mark in sorted(marks):
        before = found[-1] if found else None
        if (
            before is not None
            and (before.number, before.target) == (mark.number, mark.target)
            and mark.start - before.end <= 12
            and not any(sign.isalnum() for sign in text[before.end : mark.start])
        ):
            found[-1] = before._replace(end=max(before.end, mark.end), check=before.check or mark.check)
        else:
            found.append(mark)
    return found
