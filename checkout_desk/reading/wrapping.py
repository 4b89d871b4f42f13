"""Lines that a mail program broke, put together again: what was one sentence is one sentence, whatever the width."""

from __future__ import annotations

import re
from itertools import pairwise

from checkout_desk.reading import lexicon
from checkout_desk.reading.canonical import fold
from checkout_desk.reading.languages import COMMON

_ARTICLES = frozenset().union(*lexicon.ARTICLES_OF.values())
_NARROWEST = 30
_SURE = 56
"""a line as long as this was hardly ended by hand just where no further word fitted"""
_WIDEST = 100
"""beyond this nothing was broken: the program that sent the mail leaves long lines alone"""
_ITEM = re.compile(r"[ \t]*(?:[-*+•·‣–○●□✓→>|#=_]|\(?\d{1,3}[.)]|[a-h]\)|\d{1,4} ?[x×*]? )")
_LABEL = re.compile(
    r"(?:t[eé]l\w*|phone|mob\w*|handy|fon|gsm|cell\w*|m[oó]vil|fax|contact|e-?mail)\b|[^\W\d][\w .-]{0,24}:|\+|\(?0\d",
    re.I,
)
_WORD = re.compile(r"[a-z']+")
_COLUMNS = re.compile(r"\S {3,}\S|\S\t|\|")


def rewrapped(text: str) -> str:
    """`text` with a blank for each break that only the width of its lines explains; everything stays at its place.

    A line is full when the first word of the next one would not have fitted any more. A paragraph whose lines are all full
    but the last was broken by a program; one that has items, columns or short lines was written so.
    """
    lines = text.split("\n")
    width = max(map(len, map(str.rstrip, lines)), default=0)
    if len(lines) < 3 or not _NARROWEST <= width <= _WIDEST:
        return text
    small = text.lower() == text  # then a small letter does not tell that a sentence goes on
    out = list(text)
    ends = []
    at = 0
    for line in lines:
        at += len(line) + 1
        ends.append(at - 1)
    first = 0
    for number, line in enumerate([*lines, ""]):
        if line.strip():
            continue
        for end in _broken(lines[first:number], ends[first:number], width, small=small):
            out[end] = " "
        first = number + 1
    return "".join(out)


def _broken(lines: list[str], ends: list[int], width: int, *, small: bool) -> list[int]:
    """The breaks of one paragraph that its width explains."""
    if len(lines) < 2 or any(map(_COLUMNS.search, lines)):
        return []
    found = []
    runs = [0]
    for number, (line, after) in enumerate(pairwise(lines), 1):
        if not _full(line, after, width):
            runs.append(number)
    for start, stop in pairwise([*runs, len(lines)]):
        run = lines[start:stop]
        prose = _tells(run) or (width >= _SURE and run[-1].rstrip()[-1:] in ".!?")
        items = sum(bool(_ITEM.match(line) or (not prose and _counts(line))) for line in run)
        if len(run) < 2 or items > len(run) // 2:
            continue
        long = (prose and (width >= _SURE or len(run) > 2)) or len(run) >= (3 if width >= _SURE else 4)
        for end, line, after in zip(ends[start:], run, run[1:], strict=False):
            begins = line.rstrip()[-1:] in ".!?" and not after[0].islower()
            if (long or (after[0].islower() and not small)) and not begins:
                found.append(end)
    return found


def _tells(run: list[str]) -> bool:
    """Whether lines say something: they have pronouns and verbs, which a list has not."""
    words = _WORD.findall(fold("\n".join(run)))
    return (
        sum(word in COMMON and word not in lexicon.STOP and word not in lexicon.LIGHT for word in words) > 1
    )


def _counts(line: str) -> bool:
    """Whether a line may be one of a list: it has a number, or begins with a number word."""
    first = fold(line.split(maxsplit=1)[0])
    return any(map(str.isdigit, line)) or first in lexicon.EVERYWHERE or first in _ARTICLES


def _full(line: str, after: str, width: int) -> bool:
    """Whether a line was as long as it could be with the first word of the next one not on it."""
    word = after.split(maxsplit=1)[0]
    if after[:1].isspace() or line.rstrip()[-1:] in ":|" or _LABEL.match(after) or _LABEL.match(line):
        return False
    return len(line.rstrip()) + 1 + len(word) > width
