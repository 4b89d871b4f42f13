"""The phone number of a customer, in E.164 form (ITU-T), or none: order and house numbers are not phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Span, Value

_CANDIDATE = re.compile(
    r"(?<![a-z0-9_#/.-])(?:\+|\(\+|\(0|\(\d|0|\d)(?:(?!\. |  )[\d ()./-]){5,34}\d(?![a-z0-9_/]|-\d)"
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
    for start, end in _candidates(canon.low):
        written = canon.low[start:end]
        digits = re.sub(r"\D", "", written)
        if not 7 <= len(digits) <= 15 or any(a < end and b > start for a, b in excluded or ()):
            continue
        before = canon.low[max(0, start - 40) : start].rpartition("\n")[2]
        if _FAX.search(before):
            continue
        labelled = _LABEL.search(before) is not None
        if not labelled and (
            _REFERENCE.search(before) or (written.isdigit() and written[0] not in "0+" and len(digits) < 9)
        ):
            continue
        text = e164(written, country)
        if text is None and " " in written:  # a postcode or a house number may stand in front
            text = e164(written.partition(" ")[2], country)
        text = text or _unassigned(written, country, labelled=labelled)
        if text is None:
            continue
        score = 4 * labelled + (written.lstrip("(")[0] in "+0") + 2 * _mobile(text)
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


def _candidates(low: str) -> Iterator[Span]:
    """Runs of digits that may be a phone number; 'Tel. 251 824 130 / 936 543 210' are two."""
    for match in islice(_CANDIDATE.finditer(low), _MOST):
        start, end = match.span()
        stroke = match[0].find(" / ")
        if stroke > 0 and sum(sign.isdigit() for sign in match[0]) > 15:
            yield start, start + stroke
            start += stroke + 3
        yield start, end


def _mobile(number: str) -> bool:
    """Whether a number is a mobile one: of two, the one on which a carrier reaches somebody."""
    return phonenumbers.number_type(phonenumbers.parse(number)) == PhoneNumberType.MOBILE


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
