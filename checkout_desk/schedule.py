"""The table of periodic work, and the clock process that does it.

Every entry finds rows that are due and acts on them by conditional updates, so running late, twice or on two machines
harms nothing. A lease in Valkey keeps a second clock quiet while the first one lives; without Valkey each clock works.
"""

from __future__ import annotations

import importlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app
from redis.exceptions import RedisError

from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.queue import connection

log = structlog.get_logger(__name__)

LEASE_KEY = "desk:clock"
LEASE_MILLISECONDS = 3000
"""how long after the death of one clock the other stays quiet"""

_RENEW = """
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return 1
"""


@dataclass(frozen=True, slots=True)
class Periodic:
    """One piece of periodic work: its name, the seconds between two runs, and "module:function" without arguments."""

    name: str
    seconds: float
    function: str
    first_after: float = 0
    """seconds after the start of the clock"""
    sandbox_only: bool = False


TABLE: tuple[Periodic, ...] = (
    Periodic("clock set back", 10, "checkout_desk.clock_jumps:sweep"),
    Periodic("outbox", 1, "checkout_desk.mail.outbox:sweep"),
    Periodic("raw mail", 5, "checkout_desk.intake.sweeping:sweep"),
    Periodic("wake conversations", 5, "checkout_desk.conversations.waking:wake"),
    Periodic("escalation rules", 30, "checkout_desk.conversations.escalating:sweep", first_after=15),
    Periodic("hand work out", 10, "checkout_desk.conversations.giving:sweep", first_after=5),
    Periodic("daily mail", 60, "checkout_desk.conversations.digest:sweep", first_after=25),
    Periodic("mailbox health", 30, "checkout_desk.mail.health:check_mailboxes"),
    Periodic("reminders", 60, "checkout_desk.doorstep.reminding:remind", first_after=20),
    Periodic("quotes", 20, "checkout_desk.orders.quote_clock:tick", first_after=10),
    Periodic("bank details", 60, "checkout_desk.settings.bank_changes:sweep", first_after=35),
    Periodic("payment events", 5, "checkout_desk.payments.understanding:sweep"),
    Periodic("payment links", 15, "checkout_desk.payments.linking:sweep"),
    Periodic("lost payment events", 600, "checkout_desk.payments.reconciling:sweep", first_after=90),
    Periodic("statements", 15, "checkout_desk.payments.importing:sweep"),
    Periodic("tracking numbers", 15, "checkout_desk.shipping.number_importing:sweep"),
    Periodic("end of day", 15, "checkout_desk.shipping.leaving_day:sweep"),
    Periodic("bought labels", 30, "checkout_desk.shipping.buying:sweep", first_after=15),
    Periodic("demo customers", 5, "checkout_desk.demo:customers_answer", sandbox_only=True),
    Periodic("payments", 5, "checkout_desk.payments.sweeping:sweep"),
    Periodic("refunds", 15, "checkout_desk.payments.refunding_job:sweep"),
    Periodic("doubtful refunds", 600, "checkout_desk.payments.refunding_job:look_again", first_after=60),
    Periodic("carrier events", 5, "checkout_desk.shipping.hearing:sweep"),
    Periodic("parcels asked", 60, "checkout_desk.shipping.polling:sweep", first_after=30),
    Periodic("parcel alarms", 300, "checkout_desk.shipping.alarms:sweep", first_after=45),
    Periodic("feedback", 300, "checkout_desk.feedback.asking:sweep", first_after=90),
    Periodic("communication errors", 20, "checkout_desk.incidents.noticing:sweep", first_after=10),
    Periodic("errors tried again", 60, "checkout_desk.incidents.retrying:sweep", first_after=50),
    Periodic("errors of the week", 600, "checkout_desk.incidents.summary:sweep", first_after=70),
    Periodic("erasures", 60, "checkout_desk.records.erasing:sweep", first_after=30),
    Periodic("exports of people", 60, "checkout_desk.records.person_export:sweep", first_after=40),
    Periodic("retention", 3600, "checkout_desk.records.retention:sweep", first_after=300),
    Periodic("daily backup", 600, "checkout_desk.backup.daily:sweep", first_after=120),
    Periodic("checks of the record", 30, "checkout_desk.records.chain_checks:sweep", first_after=35),
    Periodic("saved reports", 60, "checkout_desk.desk.report_mailing:sweep", first_after=65),
    Periodic("report days", 60, "checkout_desk.reports.rollups:sweep", first_after=50),
    Periodic("playbook", 300, "checkout_desk.playbook.pages:sweep", first_after=55),
    Periodic("orphan blobs", 86400, "checkout_desk.orphans:sweep", first_after=600),
)


def resolve(entry: Periodic) -> Callable[[], Any]:
    """The function of an entry. Raises ImportError or AttributeError when the table names what does not exist."""
    module, _, function = entry.function.partition(":")
    found: Callable[[], Any] = getattr(importlib.import_module(module), function)
    return found


def run(app: Flask, stop: threading.Event, *, table: tuple[Periodic, ...] = TABLE) -> None:
    """Do the work of the table until `stop` is set. Each entry has a thread: one that hangs holds up no other."""
    leading = threading.Event()
    entries = [e for e in table if app.config["DESK_SANDBOX"] or not e.sandbox_only]
    threads = [
        threading.Thread(target=_repeat, args=(app, e, leading, stop), name=e.name, daemon=True)
        for e in entries
    ]
    for thread in threads:
        thread.start()
    holder = secrets.token_hex(8)
    with app.app_context():
        while not stop.is_set():
            (leading.set if _holds_lease(holder) else leading.clear)()
            stop.wait(LEASE_MILLISECONDS / 3000)
        for thread in threads:
            thread.join(timeout=5)
        _let_go(holder)


def _repeat(app: Flask, entry: Periodic, leading: threading.Event, stop: threading.Event) -> None:
    pause = entry.first_after
    while not stop.wait(pause):
        if not leading.wait(timeout=1):
            pause = 0
            continue
        once(app, entry)
        pause = entry.seconds


def once(app: Flask, entry: Periodic) -> bool:
    """Run one entry in an app context of its own. Returns whether it succeeded; a fault is logged, never raised."""
    with app.app_context(), acting_as("desk", f"clock: {entry.name}"):
        try:
            resolve(entry)()
        except Exception as fault:
            log.error(
                "clock.fault",
                work=entry.name,
                fault=f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"[:300],
            )
            return False
        finally:
            db.session.remove()
    return True


def _holds_lease(holder: str) -> bool:
    try:
        return bool(connection().eval(_RENEW, 1, LEASE_KEY, holder, str(LEASE_MILLISECONDS)))
    except (RedisError, OSError):
        return True  # the sweeps are what repairs a lost queue: never wait for it


def _let_go(holder: str) -> None:
    try:
        if connection().get(LEASE_KEY) == holder.encode():
            connection().delete(LEASE_KEY)
    except (RedisError, OSError):
        current_app.logger.debug("the lease ends by itself")
