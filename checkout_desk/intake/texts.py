"""The one text of a mail: what people see and search is what is read, and what was read is found in it again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from checkout_desk.mail.htmltext import text_of
from checkout_desk.mail.letter import Letter
from checkout_desk.mail.zones import Zone
from checkout_desk.reading.model import Ambiguous, Customer, Line, Reading, ShipTo, Span, Unmatched, Value

_WORD = re.compile(r"\w+")
_MARKS = re.compile(r"^(?:[ \t]?>[ \t]?)+", re.MULTILINE)
_BLANK = re.compile(r"[\s>]*")
_ABOVE = 1_500
"""characters of what is quoted right above own words that are worth a look: the question stands at its end"""


def best_text(letter: Letter) -> str:
    """The text of a mail: the plain part, unless the HTML says more (full text, a table, something struck out)."""
    if not letter.html:
        return letter.text
    return best_of(letter.text, text_of(letter.html))


def best_of(plain: str, html: str) -> str:
    """`best_text` for a caller that has the text of the HTML part already.

    A program that writes both parts often leaves a stub in the plain one ("Your mail program does not show HTML"),
    drops the columns of a table, or what strike-through means: then the order stands in the HTML alone.
    """
    if not plain.strip():
        return html
    plain_words, html_words = len(_WORD.findall(plain)), len(_WORD.findall(html))
    if html_words > 4 and plain_words * 3 < html_words * 2:
        return html
    if html_words * 2 < plain_words:
        return plain
    return html if "~~" in html or " | " in html else plain


@dataclass(frozen=True, slots=True)
class Fresh:
    """The own and forwarded words of a text, one zone below the other, and the way back into that text.

    `forwarded` are the ranges of `text` that somebody else wrote. Each of `_parts` is (start in `text`, start in
    `whole`, length): between them stand quotes, signatures, and the '>' before forwarded lines.
    """

    text: str
    forwarded: tuple[Span, ...]
    whole: str
    _parts: tuple[tuple[int, int, int], ...]
    below: tuple[tuple[int, int, str], ...] = ()
    """(start, end, quoted): own words of `text` right below quoted ones"""

    def back(self, span: Span) -> Span:
        """Where `text[span]` stands in the whole text.

        Only white space and quote marks may stand between its parts there. A span that also covers somebody else's
        words (an answer between quoted lines) is narrowed to its longest stretch without them.
        """
        runs: list[list[int]] = []
        for start, there, length in self._parts:
            a, b = max(span[0], start), min(span[1], start + length)
            if a >= b:
                continue
            begin, end = there + a - start, there + b - start
            if runs and _BLANK.fullmatch(self.whole, runs[-1][1], begin):
                runs[-1][1] = end
            else:
                runs.append([begin, end])
        if not runs:
            return 0, 0
        begin, end = max(runs, key=lambda run: run[1] - run[0])
        return begin, end


def fresh(text: str, found: Iterable[Zone]) -> Fresh:
    """The own and forwarded words of `text`, whose zones are `found`."""
    pieces: list[str] = []
    forwarded: list[Span] = []
    parts: list[tuple[int, int, int]] = []
    below: list[tuple[int, int, str]] = []
    at, above = 0, ""
    for zone in found:
        if zone.kind not in ("own", "forwarded"):
            above = text[zone.start : zone.end][-_ABOVE:] if zone.kind == "quoted" else ""
            continue
        piece, inner = _piece(text, zone)
        if not piece:
            continue
        if zone.kind == "forwarded":
            forwarded.append((at, at + len(piece)))
        elif above:
            below.append((at, at + len(piece), above))
        above = ""
        parts += [(at + start, there, length) for start, there, length in inner]
        pieces.append(piece)
        at += len(piece) + 1
    return Fresh("\n".join(pieces), tuple(forwarded), text, tuple(parts), tuple(below))


def _piece(text: str, zone: Zone) -> tuple[str, list[tuple[int, int, int]]]:
    """The words of one zone, and its parts as in `Fresh`; ('', []) when it is blank."""
    raw = text[zone.start : zone.end]
    kept: list[Span] = []
    done = 0
    for mark in _MARKS.finditer(raw) if zone.kind == "forwarded" else ():
        kept.append((done, mark.start()))
        done = mark.end()
    kept.append((done, len(raw)))
    words = "".join(raw[a:b] for a, b in kept)
    first = len(words) - len(words.lstrip("\n"))
    piece = words[first:].rstrip()
    if not piece.strip():
        return "", []
    parts, at = [], -first
    for a, b in kept:
        start, end = max(at, 0), min(at + b - a, len(piece))
        if start < end:
            parts.append((start, zone.start + a + start - at, end - start))
        at += b - a
    return piece, parts


_Found = TypeVar("_Found", Line, Ambiguous, Unmatched, Value)
_SHIP_TO = tuple(field.name for field in fields(ShipTo))


def placed(reading: Reading, words: Fresh) -> Reading:
    """The reading with every span of source 'body' counted in the whole text instead of the fresh one."""

    def moved(one: _Found) -> _Found:
        return replace(one, span=words.back(one.span)) if one.source == "body" and one.span else one

    def value(one: Value | None) -> Value | None:
        return moved(one) if one else None

    customer, ship_to = reading.customer, reading.ship_to
    return replace(
        reading,
        lines=tuple(map(moved, reading.lines)),
        ambiguous=tuple(map(moved, reading.ambiguous)),
        unmatched=tuple(map(moved, reading.unmatched)),
        customer=Customer(value(customer.name), value(customer.email), value(customer.phone)),
        ship_to=ShipTo(*(value(getattr(ship_to, name)) for name in _SHIP_TO)) if ship_to else None,
        wish=value(reading.wish),
    )
