"""Sizes without their unit and without their noun: 'tres macetas de 12 cm, dos de 16 y una de 20'."""

from __future__ import annotations

import re

from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.sentence import Sentence, common

_SURE = 0.85
_LEADS = frozenset(
    "of the in en em de der die das den dem von van da di a zu mit with con com met size grosse number nr no factor faktor spf lsf taille talla maat taglia tamanho numero uguale uguali igual iguales iguais gleiche gleichen gleicher same meme memes zelfde ma pero mas mais aber maar but".split()
)
_ONES = frozenset("ones one er ers".split())


def sizes_of_the_same(here: Sentence) -> None:
    """Read a bare number behind an amount as the size of what was named before, where one like it has that size.

    Like it means: with the same words in its name, sizes aside. The amount must have nothing else to count.
    """
    whole = {
        id(m): a for m in here.mentions for a in here.amounts if 0 < m.first - a.last <= 3 and not a.article
    }
    counted: dict[int, int] = {}
    for amount in list(here.amounts):
        if amount.used or amount.old or not amount.count:
            continue
        at = _size_behind(here, amount)
        model = _named_before(here, amount.first) if at else ()
        if not at or not model:
            continue
        said = here.tokens[at].low.replace(",", ".")
        sized = [sku for sku in _like(here, model) if said in _sizes(here, sku)]
        if len(sized) != 1:
            continue
        first = here.tokens[amount.last + 1].start
        for mention in here.mentions:
            if len(mention.skus) > 1 and sized[0] in mention.skus and mention.last < amount.first:
                counted[id(mention)] = counted.get(id(mention), 0) + amount.count
        keys = tuple(k for k in _plain(here, sized[0]))
        here.mentions.append(Mention(amount.last + 1, at, (sized[0],), _SURE, "noun-from-neighbour", keys))
        here.mentions = [m for m in here.mentions if m.rule != "attribute" or here.tokens[m.first].start < first or m.first > at]  # fmt: skip
        for other in here.amounts:
            other.used = other.used or other.first == at
    for mention in here.mentions:
        parts, all_ = counted.get(id(mention), 0), whole.get(id(mention))
        if parts and (all_ is None or all_.count == parts):  # "two sun creams, one 30 and one 50"
            mention.rule = "split"
            if all_ is not None:
                all_.used = True
    here.mentions.sort(key=lambda m: m.first)


def _size_behind(here: Sentence, amount: Amount) -> int:
    """The place of the bare number that follows an amount over words such as "of" and "in"; 0 where there is none."""
    at = amount.last + 1
    while at < len(here.tokens) and here.tokens[at].low in _LEADS:
        at += 1
    if at == amount.last + 1 or at >= len(here.tokens):
        return 0
    token = here.tokens[at]
    behind = here.tokens[at + 1] if at + 1 < len(here.tokens) else None
    if token.kind != "number" or token.masked or not token.low[:1].isdigit():
        return 0
    counts = (
        behind is not None and behind.kind == "word" and not common(behind.low) and behind.low not in _ONES
    )
    return 0 if counts or any(m.first <= at <= m.last and m.skus for m in here.mentions) else at


def _named_before(here: Sentence, first: int) -> tuple[str, ...]:
    """The products that were named last before a token, in this sentence or the one before."""
    earlier = [m.skus for m in here.mentions if m.last < first and m.skus]
    if earlier:
        return earlier[-1]
    last = here.scene.last
    near = last is not None and here.tokens[0].start - last.end < 4
    return last.skus if last is not None and near else ()


def _like(here: Sentence, skus: tuple[str, ...]) -> list[str]:
    """The products whose own names have the same words as that of one of these, numbers and measures aside."""
    plain = {_plain(here, sku) for sku in skus}
    catalogue = here.scene.catalogue
    found: set[str] = set()
    for words in plain:
        if words:
            sets = (catalogue.postings[key] for key in words)
            found |= {catalogue.phrases[n].sku for n in set.intersection(*map(set, sets))}
    return [sku for sku in sorted(found, key=catalogue.place.__getitem__) if _plain(here, sku) in plain]


def _plain(here: Sentence, sku: str) -> tuple[str, ...]:
    """The keys of a product's own name that are no number and no measure."""
    catalogue = here.scene.catalogue
    if sku not in catalogue.own:
        return ()
    keys = catalogue.phrases[catalogue.own[sku]].keys
    return tuple(k for k in keys if not is_attribute(k) or k[0] in "cs")


def _sizes(here: Sentence, sku: str) -> set[str]:
    name = here.scene.catalogue.entries[sku].name
    return {n.replace(",", ".") for n in re.findall(r"\d{1,4}(?:[.,]\d{1,2})?", name)}
