"""Exact counts of the queue's views, kept in the transaction of each change.

A change notes by how much each view grew or shrank; just before the commit the sums are written in one order, so that
two writers never wait for each other crosswise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import bindparam, case, event, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from checkout_desk.conversations.models import Conversation, ConversationCount, DeskVersion
from checkout_desk.extensions import db

VIEWS = ("answer", "unassigned", "waiting", "snoozed", "exceptions", "closed", "spam")


def views_of(state: str, assignee_id: int | None, exception: bool, merged: bool = False) -> frozenset[str]:
    """The views that a conversation with these facts belongs to."""
    if merged:
        return frozenset()
    views = {"answer" if state == "open" else state}
    if state == "open":
        views.add("unassigned" if assignee_id is None else f"mine:{assignee_id}")
    if exception:
        views.add("exceptions")
    return frozenset(views)


def _views(c: Conversation) -> frozenset[str]:
    return views_of(c.state, c.assignee_id, c.exception, c.merged_into_id is not None)


def moved(before: frozenset[str], after: frozenset[str]) -> None:
    """Note that one conversation left the views `before` and stands in the views `after`."""
    counts: Counter[str] = db.session().info.setdefault("counts", Counter())
    counts.subtract(before)
    counts.update(after)


@contextmanager
def counted(*conversations: Conversation) -> Iterator[None]:
    """Whatever the block changes on these conversations is counted when it ends."""
    before = [_views(c) for c in conversations]
    yield
    for c, views in zip(conversations, before, strict=True):
        moved(views, _views(c))


_COUNT: Any = ConversationCount.__table__


def _add(insert: Any) -> Any:
    """The engine's own upsert: the row is made with its first count, later counts are added to it."""
    return insert.on_conflict_do_update(index_elements=["view"], set_={"n": _COUNT.c.n + insert.excluded.n})


_ADD = {
    "sqlite": _add(sqlite.insert(_COUNT)),
    "postgresql": _add(postgresql.insert(_COUNT)),
}


@event.listens_for(Session, "before_commit")
def _write_counts(session: Session) -> None:
    counts = session.info.pop("counts", None)
    rows = [{"view": view, "n": n} for view, n in sorted(counts.items()) if n] if counts else []
    if rows:
        connection = session.connection()
        connection.execute(_ADD[connection.dialect.name], rows)
    if session.info.pop("desk_changed", False):
        session.execute(update(DeskVersion).where(DeskVersion.id == 1).values(n=DeskVersion.n + 1))


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("counts", None)
    session.info.pop("desk_changed", None)


def touch() -> None:
    """Make polling lists look again although no event tells of the change."""
    db.session().info["desk_changed"] = True


_COUNTS = select(ConversationCount.view, ConversationCount.n).where(
    ConversationCount.view.in_(bindparam("views", expanding=True))
)


def counts(person_id: int) -> dict[str, int]:
    """View -> number, with 'mine' for this person. One query whatever the size of the store."""
    mine = f"mine:{person_id}"
    found = {row.view: row.n for row in db.session.execute(_COUNTS, {"views": [*VIEWS, mine]})}
    return {**{view: found.get(view, 0) for view in VIEWS}, "mine": found.get(mine, 0)}


def recount() -> dict[str, int]:
    """The counts as they are in truth, by reading every conversation (doctor and tests only)."""
    c = Conversation
    live = c.merged_into_id.is_(None)
    truth: dict[str, int] = {}
    rows = db.session.execute(
        select(c.state, c.assignee_id, func.count(), func.sum(case((c.exception, 1), else_=0)))
        .where(live)
        .group_by(c.state, c.assignee_id)
    )
    for state, assignee_id, n, exceptions in rows:
        for view in views_of(state, assignee_id, False):
            truth[view] = truth.get(view, 0) + n
        truth["exceptions"] = truth.get("exceptions", 0) + int(exceptions or 0)
    return {view: n for view, n in truth.items() if n}


def check() -> list[str]:
    """Sentences for every view whose kept count is not the true one; empty when all are right."""
    kept = {
        row.view: row.n
        for row in db.session.execute(select(ConversationCount.view, ConversationCount.n))
        if row.n
    }
    truth = recount()
    return [
        f"view {view} shows {kept.get(view, 0)} conversations, there are {truth.get(view, 0)}"
        for view in sorted(kept.keys() | truth.keys())
        if kept.get(view, 0) != truth.get(view, 0)
    ]
