"""Which products fit the words that were found: all of one name, some of it, or none of any."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkout_desk.reading.catalogue import Catalogue, is_attribute
from checkout_desk.reading.hits import Hit, phrases_of


def resolve(
    catalogue: Catalogue, hits: Sequence[Hit], *, head_open: bool = True
) -> tuple[tuple[str, ...], float, str, frozenset[str], int | None]:
    """Products that fit all hits: (SKUs, confidence, rule, words of the chosen phrase, pack)."""
    plain = [h for h in hits if not all(is_attribute(k) for k in h.keys)]
    wanted = [h.keys[0] for h in hits if all(is_attribute(k) for k in h.keys)]
    sets = sorted((phrases_of(catalogue, h) for h in plain), key=len)
    found = set(sets[0]) if sets else set()
    for more in sets[1:]:
        found &= more
    if not found:
        return (), 0.0, "no-product", frozenset(), None
    doubt = 0.0
    for attribute in wanted:
        having = {i for i in found if attribute in catalogue.attributes[catalogue.phrases[i].sku]}
        if having:
            found = having
            continue
        kind = attribute_kind(attribute)
        if kind == "n":
            continue
        free = {
            i
            for i in found
            if not any(attribute_kind(a) == kind for a in catalogue.attributes[catalogue.phrases[i].sku])
        }
        if not free:
            return (), 0.0, "other-variant", frozenset(), None
        if kind == "s" and len({catalogue.phrases[i].sku for i in free}) > 1:
            continue  # "the small Sencha": which one is small, the measure tells or nobody
        if kind == "s" and any(a[0] == "m" for a in wanted):
            continue
        found, doubt = free, 0.25
    said = {k for h in hits for k in h.keys}
    if doubt and not any(all(k in said for k in catalogue.phrases[i].keys) for i in found):
        return (), 0.0, "other-variant", frozenset(), None  # "a purple kettle" is not the copper one
    fuzzy = sum(h.fuzzy for h in hits)
    full = {
        i
        for i in found
        if all(k in said or k in catalogue.phrases[i].aside for k in catalogue.phrases[i].keys)
        and not (head_open and catalogue.phrases[i].head)
    }
    if sum(h.fuzzy for h in plain) == len(plain) and not full and not all(h.clear for h in plain):
        return (), 0.0, "no-product", frozenset(), None
    if full:
        most = max(len(catalogue.phrases[i].keys) for i in full)
        chosen = {i for i in full if len(catalogue.phrases[i].keys) == most}
        if len({catalogue.phrases[i].sku for i in chosen}) > 1 and wanted:
            chosen = full
    else:
        named = {i for i in found if all(is_attribute(k) or k in said for k in catalogue.phrases[i].keys)}
        apart = {i for i in found if any((a in said) != (b in said) for a, b in catalogue.phrases[i].pairs)}
        chosen = found - apart if named - apart else found  # a "bidon" is no "porte-bidon"
        plain_ones = {
            i for i in named - apart if all(k in said or k[:2] == "m:" for k in catalogue.phrases[i].keys)
        }
        plainest = {catalogue.phrases[i].sku for i in plain_ones}
        if len(plainest) == 1 and len(plain) > 1 and len({catalogue.phrases[i].sku for i in chosen}) > 1:
            chosen, doubt = plain_ones, max(doubt, 0.2)  # "champagne brut" is hardly the Magnum
    if not full and len({catalogue.phrases[i].sku for i in chosen}) > 1:
        own = {i for i in chosen if not catalogue.phrases[i].is_alias}
        if len({catalogue.phrases[i].sku for i in own}) == 1 and any(t not in own for t in chosen):
            # "croissants" are the ones called so, hardly what has "chocolate croissant" for an alias
            chosen, doubt = own, max(doubt, 0.2)
    named_skus = {catalogue.phrases[i].sku for i in chosen} if len(chosen) < 60 else set()
    skus = tuple(sorted(named_skus, key=catalogue.place.__getitem__))
    if not skus:
        return (), 0.0, "too-many", frozenset(), None
    best = max(chosen, key=lambda i: _coverage(catalogue, i, said))
    phrase = catalogue.phrases[best]
    confidence = 0.97 if full else _partly(_coverage(catalogue, best, said))
    confidence -= doubt + 0.08 * fuzzy
    if plain and all(h.fuzzy for h in plain):  # every word is a slip: a wheelbarrow is no baguette
        confidence = min(confidence, 0.76)
    if plain and not full and all(h.loose for h in plain):
        confidence = min(confidence, 0.76)
    if any(h.ending for h in hits):
        confidence = min(confidence, 0.78)
    if fuzzy and len(plain) == 1 and not full:
        confidence = min(confidence, 0.75)
    rule = ("alias" if phrase.is_alias else "name") if full else "part-of-name"
    return skus, confidence, f"{rule}-corrected" if fuzzy else rule, phrase.words, phrase.pack


_MEASURE = re.compile(r"m:(\d+(?:\.\d+)?)([a-z]+)")


def by_size(catalogue: Catalogue, skus: Sequence[str], size: str) -> str | None:
    """The smaller or larger of two products that only a measure tells apart and none of which is called small or large."""
    if len(skus) != 2 or size not in ("s:S", "s:L"):
        return None
    apart: list[tuple[str, float, str]] = []
    for one, other in (skus, skus[::-1]):
        own = catalogue.attributes[one] - catalogue.attributes[other]
        if any(key[:2] == "s:" for key in catalogue.attributes[one]) or len(own) != 1:
            return None
        measure = _MEASURE.fullmatch(own.pop())
        if measure is None:
            return None
        apart.append((measure[2], float(measure[1]), one))
    if apart[0][0] != apart[1][0]:
        return None
    return (min if size == "s:S" else max)(apart, key=lambda found: found[1])[2]


def attribute_kind(key: str) -> str:
    """The class of an attribute in which two values exclude each other; measures by their unit."""
    return key[0] if key[0] != "m" else "m" + key.lstrip("m:0123456789.e+-")


def _coverage(catalogue: Catalogue, number: int, said: set[str]) -> float:
    words = [k for k in catalogue.phrases[number].words if not is_attribute(k)]
    whole = catalogue.weight(words)
    return catalogue.weight(k for k in words if k in said) / whole if whole else 1.0


def _partly(coverage: float) -> float:
    return 0.9 if coverage >= 0.5 else 0.84 if coverage >= 0.4 else 0.7
