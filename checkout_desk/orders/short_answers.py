"""A bare answer to a question of ours: “LS1 4DY”, “three, please”. It says nothing by itself, and much to who asked.

Only what was asked for, is open still and stands there beyond doubt is taken: one postcode in the form of the order's
country, one region of it, one country, or one number alone on its line where one quantity was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.orders import asking, completeness, details, happenings, loading
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.next_action import OPEN
from checkout_desk.orders.undoing import doing
from checkout_desk.reading import countries
from checkout_desk.reading.canonical import fold
from checkout_desk.settings.models import store

RULE = "answers what was asked"
LONGEST = 2000
"""a longer mail is no bare answer; its readings say what it says"""
_ALONE = re.compile(
    r"\W*(?:(?:just|only|nur|bitte|seulement|solo|apenas|alleen|i(?:'d)? (?:like|want|need)|make it|ich (?:möchte|nehme|brauche)) )?"
    r"(\d{1,4})(?: ?(?:x|×|pieces?|pcs|of them|stück|stk|pièces?|unidades?|pezzi|stuks|個|つ|本|枚))?"
    r"(?:,? (?:please|bitte|s'il vous plaît|por favor|per favore|alstublieft|graag|thanks|thank you|danke))?\W*"
)


def fill(order: Order, message_id: int, *, at: datetime) -> list[str]:
    """Fill what a message answers in so few words. Returns the names of what was filled. The order is locked."""
    message = db.session.get(Message, message_id)
    if message is None or order.state not in OPEN or not order.asked:
        return []
    lines = [line for line in loading.lines(order) if line.removed_at is None]
    open_gaps = completeness.gaps(order, lines, ask_phone=store().ask_phone)
    wanted = [gap for gap in open_gaps if gap.asked_at is not None and gap.askable]
    said = list(_own_lines(message))
    filled: list[str] = []
    with doing(order, "fill", by=None, sentence=""):
        for gap in wanted:
            found = _detail(gap.field, order, said) if gap.field else None
            if found and gap.field:
                value, span = found
                details.put(order, {gap.field: value}, source=_source(span), message_id=message_id)
                filled.append(gap.field)
        counts = [gap for gap in wanted if gap.name == "quantity"]
        if len(counts) == 1 and (number := _number(said)):
            _count(counts[0].line_id, number, message_id, at)
            filled.append(f"quantity:{counts[0].line_id}")
        if filled:
            asking.answered(order)
            happenings.note(order, "filled", customer=True, message=message_id, fields=filled)
    return filled


def asks(message_id: int) -> bool:
    """Whether the writer's own words hold a question besides."""
    message = db.session.get_one(Message, message_id)
    return any("?" in line or "？" in line for line, _ in _own_lines(message))


def _own_lines(message: Message) -> Iterator[tuple[str, int]]:
    """The lines of the writer's own words, and where each begins in the text."""
    zones = message.zones or [["own", 0, len(message.text)]]
    own = [(start, end) for kind, start, end in zones if kind == "own"]
    if sum(end - start for start, end in own) > LONGEST:
        return
    for start, end in own:
        at = start
        for line in message.text[start:end].split("\n"):
            yield line, at
            at += len(line) + 1


def _source(span: tuple[int, int]) -> dict[str, Any]:
    return {
        "by": "reading", "span": list(span), "source": "body", "rule": RULE, "confidence": 0.9, "inferred": False,
    }  # fmt: skip


def _detail(field: str, order: Order, said: list[tuple[str, int]]) -> tuple[str, tuple[int, int]] | None:
    """The one value that the lines give for a field, and where it stands; None for none, or for several."""
    find = {"ship_postcode": _postcodes, "ship_region": _regions, "ship_country": _countries}.get(field)
    if find is None:
        return None
    found = {value: span for line, at in said for value, span in find(line, at, order.ship_country)}
    return next(iter(found.items())) if len(found) == 1 else None


def _postcodes(line: str, at: int, country: str) -> Iterator[tuple[str, tuple[int, int]]]:
    pattern = countries.postcode_pattern(country) if country else None
    low = line.lower()
    if pattern is None or len(low) != len(line):
        return
    for match in pattern.finditer(low):
        yield (
            details.postcode(line[match.start() : match.end()], country),
            (at + match.start(), at + match.end()),
        )


def _regions(line: str, at: int, country: str) -> Iterator[tuple[str, tuple[int, int]]]:
    known = countries.region_names(country) if country else {}
    yield from _named(line, at, known)


def _countries(line: str, at: int, country: str) -> Iterator[tuple[str, tuple[int, int]]]:
    yield from _named(line, at, countries.country_names())


def _named(line: str, at: int, known: dict[str, str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """What a whole line names, or what follows its last 'is' or colon."""
    for part in dict.fromkeys((line, re.split(r":|\bis\b|\bin\b", line)[-1])):
        bare = part.strip(" .,;!\t\r")
        code = known.get(fold(bare)) if bare else None
        if code:
            start = at + line.rindex(bare)
            yield code, (start, start + len(bare))
            return


def _number(said: list[tuple[str, int]]) -> int | None:
    """The one number that stands alone on a line, where no other number is said at all."""
    alone = [match for line, _ in said if (match := _ALONE.fullmatch(line.lower().strip()))]
    digits = sum(len(re.findall(r"\d+", line)) for line, _ in said)
    if len(alone) != 1 or digits != 1:
        return None
    return int(alone[0][1]) or None


def _count(line_id: int | None, number: int, message_id: int, at: datetime) -> None:
    line = db.session.get_one(OrderLine, line_id)
    line.quantity = number
    line.typed = {**line.typed, "quantity": {"by": "reading", "message": message_id, "at": at.isoformat(), "span": None}}  # fmt: skip
