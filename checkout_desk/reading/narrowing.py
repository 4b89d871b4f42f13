"""Which of several products is meant, by what stands behind the name: 'the 0.6', 'the one with 48 pieces', 'two in size 7'."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection

from checkout_desk.reading import lexicon
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.quantities import LABELS, Amount
from checkout_desk.reading.sentence import Sentence, common
from checkout_desk.reading.tokens import Token

_NUMBER_ALONE = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?)(?:s|er|ers)?")
_POINTS = frozenset(
    "with mit avec con com met the ( der die das den dem le la les el los las il lo i gli de het do os as in".split()
)


def narrow_by_number(here: Sentence) -> None:
    """'A teapot (the 0.6)', 'the Yirgacheffe 250s': a bare number that stands in the name of one candidate only."""
    catalogue = here.scene.catalogue
    for mention in here.mentions:
        if not 1 < len(mention.skus) <= 12 or mention.rule == "attribute":
            continue
        if mention.first and (
            _sized_before(here, mention) or _packed_before(here, mention) or _pieces_before(here, mention)
        ):
            continue
        counted = _counted(here, mention)
        for at in range(mention.last + 1, min(mention.last + 5, len(here.tokens))):
            token, before = here.tokens[at], here.tokens[at - 1]
            number = _NUMBER_ALONE.fullmatch(token.low)
            if number is None:
                label = (
                    counted and at == mention.last + 1 and token.kind == "word" and token.low not in LABELS
                )
                label = label and token.low not in lexicon.UNITS and not token.masked
                if not label and token.low not in _POINTS and token.low not in "(,-" and token.low != "one":
                    break
                continue
            pointed = before.low in _POINTS - {"("} or not number[0].isdigit()
            pointed = pointed or (
                counted and before.kind == "word" and before.low not in lexicon.CONJUNCTIONS
            )
            behind = here.tokens[at + 1] if at + 1 < len(here.tokens) else None
            own = (
                behind is not None
                and behind.kind == "word"
                and not common(behind.low)
                and not _foreign(here, mention, behind)
            )
            alone = counted and before.low in ",(" and (behind is None or behind.kind == "sign")
            pointed = pointed or own or alone  # "100 pieces"; "one leather belt, 90"
            if not pointed or token.masked or (behind is not None and _foreign(here, mention, behind)):
                break
            said = number[1].replace(",", ".")
            named = [sku for sku in mention.skus if said in _numbers_in(catalogue.entries[sku].name)]
            if len(named) == 1:
                mention.skus, mention.last = (named[0],), at + own
                mention.confidence = min(mention.confidence, 0.82)
                _use(here, at)
            break


_BIGGER = re.compile(
    r"\b(?:big(?:ger|gest)?|larger?|largest|gross(?:e[nrs]?|ere?[nrs]?|te[nrs]?)?|grand[es]?|grandes?|maior(?:es)?|mayor(?:es)?|piu grande|grot(?:e|ere?|ste))\b"
)
_SMALLER = re.compile(
    r"\b(?:small(?:er|est)?|little|klein(?:e[nrs]?|ere?[nrs]?|ste[nrs]?)?|petit[es]?|petites?|pequen[oa]s?|menor(?:es)?|piccol[oaie]|piu piccol[oa])\b"
)
_ASIDE_SIZE = re.compile(
    r"\W{0,3}(?:of )?(?:the|der|die|das|den|dem|la|le|les|el|los|las|il|lo|i|gli|de|het|o|a|as|os) (?:\w+ )?"
)


def narrow_by_size(here: Sentence) -> None:
    """'Chain oil, the bigger bottle': of two that differ by a measure, the larger or the smaller one; a person says so."""
    catalogue = here.scene.catalogue
    for mention in here.mentions:
        if len(mention.skus) != 2 or mention.rule in ("attribute", "split"):
            continue
        size = {sku: _measure(catalogue.attributes[sku]) for sku in mention.skus}
        (one, first), (other, second) = size.items()
        if first is None or second is None or first[1] != second[1] or first[0] == second[0]:
            continue
        begin = here.tokens[mention.last].end
        behind = here.low[begin : min(begin + 28, here.tokens[-1].end)]
        word = _BIGGER.search(behind) or _SMALLER.search(behind)
        if word is None or not _ASIDE_SIZE.fullmatch(behind[: word.start()]):
            before = [t.low for t in here.tokens[max(0, mention.first - 2) : mention.last]]
            sized = [m for low in before if (m := _BIGGER.fullmatch(low) or _SMALLER.fullmatch(low))]
            word = sized[0] if len(sized) == 1 else None  # "the small cast iron teapot"
        if word is None:
            continue
        larger = one if first[0] > second[0] else other
        smaller = other if larger == one else one
        mention.skus = (larger if _BIGGER.fullmatch(word[0]) else smaller,)
        mention.confidence = min(mention.confidence, 0.75)


def narrow_by_dimension(here: Sentence) -> None:
    """'vis M8 x 60' beside a product called 'vis M8 x 40': the number behind the x tells which one, it counts nothing."""
    catalogue = here.scene.catalogue
    for mention in here.mentions:
        _begun_before(here, mention)
        at = mention.last + (1 if here.tokens[mention.last].low == "x" else 2)
        if at >= len(here.tokens) or here.tokens[at - 1].low != "x" or here.tokens[at].kind != "number":
            continue
        crossed = catalogue.postings.get("x", set()) & catalogue.postings.get(here.tokens[at - 2].key, set())
        if not here.tokens[at - 2].low[-1:].isdigit() or not any(
            catalogue.phrases[n].sku in mention.skus for n in crossed
        ):
            continue
        named = {
            catalogue.phrases[n].sku for n in crossed & catalogue.postings.get(here.tokens[at].key, set())
        }
        mention.skus, mention.last = tuple(sorted(named))[:12], at
        mention.confidence = min(mention.confidence, 0.75)
        mention.rule = "part-of-name" if named else "other-variant"
        here.amounts[:] = [a for a in here.amounts if a.first != at]


def _begun_before(here: Sentence, mention: Mention) -> None:
    """'700 x 28c road tyres' of a tyre 700x28c: what stands before the x is its size as well."""
    at = mention.first - 2
    if at < 0 or here.tokens[at + 1].low != "x" or here.tokens[at].kind != "number":
        return
    postings, phrases = here.scene.catalogue.postings, here.scene.catalogue.phrases
    crossed = postings.get("x", set()) & postings.get(here.tokens[at].key, set())
    if any(phrases[number].sku in mention.skus for number in crossed):
        mention.first = at
        here.amounts[:] = [a for a in here.amounts if a.first != at]


def narrow_in_east(here: Sentence) -> None:
    """'木製ボタンも2セット…、サイズは15mmで': a measure said behind a name that could be several."""
    for left, right in itertools.pairwise(here.mentions):
        if (
            len(left.skus) < 2
            or right.rule != "attribute"
            or not all(key.startswith("e:") for key in left.keys)
        ):
            continue
        has = here.scene.catalogue.attributes
        named = [sku for sku in left.skus if any(key in has[sku] for key in right.keys)]
        if len(named) == 1:
            left.skus, left.confidence, right.rule = (named[0],), min(left.confidence, 0.82), "split"
    for left, right in itertools.pairwise(here.mentions):
        between = here.low[here.tokens[left.last].end : here.tokens[right.first].start]
        if (
            left.rule != "attribute"
            or len(right.skus) < 2
            or not between.startswith("の")
            or len(between) > 3
        ):
            continue
        has = here.scene.catalogue.attributes
        named = [sku for sku in right.skus if any(key in has[sku] for key in left.keys)]
        if len(named) == 1:  # "黒の革ストラップ"
            right.skus, right.confidence, left.rule = (named[0],), min(right.confidence, 0.82), "split"


def narrow_by_weight(here: Sentence) -> None:
    """'One kilo of the 36 month Parmesan': of two sizes of one thing the one that holds just that."""
    catalogue = here.scene.catalogue
    for mention in here.mentions:
        at = mention.first - 1
        while at > 0 and mention.first - at <= 3 and (here.tokens[at].low in lexicon.LIGHT):
            at -= 1
        if not 1 < len(mention.skus) <= 12 or at < 0:
            continue
        token = here.tokens[at]
        named = [sku for sku in mention.skus if token.key in catalogue.attributes[sku]]
        of = mention.first - at > 1 or not token.low[:1].isdigit()
        if token.kind != "measure" or not of or not named or len(named) == len(mention.skus):
            continue
        for other in here.mentions:
            if other.rule == "attribute" and other.first <= at <= other.last:
                other.rule = "split"
        mention.skus, mention.first, mention.keys = tuple(named), at, (token.key, *mention.keys)
        mention.confidence = min(mention.confidence, 0.78)


def _measure(keys: Collection[str]) -> tuple[float, str] | None:
    """The only measure of a product as number and unit; None where it has none or several."""
    found = [m for key in keys if (m := re.fullmatch(r"m:([\d.]+)(\D+)", key))]
    return (float(found[0][1]), found[0][2]) if len(found) == 1 else None


def _sized_before(here: Sentence, mention: Mention) -> bool:
    """'Die 6er Bohrer': a number with "er" right in front of a name tells which one is meant."""
    token, after = here.tokens[mention.first - 1], here.tokens[mention.first]
    if token.kind != "number" or not here.low.startswith("er ", token.end) or after.start - token.end > 3:
        return False
    catalogue = here.scene.catalogue
    named = [sku for sku in mention.skus if token.low in _numbers_in(catalogue.entries[sku].name)]
    if len(named) == 1:
        mention.skus, mention.confidence = (named[0],), min(mention.confidence, 0.85)
    return len(named) == 1


def _packed_before(here: Sentence, mention: Mention) -> bool:
    """'Two boxes of 24 wax crayons': how many one pack holds tells which is meant."""
    sizes = [a.of_size for a in here.amounts if a.of_size and a.last == mention.first - 1]
    entries = here.scene.catalogue.entries
    named = [sku for sku in mention.skus if sizes and str(sizes[0]) in _numbers_in(entries[sku].name)]
    if len(named) == 1:
        mention.skus, mention.confidence = (named[0],), min(mention.confidence, 0.85)
        mention.keys = (*mention.keys, f"n:{sizes[0]}")
        mention.pack, mention.pack_said = sizes[0], True
    return len(named) == 1


def _pieces_before(here: Sentence, mention: Mention) -> bool:
    """'The 48 piece wooden puzzle': a number of pieces that one of the candidates has."""
    token = here.tokens[mention.first - 1]
    if token.kind != "number" or token.masked or here.tokens[mention.first].low not in lexicon.UNITS:
        return False
    entries = here.scene.catalogue.entries
    named = [sku for sku in mention.skus if token.low in _numbers_in(entries[sku].name)]
    if len(named) == 1:
        mention.skus, mention.confidence = (named[0],), min(mention.confidence, 0.85)
        mention.first, mention.catalogue_form = mention.first - 1, True
        here.amounts[:] = [a for a in here.amounts if a.first != mention.first]
    return len(named) == 1


def _foreign(here: Sentence, mention: Mention, behind: Token) -> bool:
    """Whether the word behind a number is counted by it: any but light ones and '100 pieces' of the name itself."""
    if behind.kind not in ("word", "number") or common(behind.low):
        return False
    catalogue = here.scene.catalogue
    return not any(catalogue.phrases[n].sku in mention.skus for n in catalogue.postings.get(behind.key, ()))


def _counted(here: Sentence, mention: Mention) -> bool:
    """Whether an amount stands before a product: then a number behind it, 'a water bottle 750', may tell which one."""
    at = mention.first - 1
    ends = {a.last for a in here.amounts if not a.old}
    while at >= 0 and at not in ends:
        if here.tokens[at].low not in lexicon.UNITS and here.tokens[at].low not in lexicon.LIGHT:
            return False
        at -= 1
    return at >= 0


def _use(here: Sentence, at: int) -> None:
    for amount in here.amounts:
        if amount.first == at:
            amount.used = True


_POINTED = r"(?:the|der|die|das|den|dem|la|le|les|el|los|las|il|lo|i|gli|de|het|o|a|os|as|cel\w{2,3}|ceux|quell\w|aquel\w{1,3})"
_SIZED = r"(?:big(?:ger)?|large[r]?|small(?:er)?|gross\w*|klein\w*|grande?s?|petite?s?|pequen\w*|piccol\w|grote?|kleine?|ones?|\w*box(?:es)?|\w*packs?|sets?|\w*packung(?:en)?|schachteln?|boites?|cajas?|scatol\w|doz?os|caixas?)"
# ", the big ones with 24", ", das mit 48 Teilen": behind a product it tells which one is meant.
_ASIDE_WITH = re.compile(
    rf"[^\d,.;:!?()\n]{{0,40}}[,(-] ?{_POINTED} (?:{_SIZED} ){{0,3}}(?:with|mit|avec|a|de|of|con|com|met|von|van|da|di|zu) (?P<number>\d{{1,4}})\b"
)


def narrow_by_aside(here: Sentence) -> None:
    """'2 boxes of crayons, the big ones with 24': what is said behind a product that could be several ones."""
    catalogue = here.scene.catalogue
    for at, mention in enumerate(here.mentions):
        if not 1 < len(mention.skus) <= 12 or mention.rule in ("attribute", "split"):
            continue
        last = mention.last
        while last > mention.first and here.tokens[last].key.startswith("s:"):
            last -= 2 + (here.tokens[last - 2].low in ",(-")  # "crayons, the big" is taken as one
        begin = here.tokens[max(last, mention.first)].end
        aside = _ASIDE_WITH.match(here.low, begin, here.tokens[-1].end)
        if aside is None:
            continue
        inside = [m for m in here.mentions[at + 1 :] if here.tokens[m.first].start < aside.end() + 2]
        named = [sku for sku in mention.skus if aside["number"] in _numbers_in(catalogue.entries[sku].name)]
        if len(named) != 1 or any(
            m.skus and not set(named) <= set(m.skus) <= set(mention.skus) for m in inside
        ):
            continue
        mention.skus, mention.confidence = (named[0],), min(mention.confidence, 0.85)
        for other in inside:
            other.rule = "split"
        _use(here, next((i for i, t in enumerate(here.tokens) if t.start == aside.start("number")), -1))


def _numbers_in(name: str) -> set[str]:
    return {n.replace(",", ".") for n in re.findall(r"\d{1,4}(?:[.,]\d{1,2})?", name)}


_SINGLE = frozenset("the der die das den dem le la el il lo o a de het l'".split())
_OTHER = frozenset("other otra otro autre altra altro outra outro andere anderen anderer".split())
_IN_SIZE = lexicon.SIZE_WORDS | frozenset(
    "in en em a zu of de von van da di mit with size grosse gr number nr no n the der die das el la le les il".split()
)


def spread(here: Sentence) -> None:
    """'Riding gloves: 2 pairs in 7 and 3 pairs in 8': each number behind a size counts the product of that size."""
    catalogue = here.scene.catalogue
    for at, mention in enumerate(list(here.mentions)):
        if not 1 < len(mention.skus) <= 12 or mention.rule in ("attribute", "split"):
            continue
        stop = next((m.first for m in here.mentions[at + 1 :] if m.skus), len(here.tokens))
        parts: list[tuple[Amount, Mention]] = []
        for amount in here.amounts:
            if not mention.last < amount.first < stop or amount.used or amount.old or not amount.count:
                continue
            size = _size_behind(here, amount.last + 1, stop)
            said = here.tokens[size].low.replace(",", ".").removesuffix("s") if size else ""
            named = [sku for sku in mention.skus if said in _numbers_in(catalogue.entries[sku].name)]
            if size and len(named) == 1:
                sure = min(mention.confidence, 0.85)
                parts.append(
                    (
                        amount,
                        Mention(
                            amount.last + 1, size, (named[0],), sure, "noun-from-neighbour", mention.keys
                        ),
                    )
                )
                _use(here, size)
        counts = [amount.count or 0 for amount, _ in parts]
        if not parts or len({m.skus for _, m in parts}) < len(parts):
            continue
        whole = [
            a for a in here.amounts if a.last < mention.first and not a.used and mention.first - a.last <= 3
        ]
        if whole:
            whole[-1].used = True
            if whole[-1].count != sum(counts):
                for _, part in parts:
                    part.confidence = min(part.confidence, 0.7)
        mention.rule = "split"
        here.mentions += [part for _, part in parts]
    here.mentions.sort(key=lambda m: m.first)


def share_out(here: Sentence) -> None:
    """'Two sketchbooks - one A5, one A4': parts that make up the whole, each one of the products that it could be."""
    for at, mention in enumerate(here.mentions):
        if not 1 < len(mention.skus) <= 12 or mention.rule in ("attribute", "split"):
            continue
        whole = next((a for a in here.amounts if 0 < mention.first - a.last <= 3 and a.count), None)
        parts: list[tuple[Mention, str, int]] = []
        for part in here.mentions[at + 1 :]:
            count = _each(here, part)
            inside = set(part.skus) & set(mention.skus)
            if part.rule == "attribute":
                has = here.scene.catalogue.attributes
                inside = {sku for sku in mention.skus if any(key in has[sku] for key in part.keys)}
            if not count or len(inside) != 1 or part.rule == "split":
                break
            parts.append((part, inside.pop(), count))
        counts = sum(count for *_, count in parts)
        if whole is None or whole.used or len(parts) < 2 or counts != whole.count:
            continue
        whole.used, mention.rule = True, "split"
        for part, sku, _ in parts:
            part.skus, part.rule = (sku,), "noun-from-neighbour"
            part.confidence = min(mention.confidence, 0.85)


def _each(here: Sentence, part: Mention) -> int:
    """How many of a part are said right before it: 'one A5', 'una de higuera y otra de lavanda'; 0 for none."""
    at = part.first - 1
    if at > 0 and here.tokens[at].low in ("of", "de", "di", "in", "en", "mit", "von", "van"):
        at -= 1
    if at >= 0 and here.tokens[at].low in _OTHER | _SINGLE:
        return 1
    return next((a.count or 0 for a in here.amounts if a.last == at), 0)


def _size_behind(here: Sentence, at: int, stop: int) -> int | None:
    """The number that follows 'in size' behind an amount: its place, or None."""
    begin = at
    while at < stop and here.tokens[at].low in _IN_SIZE:
        at += 1
    found = at > begin and at < stop and _NUMBER_ALONE.fullmatch(here.tokens[at].low) is not None
    return at if found and not here.tokens[at].masked else None
