"""Finds where a sentence names products: by SKU, by exact words, by some of the words, by words nearly the same.

An attribute that is left open (size, colour) makes a mention ambiguous, one that no product has makes it unknown;
it never picks the first.
"""

from __future__ import annotations

from collections.abc import Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.besides import attributes_after, attributes_before, guessed, sized
from checkout_desk.reading.catalogue import Catalogue, is_attribute
from checkout_desk.reading.codes import Mention, beside_names, find_skus, own_numbers
from checkout_desk.reading.eastern import named_in_east
from checkout_desk.reading.hits import (
    OF,
    Hit,
    as_verb,
    find_hit,
    longest_phrase,
    of_pack,
    packs,
    phrases_of,
    respelt,
)
from checkout_desk.reading.languages import COMMON
from checkout_desk.reading.resolving import attribute_kind, resolve
from checkout_desk.reading.tokens import Token

MOST_CANDIDATES = 12
_JOINING = frozenset("-/\"'(°º№#")
_AGED = frozenset("old aged alt alte alter alten oud oude d'age vieux".split())
_YEARS = frozenset(
    "year years yr yrs jahr jahre jahren ans an anos ano anni anno jaar month months monate mois meses mesi maanden".split()
)
_WITH = frozenset("with mit avec con com met".split())
_AND = frozenset("and und et y e en & + plus sowie with mit avec con com met or oder ou o of".split())


def _grouped(
    catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token], taken: set[int]
) -> list[list[int]]:
    """Runs of hits that can belong to one name: nothing but light words and hyphens between them."""
    groups: list[list[int]] = []
    current: list[int] = []
    i = 0
    while i < len(tokens):
        token, hit = tokens[i], hits.get(i)
        if token.soft and token.masked and hit and current and _together(catalogue, hits, current, hit):
            token.masked = False
        if i in taken or (token.masked and not (token.soft and current and token.low in _JOINING)):
            current = []
        elif token.low == "one" and current and tokens[i].kind == "word":
            pass
        elif token.kind == "number" and not (hit and current and _together(catalogue, hits, current, hit)):
            current = []
        elif (_unit_of(tokens, i, current) and not _so_many(catalogue, tokens, i)) or (
            current and token.low in _AGED
        ):
            pass
        elif hit and not (token.kind == "number" and not current):
            if current and _conflicts(hits, current, hit):
                current = []
            if not current:
                groups.append(current)
            current.append(i)
            i += hit.span - 1
        elif (
            (token.kind == "sign" and token.low not in _JOINING and token.low not in ")*")
            or token.kind == "east"
            or (token.low in _AND and token.low not in ("of", "o", "e", "en", "y"))
            or (
                token.kind == "word"
                and not (
                    token.low in lexicon.STOP
                    or token.low in lexicon.SIZE_WORDS
                    or token.low in lexicon.LIGHT
                    or token.low.endswith("'")
                )
            )
            or (
                token.low in ("e", "y", "en", "et", "und", "and")
                and not _ties(catalogue, hits, tokens, i, current)
            )
        ):
            current = []
        i += 1
    return groups


def _ties(
    catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token], i: int, group: list[int]
) -> bool:
    """Whether a word that joins two products elsewhere stands inside one name: "pull en laine"."""
    after = hits.get(i + 1)
    if after is None or not group or tokens[i + 1].kind != "word":
        return False
    found = set(phrases_of(catalogue, after))
    for at in group:
        if not all(is_attribute(key) for key in hits[at].keys):
            found &= phrases_of(catalogue, hits[at])
    return any(tokens[i].low in catalogue.phrases[number].light for number in found)


def _unit_of(tokens: Sequence[Token], i: int, current: list[int]) -> bool:
    """Whether a word only counts, as in "2 bags of sea salt", although some product is a bag."""
    return (
        not current
        and 0 < i < len(tokens) - 1
        and tokens[i].low in lexicon.UNITS
        and tokens[i - 1].kind == "number"
        and (tokens[i + 1].low in OF or tokens[i].low == "x" or packs(tokens, i))
    )


def _so_many(catalogue: Catalogue, tokens: Sequence[Token], i: int) -> bool:
    """Whether some product is called by that number of pieces: 'the 48 piece wooden puzzle'."""
    counted, pieces = (catalogue.postings.get(tokens[n].key, set()) for n in (i - 1, i))
    return tokens[i].low in lexicon.PIECES and bool(counted & pieces)


def _conflicts(hits: dict[int, Hit], group: list[int], hit: Hit) -> bool:
    """Whether a colour or size behind a named thing excludes the one before it: 'red pens for blue ones'."""
    if not all(is_attribute(key) for key in hit.keys):
        return False
    if all(is_attribute(key) for at in group for key in hits[at].keys):
        return False
    kinds = {
        attribute_kind(key): key
        for at in group
        for key in hits[at].keys
        if key[0] in "cs" and key[1:2] == ":"
    }
    return any(kinds.get(attribute_kind(key), key) != key for key in hit.keys)


def _together(catalogue: Catalogue, hits: dict[int, Hit], group: list[int], number: Hit) -> bool:
    """Whether some product has all these words and the number too; any other number is no part of the name."""
    found = set(phrases_of(catalogue, number))
    nouns = [at for at in group if not all(is_attribute(key) for key in hits[at].keys)]
    for at in nouns:
        found &= phrases_of(catalogue, hits[at])
    return bool(found and nouns)


def find_mentions(low: str, tokens: Sequence[Token], catalogue: Catalogue, shown: str) -> list[Mention]:
    """All mentions of products in one sentence, in order, none overlapping."""
    found = find_skus(low, tokens, catalogue, shown)
    taken = {i for m in found for i in range(m.first, m.last + 1)}
    found += named_in_east(tokens, MOST_CANDIDATES)
    hits = {i: hit for i in range(len(tokens)) if i not in taken and (hit := find_hit(catalogue, tokens, i))}
    _unmask_ages(catalogue, hits, tokens)
    for at in [i for i, hit in hits.items() if hit.keys[0][:2] == "s:" and of_pack(tokens, i)]:
        del hits[at]
    i = 0
    locked: list[tuple[int, int, list[int], int]] = []
    while i < len(tokens):
        match = longest_phrase(catalogue, hits, tokens, i) if i in hits and i not in taken else None
        if match:
            locked.append((i, *match))
            taken |= set(range(i, match[0] + 1))
            i = match[0]
        i += 1
    locked = [(a, with_tail(catalogue, tokens, b, ids), ids, slips) for a, b, ids, slips in locked]
    for first, last, _, _ in locked:
        taken |= set(range(first, last + 1))
        for token in tokens[first : last + 1]:
            token.masked = False
    for first, last, phrases, _ in locked:
        found.append(_exact(catalogue, hits, tokens, (first, last), phrases, taken))
    for group in _grouped(catalogue, hits, tokens, taken):
        found += _bag(catalogue, hits, tokens, group)
    covered = {i for m in found for i in range(m.first, m.last + 1)}
    for i in range(1, len(tokens)):  # "2 pairs size 8": a size of what was named before
        label = tokens[i - 1].low in lexicon.SIZE_WORDS or tokens[i - 1].low == "size"
        if label and i in hits and i not in covered and tokens[i].kind == "number" and sized(tokens, i):
            tokens[i].masked = True
            found.append(Mention(i - 1, i, (), 0.0, "attribute", hits[i].keys))
    found.sort(key=lambda m: (m.first, m.rule == "attribute"))
    ends = [max((m.last for m in found[:i] if m.rule != "attribute"), default=-1) for i in range(len(found))]
    found = [m for m, end in zip(found, ends, strict=True) if m.rule != "attribute" or m.first > end]
    own_numbers(tokens, catalogue, found)
    return beside_names(tokens, found)


def _unmask_ages(catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token]) -> None:
    """'20 year old tawny port': a span of time counts nothing, but it may tell which of two products is meant."""
    for i, token in enumerate(tokens):
        if not (token.soft and token.masked and token.kind == "number" and i in hits):
            continue
        goods = [j for j in range(i + 1, min(i + 6, len(tokens))) if j in hits and not tokens[j].masked]
        goods = [
            j for j in goods if tokens[j].kind == "word" and not all(is_attribute(k) for k in hits[j].keys)
        ]
        if goods and _together(catalogue, hits, goods[:1], hits[i]):
            for other in tokens[i : goods[0]]:
                other.masked = other.masked and not other.soft


def with_tail(catalogue: Catalogue, tokens: Sequence[Token], last: int, phrases: list[int]) -> int:
    """The last token of a name with the light words that end it: the "à thé" of "passoire à thé"."""
    best = last
    for number in phrases:
        tail = catalogue.phrases[number].tail
        if tail and tuple(t.low for t in tokens[last + 1 : last + 1 + len(tail)]) == tail:
            best = max(best, last + len(tail))
    return best


def _exact(
    catalogue: Catalogue,
    hits: dict[int, Hit],
    tokens: Sequence[Token],
    place: tuple[int, int],
    phrases: list[int],
    taken: set[int],
) -> Mention:
    """An exact phrase with the attributes around it: 'Earl Grey' followed by '250 g' is not the 100 g tin."""
    first, last = place
    inner = [hits[i] for i in range(first, last + 1) if i in hits]
    around = attributes_after(hits, tokens, last, taken, inner)
    before = attributes_before(hits, tokens, first, taken)
    skus, confidence, rule, words, pack = resolve(catalogue, [*before, *inner, *around], head_open=False)
    if not skus and around and guessed(tokens, around[-1]):
        around.pop()
        skus, confidence, rule, words, pack = resolve(catalogue, [*before, *inner, *around], head_open=False)
    if not skus and any(tokens[h.at].kind == "measure" for h in before):
        # '500 g of Earl Grey': how much, not which.
        before = [h for h in before if tokens[h.at].kind != "measure"]
        skus, confidence, rule, words, pack = resolve(catalogue, [*before, *inner, *around], head_open=False)
    if not skus and rule == "no-product":
        skus = tuple(dict.fromkeys(catalogue.phrases[i].sku for i in phrases))
        confidence, rule = 0.7, "name"
    first = before[0].at if before else first
    last = around[-1].at if around else last
    taken |= set(range(first, last + 1))
    keys = tuple(k for h in (*before, *inner, *around) for k in h.keys)
    return _finish(catalogue, tokens, Mention(first, last, skus, confidence, rule, keys, pack), words)


def _bag(
    catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token], group: list[int], *, parts: int = 3
) -> list[Mention]:
    """Words of one run that are not an exact name: some of the words of one product, or of several, or of none.

    `parts` are as many names as such a run may hold one behind the other.
    """
    members = [hits[i] for i in group]
    if all(is_attribute(k) for h in members for k in h.keys):
        keys = tuple(k for h in members for k in h.keys if k[0] in "csm")
        return [Mention(group[0], group[-1], (), 0.0, "attribute", keys)] if keys else []
    plain = [h for h in members if not all(is_attribute(k) for k in h.keys)]
    light = all(
        tokens[h.at].low in cues.NOT_GOODS
        or tokens[h.at].low in COMMON
        or tokens[h.at].low in lexicon.UNITS
        or tokens[h.at].low in lexicon.PAIRS
        for h in plain
    )
    # "2 tubes 26 inch" of a shop with inner tubes is no measure alone
    if light and not (plain and len(members) > len(plain) and len(resolve(catalogue, members)[0]) == 1):
        return _told_alone(members, plain)
    if len(group) == 1 and as_verb(tokens, group[0]):
        return []
    first = group[0]
    if first and _year(catalogue, hits, tokens, group):
        group = [first - 1, *group]
        members = [hits[first - 1], *members]
    elif first > 1 and _glued_size(catalogue, hits, tokens, group):
        group = [first - 2, *group]
        members = [hits[first - 2], *members]
    last = group[-1] + hits[group[-1]].span - 1
    after = attributes_after(hits, tokens, last, set(), members)
    skus, confidence, rule, words, pack = resolve(catalogue, [*members, *after])
    if not skus and after and guessed(tokens, after[-1]):
        after.pop()
        skus, confidence, rule, words, pack = resolve(catalogue, [*members, *after])
    keys = tuple(k for h in (*members, *after) for k in h.keys)
    if skus:
        end = after[-1].at if after else last
        return [_finish(catalogue, tokens, Mention(group[0], end, skus, confidence, rule, keys, pack), words)]
    if rule == "other-variant" and len(members) > 1 and tokens[members[0].at].kind == "measure":
        skus, confidence, rule, words, pack = resolve(catalogue, members[1:])
        if skus:  # "2 kg of apple treats": how much, not which
            mention = Mention(group[1], last, skus, min(confidence, 0.7), rule, keys, pack)
            return [_finish(catalogue, tokens, mention, words)]
    if rule == "no-product" and len(group) > 1 and (slips := respelt(catalogue, tokens, members)):
        skus, confidence, rule_, words, pack = resolve(catalogue, [*slips, *after])
        if skus:
            mention = Mention(group[0], last, skus, min(confidence, 0.75), rule_, keys, pack)
            return [_finish(catalogue, tokens, mention, words)]
    if rule == "no-product" and 1 < len(group) <= _LONGEST_RUN:
        if parts > 1 and (several := _parted(catalogue, hits, tokens, group, parts=parts - 1)):
            return several
        without = [m for m in (_drop(catalogue, members, h) for h in plain) if m]
        if len(without) == 1:
            skus, confidence, words, pack = without[0]
            mention = Mention(group[0], last, skus, min(confidence, 0.7), "name-and-more", keys, pack)
            return [_finish(catalogue, tokens, mention, words)]
    return [Mention(group[0], last, (), 0.0, rule, keys)]


_LONGEST_RUN = 16  # more words in a row are no names one behind the other, and would take long to part


def _parted(
    catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token], group: list[int], *, parts: int
) -> list[Mention]:
    """The names of a run that holds several, each whole; empty where it cannot be cut so."""
    for cut in range(1, len(group)):
        left = _bag(catalogue, hits, tokens, group[:cut], parts=1)
        aside = any(t.low == "(" for t in tokens[group[cut - 1] + 1 : group[cut]])
        if aside and left and left[0].skus:
            return left  # "chain oil (the big bottle)": the brackets tell of it, they name nothing more
        if len(left) != 1 or not _whole_name(left[0]):
            continue
        right = _bag(catalogue, hits, tokens, group[cut:], parts=parts)
        if right and all(_whole_name(m) for m in right):
            return [*left, *right]
    return []


def _whole_name(mention: Mention) -> bool:
    return bool(mention.skus) and mention.rule in ("name", "alias")


def _told_alone(members: Sequence[Hit], light: Sequence[Hit]) -> list[Mention]:
    """The colours and sizes behind words that only count: 'two pairs of black ones'."""
    told = [h for h in members if h not in light and h.at > max(o.at for o in light)] if light else []
    keys = tuple(k for h in told for k in h.keys if k[0] in "csm")
    return [Mention(told[0].at, told[-1].at, (), 0.0, "attribute", keys)] if keys else []


def _year(catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token], group: list[int]) -> bool:
    """Whether the number right before a name belongs to it: 'six of the 2021 Chablis', 'the 2027 planner', 'an 11 speed chain'."""
    number = group[0] - 1
    if tokens[number].kind != "number" or number not in hits or tokens[number].masked:
        return False
    counted = any(t.kind == "number" and not t.article for t in tokens[max(0, number - 5) : number])
    counted = (
        counted
        or 1990 <= (tokens[number].count or 0) <= 2099
        or tokens[number + 1].low in _YEARS
        or any(t.low in ("no", "nr", "n", "number", "nummer") for t in tokens[max(0, number - 2) : number])
        or (number > 0 and (tokens[number - 1].article or tokens[number - 1].low in _WITH))
    )
    return counted and _together(catalogue, hits, group, hits[number])


def _glued_size(
    catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token], group: list[int]
) -> bool:
    """'700x25c road tyres': a number glued by an x to what a name begins with is a size where some product has both."""
    number, times, after = tokens[group[0] - 2], tokens[group[0] - 1], tokens[group[0]]
    glued = (number.end == times.start and times.end == after.start) or len(number.low) > 2
    if (
        times.low not in ("x", "×")
        or not glued
        or number.kind != "number"
        or number.masked
        or group[0] - 2 not in hits
    ):
        return False
    return _together(catalogue, hits, group, hits[group[0] - 2])


def _drop(
    catalogue: Catalogue, members: Sequence[Hit], dropped: Hit
) -> tuple[tuple[str, ...], float, frozenset[str], int | None] | None:
    """What is named when one foreign word is left out, if the rest is a whole name of two words or more."""
    rest = [h for h in members if h is not dropped]
    if len(rest) < 2:
        return None
    skus, confidence, rule, words, pack = resolve(catalogue, rest)
    return (skus, confidence, words, pack) if len(skus) == 1 and rule in ("name", "alias") else None


def _finish(
    catalogue: Catalogue, tokens: Sequence[Token], mention: Mention, words: frozenset[str]
) -> Mention:
    """Note what the quantity must know: pack sizes, and whether the noun has the catalogue's own form."""
    if len(mention.skus) > MOST_CANDIDATES:
        mention.skus, mention.rule = (), "too-many"
        return mention
    if mention.pack:
        mention.pack_said = f"n:{mention.pack}" in mention.keys
    if mention.skus:
        surfaces: set[str] = set()
        for number in set().union(
            *(catalogue.postings.get(k, set()) for k in mention.keys if not is_attribute(k))
        ):
            if catalogue.phrases[number].sku in mention.skus:
                surfaces |= catalogue.phrases[number].surfaces
        said = [t.low for t in tokens[mention.first : mention.last + 1] if t.kind == "word" and not is_attribute(t.key)
                and t.low not in lexicon.STOP and t.low not in lexicon.SIZE_WORDS and t.low not in ("one", "ones")]  # fmt: skip
        mention.catalogue_form = all(word in surfaces for word in said) if surfaces else True
        if "corrected" in mention.rule:
            mention.catalogue_form = not said or not said[-1].endswith("s")
    return mention
