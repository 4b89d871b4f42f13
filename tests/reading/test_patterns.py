"""A pattern whose alternatives were put together by their letters finds exactly what it finds as it was written."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from checkout_desk.reading import (
    addresscues,
    clauses,
    cues,
    ending,
    intents,
    layouts,
    masking,
    people,
    places,
)
from checkout_desk.reading.canonical import fold
from checkout_desk.reading.patterns import _sorted_out
from tests.reading import cases


def _found(pattern: re.Pattern[str], text: str) -> list[Any]:
    return [(m.span(), m.lastgroup, m.groupdict()) for m in pattern.finditer(text)]


def _same(pattern: str, text: str) -> None:
    assert _found(re.compile(_sorted_out(pattern)), text) == _found(re.compile(pattern), text)


_ATOMS = ("a", "b", "c", "a", "b", " ", "\\.", "[ab]", "[^a]", "\\w", ".")
_ZERO_WIDTH = ("\\b", "(?!b)", "(?<!a)")
_MARKS = ("", "", "", "", "?", "*", "+", "??", "{1,2}")


def _alternatives(rng: Random, depth: int) -> str:
    return "|".join(_part(rng, depth) for _ in range(rng.randint(1, 5)))


def _part(rng: Random, depth: int) -> str:
    found = []
    for _ in range(rng.randint(0, 4)):
        if rng.random() < 0.2:
            found.append(rng.choice(_ZERO_WIDTH))
            continue
        if depth > 0 and rng.random() < 0.35:  # repeated at most once: else some take for ever
            found.append(f"(?:{_alternatives(rng, depth - 1)})" + rng.choice(("", "", "?")))
        else:
            found.append(rng.choice(_ATOMS) + rng.choice(_MARKS))
    return "".join(found)


@pytest.mark.parametrize("seed", range(20))
def test_any_pattern_finds_the_same(seed: int) -> None:
    rng = Random(seed)
    for _ in range(60):
        pattern = _alternatives(rng, 2)
        for _ in range(4):
            _same(pattern, "".join(rng.choices("aabbc .", k=rng.randint(0, 12))))


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b(?:ab|a|b|abc|(?:the |)c)\b|bc",
        r"(?P<one>a|b|c|d)(?P<two>b|c|d|a)?",
        r"(?:ab?|ac|[bc]a|a|(?:a|b)?c|cc)(?:a|b|c)",
        r"[]a]|\]b|[^\]]c|a\b|b",
    ],
)
def test_what_is_tricky(pattern: str) -> None:
    for text in ("abc ab a b", "the c abca", "acab]b cc bc", "c ac]c aa", ""):
        _same(pattern, text)


def test_the_patterns_of_the_reading_find_the_same_in_the_labelled_mails() -> None:
    modules = (addresscues, clauses, cues, ending, intents, layouts, people, places)
    named = [value for module in modules for value in vars(module).values()]
    patterns = [getattr(one, "pattern", "") for one in (*named, *masking._PATTERNS)]
    patterns = [one for one in patterns if isinstance(one, str) and one.count("|") > 2]
    assert len(patterns) > 60
    texts = [fold(case.raw.decode().partition("\n\n")[2]) for case in cases.load("corpus")[::9]]
    for pattern in patterns:
        written, sorted_out = re.compile(pattern), re.compile(_sorted_out(pattern))
        if written.groups == len(written.groupindex):
            for text in texts:
                assert _found(sorted_out, text) == _found(written, text), pattern
