"""A few words above a forwarded list: 'please order this, but 6 rolls of tape instead of 4'."""

from __future__ import annotations

import re
from dataclasses import replace

from checkout_desk.reading.merging import Found

_POINTS = re.compile(
    r"\b(?:below|attached|forwarded|following|this (?:lot|list|order)|the list|these|as is|so bestellen|bestell\w* (?:sie )?(?:das|so)|unten|untenstehend\w*|anbei|folgend\w*|die liste|das hier"
    r"|ci-dessous|ci-apres|suivant\w*|cette liste|tout ca|abajo|siguiente|adjunt\w*|esta lista|abaixo|seguinte|sotto|seguente|questa lista|in allegato|hieronder|onderstaand\w*|bijgaand\w*|deze lijst)\b|以下|下記"
)


def points_below(low: str) -> bool:
    """Whether covering words send the reader to what was forwarded with them."""
    return _POINTS.search(low) is not None


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
