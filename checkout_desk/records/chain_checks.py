"""Checks of the whole record that somebody asked for: done by a worker, with how far it is and what it came to."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import func, or_, select, update

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events import verifying
from checkout_desk.events.models import EventHead
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.queue import later
from checkout_desk.records.check_models import ChainCheck

LEASE = timedelta(minutes=2)
JOB = "check_chain"


def ask(by: Person) -> ChainCheck:
    """Have the record checked: the check that is under way, or a new one."""
    found = db.session.scalars(select(ChainCheck).where(ChainCheck.open == 1)).one_or_none()
    if found is None:
        total = db.session.scalar(select(EventHead.seq)) or 0
        found = ChainCheck(asked_at=clock.now(), asked_by_id=by.id, total=total, done=0)
        db.session.add(found)
        db.session.flush()
    later(JOB, found.id)
    return found


def newest() -> ChainCheck | None:
    """The check that was asked for last."""
    return db.session.scalars(
        select(ChainCheck).where(ChainCheck.id == select(func.max(ChainCheck.id)).scalar_subquery())
    ).first()


def run(check_id: int) -> None:
    """The job `check_chain`. Commits with each window; may run twice or late, since one claim counts."""
    claim = secrets.token_hex(8)
    now = clock.now()
    free = or_(ChainCheck.claimed_until.is_(None), ChainCheck.claimed_until < now)
    if not _set(check_id, ChainCheck.open == 1, free, claim=claim, claimed_until=now + LEASE):
        return

    def told(done: int, total: int) -> None:
        _set(check_id, ChainCheck.claim == claim, done=done, total=total, claimed_until=clock.now() + LEASE)

    report = verifying.verify(told)
    beside = "; ".join(
        f"{what}: {words}"
        for what, words in (("before it", report.before), ("after it", report.after))
        if words
    )
    db.session.rollback()
    begin_write()
    with acting_as("desk", JOB):
        result = {
            "open": None, "finished_at": clock.now(), "done": report.events, "first_wrong": report.first_wrong,
            "why": report.why[:300], "beside": beside[:600], "hash": report.head, "claim": None,
        }  # fmt: skip
        if report.first_wrong is None:
            result["total"] = report.events
        mine = (ChainCheck.id == check_id, ChainCheck.claim == claim)
        if db.session.execute(update(ChainCheck).where(*mine).values(**result)).rowcount:  # type: ignore[attr-defined]
            wrong = {"first_wrong": report.first_wrong} if report.first_wrong is not None else {}
            record(
                "records.checked", about=("chain_check", check_id), after={"count": report.events, **wrong}
            )
        db.session.commit()


def _set(check_id: int, *conditions: object, **values: object) -> bool:
    db.session.rollback()
    begin_write()
    mine = update(ChainCheck).where(ChainCheck.id == check_id, *conditions).values(**values)  # type: ignore[arg-type]
    changed = bool(db.session.execute(mine).rowcount)  # type: ignore[attr-defined]
    db.session.commit()
    return changed


def sweep() -> int:
    """Ring for a check that nobody works on. Returns how many; commits."""
    now = clock.now()
    waiting = or_(ChainCheck.claimed_until.is_(None), ChainCheck.claimed_until < now)
    ids = list(db.session.scalars(select(ChainCheck.id).where(ChainCheck.open == 1, waiting)))
    for check_id in ids:
        later(JOB, check_id)
    db.session.commit()
    return len(ids)
