"""An event in words: the one function through which every event is shown, in the search, in a CSV and in a timeline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from checkout_desk import money
from checkout_desk.orders import happenings
from checkout_desk.records.plain import quiet
from checkout_desk.records.titles import TITLES
from checkout_desk.settings.effective import long_day

_NOUNS = {"parcel": "Parcel", "hook": "Web door", "numbers": "List of tracking numbers", "records": "Records"}
_SAYING = (
    "quote", "parcel", "number", "sku", "name", "title", "what", "milestone", "template", "fields", "tags",
    "tracking_number", "count", "messages", "rows", "outcome", "why", "reason", "fault",
)  # fmt: skip
"""what a line tells of all that an event holds, in this order, at most four of them"""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d[\d:.+]*)?")
_ACTORS = {
    "desk": "The desk",
    "customer": "The customer",
    "command": "The command line",
    "visitor": "A visitor",
}


def who(actor: str, people: Mapping[int, str]) -> str:
    """Who did it, by the actor of an event: 'person:7', 'desk', 'customer', 'command', 'visitor'."""
    if actor.startswith("person:") and actor[7:].isdigit():
        return people.get(int(actor[7:])) or f"Person {actor[7:]}"
    return _ACTORS.get(actor, actor)


def words(event: Any) -> str:
    """What happened, as a line without who did it: 'Quote sent (quote 1042-Q1, £12.00)'."""
    before, after = _sides(event)
    if event.kind.startswith("order.") and event.kind not in TITLES:
        told = happenings.words(event.kind, before, after)
        why = after.get("reason") or after.get("why")
        return told[:1].upper() + told[1:] + (f": {why}" if why else "")
    facts = list(_facts(after))[:4]
    return _title(event.kind) + (f" ({', '.join(facts)})" if facts else "")


def _sides(event: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an event holds, without what must not be shown; a row that somebody tampered with may hold anything."""
    sides = (quiet(event.before), quiet(event.after))
    before, after = (side if isinstance(side, dict) else {"value": side} if side else {} for side in sides)
    return before, after


def _title(kind: str) -> str:
    known = TITLES.get(kind)
    if known:
        return known
    noun, _, what = kind.partition(".")
    subject = _NOUNS.get(noun, noun.replace("_", " ").capitalize())
    if noun == "conversation" and what.split("_")[0] in ("quote", "payment", "refund", "parcel", "return"):
        return what.replace("_", " ").capitalize()
    return f"{subject} {what.replace('_', ' ')}"


def _facts(after: Mapping[str, Any]) -> Iterator[str]:
    minor, currency = after.get("minor"), after.get("currency")
    if isinstance(minor, int) and isinstance(currency, str):
        yield money.show(minor, currency)
    for key in _SAYING:
        value = after.get(key)
        if value in (None, "", [], {}) or (key == "quote" and isinstance(value, int)):  # an id says nothing
            continue
        yield f"{key.replace('_', ' ')} {_short(value)}"


def changes(event: Any) -> list[tuple[str, str, str]]:
    """All that an event holds: (what, as it was, as it became), in words."""
    before, after = _sides(event)
    keys = [*before, *(key for key in after if key not in before)]
    return [
        (
            str(key).replace("_", " "),
            _short(before[key]) if key in before else "",
            _short(after[key]) if key in after else "",
        )
        for key in keys
    ]


def _short(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_short(one) for one in value) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_short(one)}" for key, one in value.items()) or "nothing"
    return _day(str(value))


def _day(words: str) -> str:
    """A day or an instant (UTC, as all of the record) as people write it; other words as they are."""
    if not _INSTANT.fullmatch(words):
        return words
    try:
        at = datetime.fromisoformat(words)
    except ValueError:  # the 31st of February
        return words
    return long_day(at) + (f", {at.astimezone(UTC):%H:%M} UTC" if "T" in words and at.tzinfo else "")
