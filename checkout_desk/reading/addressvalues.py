"""The values of an address that was found: as the customer wrote them, with where they stand and how sure they are."""

from __future__ import annotations

import re

from checkout_desk.reading.addressparts import Block
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import ShipTo, Span, Value

_DOTTED = re.compile(r"(?:\b[a-z]\.[a-z]|\b(?:izq|izda|dcha|dto|esq|tv|th))$")
"""an abbreviation that keeps its dot at the end"""


def _with_dot(canon: Canon, start: int, end: int) -> Span:
    """A part with the dot of the abbreviation at its end."""
    dot = canon.low[end : end + 1] == "." and _DOTTED.search(canon.low, start, end)
    return (start, end + 1) if dot else (start, end)


def _written(canon: Canon, start: int, end: int) -> str:
    """A part as the customer wrote it, on one line."""
    lines = canon.shown(*_with_dot(canon, start, end)).split("\n")
    return ", ".join(text for line in lines if (text := " ".join(line.split()).strip(" ,;")))


def ship_to(canon: Canon, block: Block, *, source: str, certain: bool = True) -> ShipTo:
    """The values of a block, in the customer's own spelling."""
    confidence = min(0.97, 0.6 + 0.05 * max(block.score, 0)) if certain else 0.6
    rule = f"address-{block.cue or 'block'}"

    def value(name: str) -> Value | None:
        span = block.fields.get(name)
        if not span:
            return None
        spans = [span, *(block.more if name == "line2" else ())]
        shown = ", ".join(text for a, b in spans if (text := _written(canon, a, b)))
        return Value(shown, rule, confidence, source, canon.span(*_with_dot(canon, *span))) if shown else None

    said = block.country_said
    country = None
    if block.country:
        country = Value(
            block.country, rule if said else "country-inferred", confidence if said else 0.8, source,
            canon.span(*said) if said else None, inferred=said is None,
        )  # fmt: skip
    postcode = value("postcode")
    if postcode:
        postcode = Value(
            postcode.text.lstrip("〒 ").upper(), postcode.rule, postcode.confidence, source, postcode.span
        )
    return ShipTo(
        value("name"), value("line1"), value("line2"), value("city"), value("region"), postcode, country
    )
