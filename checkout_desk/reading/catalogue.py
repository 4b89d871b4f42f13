"""The products that a store sells, prepared once so that thousands of names cost little a mail."""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from checkout_desk.reading import lexicon
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.tokens import EAST, Token, joined_models, tokenise, word_key

_EAST = re.compile(f"[{EAST}]")
_PLAIN = re.compile(r"[a-z]{4,}")
_EAST_WORD = re.compile("[\u30a0-\u30ff]{2,}|[\u3400-\u9fff]{1,}|[\u3041-\u309f]{3,}")
_MAX_KEYS = 14
_MOST_ENDINGS = 12
_CODE = re.compile(r"(?=[a-z0-9-]*[a-z])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)+")
_CONTENTS = re.compile(r"\([^()]*\d[^()]*\)\W*$")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One product as the catalogue has it; `price_minor` in the smallest unit of `currency`."""

    sku: str
    name: str
    aliases: tuple[str, ...] = ()
    price_minor: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to call a product: its name or an alias, as keys in order. `pack` is how many pieces one of it holds.

    `tail` are light words at its end, such as "à thé", which have no key but belong to the name.
    `head` is the letter in front of "D-lock", without which the rest is another thing.
    `light` are all its words without a key, `pairs` the keys of words that a hyphen joins,
    `close` the signs that end it, such as the "!" of a game called "Six!", `aside` the keys of what a pack holds in
    brackets behind the name, "(200 pieces)", which nobody repeats.
    """

    sku: str
    keys: tuple[str, ...]
    words: frozenset[str]
    surfaces: frozenset[str]
    pack: int | None
    is_alias: bool
    tail: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    light: frozenset[str] = frozenset()
    pairs: tuple[tuple[str, str], ...] = ()
    close: str = ""
    aside: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Node:
    below: dict[str, _Node] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)


def is_attribute(key: str) -> bool:
    """Whether a key is a colour, a size, a measure or a number: what tells variants of one product apart."""
    return key[1:2] == ":"


def content(tokens: Iterable[Token]) -> list[Token]:
    """The tokens that tell one product from another: no signs, no words such as 'of'."""
    return [
        t
        for t in tokens
        if (t.kind != "sign" and is_attribute(t.key))
        or (
            t.kind != "sign"
            and not (
                t.kind == "word"
                and (t.low in lexicon.STOP or t.low.endswith("'") or t.low in lexicon.SIZE_WORDS)
            )
            and not (t.article and t.low in lexicon.STOP)
        )
    ]


class Catalogue:
    """An index over products: by SKU, by exact words in order, by any of their words, and by words nearly the same."""

    def __init__(self, entries: Iterable[CatalogueEntry] = ()) -> None:
        self.entries: dict[str, CatalogueEntry] = {}
        self.place: dict[str, int] = {}
        self.skus: dict[str, str] = {}
        self.phrases: list[Phrase] = []
        self.postings: dict[str, set[int]] = defaultdict(set)
        self.written: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self.joined: dict[str, tuple[str, ...]] = {}
        self.words: set[str] = set()
        self.root = _Node()
        self.spelt: dict[str, set[str]] = defaultdict(set)
        self.east: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.east_words: dict[str, set[str]] = defaultdict(set)
        self.attributes: dict[str, set[str]] = defaultdict(set)
        self.own: dict[str, int] = {}
        """the number of the phrase that is a product's own name, where it is one"""
        self._near: dict[str, tuple[str, ...]] = {}
        self._endings: dict[str, tuple[str, ...]] = {}
        self._backwards: list[str] = []
        self._sorted: list[str] = []
        for entry in entries:
            self._add(entry)
        for found in self.east.values():
            found.sort(key=lambda pair: -len(pair[0]))
        self._buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(self.words):
            if _PLAIN.fullmatch(word):
                self._buckets[word[0], len(word)].append(word)
        self._backwards = sorted(
            {word[::-1] for word in self.words if len(word) > 7 and _PLAIN.fullmatch(word)}
        )
        self._sorted = sorted(self.words)
        count = max(1, len(self.phrases))
        self.weights = {key: math.log(1 + count / len(ids)) for key, ids in self.postings.items()}

    def __len__(self) -> int:
        return len(self.entries)

    def _add(self, entry: CatalogueEntry) -> None:
        self.entries[entry.sku] = entry
        self.place.setdefault(entry.sku, len(self.place))
        self.skus.setdefault(fold(entry.sku).strip(), entry.sku)
        for position, name in enumerate((entry.name, *entry.aliases)):
            self._add_phrase(entry.sku, name[:200], is_alias=position > 0)
            if position and _CODE.fullmatch(fold(name).strip()):
                self.skus.setdefault(fold(name).strip(), entry.sku)

    def _add_phrase(self, sku: str, name: str, *, is_alias: bool) -> None:
        canon = Canon(name)
        if _EAST.search(canon.low):
            self._add_east(sku, canon.low)
            return
        spelt = joined_models(tokenise(canon))
        tokens = content(spelt)[:_MAX_KEYS]
        letters = sum(len(t.low) for t in tokens if t.kind == "word")
        if letters < 3:  # "a", "7": such a name would match in every mail; its SKU still does
            return
        keys = tuple(t.key for t in tokens)
        surfaces = frozenset(t.low for t in tokens if t.kind == "word")
        number = len(self.phrases)
        bracket = _CONTENTS.search(canon.low)
        shut = len([t for t in tokens if t.end <= bracket.start()]) if bracket else len(tokens)
        if all(is_attribute(t.key) or t.low in lexicon.UNITS for t in tokens[:shut]):
            shut = len(tokens)  # "Set (7)" is no name without its number
        self.phrases.append(
            Phrase(
                sku,
                keys,
                frozenset(keys),
                surfaces,
                _pack(canon.low),
                is_alias,
                _tail(spelt, tokens),
                _head(spelt, tokens),
                frozenset(t.low for t in spelt if t.kind == "word") - surfaces,
                _pairs(spelt),
                canon.low[tokens[-1].end :].strip()[:4],
                frozenset(keys[shut:]) if shut else frozenset(),
            )
        )
        if not is_alias:
            self.own[sku] = number
        self.words |= surfaces
        self.attributes[sku] |= {key for key in keys if is_attribute(key)}
        node = self.root
        for token in tokens:
            self.spelt[token.key].add(token.low)
            self.written[token.key][token.low].add(number)
        for place, key in enumerate(keys):
            if place == shut and shut:
                node.ends.append(number)
            self.postings[key].add(number)
            node = node.below.setdefault(key, _Node())
        node.ends.append(number)
        for left, right in itertools.pairwise(tokens):
            if left.kind == right.kind == "word" and canon.low[left.end : right.start] in ("", "-", " "):
                self.joined.setdefault(word_key(left.low + right.low), (left.key, right.key))

    def _add_east(self, sku: str, low: str) -> None:
        name = low.replace(" ", "")
        for spelt in dict.fromkeys((name, *_other_orders(low))):
            if len(spelt) >= 2:
                self.east[spelt[0]].append((spelt, sku))
        for word in _EAST_WORD.findall(name):
            self.east_words[word].add(sku)

    def near(self, word: str) -> tuple[str, ...]:
        """The keys of the catalogue words that `word` is most likely a slip for."""
        if len(word) < 4 or len(word) > 24:
            return ()
        if word not in self._near:
            if len(self._near) > 50_000:
                self._near.clear()
            self._near[word] = self._look_near(word)
        return self._near[word]

    def ending_in(self, word: str) -> tuple[str, ...]:
        """The keys of longer words that end as `word` does: "Leinenservietten" for "Servietten". A few at the most."""
        if len(word) < 5:
            return ()
        if word not in self._endings:
            if len(self._endings) > 50_000:
                self._endings.clear()
            self._endings[word] = self._look_ending(word)
        return self._endings[word]

    def _look_ending(self, word: str) -> tuple[str, ...]:
        if not _PLAIN.fullmatch(word):
            return ()
        stems = dict.fromkeys((word, word.removesuffix("n"), word.removesuffix("en"), word.removesuffix("s")))
        found: list[str] = []
        for stem in stems:
            tail = stem[::-1]
            at = bisect_left(self._backwards, tail)
            while len(stem) > 4 and at < len(self._backwards) and self._backwards[at].startswith(tail):
                if len(self._backwards[at]) > len(tail) + 2:
                    found.append(word_key(self._backwards[at][::-1]))
                at += 1
                if len(found) > _MOST_ENDINGS:
                    return ()
            if found:
                break
        return tuple(dict.fromkeys(found))

    def beginning_with(self, head: str, other: str) -> str | None:
        """The word that `head` begins and `other` ends like: "Feigen-" beside "Aprikosenmarmelade"."""
        at = bisect_left(self._sorted, head)
        for word in self._sorted[at : at + _MOST_ENDINGS]:
            if not word.startswith(head):
                return None
            if len(word) - len(head) > 3 and other.endswith(word[len(head) :]):
                return word
        return None

    def _look_near(self, word: str) -> tuple[str, ...]:
        if not _PLAIN.fullmatch(word):
            return ()
        allowed = 1 if len(word) < 8 else 2
        choices: list[str] = []
        if word.endswith("s") and len(word) > 5:
            singular = self._look_near(word[:-1])
            if singular:
                return singular
        for size in range(len(word) - allowed, len(word) + allowed + 1):
            choices += self._buckets.get((word[0], size), ())
            if len(word) > 4 and word[1] != word[0]:
                choices += self._buckets.get((word[1], size), ())
        from rapidfuzz import process  # 4 MB that web processes do without
        from rapidfuzz.distance import OSA

        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=allowed, limit=4)
        if not found:
            return ()
        best = found[0][1]
        return tuple(dict.fromkeys(word_key(choice) for choice, distance, _ in found if distance == best))

    def weight(self, keys: Iterable[str]) -> float:
        """How much these keys tell: rare words more than common ones."""
        return sum(self.weights.get(key, 0.0) for key in keys)


def _other_orders(low: str) -> list[str]:
    """How else a Japanese name is said: 'マグカップ大 青' is also 'マグカップ大の青', '青いマグカップ大' and '大きいマグカップの青'."""
    parts = low.split()
    if len(parts) < 2:
        return []
    head, tail = "".join(parts[:-1]), parts[-1]
    heads = [head]
    if size := _EAST_SIZES.get(head[-1]):
        heads += [f"{word}{head[:-1]}" for word in size]
    found = [f"{one}{tie}{tail}" for one in heads for tie in ("の", "")]
    if tail in lexicon.COLOURS:
        found += [f"{tail}{tie}{one}" for one in heads for tie in ("の", "い", "")]
    return found


_EAST_SIZES = {"大": ("大きい", "大きな"), "小": ("小さい", "小さな")}


def _tail(spelt: list[Token], tokens: list[Token]) -> tuple[str, ...]:
    return tuple(t.low for t in spelt if t.start >= tokens[-1].end and t.kind in ("word", "number"))


def _pairs(spelt: list[Token]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (a.key, b.key)
        for a, sign, b in zip(spelt, spelt[1:], spelt[2:], strict=False)
        if sign.low == "-" and a.kind == b.kind == "word" and a.end == sign.start and sign.end == b.start
    )


def _head(spelt: list[Token], tokens: list[Token]) -> tuple[str, ...]:
    head = [t for t in spelt if t.end <= tokens[0].start]
    glued = (
        len(head) == 2
        and head[1].low == "-"
        and head[1].end == tokens[0].start
        and head[0].end == head[1].start
    )
    return tuple(t.low for t in head) if glued and len(tokens) == 1 else ()


_PACK = re.compile(
    r"(?:set|box|pack|lot|pak|doos|caja|caixa|scatola|confezione|boite|karton|satz)\s?(?:of|de|da|di|van|mit|a|x)?\s?(\d{1,4})\b(?! ?(?:m?[lgm]|[ck][mgl]|liters?|litres?)\b)"
    r"|\b(\d{1,4})[ -]?(?:er|x)?[ -]?(?:set|pack|pcs|pieces|stuck|packung|er-set|er-pack|teilig)\b"
)


def _pack(low: str) -> int | None:
    found = _PACK.search(low)
    return int(found[1] or found[2]) if found else None
