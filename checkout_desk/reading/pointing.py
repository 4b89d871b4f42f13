"""Numbers that point back to products named before: 'one of each', 'two of the former', 'und davon drei', 'both rag dolls'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from checkout_desk.reading import lexicon
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common

_SURE = 0.78
_FIRST = frozenset(
    "former first erstere ersteren ersterem ersten premier premiere premiers premieres primero primera primeros primeras primeiro primeira primo prima primi prime eerste eerstgenoemde".split()
)
_LAST = frozenset(
    "latter second last letztere letzteren letzterem zweiten second seconde dernier derniere segundo segunda ultimo ultima secondo seconda laatste laatstgenoemde tweede".split()
)
_OF = frozenset(
    "of the von der den dem vom du de la des del das do da dos della dello dei delle di van".split()
)
_OF_IT = frozenset("davon draus daraus ervan daarvan hiervon hiervan".split())
_BOTH = re.compile(
    r"\b(?:both(?: the| of the)?|(?:die )?beiden?|les deux|amb[oa]s|(?:entrambi|entrambe|tutte e due|tutti e due)(?: (?:i|gli|le))?|allebei(?: de)?|beide) $"
)


def pointed_back(here: Sentence, new: list[Statement]) -> None:
    """Count what 'the former', 'the latter' and 'davon' mean: products of this sentence or the one before."""
    for amount in here.amounts:
        if amount.used or amount.old or not amount.count:
            continue
        if amount.first and here.tokens[amount.first - 1].low in _OF_IT and _ends(here, amount):
            begin = here.tokens[amount.first].start
            near = [s for s in new if s.end <= begin and s.skus and not (s.removes or s.said)][-1:]
            for statement in near:
                _count(here, statement, amount)
            continue
        at = amount.last + 1
        while at < len(here.tokens) and here.tokens[at].low in _OF:
            at += 1
        word = here.tokens[at].low if amount.last + 1 < at < len(here.tokens) else ""
        goods = _two_before(here, amount)
        if word in _FIRST | _LAST and len(goods) == 2 and not any(m.first == at + 1 for m in here.mentions):
            model = goods[0 if word in _FIRST else 1]
            start, end = here.tokens[amount.first].start, here.tokens[at].end
            new.append(replace(model, quantity=amount.count, start=start, end=end, confidence=min(model.confidence, _SURE),
                               said=True, implied=False, seen=False, weak=False, rule="said-again"))  # fmt: skip
            here.scene.statements.append(new[-1])
            amount.used = True


def _two_before(here: Sentence, amount: Amount) -> list[Statement]:
    """The two products that were named last before an amount; [] where there are more or fewer in that sentence."""
    begin = here.tokens[amount.first].start
    earlier = [
        s
        for s in here.scene.statements[-12:]
        if s.end <= begin and len(s.skus) == 1 and s.rule != "said-again"
    ]
    last = earlier[-1].sentence if earlier else -1
    goods = [s for s in earlier if s.sentence == last]
    near = bool(goods) and goods[0].sentence >= here.parts[0].sentence - 1
    return goods if near and len(goods) == 2 else []


def _count(here: Sentence, statement: Statement, amount: Amount) -> None:
    statement.quantity, statement.said, statement.implied, statement.seen = amount.count, True, False, False
    statement.confidence = min(statement.confidence, _SURE)
    statement.end, amount.used = max(statement.end, here.tokens[amount.last].end), True


def _ends(here: Sentence, amount: Amount) -> bool:
    """Whether an amount has nothing of its own to count."""
    at = amount.last + 1
    while at < len(here.tokens) and here.tokens[at].low in lexicon.UNITS:
        at += 1
    return at >= len(here.tokens) or here.tokens[at].kind == "sign" or common(here.tokens[at].low)


def both_of_them(here: Sentence, new: list[Statement]) -> None:
    """'Both rag dolls': one of each, where just two products are called so."""
    for statement in list(new):
        if len(statement.skus) != 2 or statement.said or statement.removes or statement.seen:
            continue
        if not _BOTH.search(here.low, max(0, statement.start - 20), _noun(here, statement)):
            continue
        statement.seen = True
        new += [replace(statement, skus=(sku,), quantity=1, seen=False, said=True, implied=False,
                        confidence=min(statement.confidence, _SURE)) for sku in statement.skus]  # fmt: skip


def _noun(here: Sentence, statement: Statement) -> int:
    """Where the product's own words begin in a statement that may start with "both the"."""
    return next(
        (here.tokens[m.first].start for m in here.mentions if m.skus == statement.skus), statement.start
    )


def each_wishes(here: Sentence, each: Amount | None) -> None:
    """'I like both the salt pig and the spoon rest: one of each please': the clause that counts says what is wanted."""
    if each is None or not each.used:
        return
    asked: Sequence[str] = ("past", "plain")
    if here.clause(here.tokens[each.first]).mood == "order":
        for statement in here.said:
            part = next((p for p in here.parts if statement.start < p.end), None)
            if (
                statement.seen
                and statement.said
                and statement.quantity == each.count
                and part
                and part.mood in asked
            ):
                statement.seen, statement.mood = False, "order"
                statement.confidence = min(statement.confidence, _SURE)
