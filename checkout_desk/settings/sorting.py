"""The order in which customers are shown what they can choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checkout_desk.events.recording import record


def move_up(rows: Sequence[Any], one: Any) -> bool:
    """Rows of any table that has a `position`: put `one` before the row above it in `rows` (all, as they are sorted now). Whether it could go higher."""
    order = list(rows)
    at = order.index(one)
    if at:
        order[at - 1], order[at] = order[at], order[at - 1]
    for position, row in enumerate(order):
        row.position = position
    if at:
        record(f"{one.__tablename__}.moved", about=one, before={"place": at + 1}, after={"place": at})
    return bool(at)
