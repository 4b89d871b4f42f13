"""How much the name on a bank statement looks like a customer's name."""

from __future__ import annotations

import re
import unicodedata

CLOSE = 82
"""of 100: from here on a name counts as evidence"""
_TITLES = frozenset("mr mrs ms miss dr prof herr frau hr fr mme mlle m sr sra und and et y or".split())
_WORD = re.compile(r"[^\W\d_]+")
_LONG = 3
_TOKEN_CLOSE = 84
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_WIDENED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})


def resemblance(payer: str, name: str) -> int:
    """0 to 100. Case, accents, titles, the order of the words and initials do not count; one long word must fit."""
    return round(max((_of_words(a, b) for a in _spellings(payer) for b in _spellings(name)), default=0))


def _spellings(name: str) -> list[list[str]]:
    """The words of a name, with accents left away and with umlauts written out."""
    lower = name.casefold().translate(_FOLDED)
    found = []
    for text in {lower, unicodedata.normalize("NFC", lower).translate(_WIDENED)}:
        bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        words = [word for word in _WORD.findall(bare) if word not in _TITLES]
        if words and words not in found:
            found.append(words)
    return found


def _of_words(payer: list[str], name: list[str]) -> float:
    """Each word of the shorter name against the best unused word of the other; all of its words have to fit."""
    joined = _ratio("".join(sorted(payer)), "".join(sorted(name)))
    run = _ratio("".join(payer), "".join(name))
    short, long = sorted((payer, name), key=len)
    scores: list[tuple[float, int]] = []
    pairs = sorted(
        (
            (_of_word(a, b), min(len(a), len(b)), i, j)
            for i, a in enumerate(short)
            for j, b in enumerate(long)
        ),
        reverse=True,
    )
    used: tuple[set[int], set[int]] = (set(), set())
    for score, length, i, j in pairs:
        if i not in used[0] and j not in used[1]:
            scores.append((score, length))
            used[0].add(i)
            used[1].add(j)
    if not any(score >= _TOKEN_CLOSE and length >= _LONG for score, length in scores):
        return run if run >= CLOSE else 0.0
    mean = sum(score for score, _ in scores) / len(scores)
    if len(short) == 1 and len(long) > 1:
        mean = min(mean, 90.0) - 5  # a surname alone is less than a name
    return max(joined, run, mean)


def _of_word(a: str, b: str) -> float:
    if 1 in (len(a), len(b)):
        return 90.0 if a[0] == b[0] else 0.0
    return _ratio(a, b)


def _ratio(a: str, b: str) -> float:
    from rapidfuzz import fuzz  # 4 MB that a process without payments to match does without

    return fuzz.ratio(a, b)
