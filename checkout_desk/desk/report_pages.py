"""Pages of what stands behind a figure: each begins after the last row of the one before, by what that row is and not by how many
there were, so that a row which comes or goes meanwhile makes nobody miss another one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from flask import request

PAGE = 50
Place = tuple[int, ...]
"""by which rows are in order, and which no two of them share"""
T = TypeVar("T")
_PLACE = re.compile(r"[0-9]{1,19}(?:-[0-9]{1,19}){0,2}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(at: datetime) -> int:
    """An instant as a part of a place."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def page(rows: Sequence[tuple[Place, T]]) -> tuple[list[T], str]:
    """Of rows in the order of their places, those of the page that the address asks for, and the word `after` of the next page; ''
    where there is none. A word that means nothing asks for the first page."""
    typed = request.args.get("after", "")
    after: Place = tuple(int(one) for one in typed.split("-")) if _PLACE.fullmatch(typed) else ()
    rest = [row for row in rows if row[0] > after]
    more = "-".join(map(str, rest[PAGE - 1][0])) if len(rest) > PAGE else ""
    return [row for _, row in rest[:PAGE]], more
