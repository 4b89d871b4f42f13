"""`checkout-desk up`, or another command, with short waits: `python -m tests.faults.host [COMMAND]`.

The supervisor, the forks and every command are the real ones. Only the lengths of leases and pauses are changed, in the
one process from which all others are forked, so that what takes two minutes in a shop takes two seconds here.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta

from checkout_desk import cli, schedule, supervisor, up
from checkout_desk.intake import sweeping, taking_in
from checkout_desk.mail import delivery, leasing, outbox, outcomes, reader
from checkout_desk.payments import linking, understanding


def hurry() -> None:
    """Shorten every wait; the order of their lengths stays."""
    supervisor.HEALTHY_AFTER = (
        0.0  # every death is the first one: the back-off does not grow from test to test
    )
    taking_in.LEASE = timedelta(seconds=1.5)
    sweeping.PATIENCE = timedelta(seconds=0.5)
    leasing.LENGTH = timedelta(seconds=1.5)
    reader.RENEW_SECONDS = 0.3
    reader.run_readers.__kwdefaults__["poll_seconds"] = 0.3  # type: ignore[index]
    delivery.LEASE = timedelta(seconds=1.5)
    delivery.DATA_LEASE = timedelta(seconds=2)
    delivery.PATIENCE = 0.3
    outbox.RING_AGAIN = timedelta(seconds=0.5)
    outcomes.PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0.3, 0.6, 1.2))
    outcomes.UNKNOWN_PAUSE = timedelta(seconds=0.3)
    understanding.PATIENCE = timedelta(seconds=0.3)
    linking.LOOK_AGAIN = timedelta(seconds=3)
    schedule.LEASE_MILLISECONDS = 1500
    often = {
        "outbox": 0.2,
        "raw mail": 0.2,
        "payment events": 0.2,
        "payment links": 1,
        "payments": 0.5,
        "quotes": 0.5,
    }
    schedule.run.__kwdefaults__["table"] = tuple(  # type: ignore[index]
        replace(entry, seconds=often.get(entry.name, entry.seconds)) for entry in schedule.TABLE
    )


if __name__ == "__main__":
    hurry()
    words = sys.argv[1:]
    sys.exit(cli.run(words) if words else up.run(cli.run, first=["prepare"]))
