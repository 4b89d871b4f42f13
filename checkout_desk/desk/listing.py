"""The rows of the queue: one index walk per view, by keyset, over columns that the conversation keeps ready."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from checkout_desk.conversations import presence
from checkout_desk.conversations.models import Conversation
from checkout_desk.conversations.promises import NO_DEADLINE
from checkout_desk.desk import wording
from checkout_desk.desk.frame import Frame, View
from checkout_desk.extensions import db

PAGE = 50

C = Conversation
COLUMNS = (
    C.id,
    C.who,
    C.subject,
    C.preview,
    C.state,
    C.unread,
    C.has_attachment,
    C.trouble,
    C.exception,
    C.tags,
    C.queue_at,
    C.promise_due_at,
    C.last_message_at,
    C.assignee_id,
    C.snoozed_until,
    C.escalated_reason,
    C.last_inbound_id,
)

NEXT_ICON = {
    "open": "reply",
    "waiting": "hourglass",
    "snoozed": "alarm-clock",
    "closed": "circle-check",
    "spam": "ban",
}


def condition(view: str, person_id: int) -> ColumnElement[bool]:
    """What belongs to a view; written so that each view's partial index fits."""
    live = C.merged_into_id.is_(None)
    if view == "mine":
        return and_(C.state == "open", C.assignee_id == person_id, C.assignee_id.is_not(None), live)
    if view == "unassigned":
        return and_(C.state == "open", C.assignee_id.is_(None), live)
    if view == "exceptions":
        return and_(C.exception, live)
    return and_(C.state == ("open" if view == "answer" else view), live)


def page(
    view: View,
    *,
    person_id: int,
    after: tuple[datetime, int] | None = None,
    before: tuple[datetime, int] | None = None,
) -> tuple[list[Any], bool, bool]:
    """One page of a view: its rows, whether there are later ones, whether there are earlier ones. One query."""
    back = before is not None
    descending = view.newest_first != back
    query: Select[Any] = select(*COLUMNS).where(condition(view.key, person_id))
    edge = before or after
    if edge:
        at, row_id = edge
        beyond = (
            or_(C.queue_at < at, and_(C.queue_at == at, C.id < row_id))
            if descending
            else or_(C.queue_at > at, and_(C.queue_at == at, C.id > row_id))
        )
        # The plain bound lets the index start at the edge; the OR alone makes SQLite walk from the beginning.
        query = query.where(C.queue_at <= at if descending else C.queue_at >= at, beyond)
    order = (C.queue_at.desc(), C.id.desc()) if descending else (C.queue_at, C.id)
    rows = list(db.session.execute(query.order_by(*order).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
        return rows, True, more
    return rows, more, after is not None


def shown(
    rows: Sequence[Any], frame: Frame, *, here: int | None, url: Any, hits: dict[int, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows as the template wants them. One query more, for who else is in them. `url` makes a row's address."""
    face = frame.face
    around: dict[int, list[dict[str, str]]] = {}
    for person in presence.here([row.id for row in rows], but=frame.person.id):
        around.setdefault(person.conversation_id, []).append(
            {"name": person.name.split()[0], "doing": person.doing}
        )
    people = frame.people
    out = []
    for row in rows:
        owner = people.get(row.assignee_id) if row.assignee_id else None
        out.append(
            {
                "id": row.id,
                "url": url(row.id),
                "who": row.who,
                "subject": row.subject or "(no subject)",
                "preview": row.preview,
                "lang": "",
                "new": row.unread,
                "here": row.id == here,
                "failed": row.trouble is not None,
                "attachment": row.has_attachment,
                "tags": row.tags[:3],
                "assignee": {"name": owner.name, "initials": wording.initials(owner.name)} if owner else None,
                "presence": around.get(row.id, ()),
                "age": face.age(row.last_message_at),
                "promise": _pill(face, row),
                "note": row.trouble
                or (f"escalated: {row.escalated_reason}" if row.escalated_reason else None),
                "next_icon": "triangle-alert" if row.exception else NEXT_ICON[row.state],
                "last_inbound_id": row.last_inbound_id,
                "hit": hits.get(row.id) if hits else None,
            }
        )
    return out


def _pill(face: wording.Clockface, row: Any) -> dict[str, str] | None:
    if row.state == "snoozed":
        text = (
            f"{face.day(row.snoozed_until)} {face.time(row.snoozed_until)}"
            if row.snoozed_until
            else "until they write"
        )
        return {"tone": "theirs", "icon": "alarm-clock", "text": text}
    if row.state == "open":
        return wording.promise(face, row.promise_due_at, state=row.state)
    return (
        {"tone": "theirs", "icon": "hourglass", "text": "customer’s turn"} if row.state == "waiting" else None
    )


def groups(
    view: View, rows: Sequence[Any], shown_rows: Sequence[dict[str, Any]], frame: Frame
) -> list[dict[str, Any]]:
    """The rows under heads: by deadline where the view sorts by it, else one group without a head."""
    if not view.by_deadline:
        return [{"title": "", "tone": "", "icon": "", "rows": shown_rows}] if shown_rows else []
    heads: dict[str, list[dict[str, Any]]] = {}
    for row, item in zip(rows, shown_rows, strict=True):
        heads.setdefault(_head(row, frame), []).append(item)
    found = []
    for title, items in heads.items():
        bad = title == "Overdue"
        found.append({"title": title, "tone": "bad" if bad else "", "icon": "circle-alert" if bad else "", "rows": items,
                      "count": _count(title, items, frame, view)})  # fmt: skip
    return found


def _count(title: str, items: Sequence[Any], frame: Frame, view: View) -> int:
    return (
        max(frame.counts["overdue"], len(items))
        if title == "Overdue" and view.key == "answer"
        else len(items)
    )


def _head(row: Any, frame: Frame) -> str:
    face = frame.face
    if row.promise_due_at is None or row.queue_at - row.last_message_at >= NO_DEADLINE:
        return "No deadline"
    if row.queue_at <= face.now:
        return "Overdue"
    return {0: "Due today", 1: "Tomorrow"}.get(face.days_until(row.queue_at), "Later")
