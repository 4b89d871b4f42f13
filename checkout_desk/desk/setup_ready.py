"""What the doctor says, for the end of the set-up."""

from __future__ import annotations

from typing import Any

from flask import current_app
from werkzeug.utils import import_string

DOCTOR = "checkout_desk.doctor:examine"
"""by name: the doctor looks at every part and so stands above the screens"""
LONG = frozenset({"record", "counters", "stock", "payments", "blobs", "holds"})
"""checks that read whole ledgers; the command line has the time for them"""


def faults() -> list[Any]:
    """Findings of the doctor that are not well, each with a sentence that says what to do."""
    examine = import_string(DOCTOR)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return [finding for finding in examine(app, without=LONG) if not finding.ok]
