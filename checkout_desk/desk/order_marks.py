"""Which words of which mails an order was made of: the numbers that words and lines share, and the highlights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkout_desk.desk import order_lines
from checkout_desk.desk.marks import Mark
from checkout_desk.desk.order_loaded import Loaded
from checkout_desk.orders.models import SHIP_FIELDS, Order


def detail_number(loaded: Loaded, *, phone: bool = False) -> int | None:
    """The number that an address (or the phone number) shares with its words in a mail, or None."""
    keys = ("phone",) if phone else tuple(f"ship_{name}" for name in SHIP_FIELDS)
    if not any(_span(loaded.order, key) for key in keys):
        return None
    lines = len(order_lines.numbered(loaded.rows))
    return lines + 1 + (1 if phone and detail_number(loaded) else 0)


def _span(order: Order, key: str) -> tuple[int, int, int] | None:
    """(message, start, end) of a detail that was read in the text of a mail."""
    origin = (order.sources or {}).get(key) or {}
    if origin.get("source", "body") != "body" or not origin.get("span") or not origin.get("message"):
        return None
    if origin.get("by", "reading") != "reading":
        return None
    return int(origin["message"]), int(origin["span"][0]), int(origin["span"][1])


def change_numbers(loaded: Loaded) -> dict[tuple[int, int], int]:
    """(change, place in it) → number, for what later mails want different."""
    number = len(order_lines.numbered(loaded.rows))
    number += sum(detail_number(loaded, phone=phone) is not None for phone in (False, True))
    found = {}
    for change in loaded.changes:
        for place, item in enumerate(change.changes):
            if item.get("span") and item.get("source", "body") == "body" and change.message_id:
                number += 1
                found[change.id, place] = number
    return found


def marks(loaded: Loaded, shown: Mapping[str, Any]) -> dict[int, tuple[Mark, ...]]:
    """Message id → the highlights over its text."""
    order, found = loaded.order, dict[int, list[Mark]]()
    by_id = {line["id"]: line for line in shown["lines"]}
    for line, _ in loaded.rows:
        one = by_id[line.id]
        if one["k"] and line.message_id and line.span_start is not None and line.span_end is not None:
            mark = Mark(line.span_start, line.span_end, one["k"], one["check"], f"ln{line.id}", one["says"])
            found.setdefault(line.message_id, []).append(mark)
    for keys, phone, says in (
        (tuple(f"ship_{name}" for name in SHIP_FIELDS), False, "Where the parcel goes"),
        (("phone",), True, "Phone number"),
    ):
        number = detail_number(loaded, phone=phone)
        for key in keys:
            place = _span(order, key)
            if place and number:
                target = "phone" if phone else "ship"
                found.setdefault(place[0], []).append(Mark(place[1], place[2], number, False, target, says))
    numbers = change_numbers(loaded)
    for change in loaded.changes:
        for place_in, item in enumerate(change.changes):
            n = numbers.get((change.id, place_in))
            if n and change.message_id:
                start, end = item["span"]
                mark = Mark(
                    int(start), int(end), n, True, f"ch{change.id}-{place_in}", "Wants something different"
                )
                found.setdefault(change.message_id, []).append(mark)
    return {message: tuple(sorted(one)) for message, one in found.items()}
