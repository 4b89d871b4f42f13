"""Colours, sizes and measures that stand beside the name of a product and belong to it."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_desk.reading import lexicon
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.hits import OF, Hit
from checkout_desk.reading.resolving import attribute_kind
from checkout_desk.reading.tokens import Token


def attributes_after(
    hits: dict[int, Hit], tokens: Sequence[Token], last: int, taken: set[int], own: Sequence[Hit]
) -> list[Hit]:
    """Colours, sizes and measures behind a name: 'T-shirt, black, size M'. Not those that begin the next name."""
    found: list[Hit] = []
    at = last + 1
    while at < len(tokens) and at - last < 8 and at not in taken:
        token, hit = tokens[at], hits.get(at)
        if token.masked or (token.kind == "number" and not (hit and sized(tokens, at))):
            break
        if token.kind == "measure" and at > last + 1 and at + 1 < len(tokens) and tokens[at + 1].low in OF:
            break  # "four burrata, a kilo of Parmesan": it measures what follows
        attribute = (hit is not None and all(is_attribute(k) for k in hit.keys)) or token.kind == "measure"
        if not attribute and at == last + 1 and token.low in lexicon.LETTER_SIZES:
            found.append(Hit(at, (f"s:{token.low.upper()}",)))  # "t-shirt black s"; no product may have it
            break
        if attribute:
            key = hit.keys[0] if hit else token.key
            if _starts_name(hits, tokens, at, taken) or any(
                attribute_kind(k) == attribute_kind(key) and k != key
                for h in (*own, *found)
                for k in h.keys
                if is_attribute(k) and k[0] in "cs"
            ):
                break
            found.append(hit or Hit(at, (token.key,)))
        elif not (
            token.low in ",()-/'\""
            or token.low
            in ("in", "en", "em", "size", "colour", "color", "farbe", "couleur", "kleur", "colore", "cor")
            or token.low in lexicon.SIZE_WORDS
            or token.low in ("der", "the", "de", "in", "a")
        ):
            break
        at += 1
    return found


def guessed(tokens: Sequence[Token], hit: Hit) -> bool:
    """Whether a size was guessed from a small letter."""
    return tokens[hit.at].low in lexicon.LETTER_SIZES and tokens[hit.at].key not in hit.keys


def _starts_name(hits: dict[int, Hit], tokens: Sequence[Token], at: int, taken: set[int]) -> bool:
    after = at + 1
    while after < len(tokens) and (
        tokens[after].low in "-" or (after in hits and all(is_attribute(k) for k in hits[after].keys))
    ):
        after += 1
    if after >= len(tokens):
        return False
    if tokens[after].low in lexicon.UNITS and after + 1 not in hits:
        return False  # "chain oil, the 250ml bottle", where bottles are sold too
    return (
        after in hits and tokens[after].kind == "word" and not all(is_attribute(k) for k in hits[after].keys)
    )


def sized(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number is a size: "size 8", "en 7", with nothing behind it that it could count."""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    word = at > 0 and (tokens[at - 1].low in lexicon.SIZE_WORDS or tokens[at - 1].low in ("size", "en", "in"))
    return word and (
        after is None or after.kind != "word" or after.masked or after.low in lexicon.CONJUNCTIONS
    )


def attributes_before(
    hits: dict[int, Hit], tokens: Sequence[Token], first: int, taken: set[int]
) -> list[Hit]:
    """Colours, sizes and measures in front of a name: 'blue cotton shirt', '500 g of Earl Grey'."""
    found: list[Hit] = []
    at = first - 1
    while at >= 0 and at not in taken and first - at < 4:
        token, hit = tokens[at], hits.get(at)
        if token.kind == "measure" and not token.masked:
            found.insert(0, hit or Hit(at, (token.key,)))
        elif hit and token.kind == "word" and all(is_attribute(k) for k in hit.keys):
            found.insert(0, hit)
        elif token.low not in ("of", "de", "d'", "-", "von") and not (
            token.low in lexicon.UNITS and at and tokens[at - 1].kind == "measure"
        ):
            break  # "4 x 250g bags house blend"
        at -= 1
    return found
