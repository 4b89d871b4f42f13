"""One sentence with all that is needed to read it: its clauses, its tokens, the products and amounts that it names."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.languages import COMMON
from checkout_desk.reading.quantities import LABELS, Amount
from checkout_desk.reading.scene import Scene, Statement
from checkout_desk.reading.tokens import Token


class Sentence:
    """What stands in one sentence. `text` and `plain` are without the names of products. `corrects` and `recaps` tell that it has words by which people correct or sum up."""

    def __init__(
        self,
        scene: Scene,
        parts: Sequence[Clause],
        tokens: list[Token],
        mentions: list[Mention],
        found: list[Amount],
    ) -> None:
        self.scene, self.parts, self.tokens = scene, parts, tokens
        self.mentions, self.amounts = mentions, found
        self.low = scene.canon.low
        self.said: list[Statement] = []
        self.plain = scene.plain
        self.text = self.plain[parts[0].start : parts[-1].end]
        self.corrects = any(
            cue.search(self.text) for cue in (cues.CORRECTION, cues.FROM_TO, cues.SWAP, cues.SWAP_BEHIND)
        )
        self.recaps = cues.RECAP.search(self.text) is not None

    def clause(self, token: Token) -> Clause:
        """The clause in which a token stands."""
        for part in self.parts:
            if token.start < part.end:
                return part
        return self.parts[-1]

    def reach(self, clause: Clause, mention: Mention) -> str:
        """The words of a clause that can be about one product: up to where other words lead to the next one, or came from the last."""
        named = [m for m in self.mentions if m.skus and m.rule != "attribute"]
        if mention not in named:
            return self.plain[clause.start : clause.end]
        at = named.index(mention)
        first, last = at, at
        while first > 0 and self._together(named[first - 1], named[first]):
            first -= 1
        while last + 1 < len(named) and self._together(named[last], named[last + 1]):
            last += 1
        start = self.tokens[named[first - 1].last].end if first else clause.start
        end = self.tokens[named[last + 1].first].start if last + 1 < len(named) else clause.end
        return self.plain[max(start, clause.start) : min(end, clause.end)]

    def _together(self, left: Mention, right: Mention) -> bool:
        between = self.tokens[left.last + 1 : right.first]
        return all(t.kind != "word" or common(t.low) for t in between)


def common(word: str) -> bool:
    """Whether a word says nothing of its own: articles, prepositions, units, the commonest words of the languages."""
    return (
        word in COMMON
        or word in lexicon.LIGHT
        or word in lexicon.STOP
        or word in lexicon.UNITS
        or word in LABELS
    )
