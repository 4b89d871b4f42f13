"""The time zones that a store can be in, as the time zone database names them."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache

REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """Every name that this machine's database (or the tzdata package) can resolve."""
    return frozenset(zoneinfo.available_timezones())


@lru_cache(maxsize=1)
def grouped() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(region, ((name, what people read), …)) for a select; old aliases such as 'Cuba' or 'US/Eastern' are left out."""
    groups: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(known()):
        region, _, place = name.partition("/")
        if region in groups and place:
            groups[region].append((name, place.replace("_", " ").replace("/", ", ")))
    return (
        ("Everywhere", (("UTC", "UTC"),)),
        *((region, tuple(places)) for region, places in groups.items()),
    )
