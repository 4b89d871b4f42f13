"""Addresses inside the desk, built once: a page has a hundred of them, and werkzeug takes its time for each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import request, url_for

_MARK = 7_070_700_000
"""stands for a number while the address is built the first time"""


def path(endpoint: str, **values: Any) -> str:
    """As `url_for`, for values that are numbers or few fixed words; None leaves a value out."""
    numbers = tuple(key for key, value in values.items() if type(value) is int)
    words = tuple(
        (key, value) for key, value in values.items() if value is not None and type(value) is not int
    )
    return _form(request.script_root, endpoint, numbers, words).format(*(values[key] for key in numbers))


@lru_cache(maxsize=512)
def _form(
    script_root: str, endpoint: str, numbers: tuple[str, ...], words: tuple[tuple[str, Any], ...]
) -> str:
    marks: dict[str, Any] = {key: _MARK + place for place, key in enumerate(numbers)}
    built = url_for(endpoint, **marks, **dict(words)).replace("{", "{{").replace("}", "}}")
    for place, mark in enumerate(marks.values()):
        built = built.replace(str(mark), f"{{{place}}}")
    return built
