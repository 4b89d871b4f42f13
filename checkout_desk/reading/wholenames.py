"""Where whole names of products stand in a text, whose signs say nothing of their own."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_desk.reading.hits import find_hit, longest_phrase
from checkout_desk.reading.mentions import with_tail
from checkout_desk.reading.model import Span
from checkout_desk.reading.scene import Scene, held


def name_spans(scene: Scene, *, within: Sequence[Span] | None = None) -> list[Span]:
    """Where whole names of two words or more stand: their "No.", "&" and brackets neither end a sentence nor refuse anything.

    Only the lines that touch a place in `within` are looked at, where that is given.
    """
    catalogue, low = scene.catalogue, scene.canon.low
    found: list[Span] = []
    at = 0
    pieces: list[Span] = []
    for line in low.split("\n"):
        pieces += [(at + i, at + min(i + 400, len(line))) for i in range(0, len(line), 400)]
        at += len(line) + 1
    for start, stop in pieces:
        if held(scene.hard, start, stop):
            continue
        if within is not None and not any(a < stop and start < b for a, b in within):
            continue
        tokens = scene.tokens(start, stop)
        hits = {
            i: hit for i in range(len(tokens)) if (hit := find_hit(catalogue, tokens, i)) and not hit.fuzzy
        }
        i = 0
        while i < len(tokens):
            match = longest_phrase(catalogue, hits, tokens, i) if i in hits else None
            if match and len(catalogue.phrases[match[1][0]].keys) > 1:
                last = with_tail(catalogue, tokens, match[0], match[1])
                end = tokens[last].end
                close = next(
                    (c for n in match[1] if (c := catalogue.phrases[n].close) and low.startswith(c, end)), ""
                )
                end += len(close)
                if low[end : end + 1] == ")" and "(" in low[tokens[i].start : end]:
                    end += 1
                found.append((tokens[i].start, end))
                i = last
            i += 1
    return found
