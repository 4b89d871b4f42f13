"""What a restored desk must not go on with as if nothing had happened (SECURITY A59).

The copy is older than the world: mails that it holds as waiting may have left, links that it holds as good may have been
revoked, and whoever was signed in may have been signed out for a reason.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from checkout_desk import clock
from checkout_desk.accounts.models import DeskSession
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox, MailHold, OutboundMail
from checkout_desk.mail.outcomes import doubt

WORDS = "The desk was restored from a backup; whether this mail had left by then is not known."
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Settled:
    """What was changed in the restored desk."""

    sessions: int
    doubtful: int
    revoked: int


def revoked_links(engine: Engine) -> set[str]:
    """Token hashes of the links that the desk to be replaced has revoked; empty where there is none to ask."""
    try:
        with engine.connect() as connection:
            found = connection.execute(
                text("SELECT token_hash FROM customer_link WHERE revoked_at IS NOT NULL")
            )
            return {row[0] for row in found}
    except SQLAlchemyError:
        return set()


def settle(app: Flask, *, made_at: str, revoked: Collection[str]) -> Settled:
    """End the sessions, put what was to leave in doubt, keep revocations, hold machines' mails. Commits."""
    with app.app_context(), acting_as("command", "restore"):
        try:
            begin_write()
            now = clock.now()
            sessions = _count(update(DeskSession).where(DeskSession.ended_at.is_(None)).values(ended_at=now))
            links = 0
            hashes = sorted(revoked)
            for start in range(0, len(hashes), AT_ONCE):
                some = CustomerLink.token_hash.in_(hashes[start : start + AT_ONCE])
                unrevoked = update(CustomerLink).where(some, CustomerLink.revoked_at.is_(None))
                links += _count(unrevoked.values(revoked_at=now))
            db.session.execute(update(Mailbox).values(lease_until=None))
            doubtful = _doubt_all()
            _hold(now, made_at)
            after = {
                "made_at": made_at,
                "sessions": sessions,
                "mails_in_doubt": doubtful,
                "links_revoked": links,
            }
            record("desk.restored", about=("store", 1), after=after)
            db.session.commit()
            return Settled(sessions, doubtful, links)
        finally:
            db.session.remove()


def _doubt_all() -> int:
    waiting = (
        select(OutboundMail).where(OutboundMail.state.in_(("queued", "sending"))).order_by(OutboundMail.id)
    )
    rows = db.session.scalars(waiting).all()
    for row in rows:
        doubt(row, WORDS, again=False)
    return len(rows)


def _hold(now: datetime, made_at: str) -> None:
    held = db.session.get(MailHold, 1) or MailHold(id=1)
    held.since, held.why = now, f"restored from a backup of {made_at[:16]}"
    db.session.add(held)


def _count(statement: object) -> int:
    done = db.session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
    return int(done.rowcount)


def resume() -> bool:
    """Let machines' mails leave again; the caller commits. False when nothing held them."""
    held = db.session.get(MailHold, 1)
    if held is None:
        return False
    record("mail.resumed", about=("store", 1), before={"since": held.since.isoformat(), "why": held.why})
    db.session.delete(held)
    return True
