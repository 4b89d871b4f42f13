"""Which countries an address of a mail may lie in, likeliest first: their postcodes are tried in this order.

A line that is a country says so itself. Words such as 'please ship to Poland', the country code of the phone number and the
language of the streets are hints: each only tells which form of a postcode to try before that of the store's own country.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

from checkout_desk.reading import countries

# Postcodes whose form alone names the country.
_TELLING = ("GB", "NL", "CA", "PT", "JP", "BR", "PL")
LANGUAGE_COUNTRY = {"de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pt": "PT", "ja": "JP"}
_BESIDE = {"de": ("AT", "CH"), "fr": ("BE", "CH"), "nl": ("BE",), "en": ("US", "IE")}

_TOWARDS = re.compile(
    r"\b(?:to|from|in|nach|aus|vers|en|au|aux|de|depuis|a|ao|desde|para|per|dall?a?|naar|uit)"
    r" (?:the |die |der |la |le |les |el |los |il |os )?(?=(?P<two>(?P<one>[^\W\d]{4,}|l'[^\W\d]{4,})(?: [^\W\d]{4,})?))"
)
_CALLING = re.compile(r"(?<![\w+])(?:\+|00) ?(?=(?P<digits>[1-9](?:[ ()-]{0,2}\d){6,13}))")


def said(low: str) -> list[str]:
    """Countries that running words send to or come from: 'bitte um Versand nach Polen', 'hello from Norway'."""
    found = []
    for match in _TOWARDS.finditer(low):
        one = match["one"].removeprefix("l'")
        code = countries.country_code(match["two"]) or countries.country_code(one)
        if code:
            found.append(code)
    return found


def calling(low: str) -> list[str]:
    """Countries whose calling code stands before a phone number of the text: '+358 40 123 4567'."""
    found = []
    for match in _CALLING.finditer(low):
        digits = re.sub(r"\D", "", match["digits"])
        for length in (1, 2, 3):
            region = phonenumbers.region_code_for_country_code(int(digits[:length]))
            if region != "ZZ" and len(region) == 2:
                found.append(region)
                break
    return found


def in_order(named: Iterable[str], low: str, *, home: str, language: str) -> tuple[list[str], list[str]]:
    """The countries to try, and of these the hints that give way where a street speaks the language of `home`."""
    named = list(named)
    hints = [code for code in dict.fromkeys([*said(low), *calling(low)]) if code not in (home, *named)]
    sure = [home] if home in _TELLING else []  # 1016 GV is Dutch, though the phone number be Belgian
    rest = [home, *_TELLING, LANGUAGE_COUNTRY.get(language, ""), *_BESIDE.get(language, ())]
    return [code for code in dict.fromkeys([*named, *sure, *hints, *rest]) if code], hints
