"""Recording an event in the same transaction as the change it tells of.

`record` only notes the event; the chain is extended just before the commit, with the head row locked for that moment
alone, so that writers do not queue behind each other's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.orm import Session

from checkout_desk import clock
from checkout_desk.events.models import Event, EventHead, digest
from checkout_desk.events.sealing import salts
from checkout_desk.extensions import db

_actor: ContextVar[tuple[str, str]] = ContextVar("desk_actor", default=("desk", "process"))


@contextmanager
def acting_as(actor: str, origin: str) -> Iterator[None]:
    """Within the block events are recorded as done by `actor` ('person:7', 'desk', 'customer', 'command') from `origin`."""
    token = _actor.set((actor, origin[:120]))
    try:
        yield
    finally:
        _actor.reset(token)


def set_actor(actor: str, origin: str) -> None:
    """As `acting_as`, until the context ends (a request's own context)."""
    _actor.set((actor, origin[:120]))


def acting() -> str:
    """Who acts now: 'person:7', 'desk', 'customer', 'command'."""
    return _actor.get()[0]


def record(
    kind: str,
    *,
    about: Any,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    actor: str | None = None,
) -> None:
    """Note that `kind` (such as 'conversation.closed') happened to `about`, to be written with this transaction.

    `about` is a model instance (its table name and id are kept) or a (type, id) pair. `before` and `after` hold only what
    changed, as JSON values; no mail text, no secret, no card number.
    """
    who, origin = _actor.get()
    db.session().info.setdefault("events", []).append((kind, about, before, after, actor or who, origin))


_EVENT: Any = Event.__table__
_HEAD_TABLE: Any = EventHead.__table__
_HEAD = (
    select(_HEAD_TABLE.c.seq, _HEAD_TABLE.c.hash, _HEAD_TABLE.c.at)
    .where(_HEAD_TABLE.c.id == 1)
    .with_for_update()
)
_ADD = insert(_EVENT)
_MOVE = (
    update(_HEAD_TABLE)
    .where(_HEAD_TABLE.c.id == 1)
    .values(seq=bindparam("new_seq"), hash=bindparam("new_hash"), at=bindparam("new_at"))
)


@event.listens_for(Session, "before_commit")
def _extend_chain(session: Session) -> None:
    notes = session.info.get("events")
    if not notes:
        return
    session.flush()
    run = session.connection().execute
    head = run(_HEAD).one()
    seq, chain, at = head.seq, head.hash, clock.now()
    if head.at > at:  # the clock went back: time in the record never does
        at = head.at + timedelta(microseconds=1)
    rows = []
    for kind, about, before, after, actor, origin in notes:
        seq += 1
        subject_type, subject_id = about if isinstance(about, tuple) else (about.__tablename__, about.id)
        row: dict[str, Any] = {
            "id": seq,
            "at": at,
            "actor": actor,
            "origin": origin,
            "kind": kind,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "before": before,
            "after": after,
        }
        row["salts"] = salts(row)
        chain = row["hash"] = digest(chain, row)
        rows.append(row)
    run(_ADD, rows if len(rows) > 1 else rows[0])
    run(_MOVE, {"new_seq": seq, "new_hash": chain, "new_at": at})
    session.info.pop("events", None)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("events", None)
