"""Compiling long lists of words so that few of them are tried at each place of a text.

`re` tries the alternatives of `\\b(?:order|send|bestell\\w*|…)` one by one at the beginning of each word; with some hundreds of
them that is most of what reading a mail costs. `quick` puts those of one first letter together, and within these those of one
second letter. What is found stays the same: alternatives that begin with different letters never match at one place, those
with the same letter keep their order, and one whose beginning is not plain is never passed by another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

_FEW = 4
"""alternatives below which trying them one by one is as good"""
_LONGEST_REST = 200
"""characters behind a group that are worth being repeated for each of its letters"""
_SET = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_NUMBERED = re.compile(r"\((?!\?)|\(\?(?:P=|\(|[a-zA-Z]+\))")
_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")
_OPENING = re.compile(r"\(\?(?::|=|!|P<\w+>)")
_ZERO_WIDTH = ("(?<!", "(?<=", "(?!", "(?=")

made: dict[str, re.Pattern[str]] = {}
"""pattern as it was written -> as it was compiled, of those that were used"""


def quick(pattern: str) -> re.Pattern[str]:
    """A pattern that finds what `re.compile(pattern)` finds, sooner; compiled when it is first used. No flags."""
    return cast("re.Pattern[str]", _Quick(pattern))


class _Quick:
    """A pattern that has not been used yet; then its methods are those of the compiled one."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __getattr__(self, name: str) -> Any:
        compiled = made.get(self.pattern) or made.setdefault(self.pattern, _compile(self.pattern))
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def _compile(pattern: str) -> re.Pattern[str]:
    numbered = _NUMBERED.search(_SET.sub("", pattern))  # a group without a name would get another number
    return re.compile(pattern if numbered else _sorted_out(pattern))


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to match: `before` (of no width), the letter `first` (None: not plain), then `head` and `rest`."""

    before: str
    first: str | None
    head: str
    rest: str = ""


def _sorted_out(pattern: str) -> str:
    """The pattern with the alternatives of each of its groups put together by their first letters."""
    return "|".join(_together([_inside(part) for part in _split(pattern)]))


def _together(parts: list[str]) -> list[str]:
    if len(parts) < _FEW:
        return parts
    ways = [way for part in parts for way in _ways(part)]
    found: list[str] = []
    at = 0
    while at < len(ways):
        before, plain = ways[at].before, ways[at].first is not None
        end = at
        while end < len(ways) and ways[end].before == before and (ways[end].first is not None) == plain:
            end += 1
        if plain:
            run = _by_letter(ways[at:end])
            found += [f"{before}(?:{'|'.join(run)})"] if before else run
        else:
            found += [before + text for text in _texts(ways[at:end])]
        at = end
    return found


def _by_letter(ways: list[_Way]) -> list[str]:
    letters: dict[str, list[_Way]] = {}
    for way in ways:
        letters.setdefault(way.first or "", []).append(way)
    found = []
    for letter, same in letters.items():
        rests = list(dict.fromkeys(_texts(same)))
        behind = rests[0] if len(rests) == 1 else f"(?:{'|'.join(_together(rests))})"
        found.append(re.escape(letter) + behind)
    return found


def _texts(ways: list[_Way]) -> list[str]:
    """What is left to match of each way; those in a row with one rest share it."""
    found: list[tuple[list[str], str]] = []
    for way in ways:
        if found and way.rest and found[-1][1] == way.rest:
            found[-1][0].append(way.head)
        else:
            found.append(([way.head], way.rest))
    return [heads[0] + rest if len(heads) == 1 else f"(?:{'|'.join(heads)}){rest}" for heads, rest in found]


def _ways(part: str) -> Iterator[_Way]:
    """The ways of one alternative in the order in which `re` tries them."""
    at = 0
    while (size := _no_width(part, at)) and part[at + size : at + size + 1] not in ("*", "+", "?", "{"):
        at += size
    for first, head, rest in _begin(part[at:]):
        yield _Way(part[:at], first, head, rest)


def _no_width(part: str, at: int) -> int:
    """The length of what matches no character at `at`, 0 where nothing such stands there."""
    if part.startswith(r"\b", at):
        return 2
    return _atom(part, at) if part.startswith(_ZERO_WIDTH, at) else 0


def _begin(part: str) -> list[tuple[str | None, str, str]]:
    """The ways to begin `part`, which has no alternatives of its own: (letter or None, head, rest)."""
    size = _atom(part, 0)
    atom, rest = part[:size], part[size:]
    unknown: list[tuple[str | None, str, str]] = [(None, part, "")]
    if not part or rest[:1] in ("*", "+", "{") or rest[:2] in ("??", "?+"):
        return unknown
    maybe = rest[:1] == "?"
    rest = rest[1:] if maybe else rest
    letters = _letters(atom)
    if (maybe or len(letters) != 1) and ("(?P<" in part or len(rest) > _LONGEST_REST):
        return unknown  # a name stands once in a pattern, and what is long is not repeated
    found: list[tuple[str | None, str, str]] = [(letter, "", rest) for letter in letters]
    if atom.startswith("(?:"):
        for inner in _split(atom[3:-1]):
            found += (
                [(first, head + more, rest) for first, head, more in _begin(inner)] if inner else _begin(rest)
            )
    elif not letters:
        return unknown
    return [*found, *_begin(rest)] if maybe else found


def _letters(atom: str) -> str:
    """The characters of which an atom matches one; '' where they are not listed plainly."""
    if atom[0] == "\\":
        return "" if atom[1].isalnum() else atom[1:]
    if atom[0] == "[":
        inner = atom[1:-1]
        return "" if inner[0] == "^" or "\\" in inner or "-" in inner or "[" in inner else inner
    return "" if atom[0] in "(.^${}" or len(atom) > 1 else atom


def _split(pattern: str) -> list[str]:
    """The alternatives of a pattern."""
    parts, start, at = [], 0, 0
    while at < len(pattern):
        if pattern[at] == "|":
            parts.append(pattern[start:at])
            start = at + 1
        at += _atom(pattern, at)
    return [*parts, pattern[start:]]


def _inside(part: str) -> str:
    """One alternative with each of its groups sorted out."""
    found, at = [], 0
    while at < len(part):
        size = _atom(part, at)
        atom = part[at : at + size]
        if atom.startswith("(?") and (opening := _OPENING.match(atom)):
            atom = f"{opening[0]}{_sorted_out(atom[opening.end() : -1])})"
        found.append(atom)
        at += size
    return "".join(found)


def _atom(pattern: str, at: int) -> int:
    """The length of the atom at `at`: a character, an escape, a set or a whole group."""
    char = pattern[at : at + 1]
    if char == "\\":
        return 2
    if char == "[":
        end = at + 1 + (pattern[at + 1 : at + 2] == "^")
        end = (
            pattern.index("]", end + 1)
            if "\\" not in pattern[at : pattern.index("]", end + 1)]
            else _set(pattern, end)
        )
        return end + 1 - at
    if char != "(":
        return 1
    end = at + 1
    while pattern[end] != ")":
        end += _atom(pattern, end)
    return end + 1 - at


def _set(pattern: str, at: int) -> int:
    """Where a set with escapes in it ends."""
    at += pattern[at] == "]"
    while pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at
