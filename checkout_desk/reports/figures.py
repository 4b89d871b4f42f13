"""Middle values and shares of what a report counts, and how people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

NONE = "–"
MINUTES_OF_DAY = 24 * 60


def median(values: Sequence[timedelta]) -> timedelta | None:
    """The middle value, of an even number the mean of the two in the middle; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2


def p90(values: Sequence[timedelta]) -> timedelta | None:
    """The value that nine of ten do not exceed (nearest rank); None of nothing."""
    return sorted(values)[ceil(len(values) * 0.9) - 1] if values else None


def percent(part: int, whole: int) -> str:
    """`97.3 %`; a dash of nothing. Only what is whole is 100, and only nothing is 0."""
    if not whole:
        return NONE
    tenths = (part * 2000 + whole) // (whole * 2)  # half up
    tenths = min(max(tenths, 1), 999) if 0 < part < whole else tenths
    return f"{tenths // 10}.{tenths % 10} %" if tenths < 1000 else "100 %"


def share(part: int, whole: int) -> float | None:
    """The number that `percent` says; None of nothing."""
    said = percent(part, whole).removesuffix(" %")
    return None if said == NONE else float(said)


def lasting(value: timedelta | None) -> str:
    """`48 m`, `3 h 12 m`, `1 d 6 h`; a dash of nothing."""
    if value is None:
        return NONE
    minutes = int(value.total_seconds() // 60)
    days, minutes = divmod(minutes, MINUTES_OF_DAY)
    hours, minutes = divmod(minutes, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes:02d} m" if hours else f"{minutes} m"


def in_hours(value: timedelta | None) -> str:
    """`3.2`, for the axis and the table under a chart."""
    return NONE if value is None else f"{value.total_seconds() / 3600:.1f}"
