"""What the customer page shows: the form, or why there is none, and what we know."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from checkout_desk import money
from checkout_desk.conversations.models import Conversation
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import fields, keys, money_back
from checkout_desk.doorstep.fields import Form
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.words import Words
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox
from checkout_desk.orders import completeness, questioning
from checkout_desk.orders.models import Order
from checkout_desk.orders.next_action import OPEN
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store

STATES = {"verified": "verified", "cancelled": "cancelled", "expired": "cancelled"}
"""state -> words for it; every other one that is past filling in is 'over'"""


def context(
    o: Open,
    link: CustomerLink,
    key: keys.Key,
    *,
    form: Form | None = None,
    errors: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that doorstep/order.html needs."""
    words = Words(o.language)
    state = state_of(o)
    return {
        **around(o.order, link, words),
        "state": state,
        "form": (form or fields.form(o, words)) if state == "asking" else None,
        "form_token": keys.form_token(key),
        "errors": errors or {},
        "name": given_name(o.order),
        "rows": questioning.rows(o),
        "money_back": money_back.sentences(o, words) if state == "cancelled" else [],
        "total": money.show(completeness.total(o.lines), o.order.currency, locale=o.locale),
        "address": questioning.address(o.order, o.language).split("\n"),
    }  # fmt: skip


def state_of(o: Open) -> str:
    """'asking' while something can be filled in, else which words say why not."""
    if o.order.state not in OPEN:
        return STATES.get(o.order.state, "over")
    return "asking" if o.gaps else "complete"


def around(order: Order, link: CustomerLink, words: Words) -> dict[str, Any]:
    """What every page of an order shows around its content."""
    found = store()
    ends = link.expires_at.astimezone(ZoneInfo(found.time_zone))
    return {
        "w": words,
        "lang": words.language,
        "shop": found.name,
        "order": order,
        "contact": contact(order),
        "ends": format_date(ends.date(), "long", locale=LANGUAGES[words.language].locale),
    }


def contact(order: Order) -> str:
    """Where a question about this order is mailed to: the store's address, or the mailbox that it came to."""
    found = store().contact
    if found:
        return found
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    box = db.session.get(Mailbox, c.mailbox_id) if c is not None and c.mailbox_id else None
    return box.address if box is not None else ""


def given_name(order: Order) -> str:
    """How the page greets: the first of the customer's names in languages where that is usual, else the whole."""
    name = " ".join(questioning.name_of(order).split())[:60]
    return name.split(" ")[0] if order.language == "en" and name.isascii() else name
