"""Saved replies: the page where agents keep them, and putting one into the composer."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.conversations.models import Conversation, Draft
from checkout_desk.correspondence import replies, templates
from checkout_desk.correspondence.kinds import PLACEHOLDERS, REPLY
from checkout_desk.correspondence.models import SavedReply
from checkout_desk.correspondence.rendering import Unfilled
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.versions import Faulty
from checkout_desk.desk.frame import frame
from checkout_desk.desk.order_question import contact
from checkout_desk.extensions import db
from checkout_desk.orders import placeholder_values
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("replies", __name__, url_prefix="/templates/replies")

FIELDS = ("title", "language", "text", "topic")
SLASH = re.compile(r"(?m)^/([^/\n]{1,80})$")
"""a line that asks for a reply by its words"""


@blueprint.get("")
@requires("templates.read")
def everything() -> str:
    """All replies, and the form of a new one."""
    return _page(None, {"language": store().language})


@blueprint.get("/<int:reply_id>")
@requires("templates.read")
def show(reply_id: int) -> str:
    """One reply, to read or to change."""
    reply = _load(reply_id)
    return _page(reply, {name: getattr(reply, name) for name in FIELDS})


@blueprint.post("")
@requires("replies.write")
def create() -> ResponseReturnValue:
    """Keep a new one."""
    return _save(None)


@blueprint.post("/<int:reply_id>")
@requires("replies.write")
def change(reply_id: int) -> ResponseReturnValue:
    """Give it other words, or (`act` remove) forget it."""
    reply = _load(reply_id)
    if request.form.get("act") == "remove":
        title = reply.title
        replies.remove(reply)
        db.session.commit()
        flash(f"“{title}” is removed.")
        return redirect(url_for(".everything"), 303)
    return _save(reply)


def insert(c: Conversation, draft: Draft, chosen: str) -> dict[str, str]:
    """Put a reply into the draft: the chosen one at its end, else that of its first line `/words` in its place.

    Returns the sentence of what cannot be done, with the text left as it was.
    """
    known = replies.everything()
    order = db.session.get(Order, c.order_id) if c.order_id else None
    language = templates.speaks(order.language if order else "")
    line = SLASH.search(draft.text)
    if chosen:
        found = [one for one in known if str(one.id) == chosen]
        line = None
        said = "This reply is not there any more; choose another one."
    elif line:
        found = replies.matching(line[1], known, language=language)
        said = f"No saved reply or macro has the words “{line[1].strip()}”."
    else:
        return {"text": "Choose a saved reply, or type / and words of its title on a line of its own."}
    if not found:
        return {"text": said}
    if len(found) > 1:
        names = ", ".join(f"“{one.title}” in {LANGUAGES[one.language].name}" for one in found[:5])
        return {
            "text": f"“/{line[1].strip() if line else ''}” fits {len(found)} saved replies: {names}. Type more."
        }
    try:
        text = replies.filled(found[0], values(c, order, found[0].language), plain=not draft.purpose)
    except Unfilled as fault:
        return {"text": str(fault)}
    if line:
        draft.text = draft.text[: line.start()] + text + draft.text[line.end() :]
    else:
        draft.text = f"{draft.text.rstrip()}\n\n{text}" if draft.text.strip() else text
    return {}


def suggested(c: Conversation, context: dict[str, Any]) -> None:
    """The reply that the address of the composer names (`answer`) into a draft in which nothing stands yet."""
    draft, composer = context["draft"], context["composer"]
    number = request.args.get("answer", type=row_number)
    reply = db.session.get(SavedReply, number) if number else None
    if reply is None or composer["kind"] not in ("reply", "reply_all") or draft["text"].strip():
        return
    order = db.session.get(Order, c.order_id) if c.order_id else None
    try:
        draft["text"] = replies.filled(reply, values(c, order, reply.language), plain=True)
    except Unfilled as fault:
        composer["errors"].setdefault("form", str(fault))


def choices() -> list[dict[str, str]]:
    """The replies as the composer offers them. One query."""
    return [
        {"value": str(one.id), "text": f"{one.title} · {LANGUAGES[one.language].name}"}
        for one in replies.everything()
    ]


def values(c: Conversation, order: Order | None, language: str) -> dict[str, str]:
    """What placeholders stand for in a reply in this conversation."""
    if order is None:
        return {"CUSTOMER_NAME": c.who, "CONTACT_INFO": contact(c), "STORE_NAME": store().name}
    quote = placeholder_values.newest_quote(order)
    return placeholder_values.known(order, language=language, contact=contact(c), quote=quote)


def _save(reply: SavedReply | None) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "")[:20_000] for name in FIELDS}
    try:
        row = replies.save(reply, **typed, by=sessions.me())
    except Faulty as fault:
        db.session.rollback()
        return _page(reply, typed, errors=fault.fields), 422
    title = row.title
    db.session.commit()
    flash(f"“{title}” is saved.")
    return redirect(url_for(".everything"), 303)


def _page(reply: SavedReply | None, form: dict[str, Any], *, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "studio/replies.html",
        rows=[_row(one, reply) for one in replies.everything()],
        reply=reply,
        form=form,
        errors=errors or {},
        languages=[(code, one.name) for code, one in LANGUAGES.items()],
        topics=[("", "Nothing"), *replies.TOPICS.items()],
        help=[(name, PLACEHOLDERS[name], False, False) for name in REPLY],
        may_write=sessions.who().may("replies.write"),
        action=url_for(".change", reply_id=reply.id) if reply else url_for(".create"),
    )


def _row(one: SavedReply, open_: SavedReply | None) -> dict[str, Any]:
    words = " ".join(one.text.split())
    return {
        "title": one.title,
        "language": LANGUAGES[one.language].name,
        "topic": replies.TOPICS.get(one.topic, ""),
        "excerpt": words if len(words) <= 120 else words[:119].rstrip() + "…",
        "by": frame().name(one.created_by_id),
        "when": frame().face.short(one.changed_at),
        "url": url_for(".show", reply_id=one.id),
        "current": open_ is not None and one.id == open_.id,
    }


def _load(reply_id: int) -> SavedReply:
    return db.session.get(SavedReply, reply_id) or abort(404, "There is no such reply.")
