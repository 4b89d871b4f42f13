"""What people type or send about a product, as values. Each refusal is a ValueError whose sentence names the value and
says what would be accepted; forms and files say the same."""

from __future__ import annotations

import re
from datetime import date

from checkout_desk import money
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.phrasing import is_number
from checkout_desk.catalogue.products import only_a_number
from checkout_desk.reading import countries
from checkout_desk.reading.canonical import fold

TAX_CLASSES = {"standard": "Standard", "reduced": "Reduced", "zero": "Zero-rated", "exempt": "Exempt"}
LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese", "it": "Italian", "nl": "Dutch",
    "ja": "Japanese",
}  # fmt: skip
"""the languages that the reading knows best; an alias may be in any other"""

_YES = {"yes", "y", "true", "1", "on", "active"}
_NO = {"no", "n", "false", "0", "off", "inactive"}
_WHOLE = re.compile(r"[0-9]{1,9}")
_SPREADSHEET = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)


def line(text: str, label: str, longest: int, *, needed: bool = False) -> str:
    """One line of printable signs with single spaces."""
    value = " ".join(text.split())
    if needed and not value:
        raise ValueError(f"{label} is empty; type 1 to {longest} characters.")
    if len(value) > longest:
        raise ValueError(f"{label} has {len(value)} characters; use at most {longest}.")
    if not value.isprintable():
        raise ValueError(f"{label} holds a sign that cannot be printed; use letters, digits and spaces.")
    return value


def sku(text: str) -> str:
    """A SKU as it is printed on the shelf."""
    return line(text, "SKU", 64, needed=True)


def name(text: str) -> str:
    """What the product is called; not a bare number, which every mail is full of."""
    value = line(text, "Name", 200, needed=True)
    if is_number(value):
        raise ValueError(only_a_number(value))
    return value


def currency(text: str) -> str:
    """An ISO 4217 code in capitals."""
    code = text.strip().upper()
    money.decimals(code)
    return code


def price(text: str, code: str) -> int:
    """Minor units of `code`."""
    if not text.strip():
        places = money.plain(1600 if money.decimals(code) else 16, code)
        raise ValueError(f"Price is empty; type digits such as {places}.")
    return money.read(text, code)


def pieces(text: str, label: str, *, least: int = 0) -> int | None:
    """A number of pieces, None for an empty text."""
    return whole(text, label, stock.MOST, least=least)


def weight(text: str) -> int | None:
    """Grams, None for an empty text."""
    return whole(text, "Weight", 1_000_000, unit=" grams")


def whole(text: str, label: str, most: int, *, least: int = 0, unit: str = "") -> int | None:
    """A whole number from `least` to `most`, None for an empty text."""
    value = text.strip()
    if not value:
        return None
    if value.startswith("-") and _WHOLE.fullmatch(value[1:]):
        raise ValueError(f"{label} cannot be “{value}”, which is below zero; type {least} to {most}{unit}.")
    if not _WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise ValueError(
            f"{label} cannot be “{value[:40]}”; type a whole number from {least} to {most}{unit}."
        )
    return int(value)


def barcode(text: str) -> str | None:
    """What the scanner reads, None for an empty text."""
    value = text.strip()
    if not value:
        return None
    if _SPREADSHEET.fullmatch(value) and "e" in value.lower():
        raise ValueError(
            f"Barcode “{value[:40]}” was shortened by a spreadsheet; format the column as text and type all digits."
        )
    if len(value) > 64 or not value.isprintable() or " " in value:
        raise ValueError(f"Barcode cannot be “{value[:40]}”; use at most 64 signs without spaces.")
    return value


def hs_code(text: str) -> str:
    """What customs call a product: 6 digits of the Harmonized System, up to 12 with a country's own. '' for none."""
    value = re.sub(r"[\s.]", "", text)
    if value and not (value.isascii() and value.isdigit() and 6 <= len(value) <= 12):
        raise ValueError(f"HS code cannot be “{text.strip()[:40]}”; type 6 to 12 digits such as 6912.00.")
    return value


def origin(text: str) -> str:
    """The country where a product was made, by its name or two letters (ISO 3166). '' for none."""
    value = " ".join(text.split())
    code = countries.country_code(fold(value)) or value.upper()
    if value and not countries.known_country(code):
        raise ValueError(
            f"Country of origin cannot be “{value[:40]}”; type its name or two letters such as GB."
        )
    return code


def tax_class(text: str) -> str:
    """One of TAX_CLASSES."""
    value = text.strip().lower() or "standard"
    if value not in TAX_CLASSES:
        raise ValueError(f"Tax class cannot be “{text.strip()[:40]}”; use {_either(TAX_CLASSES)}.")
    return value


def day(text: str, label: str) -> date | None:
    """A day as 2026-12-31, None for an empty text."""
    value = text.strip()
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or len(value) != 10 or not 2000 <= found.year <= 2100:
        raise ValueError(f"{label} cannot be “{value[:40]}”; type a day such as 2026-12-31.")
    return found


def yes_no(text: str, label: str) -> bool:
    """A switch."""
    value = text.strip().lower()
    if value in _YES or value in _NO:
        return value in _YES
    raise ValueError(f"{label} cannot be “{text.strip()[:40]}”; use yes or no.")


def attributes(text: str) -> dict[str, str]:
    """What tells a variant from its family: 'colour=blue; size=0.6 l'."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
        key, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or not key or not value:
            raise ValueError(f"Attributes cannot hold “{pair[:40]}”; write them as colour=blue; size=0.6 l.")
        if key in found:
            raise ValueError(f"Attributes name “{key[:40]}” twice; give each one value.")
        found[line(key, "Attribute", 40)] = line(value, f"Attribute {key[:40]}", 80)
    if len(found) > 8:
        raise ValueError(f"Attributes are {len(found)}; use at most 8.")
    return found


def language(text: str) -> str | None:
    """Two letters, None for an empty text."""
    value = text.strip().lower()
    if value and not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise ValueError(
            f"Language cannot be “{text.strip()[:40]}”; use two letters such as de, or leave it empty."
        )
    return value or None


def _either(words: dict[str, str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"
