"""An order that is sent instead of one that came back: verified from the start, with the same customer and address."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import completeness, details, drafting, happenings, lines, quote_content, quoting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import SHIP_FIELDS, Order, Quote
from checkout_desk.orders.quote_content import ByHand, Rebate

_KEPT = ("email", "phone", "delivery_wish", *(f"ship_{name}" for name in SHIP_FIELDS))


def begin(order: Order, wanted: Mapping[int, int], *, by: Person) -> Order:
    """A verified order of `wanted` (product id -> pieces) at today's prices, to where `order` went, in its thread.

    `order` is locked. Raises Refused where something in it is missing, such as a price in its currency.
    """
    now = clock.now()
    made = Order(
        number=drafting.next_number(), conversation_id=order.conversation_id, customer_id=order.customer_id,
        state="draft", currency=order.currency, language=order.language, sources={}, asked=[], created_at=now,
        updated_at=now, created_by_id=by.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    details.put(
        made, {name: getattr(order, name) for name in _KEPT}, source={"by": "person", "person": by.id}
    )
    goods = products.get(wanted)
    for product_id, n in wanted.items():
        product = goods[product_id]
        if not product.active:
            raise Refused(f"{product.sku} is not sold any more; choose another product.")
        lines.new(made, product=product, quantity=n, standing="typed", accepted_at=now, accepted_by_id=by.id)
    happenings.note(
        made,
        "drafted",
        by=by,
        number=made.number,
        instead_of=order.number,
        conversation=order.conversation_id,
    )
    completeness.reckon(made)
    ORDER.fire(made, "verify", by=by)
    return made


def credit(
    order: Order, minor: int, *, by: Person, reason: str, free_shipping: bool = False
) -> tuple[Quote, int]:
    """Draw up the quote of such an order with `minor` taken off, in the prices that the customer reads; with
    `free_shipping` the store pays its way.

    This is the customer's own money, so no role limits it. Returns the quote and how much of it was used: never more
    than the goods cost.
    """
    quote = quoting.draft(
        order, by=by, by_hand=ByHand(order=Rebate(minor=minor)), free_shipping=free_shipping
    )
    used = quote_content.given(quote.content)
    after = {"order": order.id, "number": quote.number, "minor": used, "reason": reason[:300]}
    record("quote.credited", about=quote, after=after, actor=f"person:{by.id}")
    return quote, used
