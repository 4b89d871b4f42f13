"""`checkout-desk doctor`: looks at every part that the desk needs and says in plain words what to do."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, current_app
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import func, select, text

from checkout_desk import checkups, clock, migrating
from checkout_desk.catalogue import stock
from checkout_desk.conversations import counting
from checkout_desk.events.models import EventHead
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import db
from checkout_desk.incidents.models import Incident, IncidentCase
from checkout_desk.mail.models import Mailbox, OutboundMail, RawMail
from checkout_desk.queue import connection

SKEW = timedelta(seconds=5)
HEARTBEAT = timedelta(seconds=90)
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw. `ok` False is a fault; `words` say what was seen and, for a fault, what to do."""

    check: str
    ok: bool
    words: str


def examine(app: Flask, *, without: Collection[str] = ()) -> list[Finding]:
    """Every check in order but those named in `without`. A check that fails itself is a fault.

    Those that need the database are left out without it.
    """
    with app.app_context():
        findings = _guarded("home", home) + _guarded("disk", disk) + _guarded("database", database)
        for name, check in checkups.ALWAYS.items():
            findings += _guarded(name, check)
        if all(finding.ok for finding in findings if finding.check == "database"):
            for name, check in (NEED_DATABASE | checkups.NEED_DATABASE).items():
                if name not in without:
                    findings += _guarded(name, check)
        return findings + _guarded("queue", queue)


def _guarded(name: str, check: Callable[[], Iterator[tuple[bool, str]]]) -> list[Finding]:
    try:
        return [Finding(name, ok, words) for ok, words in check()]
    except Exception as fault:
        reason = str(fault).partition("\n")[0][:200]
        return [Finding(name, False, f"could not be looked at ({type(fault).__name__}: {reason})")]
    finally:
        db.session.remove()


def home() -> Iterator[tuple[bool, str]]:
    """DESK_HOME, its keys and its database are for this user alone (SECURITY A56)."""
    folder: Path = current_app.config["DESK_HOME"]
    wide = [
        path
        for path in (
            folder,
            folder / "keys",
            *(folder / "keys").glob("*"),
            folder / "blobs",
            folder / "valkey",
            folder / "desk.db",
        )
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    for path in wide:
        mode = "700" if path.is_dir() else "600"
        yield False, f"{path} can be read by other users; run: chmod {mode} '{path}'"
    if not wide:
        yield True, f"{folder} belongs to this user alone"


def disk() -> Iterator[tuple[bool, str]]:
    """Mail is refused before the disk is full."""
    root = current_app.extensions["desk_blobs"].folder or current_app.config["DESK_HOME"]
    free, reserve = shutil.disk_usage(root).free, current_app.config["DESK_DISK_RESERVE"]
    if free < reserve:
        yield (
            False,
            f"{free // 2**20} MB free, mail is refused below {reserve // 2**20} MB; free space or lower DESK_DISK_RESERVE",
        )
    elif free < 2 * reserve:
        yield (
            False,
            f"only {free // 2**20} MB free; mail will be refused below {reserve // 2**20} MB; free space now",
        )
    else:
        yield True, f"{free // 2**30} GB free"


def database() -> Iterator[tuple[bool, str]]:
    """The database answers and has this version's tables."""
    db.session.execute(text("SELECT 1"))
    wrong = migrating.unfit()
    if wrong:
        yield False, wrong
    else:
        yield True, f"{db.engine.dialect.name} answers and has this version's tables"


def machine_clock() -> Iterator[tuple[bool, str]]:
    """The machine's clock agrees with the database's, and is not behind what was recorded already."""
    if db.engine.dialect.name == "postgresql":
        told: datetime = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
        skew = abs(told.astimezone(UTC) - clock.now())
        yield (
            skew < SKEW,
            f"{skew.total_seconds():.1f} s between this machine and the database"
            + ("" if skew < SKEW else "; set both by NTP"),
        )
    newest = db.session.scalar(select(func.max(EventHead.at)))
    if newest is not None:
        ahead = newest - clock.now()
        if ahead > SKEW:
            yield (
                False,
                f"the newest event is {ahead.total_seconds():.0f} s in the future; set the machine's clock by NTP",
            )
            return
    refused = db.session.scalar(
        select(func.max(IncidentCase.last_at))
        .join(Incident, Incident.id == IncidentCase.incident_id)
        .where(Incident.kind == "clock", Incident.state == "open", IncidentCase.settled_at.is_(None))
    )
    if refused is not None:
        yield (
            False,
            f"webhooks are refused for their times, last {refused:%Y-%m-%d %H:%M} UTC; set the clock by NTP",
        )
        return
    yield True, "not behind what was recorded"


def record() -> Iterator[tuple[bool, str]]:
    """The event chain is whole."""
    report = verify()
    if report.first_wrong is not None:
        yield False, f"{report.why}; restore a backup or ask who could write to the database"
    else:
        yield True, f"{report.events} events, the chain is whole"


def counters() -> Iterator[tuple[bool, str]]:
    """The counters of the queue equal a recount."""
    wrong = counting.check()
    for words in wrong:
        yield False, f"{words}; report this as a bug, the counters are written with each change"
    if not wrong:
        yield True, "the queue's counters equal a recount"


def stock_ledger() -> Iterator[tuple[bool, str]]:
    """What products show as on hand, held and sold is what the ledger of movements gives."""
    wrong = stock.check()
    for words in wrong[:10]:
        yield False, f"{words}; somebody wrote to the database past the desk: count the product anew"
    if len(wrong) > 10:
        yield False, f"and {len(wrong) - 10} more balances are not what the ledger gives"
    if not wrong:
        yield True, "every balance equals its replayed ledger"


def mail_in() -> Iterator[tuple[bool, str]]:
    """Mail that was accepted is being understood."""
    oldest = db.session.scalar(select(db.func.min(RawMail.received_at)).where(RawMail.state == "received"))
    late = oldest is not None and clock.now() - oldest > LATE
    yield (
        not late,
        (
            f"a mail received at {oldest:%Y-%m-%d %H:%M} UTC is still not read; are the worker and the clock running?"
            if late
            else "no accepted mail waits to be read"
        ),
    )


def mail_out() -> Iterator[tuple[bool, str]]:
    """Nothing that is due has been waiting, and no outcome is unknown."""
    oldest = db.session.scalar(
        select(db.func.min(OutboundMail.due_at)).where(OutboundMail.state.in_(("queued", "sending")))
    )
    late = oldest is not None and clock.now() - oldest > LATE
    yield (
        not late,
        (
            f"a mail is due since {oldest:%Y-%m-%d %H:%M} UTC; are the worker and the clock running, does SMTP answer?"
            if late
            else "no mail waits longer than it should"
        ),
    )


def mailboxes() -> Iterator[tuple[bool, str]]:
    """Each mailbox was reached, is not silent, and every message of the server is accounted for; SMTP can be reached."""
    found = db.session.scalars(select(Mailbox).where(Mailbox.enabled)).all()
    if not found:
        yield True, "no mailbox yet; an admin adds one under Settings, Mailboxes"
    for mailbox in found:
        yield from _mailbox(mailbox)


def _mailbox(mailbox: Mailbox) -> Iterator[tuple[bool, str]]:
    from checkout_desk.mail import health

    name = mailbox.address
    if mailbox.imap_host:
        if mailbox.last_fault:
            yield (
                False,
                f"{name}: {mailbox.last_fault}; check host, user and password under Settings, Mailboxes",
            )
        elif mailbox.last_contact_at is None:
            yield False, f"{name}: never reached; is the mailbox process running?"
        elif clock.now() - mailbox.last_contact_at > LATE:
            yield (
                False,
                f"{name}: last reached {mailbox.last_contact_at:%Y-%m-%d %H:%M} UTC; is the mailbox process running?",
            )
        else:
            yield True, f"{name}: reached {mailbox.last_contact_at:%H:%M:%S} UTC"
        if silence := health.silent(mailbox, clock.now()):
            yield False, f"{name}: {silence}"
        for folder in health.balance(mailbox.id):
            if not folder.balanced:
                yield (
                    False,
                    f"{name}: {folder} does not balance; messages of the server are not accounted for",
                )
    if mailbox.smtp_host:
        yield _smtp(mailbox)
    if not (mailbox.imap_host or mailbox.smtp_host):
        yield True, f"{name}: takes mail by LMTP, HTTP or import; nothing to reach"


def _smtp(mailbox: Mailbox) -> tuple[bool, str]:
    where = f"{mailbox.smtp_host}:{mailbox.smtp_port}"
    if current_app.config["DESK_SANDBOX"]:
        return True, f"{mailbox.address}: the sandbox reaches nobody outside"
    try:
        socket.create_connection((mailbox.smtp_host, mailbox.smtp_port), timeout=5).close()
    except OSError as fault:
        return (
            False,
            f"{mailbox.address}: SMTP {where} does not answer ({fault}); check host, port and firewall",
        )
    return True, f"{mailbox.address}: SMTP {where} can be reached"


def queue() -> Iterator[tuple[bool, str]]:
    """Valkey answers and a worker was heard of lately."""
    try:
        connection().ping()
    except (RedisError, OSError):
        yield (
            False,
            "Valkey does not answer; start the desk (checkout-desk up) or check REDIS_URL. No mail is lost meanwhile",
        )
        return
    yield True, "Valkey answers"
    beats = [worker.last_heartbeat for worker in Worker.all(connection=connection()) if worker.last_heartbeat]
    age = clock.now() - max(_aware(beat) for beat in beats) if beats else None
    if age is None:
        yield False, "no worker runs; start the desk (checkout-desk up) or a worker (checkout-desk worker)"
    else:
        words = f"the newest worker was heard of {age.total_seconds():.0f} s ago"
        yield age < HEARTBEAT, words if age < HEARTBEAT else words + "; start a worker (checkout-desk worker)"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


NEED_DATABASE: dict[str, Callable[[], Iterator[tuple[bool, str]]]] = {
    "clock": machine_clock,
    "record": record,
    "counters": counters,
    "stock": stock_ledger,
    "mail in": mail_in,
    "mail out": mail_out,
    "mailboxes": mailboxes,
}
