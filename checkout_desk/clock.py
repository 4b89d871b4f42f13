"""The one place that asks what time it is, so that tests and the demo store replace one thing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("desk_pretended_now", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def pretending(at: datetime) -> Iterator[None]:
    """Within the block it is `at` (aware): the demo store is built through the real transitions, days ago."""
    token = _pretended.set(at)
    try:
        yield
    finally:
        _pretended.reset(token)
