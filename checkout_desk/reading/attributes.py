"""Colours, sizes and measures without a noun, which borrow it from their neighbour: '2 blue and 3 red mugs'."""

from __future__ import annotations

import itertools

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.catalogue import Catalogue, is_attribute
from checkout_desk.reading.changing import swap_middle
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.counting import amount_before
from checkout_desk.reading.hits import Hit
from checkout_desk.reading.quantities import LABELS, Amount
from checkout_desk.reading.resolving import by_size, resolve
from checkout_desk.reading.sentence import Sentence, common

_MAY_FOLLOW = frozenset(
    "one ones please pls bitte svp merci thanks and und et y e en or oder ou o of sowie plus as in for fur pour para per voor to instead statt von de each"
    " je s'il por graag grazie gracias obrigado aub too also noch dazu aussi tambien anche ook instead from rather not nicht pas no non niet but aber mais"
    " pero ma version colour color farbe couleur kleur colore cor variante model modell modele modelo modello edition pair pairs paar paire kind sort variety"
    " bestellen haben nehmen hebben willen kaufen bekommen kopen bestellen avoir commander prendre acheter pedir comprar tener encomendar ordinare prendere avere twin size grosse taille talla maat is are was"
    " altrettanti altrettante autant tantos tantas evenveel ebensoviele genausoviele number quantity menge anzahl many viele viel".split()
)
_OR = frozenset("or oder ou o oppure of か".split())
_FIELDS = frozenset(
    "color colour size farbe grosse couleur taille talla cor tamanho colore taglia kleur maat variant variante".split()
)
_ROMANCE = frozenset(("fr", "es", "pt", "it"))


def complete_attributes(here: Sentence) -> None:
    """'2 blue and 3 red mugs', 'mugs: 2 blue, 3 red': a colour or size alone borrows the noun of its neighbour."""
    _join_asides(here)
    refused: set[int] = set()
    for number, mention in enumerate(here.mentions):
        if mention.rule != "attribute":
            continue
        earlier = [m for m in here.mentions[:number] if m.rule != "attribute" and id(m) not in refused]
        before = earlier[-1] if earlier else None
        if before and _but_not(here, before, mention):
            refused.add(id(mention))
            continue
        if beside_unknown(here, mention) or _of_a_pack(here, number):
            continue
        row = _amount_of_row(here, mention)
        amount = amount_before(here, number, mention)[0] or row
        after = next((m for m in here.mentions[number + 1 :] if m.rule != "attribute"), None)
        near = (after if amount and not before else None, before, after if amount else None)
        heads = [(own_words(here.scene.catalogue, m.keys, m.skus), m.confidence) for m in near if m]
        parent = here.scene.last
        wished = amount and (row or here.clause(here.tokens[mention.first]).mood == "order")
        field = len(here.tokens) > 2 and here.tokens[0].low in _FIELDS and here.tokens[1].low in ":-="
        if not before and parent and parent.keys and (not parent.seen or wished or field):
            keys = own_words(here.scene.catalogue, parent.keys, parent.skus)
            heads.append((keys, parent.confidence if not heads else min(parent.confidence, 0.7)))
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
            nearest = next(m for m in reversed(here.mentions[:number]) if id(m) not in refused)
            if counted and not amount and nearest is before:
                before.skus, before.confidence = mention.skus, min(before.confidence, 0.85)
                mention.rule = "split"  # "12 bottles of brut (the normal ones, 75 cl)"
            else:
                before.rule = "split"
        elif cues.SAME_THING.search(here.low, here.tokens[0].start, here.tokens[mention.first].start):
            continue  # "Same again in blue": a wish of its own
        elif not before and not after and parent and set(mention.skus) < set(parent.skus) and not amount:
            parent.skus, parent.rule = mention.skus, "attribute-said-later"
            parent.confidence = min(parent.confidence, 0.85)
            mention.rule = "split"
        elif not before and not after and parent and not amount:
            mention.rule = "split"
        elif not before and not after and parent and set(mention.skus) < set(parent.skus) and amount:
            parent.seen = True


def own_words(catalogue: Catalogue, keys: tuple[str, ...], skus: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of a mention; of one in Japanese, whose words have none, those of the product's own name."""
    if len(skus) != 1 or not all(key.startswith("e:") for key in keys) or skus[0] not in catalogue.own:
        return keys
    return catalogue.phrases[catalogue.own[skus[0]]].keys


def _join_asides(here: Sentence) -> None:
    """'3 small ones (250 g)': of a size and the measure behind it the measure tells which."""
    for left, right in itertools.pairwise(here.mentions):
        between = here.tokens[left.last + 1 : right.first]
        sized = left.rule == right.rule == "attribute" and left.keys[0][0] == "s" and right.keys[0][0] == "m"
        if sized and "(" in [t.low for t in between] and len(between) <= 2:
            left.keys, left.last, right.rule = right.keys, right.last, "split"


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


def _but_not(here: Sentence, before: Mention, mention: Mention) -> bool:
    """'3 tins of paint, not the red one': what is refused behind a product that has several sorts is none of them."""
    if len(before.skus) < 2:
        return False
    start, end = here.tokens[before.last].end, here.tokens[mention.first].start
    refused = list(cues.WITHOUT.finditer(here.low, start, end))
    if not refused or any(not common(word) for word in here.low[refused[-1].end() : end].split()):
        return False
    if not borrow(here, mention, own_words(here.scene.catalogue, before.keys, before.skus)):
        return False
    if not set(mention.skus) < set(before.skus):
        return False
    before.skus = tuple(sku for sku in before.skus if sku not in mention.skus)
    before.confidence, mention.rule = min(before.confidence, 0.7), "split"
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
        tied = bool(between) and all(
            t.kind == "number" or t.low in lexicon.CONJUNCTIONS or t.low == "," for t in between
        )
        alike = _of_the_sort(here, before, mention) if tied and len(mention.skus) > 1 else set()
        if len(alike) == 1:
            mention.skus, mention.confidence = tuple(alike), min(mention.confidence, 0.82)
            continue  # "ten olive soaps and ten lavender": soaps, not candles
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


def _of_the_sort(here: Sentence, before: Mention, mention: Mention) -> set[str]:
    """Those of the products that could be meant which have a noun of the product before."""
    catalogue = here.scene.catalogue
    nouns = [key for key in before.keys if not is_attribute(key) and key not in mention.keys]
    of_it = {catalogue.phrases[n].sku for key in nouns for n in catalogue.postings.get(key, ())}
    return of_it & set(mention.skus)


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
    if not skus and "s" in kinds and "m" in kinds:  # "3 small ones (250 g)": the measure tells which
        whole = [k for k in whole if k[:2] != "s:"]
        skus, confidence, _, _, pack = resolve(here.scene.catalogue, [Hit(-1, (k,)) for k in whole])
        confidence = min(confidence, 0.75)
    if not skus or len(skus) > 12:
        return False
    catalogue = here.scene.catalogue
    smallest = by_size(catalogue, skus, mention.keys[0]) if len(mention.keys) == 1 else None
    if smallest:  # "clay pots: 4 of the small and 2 of the large" that are told apart by a measure
        mention.skus, mention.confidence, mention.pack = (smallest,), min(confidence, 0.75), pack
        mention.rule, mention.keys = "noun-from-neighbour", tuple(whole)
        return True
    for key in (k for k in mention.keys if k in whole):  # "a hose and gloves size L": no hose has a size L
        if not set(skus) <= {catalogue.phrases[n].sku for n in catalogue.postings.get(key, ())}:
            return False
    mention.skus, mention.confidence, mention.pack = skus, min(confidence, 0.88), pack
    mention.rule, mention.keys = "noun-from-neighbour", tuple(whole)
    return True
