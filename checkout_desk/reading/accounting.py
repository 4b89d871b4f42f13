"""Nothing that was counted disappears: what is named with a number or "a" ends as a line, a question, or was told to be none."""

from __future__ import annotations

import re

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.scene import Scene, Statement

_DOUBT = 0.6
_DEFINITE = lexicon.SINGULAR_DETERMINERS | lexicon.PLURAL_DETERMINERS
_OWNED = re.compile(
    r"\b(?:i have|i've|we have|we've|i got|you have|there(?:'s| is| are)|ich habe|wir haben|j'ai|nous avons|tengo|tenemos|tenho|temos|ho|abbiamo|ik heb|we hebben)\b[^.!?\n]{0,24}$"
)


def account(scene: Scene) -> None:
    """Bring back, as lines for a person to confirm, products that an ordering mail counts beside its verbs of ordering.

    'Two bags of decaf, please. Oh and an Aeropress for the in-laws, they've been drinking instant for years': no verb orders
    it, none refuses it, asks about it or tells of the past. With "the" a product is talked about; with "a" or a number,
    amid a mail that orders, it is wanted more often than not.
    """
    wanted = [s for s in scene.statements if s.skus and not (s.seen or s.removes)]
    if scene.known or not any(s.said and s.quantity for s in wanted):
        return
    named = {sku for s in scene.statements if not s.seen for sku in s.skus}
    for statement in scene.statements:
        if _left_over(scene, statement) and named.isdisjoint(statement.skus):
            statement.seen, statement.confidence = False, min(statement.confidence, _DOUBT)
            named.update(statement.skus)


def _left_over(scene: Scene, statement: Statement) -> bool:
    """Whether a statement that was put aside counts a product by its whole name in words that only say so."""
    low = scene.canon.low
    if not statement.seen or statement.removes or len(statement.skus) != 1 or statement.mood != "plain":
        return False
    if not statement.quantity or statement.rule not in ("name", "alias"):
        return False
    first = low[statement.start : statement.end].split(" ", 1)[0]
    before = low[max(0, statement.start - 60) : statement.start]
    return not (
        first in _DEFINITE
        or _OWNED.search(before)
        or cues.WITHOUT.search(before[before.rfind("\n") + 1 :][-24:])
    )
