"""Times, ages, sizes and deadlines as people read them, in the store's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SOON = timedelta(hours=4)
"""a promise turns amber this long before it breaks"""

UNSAID = timedelta(days=3650)
"""a pause that ends so late was given no end"""


@lru_cache(maxsize=32)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name; UTC for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Clockface:
    """Says instants in one zone as seen from one present instant (aware UTC)."""

    now: datetime
    zone: ZoneInfo

    def short(self, at: datetime) -> str:
        """`11:20` today, `Tue 11:20` within a week, `3 Nov 11:20` this year, else `3 Nov 2024`."""
        there, here = at.astimezone(self.zone), self.now.astimezone(self.zone)
        if there.date() == here.date():
            return f"{there:%H:%M}"
        if abs((here.date() - there.date()).days) < 7:
            return f"{there:%a %H:%M}"
        if there.year == here.year:
            return f"{there.day} {there:%b %H:%M}"
        return f"{there.day} {there:%b %Y}"

    def full(self, at: datetime) -> str:
        """`Tuesday 17 November 2026, 11:20 GMT`."""
        there = at.astimezone(self.zone)
        return f"{there:%A} {there.day} {there:%B %Y, %H:%M %Z}"

    def time(self, at: datetime) -> str:
        """`11:20`."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def date(self, at: datetime) -> str:
        """`3 Nov 2026`."""
        there = at.astimezone(self.zone)
        return f"{there.day} {there:%b %Y}"

    def day(self, at: datetime) -> str:
        """`today`, `tomorrow`, or the date."""
        days = (at.astimezone(self.zone).date() - self.now.astimezone(self.zone).date()).days
        there = at.astimezone(self.zone)
        return {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days) or f"{there:%a} {there.day} {there:%b}"

    def days_until(self, at: datetime) -> int:
        """Calendar days in the store's zone from today to `at` (0 today, negative in the past)."""
        return (at.astimezone(self.zone).date() - self.now.astimezone(self.zone).date()).days

    def age(self, at: datetime) -> str:
        """How long ago: `3 m`, `5 h`, `2 d`, `4 w`."""
        return span(self.now - at)

    def ago(self, at: datetime) -> str:
        """`2 min ago`, `3 h ago`, `just now`."""
        passed = self.now - at
        if passed < timedelta(minutes=1):
            return "just now"
        if passed < timedelta(hours=1):
            return f"{int(passed.total_seconds() // 60)} min ago"
        return f"{span(passed)} ago"


def span(length: timedelta) -> str:
    """A length of time in its largest unit: `3 m`, `5 h`, `2 d`, `4 w`."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} m" if minutes else "now"
    if minutes < 24 * 60:
        return f"{minutes // 60} h"
    days = minutes // (24 * 60)
    return f"{days} d" if days < 28 else f"{days // 7} w"


def precise(length: timedelta) -> str:
    """`1 h 40 m`, `25 m`, `2 d 3 h`: what is left of a promise or how far it is over."""
    minutes = max(int(length.total_seconds() // 60), 0)
    days, rest = divmod(minutes, 24 * 60)
    hours, mins = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {mins:02d} m" if mins else f"{hours} h"
    return f"{mins} m"


def promise(
    face: Clockface,
    due_at: datetime | None,
    *,
    state: str,
    long: bool = False,
    paused_until: datetime | None = None,
) -> dict[str, str] | None:
    """The pill of a promise: tone, icon and words; None when nothing is promised.

    `long` adds the time of day to what is left. While it is paused, until when: no deadline comes nearer. Red once broken, amber under four hours, else grey.
    """
    if due_at is None:
        if state == "waiting":
            return {"tone": "theirs", "icon": "hourglass", "text": "customer’s turn"}
        return None
    if paused_until is not None and paused_until > face.now:
        end = f"{face.day(paused_until)} {face.time(paused_until)}"
        text = "paused" if paused_until - face.now > UNSAID else f"paused until {end}"
        return {"tone": "theirs", "icon": "pause", "text": text}
    left = due_at - face.now
    if left <= timedelta(0):
        return {"tone": "bad", "icon": "circle-alert", "text": f"{precise(-left)} over"}
    if left < SOON:
        text = precise(left) if not long else f"due {face.time(due_at)}, {precise(left)} left"
        return {"tone": "soon", "icon": "clock", "text": text}
    day = face.day(due_at)
    return {"tone": "", "icon": "clock", "text": f"{'due' if day == 'today' else day} {face.time(due_at)}"}


def size(count: int) -> str:
    """Bytes as people read them: `340 bytes`, `12 kB`, `3.4 MB`."""
    if count < 1000:
        return f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"


def initials(name: str) -> str:
    """Up to two letters that stand for a name."""
    words = [word for word in name.replace("<", " ").split() if word[:1].isalnum()]
    if not words:
        return "?"
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()
