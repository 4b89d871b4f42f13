"""Alarms about parcels: each once, a task for support while it stands, settled by itself when a later event ends it.

The unique row makes it once; `Order.delivery_trouble` makes it the order's next step and so a place in the queue. The
mail that it asks for is written when a person opens it, from what is true then (`doorstep.parcel_mail`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, cast, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock, worktime
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import completeness, leaving, loading
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import set_up, store
from checkout_desk.shipping import parcels, ways
from checkout_desk.shipping.converging import Told
from checkout_desk.shipping.due_alarms import Due, Way, due
from checkout_desk.shipping.lifecycle import AWAY, ON_ITS_WAY
from checkout_desk.shipping.models import Carrier, DeliveryAlarm, Shipment

TITLES = {
    "silent": "No scan for days",
    "late": "Past the promised day",
    "failed_attempt": "Attempt failed",
    "coming_back": "Coming back",
    "exception": "Something is wrong",
    "short": "An item is missing",
}
USUAL_SILENCE = 3
"""business days, for a parcel without a carrier of ours"""
WAITED_FOR = tuple(state for state in ON_ITS_WAY if state != "available_for_pickup")
"""states in which silence is strange"""
ENDED = ("returned_to_sender", "lost", "void")
AT_ONCE = 200
LONGEST = 200


def look(parcel: Shipment, order: Order, events: Sequence[Told]) -> None:
    """Raise what the parcel's way gives rise to, and settle what is over. The order is locked.

    `events` are those that count (`converging.used`).
    """
    if parcel.state not in AWAY or parcel.handed_over_at is None:
        return
    wanted = due(_way(parcel, order, events))
    kept = {
        (one.kind, one.about): one
        for one in db.session.scalars(select(DeliveryAlarm).where(DeliveryAlarm.shipment_id == parcel.id))
    }
    fresh = [one for one in wanted if (one.kind, one.about) not in kept and _raise(parcel, one)]
    raised = [one for one in fresh if not one.over]
    standing = {(one.kind, one.about): one for one in wanted}
    settled = False
    for key, alarm in kept.items():
        one = standing.get(key)
        if alarm.settled_at is None and (one is None or one.over):
            _end(alarm, how=one.over if one else _ended_by(parcel), by=None)
            settled = True
    if raised or settled:
        db.session.flush()
        for one in raised:
            note(parcel, order, "alarm", kind=one.kind, about=one.about)
        tell(order)


def _way(parcel: Shipment, order: Order, events: Sequence[Told]) -> Way:
    settings = store()
    zone = ZoneInfo(settings.time_zone)
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    since = parcel.last_scan_at or parcel.handed_over_at or parcel.created_at
    home, there = leaving.rest_of(settings.country), leaving.rest_of(order.ship_country)
    quiet = worktime.open_days_later(
        since.astimezone(zone).date(),
        carrier.silent_days if carrier else USUAL_SILENCE,
        lambda day: home(day) or there(day),
    )
    return Way(
        events=events,
        left_at=parcel.handed_over_at or parcel.created_at,
        promised_on=parcel.promised_on,
        quiet_until=quiet,
        today=clock.now().astimezone(zone).date(),
        ended=parcel.state in ENDED,
    )


def _raise(parcel: Shipment, one: Due) -> bool:
    """Keep an alarm, once. Returns whether it is new."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(DeliveryAlarm)
    now = clock.now()
    made = db.session.scalar(
        insert.values(
            shipment_id=parcel.id, kind=one.kind, about=one.about, at=now, settled_at=now if one.over else None,
            settled_how=one.over,
        )
        .on_conflict_do_nothing()
        .returning(DeliveryAlarm.id)
    )  # fmt: skip
    return made is not None


def _ended_by(parcel: Shipment) -> str:
    return {"delivered": "Delivered", "available_for_pickup": "Ready to be picked up"}.get(
        parcel.state, "Scanned again"
    )


def _end(alarm: DeliveryAlarm, *, how: str, by: Person | None) -> None:
    alarm.settled_at, alarm.settled_how = clock.now(), how[:LONGEST]
    alarm.settled_by_id = by.id if by else None


def open_ones(parcel_ids: Collection[int]) -> list[DeliveryAlarm]:
    """The alarms of parcels that nobody and nothing has settled, oldest first. One query."""
    return list(
        db.session.scalars(
            select(DeliveryAlarm)
            .where(DeliveryAlarm.shipment_id.in_(parcel_ids), DeliveryAlarm.settled_at.is_(None))
            .order_by(DeliveryAlarm.id)
        )
    )


def of_order(order: Order) -> list[DeliveryAlarm]:
    """The open alarms of all parcels of an order, oldest first. One query."""
    return list(
        db.session.scalars(
            select(DeliveryAlarm)
            .join(Shipment, Shipment.id == DeliveryAlarm.shipment_id)
            .where(Shipment.order_id == order.id, DeliveryAlarm.settled_at.is_(None))
            .order_by(DeliveryAlarm.id)
        )
    )


def settle(
    alarms: Collection[DeliveryAlarm], order: Order, *, by: Person, how: str, move: bool = True
) -> list[int]:
    """A person has looked: these alarms are over. Returns the ids of those that were open. Raises Refused.

    The order is locked. `how` is what was done, in the person's words; `move` as in `tell`.
    """
    how = " ".join(how.split())[:LONGEST]
    if not how:
        raise Refused("Say what came of it; whoever looks at the parcel later reads this first.")
    done = []
    for alarm in alarms:
        if alarm.settled_at is None:
            _end(alarm, how=how, by=by)
            done.append(alarm.id)
            record(
                "parcel.alarm_settled",
                about=("shipment", alarm.shipment_id),
                after={"kind": alarm.kind, "about": alarm.about, "order": order.id},
                actor=f"person:{by.id}",
            )
    db.session.flush()
    tell(order, move=move)
    return done


def unsettle(ids: Collection[int], order: Order) -> None:
    """The mail that settled these alarms did not leave: they stand again. The order is locked."""
    for alarm in db.session.scalars(select(DeliveryAlarm).where(DeliveryAlarm.id.in_(ids))):
        alarm.settled_at = alarm.settled_by_id = None
        alarm.settled_how = ""
    db.session.flush()
    tell(order, move=False)


def tell(order: Order, *, move: bool = True) -> None:
    """Bring the order and its conversation in line with the alarms that stand. The order is locked.

    `move`: the conversation is opened for an alarm, and waits again when the last one is over.
    """
    standing = of_order(order)
    newest = standing[-1].kind if standing else None
    was = order.delivery_trouble
    if newest == was and not standing:
        return
    order.delivery_trouble = newest
    loading.touch(order)
    completeness.reckon(order)
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    if c is None or not move:
        return
    if newest and c.state in ("waiting", "snoozed", "closed"):
        CONVERSATION.fire(c, "reopen", reason=f"Order {order.number}: {TITLES[newest].lower()}")
        c.unread = True
    elif was and not newest and c.state == "open" and c.promise_due_at is None and c.order_step is None:
        CONVERSATION.fire(c, "wait", reason=f"Order {order.number}: the delivery is mended")


def note(parcel: Shipment, order: Order, what: str, *, by: Person | None = None, **after: str) -> None:
    """Record what happened on a parcel's way; no words of carriers or customers go in."""
    record(
        f"parcel.{what}",
        about=parcel,
        after={**after, "order": order.id},
        actor=f"person:{by.id}" if by else None,
    )


def sweep() -> int:
    """Look at the parcels on their way whose carrier is silent or whose day has passed. Returns how many; commits."""
    looked, after = 0, 0
    if not set_up():
        return 0
    while ids := _candidates(after):
        wanted = _alarming(ids)
        db.session.rollback()
        for parcel_id in wanted:
            begin_write()
            parcel = db.session.get_one(Shipment, parcel_id)
            with acting_as("desk", "clock"):
                order = parcels.lock(parcel)
                look(parcel, order, ways.used(parcel))
            db.session.commit()
        looked, after = looked + len(wanted), ids[-1]
    db.session.rollback()
    return looked


def _candidates(after: int) -> list[int]:
    """Parcels behind `after` that may be silent or late and have no alarm that says so yet, by id. Two queries."""
    now = clock.now()
    today = now.astimezone(ZoneInfo(store().time_zone)).date()
    since = func.coalesce(Shipment.last_scan_at, Shipment.handed_over_at)
    fewest = db.session.scalar(select(func.min(Carrier.silent_days)))
    days = min(USUAL_SILENCE if fewest is None else fewest, USUAL_SILENCE)
    said = select(DeliveryAlarm.id).where(DeliveryAlarm.shipment_id == Shipment.id)
    late = said.where(DeliveryAlarm.kind == "late", DeliveryAlarm.about == cast(Shipment.promised_on, String))
    # What an event settled says nothing of the silence after that event; what a person settled does.
    by_person = and_(DeliveryAlarm.settled_by_id.is_not(None), DeliveryAlarm.at > since)
    silent = said.where(DeliveryAlarm.kind == "silent", or_(DeliveryAlarm.settled_at.is_(None), by_person))
    return list(
        db.session.scalars(
            select(Shipment.id)
            .where(
                Shipment.id > after,
                Shipment.rides_id.is_(None),
                Shipment.state.in_(WAITED_FOR),
                or_(
                    and_(Shipment.promised_on < today, ~late.exists()),
                    and_(since < now - timedelta(days=days), ~silent.exists()),
                ),
            )
            .order_by(Shipment.id)
            .limit(AT_ONCE)
        )
    )


def _alarming(ids: Collection[int]) -> list[int]:
    """Those of the candidates for which the calendar says so. Reads alone: three queries, and each carrier once."""
    rows = db.session.execute(
        select(Shipment, Order).join(Order, Order.id == Shipment.order_id).where(Shipment.id.in_(ids))
    ).all()
    events = ways.used_of([parcel for parcel, _ in rows])
    return sorted(
        parcel.id
        for parcel, order in rows
        if any(one.kind in ("silent", "late") for one in due(_way(parcel, order, events[parcel.id])))
    )
