"""How many examples a property is tried with: some in every run of the suite, twenty times as many at night.

`DESK_TESTS=thorough make test ARGS="-k any_series"` asks for the many. The few are the same ones in each run.
"""

from __future__ import annotations

import os


def examples(ordinary: int) -> int:
    """The number for this run, for properties whose every step is a transaction of a real database."""
    return ordinary * 20 if os.environ.get("DESK_TESTS") == "thorough" else ordinary
