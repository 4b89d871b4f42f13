"""The question about an order in the composer: its text from a template, the choice of templates, and what is checked.

A draft that asks for details carries the order, its purpose and the template that it began with; a person may change
every word, and is told what the mail does not ask any more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checkout_desk.conversations.models import Conversation, Draft
from checkout_desk.correspondence import questions, rendering, templates
from checkout_desk.correspondence.rendering import PAGE, Rendered, Unfilled
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import Template
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox
from checkout_desk.orders import questioning
from checkout_desk.orders.completeness import WORDS
from checkout_desk.orders.models import Order
from checkout_desk.orders.next_action import OPEN
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store

KEY, PURPOSE = "missing_details", "ask_details"
KINDS = ("reply", "reply_all")
NONE = "none"


@dataclass(frozen=True, slots=True)
class Begun:
    """A question, ready to be looked at."""

    template: Template
    mail: Rendered


def asking(c: Conversation, *, number: int | None = None, order_id: int | None = None) -> Open | None:
    """The order of this conversation that has something to ask: the one named, else the one that its row shows.

    None where it is another conversation's, past asking, or has no gap that a customer can fill.
    """
    if number is not None:
        order = db.session.query(Order).filter(Order.number == number).one_or_none()
    else:
        wanted = order_id or (c.order_id if c.order_gaps else None)
        order = db.session.get(Order, wanted) if wanted else None
    if order is None or order.conversation_id != c.id or order.state not in OPEN:
        return None
    o = questioning.opened(order)
    return o if o.gaps else None


def begin(o: Open, c: Conversation, *, language: str = "") -> Begun:
    """The question in the customer's language, or in `language`. Raises Unfilled."""
    template, mail = questioning.rendered(o, KEY, contact=contact(c), language=language)
    return Begun(template, mail)


def put_in(draft: dict[str, Any], o: Open, c: Conversation, begun: Begun) -> None:
    """The question into the composer's draft; what somebody had typed stays below it."""
    typed = _typed(draft, o, c, begun)
    draft["text"] = begun.mail.text.rstrip() + (f"\n\n{typed}" if typed else "")
    draft["subject"] = begun.mail.subject
    draft.update(order=o.order.id, purpose=PURPOSE, template=begun.template.reference)


def choose(draft: Draft, o: Open, c: Conversation, value: str) -> None:
    """Another template for a kept draft: a language, or NONE. Words that a person changed are not lost. Raises Unfilled."""
    shown: dict[str, Any] = {"text": draft.text, "template": draft.template}
    if value == NONE:
        draft.text = _typed(shown, o, c, None)
        draft.order_id, draft.purpose, draft.template = None, None, None
        return
    begun = begin(o, c, language=value if value in LANGUAGES else "")
    put_in(shown, o, c, begun)
    draft.text, draft.subject = shown["text"], begun.mail.subject
    draft.order_id, draft.purpose, draft.template = o.order.id, PURPOSE, begun.template.reference


def context(c: Conversation, draft: Mapping[str, Any], o: Open | None) -> dict[str, Any]:
    """`templates` and `checks` for the composer. Nothing where this conversation has nothing to ask."""
    if o is None:
        return {}
    used = draft.get("template") if draft.get("purpose") == PURPOSE else None
    current = _language(used)
    options = [
        {"value": template.language, "text": template.title, "selected": template.language == current}
        for template in templates.choices(KEY)
    ]
    return {
        "templates": [*options, {"value": NONE, "text": "No template", "selected": not current}],
        "checks": checks(o, c, str(draft.get("text") or ""), current) if used else [],
    }


def checks(o: Open, c: Conversation, text: str, language: str) -> list[dict[str, str]]:
    """What the mail asks and holds, and in amber what it does not any more."""
    asked = questioning.asked(o)
    plain = rendering.aloud(text)
    missing = questions.unasked(asked, plain, language or o.language)
    found = []
    if not missing:
        found.append(("ok", _all_asked(len(asked))))
    for question in missing:
        what = question.product or (f"“{question.words[:40]}”" if question.line_id else "")
        found.append(("warn", f"Does not ask: {WORDS[question.gap].lower()}" + (f", {what}" if what else "")))
    found.append(("ok", "Order page") if PAGE in text else ("warn", "No link to the order page"))
    found.append(("ok", "Contact line") if contact(c) in plain else ("warn", "No contact line"))
    return [{"tone": tone, "text": words} for tone, words in found]


def contact(c: Conversation) -> str:
    """How the customer reaches the store: its contact address, or the mailbox that they wrote to."""
    found = store().contact
    if found:
        return found
    box = db.session.get(Mailbox, c.mailbox_id) if c.mailbox_id else None
    return box.address if box is not None else store().name


def _all_asked(n: int) -> str:
    return {1: "Gap asked", 2: "Both gaps asked"}.get(n, f"All {n} gaps asked")


def _language(reference: str | None) -> str:
    found = (reference or "").split(":")
    return found[1] if len(found) == 3 and found[1] in LANGUAGES else ""


def _typed(draft: Mapping[str, Any], o: Open, c: Conversation, begun: Begun | None) -> str:
    """What of the draft's text a person wrote: nothing while it is the template's own words."""
    text = _plain(str(draft.get("text") or ""))
    language = _language(draft.get("template"))
    ours = {_plain(begun.mail.text)} if begun else set()
    if language:
        with contextlib.suppress(Unfilled):
            ours.add(_plain(begin(o, c, language=language).mail.text))
    return "" if text in ours else text


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
