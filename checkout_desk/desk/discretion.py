"""What somebody reads who sees no payment details: the same words, with the digits of amounts and accounts as dots.

Shipping and logistics read mails, because an address or a wish stands in them, and see no payment details (the table of
roles). So every mail, note and line of history that they are shown goes through `words`. Its answer is as long as what it
was given, so that quoted parts and highlights stay where they are. Tracking and order numbers stay readable.
"""

from __future__ import annotations

import re

from checkout_desk.accounts.sessions import Identity
from checkout_desk.correspondence import linting
from checkout_desk.settings import choices

_BLANK = "[ \u00a0\u202f]"
_CODES = "|".join(sorted(set(choices.currencies()) - set("ALL COP CUP GEL MAD MOP PEN SOS TOP TRY".split())))
"""currencies by their codes, without those that are words of a shop or of its customers"""
_SIGN = rf"(?:[A-Z]{{0,2}}\$|[¢£¥￥円元\u20a0-\u20cf]|\b(?:{_CODES})\b|(?<![^\W_])(?:kr|zł|Kč|Fr)\b\.?)"
_NUMBER = rf"\d(?:[.,'’]?\d|{_BLANK}(?=\d{{3}}(?!\d))\d)*"
_AMOUNT = re.compile(rf"{_SIGN}{_BLANK}?[-−]?{_NUMBER}|{_NUMBER}{_BLANK}?{_SIGN}")
_REFERENCE = re.compile(r"\bRF\d\d(?: ?\d{1,5}){1,5}(?: ?Q ?\d{1,2})?\b")
"""of a payment (ISO 11649), as the desk gives them out: 'RF51 1001 Q1'"""
_NAMED = re.compile(
    r"\b(?:BIC|SWIFT|sort code|account (?:no\.?|number)|Kontonummer|BLZ)\b(?:[-/ ](?:code|BIC))?[:\s]{1,3}([A-Z0-9][A-Z0-9-]{4,20})",
    re.IGNORECASE,
)
_SHOWN = re.compile(r"[^\W_]")
_DIGIT = re.compile(r"\d")


def words(text: str, person: Identity) -> str:
    """`text` as `person` may read it."""
    return text if sees(person) else hushed(text)


def sees(person: Identity) -> bool:
    """Whether somebody reads what orders come to, what was paid, and how one pays."""
    return person.may("payments.read")


def hushed(text: str) -> str:
    """`text` with amounts, IBANs, BICs and references of payments as dots, sign by sign."""
    for found in set(linting.accounts(text)):
        text = re.sub(r"[\s.-]*".join(found), _dotted, text, flags=re.IGNORECASE)
    text = _NAMED.sub(lambda m: m[0][: m.start(1) - m.start()] + _SHOWN.sub("•", m[1]), text)
    text = _REFERENCE.sub(_dotted, text)
    return _AMOUNT.sub(lambda m: _DIGIT.sub("•", m[0]), text)


def _dotted(match: re.Match[str]) -> str:
    return _SHOWN.sub("•", match[0])
