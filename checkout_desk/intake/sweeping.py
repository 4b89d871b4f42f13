"""Finding mails whose wake-up was lost (Valkey emptied, a worker killed) and ringing again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import RawMail
from checkout_desk.queue import later

PATIENCE = timedelta(seconds=15)
"""how long a mail may wait before it is rung for (again)"""
AT_ONCE = 500


def sweep() -> int:
    """Ring for received mails that nobody works on. Returns how many; commits."""
    now = clock.now()
    waiting = (
        select(RawMail.id)
        .where(
            RawMail.state == "received",
            # a time to come: the clock was set back since
            or_(RawMail.received_at < now - PATIENCE, RawMail.received_at > now),
            or_(RawMail.claimed_until.is_(None), RawMail.claimed_until < now),
            or_(RawMail.rung_at.is_(None), RawMail.rung_at < now - PATIENCE),
        )
        .order_by(RawMail.id)
        .limit(AT_ONCE)
    )
    if db.session.execute(waiting.limit(1)).first() is None:
        db.session.rollback()
        return 0
    db.session.rollback()
    begin_write()
    ids = list(db.session.scalars(waiting))
    db.session.execute(update(RawMail).where(RawMail.id.in_(ids)).values(rung_at=now))
    for raw_id in ids:
        later("take_in", raw_id)
    db.session.commit()
    return len(ids)


def retry(raw_id: int, *, at: datetime) -> None:
    """Let a mail that could not be read be read again: the message it became stays until a better one is filed.

    The caller commits; the sweep or the wake-up does the rest.
    """
    db.session.execute(
        update(RawMail)
        .where(RawMail.id == raw_id, RawMail.state == "unreadable")
        .values(state="received", attempts=0, claimed_until=None, rung_at=at)
    )
    record("raw_mail.retried", about=("raw_mail", raw_id))
    later("take_in", raw_id)
