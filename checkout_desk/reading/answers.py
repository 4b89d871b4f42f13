"""Bare answers to what we asked: “LS1 4AB”, “the small one please”, “two of them”, “1. Leeds 2. the blue one”.

Such words say nothing by themselves and much to who asked. Only what was asked for is taken, and only where it stands
beyond doubt: a number that could be two things, and two different answers to one question, are left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from checkout_desk.reading import cues
from checkout_desk.reading.answerparts import Found, Parts, strip
from checkout_desk.reading.answerwords import NONE_OF, REFUSAL
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.catalogue import Catalogue, content, is_attribute
from checkout_desk.reading.choosing import keys_of
from checkout_desk.reading.masking import masked_spans
from checkout_desk.reading.model import Ambiguous, Asked, KnownThread, Line, Span, Unmatched, Value
from checkout_desk.reading.places import _ABBREVIATED
from checkout_desk.reading.tokens import tokenise

RULE = "answers-what-was-asked"
LONGEST = 3_000
"""a longer mail is no bare answer"""
_ENUMERATED = re.compile(r"(?<!\S)\(?(\d{1,2})[.):](?=\s)\s*")
_END = re.compile(r"(?<=[^\s])[.!?](?=\s|$)|[。！？]")
_SPLIT = re.compile(r"\s*(?:[,;]|\s[-/&+]\s|\b(?:and|und|et|y|en|e)\b)\s*")
_IT = re.compile(r"\b(?:it|them|that|those|one|das|es|sie|davon|le|la|les|lo|los|las|het|die|ze)\b|\bthen\b|\bdann\b|^(?:never mind|laissez tomber|lasciate stare)")  # fmt: skip
_WITHOUT = re.compile(r"\b(?:without|ohne|sans|sin|sem|senza|zonder)\b")


@dataclass(slots=True)
class Answers:
    """What the answers of one mail say, in its terms, and the ranges of the text that they take."""

    lines: list[Line] = field(default_factory=list)
    ambiguous: list[Ambiguous] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)
    parts: dict[str, Value] = field(default_factory=dict)
    """parts of the address, by the fields of ShipTo"""
    spans: list[Span] = field(default_factory=list)
    """in the text that the customer wrote, in order"""
    left: tuple[str, ...] = ()
    """the gaps that were asked and are open still"""


def read(
    canon: Canon,
    known: KnownThread,
    catalogue: Catalogue,
    *,
    language: str,
    country: str,
    below: Sequence[tuple[int, int, str]] = (),
    names: Sequence[str] = (),
    busy: Sequence[Span] = (),
    addressed: bool = False,
) -> Answers | None:
    """What a mail answers to `known.asked`; None where that is nothing.

    `country` is where the store is, for an order that does not say where it goes. `below` as in ReadingInput. `names` are
    the writer's. `busy` are ranges that are understood already, such as a phone number; `addressed` tells that a whole
    address stands in the text.
    """
    if not known.asked or len(canon.low) > LONGEST:
        return None
    found = _Mail(canon, known, catalogue, language, country, names, busy, addressed).taken(below)
    return _concluded(canon, known, found) if found else None


class _Mail:
    def __init__(
        self, canon: Canon, known: KnownThread, catalogue: Catalogue, language: str, country: str,
        names: Sequence[str], busy: Sequence[Span], addressed: bool,
    ) -> None:  # fmt: skip
        self.canon, self.known, self.catalogue, self.language = canon, known, catalogue, language
        self.busy = list(busy)
        self.masked: list[Span] | None = None
        skus = {sku for asked in known.asked for sku in (*asked.candidates, asked.sku) if sku}
        self.keys = keys_of(catalogue, skus | set(known.lines))
        self.parts = Parts(canon, known, catalogue, self.keys, language, country, names, addressed)

    def taken(self, below: Sequence[tuple[int, int, str]]) -> list[Found]:
        """Every answer that is certain."""
        found: list[Found] = []
        doubt = False
        for start, end, options in self._stretches(below):
            for a, b, ended in self._units(start, end):
                more, unclear = self._unit(a, b, ended, options, first=not found)
                found += more
                doubt = doubt or unclear
        if doubt:
            found = [one for one in found if one.field != "quantity" or one.asked.gap == "product"]
        return _agreed(found)

    def _stretches(
        self, below: Sequence[tuple[int, int, str]]
    ) -> Iterator[tuple[int, int, tuple[Asked, ...]]]:
        """Ranges of the text with what they may answer: what stands below a question of ours answers that one."""
        at = 0
        for start, end, quoted in below:
            options = self._asked_in(quoted)
            if options:
                a, b = (len(Canon(self.canon.text[:place]).low) for place in (start, end))
                yield from self._numbered(at, a, self.known.asked)
                yield a, b, options
                at = b
        yield from self._numbered(at, len(self.canon.low), self.known.asked)

    def _asked_in(self, quoted: str) -> tuple[Asked, ...]:
        """What the last question in quoted words asked for."""
        said = " ".join(fold(re.sub(r"^[> \t]+", "", quoted, flags=re.MULTILINE)).split())
        places = [
            (at, asked)
            for asked in self.known.asked
            if asked.question and (at := said.rfind(" ".join(fold(asked.question).split()))) >= 0
        ]
        last = max((at for at, _ in places), default=-1)
        return tuple(asked for at, asked in places if at == last)

    def _numbered(
        self, start: int, end: int, asked: tuple[Asked, ...]
    ) -> Iterator[tuple[int, int, tuple[Asked, ...]]]:
        """'1. LS1 4AB 2. the large one': each number answers the question of that number."""
        marks = list(_ENUMERATED.finditer(self.canon.low, start, end))
        count = [int(mark[1]) for mark in marks]
        if len(marks) < 2 or count != sorted(set(count)) or not {one.number for one in asked} & set(count):
            if start < end:
                yield start, end, asked
            return
        if start < marks[0].start():
            yield start, marks[0].start(), asked
        stops = [mark.start() for mark in marks[1:]] + [end]
        for mark, number, stop in zip(marks, count, stops, strict=True):
            yield mark.end(), stop, tuple(one for one in asked if one.number == number)

    def _units(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """The sentences of a stretch with the sign that ends each, as far as the words that close a letter."""
        at = start
        taken = False
        for line in self.canon.low[start:end].split("\n"):
            if taken and line.strip() and cues.CLOSING.match(line) and len(line) < 60:
                return
            taken = taken or bool(line.strip())
            a = at
            for stop in _END.finditer(line):
                if stop[0] == "." and _ABBREVIATED.search(line[max(0, stop.start() - 5) : stop.start()]):
                    continue
                yield a, at + stop.start(), stop[0]
                a = at + stop.end()
            yield a, at + len(line), ""
            at += len(line) + 1

    def _unit(
        self, start: int, end: int, ended: str, options: tuple[Asked, ...], *, first: bool
    ) -> tuple[list[Found], bool]:
        """What one sentence answers, and whether a number in it makes all numbers doubtful."""
        start, end = strip(self.canon.low, start, end)
        if start >= end or any(a < end and start < b for a, b in self.busy):
            return [], False
        if ended in ("?", "？"):
            return [], self._counts(start, end)
        if gone := self._refused(start, end, options):
            return [gone], False
        if whole := self.parts.read(start, end, options, first=first):
            return whole, False
        marks = [(m.start(), m.end()) for m in _SPLIT.finditer(self.canon.low, start, end)]
        edges = [(start, start), *marks, (end, end)]
        found, doubt = [], False
        for (_, a), (b, _) in pairwise(edges):
            more = self.parts.read(a, b, options, first=first) if marks else []
            found += more
            doubt = doubt or (not more and self._counts(a, b))
        return found, doubt

    def _counts(self, start: int, end: int) -> bool:
        """Whether a number that could be a quantity stands there."""
        if self.masked is None:
            self.masked = masked_spans(self.canon.low)
        masked = self.masked
        return any(
            token.kind == "number"
            and not token.article
            and not any(a < token.end and token.start < b for a, b in masked)
            for token in tokenise(self.canon, start, end, language=self.language)
        )

    def _refused(self, start: int, end: int, options: tuple[Asked, ...]) -> Found | None:
        """'I don't want the teapot then': the line that is meant, for a person to take off."""
        low = self.canon.low[start:end]
        items = {one.line: one for one in reversed(options) if one.gap in ("product", "quantity")}
        gone = Found(Asked("product"), "removal", "", start, end, 0.9)
        if NONE_OF.search(low):
            chosen = [one for one in items.values() if one.gap == "product"]
            return gone.about(chosen[0]) if len(chosen) == 1 else None
        if not REFUSAL.search(low):
            return None
        said = {t.key for t in content(tokenise(self.canon, start, end, language=self.language))}
        called = {line: self._called(one) for line, one in items.items()}
        named = said & frozenset().union(*called.values())
        fits = [line for line, keys in called.items() if named and named <= keys]
        if len(fits) == 1:
            return None if self._tells_apart(items[fits[0]], said) else gone.about(items[fits[0]])
        if not named and len(items) == 1 and _IT.search(low) and not _WITHOUT.search(low):
            others = {k for sku in self.known.lines for k in self.keys.get(sku, ()) if not is_attribute(k)}
            only = next(iter(items.values()))
            return None if said & others or self._tells_apart(only, said) else gone.about(only)
        return None

    def _called(self, asked: Asked) -> frozenset[str]:
        words = {t.key for t in content(tokenise(Canon(asked.words)))} if asked.words else set()
        skus = asked.candidates or ((asked.sku,) if asked.sku else ())
        sets = [self.keys[sku] for sku in skus if sku in self.keys]
        shared = frozenset.intersection(*sets) if sets else frozenset()
        return frozenset(key for key in words | shared if not key.startswith("n:"))

    def _tells_apart(self, asked: Asked, said: set[str]) -> bool:
        """'I don't want the large one': one of the candidates goes, not the line."""
        sets = [self.keys.get(sku, frozenset()) for sku in asked.candidates]
        return bool(sets and said & (frozenset().union(*sets) - frozenset.intersection(*sets))) or any(
            key.startswith("s:") for key in said if asked.candidates
        )


def _agreed(found: list[Found]) -> list[Found]:
    """The answers without those that contradict each other."""
    values: dict[tuple[str, int, str], set[str]] = {}
    for one in found:
        values.setdefault(one.place, set()).add(one.value.casefold().replace(" ", ""))
    gone = {one.asked.line for one in found if one.field == "removal"}
    return [
        one
        for one in found
        if len(values[one.place]) == 1
        and (one.field == "removal" or one.asked.line not in gone or not one.asked.line)
    ]


def _concluded(canon: Canon, known: KnownThread, found: list[Found]) -> Answers:
    result = Answers(spans=sorted({canon.span(one.start, one.end) for one in found}))
    counts = {one.asked.line: one for one in found if one.field == "quantity"}
    chosen = {one.asked.line: one for one in found if one.field == "product"}
    for one in found:
        span = canon.span(one.start, one.end)
        shown = canon.text[span[0] : span[1]]
        asked = one.asked
        if one.field == "product":
            count = counts.get(asked.line)
            number = int(count.value) if count else None
            result.lines.append(Line(one.value, number, shown, span, "body", one.confidence, RULE))
        elif one.field in ("quantity", "removal"):
            if asked.line in chosen:
                continue
            number = int(one.value) if one.field == "quantity" else 0
            if asked.sku:
                result.lines.append(Line(asked.sku, number, shown, span, "body", one.confidence, RULE))
            elif asked.candidates:
                result.ambiguous.append(Ambiguous(asked.words, number, asked.candidates, span, "body", RULE, one.confidence))  # fmt: skip
            else:
                result.unmatched.append(Unmatched(asked.words, number, span, "body", RULE, one.confidence))
        else:
            result.parts.setdefault(one.field, Value(one.value, RULE, one.confidence, "body", span))
    answered = {one.place for one in found}
    result.left = tuple(
        dict.fromkeys(a.gap for a in known.asked if not _is_answered(a, answered, result.parts))
    )
    return result


def _is_answered(asked: Asked, answered: set[tuple[str, int, str]], parts: Mapping[str, Value]) -> bool:
    if asked.gap in ("product", "quantity"):
        return any(line == asked.line and field in (asked.gap, "removal") for _, line, field in answered)
    return asked.gap.removeprefix("ship_to.") in parts
