"""A mail that asks to send something back, as the form of a return begins with it: its lines and its words, for a person to check."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.mail.zones import Zone, fresh
from checkout_desk.orders.models import MessageReading, Order
from checkout_desk.returns.requesting import Returnable

LONGEST = 1000


def of(order: Order, message_id: int | None) -> Message | None:
    """The customer's message of that id in the conversation of the order; None for any other."""
    found = db.session.get(Message, message_id) if message_id else None
    ours = found is not None and found.direction == "in" and found.conversation_id == order.conversation_id
    return found if ours else None


def read(message: Message, free: Mapping[int, Returnable]) -> dict[str, str]:
    """Form field -> what the mail says: pieces of products that may come back as it was read, and its own words.

    The reason is chosen by a person, and so is what the mail leaves open.
    """
    own = fresh(message.text, parts=[Zone(*zone) for zone in message.zones] if message.zones else None)
    found = {"words": own.strip()[:LONGEST]}
    row = db.session.get(MessageReading, message.id)
    pieces = {line["sku"]: line.get("quantity") for line in (row.reading.get("lines") or [])} if row else {}
    for product_id, one in free.items():
        if one.sku in pieces:
            found[f"n{product_id}"] = str(min(pieces[one.sku] or 1, one.n))
    return found
