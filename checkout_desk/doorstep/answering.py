"""An answer from the customer page goes to work: gaps are filled, words are read by a person, the queue has it again."""

from __future__ import annotations

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations import pausing, promises, searching
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.reading_answers import Answer
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.mail.zones import preview
from checkout_desk.orders import asking, changing, filling, happenings, loading
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.questioning import name_of
from checkout_desk.orders.undoing import doing
from checkout_desk.settings import promised

UNWANTED = "not wanted, said on the order page"
PAGE = "page"
"""Message.kind of what was written on the customer page"""


def answer(order: Order, link: CustomerLink, given: Answer) -> int:
    """Keep an answer. Returns how many details it filled. The caller has begun to write, and commits.

    Raises Refused once the order is over, and details.Wrong for what cannot be kept.
    """
    filled = filling.fill_form(order, given.filled, at=clock.now()) if given.filled else filling.Filled()
    if filled.rest:
        changing.propose(order, None, filled.rest)
    _leave_out(order, given.unwanted)
    count = len(filled.filled) + len(given.unwanted)
    if given.words or given.unwanted:
        asking.answered(order)
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    message = say(c, order, link, given) if c is not None and given.words else None
    link.opened_at = link.opened_at or clock.now()
    if c is not None and (count or message):
        return_to_the_queue(c, count, message)
    return count


def _leave_out(order: Order, line_ids: list[int]) -> None:
    if not line_ids:
        return
    with doing(order, "fill", by=None, sentence=""):
        for line_id in line_ids:
            line = db.session.get_one(OrderLine, line_id)
            line.removed_at, line.removed_why = clock.now(), UNWANTED
            happenings.note(
                order, "line_removed", customer=True, before={"quantity": line.quantity}, line=line.id
            )


def say(c: Conversation, order: Order, link: CustomerLink, given: Answer) -> Message | None:
    """What the customer said in words of their own, as a message: no machine makes a product of it."""
    asked = {line.id: line.text for line in loading.lines(order)}
    parts = [
        f"“{asked[line_id]}”: {text}" if line_id is not None and asked.get(line_id) else text
        for line_id, text in given.words.items()
    ]
    text = "\n\n".join(parts)
    last = db.session.scalars(
        select(Message)
        .where(Message.conversation_id == c.id, Message.direction == "in")
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and last.kind == PAGE and last.text == text:
        return None  # sent twice
    message = Message(
        conversation_id=c.id,
        direction="in",
        kind=PAGE,
        from_name=name_of(order) or c.who,
        from_email=link.email,
        subject=c.subject,
        at=clock.now(),
        text=text,
        reason=f"Written on the page of order {order.number}",
    )
    db.session.add(message)
    db.session.flush()
    searching.index(
        message.id,
        subject="",
        body=text,
        addresses=[word for word in (message.from_email, message.from_name) if word],
        files=[],
    )
    return message


def owe(c: Conversation, message: Message) -> None:
    """A question or a complaint from a page is owed an answer like one that came by mail."""
    due = promised.now().due(message.at)
    pausing.customer_wrote(c.id, group=pausing.group_of(c), at=message.at)
    db.session.add(Promise(conversation_id=c.id, message_id=message.id, opened_at=message.at, due_at=due))
    return_to_the_queue(c, 0, message)
    promises.refresh(c)


def return_to_the_queue(c: Conversation, count: int, message: Message | None) -> None:
    """The next step is a person's. No promise opens: the customer was not asked to wait for an answer."""
    with counted(c):
        c.unread = True
        if message is not None:
            c.last_message_at, c.last_inbound_id = message.at, message.id
            c.preview = preview(message.text)
        if c.state not in ("open", "spam"):
            CONVERSATION.fire(c, "receive")
    record(
        "conversation.filled",
        about=c,
        after={"count": count, "words": message is not None},
        actor="customer",
    )
    db.session.flush()
