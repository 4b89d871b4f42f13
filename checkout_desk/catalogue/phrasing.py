"""Words for products, compared as the reading compares them: what it would take for one, is one here too."""

from __future__ import annotations

import re
from functools import lru_cache

from checkout_desk.reading import lexicon
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.catalogue import content
from checkout_desk.reading.tokens import EAST, Token, tokenise

LONGEST = 200
_MAX_KEYS = 14
_EAST = re.compile(f"[{EAST}]")


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[Canon, tuple[Token, ...]]:
    """An import asks three things of each text."""
    canon = Canon(text[:LONGEST])
    return canon, tuple(tokenise(canon))


def key_of(text: str) -> str:
    """The words of `text` as keys in order: number, case, accents and words such as 'of' make no difference.

    '' for words that name nothing.
    """
    canon, tokens = _tokens(text)
    if _EAST.search(canon.low):
        return canon.low.replace(" ", "")[:400]
    return " ".join(t.key for t in content(tokens)[:_MAX_KEYS])[:400]


def search_key(text: str) -> str:
    """`text` folded, with single spaces, at most 200 characters."""
    return " ".join(fold(text[:LONGEST]).split())[:LONGEST]


def is_number(text: str) -> bool:
    """Whether `text` has nothing but a number to tell it by, such as '1984', '№ 7', '100 g' or '12 jars'."""
    tokens = [t for t in _tokens(text)[1] if t.kind != "sign"]
    words = [t for t in tokens if t.kind == "east" or (t.kind == "word" and t.low[0].isalpha())]
    return not words or (len(words) < len(tokens) and all(t.low in lexicon.UNITS for t in words))


def is_short(text: str) -> bool:
    """Whether the reading would leave `text` alone: fewer than three letters, or a single sign of an eastern script."""
    canon, tokens = _tokens(text)
    if _EAST.search(canon.low):
        return len(canon.low.replace(" ", "")) < 2
    return sum(len(t.low) for t in content(tokens) if t.kind == "word") < 3


def bare(text: str) -> str:
    """A customer's words for a product without how many of it: '2 x blue mug' is 'blue mug', 'Sencha 100 g' stays."""
    canon, tokens = _tokens(text)
    start, end = 0, len(tokens)
    while start < end and _counts(tokens[start]):
        start += 1
    while end > start and _counts(tokens[end - 1]):
        end -= 1
    if start == end:
        return ""
    return " ".join(canon.shown(tokens[start].start, tokens[end - 1].end).split())


def _counts(token: Token) -> bool:
    if token.kind == "word":
        return token.low in lexicon.UNITS or token.low in lexicon.STOP
    return token.kind in ("number", "sign")
