"""Who else is in a conversation right now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.counting import touch
from checkout_desk.conversations.models import Presence
from checkout_desk.extensions import db

FORGOTTEN = timedelta(seconds=45)
DOING = ("reading", "writing")


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who is in a conversation: name, whether reading or writing, and since when."""

    conversation_id: int
    person_id: int
    name: str
    doing: str
    since: datetime


def ping(conversation_id: int, *, person_id: int, doing: str) -> None:
    """Note that a person is here. Other people's lists look again only when this is news. The caller commits."""
    now = clock.now()
    old = db.session.execute(
        select(Presence.doing, Presence.seen_at).where(
            Presence.conversation_id == conversation_id, Presence.person_id == person_id
        )
    ).one_or_none()
    if old is None or old.doing != doing or old.seen_at < now - FORGOTTEN:
        touch()
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Presence)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["conversation_id", "person_id"], set_={"doing": doing, "seen_at": now}
        ),
        {
            "conversation_id": conversation_id,
            "person_id": person_id,
            "doing": doing,
            "since": now,
            "seen_at": now,
        },
    )


_HERE = (
    select(Presence.conversation_id, Presence.person_id, Person.name, Presence.doing, Presence.since)
    .join(Person, Person.id == Presence.person_id)
    .where(
        Presence.person_id != bindparam("but"),
        Presence.seen_at > bindparam("since"),
    )
    .order_by(Presence.since)
)


def here(conversation_ids: Sequence[int], *, but: int) -> list[Here]:
    """Everybody except person `but` who is in one of these conversations, first come first."""
    if not conversation_ids:
        return []
    since = clock.now() - FORGOTTEN
    # Everybody is somewhere, and a desk has few people: to sift them here is less work than to name fifty rows there.
    asked = set(conversation_ids)
    rows = db.session.connection().execute(_HERE, {"but": but, "since": since}).all()
    return [Here(*row) for row in rows if row[0] in asked]


def forget() -> int:
    """Remove who left; returns how many. The caller commits."""
    gone = db.session.execute(delete(Presence).where(Presence.seen_at < clock.now() - FORGOTTEN)).rowcount  # type: ignore[attr-defined]
    if gone:
        touch()
    return int(gone)
