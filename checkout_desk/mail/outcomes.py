"""What becomes of a queued mail: the only place that moves a row out of `sending`.

    queued -> sending -> sent | failed | unknown | queued again, later

A result is applied in one transaction with its event and with what `listeners` do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.mail.results import Refusal, Refused, Result, Sent, Unknown
from checkout_desk.queue import later

log = structlog.get_logger(__name__)

Listener = Callable[[OutboundMail, str], None]

listeners: list[Listener] = []
"""Called with the row and 'sent', 'failed' or 'unknown' inside the transaction of that outcome; they must not commit.

A mail may have more than one outcome: 'unknown' and then 'sent' (its one automatic retry), 'failed' for one
recipient and then 'failed' or 'sent' for the rest. A listener that raises is left out and logged: what happened to
the mail outside is recorded whatever the desk makes of it.
"""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200))
"""before the second, third, … attempt; the last one repeats"""
GIVE_UP_AFTER = timedelta(hours=48)
UNKNOWN_PAUSE = timedelta(seconds=60)
MOST_UNKNOWN_RETRIES = 1


def in_flight(mail: type[OutboundMail] = OutboundMail) -> ColumnElement[bool]:
    """SQL: still to leave, in the very words of the partial index, so that only those few rows are looked at."""
    return mail.state.in_([literal_column("'queued'"), literal_column("'sending'")])


def next_pause(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`-th attempt failed for now; None when it is time to give up."""
    attempts = max(attempts, 1)
    steps = PAUSES[:attempts] + (PAUSES[-1],) * (attempts - len(PAUSES))
    return None if sum(steps, timedelta()) > GIVE_UP_AFTER else steps[-1]


def settle(row: OutboundMail, result: Result, *, seconds: float | None = None, loud: bool = True) -> None:
    """Apply the result of one attempt to the locked `row`. The caller commits. `loud` False leaves listeners out."""
    refused = {who: one for who, one in result.refused.items() if who in row.recipients}
    if isinstance(result, Refused):
        whole = Refusal(result.permanent, result.code, result.words)
        refused = {who: refused.get(who, whole) for who in row.recipients}
    gone = {who: [one.code, one.words] for who, one in refused.items() if one.permanent}
    row.refused = {**(row.refused or {}), **gone} or None
    row.claimed_until = None
    if isinstance(result, Unknown):
        row.recipients = [who for who in row.recipients if who not in gone]
        doubt(row, result.words, seconds=seconds, loud=loud)
        return
    waiting = {who: one for who, one in refused.items() if not one.permanent}
    row.recipients = list(waiting)
    row.data_started_at = None
    row.response = result.words[:500]
    if isinstance(result, Sent):
        row.sent_at = row.sent_at or clock.now()
        unreached = (row.refused or {}) | {who: [one.code, one.words] for who, one in waiting.items()}
        if unreached:  # "250 thank you" would not be the news
            row.response = "; ".join(f"{who}: {words}" for who, (_, words) in unreached.items())[:500]
    if waiting:
        if gone:
            _tell(row, "failed", seconds=seconds, loud=loud)
        postpone(row, waiting, loud=loud)
        return
    row.state = "failed" if row.refused else "sent"
    _tell(row, row.state, seconds=seconds, loud=loud)
    wake_next(row.thread)


def postpone(row: OutboundMail, waiting: dict[str, Refusal], *, loud: bool = True) -> None:
    """Try again later for those who are `waiting`, or give the mail up after 48 hours of trying."""
    pause = next_pause(row.attempts)
    row.claimed_until = row.rung_at = None
    if pause is not None:
        row.state, row.due_at = "queued", clock.now() + pause
        return
    row.state, row.recipients = "failed", []
    row.refused = {**(row.refused or {}), **{who: [one.code, one.words] for who, one in waiting.items()}}
    row.response = f"Given up after 48 hours. Last answer: {row.response or 'none'}"[:500]
    _tell(row, "failed", loud=loud)
    wake_next(row.thread)


def doubt(
    row: OutboundMail, words: str, *, seconds: float | None = None, loud: bool = True, again: bool = True
) -> None:
    """The mail may have left. It is told as unknown; the first time the same bytes are tried once more by themselves.

    While that retry waits the row is `queued` with `unknown_count` 1, which screens show as 'may have been sent'.
    `again` False leaves the mail to a person at once, and rings for no other.
    """
    row.unknown_count += 1
    row.state, row.response = "unknown", words[:500]
    row.claimed_until = row.data_started_at = row.rung_at = None
    _tell(row, "unknown", seconds=seconds, loud=loud)
    if not again:
        return
    if row.unknown_count <= MOST_UNKNOWN_RETRIES:
        row.state, row.due_at = "queued", clock.now() + UNKNOWN_PAUSE
    else:
        wake_next(row.thread)


def _tell(row: OutboundMail, outcome: str, *, seconds: float | None = None, loud: bool) -> None:
    after: dict[str, object] = {
        "message_id": row.message_id,
        "attempts": row.attempts,
        "response": row.response,
    }
    if row.refused:
        after["refused"] = row.refused
    if seconds is not None:
        after["seconds"] = round(seconds, 3)
    record(f"mail.{outcome}", about=("outbound_mail", row.id), after=after)
    for listener in listeners if loud else ():
        listener(row, outcome)


def wake_next(thread: str) -> None:
    """Ring after the commit for the mail of this thread that waited for an earlier one; nothing if none did."""
    waiting = select(OutboundMail.id).where(
        in_flight(),
        OutboundMail.state == "queued",
        OutboundMail.due_at <= clock.now(),
        OutboundMail.thread == thread,
    )
    first = min(db.session.scalars(waiting), default=None)
    if first is not None:
        db.session.get_one(OutboundMail, first).rung_at = clock.now()
        later("deliver", first)


def commit_outcome(outbound_id: int, apply: Callable[[bool], None]) -> None:
    """Run `apply(loud)` and commit; if a listener breaks, roll back and do it again without listeners.

    `apply` begins the write itself. A database that is away comes out as OperationalError or InterfaceError.
    """
    try:
        apply(True)
        db.session.commit()
    except (OperationalError, InterfaceError, StaleDataError):
        # the database is away or busy, or somebody changed the conversation meanwhile: the same may work later
        db.session.rollback()
        raise
    except Exception:
        db.session.rollback()
        log.exception("mail.listener_failed", outbound=outbound_id)
        apply(False)
        db.session.commit()
