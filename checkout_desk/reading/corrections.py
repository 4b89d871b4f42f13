"""'Four pots... no, make that six': a number that is said anew right behind a slip."""

from __future__ import annotations

import itertools
import re

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.eastern import sort_beside
from checkout_desk.reading.ellipsis import MORE, STILL
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common

_SURE = 0.78
"""below the bar: who corrects themselves is read, and a person says that it was so"""
_SLIP = re.compile(
    r"\b(?:no|non|nein|nee|nao|wait|sorry|pardon|perdon\w?|scusate|scusa|desculp\w*|entschuldigung|quatsch|halt|oops|ops|ach|euh|uh|scratch that|correction|actually|better|rather|make (?:that|it)|i mean|ich meine"
    r"|lieber|besser|doch|mejor|digo|bueno|melhor|alias|anzi|meglio|plutot|enfin|liever|beter|of|toch)\b|\.\.|…|いや|やっぱり"
)
_BETWEEN = frozenset(
    "make that it say just only nur lieber besser doch disons sagen wir wait no non nein nee sorry actually mejor digamos melhor meglio diciamo plutot liever zeg toch maar maak er van rather better"
    " solo sola solos solas seulement juste apenas soltanto somente alles halt gleich then then_ dann entonces then let's please bitte mettez metti pon ponme me mir doe"
    " oh ah ach hm well bueno perdon perdona pardon scusa scusate anzi fa fai fate let's_ i we ich wir je will take nehme nehmen prends prendo think but aber mais ma pero".split()
)


def corrected_at_once(here: Sentence, statement: Statement | None) -> None:
    """'2 ladders, no, sorry, 1 only': the number behind the slip counts what stands before it, `statement`.

    Nothing but light words stands between the slip and the number, and nothing that could be counted behind it.
    """
    if statement is None or not statement.skus or statement.removes or statement.quantity is None:
        return
    if not statement.said and not statement.implied:
        return
    begin = max(statement.end, here.tokens[0].start)
    after = next((m for m in here.mentions if here.tokens[m.first].start >= begin), None)
    stop = after.first if after else len(here.tokens)
    for amount in here.amounts:
        if amount.used or amount.old or amount.article or not amount.count or amount.last >= stop:
            continue
        start = here.tokens[amount.first].start
        if start < begin or not _slipped(here, begin, amount) or not _alone(here, amount):
            continue
        statement.quantity, statement.said, statement.implied = amount.count, True, False
        statement.confidence = min(statement.confidence, _SURE)
        amount.used = True
        if statement is here.scene.last:
            statement.end = max(statement.end, here.tokens[amount.last].end)


def another_sort_at_once(here: Sentence, new: list[Statement]) -> None:
    """'Two large green mugs, no wait, blue ones': a colour or size behind a slip takes the place of what stands before it."""
    for old, right in itertools.pairwise(new):
        if (
            right.skus == old.skus
            and right.said
            and old.said
            and _SLIP.search(here.low, old.end, right.start)
        ):
            right.corrects, right.confidence = (
                True,
                min(right.confidence, _SURE),
            )  # "2 red mugs... no, 1 red one"
        alike = right.rule == "noun-from-neighbour" and len(right.skus) == 1 and right.skus != old.skus
        if not alike or right.said or right.removes or old.seen or old.removes or not old.skus:
            continue
        slip = cues.FALSE_START.search(here.low, old.end, right.start)
        words = [t for t in here.tokens if old.end <= t.start < right.start and t.kind == "word"]
        if slip is None or len(words) > 6 or any(t.low in lexicon.CONJUNCTIONS for t in words):
            continue
        right.quantity, right.said, right.implied, right.seen = old.quantity, old.said, old.implied, False
        right.confidence, old.seen = min(right.confidence, _SURE), True


def more_of_it(here: Sentence, new: list[Statement]) -> None:
    """'I have 4 blue mugs and would like 2 more': a number beside "more" counts what was only told of before it."""
    told = [s for s in new if s.seen and s.mood in ("past", "plain") and len(s.skus) == 1]
    for amount in here.amounts if told else ():
        behind = here.tokens[amount.last + 1 : amount.last + 3]
        before = here.tokens[amount.first - 1].low if amount.first else ""
        more = before in STILL or any(t.low in MORE for t in behind[:1]) or _taken(here, amount)
        them = _of_them(here, amount)
        more = more or them
        if amount.used or amount.old or not amount.count or not more or amount.article:
            continue
        named = any(m.first in (amount.last + 1, amount.last + 2) and m.skus for m in here.mentions)
        foreign = [t for t in behind if t.kind == "word" and not common(t.low) and t.low not in MORE]
        start, end = here.tokens[amount.first].start, here.tokens[amount.last].end
        earlier = [s for s in told if s.end <= start]
        again = any(s.said and not s.seen and s.skus == told[-1].skus for s in new)
        if (
            named
            or (foreign and not them)
            or not earlier
            or again
            or here.clause(here.tokens[amount.first]).mood != "order"
        ):
            continue
        amount.used = True
        new.append(
            Statement(
                earlier[-1].skus, amount.count, start, end, 0.75, "said-again", earlier[-1].sentence,
                said=True, mood="order", keys=earlier[-1].keys,
            )
        )  # fmt: skip
        here.scene.statements.append(new[-1])


_NOT_BUT = re.compile("(?:では|じゃ)な(?:く(?:て)?|い(?:ほう|方)の)、?")


def not_that_but_this(here: Sentence) -> None:
    """'ケーブルは3mではなく1mで': another sort takes over the number of the one that was named; what stays unclear is doubted."""
    turn = _NOT_BUT.search(here.low, here.tokens[0].start, here.tokens[-1].end)
    if turn is None:
        return
    catalogue, wanted = here.scene.catalogue, [s for s in here.scene.statements if not (s.seen or s.removes)]
    old = sort_beside(here.low, turn.start(), before=True)
    new = sort_beside(here.low, turn.end(), before=False)
    skus = {sku for m in here.mentions for sku in m.skus}
    skus |= {s for m in here.mentions for key in m.keys for s in catalogue.east_words.get(key[2:], ())}
    skus = skus or {sku for s in wanted[-1:] for sku in s.skus}
    gone = [
        s for s in wanted if len(s.skus) == 1 and s.skus[0] in skus and old in catalogue.attributes[s.skus[0]]
    ]
    come = [sku for sku in skus if new in catalogue.attributes[sku]]
    if len(gone) == len(come) == 1 and not any(a.count for a in here.amounts):
        token, last = here.tokens[0], here.tokens[-1]
        here.scene.statements.append(
            Statement((come[0],), gone[0].quantity, token.start, last.end, _SURE, "said-again", here.parts[0].sentence, said=True)
        )  # fmt: skip
        gone[0].removes = True
        for named in here.said:
            named.seen = True
        return
    for statement in [s for s in wanted if skus & set(s.skus)] or wanted[-1:]:
        statement.confidence = min(statement.confidence, 0.7)


_THEM = frozenset("them those these ellas ellos elles eux essi esse eles elas".split())
_OF_THEM = frozenset("davon draus daraus ervan daarvan deles delas".split())


def _of_them(here: Sentence, amount: Amount) -> bool:
    """'She raves about the blue mug, so get her four of them', 'je vais en prendre quatre', 'ne vorrei due'."""
    behind = [t.low for t in here.tokens[amount.last + 1 : amount.last + 3]]
    if behind[:1] and (behind[0] in _OF_THEM or (behind[0] in _OF and behind[-1] in _THEM)):
        return True
    before = [t.low for t in here.tokens[max(0, amount.first - 4) : amount.first]]
    pronoun = {"fr": "en", "it": "ne"}.get(here.scene.language)
    return pronoun in before and _alone(here, amount)


def _taken(here: Sentence, amount: Amount) -> bool:
    """'…, so I'll have one': the number right behind the verb, and nothing behind it."""
    clause = here.clause(here.tokens[amount.first])
    taken = cues.TAKES.search(here.plain[clause.start : here.tokens[amount.last].end])
    return taken is not None and _alone(here, amount)


def packs_of_it(here: Sentence, new: list[Statement]) -> None:
    """'Je reprends du thé, 3 boîtes', 'go to 12 bottles for the rosé': packs of what is named beside them without a number."""
    for amount in here.amounts:
        if amount.used or amount.old or amount.article or not amount.count:
            continue
        at = amount.last + 1
        while at < len(here.tokens) and here.tokens[at].low in lexicon.UNITS:
            at += 1
        if at == amount.last + 1 or (at < len(here.tokens) and here.tokens[at].low in _OF):
            continue
        start, end = here.tokens[amount.first].start, here.tokens[at - 1].end
        near = [s for s in new if s.end <= start][-1:]
        if at < len(here.tokens) and here.tokens[at].low in _FOR:
            near = [s for s in new if s.start >= end][:1] or near
        elif at < len(here.tokens) and here.tokens[at].kind == "word" and not common(here.tokens[at].low):
            continue
        if not near or not near[0].skus or near[0].said or near[0].removes:
            continue
        if here.clause(here.tokens[amount.first]).mood not in ("order", "plain"):
            continue
        near[0].quantity, near[0].said, near[0].implied, near[0].seen = amount.count, True, False, False
        near[0].confidence, near[0].corrects = min(near[0].confidence, _SURE), here.corrects
        amount.used = True


_OF = frozenset("of de d' von di van da".split())
_FOR = frozenset("for pour fur para per voor por du".split())


def _slipped(here: Sentence, begin: int, amount: Amount) -> bool:
    """Whether only words of a slip and light ones stand between `begin` and an amount."""
    start = here.tokens[amount.first].start
    if not _SLIP.search(here.low, begin, start):
        return False
    words = [t for t in here.tokens if begin <= t.start < start and t.kind == "word"]
    return len(words) <= 9 and all(
        t.low in _BETWEEN
        or _SLIP.fullmatch(t.low)
        or t.low in lexicon.UNITS
        or (
            common(t.low)
            and not cues.ADDITION.fullmatch(t.low)
            and t.low not in lexicon.CONJUNCTIONS - {"of"}
        )
        for t in words
    )


def _alone(here: Sentence, amount: Amount) -> bool:
    """Whether nothing that an amount could count stands behind it."""
    at = amount.last + 1
    while at < len(here.tokens) and here.tokens[at].low in lexicon.UNITS:
        at += 1
    if at >= len(here.tokens):
        return True
    token = here.tokens[at]
    ahead = at
    while ahead < len(here.tokens) and here.tokens[ahead].kind == "word" and common(here.tokens[ahead].low):
        ahead += 1
    if any(m.skus and (m.first <= at <= m.last or m.first == ahead) for m in here.mentions):
        return False  # "make it 3 lovely green mugs after all"
    return (
        token.kind in ("sign", "east")
        or token.low in _BETWEEN
        or (
            token.kind == "word"
            and common(token.low)
            and token.low not in ("of", "de", "d'", "von", "di", "van", "da")
        )
    )
