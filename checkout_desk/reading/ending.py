"""Whether a mail asks to have a whole order cancelled, in the eight languages that customers are answered in. Pure.

A product that is left out ("cancel the mugs") is a change, a subscription or an appointment is none of ours, and who
writes not to cancel wants the order. Nothing is done by this alone: a person decides.
"""

from __future__ import annotations

import re

from checkout_desk.reading.canonical import fold
from checkout_desk.reading.model import Span
from checkout_desk.reading.patterns import quick

LONGEST = 4_000
"""signs at the beginning of a mail that are looked at"""
_ORDER = (
    r"(?:(?:my|our|the|this|that|whole|entire|complete) )*(?:order|purchase)s?|#\d{4,}|everything|it all|"
    r"(?:meine?n?|unsere?n?|die|den|diese?n?|gesamte|ganze|komplette)[a-z ]{0,12}(?:bestellung|auftrag|kauf)|bestellung|"
    r"(?:ma|notre|la|cette|toute la) commande|commande|(?:mi|el|este|nuestro|todo el) (?:pedido|encargo|compra)|"
    r"(?:a |minha |a minha |esta |este |o meu |meu |o )?(?:encomenda|pedido)|(?:il |mio |il mio |questo |nostro |l')?ordine|"
    r"(?:mijn|onze|de|deze)(?: (?:hele|gehele|complete))? (?:bestelling|order)"
)
_WANTS = quick(
    "|".join(
        pattern.replace("ORDER", _ORDER)
        for pattern in (
            r"\b(?:cancel|cancell?ing|cancellation of|call off|withdraw(?: from)?|annul|revoke)\b[^.?!\n]{0,12}?(?:ORDER)\b",
            r"\b(?:order|it)\b[^.?!\n]{0,12}\b(?:cancell?ed|to be cancell?ed)\b(?=[^\n]{0,20}(?:please|\?|$))",
            r"\b(?:please|want to|like to|need to|have to|can i|can we|could you|can you) cancel(?: (?:it|this|that|the order|my order))?\s*(?:[.?!,\n]|$| because| as | since | if )",
            r"\b(?:storniere?n?|widerrufe?n?|stornierung|widerruf|zuruckziehen|annulliere?n?)\b[^.?!\n]{0,16}(?:ORDER)\b",
            r"(?:ORDER)\b[^.?!\n]{0,40}\b(?:stornieren|storniert|zuruckziehen|widerrufen|zu stornieren|annullieren)\b",
            r"\b(?:annul\w+|annulation de)\b[^.?!\n]{0,12}(?:ORDER)\b",
            r"\b(?:cancel\w+|anul\w+)\b[^.?!\n]{0,12}(?:ORDER)\b",
            r"\b(?:annull\w+|cancell\w+|disdi\w+)\b[^.?!\n]{0,12}(?:ORDER)\b",
            r"(?:ORDER)\b[^.?!\n]{0,30}\bannuleren\b|\bannuleer\w*\b[^.?!\n]{0,12}(?:ORDER)\b",
        )
    )
    + r"|注文[^。\n]{0,14}(?:キャンセル|取り消|取消)|キャンセル(?:したい|して|をお願い|できま|希望)"
)  # fmt: skip
_NOT = quick(
    r"\b(?:not|don'?t|never|no need to|rather than|instead of|without) (?:want to |have to |wish to |need to )?(?:cancel\w*|call off)\b"
    r"|\bcancell?ation (?:policy|fee|terms)\b|\bnicht (?:zu )?stornieren\b|\bne (?:pas )?(?:veux |voulons )?(?:pas )?annuler\b"
    r"|\bno (?:quiero |queremos |deseo )?cancelar\b|\bnon (?:voglio |vogliamo )?annullare\b|\bniet annuleren\b|キャンセルし(?:ない|ません)"
)
_NUMBER = re.compile(r"(?<![\d.,])#?(\d{4,9})(?![\d.,]\d|\d)")


def cancels(text: str, subject: str = "") -> bool:
    """Whether a mail (the writer's own words, without quotes and signature) asks to have an order cancelled."""
    folded = fold(f"{subject}\n{text[:LONGEST]}")
    return _NOT.search(folded) is None and _WANTS.search(folded) is not None


_WHOLE = re.compile(
    r"\b(?:whole|entire|complete(?:ly)?|everything|all of (?:it|them)|ganze[nrs]?|gesamte[nrs]?|komplett\w*|vollstandig|alles|tout(?:e)?|entier\w*|complete\w*|enter[oa]|complet[oa]|tod[oa]|inteir[oa]|tutt[oa]|inter[oa]|hele|gehele|volledig|helemaal)\b|全て|すべて|全部"
)


def cancelled_whole(text: str, subject: str, *, named: bool) -> Span | None:
    """Where a mail ends the order with all that is in it; where products are `named`, only if it says that all are meant."""
    if not cancels(text, subject):
        return None
    found = _WANTS.search(fold(text[:LONGEST]))
    if found is None or (
        named and not _WHOLE.search(fold(text[:LONGEST]), max(0, found.start() - 30), found.end() + 30)
    ):
        return None
    return found.span()


def numbers(text: str, subject: str = "") -> list[int]:
    """What in a mail may be the number of an order, each once."""
    return list(dict.fromkeys(int(one) for one in _NUMBER.findall(fold(f"{subject}\n{text[:LONGEST]}"))))
