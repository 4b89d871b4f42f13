"""Asking the customer for what is missing: once, with one reminder, and then the order is parked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from checkout_desk import clock, worktime
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import sending
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import completeness, happenings, loading, milestones
from checkout_desk.orders.completeness import Gap
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store

TIMES = ("remind_at", "reminded_at", "parked_at")


def asked(order: Order, gaps: Sequence[Gap], *, message_id: int | None, by: Person | None) -> dict[str, Any]:
    """The question mail is queued: note which gaps it asks for, and when to remind.

    Returns, as JSON, what `unasked` needs. Raises Refused where nothing can be asked.
    """
    wanted = [gap for gap in gaps if gap.askable]
    before = {
        "state": order.state,
        "asked": list(order.asked),
        **{name: _iso(getattr(order, name)) for name in TIMES},
    }
    ORDER.fire(order, "ask", by=by, gaps=[gap.name for gap in wanted], message=message_id)
    now = clock.now()
    here = {(gap.name, gap.line_id) for gap in wanted}
    order.asked = [
        *(entry for entry in order.asked if (entry["gap"], entry.get("line")) not in here),
        *(
            {"gap": gap.name, "line": gap.line_id, "at": now.isoformat(), "message": message_id}
            for gap in wanted
        ),
    ]
    order.remind_at, order.parked_at = _later(now), None
    milestones.told(order, "details", about=f"message:{message_id}", message_id=message_id)
    completeness.reckon(order)
    db.session.flush()
    return {**before, "left": list(order.asked)}


def unasked(order: Order, before: dict[str, Any], *, by: Person | None) -> None:
    """The question was taken back before it left. What happened to the order since stays."""
    if order.asked != before["left"]:
        return
    order.asked = before["asked"]
    for name in TIMES:
        setattr(order, name, datetime.fromisoformat(before[name]) if before[name] else None)
    if order.state == "clarifying" and before["state"] == "draft":
        ORDER.fire(order, "undo", to="draft", by=by, fields=["asked"])
    else:
        happenings.note(order, "unasked", by=by)
        loading.touch(order)
        completeness.reckon(order)
    db.session.flush()


def answered(order: Order) -> None:
    """The customer has written: nobody needs to be reminded, and a parked order is taken up again."""
    if order.remind_at is None and order.reminded_at is None and order.parked_at is None:
        return
    order.remind_at = order.reminded_at = order.parked_at = None
    loading.touch(order)


def remind_due(now: datetime, *, limit: int = 100) -> list[Order]:
    """Orders whose customers are to be reminded now, the longest due first.

    Nobody is reminded while the store owes them an answer: only conversations that wait for the customer count.
    """
    return _due(now, limit, reminded=False)


def park_due(now: datetime, *, limit: int = 100) -> list[Order]:
    """Orders whose customers were reminded and said nothing since, the longest due first."""
    return _due(now, limit, reminded=True)


def _due(now: datetime, limit: int, *, reminded: bool) -> list[Order]:
    was = Order.reminded_at.is_not(None) if reminded else Order.reminded_at.is_(None)
    return list(
        db.session.scalars(
            select(Order)
            .join(Conversation, Conversation.id == Order.conversation_id)
            .where(
                Order.remind_at.is_not(None),
                Order.remind_at <= now,
                Order.state == "clarifying",
                Conversation.state.in_(("waiting", "snoozed")),
                was,
            )
            .order_by(Order.remind_at, Order.id)
            .limit(limit)
        )
    )


def reminded(order: Order, *, message_id: int | None = None) -> None:
    """The one reminder is queued. Raises Refused when it was before, or when nobody waits for an answer."""
    if order.state != "clarifying" or order.remind_at is None:
        raise Refused(f"Order {order.number} waits for no answer; there is nothing to remind of.")
    if order.reminded_at is not None:
        raise Refused(f"The customer of order {order.number} has been reminded already; once is enough.")
    happenings.note(order, "reminded", message=message_id)
    order.reminded_at = clock.now()
    order.remind_at = _later(order.reminded_at)
    loading.touch(order)
    db.session.flush()


def park(order: Order) -> None:
    """No answer came to the reminder: the order rests until the customer writes, and a note says so."""
    if order.parked_at is not None:
        return
    happenings.note(order, "parked")
    order.parked_at, order.remind_at = clock.now(), None
    loading.touch(order)
    completeness.reckon(order)
    if order.conversation_id is not None:
        c = db.session.get_one(Conversation, order.conversation_id)
        if c.merged_into_id is None:
            sending.note(
                c,
                f"Order {order.number} is parked: the customer was asked for details and reminded once, and has not "
                "answered. Their next mail takes it up again.",
                by=None,
            )
    db.session.flush()


def _later(now: datetime) -> datetime:
    settings = store()
    return worktime.business_days_later(now, settings.remind_days, zone=settings.time_zone)


def _iso(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
