"""What is known while a text is read: the statements so far, and the tokens of a range."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.eastern import split_east
from checkout_desk.reading.lexicon import LETTER_SIZES, SINGULAR_DETERMINERS, SPELT_UNITS, STOP, measure_key
from checkout_desk.reading.model import Span
from checkout_desk.reading.tokens import Token, joined_models, tokenise, word_key


@dataclass(slots=True)
class Statement:
    """`skus` (one, several, or none for something unknown) wanted `quantity` times; `removes` takes them back.

    `said` tells that a number or an article was said; `seen` only that a product was named without being ordered.
    `mood` is that of its clause, `definite` tells of "the 2 chain locks", `own_words` that its clause is no list item.
    `maybe` counts only beside items that are products. `among` tells of "two of the sketchbooks", which were named before. `relative` is by how many a quantity that is known already changes.
    """

    skus: tuple[str, ...]
    quantity: int | None
    start: int
    end: int
    confidence: float
    rule: str
    sentence: int
    removes: bool = False
    said: bool = False
    implied: bool = False
    seen: bool = False
    item: bool = False
    additive: bool = False
    corrects: bool = False
    recaps: bool = False
    weak: bool = False
    mood: str = "plain"
    definite: bool = False
    own_words: bool = True
    relative: int = 0
    among: bool = False
    maybe: bool = False
    keys: tuple[str, ...] = ()


@dataclass(slots=True)
class Rows:
    """The list without bullets that is being read: where its last line ended, whether a product stood in it, and what waits for one."""

    end: int = -1
    ordered: bool = False
    waiting: list[Statement] = field(default_factory=list)


@dataclass(slots=True)
class Scene:
    """What is known while a text is read sentence by sentence. `plain` is the text without names and what is masked."""

    canon: Canon
    catalogue: Catalogue
    language: str
    masked: list[Span]
    hard: list[Span] = field(default_factory=list)
    plain: str = ""
    statements: list[Statement] = field(default_factory=list)
    last: Statement | None = None
    pending: int | None = None
    known: dict[str, int | None] = field(default_factory=dict)
    loose: list[tuple[int | None, int, int, bool]] = field(default_factory=list)
    rows: Rows = field(default_factory=Rows)

    def tokens(self, start: int, end: int) -> list[Token]:
        """The tokens of a range, those in a masked place marked."""
        found = tokenise(self.canon, start, end, language=self.language)
        found = split_east(joined_models(found, self.catalogue.postings), self.canon.low, self.catalogue)
        kinds = [token.kind for token in found]
        if "measure" in kinds:
            self._shared_units(found)
        if kinds.count("number") > 1:
            self._bare_sizes(found)
            kinds = [token.kind for token in found]
        self._small_letters(found)
        self._whole_units(found)
        if "measure" in kinds:
            found = [part for token in found for part in self._sizes(token)]
            found = self._called_so(found)
        for token in _within(self.masked, found):
            token.masked = token.soft = True
        for token in _within(self.hard, found):
            token.soft = False
        return found

    def _shared_units(self, found: list[Token]) -> None:
        """'Cards of 64 and 128 GB': the first number has the unit of the second, if a product is of that size."""
        for number, tie, measure in zip(found, found[1:], found[2:], strict=False):
            if (
                number.kind == "number"
                and measure.kind == "measure"
                and tie.low in _TIES
                and number.low.isdigit()
            ):
                unit = measure.low.lstrip("0123456789., ")
                key = measure_key(number.low, unit)
                if key in self.catalogue.postings:
                    number.kind, number.key, number.count = "measure", key, None

    def _whole_units(self, found: list[Token]) -> None:
        """'The kilo one', 'das Kilo-Paket': a unit without a number is one of it, if a product is of that size."""
        for before, token, after in zip(found, found[1:], [*found[2:], None], strict=False):
            if token.kind == "word" and token.low in SPELT_UNITS and before.low in SINGULAR_DETERMINERS:
                key = measure_key("1", token.low)
                if key in self.catalogue.postings and token.key not in self.catalogue.postings:
                    token.kind, token.key = "measure", key
                    if after is not None and after.low == "one":
                        after.kind, after.count, after.key = "word", None, "one"

    def _bare_sizes(self, found: list[Token]) -> None:
        """'A tablecloth 150 x 250': two numbers that some product has as its size, said without the unit."""
        postings = self.catalogue.postings
        for long, times, wide in zip(found, found[1:], found[2:], strict=False):
            if (
                times.low not in _BY
                or wide.kind != "number"
                or not wide.low.isdigit()
                or long.kind != "number"
            ):
                continue
            for unit in ("cm", "mm", "m"):
                key = measure_key(wide.low, unit)
                if key in postings and postings[key] & postings.get(long.key, set()):
                    wide.kind, wide.key, wide.count = "measure", key, None
                    break

    def _called_so(self, found: list[Token]) -> list[Token]:
        """'8 metri da sarta': a number and the name of a product that begins with a unit, no measure."""
        parts: list[Token] = []
        for at, token in enumerate(found):
            unit = token.low.lstrip("0123456789., ") if token.kind == "measure" else ""
            digits = token.low[: len(token.low) - len(unit)].rstrip()
            key = word_key(unit)
            after = next((t for t in found[at + 1 : at + 4] if t.low not in STOP), None)
            if len(unit) < 4 or key not in self.catalogue.postings or after is None or not digits.isdigit():
                parts.append(token)
                continue
            named = self.catalogue.postings[key] & self.catalogue.postings.get(after.key, set())
            if not any(self.catalogue.phrases[number].keys[0] == key for number in named):
                parts.append(token)
                continue
            end = token.start + len(digits)
            parts.append(Token("number", token.start, end, digits, f"n:{int(digits)}", int(digits)))
            parts.append(Token("word", token.end - len(unit), token.end, unit, key))
        return parts

    def _sizes(self, token: Token) -> list[Token]:
        """'10 M and 4 L' where the catalogue has these sizes and no such measure: a number and a size, no metres."""
        size = token.low[-1:]
        if (
            token.kind != "measure"
            or (token.key in self.catalogue.postings and size != "m")  # nobody writes metres "M"
            or f"s:{size.upper()}" not in self.catalogue.postings
        ):
            return [token]
        digits = token.low[:-1].rstrip()
        if not digits.isdigit() or size not in "ml":
            return [token]
        line = self.canon.shown(*self._line(token.start))
        capital = self.canon.shown(token.end - 1, token.end).isupper()
        if token.key in self.catalogue.postings and (line.isupper() or not capital):
            return [token]  # a mail in capitals has metres as well
        if not capital and not self._listed(token.start, token.end):
            return [token]
        middle = token.start + len(digits)
        return [
            Token("number", token.start, middle, digits, f"n:{int(digits)}", int(digits)),
            Token("word", token.end - 1, token.end, size, f"s:{size.upper()}"),
        ]

    def _line(self, at: int) -> tuple[int, int]:
        """The line that holds a place."""
        low = self.canon.low
        end = low.find("\n", at)
        return low.rfind("\n", 0, at) + 1, len(low) if end < 0 else end

    def _listed(self, start: int, end: int) -> bool:
        """Whether a range stands by itself between signs: 'black: 4 s, 6 m and 5 l', not 'a can of 5 l'."""
        before = self.canon.low[max(0, start - 5) : start].rstrip(" ")
        alone = before[-1:] in ("", "\n", ",", ":", "(", "-", ";") or before.rpartition(" ")[2] in _TIES
        return alone and self._ended(end)

    def _ended(self, at: int) -> bool:
        """Whether a sign or an "and" follows."""
        behind = self.canon.low[at : at + 9].lstrip(" ")
        word = behind.split(" ")[0].rstrip(".,!?\n")
        return behind[:1] in ("", "\n", ",", ".", ";", ")", "!") or word in _TIES or word in _ASKING

    def _small_letters(self, found: list[Token]) -> None:
        """'6 s, 10 m', 'two in l': small letters that are sizes of this shop's goods behind a number or a colour."""
        for before, token in pairwise(found):
            key = f"s:{token.low.upper()}"
            if token.kind != "word" or token.low not in LETTER_SIZES or key not in self.catalogue.postings:
                continue
            counted = before.kind == "number" and self._listed(before.start, token.end)
            told = before.key[:2] == "c:" or before.low in _IN
            if counted or (told and self._ended(token.end)):
                token.key = key


_IN = frozenset("in en em".split())
_ASKING = frozenset("please pls bitte svp graag grazie".split())
_BY = frozenset("x * × by auf sur por per op mal".split())
_TIES = frozenset("and und et y e en or oder ou o of & / , +".split())


_end = itemgetter(1)


def held(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether one of the spans, which are in order and apart, holds a whole range."""
    at = bisect_left(spans, end, key=_end)
    return at < len(spans) and spans[at][0] <= start


def _within(spans: Sequence[Span], tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens that lie in one of the spans; both in order. Spans before the first token are skipped by bisection."""
    if not tokens:
        return
    at = bisect_left(spans, tokens[0].start, key=_end)
    if at == len(spans) or spans[at][0] >= tokens[-1].end:
        return
    for token in tokens:
        while at < len(spans) and spans[at][1] <= token.start:
            at += 1
        if at == len(spans):
            return
        if spans[at][0] < token.end:
            yield token
