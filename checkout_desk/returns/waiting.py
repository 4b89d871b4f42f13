"""What a return waits for, as the next step of its order and so a place in the queue (SPEC section 4).

`Order.return_step` is kept in line by `look`, which every change of a return calls.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation
from checkout_desk.conversations.next_action import CHECK_RETURN, RECEIVE_RETURN, REFUND
from checkout_desk.extensions import db
from checkout_desk.orders import completeness, loading
from checkout_desk.orders.models import Order
from checkout_desk.returns.models import Return

_OURS = ("requested", "approved", "awaiting_goods", "received", "inspected")


def step(back: Return) -> str:
    """What of a return is ours to do now: one of Order.return_step, or '' while nothing is. Pure."""
    if back.state == "received":
        return RECEIVE_RETURN
    if back.state == "requested" or (back.state == "inspected" and back.decided_at is None):
        return CHECK_RETURN
    if back.state == "inspected" or (back.without_goods and back.state in ("approved", "awaiting_goods")):
        return REFUND
    return ""


def first(order_id: int) -> Return | None:
    """The oldest return of an order that waits for us. One query."""
    return _first(
        db.session.scalars(
            select(Return).where(Return.order_id == order_id, Return.state.in_(_OURS)).order_by(Return.number)
        )
    )


def _first(rows: Iterable[Return]) -> Return | None:
    return next((back for back in rows if step(back)), None)


def look(order: Order) -> None:
    """Bring the order, which is locked, and its conversation in line with its returns: the conversation is opened when
    something waits for us, and waits for the customer again when nothing does."""
    db.session.flush()
    waits = first(order.id)
    now, was = (step(waits) if waits else None), order.return_step
    if now == was:
        return
    order.return_step = now
    loading.touch(order)
    completeness.reckon(order)
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    if c is None:
        return
    if now and c.state in ("waiting", "snoozed", "closed"):
        CONVERSATION.fire(c, "reopen", reason=f"Order {order.number}: something comes back")
        c.unread = True
    elif not now and c.state == "open" and c.promise_due_at is None and c.order_step is None:
        CONVERSATION.fire(c, "wait", reason=f"Order {order.number}: its return is done for now")
