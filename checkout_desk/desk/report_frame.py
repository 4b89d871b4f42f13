"""What reports share on the screen: what was asked for, what is shown, and where figures lead."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path
from checkout_desk.desk.wording import Clockface
from checkout_desk.reports import period
from checkout_desk.reports.period import Period
from checkout_desk.reports.remembered import Days
from checkout_desk.reports.tables import Cell, Section


@dataclass(frozen=True, slots=True)
class Shown:
    """A report as it is shown: the line under its title, the figures on top, and the sections."""

    summary: str
    figures: Sequence[Mapping[str, str]]
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a report is made of, and a key that is another one whenever the report would be; None: it is made for this once.

    The key is of the very things in `facts`, or of stamps that never come back: else a page could be kept under the key of
    another state."""

    key: tuple[Hashable, ...] | None
    facts: Any = None


def stamped(*days: Days, also: tuple[Hashable, ...] = ()) -> tuple[Hashable, ...] | None:
    """The key of what is made of these days and of what else it shows."""
    return (*(one.stamp for one in days), *also) if all(one.head for one in days) else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for: days, the days that they are compared with, and who asks."""

    period: Period
    against: Period
    around: Frame
    compared: bool = False
    """with days that somebody chose"""
    words: Mapping[str, str] = field(default_factory=dict)
    """further words of the address, such as the clock"""

    @property
    def face(self) -> Clockface:
        """How times are said."""
        return self.around.face

    @property
    def days(self) -> dict[str, Any]:
        """What an address says of the days."""
        found = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        found |= {"against": self.against.first.isoformat()} if self.compared else {}
        return found | dict(self.words)

    def behind(self, kind: str, **words: Any) -> str:
        """The address of what a figure of a report counts."""
        return url_for("more_reports.behind", kind=kind, **self.days, **words)

    def order(self, number: int) -> str:
        """The address of an order."""
        return path("ordering.show", number=number)


def asked(words: Mapping[str, str], around: Frame) -> tuple[Asked, dict[str, str]]:
    """What the words of an address ask for, and sentences by field for what cannot be used; then the usual days."""
    found, faults = period.typed(
        words.get("from", ""), words.get("to", ""), now=around.face.now, zone=around.face.zone
    )
    against, more = period.against(words.get("against", ""), found)
    kept = {name: words[name] for name in ("clock",) if words.get(name) == "business"}
    compared = bool(words.get("against", "").strip()) and not more
    return Asked(found, against, around, compared, kept), faults | more


def figure(name: str, value: str, note: str, url: str = "") -> dict[str, str]:
    """One of the figures on top."""
    return {"name": name, "value": value, "note": note, "url": url}


def count(n: int, url: str) -> Cell:
    """A number that leads to what it counts; nothing leads nowhere."""
    return Cell(str(n), url if n else "", value=n)
