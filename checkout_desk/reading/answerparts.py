"""What one short stretch of an answer gives: a postcode, a town, a street, a number of things, a choice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from checkout_desk.reading import countries, cues, places
from checkout_desk.reading.answerwords import FILLERS, LABEL, NO_PLACE, NUMBER_TAIL
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.choosing import Chooser
from checkout_desk.reading.lexicon import DOZENS
from checkout_desk.reading.model import Asked, KnownThread, Span
from checkout_desk.reading.tokens import tokenise

MOST = 9_999
_SIGNS = " \t\n.,;!:-–*•\"'()[]>=。！"
_WORD = re.compile(r"[^\s,;!.:]+")
_INTO = re.compile(r"(?:in|at|to|for|is|nach|a|au|en|em|te|near)\s+(?=\S)")
_EAST_END = re.compile(r"(?:です|でお願いします|をお願いします|お願いします|ください)$")
_PARTICLES = frozenset(
    "de da do das dos di del della la le les los las el am an der den dem sur en of the upon on in by bei ob im zu und y e".split()
)
_BOX = re.compile(r"(?:p\.? ?o\.? box|postfach|apartado|bp|caixa postal|casella postale|postbus) ?\d{1,6}")


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: `field` is a part of the address, 'quantity', 'product' or 'removal'; `low[start:end]` says it."""

    asked: Asked
    field: str
    value: str
    start: int
    end: int
    confidence: float

    @property
    def place(self) -> tuple[str, int, str]:
        """What it answers; two of the same place have to agree."""
        return ("", self.asked.line, self.field) if self.asked.line else (self.field, 0, self.field)

    def about(self, asked: Asked) -> Found:
        """The same for another question."""
        return replace(self, asked=asked)


def strip(low: str, start: int, end: int) -> Span:
    """A range without the blanks and signs at its ends."""
    while start < end and low[start] in _SIGNS:
        start += 1
    while end > start and low[end - 1] in _SIGNS:
        end -= 1
    return start, end


def _plain(low: str, start: int, end: int) -> Span:
    """A range without the polite words at its ends."""
    words = [match.span() for match in _WORD.finditer(low, start, end)]
    first, last = 0, len(words)
    while first < last and low[slice(*words[first])].strip("\"'()") in FILLERS:
        first += 1
    while last > first and low[slice(*words[last - 1])].strip("\"'()") in FILLERS:
        last -= 1
    if first == last:
        return start, start
    return strip(low, words[first][0], words[last - 1][1] if last < len(words) else end)


class Parts:
    """Reads the short stretches of one mail."""

    def __init__(
        self, canon: Canon, known: KnownThread, catalogue: Catalogue, keys: Mapping[str, frozenset[str]],
        language: str, country: str, names: Sequence[str], addressed: bool,
    ) -> None:  # fmt: skip
        self.canon, self.known, self.catalogue, self.language = canon, known, catalogue, language
        self.country = known.country or country
        self.names = {word for name in names for word in fold(name).split()}
        self.addressed = addressed
        self.choosers = {
            asked.line: Chooser(canon, catalogue, asked, dict(keys), language)
            for asked in known.asked
            if asked.gap == "product"
        }

    def read(self, start: int, end: int, options: Sequence[Asked], *, first: bool) -> list[Found]:
        """What a stretch answers of `options`; [] where it answers nothing, or could answer two of them."""
        start, end = strip(self.canon.low, start, end)
        if start >= end or end - start > 160:
            return []
        if labelled := self._labelled(start, end, options):
            return labelled
        plain = _plain(self.canon.low, start, end)
        if plain[0] >= plain[1]:
            plain = (start, end)
        strong = [*self._strong(start, end, plain, options)]
        if strong:
            return strong[0] if len(strong) == 1 else []
        weak = [*self._weak(*plain, options, first=first)]
        return weak[0] if len(weak) == 1 else []

    def _fields(self, options: Sequence[Asked]) -> dict[str, Asked]:
        """The parts of the address that are asked for; a whole address may be answered by its street or postcode."""
        found = {a.gap.removeprefix("ship_to."): a for a in options if a.gap.startswith("ship_to.")}
        whole = next((a for a in options if a.gap == "ship_to"), None)
        if whole is not None and not self.addressed:
            found |= {"line1": whole, "postcode": whole}
        return found

    def _labelled(self, start: int, end: int, options: Sequence[Asked]) -> list[Found]:
        """'The postcode is LS1 4AB', 'Ort: Leeds': what the label says is believed."""
        low = self.canon.low
        for field, asked in self._fields(options).items():
            head = LABEL[field].match(low, start, end) if field in LABEL else None
            if head is None or head.end() >= end:
                continue
            a, b = _plain(low, *strip(low, head.end(), end))
            found = next(self._detail(field, asked, a, b), None)
            if found is None and field in ("city", "name", "line1") and self._words(a, b, field):
                found = [self._said(asked, field, a, b, 0.9)]
            if found:
                return found
        counts = [a for a in options if a.gap == "quantity"]
        if len(counts) == 1 and (head := LABEL["quantity"].match(low, start, end)):
            number = self._number(*_plain(low, *strip(low, head.end(), end)))
            if number:
                return [Found(counts[0], "quantity", str(number[0]), head.end(), end, 0.95)]
        return []

    def _words(self, start: int, end: int, field: str) -> bool:
        low = self.canon.low[start:end]
        return 1 < len(low) <= 60 and (places.is_name(low) or (field == "line1" and places.is_street(low)))

    def _said(self, asked: Asked, field: str, start: int, end: int, confidence: float) -> Found:
        shown = " ".join(self.canon.shown(start, end).split())
        value = shown.upper() if field == "postcode" else shown
        return Found(asked, field, value, start, end, confidence)

    def _strong(self, start: int, end: int, plain: Span, options: Sequence[Asked]) -> Iterator[list[Found]]:
        """Answers that their form alone tells, one list for each question that could be meant."""
        fields = self._fields(options)
        for field in ("postcode", "country", "region", "line1"):
            if field in fields:
                found = next(self._detail(field, fields[field], *plain), None)
                if found:
                    if field == "postcode":
                        found += self._beside(found[0], plain, fields)
                    yield found
        if (
            "region" in fields
            and (start, end) != plain
            and self.canon.shown(start, end).isupper()
            and end - start > 2
        ):
            yield from self._detail("region", fields["region"], start, end)
        counts = [a for a in options if a.gap == "quantity"]
        number = self._number(*plain) if counts else None
        if number and (len(counts) > 1 or self._two_things(number, options)):
            yield []
        elif number:
            yield [Found(counts[0], "quantity", str(number[0]), *plain, 0.93)]
        if not number:
            yield from self._choices(start, end, plain, options)

    def _two_things(self, number: tuple[int, bool], options: Sequence[Asked]) -> bool:
        """Whether a bare number could as well be a place in a list, or a word of a product's name."""
        count, counted = number
        if counted:
            return False
        return any(
            a.gap == "product"
            and (count <= len(a.candidates) or any(f"n:{count}" in k for k in self._keys(a)))
            for a in options
        )

    def _keys(self, asked: Asked) -> Iterator[frozenset[str]]:
        yield from self.choosers[asked.line].keys.values()

    def _choices(self, start: int, end: int, plain: Span, options: Sequence[Asked]) -> Iterator[list[Found]]:
        for asked in options:
            if asked.gap != "product":
                continue
            chooser = self.choosers[asked.line]
            choice = chooser.choose(*plain) or (chooser.choose(start, end) if plain != (start, end) else None)
            if choice is None:
                continue
            found = [Found(asked, "product", choice.sku, *plain, choice.confidence)]
            if choice.count:
                wanted = next((a for a in options if a.gap == "quantity" and a.line == asked.line), None)
                if wanted is None:
                    continue  # a number that nobody asked for is read with the rest of the mail
                found.append(Found(wanted, "quantity", str(choice.count), *plain, choice.confidence))
            yield found

    def _number(self, start: int, end: int) -> tuple[int, bool] | None:
        """The number of things that a stretch is, and whether words behind it say that it counts."""
        low = self.canon.low
        if start >= end:
            return None
        if east := _EAST_END.search(low, start, end):
            end = east.start()
        tokens = tokenise(self.canon, start, end, language=self.language)
        if not tokens:
            return None
        count, at = tokens[0].count, tokens[0].end
        if tokens[0].kind != "number":
            count, at = (1, tokens[0].start) if tokens[0].low in DOZENS else (None, at)
        if low[start : start + 2] == "a " and count is None:
            count, at = 1, start + 2
        if count is None or tokens[0].masked:
            return None
        rest_at, rest_end = strip(low, at, end)
        rest = low[rest_at:rest_end]
        dozen = re.match(r"[^\W\d]+", rest)
        if dozen and DOZENS.get(dozen[0]):
            count, rest = count * DOZENS[dozen[0]], rest[dozen.end() :].strip()
        elif tokens[0].article and low[start:end].strip() in ("a", "an"):
            return None
        words = rest.split()
        while words and words[-1] in FILLERS:
            words.pop()
        rest = " ".join(words)
        if rest and not NUMBER_TAIL.fullmatch(rest):
            return None
        return (count, bool(rest)) if 1 <= count <= MOST else None

    def _detail(self, field: str, asked: Asked, start: int, end: int) -> Iterator[list[Found]]:
        low = self.canon.low[start:end]
        if field == "postcode":
            yield from self._postcode(asked, start, end)
        elif field == "country":
            bare = re.sub(r"^(?:in )?(?:the )?", "", low)
            code = countries.country_code(bare)
            shown = self.canon.shown(start, end)
            code = code or (
                shown if len(shown) == 2 and shown.isupper() and countries.known_country(shown) else None
            )
            if code:
                yield [Found(asked, "country", code, end - len(bare), end, 0.95)]
        elif field == "region":
            code = (
                countries.region_names(self.country).get(re.sub(r"^(?:in )?", "", low))
                if self.country
                else None
            )
            if code:
                yield [Found(asked, "region", code, start, end, 0.95)]
        elif field == "line1" and (
            (places.is_street(low) and places.STREET_WORD.search(low)) or _BOX.fullmatch(low)
        ):
            yield [self._said(asked, "line1", start, end, 0.93)]

    def _postcode(self, asked: Asked, start: int, end: int) -> Iterator[list[Found]]:
        low = self.canon.low
        pattern = countries.postcode_pattern(self.country) if self.country else None
        if pattern is None:
            return
        telling = asked.gap != "ship_to"
        whole = pattern.fullmatch(low, start, end)
        if whole and (telling or not low[start:end].isdigit()):
            yield [self._said(asked, "postcode", start, end, 0.95)]
            return
        found = list(pattern.finditer(low, start, end))
        if len(found) != 1:
            return
        a, b = found[0].span()
        rest = f"{low[start:a]} {low[b:end]}".strip(" ,.")
        digits = any(sign.isdigit() for sign in rest)
        if digits or low[end : end + 1] == "?":
            return
        town = bool(rest) and places.is_name(rest) and len(rest.split()) <= 4 and self._capitals(start, end)
        if any(sign.isalpha() for sign in low[a:b]) or (town and telling):
            yield [self._said(asked, "postcode", a, b, 0.9)]

    def _beside(self, code: Found, plain: Span, fields: Mapping[str, Asked]) -> list[Found]:
        """'Leeds LS1 4AB': the town beside a postcode, where both are asked for."""
        if "city" not in fields:
            return []
        low = self.canon.low
        for a, b in ((plain[0], code.start), (code.end, plain[1])):
            a, b = strip(low, a, b)
            if a < b and self._is_place(a, b, words=4):
                return [self._said(fields["city"], "city", a, b, 0.9)]
        return []

    def _capitals(self, start: int, end: int) -> bool:
        words = self.canon.shown(start, end).replace("-", " ").replace("'", " ").split()
        said = [w for w in words if fold(w) not in _PARTICLES]
        return bool(said) and all(w[0].isupper() or not w[0].isalpha() or _is_caseless(w[0]) for w in said)

    def _is_place(self, start: int, end: int, *, words: int) -> bool:
        low = self.canon.low[start:end]
        said = low.split()
        return (
            1 <= len(said) <= words
            and places.is_name(low)
            and self._capitals(start, end)
            and not any(word.strip(".,'") in NO_PLACE for word in said)
            and not any(word.strip(".,") in self.names for word in said)
            and not cues.GREETING.match(low)
        )

    def _weak(self, start: int, end: int, options: Sequence[Asked], *, first: bool) -> Iterator[list[Found]]:
        """Answers that could be many things, taken where one of them was asked for and they come first."""
        fields = self._fields(options)
        low = self.canon.low
        if not first and not self.names:
            return  # the name of a writer whom nobody knows could be a town
        if "line1" in fields and fields["line1"].gap != "ship_to":
            words = low[start:end]
            plain = places.is_street(words) and self._capitals(start, end)
            if plain and not any(t.key in self.catalogue.postings for t in tokenise(self.canon, start, end) if t.kind == "word"):  # fmt: skip
                yield [self._said(fields["line1"], "line1", start, end, 0.85)]
                return
        inside = _INTO.match(low, start, end)
        begin = inside.end() if inside else start
        if "city" in fields and self._is_place(begin, end, words=4):
            yield [self._said(fields["city"], "city", begin, end, 0.85)]
        if "name" in fields and self._is_place(begin, end, words=4) and " " in low[begin:end]:
            yield [self._said(fields["name"], "name", begin, end, 0.85)]


def _is_caseless(sign: str) -> bool:
    return sign.lower() == sign.upper()
