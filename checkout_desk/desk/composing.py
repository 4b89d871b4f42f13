"""What the composer shows: shut or open, with the draft, its faults, and what came since it was opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from sqlalchemy import select

from checkout_desk.conversations import checking, drafting, forwarding, sending
from checkout_desk.conversations.models import Attachment, Conversation, Draft, Message
from checkout_desk.desk import replies, wording
from checkout_desk.desk.frame import VIEWS, Frame
from checkout_desk.desk.paths import path
from checkout_desk.extensions import db
from checkout_desk.mail.letter import Address
from checkout_desk.mail.zones import preview

TABS = (
    ("reply", "Reply", "reply", "r"),
    ("note", "Note", "lock", "n"),
    ("reply_all", "Reply all", "reply-all", "R"),
    ("forward", "Forward", "forward", "f"),
)
AFTER = [("wait", "and wait for customer"), ("close", "and close"), ("stay", "and stay open")]


def composer_context(
    c: Conversation,
    draft: Draft | None,
    around: Frame,
    *,
    kind: str | None = None,
    errors: Mapping[str, str] | None = None,
    newer: Sequence[Message] = (),
    after: str = "wait",
    focus: bool = False,
    about: Message | None = None,
) -> dict[str, Any]:
    """`composer`, `draft` and `newer` for the templates. `kind` None shows it shut, with a word about a kept draft.

    `about` is the mail that a forward is begun of.
    """
    if not around.person.may("conversations.write"):
        return {"composer": {"kind": None, "tabs": []}, "draft": None, "newer": ()}
    view = request.args.get("view") if request.args.get("view") in VIEWS else None
    tabs = [
        {"kind": key, "label": label, "icon": icon, "key": stroke, "current": key == kind,
         "url": path("composer.show", conversation_id=c.id, kind=key, view=view)}
        for key, label, icon, stroke in TABS
    ]  # fmt: skip
    if kind is None:
        return {
            "composer": {"kind": None, "tabs": tabs},
            "draft": _draft(draft, around) if draft else None,
            "newer": (),
        }
    if kind == "forward":
        about = forwarding.subject_of(c, draft) if draft else about or forwarding.chosen(c, None)
    composer = {
        "about": _about(about, around) if about and kind == "forward" else None,
        "kind": kind, "tabs": tabs, "action": path("composer.send", conversation_id=c.id),
        "draft_url": path("composer.keep", conversation_id=c.id), "attach_url": path("composer.attach", conversation_id=c.id),
        "discard_url": path("composer.send", conversation_id=c.id), "errors": dict(errors or {}), "after": after, "after_options": AFTER,
        "undo_seconds": around.store.undo_seconds if around.store else 10, "newer": newer_items(c, newer, around), "focus": focus,
        "replies": replies.choices() if kind != "note" else [],
    }  # fmt: skip
    return {
        "composer": composer,
        "draft": _draft(draft, around) if draft else fresh_draft(c, kind=kind, about=about),
        "newer": composer["newer"],
    }


def _about(m: Message, around: Frame) -> dict[str, Any]:
    """What stands in the composer of the mail that will follow below one's words."""
    return {
        "id": m.id,
        "who": m.from_name or m.from_email,
        "when": around.face.short(m.at),
        "excerpt": preview(m.text, length=120),
    }


def fresh_draft(c: Conversation, *, kind: str, about: Message | None = None) -> dict[str, Any]:
    """The fields that a new reply, forward or note starts with; a forward with the files of the mail `about`."""
    carried = forwarding.carried(about)[0] if about and kind == "forward" else []
    to, cc = sending.default_recipients(c, kind=kind) if kind != "note" else ([], [])
    return {
        "kind": kind,
        "to": typed(to),
        "cc": typed(cc),
        "subject": sending.reply_subject(c, kind=kind) if kind != "note" else "",
        "text": "",
        "token": drafting.new_token(),
        "based_on": c.last_inbound_id,
        "saved_at": None,
        # Their copies are made when the draft is: until then each is named by the file of the mail.
        "attachments": [
            {"id": f"m{a.id}", "name": a.filename, "size_text": wording.size(a.size)} for a in carried
        ],
    }


def typed(addresses: Sequence[Address]) -> str:
    """Addresses as one would type them."""
    return ", ".join(map(str, addresses))


def _draft(draft: Draft, around: Frame) -> dict[str, Any]:
    return {
        "kind": draft.kind,
        "to": draft.to,
        "cc": draft.cc,
        "subject": draft.subject,
        "text": draft.text,
        "token": draft.token,
        "based_on": draft.based_on_id,
        "saved_at": around.face.time(draft.updated_at),
        "attachments": files(draft),
        "order": draft.order_id,
        "purpose": draft.purpose,
        "template": draft.template,
        "macro": draft.macro_id,
    }


def files(draft: Draft) -> list[dict[str, Any]]:
    """The files of a draft."""
    rows = db.session.scalars(
        select(Attachment).where(Attachment.draft_id == draft.id).order_by(Attachment.id)
    )
    return [{"id": a.id, "name": a.filename, "size_text": wording.size(a.size)} for a in rows]


def newer_items(c: Conversation, newer: Sequence[Message], around: Frame) -> list[dict[str, Any]]:
    """What the customer wrote since, for the notice beside the draft."""
    return [
        {"id": m.id, "from_name": m.from_name or m.from_email, "when": around.face.short(m.at), "excerpt": preview(m.text, length=240),
         "url": path("workspace.show", conversation_id=c.id) + f"#m{m.id}"}
        for m in newer
    ]  # fmt: skip


def newer_than(c: Conversation, draft: Draft | None, around: Frame) -> list[dict[str, Any]]:
    """`newer_items` for a saved draft."""
    return newer_items(c, checking.newer_messages(c, draft), around) if draft else []
