"""What is taken in from a file or from a carrier, in a process of its own that dies at its n-th commit."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from checkout_desk.accounts.models import Person
from checkout_desk.app import create_app
from checkout_desk.extensions import db
from checkout_desk.payments import importing
from checkout_desk.shipping import hearing


def main() -> int:
    """Do the step of argv[1]; stdin says with what, and at which commit (`cut`) before or `after` it to die; 0: never."""
    told = json.load(sys.stdin)
    app, seen = create_app(), 0

    def died(session: Session) -> None:
        nonlocal seen
        seen += 1
        if seen == told["cut"]:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, "after_commit" if told["after"] else "before_commit", died)
    with app.app_context():
        _STEPS[sys.argv[1]](told)
    return 0


def _statement(told: dict[str, Any]) -> None:
    by = db.session.get_one(Person, told["by"])
    importing.take_in(importing.plan(told["file"].encode(), "bank.csv"), by=by)


def _tracking(told: dict[str, Any]) -> None:
    hearing.understand(told["event"])


_STEPS = {"statement": _statement, "tracking": _tracking}
