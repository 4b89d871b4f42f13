"""Checkout Desk: a helpdesk for stores that take orders by e-mail."""

from __future__ import annotations

import sys

__version__ = "0.1.0"


def _without_colours() -> None:
    """Load structlog without rich: it would bring 6 MB and a tenth of the start for tracebacks that we never print."""
    if "structlog" not in sys.modules and "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # an import of it fails, which structlog expects
        try:
            import structlog  # noqa: F401
        finally:
            del sys.modules["rich"]


_without_colours()
