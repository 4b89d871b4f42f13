"""What a sentence names, and the SKUs in it that are written out, alone or beside the name of their product."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from checkout_desk.reading import lexicon
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.tokens import Token

_SKU = re.compile(r"[a-z0-9]+(?:[-_./][a-z0-9]+){0,6}")


@dataclass(slots=True)
class Mention:
    """Tokens `first` to `last` (inclusive) of a sentence that name the products `skus`; () when none fits."""

    first: int
    last: int
    skus: tuple[str, ...]
    confidence: float
    rule: str
    keys: tuple[str, ...] = ()
    pack: int | None = None
    pack_said: bool = False
    catalogue_form: bool = True
    measure_open: bool = False
    given: tuple[int | None] | None = None
    """how many are wanted, where no number of its own says so: "half of them white"; None in it: nobody can tell"""
    notes: list[str] = field(default_factory=list)


def find_skus(low: str, tokens: Sequence[Token], catalogue: Catalogue, shown: str) -> list[Mention]:
    """SKUs that are written out. One of letters alone must be in capitals; one of digits alone counts in tables only."""
    found: list[Mention] = []
    if not tokens:
        return found
    begin = tokens[0].start
    for match in _SKU.finditer(low, begin, tokens[-1].end):
        sku = catalogue.skus.get(match[0])
        if sku is None or match[0].isdigit():
            continue
        if match[0].isalpha() and not shown[match.start() - begin : match.end() - begin].isupper():
            continue
        inside = [i for i, t in enumerate(tokens) if t.start < match.end() and t.end > match.start()]
        if inside and not tokens[inside[0]].masked:
            found.append(Mention(inside[0], inside[-1], (sku,), 0.99, "sku", keys=(f"sku:{sku}",)))
    return found


def own_numbers(tokens: Sequence[Token], catalogue: Catalogue, found: Sequence[Mention]) -> None:
    """A SKU of digits alone beside the name of its own product is no amount."""
    named = {sku for mention in found for sku in mention.skus}
    for i, token in enumerate(tokens):
        if token.kind == "number" and not token.masked and len(token.low) > 1:
            code = tokens[i].low
            if catalogue.skus.get(code) in named and not any(m.first <= i <= m.last for m in found):
                token.masked = True


def beside_names(tokens: Sequence[Token], found: list[Mention]) -> list[Mention]:
    """SKU and name side by side are one mention; where they name different products, both are candidates."""
    joined: list[Mention] = []
    for mention in found:
        before = joined[-1] if joined else None
        if before is not None and _narrows(tokens, before, mention):
            before.last, before.skus, before.keys = mention.last, mention.skus, (*before.keys, *mention.keys)
            before.confidence = min(before.confidence, mention.confidence)
            continue
        if before is None or not _side_by_side(tokens, before, mention):
            joined.append(mention)
            continue
        code, name = (before, mention) if before.rule == "sku" else (mention, before)
        before.first, before.last = min(before.first, mention.first), max(before.last, mention.last)
        before.pack = None
        if not name.skus or code.skus[0] in name.skus:
            before.skus, before.confidence, before.rule, before.keys = (
                code.skus,
                code.confidence,
                "sku",
                code.keys,
            )
        else:
            before.skus = (*code.skus, *(s for s in name.skus if s not in code.skus))
            before.confidence, before.rule = 0.6, "sku-and-name-differ"
    return joined


def _narrows(tokens: Sequence[Token], before: Mention, after: Mention) -> bool:
    """Whether a second piece of a name tells which of several was meant: 'chambre à … presta 48 mm'."""
    between = tokens[before.last + 1 : after.first]
    return (
        len(before.skus) > 1
        and len(after.skus) == 1
        and after.skus[0] in before.skus
        and len(between) <= 2
        and all(
            (t.low in lexicon.STOP or t.low == ",")
            and t.low not in lexicon.CONJUNCTIONS
            and not (t.masked or t.kind == "number")
            for t in between
        )
    )


def _side_by_side(tokens: Sequence[Token], before: Mention, after: Mention) -> bool:
    if (before.rule == "sku") == (after.rule == "sku") or not (before.skus or after.skus):
        return False
    if "attribute" in (before.rule, after.rule):
        return False
    between = tokens[before.last + 1 : after.first]
    return len(between) <= 3 and all(
        (t.kind == "sign" and t.low in "-()[]:/'\"|.,") or t.masked for t in between
    )
