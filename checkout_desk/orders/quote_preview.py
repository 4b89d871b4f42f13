"""What the next version of a quote would say if it were sent now. Looks only, so that pages and mails can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checkout_desk import clock
from checkout_desk.catalogue import stock
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import promising, quote_content, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.promising import Short
from checkout_desk.orders.quote_content import Choices
from checkout_desk.settings.shipping import Offer


@dataclass(frozen=True, slots=True)
class Preview:
    """The next version of an order, and the one that it replaces."""

    content: dict[str, Any]
    ends_at: datetime
    drawn: Quote | None
    """the version that a person has drawn up and not sent"""
    live: Quote | None
    """the version that the customer may pay now"""
    offers: Sequence[Offer] = ()
    """the shipping services that take the order"""

    @property
    def as_sent(self) -> dict[str, Any]:
        """The content with its end, as it will be kept."""
        return {**self.content, "expires_at": self.ends_at.isoformat()}


def preview(order: Order, versions: list[Quote] | None = None) -> Preview:
    """The next version by today's rules, with what a person chose. Raises Refused with what hinders.

    `versions` are the order's quotes where the caller has them.
    """
    versions = quoting.of(order.id) if versions is None else versions
    drawn = next((quote for quote in versions if quote.state == "draft"), None)
    live = next((quote for quote in versions if quote.state in quoting.LIVE), None)
    last = drawn or live
    choices = quote_content.chosen(last.content) if last else Choices()
    number = drawn.number if drawn else max((quote.number for quote in versions), default=0) + 1
    offers: list[Offer] = []
    try:
        content = quote_content.make(order, number=number, choices=choices, considered=offers)
    except Refused:
        if choices.service_id is None or not offers:
            raise
        # As `quoting.draft` does: a service that was chosen for another address gives way to the first that goes there.
        choices = replace(choices, service_id=None)
        content = quote_content.make(order, number=number, choices=choices)
    return Preview(content, quoting.end_of(clock.now()), drawn, live, offers)


def short(found: Preview) -> list[Short]:
    """Products of which the version promises more than there is, what the live version holds counted in. Two queries."""
    old = promising.held(found.live) if found.live else {}
    want: dict[int, tuple[str, int]] = {}
    for line in found.content["lines"]:
        name, n = want.get(line["product"], (line["name"], 0))
        want[line["product"]] = (name, n + line["quantity"])
    free = stock.availability(want)
    return [
        Short(product_id, name, n, max(free[product_id].available + old.get(product_id, 0), 0))
        for product_id, (name, n) in want.items()
        if n > free[product_id].available + old.get(product_id, 0)
    ]
