"""Row numbers in addresses, parameters and forms: what no 64-bit column can hold is no number (SECURITY A27).

`int()` takes other scripts' digits, signs, spaces and underscores, refuses more than 4,300 digits with an error of its
own, and returns what both databases then refuse with another.
"""

from __future__ import annotations

import re
from typing import Any

from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")


def row_number(value: str) -> int:
    """The number that `value` names: ASCII digits, at most 2**63 - 1. Raises ValueError for anything else.

    Made for `request.args.get("before", type=row_number)`, which then gives the default.
    """
    if not _DIGITS.fullmatch(value) or int(value) > LARGEST:
        raise ValueError("no row number")
    return int(value)


class RowNumber(IntegerConverter):
    """`<int:id>` in an address; a number that no row can have is an address that does not exist."""

    regex = _DIGITS.pattern

    def __init__(self, url_map: Any, *args: Any, **options: Any) -> None:
        """As the router calls it; the largest number is ours unless the rule names a smaller one."""
        super().__init__(url_map, *args, **{"max": LARGEST, **options})
