"""Where an order is, in the composer: the answer to "where is my order?", the mail about one that is held up, and the
copy of its invoice.

All begin with real data of this moment and are sent by a person; nothing leaves by itself.
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
from checkout_desk.desk.order_question import NONE, contact
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import invoicing, loading, placeholder_values
from checkout_desk.orders.invoicing import INVOICE
from checkout_desk.orders.models import Order
from checkout_desk.shipping import alarms, shortage, wording
from checkout_desk.shipping.wording import DELAYED, WHERE, may_tell

KEYS = {WHERE: "order_where", DELAYED: "order_delayed", INVOICE: "order_invoice"}
"""purpose of a draft -> the template that it begins with"""
SHORT = "order_item_short"
"""instead of the second, while all that is wrong is that an item could not be packed"""


@dataclass(frozen=True, slots=True)
class About:
    """What a mail tells: an order, and of which of its parcels (all where it is None)."""

    order: Order
    purpose: str
    parcels: tuple[int, ...] | None


def about(c: Conversation, purpose: str, *, number: int | None = None, order_id: int | None = None) -> About:
    """What the mail is about. Raises Refused where it cannot be told from this conversation, or nothing is wrong."""
    order = (
        loading.load(number) if number is not None else db.session.get(Order, order_id) if order_id else None
    )
    if order is None or not may_tell(c, order):
        raise Refused("This order belongs to another customer; write to them from their own conversation.")
    if purpose == INVOICE:
        invoicing.paid(order)
    if purpose in (WHERE, INVOICE):
        return About(order, purpose, None)
    standing = alarms.of_order(order)
    if not standing:
        raise Refused(f"Nothing is wrong with the parcels of order {order.number} any more.")
    return About(order, purpose, tuple({one.shipment_id for one in standing}))


def begin(what: About, c: Conversation, *, language: str = "") -> tuple[Template, Rendered]:
    """The mail in the customer's language, or in `language`. Raises Unfilled."""
    template = templates.newest(_key(what), language or what.order.language)
    known = placeholder_values.known(what.order, language=template.language, contact=contact(c))
    told = wording.values(what.order, template.language, only=what.parcels)
    return template, rendering.render(template, {**known, **told, "MISSING_ITEMS": absent(what.order)})


def _key(what: About) -> str:
    lacking = what.purpose == DELAYED and {one.kind for one in alarms.of_order(what.order)} == {shortage.KIND}
    return SHORT if lacking else KEYS[what.purpose]


def absent(order: Order) -> str:
    """What could not be packed, a line each: '1 × Blue mug (of 2)'."""
    return "\n".join(f"{n - there} × {name} (of {n})" for name, there, n in shortage.missing(order))


def put_in(draft: dict[str, Any], what: About, c: Conversation) -> None:
    """The mail into the composer's draft; what somebody had typed stays below it. Raises Unfilled."""
    template, mail = begin(what, c)
    typed = str(draft.get("text") or "").strip() if draft.get("purpose") is None else ""
    draft["text"] = mail.text.rstrip() + (f"\n\n{typed}" if typed else "")
    draft["subject"] = mail.subject if what.purpose == DELAYED else draft.get("subject") or mail.subject
    draft.update(order=what.order.id, purpose=what.purpose, template=template.reference)


def choose(draft: Draft, what: About, c: Conversation, value: str) -> None:
    """The template anew, in a language; or none, which leaves the words and makes an ordinary mail of them. Raises Unfilled."""
    if value == NONE:
        draft.order_id, draft.purpose, draft.template = None, None, None
        draft.text = draft.text.replace(PAGE, "")
        return
    template, mail = begin(what, c, language=value if value in LANGUAGES else "")
    draft.text = mail.text.rstrip()
    draft.template = template.reference


def context(what: About, c: Conversation, draft: Mapping[str, Any]) -> dict[str, Any]:
    """`templates` and `checks` for the composer."""
    found = str(draft.get("template") or "").split(":")
    language = found[1] if len(found) == 3 else ""
    shown = [
        {"value": one.language, "text": one.title, "selected": one.language == language}
        for one in templates.choices(_key(what))
    ]
    return {
        "templates": [*shown, {"value": NONE, "text": "No template", "selected": False}],
        "checks": checks(what, c, str(draft.get("text") or ""), language),
    }


def checks(what: About, c: Conversation, text: str, language: str) -> list[dict[str, str]]:
    """What the mail says of the parcels, and in amber what is true by now and not in it."""
    plain = rendering.aloud(text)
    if what.purpose == INVOICE:
        file = invoicing.file_name(invoicing.paid(what.order))
        return [{"tone": "ok", "text": f"{file} goes along"}, _contact(c, plain)]
    told = wording.values(what.order, language or templates.speaks(what.order.language), only=what.parcels)
    if _key(what) == SHORT:
        told = {"MISSING_ITEMS": absent(what.order)}
    found = []
    for name, words, missing in (
        ("MISSING_ITEMS", "Says what is missing", "Does not say all that is missing"),
        ("PARCEL_STATUS", "Says where it is now", "Does not say where it is now"),
        ("TRACKING_NUMBER", "Tracking number", "No tracking number"),
        ("ESTIMATED_DELIVERY_DATE", "Promised day", "No promised day"),
    ):
        if told.get(name):
            found.append(("ok", words) if told[name] in plain else ("warn", missing))
    if what.purpose == DELAYED:
        found.append(("ok", "Sending settles the alarm"))
    if PAGE in text:
        found.append(("ok", "Order page"))
    return [*({"tone": tone, "text": words} for tone, words in found), _contact(c, plain)]


def _contact(c: Conversation, plain: str) -> dict[str, str]:
    here = contact(c) in plain
    return {"tone": "ok" if here else "warn", "text": "Contact line" if here else "No contact line"}
