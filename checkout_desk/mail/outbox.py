"""The outbox: a mail's row is added with whatever causes it, and everything that people may still do to it.

Functions that say "the caller commits" belong inside the caller's transaction, which it opened with `begin_write()`.
`sweep` is the safety net under lost wake-ups and dead workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from checkout_desk import clock
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.composing import check_line_ends, checked_address
from checkout_desk.mail.models import Mailbox, MailHold, OutboundMail
from checkout_desk.mail.outcomes import commit_outcome, doubt, in_flight, listeners, postpone, wake_next
from checkout_desk.mail.receiving import blobs
from checkout_desk.mail.results import Refusal
from checkout_desk.queue import later, ring
from checkout_desk.storage import Storing

__all__ = ["Swept", "listeners", "may_send_automatically", "queue_mail", "retry", "send_now", "sweep", "undo"]

RING_AGAIN = timedelta(seconds=30)
RINGS_AT_ONCE = 500
BREAKER_WINDOW = timedelta(hours=24)
_UNSYNCED = {"synchronize_session": False}
# Not a savepoint: rolling one back would drop the events and wake-ups noted so far.
_INSERTS = {
    "sqlite": sqlite.insert(OutboundMail).on_conflict_do_nothing().returning(OutboundMail),
    "postgresql": postgresql.insert(OutboundMail).on_conflict_do_nothing().returning(OutboundMail),
}


_OF = select(OutboundMail).where(OutboundMail.occasion == bindparam("occasion"))


def queue_mail(
    *,
    occasion: str,
    thread: str,
    mailbox: Mailbox,
    message_bytes: bytes,
    message_id: str,
    recipients: Sequence[str],
    automatic: bool = False,
    delay_seconds: float = 0,
    storing: Storing | None = None,
) -> OutboundMail:
    """Add one mail to the outbox; the caller commits it together with its cause.

    `occasion` names why the mail exists and is unique for ever: if it is known, the existing row is returned
    and nothing is added. `thread` is what the mail belongs to: its mails leave in the order of queueing.
    `message_bytes` are final (see `composing.compose`) and durable when this returns; a caller that holds the
    write lock does well to store them before with `blobs().put`, or to begin with it (`storing`) and to wait for its end
    before the commit. `delay_seconds` is the undo window.
    Raises ValueError for bytes with bare line ends, an address that cannot be sent to or a Message-ID used
    before, and NoSpace when the bytes cannot be stored.
    """
    check_line_ends(message_bytes)
    envelope = list(dict.fromkeys(checked_address(recipient) for recipient in recipients))
    if not envelope:
        raise ValueError("The mail has no recipient.")
    now = clock.now()
    row = {
        "occasion": occasion,
        "thread": thread,
        "mailbox_id": mailbox.id,
        "message_id": message_id,
        "sha256": storing.digest if storing else blobs().put(message_bytes),
        "size": len(message_bytes),
        "envelope_from": checked_address(mailbox.address),
        "recipients": envelope,
        "to_address": envelope[0].casefold()[:254],
        "automatic": automatic,
        "queued_at": now,
        "due_at": now + timedelta(seconds=delay_seconds),
        "state": "queued",
        "attempts": 0,
        "unknown_count": 0,
        "rung_at": None if delay_seconds > 0 else now,
    }
    added: OutboundMail | None = db.session.scalar(_INSERTS[db.engine.dialect.name], row)
    if added is not None:
        if delay_seconds <= 0:
            later("deliver", added.id)
        return added
    found = db.session.scalar(_OF, {"occasion": occasion})
    if found is None:
        raise ValueError("The Message-ID belongs to another mail.")
    return found


def undo(outbound_id: int) -> bool:
    """Cancel a mail inside its undo window; the caller commits and reverts what the mail told of.

    Returns whether it was cancelled. False means that it is leaving or has been tried: nothing was changed.
    """
    done = _change(
        and_(
            OutboundMail.id == outbound_id,
            OutboundMail.state == "queued",
            OutboundMail.attempts == 0,
            OutboundMail.unknown_count == 0,
            OutboundMail.due_at > clock.now(),
        ),
        state="cancelled",
    )
    if done:
        record("mail.cancelled", about=("outbound_mail", outbound_id))
        wake_next(db.session.get_one(OutboundMail, outbound_id).thread)
    return done


def send_now(outbound_id: int) -> bool:
    """End the wait of a queued mail, be it the undo window or the pause before the next attempt; the caller commits."""
    now = clock.now()
    done = _change(
        and_(OutboundMail.id == outbound_id, OutboundMail.state == "queued", OutboundMail.due_at > now),
        due_at=now,
        rung_at=now,
    )
    if done:
        later("deliver", outbound_id)
    return done


def retry(outbound_id: int) -> bool:
    """Send a failed or unknown mail again because a person says so: the same bytes, the same Message-ID.

    It goes to those who were not reached; the caller commits. Returns False in any other state.
    """
    row = db.session.get(OutboundMail, outbound_id, populate_existing=True, with_for_update=True)
    if row is None or row.state not in ("failed", "unknown"):
        return False
    before = row.state
    row.recipients = list(dict.fromkeys([*row.recipients, *(row.refused or {})]))
    row.refused = None
    row.state, row.attempts = "queued", 0
    row.due_at = row.rung_at = clock.now()
    row.claim = row.claimed_until = row.data_started_at = None
    record("mail.retried", about=row, before={"state": before}, after={"recipients": len(row.recipients)})
    later("deliver", outbound_id)
    return True


def may_send_automatically(
    address: str, thread: str, *, per_address: int, per_thread: int, now: datetime
) -> str | None:
    """The circuit breaker for automatic mails: None when one more may go, else the sentence that says why not.

    Counts automatic mails queued in the 24 hours before `now` to `address` and in `thread`, but not cancelled ones.
    """
    recent = select(func.count()).where(
        text("outbound_mail.automatic"),  # the words of the partial indexes
        OutboundMail.state != "cancelled",
        OutboundMail.queued_at > now - BREAKER_WINDOW,
    )
    try:
        known_as = checked_address(address).casefold()[:254]
    except ValueError as refusal:
        return str(refusal)
    if (db.session.scalar(recent.where(OutboundMail.to_address == known_as)) or 0) >= per_address:
        return (
            f"{address} has had {per_address} automatic mails within 24 hours, so no more are sent for now."
        )
    if (db.session.scalar(recent.where(OutboundMail.thread == thread)) or 0) >= per_thread:
        return f"This conversation has had {per_thread} automatic mails within 24 hours; no more are sent for now."
    return None


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: mails rung for, leases returned to the queue, mails become unknown."""

    rung: int = 0
    returned: int = 0
    unknown: int = 0


def sweep() -> Swept:
    """Bring back what dead workers held and wake workers for what is due. Cheap when there is nothing; run it often.

    Commits itself. The end of an undo window is acted upon by the next sweep, so call it every second or two.
    """
    db.session.rollback()
    now = clock.now()
    expired = sorted(db.session.scalars(select(OutboundMail.id).where(_expired(now))))
    db.session.rollback()
    with acting_as("desk", "sweep"):
        states = [_end_lease(found) for found in expired]
    return Swept(_ring_due(clock.now()), states.count("returned"), states.count("unknown"))


@cache
def blocked() -> ColumnElement[bool]:
    """SQL: an earlier mail of the same thread is still to leave, or it is a machine's and those are held.

    A machine's mail never holds up a person's.
    """
    earlier = aliased(OutboundMail)
    number = earlier.id + 0  # or SQLite would walk all older mail by the primary key
    held = and_(OutboundMail.automatic, exists(select(MailHold.id)))
    return or_(
        held,
        exists()
        .where(
            earlier.thread == OutboundMail.thread,
            number < OutboundMail.id,
            or_(~earlier.automatic, OutboundMail.automatic),
            in_flight(earlier),
        )
        .correlate(OutboundMail),
    )


def _expired(now: datetime) -> ColumnElement[bool]:
    # What was claimed was due; saying so lets the index on due_at find the few rows.
    return and_(
        in_flight(),
        OutboundMail.state == "sending",
        OutboundMail.due_at <= now,
        OutboundMail.claimed_until < now,
    )


def _end_lease(outbound_id: int) -> str:
    """Whoever held this mail is gone: 'unknown' if it was inside DATA, else 'returned' to the queue; '' if not so."""
    became = ""

    def apply(loud: bool) -> None:
        nonlocal became
        begin_write()
        row = db.session.scalar(
            select(OutboundMail)
            .where(OutboundMail.id == outbound_id, _expired(clock.now()))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            became = ""
        elif row.data_started_at is not None:
            became = "unknown"
            doubt(row, "The desk stopped while the mail was being handed over.", loud=loud)
        else:
            became = "returned"
            words = "The desk stopped before the mail was handed over."
            row.response = words
            postpone(row, dict.fromkeys(row.recipients, Refusal(False, 0, words)), loud=loud)
            if row.state == "queued" and row.attempts <= 1:
                row.due_at = clock.now()

    commit_outcome(outbound_id, apply)
    return became


def _ring_due(now: datetime) -> int:
    due = and_(
        in_flight(),
        OutboundMail.state == "queued",
        OutboundMail.due_at <= now,
        or_(OutboundMail.rung_at.is_(None), OutboundMail.rung_at < now - RING_AGAIN),
        ~blocked(),
    )
    query = select(OutboundMail.id).where(due).order_by(OutboundMail.due_at).limit(RINGS_AT_ONCE)
    found = sorted(db.session.scalars(query))
    db.session.rollback()
    if not found:
        return 0
    begin_write()
    db.session.execute(
        update(OutboundMail).where(OutboundMail.id.in_(found)).values(rung_at=now),
        execution_options=_UNSYNCED,
    )
    db.session.commit()
    for outbound_id in found:
        if not ring("deliver", outbound_id):
            break  # Valkey is away: the next sweeps try again
    return len(found)


def _change(condition: ColumnElement[bool], **values: object) -> bool:
    """One conditional UPDATE. Returns whether the row was in the state asked for."""
    changed = db.session.execute(
        update(OutboundMail).where(condition).values(**values).returning(OutboundMail.id),
        execution_options=_UNSYNCED,
    ).scalar_one_or_none()
    if changed is None:
        return False
    db.session.get(OutboundMail, changed, populate_existing=True)  # who holds the row sees the change
    return True
