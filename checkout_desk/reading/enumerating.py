"""Sentences that only count things up: 'Dos jaboneras, un tarro para galletas y un azucarero.' Each of them is ordered."""

from __future__ import annotations

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.sentence import Sentence, common

_CUTS = frozenset(", ; + & / plus sowie ainsi".split()) | lexicon.CONJUNCTIONS
_LONGEST = 8


def counts_up(here: Sentence) -> None:
    """Let every clause order where a sentence without a verb names several things, each behind a number or an article.

    One of them at least is a product with its number, or two are products. What stands beside them then is ordered as
    surely, and what no product is called like stands open instead of being taken for words of a tale. Words that lead to
    the list, "for the office:", are none of it.
    """
    if any(part.mood != "plain" for part in here.parts):
        return
    start = _behind_lead(here)
    parts = [part for part in _parts(here) if part[0] >= start]
    begun = [part for part in parts if _begins(here, part[0])]
    if len(begun) < 2:
        _adds(here)
        return
    if len(parts) - len(begun) > 1 or any(len(part) > _LONGEST + 4 for part in begun):
        return
    text = here.plain[here.tokens[start].start : here.parts[-1].end]
    if any(match[0] != "e" for match in cues.COPULA.finditer(text)) or cues.WITHOUT.search(text):
        return
    if cues.GREETING.match(text):
        return
    named = {i for m in here.mentions if m.skus for i in range(m.first, m.last + 1)}
    products = [part for part in begun if named & set(part)]
    words = [i for part in begun for i in part if here.tokens[i].kind == "word" and i not in named]
    foreign = [i for i in words if not common(here.tokens[i].low)]
    surely = any(not _article(here, part[0]) for part in products) or (len(products) > 1 and not foreign)
    if not surely or len(foreign) > 3 * (len(begun) - len(products)) + 1:
        return
    here.counts_up = True
    for part in here.parts:
        part.mood = "order"


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


def _parts(here: Sentence) -> list[list[int]]:
    """The places of the tokens between commas and words such as "and", those of one thing together."""
    inside = {i for m in here.mentions if m.skus for i in range(m.first + 1, m.last + 1)}
    found: list[list[int]] = [[]]
    for i, token in enumerate(here.tokens):
        if token.low in _CUTS and i not in inside:
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
