"""A conversation's thread for the screen: messages, notes and what happened between them, in one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import bindparam, select

from checkout_desk.conversations.addressing import plain
from checkout_desk.conversations.models import Attachment, Conversation, PossibleMatch
from checkout_desk.desk import discretion, prose, wording
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.happenings import events, sentence
from checkout_desk.desk.keeping import kept
from checkout_desk.desk.marks import Mark
from checkout_desk.desk.message_foot import delivery, foot
from checkout_desk.desk.paths import path
from checkout_desk.desk.thread_rows import Window
from checkout_desk.extensions import db

RISKY = (
    ".exe",
    ".com",
    ".bat",
    ".cmd",
    ".scr",
    ".js",
    ".vbs",
    ".jar",
    ".msi",
    ".ps1",
    ".lnk",
    ".html",
    ".htm",
    ".svg",
    ".iso",
)


def items(
    c: Conversation,
    shown: Window,
    frame: Frame,
    *,
    view_of: tuple[int, str] | None = None,
    marks: Mapping[int, tuple[Mark, ...]] | None = None,
) -> list[dict[str, Any]]:
    """Messages, notes and system lines in time order. At most three queries (attachments, matches, events).

    `marks` are the highlights over the text of each message.
    """
    marks = marks or {}
    messages = shown.rows
    files = _attachments([m.id for m in messages if m.attachment_count])
    matches = _matches([m.id for m in messages if m.may_belong][-10:])
    found: list[tuple[datetime, int, dict[str, Any]]] = []
    for m in shown.rows:
        if m.direction == "note" and m.kind != "taken_back":
            item = {"type": "note", "id": m.id, "author": frame.name(m.author_id) if m.author_id else m.from_name, "when": frame.face.short(m.at),
                    "iso": m.at.isoformat(), "text": discretion.words(m.text, frame.person)}  # fmt: skip
        elif m.kind == "taken_back":
            item = system(
                frame,
                f"{frame.name(m.author_id)} took a note back"
                if m.direction == "note"
                else f"{frame.name(m.author_id)} took a mail back before it left",
                m.at,
                "undo-2",
                f"t{m.id}",
            )
        else:
            view = view_of[1] if view_of and view_of[0] == m.id else "text"
            item = _mail(
                c, m, frame, files=files.get(m.id, []), matches=matches.get(m.id, []), view=view, marks=marks.get(m.id, ())
            )  # fmt: skip
        found.append((m.at, m.id, item))
    since = messages[0].at if shown.earlier and messages else None
    for event in events(c, since=since):
        told = sentence(event, frame)
        if told:
            found.append(
                (
                    event.at,
                    2**62 + event.id,
                    system(frame, discretion.words(told[1], frame.person), event.at, told[0], f"e{event.id}"),
                )
            )
    found.sort(key=lambda entry: (entry[0], entry[1]))
    return [item for _, _, item in found]


def _mail(
    c: Conversation,
    m: Any,
    frame: Frame,
    *,
    files: Sequence[Any],
    matches: Sequence[Any],
    view: str,
    marks: tuple[Mark, ...],
) -> dict[str, Any]:
    """One mail as an item; its HTML is kept while nothing about it changes."""

    def whole() -> dict[str, Any]:
        return message(c, m, frame, files=files, matches=matches, view=view, marks=marks)

    if view != "text" or m.out_state in ("queued", "sending"):  # a countdown is never the same
        return whole()
    key = (
        "message", m.id, m.conversation_id, m.kind, m.from_name, m.from_email, m.subject, m.reason, len(m.text),
        m.trouble, m.resolved_at, m.out_state, m.out_at, m.has_html, tuple((a.id, a.filename) for a in files),
        tuple(p.id for p in matches), frame.face.short(m.at), frame.person.id, frame.person.roles,
        frame.face.zone.key, marks,
    )  # fmt: skip
    html = kept(key, lambda: render_template("desk/_message.html", m=whole()))
    return {
        "type": "message",
        "id": m.id,
        "ours": m.direction == "out",
        "from_email": m.from_email,
        "html": html,
    }


def system(frame: Frame, text: str, at: datetime, icon: str, key: str) -> dict[str, Any]:
    """One grey line."""
    return {
        "type": "system",
        "id": key,
        "icon": icon,
        "text": text,
        "when": frame.face.short(at),
        "iso": at.isoformat(),
    }


def message(
    c: Conversation,
    m: Any,
    frame: Frame,
    *,
    files: Sequence[Attachment],
    matches: Sequence[Any],
    view: str = "text",
    marks: Sequence[Mark] = (),
) -> dict[str, Any]:
    """One mail for `_message.html`; `m` is a row of COLUMNS."""
    ours = m.direction == "out"
    name = m.from_name or m.from_email
    address = {key: path("messages.show", message_id=m.id, view=key) for key in ("text", "html", "original")}
    trouble = bool(m.trouble and not m.resolved_at)
    sees = discretion.sees(frame.person)  # as it was sent it would tell what things cost, and so do our files
    return {
        "type": "message", "id": m.id, "ours": ours, "failed": trouble, "from_name": name, "from_email": m.from_email,
        "to_text": _to(m), "when": frame.face.short(m.at), "when_full": frame.face.full(m.at), "iso": m.at.isoformat(),
        "initials": wording.initials(name), "me": ours and m.author_id == frame.person.id,
        "blocks": prose.blocks(discretion.words(m.text, frame.person), m.zones, marks) if view == "text" else [], "has_html": m.has_html and sees, "view": view,
        "text_url": address["text"], "html_url": address["html"] if m.has_html and sees else None,
        "original_url": address["original"] if (m.raw_id or m.outbound_id) and frame.person.may("originals.read") else None,
        "frame_url": path("messages.framed", message_id=m.id),
        "attachments": [_file(a) for a in files if not a.inline and (sees or not ours)],
        "foot": foot(m, trouble=trouble), "delivery": delivery(m, frame) if ours else None,
        "possible_matches": [
            {"id": p.id, "title": f"{p.who}: {p.subject}", "why": p.why,
             "join_url": path("messages.join", match_id=p.id), "dismiss_url": path("messages.dismiss", match_id=p.id)}
            for p in (matches if frame.person.may("conversations.write") else ())
        ],
        "acts": _acts(m, frame),
    }  # fmt: skip


def glimpse(m: Any, frame: Frame) -> dict[str, Any]:
    """A mail to look at without opening its conversation: its words, and nothing that acts on it."""
    name = m.from_name or m.from_email
    return {
        "id": m.id,
        "from_name": name,
        "from_email": m.from_email,
        "to_text": _to(m),
        "when": frame.face.short(m.at),
        "when_full": frame.face.full(m.at),
        "iso": m.at.isoformat(),
        "initials": wording.initials(name),
        "blocks": prose.blocks(discretion.words(m.text, frame.person), m.zones),
        "foot": foot(m, trouble=False),
    }


def _to(m: Any) -> str:
    people = m.recipients or {}
    to = [name or plain(email) for email, name in people.get("to", [])]
    cc = [name or plain(email) for email, name in people.get("cc", [])]
    text = "to " + ", ".join(to[:3]) + (f" and {len(to) - 3} more" if len(to) > 3 else "") if to else ""
    return text + (f", cc {', '.join(cc[:3])}" + (" …" if len(cc) > 3 else "") if cc else "")


def _file(a: Attachment) -> dict[str, Any]:
    image = a.content_type.startswith("image/")
    return {
        "name": a.filename,
        "size_text": wording.size(a.size),
        "type": a.content_type,
        "url": path("messages.attachment", attachment_id=a.id),
        "icon": "image" if image else "file",
        "risky": a.filename.lower().endswith(RISKY),
    }


def _acts(m: Any, frame: Frame) -> list[dict[str, Any]]:
    """The message's menu: what this person may do with it."""
    may = frame.person.may
    acts: list[dict[str, Any]] = []
    if may("conversations.write"):
        acts += [
            {"label": "Forward", "icon": "forward", "url": path("composer.show", conversation_id=m.conversation_id, kind="forward", m=m.id), "composer": True},
            {"label": "Split off", "icon": "split", "url": path("acts.message_form", message_id=m.id, name="split")},
            {"label": "Move", "icon": "arrow-right", "url": path("acts.message_form", message_id=m.id, name="move")},
        ]  # fmt: skip
    if may("orders.write") and m.direction == "in":
        acts.append(
            {
                "label": "Make an order of it",
                "icon": "ticket",
                "url": path("ordering.from_message", message_id=m.id),
                "method": "post",
            }
        )
    if may("originals.read") and (m.raw_id or m.outbound_id):
        acts.append(
            {
                "label": "Download",
                "icon": "download",
                "url": path("messages.raw", message_id=m.id),
                "plain": True,
            }
        )
    if may("errors.repair") and m.kind == "unreadable":
        acts.append(
            {
                "label": "Read again",
                "icon": "refresh-cw",
                "url": path("messages.read_again", message_id=m.id),
                "method": "post",
            }
        )
    if may("errors.repair") and m.trouble and not m.resolved_at:
        acts.append(
            {
                "label": "Dealt with",
                "icon": "check",
                "url": path("messages.resolve", message_id=m.id),
                "method": "post",
            }
        )
    return acts


_A: Any = Attachment.__table__
_FILES = (
    select(_A.c.id, _A.c.message_id, _A.c.filename, _A.c.content_type, _A.c.size, _A.c.inline)
    .where(_A.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(_A.c.id)
)
_P: Any = PossibleMatch.__table__
_C: Any = Conversation.__table__
_MATCHES = (
    select(_P.c.id, _P.c.message_id, _P.c.why, _C.c.who, _C.c.subject)
    .select_from(_P.join(_C, _C.c.id == _P.c.conversation_id))
    .where(_P.c.message_id.in_(bindparam("ids", expanding=True)), _P.c.resolved_at.is_(None))
)


def _by_message(statement: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.connection().execute(statement, {"ids": list(ids)}) if ids else ():
        found.setdefault(row.message_id, []).append(row)
    return found


def _attachments(ids: Sequence[int]) -> dict[int, list[Any]]:
    return _by_message(_FILES, ids)


def _matches(ids: Sequence[int]) -> dict[int, list[Any]]:
    """Open possible matches of the newest letters."""
    return _by_message(_MATCHES, ids)
