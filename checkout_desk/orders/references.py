"""The reference that a bank transfer names: order number and quote version with check digits (ISO 11649, `RF…`).

Payers copy it by hand and banks wrap it, so `find` reads it with blanks, in lower case, and with one character wrong,
missing or swapped with its neighbour. Several references may lie one character away from what was written; all are
given, and whoever knows the quotes and the amount chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

MOST_TEXT = 2000
"""characters of a text that are looked at"""

_SHAPE = re.compile(r"RF\d\d([1-9]\d{0,9})Q([1-9]\d{0,2})")
_BARE = re.compile(r"(?<![0-9A-Z])([1-9]\d{2,9})\s*[-/ ]?\s*Q\s*([1-9]\d{0,2})(?![0-9A-Z])")
_ORDER = re.compile(r"(?<![0-9A-Z.,])([1-9]\d{3,9})(?![0-9A-Z]|[.,]\d)")
_WORD = re.compile(r"[0-9A-Z]+")
_BLANK = re.compile(r"[ \t\r\n./-]*")
_WORDS = 5
"""into how many pieces a reference may be torn"""
_LENGTH = range(6, 18)
RANK = ("exact", "repaired", "bare", "order")


@dataclass(frozen=True, slots=True)
class Reference:
    """A quote that a text names. `quote` is None where only an order is named."""

    order: int
    quote: int | None
    how: str
    """'exact', 'repaired' (one character was wrong or missing), 'bare' (1042-Q2) or 'order' (1042)"""
    text: str
    """what was written, in capitals"""


def make(order: int, quote: int) -> str:
    """The reference of a version: `make(1042, 2)` is 'RF851042Q2'. Raises ValueError for numbers that do not fit."""
    body = f"{order}Q{quote}"
    made = f"RF{98 - mod_97_10.checksum(body + 'RF00'):02d}{body}"
    if not _SHAPE.fullmatch(made) or not iso11649.is_valid(made):
        raise ValueError(f"{order} and {quote} make no reference")
    return made


def shown(reference: str) -> str:
    """In groups of four, as people copy it: 'RF85 1042 Q2'."""
    return str(iso11649.format(reference))


def find(text: str) -> list[Reference]:
    """The references that `text` names, the surest first and each once; empty where it names none."""
    text = text[:MOST_TEXT].upper()
    found: list[Reference] = []
    spans: list[tuple[int, int]] = []
    windows = list(_windows(text))
    for start, end, joined in windows:
        if _fits(joined) and not _inside(start, end, spans):
            found.append(_read(joined, "exact", text[start:end]))
            spans.append((start, end))
    for start, end, joined in windows:
        if not any(start < b and a < end for a, b in spans):
            found += [_read(mended, "repaired", text[start:end]) for mended in _mended(joined)]
    for match in _BARE.finditer(text):
        if not _inside(*match.span(), spans):
            found.append(Reference(int(match[1]), int(match[2]), "bare", match[0]))
            spans.append(match.span())
    for match in _ORDER.finditer(text):
        if not _inside(*match.span(), spans):
            found.append(Reference(int(match[1]), None, "order", match[0]))
    best: dict[tuple[int, int | None], Reference] = {}
    for each in sorted(found, key=lambda r: RANK.index(r.how)):
        best.setdefault((each.order, each.quote), each)
    return list(best.values())


def _windows(text: str) -> Iterator[tuple[int, int, str]]:
    """Neighbouring words of `text` put together, with where they stand; the longest at each place first."""
    words = list(_WORD.finditer(text))
    for i, first in enumerate(words):
        run = [first]
        for word in words[i + 1 : i + _WORDS]:
            if not _BLANK.fullmatch(text, run[-1].end(), word.start()):
                break
            run.append(word)
        for many in range(len(run), 0, -1):
            joined = "".join(word[0] for word in run[:many])
            if len(joined) in _LENGTH:
                yield first.start(), run[many - 1].end(), joined


def _fits(reference: str) -> bool:
    return _SHAPE.fullmatch(reference) is not None and bool(iso11649.is_valid(reference))


def _read(reference: str, how: str, written: str) -> Reference:
    match = _SHAPE.fullmatch(reference)
    assert match is not None
    return Reference(int(match[1]), int(match[2]), how, written)


def _mended(written: str) -> list[str]:
    """Every reference with right check digits that one wrong, missing or swapped character turns into `written`."""
    if sum(sign.isdigit() for sign in written) < 5:
        return []
    tries = {
        *(written[:i] + sign + written[i + 1 :] for i in range(len(written)) for sign in _signs(i)),
        *(written[:i] + sign + written[i:] for i in range(len(written) + 1) for sign in _signs(i)),
        *(written[:i] + written[i + 1] + written[i] + written[i + 2 :] for i in range(len(written) - 1)),
    }
    return sorted(filter(_fits, tries))


def _signs(place: int) -> str:
    return ("R", "F")[place] if place < 2 else "0123456789Q"


def _inside(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(a <= start and end <= b for a, b in spans)
