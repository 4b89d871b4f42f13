"""Countries, currencies and languages that a store can choose, by the names that people read."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.numbers import get_territory_currencies

LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish",
    "pt": "Portuguese", "it": "Italian", "nl": "Dutch", "ja": "Japanese",
}  # fmt: skip
"""the languages that the desk can write to customers in"""
_NO_COUNTRY = {"EU", "UN", "EZ", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
_FIRST = ("EUR", "GBP", "USD", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD")


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """ISO 3166 code → English name, by name."""
    names = Locale.parse("en").territories
    found = {
        code: str(name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    }
    return dict(sorted(found.items(), key=lambda item: item[1].casefold()))


@lru_cache(maxsize=1)
def currencies() -> dict[str, str]:
    """ISO 4217 code → code and English name of what is money somewhere today; the usual ones first."""
    names = Locale.parse("en").currencies
    usable = {code for country in countries() for code in get_territory_currencies(country)}
    order = [*(code for code in _FIRST if code in usable), *sorted(usable - set(_FIRST))]
    return {code: f"{code}, {names.get(code, code)}" for code in order}
