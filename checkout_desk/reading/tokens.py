"""Words, numbers and sizes of a text, each with one key under which different spellings meet."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from checkout_desk.reading import lexicon
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.compounds import compound_number
from checkout_desk.reading.languages import COMMON_IN

TokenKind = Literal["word", "number", "measure", "sign", "east"]

EAST = "\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff"
_ELIDED = r"(?:[dljnmstc]|qu|dell|all|nell|sull|dall|un|quest)'(?=[^\W\d_])"
_TOKEN = re.compile(
    rf"(?P<number>\d+(?:[.,]\d+)*)|(?P<east>[{EAST}]+)|(?P<elided>{_ELIDED}|x(?=\d)|(?<=\d)x(?=[^\W\d_]))"
    rf"|(?P<word>[^\W\d_{EAST}]+(?:'[^\W\d_{EAST}]+)*(?:\d+[a-z0-9]*)?)|(?P<sign>[^\s\w]|_)"
)
_CROSSED = re.compile(r"([a-z]{1,3}\d{1,4})x(\d{1,4})")
"""'M8x60': a thread and a length without a blank"""
_WHOLE = re.compile(r"\d{1,9}")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]000){1,2}")
_ZERO_FRACTION = re.compile(r"(\d{1,7})[.,]0")


@dataclass(slots=True)
class Token:
    """A piece `low[start:end]`. `key` is what it is looked up by, `count` what it counts (None: not a whole number).

    `masked` tells that it counts nothing; `soft` that it may all the same be part of a product's whole name, as in
    "No. 5 Soap" or "10 year tawny port".
    """

    kind: TokenKind
    start: int
    end: int
    low: str
    key: str
    count: int | None = None
    masked: bool = False
    soft: bool = False
    article: bool = False


_IRREGULAR = {"mice": "mouse", "geese": "goose", "teeth": "tooth", "knives": "knife", "loaves": "loaf"}


@lru_cache(maxsize=50_000)
def word_key(word: str) -> str:
    """The common stem of a word's singular and plural in the languages that we read; crude, the same on both sides."""
    if word in lexicon.COLOURS:
        return "c:" + lexicon.COLOURS[word]
    if word in lexicon.SIZES:
        return "s:" + lexicon.SIZES[word]
    stem = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    if stem.endswith("ves") and len(stem) > 5:
        stem = stem[:-3] + "f"
    before = ""
    while stem != before and len(stem) > 3:
        before = stem
        if (stem[-1] == "s" and stem[-2] != "s") or (
            len(stem) > 4 and stem[-2:] in ("en", "er", "em", "es", "ux")
        ):
            stem = stem[:-1]
        while len(stem) > 3 and stem[-1] in "aeiouy":
            stem = stem[:-1]
    if stem[-2:] in ("ch", "gh") and len(stem) > 3:
        stem = stem[:-1]
    if len(stem) > 3 and stem[-1] == stem[-2]:
        stem = stem[:-1]
    if len(stem) > 3 and stem[-2] == stem[-3] and stem[-2] in "aeou":  # Dutch schaar, scharen
        stem = stem[:-2] + stem[-1]
    return stem


def whole_number(digits: str) -> int | None:
    """A number of things: at most nine digits, thousands grouped, no fraction; None for everything else."""
    if _GROUPED.fullmatch(digits):
        digits = re.sub("[.,]", "", digits)
    elif rounded := _ZERO_FRACTION.fullmatch(digits):
        digits = rounded[1]
    return int(digits) if _WHOLE.fullmatch(digits) else None


def tokenise(canon: Canon, start: int = 0, end: int | None = None, *, language: str = "") -> list[Token]:
    """The tokens of `canon.low[start:end]`, in order; linear in its length. `language` decides which words count."""
    low = canon.low
    end = len(low) if end is None else end
    found: list[Token] = []
    at = start
    while match := _TOKEN.search(low, at, end):
        kind, a, b = match.lastgroup, match.start(), match.end()
        if kind == "number":
            b = _number(low, a, b, end, found)
        elif kind == "east":
            found.append(Token("east", a, b, low[a:b], low[a:b]))
        elif kind == "sign":
            found.append(Token("sign", a, b, low[a:b], low[a:b]))
        elif crossed := _CROSSED.fullmatch(low, a, b):
            found += [
                _word(canon, a, crossed.end(1), found, language),
                Token("word", crossed.end(1), crossed.start(2), "x", "x"),
            ]
            b = _number(low, crossed.start(2), b, end, found)
        else:
            found.append(_word(canon, a, b, found, language))
        at = b
    _settle(found)
    return _spelt_measures(found)


def joined_models(found: list[Token], known: Container[str] | None = None) -> list[Token]:
    """'Headphones X200': an x glued to its number is no "times" where some product is called so (`known` keys; None: any)."""
    joined: list[Token] = []
    for token in found:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.low == "x"
            and before.end == token.start
            and token.low.isdigit()
            and (len(joined) < 2 or joined[-2].end < before.start or joined[-2].kind in ("sign", "east"))
            and (known is None or f"x{token.low}" in known)
        ):
            joined[-1] = Token("word", before.start, token.end, f"x{token.low}", f"x{token.low}")
        else:
            joined.append(token)
    return joined


_METRES = frozenset("ruban pliant enrouleur pieghevole plegable".split())
"""'un mètre ruban' measures, and is none"""


def _spelt_measures(found: list[Token]) -> list[Token]:
    """'fifty millimetres', 'un kilo de café': a number word and a unit that is written out are one measure."""
    joined: list[Token] = []
    for token, behind in itertools.zip_longest(found, found[1:]):
        before = joined[-1] if joined else None
        if (
            before is not None
            and (behind is None or behind.low not in _METRES)
            and before.kind == "number"
            and before.low.isalpha()
            and token.low in lexicon.SPELT_UNITS
            and before.count
        ):
            key = lexicon.measure_key(str(before.count), token.low)
            joined[-1] = Token("measure", before.start, token.end, f"{before.low} {token.low}", key)
            _halved(joined, token)
        elif before is not None and token.low in lexicon.SPELT_UNITS and _half_before(joined):
            before = joined[-1]
            key = lexicon.measure_key("0.5", token.low)
            joined[-1] = Token("measure", before.start, token.end, f"{before.low} {token.low}", key)
        else:
            joined.append(token)
    return joined


def _half_before(joined: list[Token]) -> bool:
    """Whether a half stands at the end, 'un demi-' with its hyphen, which goes."""
    if len(joined) > 1 and joined[-1].low == "-" and joined[-2].low in lexicon.HALVES:
        joined.pop()
    return joined[-1].low in lexicon.HALVES


def _halved(joined: list[Token], unit: Token) -> None:
    """'Half a kilo': what was taken as one kilo is half of it."""
    if (
        len(joined) > 1
        and joined[-2].low in lexicon.HALVES
        and joined[-1].low.split()[0] in ("a", "ein", "un", "een")
    ):
        whole = joined.pop()
        start = joined[-1].start
        joined[-1] = Token(
            "measure", start, whole.end, f"half {unit.low}", lexicon.measure_key("0.5", unit.low)
        )


def _settle(found: list[Token]) -> None:
    """What only the neighbour tells: 'Größe L' is a size label, 'a white one' counts nothing twice."""
    for token, after in itertools.pairwise(found):
        if token.low == "grosse" and (after.key.startswith("s:") or after.kind == "number"):
            token.low = token.key = "size"
        if after.low == "one" and token.key[:2] in ("c:", "s:"):
            after.kind, after.count, after.key = "word", None, "one"


def _number(low: str, start: int, end: int, limit: int, found: list[Token]) -> int:
    digits = low[start:end]
    unit_at = end
    while unit_at < limit and low[unit_at] == " " and unit_at - end < 2:
        unit_at += 1
    unit = lexicon.MEASURE_UNIT.match(low, unit_at, limit)
    if unit is None and low[end : end + 1] == "-":  # "five 1-kg-bags", "a 10-metre hose"
        unit = lexicon.MEASURE_UNIT.match(low, end + 1, limit)
        unit = unit if unit and (len(unit[1]) > 1 or low[unit.end() : unit.end() + 1] == "-") else None
    if low[end : end + 1] == '"' and low.count('"', low.rfind("\n", 0, start) + 1, start) % 2 == 0:
        found.append(
            Token("measure", start, end + 1, low[start : end + 1], lexicon.measure_key(digits, "inch"))
        )
        return end + 1  # 26", unless a quotation ends there
    if unit and not (
        unit[1] in ("m", "l", "v", "w")
        and unit_at > end
        and low[unit.end() : unit.end() + 1] == "'"
        and low[unit.end() + 1 : unit.end() + 2].isalpha()
    ):
        found.append(
            Token("measure", start, unit.end(), low[start : unit.end()], lexicon.measure_key(digits, unit[1]))
        )
        return unit.end()
    if re.match(r"[a-wyz][a-z]{0,12}", low[end : end + 2]) and low[end : end + 2] not in (
        "er",
        "st",
        "nd",
        "rd",
        "th",
    ):
        # "1e9", "12b": a number with letters stuck to it counts nothing, unless the letters are a unit.
        tail = re.compile(r"[a-z0-9]+").match(low, end, limit)
        assert tail
        if tail[0] not in lexicon.UNITS:
            found.append(Token("word", start, tail.end(), low[start : tail.end()], low[start : tail.end()]))
            return tail.end()
    count = whole_number(digits)
    follows = low[end : end + 1]
    if (
        follows in ("\u25a1", "^", "\u2044")
        or low[start - 1 : start] in ("^", "\u2044")
        or (follows == "_" and low[end + 1 : end + 2].isdigit())
    ):
        count = None
    key = f"n:{count}" if count is not None else f"n:{digits[:20].replace(',', '.')}"
    found.append(Token("number", start, end, digits, key, count))
    if low[end : end + 2] == "er" and not low[end + 2 : end + 3].isalpha():
        return end + 2  # German "6er-Set"
    return end


def _word(canon: Canon, start: int, end: int, found: list[Token], language: str) -> Token:
    word = canon.low[start:end]
    word = _IRREGULAR.get(word, word)
    if word in lexicon.LETTER_SIZES and (
        canon.shown(start, end).isupper()
        or (found and (found[-1].low in lexicon.SIZE_WORDS or found[-1].low == "grosse"))
    ):
        return Token("word", start, end, word, "s:" + word.upper())
    key, count, article = _said(word, language)
    if count is not None:
        return Token("number", start, end, word, key, count, article=article)
    return Token("word", start, end, word, key)


@lru_cache(maxsize=50_000)
def _said(word: str, language: str) -> tuple[str, int | None, bool]:
    """The key of a word, what it counts in a language (None: it is no number), and whether it is an article."""
    article = word in lexicon.ARTICLES_OF.get(language, ())
    count = lexicon.NUMBERS_OF.get(language, {}).get(word)
    if count is None and word not in COMMON_IN.get(language, ()):  # Portuguese "dos" is no Spanish two
        count = lexicon.EVERYWHERE.get(word)
    if count is None:
        count = 1 if article else compound_number(word)
    if count is not None:
        return f"n:{count}", count, article
    return word_key(word.removesuffix("'s").replace("'", "")), None, False
