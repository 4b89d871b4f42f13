"""What a customer says: counted when they press the button, once; a low score is somebody's task."""

from __future__ import annotations

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.lifecycle import CONVERSATION, is_exception
from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import Customer
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store

STEPS = ("A2", "A5", "A10", "A12", "A14", "A15")
"""what customers can name: the order was misread, the price or paying, packing, delivery, news of it, our answers"""
LONGEST = 2000


def answer(feedback: Feedback, score: int, *, comment: str = "", step: str = "") -> bool:
    """Count an answer. False where it was counted before: the first press of the button stays. The caller commits.

    Raises ValueError for a score that is none of 1 to 5 or a step that nobody can name.
    """
    if not 1 <= score <= 5:
        raise ValueError(score)
    if step and step not in STEPS:
        raise ValueError(step)
    order = loading.hold(feedback)
    if feedback.answered_at is not None:
        return False
    feedback.score, feedback.answered_at = score, clock.now()
    feedback.comment, feedback.step = mask_cards(comment.strip()[:LONGEST]), step
    record(
        "feedback.answered",
        about=feedback,
        after={"order": order.id, "score": score, "step": step},
        actor="customer",
    )
    if score <= store().low_score:
        _task(order, score)
    db.session.flush()
    return True


def opt_out(feedback: Feedback) -> None:
    """The customer does not want to be asked again, for any order. The caller commits."""
    order = loading.hold(feedback)
    customer = db.session.get(Customer, order.customer_id) if order.customer_id else None
    if customer is not None and customer.feedback_opt_out_at is None:
        customer.feedback_opt_out_at = clock.now()
        record("customer.feedback_opt_out", about=customer, actor="customer")
    db.session.flush()


def settle(feedback: Feedback, *, by: Person) -> None:
    """Somebody has dealt with a low score. Raises Refused where there is nothing to deal with."""
    loading.hold(feedback)
    if feedback.answered_at is None or feedback.settled_at is not None:
        raise Refused("Nothing is open about this answer.")
    feedback.settled_at, feedback.settled_by_id = clock.now(), by.id
    record("feedback.settled", about=feedback, actor=f"person:{by.id}")
    db.session.flush()


def _task(order: Order, score: int) -> None:
    """The conversation is a manager's case, with the words beside it."""
    if order.conversation_id is None:
        return
    c = db.session.get_one(Conversation, order.conversation_id)
    reason = f"Feedback {score} of 5 about order {order.number}"
    with counted(c):
        c.escalated_at, c.escalated_reason, c.escalated_to_role = clock.now(), reason, "manager"
        c.escalated_to_id = None
        c.unread = True
        c.exception = is_exception(c)
    if CONVERSATION.refusal(c, "reopen") is None:
        CONVERSATION.fire(c, "reopen", reason=reason)
    record("conversation.escalated", about=c, after={"reason": reason, "role": "manager", "person": None})
