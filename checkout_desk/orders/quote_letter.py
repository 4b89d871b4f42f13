"""The words of the mail that tells a quote, from its content alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkout_desk.correspondence import rendering, templates
from checkout_desk.correspondence.rendering import Rendered
from checkout_desk.correspondence.templates import Template
from checkout_desk.orders import amounts, placeholder_values, quote_words
from checkout_desk.orders.models import Order

KEY = "order_quote"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table in the mail; what is no product has no quantity."""

    quantity: str
    name: str
    total: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text does not tell the quote as it is."""

    short: str
    sentence: str


def rendered(
    order: Order,
    content: Mapping[str, Any],
    ends_at: datetime,
    *,
    contact: str,
    language: str = "",
    come: int = 0,
) -> tuple[Template, Rendered]:
    """The mail in the customer's language (or `language`), asking for what is left when `come` minor units have come for
    the order. Raises rendering.Unfilled for a template with a hole."""
    template = templates.newest(KEY, language or order.language)
    values = placeholder_values.of_quote(
        order, content, ends_at, language=template.language, contact=contact, come=come
    )
    return template, rendering.render(template, values)


def table(content: Mapping[str, Any], language: str, *, come: int = 0) -> list[Row]:
    """The same rows as the text's summary, for the mail's HTML part."""
    counts = [str(line["quantity"]) for line in content["lines"]]
    names = [quote_words.line_name(content, line, language) for line in content["lines"]]
    return [
        Row(counts[place], names[place], shown) if place < len(counts) else Row("", what, shown)
        for place, (what, shown) in enumerate(quote_words.rows(content, language, come=come))
    ]


def faults(
    content: Mapping[str, Any], ends_at: datetime, text: str, language: str, *, come: int = 0
) -> list[Fault]:
    """What in `text` is not what the quote says: another amount, no total, not what is left when
    `come` minor units have come, no end or another one."""
    found = []
    quote, own = content["quote"], quote_words.amount(content, content["total"], language)
    told_amounts, right = list(amounts.named(text, content["currency"])), amounts.of_content(content)
    rest = quote_words.left(content, come)
    right |= {come, rest} if come else set()
    wrong = list(dict.fromkeys(words for words, minors in told_amounts if minors.isdisjoint(right)))
    if wrong:
        told = ", ".join(wrong[:4])
        found.append(
            Fault(
                f"Names {told}, not an amount of the quote",
                f"The mail names {told}, which quote {quote} does not say; it comes to {own}. "
                "Choose the template again, or correct the amount.",
            )
        )
    if not any(content["total"] in minors for _, minors in told_amounts):
        found.append(
            Fault(
                f"Does not say the total {own}", f"The mail does not say what quote {quote} comes to: {own}."
            )
        )
    if come and not any(rest in minors for _, minors in told_amounts):
        lacks = quote_words.amount(content, rest, language)
        found.append(
            Fault(
                f"Does not say that {lacks} is left",
                f"{quote_words.amount(content, come, language)} has come for this order, and the mail does not say that {lacks} "
                "is left to pay. Choose the template again, or write it.",
            )
        )
    ends = quote_words.ends(content, ends_at, language)
    if ends not in text:
        found.append(
            Fault(
                f"Does not say “{ends}”",
                f"The mail does not say until when quote {quote} holds: “{ends}”. Choose the template again, or write it.",
            )
        )
    return found
