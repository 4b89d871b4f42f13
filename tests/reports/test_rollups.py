"""The days that reports keep are what the slow query says, whatever happened in between: over random histories with late corrections."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.catalogue import stock
from checkout_desk.conversations import acting as conversation_acts
from checkout_desk.events.models import EventHead
from checkout_desk.extensions import db
from checkout_desk.orders import lines
from checkout_desk.orders.models import Order
from checkout_desk.records import erasing
from checkout_desk.reports import rollups
from checkout_desk.reports.models import ReportDay, ReportRoll
from checkout_desk.reports.period import Period
from checkout_desk.reports.rollups import MEASURES
from checkout_desk.settings.models import Store
from tests.builders import Shop
from tests.conversations.shared import merge
from tests.orders.stage import Stage, choice, line, product, quay, reading
from tests.page import Browser
from tests.reports.histories import ZONE, History
from tests.shipping.dock import Dock

AsRole = Callable[[str], Browser]


def whole() -> Period:
    today = clock.now().astimezone(ZONE).date()
    return Period(today - timedelta(days=60), today + timedelta(days=1), ZONE)


def equal(shop: Shop, *, some: bool = True) -> None:
    """Each measure as it is read is what counting everything gives; and on request there is something to count."""
    with shop.reading():
        for name, measure in MEASURES.items():
            slow = measure.count(whole())
            assert rollups.read(name, whole()) == slow, name
            assert slow or not some, name


def swept(shop: Shop) -> int:
    with shop.reading():
        return rollups.sweep()


def kept(shop: Shop) -> dict[tuple[Any, ...], Any]:
    with shop.reading():
        rows = db.session.scalars(select(ReportDay))
        return {(row.measure, row.day, row.part): row.data for row in rows}


def as_counted(shop: Shop) -> dict[tuple[Any, ...], Any]:
    with shop.reading():
        return {
            (name, row.day, row.part): row.data
            for name, measure in MEASURES.items()
            for row in measure.count(whole())
        }


def in_london(shop: Shop) -> None:
    with shop.writing():
        db.session.get_one(Store, 1).time_zone = str(ZONE)


@pytest.mark.parametrize("seed", [2, 9])
def test_kept_days_of_a_random_history_are_the_slow_count(
    shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "blocked", lambda found: [])
    in_london(shop)
    chance = random.Random(seed)
    history = History(shop, chance, clock.now() + timedelta(hours=1))
    dock = Dock(Stage(shop))
    with shop.writing():
        stock.receive(product("MUG-BLU").id, 500)
    doings = (history.customer, history.answer, history.close, history.merge, history.pause, history.machine)
    with clock.pretending(history.at):
        shop.take(text="Good morning from our garden")
        swept(shop)
    numbers: list[int] = []
    for step in range(40):
        history.later(0.1, 12)
        with clock.pretending(history.at):
            if step % 4 == 0:
                numbers.append(trade(dock, chance, history.at))
            elif step % 7 == 0:
                correct(shop, dock, chance, numbers)
            else:
                chance.choices(doings, (5, 6, 3, 2, 1, 1))[0]()
            if chance.random() < 0.3:
                swept(shop)
            if step % 10 == 5:
                equal(shop, some=False)
    with clock.pretending(history.later(0.1, 0.2)):
        shop.sound()
        erase_somebody(shop)
        equal(shop)
        swept(shop)
        equal(shop)
        assert kept(shop) == as_counted(shop), "each kept day is the day as it is counted"
        with shop.reading():
            rollups.rebuild()
        assert kept(shop) == as_counted(shop)


def trade(dock: Dock, chance: random.Random, at: Any) -> int:
    """An order of a mail, in whatever state."""
    what = reading(
        line("MUG-BLU", chance.randint(1, 2)), choice("family brewer", 1, "POT-06", "POT-12"), ship_to=quay()
    )
    if chance.random() < 0.4:
        return dock.stage.order(what)
    number = dock.paid(when=at, sender=f"Person {chance.random()} <p{chance.randint(1, 9)}@customer.example>")
    shop = dock.shop
    for mail in shop.messages(dock.stage.row(number).id):
        if mail.direction == "out" and mail.outbound_id:
            shop.smtp_works(chance.random() < 0.8)
            shop.deliver(mail)
    shop.smtp_works(True)
    return number


def correct(shop: Shop, dock: Dock, chance: random.Random, numbers: list[int]) -> None:
    """A person changes their mind about an order of last week, or takes back what they did."""
    open_ = [one for one in numbers if dock.stage.seen(one).state in ("draft", "clarifying")]
    if not open_:
        return
    number = chance.choice(open_)
    with dock.stage.on(number) as (_, found, by):
        choices = [one for one in found if one.candidates and one.product_id is None]
        if choices:
            lines.choose(choices[0], product("POT-12"), by=by)
        else:
            lines.set_quantity(found[0], chance.randint(3, 9), by=by)
    if chance.random() < 0.5:
        dock.stage.undo()


def erase_somebody(shop: Shop) -> None:
    """The customer of the newest order is erased, whatever stands in the way of that: only what it leaves of the figures counts."""
    before, admin = as_counted(shop), shop.person("admin")
    with shop.writing():
        customer_id = db.session.scalar(
            select(Order.customer_id).where(Order.customer_id.is_not(None)).order_by(Order.id.desc()).limit(1)
        )
        assert customer_id is not None
        erasure_id = erasing.begin(customer_id, by_id=admin).id
    with shop.reading():
        erasing.carry_on(erasure_id)
    assert as_counted(shop) == before, "an erasure changes no figure"


def test_a_page_reads_the_kept_days_and_counts_only_what_changed(shop: Shop, as_role: AsRole) -> None:
    first = shop.take(text="Good morning from our garden").conversation
    shop.answered(first)
    swept(shop)
    with shop.writing():
        for row in db.session.scalars(select(ReportDay).where(ReportDay.measure == "waits")):
            row.data = {**row.data, "n": 41}
    boss = as_role("manager")
    with shop.writing():  # that somebody signed in is no reason to count anything
        assert db.session.get_one(ReportRoll, 1).seq <= (db.session.scalar(select(EventHead.seq)) or 0)
    assert "41 promises" in boss.open("/reports")
    shop.take(text="And good evening")
    assert "2 promises" in boss.open("/reports")


def test_a_correction_of_another_day_counts_that_day_anew(shop: Shop) -> None:
    in_london(shop)
    start = clock.now()
    with clock.pretending(start):
        one = shop.take(text="Good morning from our garden").conversation
        shop.answered(one)
    with clock.pretending(start + timedelta(days=9)):
        other = shop.take(
            text="Another day, another mail", sender="Ada Low <ada@customer.example>"
        ).conversation
        shop.answered(other)
        swept(shop)
    with clock.pretending(start + timedelta(days=20)):
        merge(shop, other, one)
        shop.act(conversation_acts.close, one)
        equal(shop, some=False)
        assert swept(shop) >= 2
        assert swept(shop) == 0
        equal(shop, some=False)


def test_another_time_zone_makes_all_days_anew(shop: Shop) -> None:
    in_london(shop)
    shop.answered(shop.take(text="Good morning from our garden").conversation)
    swept(shop)
    with shop.writing():
        db.session.get_one(Store, 1).time_zone = "Pacific/Auckland"
    equal(shop, some=False)
    assert swept(shop) > 0
    with shop.reading():
        assert db.session.get_one(ReportRoll, 1).zone == "Pacific/Auckland"


def test_two_clocks_keep_a_day_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    in_london(shop)
    shop.answered(shop.take(text="Good morning from our garden").conversation)
    swept(shop)
    shop.take(text="And good evening")
    real = rollups._lock
    faster: list[bool] = []

    def first_the_other() -> None:
        if not faster:
            faster.append(True)
            rollups.sweep()
        real()

    monkeypatch.setattr(rollups, "_lock", first_the_other)
    assert swept(shop) == 0, "the other one was faster"
    equal(shop, some=False)
    assert kept(shop) == as_counted(shop)
