"""The phone number of a customer, in E.164 form (ITU-T), or none: order and house numbers are not phone numbers."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Span, Value

_CANDIDATE = re.compile(
    r"(?<![a-z0-9_#/.-])(?:\+|\(\+|\(0|\(\d|0|\d)(?:(?!\. |  )[\d ()./-]){5,22}\d(?![a-z0-9_/]|-\d)"
)
_LABEL = re.compile(
    r"(?:tel|telephone|phone|mobile|mob|cell|call|reach|telefon\w*|tfno|tlf|tlfno|handy|mobil\w*|festnetz|tel\w{0,4}|portable|gsm|movil|celular|whatsapp|telemovel|fone|cellulare|cell|mobiel|電話|携帯)\W*(?:\w+\W+){0,3}$"
)
_FAX = re.compile(r"(?:fax|telefax)\W{0,4}(?:\w+\W+)?$")
_REFERENCE = re.compile(
    r"\b(?:order|bestell\w*|auftrag\w*|invoice|rechnung\w*|kunden\w*|customer|commande|pedido|ordine|ref\w*|iban|vat|konto|account|tracking|#|nr|no)\W{0,3}(?:\w+\W+)?$"
)
_MOST = 12


def find_phone(
    canon: Canon, *, source: str, country: str, excluded: list[Span] | None = None
) -> Value | None:
    """The likeliest phone number of a text: a labelled one first, then any that is valid in `country`."""
    best: tuple[int, Value] | None = None
    for number, match in enumerate(_CANDIDATE.finditer(canon.low)):
        if number >= _MOST:
            break
        start, end = match.span()
        digits = re.sub(r"\D", "", match[0])
        if not 7 <= len(digits) <= 15 or any(a < end and b > start for a, b in excluded or ()):
            continue
        before = canon.low[max(0, start - 40) : start].rpartition("\n")[2]
        if _FAX.search(before):
            continue
        labelled = _LABEL.search(before) is not None
        if not labelled and (
            _REFERENCE.search(before) or (match[0].isdigit() and match[0][0] not in "0+" and len(digits) < 9)
        ):
            continue
        text = e164(match[0], country)
        if text is None and " " in match[0]:  # a postcode or a house number may stand in front
            text = e164(match[0].partition(" ")[2], country)
        text = text or _unassigned(match[0], country, labelled=labelled)
        if text is None:
            continue
        score = 2 * labelled + (match[0].lstrip("(")[0] in "+0")
        value = Value(
            text,
            "phone-label" if labelled else "phone-valid",
            0.97 if labelled else 0.9,
            source,
            canon.span(start, end),
        )
        if best is None or score > best[0]:
            best = (score, value)
    return best[1] if best else None


def _unassigned(text: str, country: str, *, labelled: bool) -> str | None:
    """A number as long as numbers are, in a range that is not (or not yet) in use: the customer knows it better."""
    plain = text.strip("( ")
    if not labelled and not (plain.startswith("+") or re.match(r"0[1-9]", plain)):
        return None
    try:
        number = phonenumbers.parse(plain.replace("(0)", "") if "+" in plain else plain, country or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    if len(re.sub(r"\D", "", plain)) < 9:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def e164(text: str, country: str) -> str | None:
    """A phone number in international form (ITU E.164), None for what is none.

    Without a country code it is one of `country`. `+44 (0)20 …` and `0044 …` are understood.
    """
    cleaned = text.replace("(0)", "") if "+" in text else text
    if cleaned.startswith("00"):
        cleaned = "+" + cleaned[2:]
    try:
        number = phonenumbers.parse(cleaned, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
