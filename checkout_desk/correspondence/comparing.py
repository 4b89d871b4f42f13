"""What two versions of a text differ in, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\n|[^\S\n]+|\[[A-Z0-9_]+\]|\w+|[^\w\s]")
MOST = 6000
"""words of one text that are compared one by one; a longer one is compared by lines"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have ('same'), or only the old ('gone') or the new one ('new')."""

    what: str
    text: str


def by_word(old: str, new: str) -> list[Piece]:
    """`new` as pieces, with what is gone from `old` where it stood. The 'same' and 'new' ones together are `new`."""
    before, after = _cut(old), _cut(new)
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(after[c:d])))
            continue
        if a < b:
            found.append(Piece("gone", "".join(before[a:b])))
        if c < d:
            found.append(Piece("new", "".join(after[c:d])))
    return _joined(found)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """A single space between two changes belongs to them: whole phrases read better than words with holes."""
    found: list[Piece] = []
    i = 0
    while i < len(pieces):
        gone = new = ""
        while i < len(pieces) and (
            pieces[i].what != "same" or (pieces[i].text == " " and (gone or new) and i + 1 < len(pieces))
        ):
            piece = pieces[i]
            gone += piece.text if piece.what != "new" else ""
            new += piece.text if piece.what != "gone" else ""
            i += 1
        found += [Piece(what, text) for what, text in (("gone", gone), ("new", new)) if text]
        if i < len(pieces):
            found.append(pieces[i])
            i += 1
    return found


def _cut(text: str) -> list[str]:
    words = _WORDS.findall(text)
    return words if len(words) <= MOST else text.splitlines(keepends=True)
