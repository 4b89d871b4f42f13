"""What a reading means for orders: a draft, an answer that fills gaps, a change for a person to accept, or only a note.

Everything happens inside the transaction that files the mail, so an order is there exactly when its mail is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk.catalogue.entries import Prepared
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation, Message, PossibleMatch
from checkout_desk.customers import knowledge
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.intake.making_readings import Made
from checkout_desk.orders import changing, comparing, drafting, filling, happenings, loading, readings
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.next_action import OPEN, OVER
from checkout_desk.reading.model import Reading

LATELY = timedelta(days=7)
"""how long the same order in another conversation is worth a hint"""


def order(
    conversation_id: int,
    message_id: int,
    made: Made,
    prepared: Prepared | None,
    *,
    doubt: str,
    learn: bool,
    now: datetime,
) -> None:
    """Keep the reading of a message that was just filed, and do with the order what it says.

    `doubt` is why this mail may change nothing by itself: 'new_person' or 'dmarc', in a conversation that was there
    before; '' when it may. `learn`: its writer's language and country may be kept with the customer. With `prepared`
    None (nothing to sell) only the reading is kept.
    """
    readings.keep(message_id, made.reading, language=made.language, milliseconds=made.milliseconds, at=now)
    if prepared is None:
        return
    told = db.session.connection().execute(_ABOUT, {"conversation": conversation_id}).one()
    if learn and told.customer_id is not None:
        _learn(told.customer_id, made, now=now)
    if told.order_id is None and made.cancels is None and not _begins(made.reading, doubt=doubt):
        return  # as most mails: there is no order, and this begins none
    c = db.session.get_one(Conversation, conversation_id, populate_existing=True)
    live = _live(c)
    ended = _to_cancel(c, live, made.cancels) if made.cancels is not None else None
    if ended is not None:
        changing.propose(ended, message_id, [{"what": "cancel", **({"doubt": doubt} if doubt else {})}])
        made = replace(made, asks=bool(doubt))
        handled = not doubt
    elif live is None:
        handled = _begin(c, message_id, made, prepared, doubt=doubt, now=now)
    elif live.state in OPEN or made.reading.role == "update" or not _items(made.reading):
        handled = _go_on(live, message_id, made, prepared, doubt=doubt, now=now)
    elif _same(made.reading, _wanted(live), prepared):
        happenings.note(live, "repeated", message=message_id)
        handled = False
    else:
        handled = _begin(c, message_id, made, prepared, doubt=doubt, now=now)
    if handled and c.asks != made.asks:
        with counted(c):
            c.asks = made.asks
    db.session.flush()


_ABOUT: Any = select(Conversation.customer_id, Conversation.order_id).where(
    Conversation.id == bindparam("conversation")
)


def _begins(reading: Reading, *, doubt: str) -> bool:
    """Whether a mail orders something new, and its writer may."""
    return reading.kind == "order" and reading.role == "new" and _items(reading) and not doubt


def _live(c: Conversation) -> Order | None:
    """The order that this conversation is about, locked; None when there is none, or it is over."""
    found = db.session.get(Order, c.order_id) if c.order_id is not None else None
    if found is None or found.state in OVER:
        return None
    loading.lock(found)
    return None if found.state in OVER else found


def _to_cancel(c: Conversation, live: Order | None, named: tuple[int, ...]) -> Order | None:
    """The order of this conversation that a mail wants cancelled, locked; None where it names another one of the same
    customer, or none is left: then a person answers."""
    orders = list(db.session.scalars(select(Order).where(Order.number.in_(named)))) if named else []
    here = next((one for one in orders if one.conversation_id == c.id and one.state not in OVER), None)
    if here is None:
        ours = any(c.customer_id is not None and one.customer_id == c.customer_id for one in orders)
        return None if ours else live
    loading.lock(here)
    return here if here.state not in OVER else None


def _items(reading: Reading) -> bool:
    return bool(reading.lines or reading.ambiguous or reading.unmatched)


def _begin(
    c: Conversation, message_id: int, made: Made, prepared: Prepared, *, doubt: str, now: datetime
) -> bool:
    """A draft of what a mail orders. A stranger's words in somebody's conversation start nothing, nor does a change of
    an order that the desk does not know: a person answers those."""
    reading = made.reading
    if not _begins(reading, doubt=doubt):
        return False
    begun = drafting.from_reading(c, message_id, reading, prepared, at=now, language=made.language)
    _tell(c.id, message_id, made, gaps=begun.gap_count)
    _look_elsewhere(begun, message_id, now=now)
    return True


def _go_on(
    live: Order, message_id: int, made: Made, prepared: Prepared, *, doubt: str, now: datetime
) -> bool:
    """A mail about an order that stands: it fills the gaps of an open one, all else waits for a person.

    Returns whether nothing is left but what the order itself shows.
    """
    reading = made.reading
    if reading.kind not in ("order", "inquiry", "other"):
        return False
    said = (reading.ship_to, reading.customer.phone, reading.wish)
    if reading.kind != "order" and not any(one is not None for one in said):
        return False
    if not comparing.compare(live, loading.lines(live), reading, prepared):
        if _items(reading):
            happenings.note(live, "repeated", message=message_id)
        return False
    only = bool(doubt) or live.state not in OPEN
    rest = filling.fill(live, message_id, reading, prepared, at=now, propose_only=only)
    if doubt:
        rest = [{**change, "doubt": doubt} for change in rest]
    if rest:
        changing.propose(live, message_id, rest)
        _warn_of_address(live, message_id, rest)
    if live.conversation_id is not None:
        _tell(live.conversation_id, message_id, made, gaps=live.gap_count)
    return reading.kind == "order" and not doubt


def _warn_of_address(live: Order, message_id: int, changes: Sequence[Mapping[str, Any]]) -> None:
    """Mark a mail that wants a paid parcel sent elsewhere: so are parcels stolen (SECURITY A4)."""
    if live.state not in changing.PAID or not any(
        str(change.get("field", "")).startswith("ship_") for change in changes
    ):
        return
    message = db.session.get_one(Message, message_id)
    facts = dict(message.facts or {})
    message.facts = facts | {"flags": [*facts.get("flags", ()), "address_after_payment"]}


def _wanted(order: Order) -> dict[int, int | None]:
    return {
        line.product_id: line.quantity
        for line in loading.lines(order)
        if line.removed_at is None and line.product_id is not None
    }


def _same(reading: Reading, wanted: Mapping[int, int | None], prepared: Prepared) -> bool:
    """Whether a mail orders exactly these products in these quantities."""
    if reading.ambiguous or reading.unmatched:
        return False
    return {prepared.ids.get(line.sku): line.quantity for line in reading.lines} == wanted


def _look_elsewhere(begun: Order, message_id: int, *, now: datetime) -> None:
    """Customers write again, without a reply, when they hear nothing: the same order of the last days is pointed out."""
    wanted = _wanted(begun)
    if begun.customer_id is None or not wanted:
        return
    rows = db.session.execute(
        select(Order.number, Order.conversation_id, OrderLine.product_id, OrderLine.quantity)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            Order.customer_id == begun.customer_id,
            Order.id != begun.id,
            Order.conversation_id != begun.conversation_id,
            Order.state.not_in(OVER),
            Order.created_at > now - LATELY,
            OrderLine.removed_at.is_(None),
            OrderLine.product_id.is_not(None),
        )
        .order_by(Order.id.desc())
        .limit(200)
    )
    others: dict[tuple[int, int | None], dict[int | None, int | None]] = {}
    for number, conversation_id, product_id, quantity in rows:
        others.setdefault((number, conversation_id), {})[product_id] = quantity
    insert: Any = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(PossibleMatch)
    for (number, conversation_id), lines in others.items():
        if lines == wanted:
            why = f"It orders the same as order {number} there"
            row = {"message_id": message_id, "conversation_id": conversation_id, "why": why}
            db.session.execute(insert.on_conflict_do_nothing(), row)


def _tell(conversation_id: int, message_id: int, made: Made, *, gaps: int) -> None:
    """The grey line of the thread: how much was read, and how fast. No word of the mail."""
    reading = made.reading
    record(
        "message.read",
        about=("conversation", conversation_id),
        after={
            "message": message_id,
            "lines": len(reading.lines) + len(reading.ambiguous) + len(reading.unmatched),
            "addresses": int(reading.ship_to is not None),
            "gaps": gaps,
            "milliseconds": round(made.milliseconds, 1),
        },
    )


def _learn(customer_id: int, made: Made, *, now: datetime) -> None:
    country = made.reading.ship_to.country if made.reading.ship_to else None
    said = country.text if country is not None and not country.inferred else None
    knowledge.learn(customer_id, language=made.language or None, country=said, at=now)
