"""What the placeholders of a template stand for, for one order: the same words in previews, saved replies and mails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from checkout_desk.correspondence import questions
from checkout_desk.correspondence.branding import Line
from checkout_desk.extensions import db
from checkout_desk.orders import questioning, quote_words
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store

_COUNTED = re.compile(r"([0-9]+) × (.+)", re.DOTALL)


def known(
    order: Order, *, language: str, contact: str, quote: Quote | None = None, opened: Open | None = None
) -> dict[str, str]:
    """Placeholder -> words in `language`, as far as they are known; with `quote` also what that version says.

    `opened` is the order as `questioning.opened` gives it, where the caller has that.
    """
    o = questioning.in_language(opened or questioning.opened(order), language)
    found = _always(order, language=language, contact=contact) | {
        "ORDER_SUMMARY": summary(o, quote=quote),
        "MISSING_DETAILS": questions.missing_details(questioning.asked(o), language),
    }
    if quote is not None:
        found |= _quoted(quote.content, quote.expires_at, language)
    return found


def of_quote(
    order: Order,
    content: Mapping[str, Any],
    ends_at: datetime | None,
    *,
    language: str,
    contact: str,
    come: int = 0,
) -> dict[str, str]:
    """Placeholder -> words in `language` for a mail about one version of a quote, sent or still to be sent, which asks for
    what is left when `come` minor units have come for the order."""
    return (
        _always(order, language=language, contact=contact)
        | {"ORDER_SUMMARY": quote_words.summary(content, language, come=come)}
        | _quoted(content, ends_at, language, come=come)
    )


def _always(order: Order, *, language: str, contact: str) -> dict[str, str]:
    name = " ".join(questioning.name_of(order).split())
    return {
        "GREETING": questions.greeting(name, language),
        "CUSTOMER_NAME": name,
        "ORDER_NUMBER": str(order.number),
        "SHIPPING_ADDRESS": questioning.address(order, language),
        "CONTACT_INFO": contact,
        "STORE_NAME": store().name,
    }


def newest_quote(order: Order) -> Quote | None:
    """The version that mails about this order speak of: the paid one, else the newest that was sent."""
    found: Quote | None = db.session.scalars(
        select(Quote)
        .where(Quote.order_id == order.id, Quote.sent_at.is_not(None))
        .order_by((Quote.state == "paid").desc(), Quote.number.desc())
        .limit(1)
    ).one_or_none()
    return found


def summary(o: Open, *, quote: Quote | None = None) -> str:
    """What [ORDER_SUMMARY] stands for, in the language of `o`."""
    return quote_words.summary(quote.content, o.language) if quote else questioning.summary(o)


def table(o: Open, *, quote: Quote | None = None) -> list[Line]:
    """The lines of [ORDER_SUMMARY] as rows of a table, in the language of `o`."""
    if quote is None:
        return [Line(str(row.quantity), row.name, row.total) for row in questioning.rows(o)]
    return list(_rows(quote_words.rows(quote.content, o.language)))


def _rows(told: Iterable[tuple[str, str]]) -> Iterable[Line]:
    for what, amount in told:
        match = _COUNTED.fullmatch(what)
        yield Line(match[1], match[2], amount) if match else Line("", what, amount)


def _quoted(
    content: Mapping[str, Any], ends_at: datetime | None, language: str, *, come: int = 0
) -> dict[str, str]:
    return {
        "QUOTE_NUMBER": str(content["quote"]),
        "QUOTE_EXPIRES": quote_words.ends(content, ends_at, language) if ends_at else "",
        "TOTAL_DUE": quote_words.amount(content, quote_words.left(content, come), language),
        "PAYMENT_REFERENCE": quote_words.reference(content),
        "PAYMENT_INSTRUCTIONS": quote_words.payment_instructions(content, language, come=come),
        "ESTIMATED_SHIPPING_TIME": quote_words.shipping_time(content, language),
    }
