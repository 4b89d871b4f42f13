"""The steps between which a mail's way in and out can be cut, and on which engine each is tried."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

RECEIVE = ("receive.before_blob", "receive.after_blob", "receive.before_commit", "receive.after_commit")
"""every door: before the bytes are kept, before the row is written, before its commit, before it is acknowledged"""

READ = (*RECEIVE[:3], "imap.cursor", RECEIVE[3])
"""the mailbox reader: its cursor moves in the transaction of the row"""

IMPORT = ("import.before_commit", "import.after_commit")
"""the command that stores a batch at once"""

TAKE_IN = (
    "take_in.before_claim",
    "take_in.after_claim",
    "take_in.after_parse",
    "take_in.before_commit",
    "take_in.after_commit",
)
"""the worker that understands a mail"""

REPLY = ("reply.before_commit", "reply.after_commit")
"""the web process that queues a reply"""

UNSENT = ("deliver.before_claim", "deliver.after_claim", "deliver.before_data", "smtp.before_data")
"""the worker that sends: here the server has nothing yet"""

HANDED_OVER = ("smtp.after_dot", "deliver.before_commit")
"""the server has the mail, and no row says so"""

SENT = ("deliver.after_commit",)

DISK = ("storage.write", "storage.sync")
"""where a full disk refuses"""

QUOTING = ("quoting.moved", "quoting.held", "quoting.sent", "quoting.committed")
"""a new version takes the stock of the old one, is sent, and is paid: each one transaction"""

PROVIDER_EVENT = ("provider_event.after_blob", "provider_event.before_commit", "provider_event.after_commit")
"""the door of a payment provider: the bytes are kept, the row is written, it is acknowledged"""

UNDERSTAND_EVENT = ("understand_event.before_write", "understand_event.before_commit")
"""the worker that finds out what a provider's event means"""

PAYMENT_LINK = ("payment_link.asked", "payment_link.opened")
"""a page to pay on: its row is committed, the provider has made it"""

REFUND = ("refund.after_claim", "refund.before_commit")
"""the worker that asks for money back: before the provider hears of it, and before its answer is kept"""

LEAVING = ("handing_over.shipped", "handing_over.told")
"""a parcel leaves: its pieces are taken from the stock, the customer is told; one transaction"""

LABEL = ("buying.before_call", "buying.after_call")
"""a label is bought: its row is committed and the carrier has heard nothing; the carrier has sold it and no row says so"""

NUMBERS = ("numbers.given",)
"""a list of tracking numbers: one parcel has left, and the list does not say so yet"""

BACKUP = ("backup.after_database", "backup.before_sync", "backup.after_naming")
"""a backup: the database is in the file, all is in it, it has its name"""

RESTORE = ("restore.before_blobs", "restore.before_database")
"""a restore: what was checked goes into its place, the database last"""

ALL = frozenset(
    (
        *BACKUP,
        *RESTORE,
        *RECEIVE,
        *READ,
        *IMPORT,
        *TAKE_IN,
        *REPLY,
        *UNSENT,
        *HANDED_OVER,
        *SENT,
        *DISK,
        *QUOTING,
        *PROVIDER_EVENT,
        *UNDERSTAND_EVENT,
        *PAYMENT_LINK,
        *REFUND,
        *LEAVING,
        *LABEL,
        *NUMBERS,
    )
)


def on(engine: str, steps: Iterable[str]) -> list[object]:
    """Parameters (engine of the running desk, step) for each step."""
    return [pytest.param(engine, step, id=f"{engine}-{step}") for step in steps]


def both(steps: Iterable[str], *, postgres: Iterable[str]) -> pytest.MarkDecorator:
    """A test with `running` and `step`: every step on SQLite, those that matter for locking on PostgreSQL too."""
    cells = [*on("sqlite", steps), *on("postgres", postgres)]
    return pytest.mark.parametrize(("running", "step"), cells, indirect=["running"])


def engines(*names: str) -> pytest.MarkDecorator:
    """A test with `running` alone, on each of the engines."""
    return pytest.mark.parametrize("running", names, indirect=True)
