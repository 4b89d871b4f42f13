"""Days on which carriers rest, by country."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

SATURDAY = 5
KEPT = 200
"""country and year, some hundred bytes each"""


def closed(country: str, day: date) -> bool:
    """Whether `day` is a weekend or a public holiday of the whole of `country` (ISO 3166).

    A country whose holidays nobody has written down has weekends only.
    """
    return day.weekday() >= SATURDAY or day in public_holidays(country, day.year)


@lru_cache(maxsize=KEPT)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of the whole of `country` in `year`; none where they are not known."""
    import holidays  # a large library that only shops with parcels need

    if not country or country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))
