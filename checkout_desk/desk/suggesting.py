"""The answer that a customer's newest mail asks for, one key away: where the order is, a copy of the invoice, a return.

It is offered as the one next step; nothing is sent and nothing begins by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations.models import Conversation
from checkout_desk.conversations.next_action import ANSWER
from checkout_desk.correspondence import replies, templates
from checkout_desk.desk import inquiries
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path
from checkout_desk.desk.question_kinds import kind_of
from checkout_desk.extensions import db
from checkout_desk.mail.zones import Zone, fresh
from checkout_desk.orders import invoicing
from checkout_desk.orders.models import MessageReading, Order

TELLABLE = ("shipped", "packing", "paid", "quoted", "delivered", "verified", "clarifying", "draft")
"""states of an order of which one can say where it is, those that are meant first"""
BACK = ("delivered", "shipped", "closed")
"""states of an order of which something can come back, those that are meant first"""
MOST = 20


def suggestion(c: Conversation, rows: Sequence[Any], around: Frame) -> dict[str, Any] | None:
    """The one next step (`c.next` of the templates) for what the customer's newest mail asks.

    `rows` are the thread's. No query unless an order of the conversation has left, or it is asked about another order than
    the conversation's own: one then. None where nothing is asked that is known here, or this person may not write.
    """
    row = _asking(c, rows)
    if row is None or not around.person.may("conversations.write"):
        return None
    text = _said(row)
    named, kind = inquiries.numbers(text, row.subject), kind_of(text, row.subject)
    own = c.order_number if c.order_state in BACK and named in ([], [c.order_number]) else None
    if own is not None and _wants_back(row.id, kind, around):
        return _return(c, own, row.id)
    if kind == "invoice":
        number = _number(c, named, invoicing.STATES)
        return _invoice(c, number) if number is not None else None
    if kind == "order_status":
        number = _number(c, named, TELLABLE)
        return _where(c, number) if number is not None else None
    return None


def proposal(
    c: Conversation, rows: Sequence[Any], around: Frame, step: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What stands above the composer: the answer of `step` (see `suggestion`), else the saved reply for the kind of question.

    {kind, title, label, key, url}. One query where a kind was named and no step answers it; the reply in the customer's
    language is meant, then the store's. None where nothing fits.
    """
    row = _asking(c, rows)
    if row is None or not around.person.may("conversations.write"):
        return None
    text = _said(row)
    kind = kind_of(text, row.subject)
    if not kind:
        return None
    title = f"Asks about: {replies.TOPICS[kind].lower()}"
    if step is not None and step["composer"]:
        return {"kind": kind, "title": title, "label": step["label"], "key": step["key"], "url": step["url"]}
    reply = replies.for_topic(kind, templates.speaks(_language(c)))
    if reply is None:
        return None
    url = path("composer.show", conversation_id=c.id, kind="reply", answer=reply.id)
    return {"kind": kind, "title": title, "label": f"Answer: {reply.title}", "key": "v", "url": url}


def _language(c: Conversation) -> str:
    order = db.session.get(Order, c.order_id) if c.order_id else None
    return order.language if order else ""


def _asking(c: Conversation, rows: Sequence[Any]) -> Any | None:
    """The customer's newest mail, while it is the thing to answer."""
    if c.state != "open" or c.trouble or c.next_action != ANSWER:
        return None
    row = next((one for one in rows if one.id == c.last_inbound_id), None)
    return row if row is not None and row.direction == "in" else None


def _said(row: Any) -> str:
    return fresh(row.text, parts=[Zone(*zone) for zone in row.zones] if row.zones else None)


def _wants_back(message_id: int, kind: str, around: Frame) -> bool:
    """Whether a mail says, or was read as, the wish to send something back."""
    if not around.person.may("returns.write"):
        return False
    if kind in ("return", "exchange"):
        return True
    read = db.session.scalar(select(MessageReading.kind).where(MessageReading.message_id == message_id))
    return bool(read == "return_request")


def _where(c: Conversation, number: int) -> dict[str, Any]:
    return _step(
        f"{c.who} asks where order {number} is",
        "Answer: where it is",
        path("composer.show", conversation_id=c.id, kind="reply", where=number),
        "The answer is ready with number, link and day; nothing leaves before you send it.",
        composer=True,
    )


def _invoice(c: Conversation, number: int) -> dict[str, Any]:
    return _step(
        f"{c.who} asks for the invoice of order {number}",
        "Answer: copy of the invoice",
        path("composer.show", conversation_id=c.id, kind="reply", invoice=number),
        "The answer is ready with the PDF of what was paid; nothing leaves before you send it.",
        composer=True,
    )


def _return(c: Conversation, number: int, message_id: int) -> dict[str, Any]:
    return _step(
        f"{c.who} wants to send something of order {number} back",
        "Start a return",
        path("return_new.form", order=number, message=message_id),
        "The form opens with what may come back; nothing is agreed before you say so.",
        composer=False,
    )


def _step(title: str, label: str, url: str, text: str, *, composer: bool) -> dict[str, Any]:
    return {
        "cap": "Next",
        "role": ROLES["support"],
        "title": title,
        "label": label,
        "key": "d",
        "composer": composer,
        "url": url,
        "text": text,
    }


def _number(c: Conversation, named: Sequence[int], states: Sequence[str]) -> int | None:
    """The number of the customer's order that a mail is about."""
    if c.order_state in states and named in ([], [c.order_number]):
        return c.order_number
    return _meant(c, named, states)


def _meant(c: Conversation, named: Collection[int], states: Sequence[str]) -> int | None:
    """The number of the order that a mail names, else of the one that is meant most likely: the first in `states`."""
    ours = Order.conversation_id == c.id
    if c.customer_id is not None:
        ours = or_(ours, Order.customer_id == c.customer_id)
    found = db.session.execute(
        select(Order.id, Order.number, Order.state, Order.conversation_id)
        .where(ours, Order.state.in_(states))
        .order_by(Order.id.desc())
        .limit(MOST)
    )
    best = min(
        found,
        key=lambda one: (
            one.number not in named,
            one.conversation_id != c.id,
            states.index(one.state),
            -one.id,
        ),
        default=None,
    )
    return best.number if best else None
