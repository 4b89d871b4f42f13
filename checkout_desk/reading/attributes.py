"""Colours, sizes and measures without a noun, which borrow it from their neighbour: '2 blue and 3 red mugs'."""

from __future__ import annotations

import itertools
import re

from checkout_desk.reading import lexicon
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.changing import swap_middle
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.counting import amount_before
from checkout_desk.reading.hits import Hit
from checkout_desk.reading.quantities import LABELS, Amount
from checkout_desk.reading.resolving import resolve
from checkout_desk.reading.sentence import Sentence, common

_MAY_FOLLOW = frozenset(
    "one ones please pls bitte svp merci thanks and und et y e en or oder ou o of sowie plus as in for fur pour para per voor to instead statt von de each"
    " je s'il por graag grazie gracias obrigado aub too also noch dazu aussi tambien anche ook instead from rather not nicht pas no non niet but aber mais"
    " pero ma version colour color farbe couleur kleur colore cor variante model modell modele modelo modello edition pair pairs paar paire kind sort variety"
    " bestellen haben nehmen hebben size grosse taille talla maat is are was".split()
)
_OR = frozenset("or oder ou o oppure of か".split())
_FIELDS = frozenset(
    "color colour size farbe grosse couleur taille talla cor tamanho colore taglia kleur maat variant variante".split()
)
_ROMANCE = frozenset(("fr", "es", "pt", "it"))


def complete_attributes(here: Sentence) -> None:
    """'2 blue and 3 red mugs', 'mugs: 2 blue, 3 red': a colour or size alone borrows the noun of its neighbour."""
    for number, mention in enumerate(here.mentions):
        if mention.rule != "attribute":
            continue
        if beside_unknown(here, mention) or _of_a_pack(here, number):
            continue
        row = _amount_of_row(here, mention)
        amount = amount_before(here, number, mention)[0] or row
        after = next((m for m in here.mentions[number + 1 :] if m.rule != "attribute"), None)
        before = next((m for m in reversed(here.mentions[:number]) if m.rule not in ("attribute",)), None)
        near = (after if amount and not before else None, before, after if amount else None)
        heads = [(m.keys, m.confidence) for m in near if m]
        parent = here.scene.last
        wished = amount and (row or here.clause(here.tokens[mention.first]).mood == "order")
        field = len(here.tokens) > 2 and here.tokens[0].low in _FIELDS and here.tokens[1].low in ":-="
        if not before and parent and parent.keys and (not parent.seen or wished or field):
            heads.append((parent.keys, parent.confidence if not heads else min(parent.confidence, 0.7)))
        for keys, sure in heads:
            if borrow(here, mention, keys):  # a borrowed noun is no surer than the one it was borrowed from
                mention.confidence = min(mention.confidence, sure) if sure else mention.confidence
                break
        if mention.rule == "attribute":
            continue
        if _or_the_other(here, before, mention):
            continue
        if not before and not after and parent and parent.seen:  # "the red mugs came, now three blue ones"
            mention.confidence = min(mention.confidence, 0.7)
            continue
        if before and mention.skus and len(before.skus) > 1 and set(mention.skus) <= set(before.skus):
            counted = amount_before(here, here.mentions.index(before), before)[0]
            if counted and not amount and here.mentions[number - 1] is before:
                before.skus, before.confidence = mention.skus, min(before.confidence, 0.85)
                mention.rule = "split"  # "12 bottles of brut (the normal ones, 75 cl)"
            else:
                before.rule = "split"
        elif not before and not after and parent and set(mention.skus) < set(parent.skus) and not amount:
            parent.skus, parent.rule = mention.skus, "attribute-said-later"
            parent.confidence = min(parent.confidence, 0.85)
            mention.rule = "split"
        elif not before and not after and parent and not amount:
            mention.rule = "split"
        elif not before and not after and parent and set(mention.skus) < set(parent.skus) and amount:
            parent.seen = True


def _or_the_other(here: Sentence, before: Mention | None, mention: Mention) -> bool:
    """'A ball, red or blue': both are candidates of one wish."""
    if before is None or not before.skus or len(here.tokens) <= before.last + 1:
        return False
    between = [t.low for t in here.tokens[before.last + 1 : mention.first] if t.kind == "word"]
    if len(between) != 1 or between[0] not in _OR or not is_attribute(here.tokens[before.last].key):
        return False
    before.skus = tuple(dict.fromkeys((*before.skus, *mention.skus)))
    before.last, mention.rule = mention.last, "split"
    return True


def _amount_of_row(here: Sentence, mention: Mention) -> Amount | None:
    """The number of a line that holds a size or colour and nothing else: 'S - 2', 'blue: 3'."""
    plain = [a for a in here.amounts if not a.article]
    alone = len(here.mentions) == 1 and len(plain) == 1 and mention.first == 0 and plain[0].first > 0
    words = [
        t for t in here.tokens if t.kind == "word" and t.low not in lexicon.UNITS and t.low not in LABELS
    ]
    return plain[0] if alone and len(words) == 1 else None


def _of_a_pack(here: Sentence, number: int) -> bool:
    """Whether a size describes the pack of the next product: 'the large bag of sencha'."""
    mention = here.mentions[number]
    if number + 1 == len(here.mentions):
        return False
    between = [t.low for t in here.tokens[mention.last + 1 : here.mentions[number + 1].first]]
    return (
        bool(between)
        and between[0] in lexicon.UNITS
        and all(w in lexicon.UNITS or w in lexicon.LIGHT for w in between)
    )


def complete_variants(here: Sentence) -> None:
    """'Sketchbook A5 and A4': a word that tells variants apart borrows the rest of the name before it."""
    for before, mention in itertools.pairwise(here.mentions):
        between = here.tokens[before.last + 1 : mention.first]
        if (
            len(before.skus) != 1
            or len(mention.skus) == 1
            or len(mention.keys) != 1
            or mention.rule == "attribute"
        ):
            continue
        swapped = swap_middle(here.text) is not None and len(between) <= 4
        if not between or not (
            swapped or all(t.low in lexicon.CONJUNCTIONS or t.low in ",/&+" for t in between)
        ):
            continue
        found: set[str] = set()
        for left_out in before.keys:
            keys = [*(k for k in before.keys if k != left_out), *mention.keys]
            skus, _, rule, _, _ = resolve(here.scene.catalogue, [Hit(-1, (k,)) for k in keys])
            if len(skus) == 1 and (rule in ("name", "alias") or (swapped and set(skus) < set(mention.skus))):
                found |= set(skus)
        if len(found) == 1:
            mention.skus, mention.confidence, mention.rule = tuple(found), 0.85, "noun-from-neighbour"


_NUMBER_ALONE = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?)(?:s|er|ers)?")
_POINTS = frozenset("the ( der die das den dem le la les el los las il lo i gli de het do os as in".split())


def narrow_by_number(here: Sentence) -> None:
    """'A teapot (the 0.6)', 'the Yirgacheffe 250s': a bare number that stands in the name of one candidate only."""
    catalogue = here.scene.catalogue
    for mention in here.mentions:
        if not 1 < len(mention.skus) <= 12 or mention.rule == "attribute":
            continue
        for at in range(mention.last + 1, min(mention.last + 5, len(here.tokens))):
            token, before = here.tokens[at], here.tokens[at - 1]
            number = _NUMBER_ALONE.fullmatch(token.low)
            if number is None:
                if token.low not in _POINTS and token.low not in "(,-" and token.low != "one":
                    break
                continue
            pointed = before.low in _POINTS - {"("} or not number[0].isdigit()
            behind = here.tokens[at + 1] if at + 1 < len(here.tokens) else None
            if (
                not pointed
                or token.masked
                or (behind is not None and behind.kind in ("word", "number") and not common(behind.low))
            ):
                break
            said = number[1].replace(",", ".")
            named = [sku for sku in mention.skus if said in _numbers_in(catalogue.entries[sku].name)]
            if len(named) == 1:
                mention.skus, mention.last = (named[0],), at
                mention.confidence = min(mention.confidence, 0.82)
            break


_POINTED = r"(?:the|der|die|das|den|dem|la|le|les|el|los|las|il|lo|i|gli|de|het|o|a|os|as|cel\w{2,3}|ceux|quell\w|aquel\w{1,3})"
_SIZED = r"(?:big(?:ger)?|large[r]?|small(?:er)?|gross\w*|klein\w*|grande?s?|petite?s?|pequen\w*|piccol\w|grote?|kleine?|ones?|\w*box(?:es)?|\w*packs?|sets?|\w*packung(?:en)?|schachteln?|boites?|cajas?|scatol\w|doz?os|caixas?)"
# ", the big ones with 24", ", das mit 48 Teilen": behind a product it tells which one is meant.
_ASIDE_WITH = re.compile(
    rf"[^\d,.;:!?()\n]{{0,40}}[,(-] ?{_POINTED} (?:{_SIZED} ){{0,3}}(?:with|mit|avec|a|de|of|con|com|met|von|da|di|zu) (?P<number>\d{{1,4}})\b"
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
        inside = [m for m in here.mentions[at + 1 :] if here.tokens[m.first].start < aside.end()]
        named = [sku for sku in mention.skus if aside["number"] in _numbers_in(catalogue.entries[sku].name)]
        if len(named) != 1 or any(m.skus and not set(named) <= set(m.skus) <= set(mention.skus) for m in inside):
            continue
        mention.skus, mention.confidence = (named[0],), min(mention.confidence, 0.85)
        for other in inside:
            other.rule = "split"
        for amount in here.amounts:
            if here.tokens[amount.first].start == aside.start("number"):
                amount.used = True


def _numbers_in(name: str) -> set[str]:
    return {n.replace(",", ".") for n in re.findall(r"\d{1,4}(?:[.,]\d{1,2})?", name)}


def _may_follow(here: Sentence, mention: Mention, word: str) -> bool:
    named = any(m.rule != "attribute" and m.skus and m.last < mention.first for m in here.mentions)
    if swap_middle(here.text) is not None:
        return True
    return word in _MAY_FOLLOW or (named and common(word) and word != "thank")


def beside_unknown(here: Sentence, mention: Mention) -> bool:
    """Whether a colour or a measure belongs to a noun that no product has: 'three green parasols'."""
    after = here.tokens[mention.last + 1] if mention.last + 1 < len(here.tokens) else None
    before = here.tokens[mention.first - 1] if mention.first else None
    measure = mention.keys[0][0] == "m"
    if (
        after is not None
        and after.kind == "word"
        and not (after.masked or measure or _may_follow(here, mention, after.low))
    ):
        return True
    named = before is not None and any(
        m.first <= mention.first - 1 <= m.last and m.skus for m in here.mentions
    )
    if before is None or before.kind != "word" or before.masked or named or common(before.low):
        return False
    if before.low in lexicon.TIMES or len(before.low) < 4 or before.low in _MAY_FOLLOW:
        return False
    return measure or here.scene.language in _ROMANCE


def borrow(here: Sentence, mention: Mention, keys: tuple[str, ...]) -> bool:
    """Name with the words of a neighbour and the attribute of `mention`; whether that fits a product."""
    kinds = {k[0] for k in mention.keys}
    whole = [k for k in keys if k[0] not in kinds or not is_attribute(k)] + list(mention.keys)
    if not any(not is_attribute(k) for k in whole):
        return False
    skus, confidence, _, _, pack = resolve(here.scene.catalogue, [Hit(-1, (k,)) for k in whole])
    if not skus or len(skus) > 12:
        return False
    catalogue = here.scene.catalogue
    for key in mention.keys:  # "a hose and gloves size L": no hose has a size L
        if not set(skus) <= {catalogue.phrases[n].sku for n in catalogue.postings.get(key, ())}:
            return False
    mention.skus, mention.confidence, mention.pack = skus, min(confidence, 0.88), pack
    mention.rule, mention.keys = "noun-from-neighbour", tuple(whole)
    return True
