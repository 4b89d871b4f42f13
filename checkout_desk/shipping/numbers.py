"""Whose tracking number is this? By its pattern and, where the carrier publishes one, its check digit. Pure.

One text may be the number of several carriers, or of none: twelve digits are a FedEx number, a DHL Identcode, a GLS
parcel, a Japanese slip, or somebody's order number, and a check digit alone lets one wrong number in ten through. So
`recognise` gives every finding, the likeliest first, and whoever knows the parcel's carrier decides.

Patterns: UPU S10 and its list of operators, GS1 (SSCC behind (00)), the carriers' label specifications as far as they
are public. The rules of the check digits stand in `check_digits`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from checkout_desk.shipping import check_digits
from checkout_desk.shipping.tracking_pages import link

__all__ = ["CARRIERS", "Found", "key", "link", "recognise"]

Check = Literal["ok", "none", "wrong"]
LONGEST = 40
CARRIERS: dict[str, str] = {
    "royal_mail": "Royal Mail",
    "parcelforce": "Parcelforce",
    "dhl": "DHL",
    "dpd": "DPD",
    "gls": "GLS",
    "ups": "UPS",
    "fedex": "FedEx",
    "usps": "USPS",
    "evri": "Evri",
    "yodel": "Yodel",
    "hermes": "Hermes",
    "colissimo": "Colissimo",
    "chronopost": "Chronopost",
    "postnl": "PostNL",
    "bpost": "bpost",
    "postnord": "PostNord",
    "swiss_post": "Swiss Post",
    "austrian_post": "Austrian Post",
    "an_post": "An Post",
    "correos": "Correos",
    "poste_italiane": "Poste Italiane",
    "ctt": "CTT",
    "inpost": "InPost",
    "canada_post": "Canada Post",
    "australia_post": "Australia Post",
    "japan_post": "Japan Post",
    "yamato": "Yamato",
    "sagawa": "Sagawa",
    "post": "a postal operator",
}
"""carriers whose numbers are known by their look -> how people call them"""
NATIONAL = {
    "GB": ("royal_mail", "parcelforce"), "DE": ("dhl",), "US": ("usps",), "FR": ("colissimo", "chronopost"),
    "NL": ("postnl",), "BE": ("bpost",), "CA": ("canada_post",), "AU": ("australia_post",), "JP": ("japan_post",),
    "CH": ("swiss_post",), "AT": ("austrian_post",), "IE": ("an_post",), "ES": ("correos",), "IT": ("poste_italiane",),
    "PT": ("ctt",), "SE": ("postnord",), "DK": ("postnord",),
}  # fmt: skip
"""whose the numbers of the postal union are, by the country that they end with"""


@dataclass(frozen=True, slots=True)
class Found:
    """One carrier that a text may be a number of."""

    carrier: str
    """by `CARRIERS`"""
    number: str
    """what the carrier's page wants: blanks, routing parts and scanner marks are gone"""
    check: Check
    likely: str | None = None
    """where the check digit is wrong: the one number that was probably meant"""
    word: str = ""
    """what else the number says: 'registered', 'Leitcode'"""


@dataclass(frozen=True, slots=True)
class _Format:
    carrier: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None
    number: int
    """which group of the pattern people call the tracking number"""


def _format(
    carrier: str, pattern: str, check: Callable[[str], bool] | None = None, *, number: int = 0
) -> _Format:
    return _Format(carrier, re.compile(pattern, re.ASCII), check, number)


FORMATS: tuple[_Format, ...] = (
    _format("ups", r"1Z[0-9A-Z]{15}\d", check_digits.ups),
    _format("fedex", r"\d{12}", check_digits.fedex),
    _format("fedex", r"\d{15}", check_digits.gs1),
    _format("fedex", r"92612\d{17}", check_digits.gs1),
    # SmartPost: the two digits in front count, whether they are written or not.
    _format("fedex", r"61\d{18}", lambda number: check_digits.gs1("92" + number)),
    _format("fedex", r"96\d{20}", lambda number: check_digits.gs1(number[-15:])),
    # The long bar codes of FedEx end with the twelve digits that its page wants.
    _format("fedex", r"(?:100\d|96[2-3]\d)\d{18}(\d{12})", check_digits.fedex, number=1),
    _format("usps", r"(?:420(?:\d{5}|\d{9}))?(9[1-5]\d{20}|9[1-5]\d{24})", check_digits.gs1, number=1),
    _format("usps", r"(?:0[37]|13|23|7\d|8[12])\d{18}", check_digits.gs1),
    _format("dhl", r"00340\d{15}", check_digits.gs1),
    _format("dhl", r"\d{10}", check_digits.seven),
    _format("dhl", r"\d{12}", check_digits.identcode),
    _format("dhl", r"JJD\d{10}(?:\d{3}|\d{5}|\d{8,10})?|JVGL\d{10,12}"),
    _format("dhl", r"(?:GM|LX|RX)\d{10,20}"),
    _format("dpd", r"\d{14}"),
    _format("dpd", r"(\d{14})[0-9A-Z]", check_digits.dpd, number=1),
    # The bar code of the label: postal code, number, service and country, and the sign that checks them all.
    _format("dpd", r"[0-9A-Z]{7}(\d{14})\d{6}[0-9A-Z]", check_digits.dpd, number=1),
    _format("gls", r"\d{12}", check_digits.gls),
    _format("gls", r"[1-9]\d{10}"),
    _format("gls", r"(?=[0-9A-Z]*[A-Z])(?=[0-9A-Z]*\d)[0-9A-Z]{8}"),
    _format("royal_mail", r"(?=\d*[A-F])[0-9A-F]{21}"),
    _format("parcelforce", r"[A-Z]{2}\d{7}"),
    _format("evri", r"[A-Z]\d{2}[0-9A-Z]{4}\d{9}"),
    _format("yodel", r"J?JD\d{16}"),
    _format("hermes", r"\d{14}", check_digits.gs1),
    _format("hermes", r"H10\d{17}"),
    _format("colissimo", r"[5-9][0-9A-Z]\d{11}"),
    _format("postnl", r"3S[A-Z]{4,6}\d{6,9}"),
    _format("bpost", r"32[13]2\d{20}"),
    _format("postnord", r"00\d(?:57|64|70|73)\d{15}", check_digits.gs1),
    _format("swiss_post", r"9[89]\d{16}"),
    _format("austrian_post", r"10\d{20}"),
    _format("correos", r"P[A-Z0-9]{22}"),
    _format("inpost", r"(?!32[13]2)\d{24}"),
    _format("canada_post", r"\d{16}", check_digits.gs1),
    _format("australia_post", r"(?!J|GM|LX|RX)(?:3\d)?[A-Z][0-9A-Z]{2}\d{7}(?:\d{6}|\d{11})?"),
    _format("japan_post", r"\d{11,12}", check_digits.seven),
    _format("yamato", r"\d{12}", check_digits.seven),
    _format("sagawa", r"\d{12}", check_digits.seven),
)
_S10 = re.compile(r"([A-Z]{2})(\d{9})([A-Z]{2})", re.ASCII)
_SERVICES = {
    "E": "express",
    "R": "registered",
    "V": "insured",
    "C": "parcel",
    "L": "tracked",
    "U": "untracked",
}
_LOOK_ALIKE = {
    "O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "E": "3", "A": "4", "S": "5", "G": "6", "T": "7",
    "B": "8",
}  # fmt: skip
"""letters that are read or typed for digits, and the other way round"""
_MISREAD = ("17", "38", "56", "68", "08", "49", "06", "27")
"""digits that are taken for each other"""
_SCANNED = re.compile(r"^\](?:C1|C0|d2|E0)", re.IGNORECASE)
"""what scanners that name the kind of bar code write before it (ISO/IEC 15424)"""


def key(text: str) -> str:
    """A tracking number as it is compared and kept: in capitals, without blanks, hyphens, dots and scanner marks."""
    text = _SCANNED.sub("", unicodedata.normalize("NFKC", text).strip())
    return "".join(sign for sign in text.upper() if sign.isalnum())


def recognise(text: str, own: Collection[str] = ()) -> list[Found]:
    """Every carrier that `text` may be a number of, the likeliest first; empty where nobody's pattern fits.

    `own` are the shop's carriers by `CARRIERS`: among equals they come first. A number whose check digit is wrong
    comes behind all that fit; `likely` then names what was probably meant, if that is one number only.
    """
    number = key(text)
    if not number or len(number) > LONGEST or not number.isascii():
        return []
    found = {one.carrier: one for one in reversed(list(_by_pattern(number)))}
    if not found:
        found = {one.carrier: one for one in reversed(list(_misread(number)))}
    order = list(CARRIERS)
    return sorted(
        found.values(),
        key=lambda one: (
            one.check == "wrong",
            one.carrier not in own,
            one.check != "ok",
            order.index(one.carrier),
        ),
    )


def _by_pattern(number: str) -> Iterator[Found]:
    """Findings as the patterns stand; of a carrier with several that fit, those that check come first."""
    found = [one for form in FORMATS if (one := _fitting(form, number)) is not None]
    yield from sorted([*found, *_postal(number)], key=lambda one: one.check == "wrong")


def _fitting(form: _Format, number: str) -> Found | None:
    match = form.pattern.fullmatch(number)
    if match is None:
        return None
    if form.check is None:
        return Found(form.carrier, match[form.number], "none")
    checked = match[form.number] if form.carrier in ("usps", "fedex") else number
    if form.check(checked):
        return Found(form.carrier, match[form.number], "ok")
    if form.carrier == "dpd":  # a sign that checks something else: fifteen digits are no DPD number then
        return None
    return Found(form.carrier, match[form.number], "wrong", _meant(checked, form.pattern, form.check))


def _postal(number: str) -> Iterator[Found]:
    match = _S10.fullmatch(number)
    if match is None:
        return
    right = check_digits.s10(number)
    likely = None if right else _meant(number, _S10, check_digits.s10)
    for carrier in NATIONAL.get(match[3], ("post",)):
        yield Found(carrier, number, "ok" if right else "wrong", likely, _SERVICES.get(match[1][0], ""))


def _meant(number: str, pattern: re.Pattern[str], check: Callable[[str], bool]) -> str | None:
    """The number that one swapped pair or one misread digit away passes the check, if it is the only one.

    Any one digit could be changed to make a sum come out; only slips that hands and eyes make are tried.
    """
    round_ones, lettered = (
        {number[:i] + _LOOK_ALIKE[sign] + number[i + 1 :] for i, sign in enumerate(number) if sign in letters}
        for letters in ("OI", _LOOK_ALIKE)
    )
    swapped = {
        number[:i] + number[i + 1] + number[i] + number[i + 2 :]
        for i in range(len(number) - 1)
        if number[i] != number[i + 1]
    }
    misread = {
        number[:i] + pair[1 - pair.index(sign)] + number[i + 1 :]
        for i, sign in enumerate(number)
        for pair in _MISREAD
        if sign in pair
    }
    for tries in (round_ones, lettered, swapped, misread):
        right = [one for one in tries if pattern.fullmatch(one) and check(one)]
        if len(right) == 1:
            return right[0]
    return None


def _misread(number: str) -> Iterator[Found]:
    """Numbers that fit no pattern until one letter is taken for the digit that looks like it, or the other way round."""
    alike = _LOOK_ALIKE | {digit: letter for letter, digit in reversed(_LOOK_ALIKE.items())}
    for i, sign in enumerate(number):
        if sign in alike:
            mended = number[:i] + alike[sign] + number[i + 1 :]
            for one in _by_pattern(mended):
                if one.check == "ok":
                    yield Found(one.carrier, number, "wrong", one.number, one.word)
