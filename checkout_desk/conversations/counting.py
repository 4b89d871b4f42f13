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

from checkout_desk.conversations import next_action
from checkout_desk.conversations.models import Conversation, ConversationCount, DeskVersion
from checkout_desk.extensions import db

STEPS = tuple(dict.fromkeys(next_action.VIEW.values()))
"""views by next action"""
VIEWS = (*STEPS, "open", "unassigned", "waiting", "snoozed", "exceptions", "closed", "spam")


def views_of(
    state: str,
    assignee_id: int | None,
    exception: bool,
    merged: bool = False,
    *,
    queue_view: str = "answer",
    to: str = "",
) -> frozenset[str]:
    """The views that a conversation with these facts belongs to; `queue_view` counts while it is open, `to` is whom an
    escalation stands with (see `stands_with`)."""
    if merged:
        return frozenset()
    views = {state}
    if state == "open":
        views.add("unassigned" if assignee_id is None else f"mine:{assignee_id}")
        if queue_view:
            views.add(queue_view)
    if exception:
        views.add("exceptions")
    if to:
        views.add(f"to:{to}")
    return frozenset(views)


def _views(c: Conversation) -> frozenset[str]:
    return views_of(
        c.state,
        c.assignee_id,
        c.exception,
        c.merged_into_id is not None,
        queue_view=c.queue_view,
        to=stands_with(c),
    )


def stands_with(c: Conversation) -> str:
    """The role, or the number of the person, to whom it is escalated; '' for neither."""
    return (c.escalated_to_role or str(c.escalated_to_id or "")) if c.escalated_at else ""


def moved(before: frozenset[str], after: frozenset[str]) -> None:
    """Note that one conversation left the views `before` and stands in the views `after`."""
    counts: Counter[str] = db.session().info.setdefault("counts", Counter())
    counts.subtract(before)
    counts.update(after)


@contextmanager
def counted(*conversations: Conversation) -> Iterator[None]:
    """Whatever the block changes on these conversations is counted when it ends, and their next step is found anew.

    Blocks may nest: the outermost counts.
    """
    inside: set[int] = db.session().info.setdefault("counting", set())
    ours = [c for c in conversations if id(c) not in inside]
    before = [_views(c) for c in ours]
    inside.update(map(id, ours))
    try:
        yield
    finally:
        inside.difference_update(map(id, ours))
    for c, views in zip(ours, before, strict=True):
        c.next_action = next_action.of_facts(c)
        c.queue_view = next_action.view_of(c.next_action)
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
    owed = c.promise_due_at.is_not(None)
    facts = (c.state, c.assignee_id, owed, c.asks, c.order_step)
    rows = db.session.execute(
        select(*facts, func.count(), func.sum(case((c.exception, 1), else_=0))).where(live).group_by(*facts)
    )
    for state, assignee_id, owes, asks, order_step, n, exceptions in rows:
        step = next_action.of(state, owed=owes, asks=asks, order_step=order_step)
        for view in views_of(state, assignee_id, False, queue_view=next_action.view_of(step)):
            truth[view] = truth.get(view, 0) + n
        truth["exceptions"] = truth.get("exceptions", 0) + int(exceptions or 0)
    whom = (c.escalated_to_role, c.escalated_to_id)
    for role, person_id, n in db.session.execute(
        select(*whom, func.count()).where(live, c.escalated_at.is_not(None)).group_by(*whom)
    ):
        truth[f"to:{role or person_id}"] = n
    return {view: n for view, n in truth.items() if n}


def check() -> list[str]:
    """Sentences for every view whose kept count is not the true one; empty when all are right."""
    kept = {
        row.view: row.n
        for row in db.session.execute(select(ConversationCount.view, ConversationCount.n))
        if row.n
    }
    truth = recount()
    return _stale() + [
        f"view {view} shows {kept.get(view, 0)} conversations, there are {truth.get(view, 0)}"
        for view in sorted(kept.keys() | truth.keys())
        if kept.get(view, 0) != truth.get(view, 0)
    ]


def _stale() -> list[str]:
    """Sentences for open conversations whose kept next step is not the one that their facts give; the first few."""
    c = Conversation
    columns = (c.id, c.state, c.promise_due_at, c.asks, c.order_step, c.next_action, c.queue_view)
    rows = db.session.execute(select(*columns).where(c.state == "open", c.merged_into_id.is_(None)))
    wrong = [
        (row.id, row.next_action, step)
        for row in rows
        for step in (next_action.of_facts(row),)
        if (row.next_action, row.queue_view) != (step, next_action.view_of(step))
    ]
    return [f"conversation {n} shows the next step {kept!r}, it is {true!r}" for n, kept, true in wrong[:20]]
