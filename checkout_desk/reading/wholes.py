"""A number that is shared out behind its product: '24 pasta plates, half white and half green', '10 mugs, 4 blue, the rest red'."""

from __future__ import annotations

import re

from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.sentence import Sentence

_SURE = 0.85
_HALF = (
    r"half(?: of (?:them|those))?|(?:die|zur) halfte|(?:la )?moitie|(?:la )?mitad(?: de ell[ao]s)?|(?:a )?metade|(?:la )?meta"
    r"|de helft|半分(?:は|を|が)?"
)
_REST = (
    r"the (?:rest|others?|remaining (?:ones|\w+))|the (?:other|remaining) \w+|(?:der|den) rest|die (?:anderen?|ubrigen|restlichen)(?: \w+)?"
    r"|le (?:reste|restant)|les autres|el resto|l[oa]s demas|l[oa]s otr[ao]s(?: \w+)?|o (?:resto|restante)|[oa]s (?:restantes|outr[ao]s)"
    r"|il (?:resto|restante)|(?:gli|le) altr[ei]|de rest|de andere(?: \w+)?|残り(?:は|を|が)?"
)
_PART = re.compile(
    rf"(?:^|[\s,(:-])(?:(?P<half>{_HALF})|(?P<rest>{_REST}))(?: (?:in|en|em|de|of|a|da|di|van))?\W{{0,3}}$"
)


def shared_in_parts(here: Sentence) -> None:
    """Give each half, and the rest, of a number that stands before the name of several products to the one that it tells.

    'Half' means half of the whole, 'the rest' what the numbers between left of it. Where the parts do not come out even,
    nobody can tell how many of each are wanted, so that no number is claimed.
    """
    for at, mention in enumerate(list(here.mentions)):
        if not 1 < len(mention.skus) <= 12 or mention.rule in ("attribute", "split"):
            continue
        ahead = [a for a in here.amounts if 0 < mention.first - a.last <= 4]
        whole = ahead[-1] if ahead and ahead[-1].count and not ahead[-1].article else None
        parts = _parts(here, mention, here.mentions[at + 1 :]) if whole else []
        if whole is None or whole.used or len(parts) < 2:
            continue
        counts = _counts(whole.count or 0, [(count, word) for *_, count, word in parts])
        if not any(word for *_, word in parts) and None in counts:
            continue
        whole.used, mention.rule = True, "split"
        for (part, sku, amount, _, _), count in zip(parts, counts, strict=True):
            part.skus, part.rule = (sku,), "noun-from-neighbour"
            part.confidence = min(mention.confidence, 0.7 if count is None else _SURE)
            part.keys = (*(k for k in mention.keys if k not in part.keys), *part.keys)
            part.given = (count,)
            if amount is not None:
                amount.used = True


_Part = tuple[Mention, str, Amount | None, int, str]


def _parts(here: Sentence, mention: Mention, behind: list[Mention]) -> list[_Part]:
    """The mentions behind a product that each tell one of what it could be, with their number or their word."""
    found: list[_Part] = []
    has = here.scene.catalogue.attributes
    last = here.tokens[mention.last].end
    for part in behind:
        inside = set(part.skus) & set(mention.skus)
        if not part.skus:  # "the rest white" beside a spoon rest is no spoon rest
            inside = {sku for sku in mention.skus if any(k in has[sku] for k in part.keys if is_attribute(k))}
        if len(inside) != 1 or part.rule == "split":
            break
        tells = next(
            (i for i in range(part.first, part.last + 1) if is_attribute(here.tokens[i].key)), part.first
        )
        said = _PART.search(here.low, last, here.tokens[tells].start)
        amount = next(
            (a for a in here.amounts if a.count and not a.old and _right_before(here, a, part.first)), None
        )
        if said is None and amount is None:
            break
        found.append((part, inside.pop(), amount if said is None else None, 0 if said or not amount else amount.count or 0,
                      "" if said is None else "half" if said["half"] else "rest"))  # fmt: skip
        last = here.tokens[part.last].end
    return found


_OF_THEM = frozenset(
    "of them those these davon in en em de of di da van ervan ellas ellos deles delas d'entre eux elles".split()
)


def _right_before(here: Sentence, amount: Amount, first: int) -> bool:
    """'Five yellow', 'five of them in yellow'."""
    between = here.tokens[amount.last + 1 : first]
    return amount.last < first and len(between) <= 3 and all(t.low in _OF_THEM for t in between)


def _counts(whole: int, parts: list[tuple[int, str]]) -> list[int | None]:
    """How many each part gets; None for all where they do not make up the whole."""
    half = whole // 2 if whole % 2 == 0 else None
    counted = [half if word == "half" else count for count, word in parts]
    if None in counted:
        return [None] * len(parts)
    left = whole - sum(count or 0 for count, (_, word) in zip(counted, parts, strict=True) if word != "rest")
    rests = sum(word == "rest" for _, word in parts)
    if rests > 1 or (rests and left <= 0) or (not rests and left):
        return [None] * len(parts)
    return [left if word == "rest" else count for count, (_, word) in zip(counted, parts, strict=True)]
