"""What time alone does to conversations: snoozes end, promises break, people leave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from checkout_desk import clock
from checkout_desk.conversations import presence
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Presence, Promise
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db

AT_ONCE = 200


def wake() -> int:
    """Wake what is due, tell of promises that broke (once each), forget who left. Returns how many things changed."""
    now = clock.now()
    snoozing = (Conversation.state == "snoozed", Conversation.snoozed_until <= now)
    breaking = (Promise.closed_at.is_(None), Promise.due_at <= now, Promise.alarmed_at.is_(None))
    snoozed, broken = select(Conversation.id).where(*snoozing), select(Promise.id).where(*breaking)
    gone = select(Presence.person_id).where(Presence.seen_at < now - presence.FORGOTTEN)
    busy = any(db.session.execute(query.limit(1)).first() for query in (snoozed, broken, gone))
    db.session.rollback()
    if not busy:
        return 0
    begin_write()
    changed = presence.forget()
    with acting_as("desk", "clock"):
        for c in db.session.scalars(_free(select(Conversation).where(*snoozing))):
            CONVERSATION.fire(c, "wake")
            c.unread = True
            changed += 1
        for promise in db.session.scalars(_free(select(Promise).where(*breaking))):
            promise.alarmed_at = now
            record(
                "promise.broken",
                about=("conversation", promise.conversation_id),
                after={"due": promise.due_at.isoformat(), "message": promise.message_id},
            )
            changed += 1
    db.session.commit()
    return changed


def _free(rows: Select[Any]) -> Select[Any]:
    """The rows that nobody else is changing at the moment, kept for us. The next run finds the others.

    The conditions stand in the statement itself, so that PostgreSQL asks them again of the row that it locked.
    """
    return rows.limit(AT_ONCE).with_for_update(skip_locked=True).execution_options(populate_existing=True)
