"""What an order offers a customer who does not want it any more, as a card with one button for each choice."""

from __future__ import annotations

from typing import Any

from checkout_desk import money
from checkout_desk.conversations import drafting, sending
from checkout_desk.conversations.drafting import Written
from checkout_desk.conversations.models import Conversation
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.standard.ending import SENTENCES
from checkout_desk.desk import composing
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path
from checkout_desk.extensions import db
from checkout_desk.orders import questioning
from checkout_desk.orders.models import Order, OrderChange
from checkout_desk.payments import limits
from checkout_desk.returns import cancelling
from checkout_desk.settings.models import store

LABELS = {
    cancelling.CANCEL: ("Cancel the order", True),
    cancelling.REFUND: ("Cancel and refund {held}", True),
    cancelling.OWE: ("Cancel, {held} stays owed", True),
    cancelling.KEEP: ("Keep the order as it is", False),
}
"""choice -> its button, and whether it ends the order"""


def card(order: Order, change: OrderChange, around: Frame) -> dict[str, Any]:
    """`change.end` of `orders/_changes.html`."""
    found = cancelling.offers(order)
    may = around.person.may("orders.write")
    held = money.show(found.held_minor, order.currency)
    pays = not limits.beyond_refund(around.person.roles, found.held_minor, order.currency)
    late = not {cancelling.CANCEL, cancelling.OWE} & set(found.choices)
    buttons = [
        {"act": one, "label": "Tell them it is too late" if late and one == cancelling.KEEP else LABELS[one][0].format(held=held),
         "danger": LABELS[one][1]}
        for one in found.choices
        if one in LABELS and (one != cancelling.REFUND or pays)
    ]  # fmt: skip
    return {
        "stock": found.stock,
        "money": found.money,
        "held": found.held_minor,
        "buttons": buttons if may else [],
        "password": pays and cancelling.REFUND in found.choices and may,
        "hand_over": "" if pays or cancelling.REFUND not in found.choices
        else "Sending the money is not for your role; it stands in the queue as soon as the order is cancelled.",
        "url": path("order_end.decide", number=order.number, change_id=change.id),
        "return_url": f"/returns/new?order={order.number}"
        + (f"&message={change.message_id}" if change.message_id else "")
        if cancelling.RETURN in found.choices and around.person.may("returns.write")
        else "",
    }  # fmt: skip


def answer(order: Order, outcome: str, minor: int) -> str:
    """What is true for the customer now, in their language, for a person to read and send."""
    language = order.language if order.language in SENTENCES else "en"
    say = SENTENCES[language]
    amount = money.show(minor, order.currency, locale=LANGUAGES[language].locale)
    facts = {"name": questioning.name_of(order) or order.email, "number": order.number, "amount": amount}
    middle = [say[outcome]] if outcome in ("gone", "stays") else [say["cancelled"], say[outcome]]
    parts = [say["hello"], " ".join(middle), f"{say['bye']}\n{store().name}"]
    return "\n\n".join(part.format(**facts) for part in parts)


def begin_answer(order: Order, outcome: str, minor: int, *, person_id: int) -> bool:
    """Put the answer into this person's composer, before what they had typed there. Returns whether there is one."""
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    if c is None:
        return False
    kept = drafting.find(c, person_id=person_id, kind="reply")
    to, cc = sending.default_recipients(c, kind="reply")
    text = answer(order, outcome, minor)
    written = Written(
        to=kept.to if kept else composing.typed(to), cc=kept.cc if kept else composing.typed(cc),
        subject=kept.subject if kept else sending.reply_subject(c, kind="reply"),
        text=f"{text}\n\n{kept.text}".rstrip() if kept else text,
    )  # fmt: skip
    drafting.save(c, person_id=person_id, kind="reply", written=written, based_on_id=c.last_inbound_id)
    return True
