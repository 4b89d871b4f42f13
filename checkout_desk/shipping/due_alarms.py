"""Which alarms a parcel's way gives rise to, and which of them still stand. Pure.

Alarms follow from the events as a whole, so that they are the same whatever the order in which a carrier told them. One
that is over by the time its cause is heard of is given all the same, with the word that ended it: it is kept and asks
nobody for anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from checkout_desk.shipping.converging import Outcome, Told, outcome

MOVING_ON = frozenset({"out_for_delivery", "available_for_pickup", "delivered"})
"""what ends the worry about a failed attempt: a scan in the depot does not"""
ON_AGAIN = MOVING_ON | {"in_transit"}
"""what ends the worry about a problem that the carrier reported"""
RESTING = frozenset({"delivered", "available_for_pickup"})
"""a parcel that waits for nobody's scan"""


@dataclass(frozen=True, slots=True)
class Way:
    """What is known of a parcel that has left, when somebody looks."""

    events: Sequence[Told]
    """as `converging.used` gives them"""
    left_at: datetime
    promised_on: date | None
    quiet_until: date
    """the last business day on which nothing need be heard, counted from the last scan"""
    today: date
    """where the store is"""
    ended: bool = False
    """returned, lost or not sent: a person knows"""


@dataclass(frozen=True, slots=True)
class Due:
    """One alarm. `over` says in a few words what made it moot; '' while somebody has to look."""

    kind: str
    about: str
    over: str = ""


def due(way: Way) -> list[Due]:
    """Every alarm that the way gives rise to, each once."""
    found = outcome(way.events)
    alarms = {
        (one.kind, one.about): one
        for one in (*_told(way.events, found, ended=way.ended), *_timed(way, found, ended=way.ended))
    }
    return list(alarms.values())


def _told(events: Sequence[Told], found: Outcome, *, ended: bool) -> Iterator[Due]:
    """What carriers say: attempts that failed, problems, the way back."""
    back = [told for told in events if told.returning]
    for told in events:
        if told.returning or told == found.doubted:
            continue
        if told.status == "failed_attempt":
            yield Due("failed_attempt", _day(told), _over(events, told, MOVING_ON, found, ended=ended))
        elif told.status in ("exception", "expired"):
            yield Due("exception", _day(told), _over(events, told, ON_AGAIN, found, ended=ended))
    if back:
        yield Due("coming_back", "", "Delivered" if found.status == "delivered" else "")
    if found.doubted is not None:
        yield Due("exception", f"delivered:{_day(found.doubted)}")


def _timed(way: Way, found: Outcome, *, ended: bool) -> Iterator[Due]:
    """What only the calendar says: nothing was heard, or the promised day has passed."""
    if ended or found.returning or found.status in RESTING:
        return
    if way.today > way.quiet_until:
        yield Due("silent", (found.last_scan_at or way.left_at).date().isoformat())
    if way.promised_on is not None and way.today > way.promised_on:
        yield Due("late", way.promised_on.isoformat())


def _over(events: Sequence[Told], since: Told, by: frozenset[str], found: Outcome, *, ended: bool) -> str:
    """What happened since that settles it, in a word; '' for nothing."""
    if found.returning:
        return "On its way back"
    if found.status == "delivered":
        return "Delivered"
    if ended:
        return "Known to a person"
    after = next((told for told in events if told.order > since.order and told.status in by), None)
    return SETTLED.get(after.status, "") if after else ""


SETTLED = {
    "in_transit": "Moving again",
    "out_for_delivery": "Out for delivery again",
    "available_for_pickup": "Ready to be picked up",
    "delivered": "Delivered",
}


def _day(told: Told) -> str:
    return told.at.date().isoformat()
