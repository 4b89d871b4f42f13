"""Ways to order, change, ask, thank and pay in eight languages, each with products of seven catalogues put into it.

`phrasings.txt` holds them by section: `#### name | wanted | known before | kind | unm`, then `language | words`. In the words
stand {p} and {r} for the names of two products (SKUs {s} and {t}), {n} and {m} for how many, {w} and {v} for the same spelt
out. No reading may be wrong in silence; how many are read to the end is held by section.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import pytest

from checkout_desk.reading.model import KnownThread, Reading, ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

CATALOGUES = ("tea", "wear", "garden", "paper", "cave", "bike", "workshop")
COUNTRY = {"en": "GB", "de": "DE", "fr": "FR", "es": "ES", "pt": "PT", "it": "IT", "nl": "NL", "ja": "JP"}
SPELT = {
    "en": "one two three four five six seven eight", "de": "eins zwei drei vier fünf sechs sieben acht",
    "fr": "un deux trois quatre cinq six sept huit", "es": "uno dos tres cuatro cinco seis siete ocho",
    "pt": "um dois três quatro cinco seis sete oito", "it": "uno due tre quattro cinque sei sette otto",
    "nl": "een twee drie vier vijf zes zeven acht", "ja": "1 2 3 4 5 6 7 8",
}  # fmt: skip
EACH = 4
"""mails made of one phrasing"""


@dataclass(frozen=True)
class Section:
    """One section of the file: which line is wanted of {s} and {t}, as `s=n`, and its phrasings."""

    name: str
    wanted: str
    known: str
    kind: str
    unmatched: bool
    phrasings: tuple[tuple[str, str], ...]


@lru_cache
def sections() -> tuple[Section, ...]:
    found = []
    for part in (cases.HERE / "phrasings.txt").read_text().split("#### ")[1:]:
        head, *rows = part.strip().split("\n")
        name, wanted, known, kind, unmatched = (word.strip().strip("-") for word in head.split(" | "))
        pairs = [row.split(" | ", 1) for row in rows]
        words = tuple((language, text.replace("\\n", "\n")) for language, text in pairs)
        found.append(Section(name, wanted, known, kind, bool(unmatched), words))
    return tuple(found)


def _counts(words: str, skus: dict[str, str], numbers: dict[str, int]) -> dict[str, int]:
    """`s=n t=m-1` as SKUs and counts."""
    found = {}
    for pair in words.split():
        place, _, value = pair.partition("=")
        base, sign, step = value.partition("+") if "+" in value else value.partition("-")
        count = numbers[base] if base in numbers else int(base)
        more = (numbers[step] if step in numbers else int(step)) if step else 0
        found[skus[place]] = count + more if sign == "+" else count - more
    return found


def _judge(reading: Reading, wanted: dict[str, int], section: Section) -> str:
    """'right', 'silent' for a certain line that is wrong, 'asks' for whatever waits for a person."""
    sure = {line.sku: line.quantity for line in reading.lines if not line.needs_review}
    if any(sku not in wanted or quantity not in (None, wanted[sku]) for sku, quantity in sure.items()):
        return "silent"
    unknown = bool(reading.unmatched) == section.unmatched
    right = sure == wanted and len(reading.lines) == len(sure) and not reading.ambiguous and unknown
    return "right" if right and section.kind in ("", reading.kind) else "asks"


def results(section: Section) -> tuple[Counter[str], list[str]]:
    """How the mails of a section are read, and those that are wrong in silence."""
    found: Counter[str] = Counter()
    silent: list[str] = []
    for language, words in section.phrasings:
        rng = random.Random(f"{language}{words}")
        for _ in range(EACH):
            name = rng.choice(CATALOGUES)
            named = [(e.sku, n) for e in cases.entries(name) for n in (e.name, *e.aliases)]
            (s, p), (t, r) = rng.sample(named, 2)
            n, m = rng.sample(range(2, 9), 2)
            if s == t:
                continue
            spelt = SPELT[language].split()
            body = words.format(n=n, m=m, w=spelt[n - 1], v=spelt[m - 1], p=p, r=r, s=s, t=t)
            skus, numbers = {"s": s, "t": t}, {"n": n, "m": m}
            known = KnownThread(_counts(section.known, skus, numbers), True, True) if section.known else None
            letter = ReadingInput(
                body=body, from_name="Ann Poe", from_email="ann@example.com", is_reply=known is not None
            )
            reading = read(letter, cases.catalogue(name), country=COUNTRY[language], known_thread=known)
            verdict = _judge(reading, _counts(section.wanted, skus, numbers), section)
            found[verdict] += 1
            if verdict == "silent":
                silent.append(f"{name}: {body!r}: {[(x.sku, x.quantity, x.rule) for x in reading.lines]}")
    return found, silent


@pytest.mark.parametrize("name", sorted({section.name for section in sections()}))
def test_no_phrasing_is_read_wrong_in_silence(name: str) -> None:
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for section in sections():
        if section.name == name:
            found, silent = results(section)
            total += found
            wrong += silent
    assert wrong == []
    assert total["right"] >= LEAST.get(name, 0.97) * total.total(), dict(total)


LEAST = {
    "once": 0.94,
    "update-less": 0.6,
    "update-set": 0.85,
    "other": 0.9,
    "update-add": 0.9,
    "update-swap": 0.9,
    "unknown": 0.9,
}
"""the share that must be read to the end, where it is not 97 %: "one less" is certain only beside a known number"""
