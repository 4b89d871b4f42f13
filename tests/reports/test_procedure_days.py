"""The kept days of the procedure and the funnel say what judging every order says: while orders walk, and while only time passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.events.models import EventHead
from checkout_desk.extensions import db
from checkout_desk.feedback import asking
from checkout_desk.orders import acting
from checkout_desk.orders.models import Order
from checkout_desk.reports import conformance, funnel, procedure_days, rollups
from checkout_desk.reports.changed import changed_since
from checkout_desk.reports.conformance import Kept
from checkout_desk.reports.models import ReportDay
from checkout_desk.settings.models import Store
from checkout_desk.settings.views import change_store
from tests.builders import Shop
from tests.orders.stage import COMPLETE, Stage
from tests.page import Browser
from tests.reports.plants import CLEAN, END, FIRST, PLANTS
from tests.reports.test_conformance import MONTH
from tests.reports.walked import Walks
from tests.thorough import examples


@pytest.fixture
def walks(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Walks:
    # The years between the opening of the shop and the walks are empty: counting them anew would only take time.
    monkeypatch.setattr(rollups, "_whole", lambda zone: (MONTH.first, MONTH.last))
    return Walks(Stage(shop))


def by_hand(rows: list[Kept]) -> tuple[object, ...]:
    """What the page of the procedure shows, from the stages of each order."""
    found = conformance.deviating(rows)
    causes = {cause for one in found for cause in one.causes}
    days = {MONTH.day_of(row.created_at) for row in rows}
    return (
        len(rows), sum(row.clean for row in rows),
        Counter((one.step.code, one.state) for row in rows for one in row.stages),
        Counter((one.code, one.fault) for one in found),
        {day: (sum(MONTH.day_of(row.created_at) == day for row in rows), sum(row.clean for row in rows if MONTH.day_of(row.created_at) == day)) for day in days},
        {cause: Counter(f"{one.code} {one.fault}" for one in found if cause in one.causes) for cause in causes},
        {cause: len({one.order_id for one in found if cause in one.causes}) for cause in causes},
    )  # fmt: skip


def equal() -> None:
    """The days as they are read are those of this moment, and say what judging each order now says."""
    kept = rollups.read("procedure", MONTH)
    assert kept == procedure_days.rows(MONTH)
    sums = procedure_days.added(kept)
    assert by_hand(conformance.kept_in(MONTH)) == (
        sums.orders, sums.clean, sums.states, sums.faults, sums.days,
        {cause: one.kinds for cause, one in sums.causes.items()}, {cause: one.orders for cause, one in sums.causes.items()},
    )  # fmt: skip
    cases = funnel.cases_in(MONTH)
    assert procedure_days.stops(sums) == [Counter((case.reached, case.over, case.why) for case in cases)]


@pytest.mark.parametrize("seed", range(examples(1)))
def test_kept_days_say_what_judging_every_order_says(walks: Walks, seed: int) -> None:
    engine = walks.shop.app.config["DATABASE_URL"].partition(":")[0]
    rng = Random(f"{engine} {seed}")  # a choice of examples, no secret
    plants = rng.sample([*PLANTS, *CLEAN], k=16)
    begins = [FIRST + timedelta(days=rng.choice((0, 1, 2, 7, 8)), minutes=rng.randrange(30)) for _ in plants]

    def between(at: datetime, following: datetime) -> None:
        if rng.random() < 0.12:
            moment = at + (following - at) * rng.random()
            with walks.shop.reading(), clock.pretending(moment):
                equal()
                if rng.random() < 0.3:
                    rollups.sweep()

    with walks.shop.reading(), clock.pretending(FIRST - timedelta(days=1)):
        rollups.sweep()
    walks.go(zip(plants, begins, strict=True), between)
    for days in (0, 1, 4, 30):  # nothing is recorded any more
        with walks.shop.reading(), clock.pretending(END + timedelta(days=days)):
            equal()
    with walks.shop.reading(), clock.pretending(END + timedelta(days=30)):
        db.session.rollback()
        assert rollups.sweep() > 0, "the clock keeps days anew whose time is over"
        assert rollups.sweep() == 0


def drafted(walks: Walks) -> int:
    """An order that waits for a quote."""
    (number,) = walks.go([("never_quoted", FIRST)])
    return number


def late(walks: Walks, at: datetime) -> int:
    with walks.shop.reading(), clock.pretending(at):
        return procedure_days.added(rollups.read("procedure", MONTH)).faults["A6", "late"]


def test_a_day_is_judged_anew_when_a_limit_runs_out_and_when_the_promise_is_another_one(walks: Walks) -> None:
    number = drafted(walks)
    verified = FIRST + timedelta(hours=4)
    with walks.shop.reading(), clock.pretending(verified):
        rollups.sweep()
    assert late(walks, verified + timedelta(hours=24)) == 0
    assert late(walks, verified + timedelta(hours=24, minutes=1)) == 1
    with walks.shop.writing(), clock.pretending(verified + timedelta(hours=25)):
        change_store(db.session.get_one(Store, 1), {"promise_hours": 48})
    assert late(walks, verified + timedelta(hours=26)) == 0
    with walks.shop.reading(), clock.pretending(verified + timedelta(hours=26)):
        assert rollups.sweep() > 1, "all days are counted anew"
    assert late(walks, verified + timedelta(hours=49)) == 1
    with clock.pretending(verified + timedelta(hours=50)), walks.stage.on(number) as (order, _, by):
        acting.cancel(order, reason="Jane Fox wants  no cups", by=by)
    with walks.shop.reading(), clock.pretending(verified + timedelta(hours=51)):
        (stops,) = procedure_days.stops(procedure_days.added(rollups.read("procedure", MONTH)))
        assert stops == {(funnel.VERIFIED, True, "cancelled: Jane Fox wants no cups"): 1}
        rollups.sweep()
        assert "Jane" not in str(rollups.read("procedure", MONTH)), "words of people are not kept"


def test_both_pages_read_the_kept_days(shop: Shop, as_role: Callable[[str], Browser]) -> None:
    stage = Stage(shop)
    stage.order(COMPLETE)
    boss = as_role("manager")
    with shop.reading():
        rollups.sweep()
    with shop.writing():
        for row in db.session.scalars(select(ReportDay).where(ReportDay.measure == "procedure")):
            if row.part == procedure_days.ALL:
                row.data = {**row.data, "orders": 41}
            elif row.part.startswith(procedure_days.AT):
                row.data = dict.fromkeys(row.data, 43)
    assert "41 orders made in these days" in boss.open("/reports/procedure")
    assert "43 mails and orders of these days" in boss.open("/reports/funnel")
    stage.order(COMPLETE)
    assert "2 orders made in these days" in boss.open("/reports/procedure")


def test_an_order_that_the_clock_notes_for_its_question_counts_as_changed(shop: Shop) -> None:
    number = Stage(shop).order(COMPLETE)
    with shop.reading():
        before = db.session.get_one(EventHead, 1).seq
    with shop.writing():
        order = db.session.scalars(select(Order).where(Order.number == number)).one()
        order_id, made = order.id, order.created_at
        assert asking.schedule(order) is not None
    with shop.reading():
        changed = changed_since(before, most=10)
        assert changed is not None and changed.ids["order"] == {order_id}
        assert MONTH.day_of(made) in changed.days_of_procedure(MONTH.zone)
