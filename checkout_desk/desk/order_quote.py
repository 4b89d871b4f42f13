"""The quote of an order in the composer: its mail from a template, the choice of languages, and what is checked.

The words may be changed by whoever sends it; an amount, the total and the end are the quote's, or the mail stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checkout_desk.conversations.models import Conversation, Draft
from checkout_desk.correspondence import rendering, templates
from checkout_desk.correspondence.rendering import PAGE, Rendered
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import Template
from checkout_desk.desk import order_question
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quote_letter, quote_preview, quote_words
from checkout_desk.orders.models import Order
from checkout_desk.orders.quote_preview import Preview
from checkout_desk.payments import finding

PURPOSE = "quote"
NONE = order_question.NONE


@dataclass(frozen=True, slots=True)
class Ready:
    """An order whose quote can be sent, and what it would say now."""

    order: Order
    preview: Preview


def ready(c: Conversation, *, number: int | None = None, order_id: int | None = None) -> Ready:
    """The order named by number or id, with its quote as of now. Raises Refused with why there is none."""
    if number is not None:
        order = db.session.query(Order).filter(Order.number == number).one_or_none()
    else:
        order = db.session.get(Order, order_id) if order_id else None
    if order is None or order.conversation_id != c.id:
        raise Refused("This order does not belong to this conversation; send its quote from there.")
    if order.state != "verified":
        raise Refused(
            f"Order {order.number} is {order.state}; a quote is sent when everything in it is verified."
        )
    return Ready(order, quote_preview.preview(order))


def begin(o: Ready, c: Conversation, *, language: str = "") -> tuple[Template, Rendered]:
    """The mail in the customer's language, or in `language`. Raises Unfilled."""
    return quote_letter.rendered(
        o.order,
        o.preview.content,
        o.preview.ends_at,
        contact=order_question.contact(c),
        language=language,
        come=_come(o),
    )


def put_in(draft: dict[str, Any], o: Ready, c: Conversation) -> None:
    """The quote into the composer's draft; what somebody had typed stays below it. Raises Unfilled."""
    template, mail = begin(o, c)
    typed = str(draft.get("text") or "").strip() if draft.get("purpose") is None else ""
    draft["text"] = mail.text.rstrip() + (f"\n\n{typed}" if typed else "")
    draft["subject"] = mail.subject
    draft.update(order=o.order.id, purpose=PURPOSE, template=template.reference)


def choose(draft: Draft, o: Ready, c: Conversation, value: str) -> None:
    """The template anew, in a language; or none, which leaves the words and makes an ordinary mail of them. Raises Unfilled."""
    if value == NONE:
        draft.order_id, draft.purpose, draft.template = None, None, None
        draft.text = draft.text.replace(PAGE, "")
        return
    template, mail = begin(o, c, language=value if value in LANGUAGES else "")
    draft.text, draft.subject = mail.text.rstrip(), mail.subject
    draft.order_id, draft.purpose, draft.template = o.order.id, PURPOSE, template.reference


def context(o: Ready, c: Conversation, draft: Mapping[str, Any]) -> dict[str, Any]:
    """`templates` and `checks` for the composer."""
    language = _language(draft.get("template"), o)
    try:
        options = templates.choices(quote_letter.KEY)
    except KeyError:
        options = []
    shown = [{"value": t.language, "text": t.title, "selected": t.language == language} for t in options]
    return {
        "templates": [*shown, {"value": NONE, "text": "No quote, an ordinary mail", "selected": False}],
        "checks": checks(o, c, str(draft.get("text") or ""), language),
    }


def checks(o: Ready, c: Conversation, text: str, language: str) -> list[dict[str, str]]:
    """What the mail says of the quote; in red what stops it."""
    plain, content, ends_at = rendering.aloud(text), o.preview.content, o.preview.ends_at
    faults = quote_letter.faults(content, ends_at, plain, language, come=_come(o))
    found = [("stop", fault.short) for fault in faults]
    if not faults:
        found.append(("ok", "Amounts are the quote’s"))
        found.append(("ok", f"Held until {quote_words.ends(content, ends_at, 'en')}"))
    found += [
        ("stop", f"{row.available or 'None'} of {row.name} can be promised, {row.wanted} wanted")
        for row in quote_preview.short(o.preview)
    ]
    found.append(("ok", "Order page") if PAGE in text else ("warn", "No link to the order page"))
    contact = order_question.contact(c)
    found.append(("ok", "Contact line") if contact in plain else ("warn", "No contact line"))
    return [{"tone": tone, "text": words} for tone, words in found]


def _come(o: Ready) -> int:
    return finding.come(o.order, o.order.currency)


def _language(reference: Any, o: Ready) -> str:
    found = str(reference or "").split(":")
    return found[1] if len(found) == 3 and found[1] in LANGUAGES else str(o.preview.content["language"])
