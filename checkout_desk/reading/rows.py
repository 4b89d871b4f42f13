"""Lists without bullets: a line '1 milk frother' below '2 espresso cups' orders something, though no product is called so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkout_desk.reading import lexicon
from checkout_desk.reading.model import Span
from checkout_desk.reading.quantities import LABELS
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence
from checkout_desk.reading.unknowns import noun_after, noun_before

_MOST_TOKENS = 10
_BRACKETS = re.compile(r"\([^()\n]{0,80}\)?")
_NO_GOODS = frozenset(
    "total totale totaal summe gesamt porto versand shipping postage tel telefon phone fax plz".split()
)


def read_row(here: Sentence, new: Sequence[Statement]) -> None:
    """Note whether the sentence is a line of a list, and add what such a line orders that no product is.

    A line above the first product waits until a product follows; a line of prose or a blank line ends the list.
    """
    rows = here.scene.rows
    start, end = here.tokens[0].start, here.tokens[-1].end
    ordered = any(s.skus and (s.said or s.implied) and not (s.seen or s.removes) for s in new)
    unknown = None if new else _unknown(here)
    named = rows.ordered and _only_named(here, new, start, end)
    if not _whole_line(here.low, start, end) or not (ordered or unknown or named) or here.parts[0].item:
        rows.end, rows.ordered = -1, False
        rows.waiting.clear()
        return
    if not (0 <= rows.end <= start and start - rows.end <= 8 and here.low.count("\n", rows.end, start) == 1):
        rows.ordered = False
        rows.waiting.clear()
    rows.end = end
    if unknown:
        rows.waiting.append(unknown)
    rows.ordered = rows.ordered or ordered
    if rows.ordered and not ordered and not unknown:
        for statement in new:
            statement.seen = False
    if rows.ordered:
        here.scene.statements += rows.waiting
        rows.waiting.clear()
        for amount in here.amounts:
            amount.used = amount.used or unknown is not None


def _only_named(here: Sentence, new: Sequence[Statement], start: int, end: int) -> bool:
    """Whether a line is one product's name and nothing else: amid rows that order it does so too, nobody knows how many."""
    if len(new) != 1 or not new[0].seen or new[0].removes or not new[0].skus:
        return False
    if new[0].said or new[0].mood not in ("plain", "order"):
        return False
    behind = _BRACKETS.sub("", here.low[new[0].end : end]).split()
    words = [word.strip(".,;") for word in (*here.low[start : new[0].start].split(), *behind)]
    return not any(c.isalnum() for word in words if word not in lexicon.UNITS for c in word)


def _whole_line(low: str, start: int, end: int) -> bool:
    """Whether nothing else stands on the line; looks no further than a few characters."""
    before, after = low[max(0, start - 4) : start], low[end : end + 4]
    begins = "\n" in before or start < 4
    ends = "\n" in after or end + 4 >= len(low)
    return (
        begins
        and ends
        and not before.rpartition("\n")[2].strip()
        and not after.partition("\n")[0].strip(" .,;")
    )


def _unknown(here: Sentence) -> Statement | None:
    """What a line orders that holds one number, at its beginning or end, and a few words that no product has."""
    if (
        len(here.amounts) != 1
        or len(here.tokens) > _MOST_TOKENS
        or here.parts[0].mood not in ("plain", "order")
    ):
        return None
    amount = here.amounts[0]
    words = {t.low for t in here.tokens if t.kind == "word"}
    if not amount.count or amount.old or amount.used or words <= LABELS | lexicon.UNITS or words & _NO_GOODS:
        return None
    span: Span | None = None
    if amount.first == 0:
        span = noun_after(amount, here.tokens, here.mentions)
        if span and span[1] < here.tokens[-1].end and here.tokens[-1].kind not in ("measure", "sign"):
            return None
    elif amount.last >= len(here.tokens) - 3 and not amount.article:
        span = noun_before(amount, here.tokens, here.mentions, here.parts[0])
        if any(t.low not in lexicon.UNITS and t.kind != "sign" for t in here.tokens[amount.last + 1 :]):
            return None
    if span is None:
        return None
    return Statement(
        (), amount.count, span[0], span[1], 0.7, "unknown-product", here.parts[0].sentence, said=True
    )
