"""Money as people read and type it; in the code it is always integer minor units and an ISO 4217 code.

How many decimals a currency has comes from CLDR by way of babel: none for JPY, three for KWD.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision, get_currency_symbol, list_currencies


@lru_cache(maxsize=256)
def decimals(currency: str) -> int:
    """How many digits stand behind the decimal sign in `currency`. Raises ValueError for a code that does not exist."""
    if currency not in list_currencies():
        raise ValueError(f"“{currency}” is not a currency code; use three letters such as EUR.")
    return int(get_currency_precision(currency))


def to_decimal(minor: int, currency: str) -> Decimal:
    """Minor units as an amount: 1234 EUR is Decimal('12.34')."""
    return Decimal(minor).scaleb(-decimals(currency))


@lru_cache(maxsize=4096)
def show(minor: int, currency: str, *, locale: str = "en_GB") -> str:
    """The amount with its currency, as people of `locale` write it: `£16.00`, `¥1,200`, `KWD 1.250`."""
    shown = str(format_currency(to_decimal(minor, currency), currency, locale=locale))
    sign = get_currency_symbol(currency, locale=locale)
    if sign.isalpha() and shown.startswith(sign) and shown[len(sign)].isdigit():
        shown = f"{sign}\u00a0{shown[len(sign) :]}"  # CLDR sets letters apart from digits, babel does not
    return shown


def plain(minor: int, currency: str) -> str:
    """The amount as digits alone with a point, for fields and files: `16.00`."""
    return f"{to_decimal(minor, currency):f}"


def read(text: str, currency: str) -> int:
    """Typed digits as minor units: `16`, `16.00` and `16,00` are 1600 GBP.

    Raises ValueError with a sentence for anything else: another sign, too many decimals, a negative or giant amount.
    """
    places = decimals(currency)
    example = plain(1600 if places else 16, currency)
    typed = text.strip().replace(",", ".")
    try:
        amount = Decimal(typed)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not typed.replace(".", "", 1).isdecimal() or not typed.isascii():
        raise ValueError(f"“{text[:40]}” is not an amount; type digits such as {example}.")
    minor = amount.scaleb(places)
    if minor != minor.to_integral_value():
        raise ValueError(f"“{text[:40]}” has too many decimals; {currency} has {places or 'none'}.")
    if minor > 2_000_000_000:
        raise ValueError(f"“{text[:40]}” is too large; at most {show(2_000_000_000, currency)} can be kept.")
    return int(minor)
