"""Words about a whole list: above a forwarded one, 'please order this, but 6 rolls of tape', or 'cancel all of it'."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from checkout_desk.reading import ending
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.merging import Found
from checkout_desk.reading.model import Line

_POINTS = re.compile(
    r"\b(?:below|attached|forwarded|following|this (?:lot|list|order)|the list|these|as is|so bestellen|bestell\w* (?:sie )?(?:das|so)|unten|untenstehend\w*|anbei|folgend\w*|die liste|das hier"
    r"|ci-dessous|ci-apres|suivant\w*|cette liste|tout ca|abajo|siguiente|adjunt\w*|esta lista|abaixo|seguinte|sotto|seguente|questa lista|in allegato|hieronder|onderstaand\w*|bijgaand\w*|deze lijst)\b|以下|下記"
)


def points_below(low: str) -> bool:
    """Whether covering words send the reader to what was forwarded with them."""
    return _POINTS.search(low) is not None


def without_all(found: Found, canon: Canon, known: Mapping[str, int | None], subject: str) -> Found:
    """'Please cancel the whole order': all that the thread has is taken back; a person says so."""
    named = any(line.sku in known for line in found.lines)
    kept = any(line.quantity and not line.needs_review for line in found.lines)
    other = set(ending.numbers(canon.low)) - set(ending.numbers("", subject))
    span = None if kept or (other and subject) else ending.cancelled_whole(canon.low, subject, named=named)
    if span is None:
        return found
    a, b = canon.span(*span)
    text = canon.text[a:b]
    return Found([Line(sku, 0, text, (a, b), "body", 0.75, "taken-back-with-all") for sku in known])


def overlaid(list_: Found, words: Found) -> Found:
    """The forwarded list with what the covering words change of it. A changed line waits for a person."""
    said = {line.sku: replace(line, confidence=min(line.confidence, 0.78)) for line in words.lines}
    listed = list_.lines
    if words.ambiguous or words.unmatched or words.loose:  # what was not understood may be about any line
        listed = [replace(line, confidence=min(line.confidence, 0.75)) for line in listed]
    lines = [said.pop(line.sku, line) for line in listed]
    return Found(
        [line for line in (*lines, *said.values()) if line.quantity != 0],
        [*list_.ambiguous, *words.ambiguous],
        [*list_.unmatched, *words.unmatched],
        words.loose,
    )
