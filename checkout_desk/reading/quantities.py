"""How many: joins number words, dozens, pairs and ranges into one number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.tokens import Token

_BETWEEN = frozenset("- to bis or oder ou o of a und / tot".split())
_TIES = frozenset("- y e und en et and".split())
LABELS = frozenset(
    "qty quantity quantities menge anzahl anz quantite qte cantidad cant quantidade qtd qtde quantita qta aantal aant number count stuckzahl"
    " 数量 x n nr".split()
)
_OF = frozenset("of de d' von di van da".split())
_ARTICLES = frozenset().union(*lexicon.ARTICLES_OF.values())
_PLEASE = frozenset("bitte please graag the die den das de".split())
_ONE_AND_A_HALF = frozenset("anderthalb eineinhalb anderhalf anderhalve".split())
_TO_TIMES = frozenset(", ) und zwar gleich bitte davon direkt sogar en dan wel maar please".split())
_ONLY = frozenset("nur lediglich seulement solo solamente soltanto solamente apenas slechts somente".split())
_SAME = frozenset("denselben dieselbe dasselbe derselben dezelfde hetzelfde dito".split())
_SINGLE = frozenset("sola seule seul single einzige einziger einziges einzigen unico unica uma_so".split())


@dataclass(slots=True)
class Amount:
    """A quantity as said by the tokens `first` to `last`. `count` None: it cannot be counted. `sure` is its confidence."""

    first: int
    last: int
    count: int | None
    article: bool = False
    sure: float = 1.0
    pair: bool = False
    old: bool = False
    used: bool = False
    of_size: int | None = None
    repeated: int = -1


def amounts(
    tokens: Sequence[Token], mentions: Sequence[Mention], low: str, shown: str, *, language: str = ""
) -> list[Amount]:
    """The numbers of a sentence that may be quantities, in order: not masked, not part of a product's name."""
    inside = {i for m in mentions for i in range(m.first, m.last + 1) if m.rule != "attribute"}
    found: list[Amount] = []
    i = 0
    base = tokens[0].start if tokens else 0
    while i < len(tokens):
        token = tokens[i]
        if i in inside or token.masked or token.kind in ("sign", "measure", "east"):
            i += 1
            continue
        if amount := _packs_of(tokens, i, inside):
            found.append(amount)
            i = amount.last + 1
            continue
        if token.low == "uns" and language != "pt":  # German "us"
            i += 1
            continue
        if token.kind == "number" and (_part_of_code(tokens, i) or _names_a_size(tokens, i, low)):
            i += 1
            continue
        if token.low == "one" and _points_back(tokens, i):
            i += 1
            continue
        if language == "nl" and token.low == "dozen":  # boxes
            i += 1
            continue
        amount = _amount(tokens, i, inside, shown, base, boxes=language == "nl")
        if amount is None:
            i += 1
            continue
        if language == "fr" and amount.pair and tokens[amount.last].low == "par":  # "un par cheval"
            amount.last, amount.pair = amount.last - 1, False
        before = low[max(base, token.start - 24) : token.start]
        amount.old = (
            cues.INSTEAD_OF.search(before) is not None and _is_old(before, low[token.end : token.end + 12])
        ) or cues.FROM_BEHIND.match(low, token.end) is not None
        found.append(amount)
        i = amount.last + 1
        if (
            i + 2 < len(tokens)
            and tokens[i].low == "("
            and tokens[i + 2].low == ")"
            and tokens[i + 1].count == amount.count
        ):
            i += 3  # "two (2) kits"
            amount.repeated = i - 1
    return found


def _points_back(tokens: Sequence[Token], i: int) -> bool:
    """Whether "one" stands for what was named: 'the long one', 'that other one' counts nothing."""
    return i > 1 and tokens[i - 1].kind == "word" and tokens[i - 2].low in ("the", "this", "that")


def _packs_of(tokens: Sequence[Token], i: int, inside: set[int]) -> Amount | None:
    """'3 packs of 100 paper clips': three, of a hundred each."""
    if tokens[i].kind != "number" or i + 4 >= len(tokens):
        return None
    if any(at in inside or tokens[at].masked for at in range(i, i + 4)):
        return None
    count, unit, of, size = tokens[i : i + 4]
    if (
        count.kind != size.kind
        or count.kind != "number"
        or unit.low not in lexicon.UNITS
        or of.low not in _OF
    ):
        return None
    return (
        Amount(i, i + 3, count.count, article=False, of_size=size.count)
        if size.count and not size.article
        else None
    )


def _part_of_code(tokens: Sequence[Token], i: int) -> bool:
    """Whether a number is glued to letters by a hyphen, as in "4471-B" and "A-12", and no unit: "12-pack"."""
    if not tokens[i].low.isdigit():
        return False
    if i + 2 < len(tokens) and tokens[i + 1].low in "-/" and tokens[i + 1].start == tokens[i].end:
        after = tokens[i + 2]
        glued = after.start == tokens[i + 1].end and after.kind == "word"
        if glued and after.low not in lexicon.UNITS and after.low not in lexicon.PAIRS:
            return True
    if i > 1 and tokens[i - 1].low == "-" and tokens[i - 1].end == tokens[i].start:
        before = tokens[i - 2]
        return before.end == tokens[i - 1].start and before.kind == "word" and len(before.low) < 6
    return False


def _names_a_size(tokens: Sequence[Token], i: int, low: str) -> bool:
    """'an 11 speed chain', 'ein 8er Bohrer': behind an article a number is a size, and so is one with "er"."""
    token = tokens[i]
    if not token.low.isdigit():
        return False
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    word = after is not None and after.kind == "word" and not after.masked
    if low[token.end : token.end + 2] == "er":
        return word and low[token.end : token.end + 3] == "er "
    return word and i > 0 and tokens[i - 1].article and after is not None and after.low not in lexicon.UNITS


def _is_old(before: str, after: str) -> bool:
    """'from 2 to 4' and 'statt 2' name what was; 'de 2' alone does not."""
    if re.search(r"\b(?:from|von|de|da|van) ?$", before) and not re.search(
        r"(?:instead of|au lieu de|en vez de|en lugar de|em vez de|in plaats van|anstelle von|invece d\w*) ?$",
        before,
    ):
        return re.match(r" ?(?:to|auf|a|para|naar|->|zu) ?\d", after) is not None
    return not re.search(r"\b(?:not|nicht|et non|niet)(?: just| only| nur)? ?$", before) or True


def _amount(
    tokens: Sequence[Token], i: int, inside: set[int], shown: str, base: int, *, boxes: bool
) -> Amount | None:
    token = tokens[i]
    low = token.low
    if low in lexicon.DOZENS and low != "dozens":
        if low == "dozen" and i and tokens[i - 1].kind == "number":
            return None
        return Amount(i, i, lexicon.DOZENS[low])
    if low in lexicon.HALVES:
        at = i + 1
        while at < len(tokens) and (
            tokens[at].low in "-" or tokens[at].article or tokens[at].low in _ARTICLES
        ):
            at += 1
        if at < len(tokens) and tokens[at].low in lexicon.DOZENS:
            return Amount(i, at, lexicon.DOZENS[tokens[at].low] // 2)
        return None
    back = i - 1
    while i - back < 6 and back > 0 and back not in inside and tokens[back].low in _TO_TIMES:
        back -= 1
    beside = i + 1 in inside or back in inside
    if (
        not beside
        and i + 2 in inside
        and (tokens[i + 1].low in lexicon.SINGULAR_DETERMINERS or tokens[i + 1].low in _PLEASE)
    ):
        beside = True
    if i + 1 < len(tokens) and tokens[i + 1].low in _SAME:  # "noch einmal denselben in 40 cm"
        beside = True
    if low in lexicon.TIMES and beside:
        return Amount(i, i, lexicon.TIMES[low])
    if low == "paar" and not _a_pair(shown[token.start - base : token.end - base]):
        return Amount(i, i, None)
    if low in _ONE_AND_A_HALF and i + 1 < len(tokens) and tokens[i + 1].low in lexicon.DOZENS:
        return Amount(i, i + 1, lexicon.DOZENS[tokens[i + 1].low] * 3 // 2)
    if token.kind != "number":
        if low == "lots" and i and tokens[i - 1].kind == "number":  # "two lots of tomato seeds"
            return None
        if low in lexicon.VAGUE and low not in ("many", "wat"):
            return Amount(i, i, None)
        return None
    return _number(tokens, i, inside, shown, base, boxes=boxes)


def _a_pair(shown: str) -> bool:
    """Whether German "Paar" is two: "paar" is a few, and in capitals nobody can tell."""
    return shown[:1].isupper() and not shown.isupper()


def _only(tokens: Sequence[Token], i: int) -> bool:
    """Whether an article counts: 'nur eine', 'una sola', 'ein einziges'."""
    after = tokens[i + 1].low if i + 1 < len(tokens) else ""
    return (i > 0 and tokens[i - 1].low in _ONLY) or after in _SINGLE


def _number(
    tokens: Sequence[Token], i: int, inside: set[int], shown: str, base: int, *, boxes: bool
) -> Amount:
    amount = Amount(i, i, tokens[i].count, article=tokens[i].article and not _only(tokens, i))
    at = i + 1

    def plain(n: int) -> bool:
        return n < len(tokens) and n not in inside and not tokens[n].masked

    if amount.count and amount.count % 10 == 0 and 20 <= amount.count <= 90 and tokens[i].low.isalpha():
        tie = at + 1 if plain(at) and tokens[at].low in _TIES else at
        ones = tokens[tie].count if plain(tie) and tokens[tie].low.isalpha() else None
        if ones and ones < 10:
            amount = Amount(i, tie, amount.count + ones)
            at = tie + 1
    if (
        not (i and tokens[i - 1].low in ("from", "von", "de", "da", "van"))
        and plain(at)
        and tokens[at].low in _BETWEEN
        and plain(at + 1)
        and tokens[at + 1].kind == "number"
        and not tokens[i].article
    ) and (tokens[at].low not in ("und", "a", "o", "of", "-", "/", "or") or not tokens[at + 1].article):
        glued = tokens[at].low in ("-", "/")
        if not glued or tokens[at + 1].end - tokens[i].start <= 9:
            return Amount(i, at + 1, None)
    if (
        plain(at)
        and tokens[at].low in lexicon.HALVES
        and plain(at + 1)
        and tokens[at + 1].low in lexicon.DOZENS
    ):
        return Amount(i, at + 1, lexicon.DOZENS[tokens[at + 1].low] // 2)
    if plain(at) and tokens[at].low == "-" and plain(at + 1) and tokens[at + 1].low in lexicon.DOZENS:
        at += 1
    if plain(at) and tokens[at].low in lexicon.DOZENS and amount.count:
        follows = plain(at + 1) and tokens[at + 1].kind == "number"
        dutch_boxes = tokens[at].low == "dozen" and (boxes or follows)
        if not dutch_boxes:
            dozen = lexicon.DOZENS[tokens[at].low] or 12
            half = plain(at + 2) and tokens[at + 1].low in _TIES and tokens[at + 2].low in lexicon.HALVES
            return Amount(i, at + 2 * half, amount.count * dozen + half * dozen // 2)
    if plain(at) and tokens[at].low in lexicon.PAIRS:
        word = tokens[at]
        small = word.low == "paar" and not _a_pair(shown[word.start - base : word.end - base])
        if small and amount.article:
            return Amount(i, at, None)
        sure = 0.75 if word.low == "couple" else 1.0
        return Amount(i, at, amount.count, pair=True, sure=sure)
    if plain(at) and tokens[at].low in lexicon.VAGUE and amount.article:
        return Amount(i, at, None)
    return amount
