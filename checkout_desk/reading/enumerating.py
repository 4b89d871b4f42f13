"""Sentences that only count things up: 'Dos jaboneras, un tarro para galletas y un azucarero.' Each of them is ordered."""

from __future__ import annotations

import re

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.sentence import Sentence, common

_CUTS = frozenset(", ; + & / plus sowie ainsi".split()) | lexicon.CONJUNCTIONS
_LONGEST = 8


def counts_up(here: Sentence) -> None:
    """Let every clause order where a sentence without a verb names several things, each behind a number or an article.

    One of them at least is a product with its number, or two are products. What stands beside them then is ordered as
    surely, and what no product is called like stands open instead of being taken for words of a tale. Words that lead to
    the list, "for the office:", are none of it.
    """
    wishes = [part for part in here.parts if part.mood != "plain" and not _only_asks_for_it(here, part)]
    if wishes or here.corrects or not here.amounts:
        return
    start = _behind_lead(here)
    parts = [part for part in _parts(here, start) if part[0] >= start]
    begun = [part for part in parts if _begins(here, part[0])]
    if len(begun) < 2 and not (start and begun and here.tokens[0].low in _FOR):
        _adds(here)
        return
    if len(parts) - len(begun) > 1 or any(len(part) > _LONGEST + 4 for part in begun):
        return
    text = here.plain[here.tokens[begun[0][0]].start : here.parts[-1].end]
    if any(match[0] != "e" for match in cues.COPULA.finditer(text)) or cues.WITHOUT.search(text):
        return
    named = {i for m in here.mentions if m.skus for i in range(m.first, m.last + 1)}
    products = [part for part in begun if named & set(part)]
    known = named | {i for m in here.mentions for i in range(m.first, m.last + 1)}
    words = [i for part in begun for i in _without_whom(here, part) if i not in known]
    foreign = [i for i in words if here.tokens[i].kind == "word" and not common(here.tokens[i].low)]
    surely = any(not _article(here, part[0]) for part in products) or (len(products) > 1 and not foreign)
    surely = surely or (
        start > 0 and len(products) == len(begun) and not foreign
    )  # "Für Oma: eine rote Tasse."
    if not surely or len(foreign) > 3 * (len(begun) - len(products)) + 1:
        return
    here.counts_up = True
    for part in here.parts:
        part.mood = "order"


def _only_asks_for_it(here: Sentence, part: Clause) -> bool:
    """Whether a clause is nothing but "please": 'un sirop caramel, s'il vous plaît'."""
    return part.mood == "order" and not re.sub(
        r"\W+", "", cues.BEGGING.sub("", here.plain[part.start : part.end])
    )


def _without_whom(here: Sentence, part: list[int]) -> list[int]:
    """The places of a part up to "for": who or what it is for is no other thing."""
    cut = next((n for n, i in enumerate(part) if n and here.tokens[i].low in _FOR), len(part))
    return part[:cut]


_FOR = frozenset("for fur pour para per voor".split())


def _adds(here: Sentence) -> None:
    """'También tres teclados con distribución española.': one thing more, said with "also" behind what is ordered."""
    added = cues.ADDITION.match(here.text.lstrip())
    number = next((a for a in here.amounts if a.count and not a.article and a.first <= 2), None)
    ordered = any(s.skus and not (s.seen or s.removes) for s in here.scene.statements[-12:])
    if added is None or number is None or not ordered or len(here.tokens) > _LONGEST + 2:
        return
    if cues.COPULA.search(here.text) is None and cues.WITHOUT.search(here.text) is None:
        for part in here.parts:
            part.mood = "order"


def _behind_lead(here: Sentence) -> int:
    """The first token behind a colon that no product stands before: 'für das Büro: …'; else 0."""
    first = min((m.first for m in here.mentions if m.skus), default=0)
    colons = [i for i, token in enumerate(here.tokens[:first]) if token.low == ":"]
    return colons[-1] + 1 if colons else 0


def _parts(here: Sentence, start: int) -> list[list[int]]:
    """The places of the tokens between commas and words such as "and", those of one thing together."""
    inside = {i for m in here.mentions if m.skus for i in range(m.first + 1, m.last + 1)}
    found: list[list[int]] = [[]]
    led = here.tokens[0].low in _FOR or cues.GREETING.match(here.text) is not None
    cuts = _CUTS - {"en"} if here.scene.language in ("fr", "es") else _CUTS
    for i, token in enumerate(here.tokens):
        if (token.low in cuts and i not in inside) or (i == start - 1 and led):
            found.append([])
        elif token.kind != "sign":
            found[-1].append(i)
    return [part for part in found if part]


def _begins(here: Sentence, first: int) -> bool:
    """Whether a part begins with a number, an article, "the" or a measure: '2 l Transparentglasur'."""
    token = here.tokens[first]
    points = token.low in lexicon.SINGULAR_DETERMINERS or token.low in lexicon.PLURAL_DETERMINERS
    return points or token.kind == "measure" or any(a.first in (first, first + 1) for a in here.amounts)


def _article(here: Sentence, first: int) -> bool:
    return any(a.article for a in here.amounts if a.first in (first, first + 1))
