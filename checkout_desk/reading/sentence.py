"""One sentence with all that is needed to read it: its clauses, its tokens, the products and amounts that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.languages import COMMON
from checkout_desk.reading.quantities import LABELS, Amount
from checkout_desk.reading.scene import Scene, Statement
from checkout_desk.reading.tokens import Token

_JOINED = re.compile(r"[,;]|\b(?:and|und|et|y|e|en)\b")


class Sentence:
    """What stands in one sentence. `text` and `plain` are without the names of products. `corrects` and `recaps` tell that it has words by which people correct or sum up, `counts_up` that it is nothing but a list."""

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
        self.last_before = scene.last
        self._runs: list[list[Mention]] | None = None
        self._takes_back: bool | None = None
        self.counts_up = False
        self.plain = scene.plain
        self.text = self.plain[parts[0].start : parts[-1].end]
        self.corrects = any(
            cue.search(self.text)
            for cue in (cues.CORRECTION, cues.FROM_TO, cues.SWAP, cues.SWAP_BEHIND, cues.MEANT)
        ) or (
            bool(scene.known) and (any(a.old for a in found) or cues.SHOULD_BE.search(self.text) is not None)
        )
        self.recaps = cues.RECAP.search(self.text) is not None

    @property
    def whole(self) -> Clause:
        """The sentence as one clause, with the mood of its first one."""
        return replace(self.parts[0], end=self.parts[-1].end)

    def clause(self, token: Token) -> Clause:
        """The clause in which a token stands."""
        for part in self.parts:
            if token.start < part.end:
                return part
        return self.parts[-1]

    def reach(self, clause: Clause, mention: Mention) -> str:
        """The words of a clause that can be about one product: up to where other words lead to the next one, or came from the last."""
        found = next((run for run in self.runs() if run[0].first <= mention.first <= run[-1].first), None)
        if found is None:
            return self.plain[clause.start : clause.end]
        runs = self.runs()
        at = runs.index(found)
        start = self.tokens[runs[at - 1][-1].last].end if at else clause.start
        end = self.tokens[runs[at + 1][0].first].start if at + 1 < len(runs) else clause.end
        own = _JOINED.search(self.plain, start, self.tokens[found[0].first].start) if at else None
        return self.plain[max(own.start() if own else start, clause.start) : min(end, clause.end)]

    def runs(self) -> list[list[Mention]]:
        """The products of the sentence, those together between which only light words stand."""
        if self._runs is None:
            self._runs = []
            for mention in (m for m in self.mentions if m.skus and m.rule != "attribute"):
                if self._runs and self._together(self._runs[-1][-1], mention):
                    self._runs[-1].append(mention)
                else:
                    self._runs.append([mention])
        return self._runs

    def _together(self, left: Mention, right: Mention) -> bool:
        between = self.tokens[left.last + 1 : right.first]
        return all(t.kind != "word" or common(t.low) for t in between)

    def asides(self) -> set[int]:
        """The tokens that stand in brackets with more than a word or two: "(the one you showed on Instagram)"."""
        found: set[int] = set()
        opened = -1
        for i, token in enumerate(self.tokens):
            if token.low == "(":
                opened = i
            elif token.low == ")" and opened >= 0:
                found |= set(range(opened, i + 1)) if i - opened > 3 else set()
                opened = -1
        return found

    def takes_back(self) -> bool:
        """Whether any verb of the sentence takes something back from behind; most have none."""
        if self._takes_back is None:
            self._takes_back = cues.REMOVED_BEHIND.search(self.text) is not None
        return self._takes_back


def common(word: str) -> bool:
    """Whether a word says nothing of its own: articles, prepositions, units, the commonest words of the languages."""
    return (
        word in COMMON
        or word in lexicon.LIGHT
        or word in lexicon.STOP
        or word in lexicon.UNITS
        or word in LABELS
    )
