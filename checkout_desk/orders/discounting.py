"""What a person takes off a quote by hand: within the limit of their role, and with the reason in the record."""

from __future__ import annotations

from dataclasses import replace

from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, quote_content, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_content import ByHand, Rebate
from checkout_desk.settings import tolerances


def give(order: Order, rebate: Rebate, *, line_id: int | None = None, by: Person, reason: str) -> Quote:
    """Take `rebate` off one line, or off the whole order, in the version that is drawn up; an empty one takes it back.

    Raises Refused without a reason, for a line that is not there, and for more than the person's role may give.
    """
    loading.lock(order)
    if not reason.strip():
        raise Refused("Say why this is taken off; whoever looks at the quote later reads this first.")
    if line_id is not None and all(
        line.id != line_id or line.removed_at is not None for line in loading.lines(order)
    ):
        raise Refused(f"This line is not in order {order.number} any more; look at it again.")
    last = quoting.unsent(order.id) or quoting.live(order.id)
    was = quote_content.chosen(last.content).by_hand if last else ByHand()
    before = quote_content.given(last.content) if last else 0
    quote = quoting.draft(order, by=by, by_hand=_with(was, rebate, line_id))
    now = quote_content.given(quote.content)
    if now > before:
        limit = tolerances.of(by.roles, order.currency).discount_minor
        sentence = tolerances.beyond(by.roles, limit, now, order.currency, "Taking off")
        if sentence:
            raise Refused(sentence)
    record(
        "quote.discounted",
        about=quote,
        before={"minor": before},
        after={
            "order": order.id,
            "number": quote.number,
            "minor": now,
            "line": line_id,
            "reason": reason.strip()[:300],
        },
        actor=f"person:{by.id}",
    )
    return quote


def _with(was: ByHand, rebate: Rebate, line_id: int | None) -> ByHand:
    if line_id is None:
        return replace(was, order=rebate)
    lines = {**was.lines, line_id: rebate}
    return replace(was, lines={key: off for key, off in lines.items() if off != Rebate()})
