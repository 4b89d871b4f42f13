"""The rows of the queue: one index walk per view, by keyset, over columns that the conversation keeps ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from flask import current_app
from jinja2 import Template
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, text

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations import presence
from checkout_desk.conversations.counting import STEPS
from checkout_desk.conversations.models import Conversation
from checkout_desk.conversations.next_action import REFUND
from checkout_desk.conversations.promises import NO_DEADLINE
from checkout_desk.desk import discretion, dockets, wording
from checkout_desk.desk.frame import Frame, View
from checkout_desk.extensions import db

PAGE = 50

C = Conversation.__table__.c
"""plain columns: rows of the list are never changed through the session, so they need not pass through it"""
COLUMNS = (
    C.id, C.who, C.subject, C.preview, C.state, C.unread, C.has_attachment, C.trouble, C.exception, C.queue_at,
    C.promise_due_at, C.paused_until, C.last_message_at, C.assignee_id, C.snoozed_until, C.escalated_reason, C.last_inbound_id,
    C.escalated_to_role, C.escalated_to_id, C.next_action, C.order_number, C.order_state, C.order_total_minor, C.order_currency, C.order_gaps, C.tags,
)  # fmt: skip


def condition(view: str) -> ColumnElement[bool]:
    """What belongs to a view ('mine' with the value `person`), in the words of the view's partial index.

    With values in their place SQLite cannot prove that the index serves, and reads another one whole.
    """
    live = C.merged_into_id.is_(None)
    if view == "mine":
        return and_(
            text("conversation.state = 'open'"),
            C.assignee_id == bindparam("person"),
            C.assignee_id.is_not(None),
            live,
        )
    if view == "unassigned":
        return and_(text("conversation.state = 'open'"), C.assignee_id.is_(None), live)
    if view == "escalated":
        to_me = or_(
            C.escalated_to_id == bindparam("person"),
            C.escalated_to_role.in_(bindparam("roles", expanding=True)),
        )
        return and_(text("conversation.exception"), C.escalated_at.is_not(None), to_me, live)
    if view == "exceptions":
        return and_(text("conversation.exception"), live)
    if view in STEPS:
        return and_(text("conversation.state = 'open'"), C.queue_view == view, live)
    return and_(C.state == view, live)


@cache
def _query(view: str, *, descending: bool, edge: bool) -> Select[Any]:
    """The statement of one page, made once: `at` and `row` are the edge that it begins behind."""
    query: Select[Any] = select(*COLUMNS).where(condition(view))
    if edge:
        at, row_id = bindparam("at", type_=C.queue_at.type), bindparam("row", type_=C.id.type)
        beyond = (
            or_(C.queue_at < at, and_(C.queue_at == at, C.id < row_id))
            if descending
            else or_(C.queue_at > at, and_(C.queue_at == at, C.id > row_id))
        )
        # The plain bound lets the index start at the edge; the OR alone makes SQLite walk from the beginning.
        query = query.where(C.queue_at <= at if descending else C.queue_at >= at, beyond)
    order = (C.queue_at.desc(), C.id.desc()) if descending else (C.queue_at, C.id)
    return query.order_by(*order).limit(PAGE + 1)


def page(
    view: View,
    *,
    person_id: int,
    roles: Iterable[str] = (),
    after: tuple[datetime, int] | None = None,
    before: tuple[datetime, int] | None = None,
) -> tuple[list[Any], bool, bool]:
    """One page of a view: its rows, whether there are later ones, whether there are earlier ones. One query."""
    back = before is not None
    edge = before or after
    query = _query(view.key, descending=view.newest_first != back, edge=edge is not None)
    values: dict[str, Any] = {"person": person_id} if view.key in ("mine", "escalated") else {}
    if view.key == "escalated":
        values["roles"] = sorted(roles)
    if edge:
        values.update(at=edge[0], row=edge[1])
    rows: list[Any] = list(db.session.connection().execute(query, values).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
        return rows, True, more
    return rows, more, after is not None


KEPT = 1500
"""rendered rows that one process keeps, about a kilobyte and a half each"""


def shown(
    rows: Sequence[Any], frame: Frame, *, here: int | None, url: Any, hits: dict[int, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows for `_rows.html`, rendered: `html`, and `facts` for whoever wants more of one. `url` makes an address.

    One query more, for who else is in them. Open tabs ask for the same rows again and again, so a row's HTML is kept
    under all that it is made of: its columns, the minute, and the names beside it.
    """
    face, people = frame.face, frame.people
    kept: dict[Any, tuple[Any, Markup]] = current_app.extensions.setdefault("desk_rows", {})
    if len(kept) > KEPT:
        kept.clear()
    around: dict[int, tuple[tuple[str, str], ...]] = {}
    for person in presence.here([row.id for row in rows], but=frame.person.id):
        around[person.conversation_id] = (
            *around.get(person.conversation_id, ()), (person.name.split()[0], person.doing),
        )  # fmt: skip
    minute, place, sees = int(face.now.timestamp() // 60), face.zone.key, discretion.sees(frame.person)
    out = []
    for row in rows:
        row_id, assignee_id = row.id, row.assignee_id
        owner = people.get(assignee_id) if assignee_id else None
        who, at, hit = (
            around.get(row_id, ()) if around else (),
            url(row_id),
            hits.get(row_id) if hits else None,
        )
        refunds = row.next_action != REFUND or frame.refunds
        # Compared, not hashed: hashing every column of fifty rows would cost more than the database does.
        of, made_of = (
            (at, row_id == here),
            (row, minute, place, owner and owner.name, who, hit, refunds, sees),
        )
        found = kept.get(of)
        if found is None or found[0] != made_of:
            item = facts(
                row,
                face,
                owner=owner,
                around=who,
                url=at,
                here=row_id == here,
                hit=hit,
                refunds=refunds,
                sees=sees,
            )
            html = Markup(_template().render(rows=[item]))  # noqa: S704  # a template's own output
            found = kept[of] = made_of, html
        out.append(
            {"html": found[1], "facts": partial(facts, row, face, owner=owner, around=who, url=at, sees=sees)}
        )
    return out


def _template() -> Template:
    return current_app.jinja_env.get_template("desk/_rows.html")


def facts(
    row: Any, face: wording.Clockface, *, owner: Any, around: Sequence[tuple[str, str]], url: str, here: bool = False,
    hit: Any = None, refunds: bool = True, sees: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """What the template says of one row. `around` are (first name, doing) of those who are in it; `sees`: whether its
    reader sees what things cost."""
    said: Callable[[str], str] = str if sees else discretion.hushed
    escalated = f"escalated: {row.escalated_reason}" if row.escalated_reason else None
    return {
        "id": row.id,
        "url": url,
        "who": row.who,
        "subject": said(row.subject) or "(no subject)",
        "preview": said(row.preview),
        "lang": "",
        "new": row.unread,
        "here": here,
        "failed": row.trouble is not None,
        "attachment": row.has_attachment,
        "tags": row.tags[:3],
        "assignee": {"name": owner.name, "initials": wording.initials(owner.name)} if owner else None,
        "presence": [{"name": name, "doing": doing} for name, doing in around],
        "age": face.age(row.last_message_at),
        "promise": _pill(face, row),
        "note": said(row.trouble or escalated or ""),
        **dockets.facts(row, refunds=refunds, total=sees),
        "last_inbound_id": row.last_inbound_id,
        "hit": hit,
    }


def _pill(face: wording.Clockface, row: Any) -> dict[str, str] | None:
    if row.state == "snoozed":
        text = (
            f"{face.day(row.snoozed_until)} {face.time(row.snoozed_until)}"
            if row.snoozed_until
            else "until they write"
        )
        return {"tone": "theirs", "icon": "alarm-clock", "text": text}
    if row.state == "open":
        return wording.promise(face, row.promise_due_at, state=row.state, paused_until=row.paused_until)
    return (
        {"tone": "theirs", "icon": "hourglass", "text": "customer’s turn"} if row.state == "waiting" else None
    )


def groups(
    view: View, rows: Sequence[Any], shown_rows: Sequence[dict[str, Any]], frame: Frame
) -> list[dict[str, Any]]:
    """The rows under heads: by deadline where the view sorts by it, else one group without a head."""
    if view.key == "escalated":
        return _by_target(rows, shown_rows)
    if not view.by_deadline:
        whole = {"title": "", "tone": "", "icon": "", "rows": shown_rows, "html": _joined(shown_rows)}
        return [whole] if shown_rows else []
    heads: dict[str, list[dict[str, Any]]] = {}
    edges = _edges(frame.face)
    for row, item in zip(rows, shown_rows, strict=True):
        heads.setdefault(_head(row, edges), []).append(item)
    found = []
    for title, items in heads.items():
        bad = title == "Overdue"
        goes_on = len(rows) == PAGE and title == list(heads)[-1]
        found.append({"title": title, "tone": "bad" if bad else "", "icon": "circle-alert" if bad else "", "rows": items,
                      "count": _count(title, len(items), frame, view, goes_on=goes_on), "html": _joined(items)})  # fmt: skip
    return found


def _by_target(rows: Sequence[Any], shown_rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Under whom it is escalated to: the person first, then each role."""
    heads: dict[str, list[dict[str, Any]]] = {}
    for row, item in sorted(
        zip(rows, shown_rows, strict=True), key=lambda pair: pair[0].escalated_to_role or ""
    ):
        title = f"To {ROLES[row.escalated_to_role]}" if row.escalated_to_role in ROLES else "To me"
        heads.setdefault(title, []).append(item)
    return [
        {
            "title": title,
            "tone": "",
            "icon": "",
            "rows": items,
            "count": str(len(items)),
            "html": _joined(items),
        }
        for title, items in heads.items()
    ]


def _joined(items: Sequence[dict[str, Any]]) -> Markup:
    """Fifty rows as one piece: each piece would pass through every template around the list."""
    return Markup("".join([item["html"] for item in items]))  # noqa: S704 - each is Markup


def _count(title: str, n: int, frame: Frame, view: View, *, goes_on: bool) -> str:
    """How many stand under a head: all of them where that is known, else `50+` where the page ends before they do."""
    if title == "Overdue" and view.key == "open":
        return str(max(frame.counts["overdue"], n))
    return f"{n}+" if goes_on else str(n)


def _head(row: Any, edges: tuple[datetime, datetime, datetime]) -> str:
    now, tomorrow, later = edges
    at = row.queue_at
    if row.promise_due_at is None or at - row.last_message_at >= NO_DEADLINE:
        return "No deadline"
    if at - now > wording.UNSAID:
        return "Paused"
    return "Overdue" if at <= now else "Due today" if at < tomorrow else "Tomorrow" if at < later else "Later"


def _edges(face: wording.Clockface) -> tuple[datetime, datetime, datetime]:
    """Now, and when tomorrow and the day after begin where the store is."""
    today = face.now.astimezone(face.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return face.now, (today + timedelta(days=1)).astimezone(UTC), (today + timedelta(days=2)).astimezone(UTC)
