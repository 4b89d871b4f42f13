"""Sentences that leave out the product, since the one before named it: 'Three tins please.', 'And one for my sister.'"""

from __future__ import annotations

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common

_SURE = 0.75
MORE = frozenset(
    "more dazu mehr weitere weiteren hinzu extra mas mais altri altre altro erbij bij meer encore autres otros otras outros outras additional".split()
)
"""words behind a number that add it"""
STILL = frozenset("another noch nog encore otros otras outros outras altri altre ancora weitere".split())
"""words before a number that add it"""


def packs_alone(here: Sentence) -> None:
    """'Could I have the Earl Grey? Three tins please.': packs of what the sentence before named without a number."""
    last = _named_before(here)
    amount = here.amounts[0] if len(here.amounts) == 1 else None
    if last is None or amount is None or here.mentions or amount.article or not amount.count or amount.used:
        return
    outside = [
        t for i, t in enumerate(here.tokens) if not amount.first <= i <= amount.last and t.kind == "word"
    ]
    if any(not common(t.low) and not cues.PLEASE.fullmatch(t.low) for t in outside) or last.said:
        return
    if len(outside) > 4 or not any(t.low in lexicon.UNITS for t in outside):
        return
    last.quantity, last.said, last.implied, last.seen = amount.count, True, False, False
    last.confidence, amount.used = min(last.confidence, _SURE), True
    last.end = max(last.end, here.tokens[amount.last].end)


def one_for(here: Sentence, amount: Amount) -> None:
    """'I'll take the wheelbarrow. And one for my brother.': so many more of it; a person says so."""
    last = _named_before(here)
    if last is None or last.quantity is None or not (last.said or last.implied) or amount.count is None:
        return
    if here.clause(here.tokens[amount.first]).mood not in ("order", "plain"):
        return
    last.quantity += amount.count
    last.confidence, amount.used = min(last.confidence, _SURE), True
    last.end = max(last.end, here.tokens[amount.last].end)


def _named_before(here: Sentence) -> Statement | None:
    """The one product of the sentence before this one, where it is wanted."""
    last = here.last_before
    if last is None or last.removes or len(last.skus) != 1 or here.scene.known:
        return None
    if last.sentence < here.parts[0].sentence - 1 or last.mood not in ("order", "plain"):
        return None
    wanted = [s for s in here.scene.statements if s.sentence == last.sentence and s.skus and not s.removes]
    return last if len(wanted) == 1 and not last.seen else None
