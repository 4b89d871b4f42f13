"""What a sentence takes back, replaces or leaves open between two products."""

from __future__ import annotations

import itertools
import re

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence

_KEEP = re.compile(
    r"\b(?:do(?:n'?t| not) forget|nicht vergessen|n'oubliez pas|no (?:se )?olvid\w+|nao (?:se )?esquec\w+|non dimentic\w+|niet vergeten|not only|no problem)\b"
)
_OR = {
    "de": frozenset({"oder"}), "fr": frozenset({"ou"}), "es": frozenset({"o"}), "pt": frozenset({"ou"}), "it": frozenset({"o", "oppure"}),
    "nl": frozenset({"of"}), "ja": frozenset({"か"}),
}  # fmt: skip


def old_amount(here: Sentence, mention: Mention) -> bool:
    at = mention.first - 1
    while at >= 0 and mention.first - at <= 4:
        if any(a.old and a.last == at for a in here.amounts):
            return True
        if here.tokens[at].low not in lexicon.LIGHT and here.tokens[at].low not in lexicon.UNITS:
            return False
        at -= 1
    return False


def removed(here: Sentence, mention: Mention, amount: Amount | None, clause: Clause) -> bool:
    """Whether the sentence takes the product back: a negation before it without a new start, or a verb behind it."""
    if old_amount(here, mention):
        return False
    if swap := cues.SWAP.search(here.text):
        return here.tokens[mention.first].start < here.parts[0].start + swap.start("middle")
    begin = here.tokens[mention.first if not amount else min(amount.first, mention.first)].start
    before = here.low[here.parts[0].start : begin]
    cut = None
    for match in cues.WITHOUT.finditer(before):
        cut = match
    if cut and not _KEEP.search(before):
        between = cues.WANTING.sub("", before[cut.end() :])
        fresh = (
            ("," in between or re.search(r"\b(?:and|und|et|y|e|en)\b", between))
            and amount
            and not amount.article
        )
        if (
            not fresh
            and not cues.RESTART.search(between)
            and len(between) < 80
            and not re.search(r"[:;]", between)
        ):
            return True
    if amount and not amount.article and "instead" not in here.text:
        return False
    return cues.REMOVED_BEHIND.search(here.low[clause.start : clause.end]) is not None


def replace_old(here: Sentence, new: list[Statement], replaced: list[Statement]) -> None:
    """'3 red mugs instead of 2 blue ones' takes the blue ones back; 'statt 2 rote Tassen 3' counts them anew."""
    free = [a for a in here.amounts if not a.used and not a.old and not a.article]
    for statement in replaced:
        if len(free) == 1 and free[0].count:
            free[0].used = True
            statement.quantity, statement.said, statement.rule = free[0].count, True, "new-number"
            statement.corrects = True
        elif any(s.said for s in new if s is not statement):
            statement.removes = True
        else:
            statement.seen = True


def either_or(here: Sentence, new: list[Statement]) -> None:
    """'The blue mug or the red one': one of them, and nobody knows which."""
    words = _OR.get(here.scene.language, frozenset({"or"}))
    wanted = [s for s in new if not s.seen and not s.removes and s.skus]
    for left, right in itertools.pairwise(wanted):
        between = here.low[left.end : right.start].split()
        if 0 < len(between) <= 3 and words & set(between) and set(left.skus) != set(right.skus):
            right.skus = tuple(dict.fromkeys((*left.skus, *right.skus)))
            right.quantity = left.quantity if left.quantity == right.quantity else None
            right.start, right.rule, left.seen = left.start, "one-or-the-other", True


def hand_over(here: Sentence, new: list[Statement]) -> None:
    """'I meant red mugs, not green': the red ones take over how many green ones were wanted."""
    gone = [s for s in new if s.removes and len(s.skus) == 1]
    open_ = [s for s in new if not s.removes and not s.seen and s.quantity is None and len(s.skus) == 1]
    if len(gone) == 1 and len(open_) == 1:
        before = [s for s in here.scene.statements if s.skus == gone[0].skus and not s.seen and s.quantity]
        wanted = before[-1].quantity if before else here.scene.known.get(gone[0].skus[0])
        if wanted:
            open_[0].quantity, open_[0].confidence = wanted, min(open_[0].confidence, 0.82)
            open_[0].said = True
