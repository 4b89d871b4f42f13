"""One spelling of a text, with the way back: full-width digits, ligatures, soft hyphens, keycaps, case and accents.

Rules look at `low`; what they find is shown as the customer wrote it, through `span`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_TEXT = 60_000
"""characters of one text that are read; what orders something stands before that"""

_GONE = {0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFE0E, 0xFE0F, 0x20E3, 0x200E, 0x200F, 0x61C}
_GONE |= set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A))
_SAME = {
    "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u00b4": "'", "`": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"',
    "\u00ab": '"', "\u00bb": '"', "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-",
    "\u2015": "-", "\u2212": "-", "\u00d7": " x ", "\u2715": "x", "\u2716": "x", "\u2a2f": "x", "\u0131": "i",
    "\u00f8": "o", "\u00d8": "o", "\u0142": "l", "\u0141": "l", "\u0111": "d", "\u00b2": "\u25a1", "\u00b3": "\u25a1",
    "\u00b9": "\u25a1", "\u00ba": "\u00ba", "\u00aa": "\u00aa", "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n",
    "\x0c": "\n", "\u30fb": "\u30fb", "\u2022": "\u2022",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def _low(char: str) -> str:
    """The canonical letters of one character: '' for what is invisible, several for a ligature."""
    if ord(char) in _GONE:
        return ""
    if char in _SAME:
        return _SAME[char]
    wide = unicodedata.normalize("NFKC", char)
    if len(wide) > 4:  # one character that stands for a sentence cannot be an order
        return " "
    out = []
    for one in wide.casefold():
        if one.isdecimal() and not one.isascii():
            one = str(unicodedata.decimal(one))
        code = ord(one)
        if 0xC0 <= code < 0x250 or 0x1E00 <= code < 0x1F00:
            one = "".join(c for c in unicodedata.normalize("NFD", one) if not unicodedata.combining(c))
            one = _SAME.get(one, one)
        elif 0x300 <= code < 0x370:
            continue
        elif one.isspace() and one != "\n":
            one = " "
        out.append(one)
    return "".join(out)


_PLAIN = re.compile(r"[\x00-\x0a\x0d-\x1b\x20-\x7f]+")
"""what is spelt alike in every text, one character for one"""


@lru_cache(maxsize=8)  # several stages of one reading ask for the same text
def _canonical(text: str) -> tuple[str, list[int] | None]:
    """The canonical letters of a text and where each came from; None where each stands where it stood."""
    if text.isascii():
        return _plain(text), None
    pieces: list[str] = []
    at: list[int] = []
    done = 0
    for plain in _PLAIN.finditer(text):
        _spell(text, done, plain.start(), pieces, at)
        done = plain.end()
        pieces.append(_plain(plain[0]))
        at.extend(range(plain.start(), done))
    _spell(text, done, len(text), pieces, at)
    return "".join(pieces), at


_UMLAUT = re.compile("[äöüÄÖÜ]")
_SPELT_OUT = re.compile(
    r"\b(?:fuer|moecht|koenn|wuerd|haett|waere|gruess|fuenf|zwoelf|zurueck|ueber|stueck|schoene|naechst|braeucht|muess|schluess)"
)
"""words of a German mail from a keyboard without umlauts"""
_DIGRAPH = re.compile(r"[ao]e(?!l\b)|(?<![aeqlr])ue(?!ll)|(?<=[lr])ue(?=[a-z]{2})")


def _shortened(low: str, at: list[int] | None, gone: list[int]) -> tuple[str, list[int]]:
    """A text without some of its characters: 'fuer zwoelf Stueck' in the letters of 'für zwölf Stück'."""
    places = list(range(len(low))) if at is None else at
    pieces: list[str] = []
    kept: list[int] = []
    done = 0
    for place in gone:
        pieces.append(low[done:place])
        kept += places[done:place]
        done = place + 1
    return "".join([*pieces, low[done:]]), kept + places[done:]


_LEADERS = re.compile(r"(?<=[\w)] )\.{4,}(?= (?:[a-z]{3,4}\.? ?)?\d)")
"""'ENV-DL ........... qté 10': dots that lead the eye to the number"""
_TWO = re.compile(r"(?<=[^\s|])  (?=[^\s|])")


def _wide_blanks(low: str) -> list[int]:
    """Second blanks between the words of sentences; those that keep columns apart stay."""
    found: list[int] = []
    at = 0
    gaps: list[set[int]] = []
    lines = low.split("\n")
    for line in lines:
        columns = {edge for m in _GAP.finditer(line) for edge in m.span()}
        gaps.append(columns)
    for number, line in enumerate(lines):
        beside = gaps[number - 1 : number] + gaps[number + 1 : number + 2] if number else gaps[1:2]
        table = "   " in line or "|" in line or any(gaps[number] & other for other in beside)
        if gaps[number] and not table and len(line.split()) > 5:
            found += [at + m.start() + 1 for m in _TWO.finditer(line)]
        at += len(line) + 1
    return found


_GAP = re.compile(r" {2,}")


def _plain(text: str) -> str:
    """ASCII in canonical letters, as many as before."""
    return text.lower().replace("\t", " ").replace("\r", " ").replace("`", "'")


def _spell(text: str, start: int, end: int, pieces: list[str], at: list[int]) -> None:
    for i in range(start, end):
        piece = _low(text[i])
        pieces.append(piece)
        at.extend([i] * len(piece))


class Canon:
    """A text in canonical spelling. `low[i]` came from `text[at[i]]`; `span(a, b)` leads back to the text."""

    __slots__ = ("_at", "low", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.low, self._at = _canonical(text[:MAX_TEXT])
        if _SPELT_OUT.search(self.low) and not _UMLAUT.search(text):
            self.low, self._at = _shortened(
                self.low, self._at, [m.start() + 1 for m in _DIGRAPH.finditer(self.low)]
            )
        if "...." in self.low:
            self.low = _LEADERS.sub(lambda match: " " * len(match[0]), self.low)
        if "  " in self.low and (wide := _wide_blanks(self.low)):
            self.low, self._at = _shortened(self.low, self._at, wide)

    @property
    def in_place(self) -> bool:
        """Whether each canonical character stands where it stood in the text."""
        return self._at is None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original text that `low[start:end]` stands for."""
        if self._at is None:
            return start, end
        if start >= end:
            place = self._at[start] if start < len(self._at) else min(len(self.text), MAX_TEXT)
            return place, place
        last = self._at[end - 1] + 1
        # What is invisible behind the last letter belongs to it, such as the keycap of a digit.
        while last < len(self.text) and ord(self.text[last]) in _GONE:
            last += 1
        return self._at[start], last

    def letters(self, start: int, end: int) -> str:
        """The original letters of `low[start:end]`, one for each canonical character: capitals are seen in place."""
        if self._at is None:
            return self.text[start:end]
        return "".join(map(self.text.__getitem__, self._at[start:end]))

    def shown(self, start: int, end: int) -> str:
        """The original words of `low[start:end]`."""
        a, b = self.span(start, end)
        return self.text[a:b]


def fold(text: str) -> str:
    """The canonical spelling of a short text."""
    return Canon(text).low
