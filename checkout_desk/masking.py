"""Lines of the log without personal data: addresses, telephone and account numbers are masked, whoever writes the line."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

_WHAT = (
    (re.compile(r"[\w.+'*=%-]+@[\w-]+(?:\.[\w-]+)*"), "‹address›"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"), "‹account›"),
    (re.compile(r"(?<![\w.:-])(?:\+|00)\d(?:[ ()/-]?\d){7,14}(?![\w:])"), "‹number›"),
    (re.compile(r"(?<![\w.:+-])\d(?:[ -]?\d){12,18}(?![\w.:])"), "‹number›"),
)
"""what must not stand in a log: e-mail addresses, IBANs (ISO 13616), telephone numbers with their country, card numbers"""
_KEPT = frozenset({"timestamp", "level", "event"})


def mask(text: str) -> str:
    """`text` with every address and number of a person replaced by what it was."""
    for what, instead in _WHAT:
        text = what.sub(instead, text)
    return text


def masked(value: Any) -> Any:
    """`value` with its texts masked, at any depth."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(inner) for inner in value]
    return value


def processor(_logger: Any, _method: str, line: Any) -> Any:
    """For structlog: a line's values without personal data."""
    return {key: value if key in _KEPT else masked(value) for key, value in line.items()}


def other_loggers() -> None:
    """Have lines masked that libraries write, with their tracebacks; calling it again changes nothing."""
    made = logging.getLogRecordFactory()
    if getattr(made, "masks", False):
        return
    factory = _factory(made)
    factory.masks = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)


def _factory(made: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = made(*args, **kwargs)
        try:
            record.msg, record.args = mask(record.getMessage()), None
        except (TypeError, ValueError):  # a line whose words do not fit its values: logging itself says so
            return record
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return record

    return make
