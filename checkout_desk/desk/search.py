"""Search with operators over subjects, bodies, addresses and file names; conversations come back, newest hit first."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy import bindparam, func, or_, select

from checkout_desk.conversations import searching
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk import discretion, dockets, found_numbers, listing
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.paths import path
from checkout_desk.extensions import db
from checkout_desk.mail.zones import preview
from checkout_desk.orders import queries
from checkout_desk.orders.models import Order
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("search", __name__)

PAGE = 30
PREFIX = 3
"""letters from which on an unquoted word also finds the words that begin with it (mug: mugs)"""
BATCH = 120
"""messages looked at in one go to fill a page of conversations"""

OPERATORS = (
    ("blue mug", "mails that have both words"),
    ("“blue mug”".replace("“", '"').replace("”", '"'), "the words side by side"),
    ("mug -teapot", "the one without the other"),
    ("from:ann@example.com", "an address or name of a mail"),
    ("subject:invoice", "only in the subject"),
    ("file:photo", "the name of an attached file"),
    ("is:open", "open, waiting, snoozed, closed, spam, unread, mine, unassigned, escalated"),
    ("has:attachment", "mails with files"),
    ("tag:trade", "a tag"),
    ("1042", "the conversation of that order first, then mails with the number"),
    ("07700 900123", "a phone number, tracking number or postcode, in any spacing"),
    ("order:1042", "only the conversation of that order"),
    ("sku:MUG-BLU", "conversations with an order of that product; the beginning is enough"),
    ("is:draft", "orders in that state: draft, asked, verified, cancelled, …; has:order, has:gaps"),
    ("after:2026-11-01", "written since that day; before: likewise"),
)
_PART = re.compile(r'(-)?(?:([a-z]{2,10}):)?(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_COLUMN = {"from": "addresses", "to": "addresses", "with": "addresses", "subject": "subject", "file": "files"}
_STATES = ("open", "waiting", "snoozed", "closed", "spam")
_ORDERS = {
    title.lower(): state for state, title in dockets.TITLES.items() if title.lower() not in _STATES
} | {"clarifying": "clarifying"}
"""word after is: -> state of an order; 'closed' alone means the conversation"""


@dataclass
class Asked:
    """A question as understood: what to look for in messages, what must hold of their conversations, and complaints."""

    terms: list[searching.Term] = field(default_factory=list)
    conditions: list[Any] = field(default_factory=list)
    message_conditions: list[Any] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    number: int | None = None
    """an order number that was typed bare: its conversation comes first"""
    bare: list[str] = field(default_factory=list)
    """the words without an operator, as typed"""


def understand(query: str, around: Frame) -> Asked:
    """Read what was typed; an operator that is not understood becomes a complaint, never an error."""
    asked = Asked()
    for minus, operator, quoted, word in _PART.findall(query[:500])[: searching.MAX_TERMS]:
        value, key = quoted or word, operator.lower()
        if not key or key in _COLUMN:
            whole = bool(quoted) or len(value) < PREFIX
            term = searching.term(value, column=_COLUMN.get(key, ""), absent=bool(minus), prefix=not whole)
            if term:
                asked.terms.append(term)
                asked.words += [] if minus else term.tokens
            if not key and not minus:
                asked.bare.append(value)
            if term and not key and not minus and asked.number is None:
                asked.number = queries.number_in(value)
        elif key in ("is", "has", "tag", "after", "before"):
            _condition(asked, key, value, around)
        elif key in ("order", "sku"):
            _of_orders(asked, key, value)
        else:
            asked.complaints.append(
                f"“{operator}:” is not something one can ask for; it was searched as a word."
            )
            term = searching.term(f"{operator} {value}", absent=bool(minus))
            asked.terms += [term] if term else []
    return asked


def _condition(asked: Asked, key: str, value: str, around: Frame) -> None:
    word, c = value.lower(), Conversation
    if key == "is":
        fixed = {
            "unread": c.unread, "mine": c.assignee_id == around.person.id, "unassigned": c.assignee_id.is_(None),
            "escalated": c.escalated_at.is_not(None), "exception": c.exception,
        }  # fmt: skip
        if word in _STATES:
            asked.conditions.append(c.state == word)
        elif word in _ORDERS:
            asked.conditions.append(queries.of_conversation(Order.state == _ORDERS[word]))
        elif word in fixed:
            asked.conditions.append(fixed[word])
        else:
            asked.complaints.append(
                f"“is:{value}” is not known; expected {', '.join((*_STATES, *fixed, *_ORDERS))}."
            )
    elif key == "has":
        if word in ("attachment", "attachments", "file", "files"):
            asked.conditions.append(c.has_attachment)
        elif word in ("order", "orders"):
            asked.conditions.append(c.order_number.is_not(None))
        elif word in ("gap", "gaps"):
            asked.conditions.append(c.order_gaps > 0)
        else:
            asked.complaints.append(
                f"“has:{value}” is not known; expected has:attachment, has:order or has:gaps."
            )
    elif key == "tag":
        # SQLite folds only ASCII, so a capital Ü is asked for as it was typed, too.
        written = [json.dumps(v, ensure_ascii=False) for v in (word, value)]
        tags = func.lower(db.cast(c.tags, db.Text))
        asked.conditions.append(or_(*(tags.contains(v, autoescape=True) for v in dict.fromkeys(written))))
    else:
        _day(asked, key, value, around)


def _of_orders(asked: Asked, key: str, value: str) -> None:
    if key == "sku":
        asked.conditions.append(queries.of_conversation(queries.with_sku(value)))
        return
    number = queries.number_in(value)
    if number is None:
        asked.complaints.append(
            f"“order:{value}” is not an order number; expected something like order:1042."
        )
    else:
        asked.conditions.append(queries.of_conversation(Order.number == number))


def _day(asked: Asked, key: str, value: str, around: Frame) -> None:
    try:
        day = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=around.face.zone)
    except ValueError:
        asked.complaints.append(f"“{key}:{value}” is not a day; expected something like {key}:2026-11-01.")
        return
    asked.message_conditions.append(Message.at >= day if key == "after" else Message.at < day)


@blueprint.get("/search")
@requires("conversations.read")
def show() -> ResponseReturnValue:
    """Results as rows like the queue's, with the words marked."""
    around = frame()
    query = request.args.get("q", "").replace("\x00", " ").strip()
    base = {"query": query, "operators": OPERATORS, "view": {"key": "answer"}, "recent": ()}
    if not query:
        return render_template("desk/search.html", rows=[], errors=[], count_text="", **base)
    asked = understand(query, around)
    before = request.args.get("before", type=row_number)
    found, edge = (_by_words if any(not t.absent for t in asked.terms) else _by_conditions)(asked, before)
    numbered: dict[int, str] = {}
    if before is None:
        numbered = _by_number(asked)
        found = {**({} if asked.number is None else _numbered(asked)), **dict.fromkeys(numbered), **found}
    rows = _rows(list(found))
    marks = {
        cid: _hit(discretion.words(text, around.person), asked.words) for cid, text in _texts(found).items()
    }
    marks |= {cid: escape(what) for cid, what in numbered.items() if cid not in marks}
    address = path("workspace.show", conversation_id=0)[:-1]
    items = listing.shown(rows, around, here=None, url=lambda row_id: f"{address}{row_id}", hits=marks)
    count = f"{len(rows)}{'+' if edge else ''} {'conversation' if len(rows) == 1 else 'conversations'}"
    return render_template(
        "desk/search.html", rows=items, errors=asked.complaints, count_text=count,
        next_url=url_for("search.show", q=query, before=edge) if edge else None, **base,
    )  # fmt: skip


_M: Any = Message.__table__
_C: Any = Conversation.__table__
_PLACES = (
    select(_M.c.id, _M.c.conversation_id)
    .select_from(_M.join(_C, _C.c.id == _M.c.conversation_id))
    .where(_M.c.id.in_(bindparam("ids", expanding=True)), _M.c.kind != "taken_back")
)
_ROWS = select(*listing.COLUMNS).where(_C.c.id.in_(bindparam("ids", expanding=True)))
_TEXTS = select(_M.c.conversation_id, func.substr(_M.c.text, 1, 4000)).where(
    _M.c.id.in_(bindparam("ids", expanding=True))
)


def _where(ids: Sequence[int], asked: Asked) -> Sequence[Any]:
    """(message, conversation) of the hits that also hold what was asked beside the words."""
    query = _PLACES.where(*asked.conditions, *asked.message_conditions)
    return db.session.connection().execute(query, {"ids": list(ids)}).all()


def _texts(found: dict[int, Any]) -> dict[int, str]:
    """The beginnings of the messages that are shown as hits. One query, for those on the page alone."""
    ids = [message_id for message_id in found.values() if message_id is not None]
    return dict(db.session.connection().execute(_TEXTS, {"ids": ids}).all()) if ids else {}


def _by_words(asked: Asked, before: int | None) -> tuple[dict[int, Any], int | None]:
    """Conversations whose messages have the words, by the newest such message; and where the next page starts."""
    found: dict[int, Any] = {}
    for _ in range(8):  # conditions may sift out a whole batch; eight batches are enough for one page of work
        ids = searching.find(asked.terms, limit=BATCH, before=before)
        if not ids:
            return found, None
        hits = dict(_where(ids, asked))
        for message_id in ids:
            before = message_id
            conversation_id = hits.get(message_id)
            if conversation_id is not None and conversation_id not in found:
                if len(found) == PAGE:
                    return found, message_id + 1
                found[conversation_id] = message_id
        if len(ids) < BATCH:
            return found, None
    return found, before


def _numbered(asked: Asked) -> dict[int, Any]:
    """The conversation of the order whose number was typed, if it holds what was asked beside it. One query."""
    if len(asked.terms) > 1 or asked.message_conditions:
        return {}
    its = select(Conversation.id).where(
        Conversation.id
        == select(Order.conversation_id).where(Order.number == asked.number).scalar_subquery(),
        *asked.conditions,
    )
    return dict.fromkeys(db.session.scalars(its))


def _by_number(asked: Asked) -> dict[int, str]:
    """Whose phone, parcel or postcode was typed, where nothing else was that words must have. At most one query."""
    if asked.message_conditions or any(t.column or t.absent for t in asked.terms):
        return {}
    return found_numbers.conversations(" ".join(asked.bare), asked.conditions)


def _by_conditions(asked: Asked, before: int | None) -> tuple[dict[int, Any], int | None]:
    """Without a word to look for: conversations by their conditions, newest number first."""
    query = select(Conversation.id).where(Conversation.merged_into_id.is_(None), *asked.conditions)
    if asked.message_conditions:
        query = query.where(
            select(Message.id)
            .where(Message.conversation_id == Conversation.id, *asked.message_conditions)
            .exists()
        )
    if not asked.conditions and not asked.message_conditions:
        return {}, None
    if before:
        query = query.where(Conversation.id < before)
    ids = list(db.session.scalars(query.order_by(Conversation.id.desc()).limit(PAGE + 1)))
    return dict.fromkeys(ids[:PAGE]), ids[PAGE - 1] if len(ids) > PAGE else None


def _rows(ids: Sequence[int]) -> list[Any]:
    order = {row_id: rank for rank, row_id in enumerate(ids)}
    if not ids:
        return []
    rows = db.session.connection().execute(_ROWS, {"ids": list(ids)}).all()
    return sorted(rows, key=lambda row: order[row.id])


def _hit(text: str, words: Sequence[str]) -> Markup:
    """The line around the first word found, with the words marked."""
    at = -1
    lowered = text.casefold()
    for word in words:
        at = lowered.find(word)
        if at >= 0:
            break
    if at < 0:
        return Markup(escape(preview(text, length=140)))  # noqa: S704 - escaped
    start = max(at - 24, 0)
    start = text.find(" ", start, at) + 1 if start and " " in text[start:at] else start
    piece = " ".join(text[start : at + 120].split())
    out, end = ["…" if start else ""], 0
    for match in _any_of(tuple(words)).finditer(piece):
        out += [escape(piece[end : match.start()]), "<mark>", escape(match[0]), "</mark>"]
        end = match.end()
    return Markup("".join([*out, escape(piece[end:])]))  # noqa: S704 - escaped piece by piece


@lru_cache(maxsize=64)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)), re.IGNORECASE)
