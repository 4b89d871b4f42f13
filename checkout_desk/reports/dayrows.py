"""What reports count, day by day: the form in which a measure is counted, kept ready and added up.

A row holds the numbers of one day of the store and one part of a measure: integers that add up, and lists of integers whose
middle values somebody wants. Rows of several days come to the same whether they were kept or counted a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNTIL = "until"
"""the part by which a measure says how long the numbers of a day stand by themselves: {'at': microseconds since 1970}"""


@dataclass(frozen=True, slots=True)
class DayRow:
    """The numbers of one day and one part ('en|quantity', 'paid|GBP', a person's id)."""

    day: date
    part: str
    data: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """Rows while they are counted."""

    found: dict[tuple[date, str], dict[str, Any]] = field(default_factory=dict)

    def add(self, day: date, part: str, **numbers: int | list[int]) -> None:
        """Add to the numbers of a day and part: integers to integers, lists to lists."""
        _add(self.found.setdefault((day, part), {}), numbers)

    def rows(self) -> list[DayRow]:
        """The rows by day and part, their lists in order: equal histories give equal rows."""
        return [
            DayRow(day, part, {name: _ordered(value) for name, value in sorted(data.items())})
            for (day, part), data in sorted(self.found.items())
        ]


def total(rows: Iterable[DayRow]) -> dict[str, dict[str, Any]]:
    """Part → its numbers over all these days."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        _add(found.setdefault(row.part, {}), row.data)
    return found


def split(part: str) -> list[str]:
    """The words of a part."""
    return part.split("|")


def micro(value: timedelta) -> int:
    """A length of time as a row keeps it, exact."""
    return value // MICROSECOND


def lengths(values: Iterable[int]) -> list[timedelta]:
    """Kept lengths as lengths of time."""
    return [timedelta(microseconds=value) for value in values]


def _add(data: dict[str, Any], numbers: Any) -> None:
    for name, value in numbers.items():
        if isinstance(value, list):
            data.setdefault(name, []).extend(value)
        else:
            data[name] = data.get(name, 0) + value


def _ordered(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
