"""A pattern whose alternatives were put together by their letters finds exactly what it finds as it was written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


_ATOMS = st.sampled_from(["a", "b", "c", " ", "\\.", "[ab]", "[^a]", "\\w", "\\b", "(?!b)", "(?<!a)", "."])
_MARKS = st.sampled_from(["", "", "", "?", "*", "+", "??", "{1,2}"])


def _alternatives(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    atom = st.one_of(_ATOMS, inner.map(lambda body: f"(?:{body})"))
    marked = st.tuples(atom, _MARKS).map(
        lambda pair: pair[0] + ("" if pair[0] in ("\\b", "(?!b)", "(?<!a)") else pair[1])
    )
    part = st.lists(marked, max_size=4).map("".join)
    return st.lists(part, min_size=1, max_size=6).map("|".join)


@settings(deadline=None)
@given(
    pattern=st.recursive(_alternatives(_ATOMS), _alternatives, max_leaves=8),
    text=st.text(alphabet="abc .", max_size=12),
)
def test_any_pattern_finds_the_same(pattern: str, text: str) -> None:
    _same(pattern, text)


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
