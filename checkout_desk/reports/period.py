"""The days that a report is about, in the store's time zone, and the days before that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

USUAL = 30
"""days that are shown when nobody chose"""
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """The instant at which the first day begins."""
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The instant at which the day after the last begins."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        """Every day of it. Nobody may change the list: making one of 400 days at each use would cost more than what it is for."""
        return _days(self.first, self.last)

    def before(self) -> Period:
        """As many days directly before."""
        long = self.last - self.first + timedelta(days=1)
        return Period(self.first - long, self.first - timedelta(days=1), self.zone)

    def day_of(self, at: datetime) -> date:
        """The store's day of an instant."""
        return at.astimezone(self.zone).date()


@lru_cache(maxsize=256)
def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def typed(first: str, last: str, *, now: datetime, zone: ZoneInfo) -> tuple[Period, dict[str, str]]:
    """The period that two typed days name, and sentences by field for what cannot be used; then the usual one."""
    today = now.astimezone(zone).date()
    usual = Period(today - timedelta(days=USUAL - 1), today, zone)
    faults: dict[str, str] = {}
    begin = _day(first, "from", faults) or usual.first
    end = _day(last, "to", faults) or (max(today, begin) if first else usual.last)
    if not faults and end < begin:
        faults["to"] = f"“{last}” lies before the first day; choose a day from {begin.isoformat()} on."
    if not faults and (end - begin).days >= LONGEST:
        faults["to"] = f"That is {(end - begin).days + 1} days; a report takes up to {LONGEST}."
    return (usual, faults) if faults else (Period(begin, end, zone), {})


def against(typed_: str, found: Period) -> tuple[Period, dict[str, str]]:
    """The range that `found` is compared with: as many days from a typed day on, or those directly before; and a sentence."""
    faults: dict[str, str] = {}
    begin = _day(typed_, "against", faults)
    if begin is None:
        return found.before(), faults
    return Period(begin, begin + (found.last - found.first), found.zone), faults


def _day(text: str, name: str, faults: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2199:
        faults[name] = f"“{text[:20]}” is not a day; use one such as 2026-11-02."
        return None
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
