"""What a carrier's events come to, whatever the order in which they arrive and however often. Pure.

The carrier's own time decides, and rank where two events have the same one. What cannot be true is kept for people to
see and not used: an event far ahead of the moment in which it was told, and one from before the parcel existed
(carriers give a number out again).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

AHEAD = timedelta(hours=24)
"""how far a carrier's clock may be ahead, or behind the making of the parcel: time zones are mixed up often"""
RANK = {
    "pending": 0,
    "info_received": 1,
    "expired": 2,
    "in_transit": 3,
    "out_for_delivery": 4,
    "available_for_pickup": 5,
    "failed_attempt": 6,
    "exception": 7,
    "delivered": 8,
}
"""what counts of two events of one moment: what is further along, or worse"""
NO_SCAN = frozenset({"pending", "info_received", "expired"})
"""statuses that nobody scanned a parcel for"""
STATE = {
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "failed_attempt": "failed_attempt",
    "available_for_pickup": "available_for_pickup",
    "exception": "exception",
    "expired": "exception",
    "delivered": "delivered",
}
"""status -> state of the parcel; what is missing here leaves the state as it is"""
_DOUBTS = frozenset({"exception", "failed_attempt"})


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a carrier said. `returning`: on its way back to the sender, or there."""

    at: datetime
    status: str
    words: str = ""
    place: str = ""
    returning: bool = False

    @property
    def key(self) -> str:
        """What makes it this event: equal for every telling of it."""
        moment = self.at.astimezone(UTC).isoformat()
        parts = (moment, self.status, self.words, self.place, "returning" if self.returning else "")
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def order(self) -> tuple[datetime, int, bool, str, str]:
        """By the carrier's time, then by rank; the rest only makes it the same everywhere."""
        return self.at, RANK[self.status], self.returning, self.words, self.place

    @property
    def scanned(self) -> bool:
        """Whether somebody held the parcel."""
        return self.status not in NO_SCAN


@dataclass(frozen=True, slots=True)
class Known:
    """An event as it is kept: with the moment in which it was first told."""

    told: Told
    received_at: datetime

    def doubt(self, made_at: datetime) -> str:
        """Why it is not used, as a sentence for the parcel's page; '' where it is."""
        if self.told.at > self.received_at + AHEAD:
            return "Its time lies more than a day ahead of when it was told, so it is not used."
        if self.told.at < made_at - AHEAD:
            return "It is older than the parcel, so it is not used: carriers give numbers out again."
        return ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all events together say of a parcel."""

    status: str = "pending"
    state: str | None = None
    """None: the events say nothing that moves it"""
    delivered_at: datetime | None = None
    last_scan_at: datetime | None = None
    newest: Told | None = None
    """what the status stands on"""
    returning: bool = False
    doubted: Told | None = None
    """what speaks against a delivery: somebody has to look at it, but it undoes nothing"""


def used(events: Iterable[Known], *, made_at: datetime) -> list[Told]:
    """The events that count, each once, oldest first."""
    return sorted({one.told for one in events if not one.doubt(made_at)}, key=lambda told: told.order)


def outcome(events: Sequence[Told]) -> Outcome:
    """What `events`, as `used` gives them, come to.

    Delivered stays delivered: what is older, later or contradictory leaves it as it is, and is named as `doubted` where
    it says that the parcel went another way. Once a parcel comes back it does so until it has arrived.
    """
    scans = [told for told in events if told.scanned]
    last = scans[-1].at if scans else None
    handed = next((told for told in events if told.status == "delivered" and not told.returning), None)
    back = next((told for told in events if told.returning), None)
    if handed is not None:
        return Outcome("delivered", "delivered", handed.at, last, handed, False, _against(events, handed))
    if back is not None:
        home = any(told.returning and told.status == "delivered" for told in events)
        state = "returned_to_sender" if home else "exception"
        return Outcome("exception", state, None, last, (scans or [back])[-1], True)
    if not events:
        return Outcome()
    moving = [told for told in events if told.status not in ("pending", "info_received")]
    newest = (moving or events)[-1]
    return Outcome(newest.status, STATE.get(newest.status), None, last, newest)


def _against(events: Sequence[Told], handed: Told) -> Told | None:
    """The newest event that makes the delivery doubtful: a way back whenever it was, or trouble after it."""
    against = (
        told
        for told in reversed(events)
        if told.returning or (told.status in _DOUBTS and told.order > handed.order)
    )
    return next(against, None)
