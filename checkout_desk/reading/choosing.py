"""Which of a few products an answer means: by its words, size, measure, price or place in the list we sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from checkout_desk.reading.answerwords import (
    CHEAPER,
    DEARER,
    FILLERS,
    MONEY,
    NOT,
    ORDINAL,
    PRONOUNS,
    YES,
)
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.catalogue import Catalogue, content, is_attribute
from checkout_desk.reading.model import Asked
from checkout_desk.reading.tokens import Token, tokenise

_ONE = frozenset("one un une uno una um uma een eins ein eine einen einem einer".split())
_NUMBERS = re.compile(r"(?<![\w.,])\d{1,5}(?:[.,]\d{1,3})?")
_MEASURE = re.compile(r"m:([\d.]+)(\D+)$")
_DEFINITE = re.compile(
    r"(?:the|for|der|die|das|den|dem|fur|le|la|l'|pour|el|los|las|para|il|lo|per|o|a|de|het|voor)\b"
)
_EAST_TAIL = re.compile(
    r"(?:い|の|な)?(?:方|ほう|もの|やつ)?(?:で|を)?(?:です|お願いします|ください|下さい)?[。!]?$"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The product that is meant, and how many where that is said with it."""

    sku: str
    confidence: float
    count: int | None = None


def keys_of(catalogue: Catalogue, skus: Iterable[str]) -> dict[str, frozenset[str]]:
    """SKU -> the keys of all words by which it is called. One walk through the catalogue."""
    wanted = set(skus)
    found: dict[str, set[str]] = {sku: set() for sku in wanted}
    for phrase in catalogue.phrases if wanted else ():
        if phrase.sku in wanted:
            found[phrase.sku] |= phrase.words
    return {sku: frozenset(keys) for sku, keys in found.items()}


class Chooser:
    """Reads answers to one question of which product was meant."""

    def __init__(
        self, canon: Canon, catalogue: Catalogue, asked: Asked, keys: dict[str, frozenset[str]], language: str
    ) -> None:
        self.canon, self.catalogue, self.asked, self.language = canon, catalogue, asked, language
        self.skus = [sku for sku in asked.candidates if sku in catalogue.entries]
        self.keys = {sku: keys.get(sku, frozenset()) for sku in self.skus}
        self.shared = frozenset.intersection(*self.keys.values()) if self.keys else frozenset()

    def choose(self, start: int, end: int) -> Choice | None:
        """What `low[start:end]` chooses, which is nothing but the choice; None where it is not certain."""
        low = self.canon.low[start:end]
        if not self.skus or NOT.search(low) or len(low) > 120:
            return None
        if len(self.skus) == 1 and YES.fullmatch(low):
            return Choice(self.skus[0], 0.85)
        return self._in_list(low) or self._by_price(low) or self._by_words(start, end) or self._east(low)

    def _in_list(self, low: str) -> Choice | None:
        found = ORDINAL.fullmatch(low)
        if found is None or len(self.skus) != len(self.asked.candidates):
            return None
        if found["last"]:
            return Choice(self.skus[-1], 0.85) if len(self.skus) > 1 else None
        place = int(found["digit"]) if found["digit"] else int((found.lastgroup or "n0")[1:])
        return Choice(self.skus[place - 1], 0.85) if 1 <= place <= len(self.skus) else None

    def _by_price(self, low: str) -> Choice | None:
        prices = self._prices()
        if len(prices) != len(self.skus) or not prices:
            return None
        rest, fits = low, set(self.skus)
        if (money := MONEY.search(low)) and (value := _decimal(money[1] or money[2])) is not None:
            rest, fits = low[: money.start()] + low[money.end() :], {s for s in prices if prices[s] == value}
        elif (found := CHEAPER.search(low) or DEARER.search(low)) and len(fits) > 1:
            most = (min if CHEAPER.search(low) else max)(prices.values())
            rest, fits = low[: found.start()] + low[found.end() :], {s for s in prices if prices[s] == most}
        if rest == low or len(fits) != 1 or not self._only_light(rest):
            return None
        return Choice(fits.pop(), 0.9)

    def _prices(self) -> dict[str, Decimal]:
        given = dict(zip(self.asked.candidates, self.asked.prices, strict=False))
        found = {sku: _decimal(given.get(sku, "")) for sku in self.skus}
        return {sku: price for sku, price in found.items() if price is not None}

    def _only_light(self, rest: str) -> bool:
        tokens = content(tokenise(Canon(rest), language=self.language))
        return all(t.low in FILLERS | PRONOUNS | _ONE or t.key in self.shared or t.low in ("at", "costing", "kostet") for t in tokens)  # fmt: skip

    def _by_words(self, start: int, end: int) -> Choice | None:
        tokens = content(tokenise(self.canon, start, end, language=self.language))
        count, tokens = self._counted(tokens, start)
        fits, told = set(self.skus), False
        for token in tokens:
            if token.low in PRONOUNS or token.low in FILLERS or (token.low in _ONE and told):
                continue
            having = self._having(token)
            if having is None:
                return None
            told = told or len(having) < len(self.skus)
            fits &= having
        return Choice(fits.pop(), 0.93, count) if told and len(fits) == 1 else None

    def _counted(self, tokens: Sequence[Token], start: int) -> tuple[int | None, list[Token]]:
        """The number at the front of '2 large ones', unless it tells the products apart ('for six')."""
        first = tokens[0] if tokens else None
        if first is None or first.kind != "number" or len(tokens) == 1:
            return None, list(tokens)
        before = self.canon.low[start : first.start].strip()
        if _DEFINITE.search(before):
            return None, [t for t in tokens if t is not first or t.low not in _ONE]
        return (first.count or None), list(tokens[1:])

    def _having(self, token: Token) -> set[str] | None:
        """The candidates that a token fits; None where it fits none, so that something else is meant."""
        having = {sku for sku in self.skus if token.key in self.keys[sku]}
        if having:
            bare = token.kind == "number" and len(having) < len(self.skus)
            return None if bare and not self._pointed(token) else having
        if token.key.startswith("s:"):
            return self._by_size(token.key[2:])
        if token.kind == "number" and token.count is None:
            number = token.low.replace(",", ".")
            return {sku for sku in self.skus if number in self._numbers(sku)} or None
        if token.kind == "word" and not is_attribute(token.key):
            near = set(self.catalogue.near(token.low))
            return {sku for sku in self.skus if near & self.keys[sku]} or None
        return None

    def _pointed(self, token: Token) -> bool:
        """Whether 'the' or 'for' stands before a number: 'the twelve', which counts nothing."""
        return _DEFINITE.search(self.canon.low[max(0, token.start - 6) : token.start]) is not None

    def _numbers(self, sku: str) -> set[str]:
        entry = self.catalogue.entries[sku]
        return {n.replace(",", ".") for name in (entry.name, *entry.aliases) for n in _NUMBERS.findall(fold(name))}  # fmt: skip

    def _by_size(self, size: str) -> set[str] | None:
        """'The small one' of products that are told apart by one measure: the one with the least of it."""
        sizes: dict[str, float] = {}
        units = set()
        for sku in self.skus:
            if any(key.startswith("s:") for key in self.keys[sku]):
                return None
            found = {m.groups() for key in self.keys[sku] - self.shared if (m := _MEASURE.match(key))}
            if len(found) != 1:
                return None
            number, unit = found.pop()
            units.add(unit)
            sizes[sku] = float(number)
        if len(units) != 1 or len(set(sizes.values())) != len(sizes) or len(sizes) < 2:
            return None
        order = sorted(sizes, key=lambda sku: sizes[sku])
        if size == "M":
            return {order[1]} if len(order) == 3 else None
        return {order[0]} if size in ("S", "XS") else {order[-1]} if size in ("L", "XL") else None

    def _east(self, low: str) -> Choice | None:
        word = _EAST_TAIL.sub("", low.replace(" ", ""))
        if not word or word.isascii():
            return None
        named = [
            sku for sku in self.skus if any(word in fold(name).replace(" ", "") for name in self._names(sku))
        ]
        return Choice(named[0], 0.85) if len(named) == 1 else None

    def _names(self, sku: str) -> tuple[str, ...]:
        entry = self.catalogue.entries[sku]
        return (entry.name, *entry.aliases)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
