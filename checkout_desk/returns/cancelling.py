"""A customer wants an order cancelled, or a paid one changed: what is possible in its state, and what each choice means
for stock and money. Nothing of it happens by itself (SPEC section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, changing, loading, quoting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, OrderChange, Quote
from checkout_desk.orders.next_action import OVER
from checkout_desk.payments import finding, owing, refunding
from checkout_desk.payments.models import Payment
from checkout_desk.returns import requesting
from checkout_desk.shipping import parcels
from checkout_desk.shipping.lifecycle import AWAY, HERE
from checkout_desk.shipping.models import Shipment

CANCEL, REFUND, OWE, RETURN, KEEP = "cancel", "refund", "owe", "return", "keep"


@dataclass(frozen=True, slots=True)
class Offers:
    """What may be done now. `choices` are of CANCEL, REFUND, OWE, RETURN and KEEP, the one that fits best first."""

    stock: str
    money: str
    held_minor: int
    choices: tuple[str, ...]


def wanted(change: OrderChange, order: Order) -> bool:
    """Whether a change cannot simply be accepted: it cancels, or would change what a paid order sells."""
    if any(one["what"] == "cancel" for one in change.changes):
        return True
    past = order.state not in ("draft", "clarifying", "verified", "quoted", "expired")
    return past and any(one["what"] != "detail" for one in change.changes)


def offers(order: Order) -> Offers:
    """What an order in its state offers somebody who does not want it any more. A few queries."""
    versions = quoting.of(order.id)
    held = sum(finding.allocated([one.id for one in versions]).values())
    shown = money.show(held, order.currency)
    every = parcels.of(order.id)
    gone = [parcels.name(one, order) for one in every if one.state in AWAY]
    if gone or ORDER.refusal(order, "cancel", reason="asked for in its form"):
        left = f"Parcel {', '.join(gone)} has left" if gone else f"The order is {order.state}"
        back = (RETURN,) if gone and requesting.returnable(order) else ()
        paid = (
            f"{shown} stays paid; what comes back is refunded with its return." if held else "Nothing moves."
        )
        return Offers(f"{left}: too late to cancel.", paid, held, (*back, KEEP))
    paid = f"{shown} of verified payments is the customer’s again." if held else "Nothing was paid for it."
    return Offers(_stock(order, versions, every), paid, held, (*((REFUND, OWE) if held else (CANCEL,)), KEEP))


def _stock(order: Order, versions: list[Quote], every: list[Shipment]) -> str:
    quote = next((one for one in versions if one.state in ("sent", "accepted", "paid")), None)
    pieces = sum(line["quantity"] for line in quote.content["lines"]) if quote else 0
    if quote is None:
        return "Nothing is held for it."
    n = "One piece" if pieces == 1 else f"{pieces} pieces"
    if quote.state != "paid":
        return f"{n} held by quote {quoting.name(quote)} can be sold again, and the quote is taken back."
    here = [parcels.name(one, order) for one in every if one.state in HERE]
    if not here:
        return f"{n} set aside can be sold again."
    return f"Parcel {', '.join(here)} is not sent, its label is void, and its pieces go back on the shelf."


def decide(change: OrderChange, choice: str, *, by: Person, held_minor: int) -> str:
    """Do one of the choices. The order is locked. Returns which words of the answer are true: 'refunded', 'owed',
    'unpaid', 'gone' or 'stays'.

    `held_minor` is the money that the person saw. Raises Refused where the choice is not offered (any more), other money
    is there by now, or it is beyond the role: then nothing has happened.
    """
    order = db.session.get_one(Order, change.order_id)
    now = offers(order)
    if choice not in now.choices or choice == RETURN:
        raise Refused(f"{now.stock} {now.money} Look at the order again.")
    if choice == KEEP:
        changing.decline(change, by=by)
        return "gone" if CANCEL not in now.choices and OWE not in now.choices else "stays"
    if held_minor != now.held_minor:
        raise Refused(
            f"Money has moved since you looked: {money.show(now.held_minor, order.currency)} is there. Choose again."
        )
    changing.taken_over(change, by=by)
    acting.cancel(order, reason="The customer wanted it cancelled", by=by, answered=True)
    if choice != REFUND:
        return "owed" if choice == OWE else "unpaid"
    for row in owing.owed(order_id=order.id):
        quote = db.session.get(Quote, row.quote_id) if row.quote_id else None
        refunding.request(
            db.session.get_one(Payment, row.payment_id), row.minor, reason=f"Order {order.number} is cancelled", by=by,
            quote=quote, key=f"cancel:{order.id}:{row.payment_id}:{row.quote_id or 0}",
        )  # fmt: skip
    return "refunded"


def ask(order: Order) -> bool:
    """The customer asks on their page to have the order, which is locked, cancelled. Returns False where they did before.
    Raises Refused once it is over or has left."""
    if asked(order):
        return False
    if order.state in OVER or not {CANCEL, OWE} & set(offers(order).choices):
        raise Refused(f"Order {order.number} is {order.state}; it cannot be cancelled any more.")
    changing.propose(order, None, [{"what": "cancel"}])
    return True


def asked(order: Order) -> bool:
    """Whether a wish to cancel waits for a person."""
    rows = loading.changes(order)
    return any(one["what"] == "cancel" for change in rows for one in change.changes)


def of(order: Order, change_id: int) -> OrderChange | None:
    """The open change of an order."""
    found: OrderChange | None = db.session.scalars(
        select(OrderChange).where(OrderChange.id == change_id, OrderChange.order_id == order.id)
    ).one_or_none()
    return found
