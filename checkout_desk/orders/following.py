"""Orders go along when messages move between conversations (merge, move, split), and back when that is undone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from checkout_desk.conversations import relocating
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.orders import completeness, loading
from checkout_desk.orders.models import Order


def follow(
    ids: Sequence[int], source: Conversation, target: Conversation, back: list[int] | None
) -> list[int]:
    """The orders born of these messages go from `source` to `target`; all of them, when `source` is left empty.

    `back`: an act is undone, and these are the orders that went with it; what was born since goes by the same rule.
    Returns the ids of those that went.
    """
    left = db.session.execute(select(Message.id).where(Message.conversation_id == source.id).limit(1)).first()
    rows = db.session.scalars(select(Order).where(Order.conversation_id == source.id).order_by(Order.id))
    gone = [
        order
        for order in rows
        if left is None or order.born_of_id in ids or (back is not None and order.id in back)
    ]
    for order in gone:
        order.conversation_id = target.id
        loading.touch(order)
    if gone:
        db.session.flush()
        with counted(source, target):
            for c in (source, target):
                completeness.show(c)
    return [order.id for order in gone]


def register() -> None:
    """Go along from now on. Called once when the app is made."""
    relocating.followers["orders"] = follow
