"""What a quoted mail of ours asked in words that no template wrote: 'Which spade, the small or the large?' with the answer below.

The desk knows what it asked itself. What a person of the shop typed it reads here, so that 'large' and 'seven' right below
mean something; such answers wait for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from checkout_desk.reading.answers import Answers
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.languages import language_of
from checkout_desk.reading.mentions import find_mentions
from checkout_desk.reading.model import Asked
from checkout_desk.reading.scene import Scene
from checkout_desk.reading.tokens import Token

_MOST = 12
_SURE = 0.78
_HOW_MANY = re.compile(
    r"\b(?:how many|how much|wie ?viele?|combien|cuant[oa]s|quant[oaie]s?|hoeveel|what quantity|welche menge)\b|何個|いくつ|何枚|何本"
)
_WHICH = re.compile(
    r"\b(?:which|what (?:size|colour|color|kind|one)|or|welche\w?|oder|quel(?:le)?s?|ou|cual(?:es)?|que (?:talla|color|tamano)|o|qual(?:e|i|is)?|ou|welke|of)\b|どちら|どれ"
)
_QUESTION = re.compile(r"[^.!?\n？。]*[?？]")


def asked_in(below: Sequence[tuple[int, int, str]], catalogue: Catalogue) -> tuple[Asked, ...]:
    """What the quoted questions ask about products, each with its own sentence; () where they ask about none."""
    found: list[Asked] = []
    for _, _, quoted in below[:10]:
        plain = re.sub(r"^[> \t]+", "", quoted[-2_000:], flags=re.MULTILINE)
        canon = Canon(plain)
        for sentence in list(_QUESTION.finditer(canon.low))[-3:]:
            found += _asked(canon, sentence.start(), sentence.end(), catalogue, line=len(found) + 1)
    return tuple(found)


def _asked(canon: Canon, start: int, end: int, catalogue: Catalogue, *, line: int) -> list[Asked]:
    """One question: of which product it wants to know how many, or which of several."""
    scene = Scene(canon, catalogue, language_of(canon.low, default="en"), [], [])
    tokens: list[Token] = scene.tokens(start, end)
    skus: dict[str, None] = {}
    for mention in _named(canon, tokens, catalogue):
        skus |= dict.fromkeys(mention)
    text, low = canon.shown(start, end).strip(), canon.low[start:end]
    if not skus or len(skus) > _MOST:
        return []
    if len(skus) == 1 and _HOW_MANY.search(low):
        return [Asked("quantity", question=text, line=line, words=text, sku=next(iter(skus)))]
    if len(skus) > 1 and _WHICH.search(low):
        several = tuple(skus)
        return [
            Asked("product", question=text, line=line, words=text, candidates=several),
            Asked("quantity", question=text, line=line, words=text, candidates=several),
        ]
    return []


def doubted(answered: Answers | None) -> Answers | None:
    """The same answers below the bar, if they are about products at all."""
    if answered is None or not (answered.lines or answered.ambiguous):
        return None
    answered.lines = [replace(line, confidence=min(line.confidence, _SURE)) for line in answered.lines]
    answered.left = ()
    return answered


def _named(canon: Canon, tokens: list[Token], catalogue: Catalogue) -> list[tuple[str, ...]]:
    """The products that a range names, by mention."""
    if not tokens:
        return []
    shown = "".join(canon.shown(i, i + 1)[:1] or " " for i in range(tokens[0].start, tokens[-1].end))
    return [m.skus for m in find_mentions(canon.low, tokens, catalogue, shown) if m.skus]
