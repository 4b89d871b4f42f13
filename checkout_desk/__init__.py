"""Checkout Desk: a helpdesk for stores that take orders by e-mail."""

from __future__ import annotations

import sys
from typing import Any

__version__ = "0.1.0"


class _WithoutColours:
    """Lets structlog load without rich, which costs 6 MB and a tenth of the start for tracebacks that we never print.

    Only while structlog itself is being loaded: whoever else wants rich gets it.
    """

    @staticmethod
    def find_spec(name: str, path: Any, target: Any = None) -> None:
        """Asked by the import system first; refuses the one module and leaves all others to those behind."""
        loading = getattr(getattr(sys.modules.get("structlog"), "__spec__", None), "_initializing", False)
        if name == "rich" and loading:
            raise ModuleNotFoundError("structlog does without rich here", name=name)


sys.meta_path.insert(0, _WithoutColours)
