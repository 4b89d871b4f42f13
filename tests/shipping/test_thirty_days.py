"""Thirty days of what carriers tell of 500 parcels: late, twice, contradictory, or nothing at all.

The feed is heard as it comes: in waves, with some of it days late or twice. A quarter of the parcels has twins that hear
nothing for weeks and then everything at once, backwards. Board, alarms and mails come to the same, and for every parcel
to what its events come to in any order. On PostgreSQL with fewer parcels.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.orders.models import MilestoneMail, Order, Quote
from checkout_desk.shipping import alarms, tracking
from checkout_desk.shipping.converging import Known, Told, outcome, used
from checkout_desk.shipping.models import Carrier, DeliveryAlarm, Shipment, TrackingEvent
from tests.builders import Shop

START = datetime(2026, 11, 2, 16, tzinfo=UTC)
END = START + timedelta(days=31)
WAVE = timedelta(days=6)
MAILED = 12
"""orders of each hearing that have somebody to write to: the other mails keep their row alone"""
HEARINGS = ("as it comes", "at the end")


def way(random: Random, n: int) -> list[Told]:
    """What happens to one parcel; every ninth is silent."""
    at = START + timedelta(hours=random.uniform(2, 40))

    def later(low: float, high: float) -> datetime:
        nonlocal at
        at += timedelta(hours=random.uniform(low, high))
        return at.replace(microsecond=0)

    place = random.choice(("Leeds", "York", "Köln", "Utrecht"))
    events = [Told(later(1, 9), "info_received")]
    if n % 9 == 0:
        return events
    events.append(Told(later(4, 30), "in_transit", "Accepted", place))
    events += [Told(later(5, 60), "in_transit", "Sorted", place) for _ in range(random.randint(0, 2))]
    kind = n % 10
    if kind in (1, 2):
        events.append(Told(later(5, 30), "out_for_delivery", "", place))
        events.append(Told(later(2, 8), "failed_attempt", "Nobody there", place))
    if kind == 2:
        events.append(Told(later(20, 30), "failed_attempt", "Nobody there", place))
    if kind == 3:
        events.append(Told(later(20, 60), "exception", "Label damaged", place))
    if kind == 4:  # comes back
        events.append(Told(later(20, 60), "in_transit", "Return", place, True))
        if n % 20 == 4:
            events.append(Told(later(40, 90), "delivered", "", "Tynemouth", True))
        return events
    if kind == 5:
        return [*events, Told(later(20, 60), "expired")]
    if kind == 9:
        return events
    if kind == 6:
        return [*events, Told(later(20, 60), "available_for_pickup", "", place)]
    events.append(Told(later(10, 40), "out_for_delivery", "", place))
    events.append(Told(later(1, 9), "delivered", "Front door", place))
    if kind == 7:  # contradicted
        events.append(Told(later(20, 60), "in_transit", "Return", place, True))
    if kind == 8:  # a second delivery, a late scan, a clock that is wrong by a month
        events += [replace(events[-1], at=later(1, 5)), Told(later(1, 5), "in_transit", "Sorted", place)]
        events.append(Told(END + timedelta(days=20, hours=n), "exception", "Wrong clock"))
    return events


def twin(n: int) -> bool:
    """Whether a parcel is heard of in both orders: twenty in a row, so that every kind of way is among them."""
    return (n // 20) % 4 == 0


def parcels(shop: Shop, many: int) -> dict[str, dict[int, int]]:
    """Hearing -> place in the feed -> parcel. All of them left at the start."""
    found: dict[str, dict[int, int]] = {}
    with shop.writing():
        carrier = Carrier(name="Post", silent_days=4)
        db.session.add(carrier)
        db.session.flush()
        for h, hearing in enumerate(HEARINGS):
            rows: dict[int, Shipment] = {}
            for n in (n for n in range(many) if h == 0 or twin(n)):
                number = 2001 + h * many + n
                c = None
                if n < MAILED * 10 and n % 10 == 0 and n % 9:
                    c = Conversation(
                        subject=f"Order {number}", who="Jane", mailbox_id=shop.mailbox, reply_token=f"t{number}",
                        created_at=START, queue_at=START, last_message_at=START, state="closed", next_action="", queue_view="",
                    )  # fmt: skip
                    db.session.add(c)
                    db.session.flush()
                order = Order(
                    number=number, currency="GBP", state="shipped", email=f"c{number}@customer.example", ship_country="GB",
                    ship_name="Jane Fox", conversation_id=c.id if c else None, created_at=START, updated_at=START,
                )  # fmt: skip
                db.session.add(order)
                db.session.flush()
                quote = Quote(
                    order_id=order.id, number=1, state="paid", currency="GBP", content={}, content_hash="0" * 64, net_minor=0,
                    tax_minor=0, total_minor=0, reference=f"R{number}", created_at=START,
                )  # fmt: skip
                db.session.add(quote)
                db.session.flush()
                rows[n] = Shipment(
                    order_id=order.id, number=1, quote_id=quote.id, state="handed_over", carrier_id=carrier.id,
                    tracking_number=f"N{number}", tracking_key=f"N{number}", handed_over_at=START,
                    promised_on=(START + timedelta(days=5)).date(), created_at=START, updated_at=START,
                )  # fmt: skip
            db.session.add_all(rows.values())
            db.session.flush()
            found[hearing] = {n: row.id for n, row in rows.items()}
    return found


def hear(heard: dict[int, list[Told]], now: datetime, shop: Shop) -> None:
    """The carrier tells all of this now; one commit."""
    with clock.pretending(now), acting_as("desk", "feed"), shop.writing():
        for parcel_id, events in heard.items():
            tracking.take(db.session.get_one(Shipment, parcel_id), events, source="webhook")
    with clock.pretending(now), shop.app.app_context():
        alarms.sweep()


def as_it_comes(feed: dict[int, list[Told]], random: Random, shop: Shop) -> None:
    """Waves of six days: most of it in time, some days late, some twice, in no order."""
    arriving: dict[int, dict[int, list[Told]]] = {}
    for parcel_id, events in feed.items():
        for told in events:
            for _ in range(random.choice((1, 1, 2))):
                late = timedelta(hours=random.choice((1, 3, 20, 130)))
                known = min(told.at, END - timedelta(days=9)) + late
                wave = (min(known, END) - START) // WAVE
                arriving.setdefault(wave, {}).setdefault(parcel_id, []).append(told)
    for wave in range((END - START) // WAVE + 1):
        for events in arriving.get(wave, {}).values():
            random.shuffle(events)
        hear(arriving.get(wave, {}), START + (wave + 1) * WAVE, shop)


def at_the_end(feed: dict[int, list[Told]], random: Random, shop: Shop) -> None:
    """Nothing for a month, then everything at once, backwards and twice."""
    hear({}, START + timedelta(days=12), shop)
    hear(
        {one: [*reversed(events), *random.sample(events, 1)] for one, events in feed.items()},
        END + WAVE,
        shop,
    )


def stands(ids: dict[int, int]) -> tuple[dict[int, Any], list[Any], list[Any]]:
    """(board, alarms that events raise, alarms that stand), with parcels by their place in the feed."""
    place = {parcel_id: n for n, parcel_id in ids.items()}
    rows = db.session.execute(
        select(
            Shipment.id, Shipment.status, Shipment.state, Shipment.delivered_at, Shipment.last_scan_at
        ).where(Shipment.id.in_(place))
    )
    where = {place[row.id]: tuple(row[1:]) for row in rows}
    every = list(db.session.scalars(select(DeliveryAlarm).where(DeliveryAlarm.shipment_id.in_(place))))
    raised = sorted(
        (place[a.shipment_id], a.kind, a.about, a.settled_at is None)
        for a in every
        if a.kind not in ("silent", "late")
    )
    return (
        where,
        raised,
        sorted((place[a.shipment_id], a.kind, a.about) for a in every if a.settled_at is None),
    )


def test_a_month_of_news_comes_to_the_same_in_any_order(shop: Shop) -> None:
    with shop.reading():
        many = 500 if db.engine.dialect.name == "sqlite" else 60
    ids = parcels(shop, many)
    ways = [way(Random(n), n) for n in range(many)]
    as_it_comes({parcel_id: ways[n] for n, parcel_id in ids[HEARINGS[0]].items()}, Random(1), shop)
    at_the_end({parcel_id: ways[n] for n, parcel_id in ids[HEARINGS[1]].items()}, Random(2), shop)
    with clock.pretending(END + WAVE), shop.app.app_context():
        alarms.sweep()
    with shop.reading():
        where, raised, standing = stands(ids[HEARINGS[0]])
        twins = stands(ids[HEARINGS[1]])
        assert {n: row for n, row in where.items() if twin(n)} == twins[0], "the board"
        assert [row for row in raised if twin(row[0])] == twins[1], (
            "what events raised, and whether it is settled"
        )
        assert [row for row in standing if twin(row[0])] == twins[2], "what somebody has to look at"
        _as_in_any_order(where, ways)
        assert {kind for _, kind, _ in standing} == {"silent", "late", "coming_back", "exception"}
        heard = [n for places in ids.values() for n in places]
        kept = db.session.scalar(select(func.count()).select_from(TrackingEvent))
        assert kept == sum(len(set(ways[n])) for n in heard), "each event once"
        for hearing in HEARINGS:
            _delivered(ids[hearing], where)
        _told()


def _as_in_any_order(where: dict[int, Any], ways: list[list[Told]]) -> None:
    """Every parcel stands where its events lead to, however they are shuffled."""
    random = Random(3)
    for n, (status, _, delivered_at, last_scan_at) in where.items():
        known = [
            Known(told, min(told.at, END) + timedelta(hours=1))
            for told in random.sample(ways[n], len(ways[n]))
        ]
        found = outcome(used(known * 2, made_at=START))
        assert (status, delivered_at, last_scan_at) == (
            found.status,
            found.delivered_at,
            found.last_scan_at,
        ), n
    assert {status for status, *_ in where.values()} == {
        "info_received", "in_transit", "available_for_pickup", "exception", "expired", "delivered",
    }  # fmt: skip


def _delivered(ids: dict[int, int], where: dict[int, Any]) -> None:
    """An order is delivered with its parcel, and one mail says so."""
    arrived = sum(1 for n in ids if where[n][0] == "delivered")
    assert arrived > len(ids) / 4
    rows = db.session.execute(
        select(Order.state, func.count(MilestoneMail.id))
        .join(Shipment, Shipment.order_id == Order.id)
        .outerjoin(MilestoneMail, MilestoneMail.order_id == Order.id)
        .where(Shipment.id.in_(ids.values()))
        .group_by(Order.id, Order.state)
    ).all()
    told = Counter((state, n) for state, n in rows)
    assert told == {("delivered", 1): arrived, ("shipped", 0): len(ids) - arrived}


def _told() -> None:
    """Those who can be written to got one mail each, and nobody got one about trouble by itself."""
    mails = Counter(db.session.scalars(select(Message.conversation_id).where(Message.direction == "out")))
    written_to = db.session.scalar(select(func.count()).select_from(Conversation))
    assert set(mails.values()) == {1} and len(mails) == written_to
    trouble = db.session.execute(
        select(Order.delivery_trouble, Conversation.state, Conversation.order_step)
        .join(Conversation, Conversation.id == Order.conversation_id)
        .where(Order.delivery_trouble.is_not(None))
    ).all()
    assert all(row == (row[0], "open", "fix_delivery") for row in trouble)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens to the bell; asking for it for each mail would cost more than the mail."""
    monkeypatch.setattr("checkout_desk.queue.ring", lambda *_: True)
