"""What departs from the procedure is found exactly: nothing that was planted is missed, and nothing is invented."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.orders import loading
from checkout_desk.reports import conformance, facts, funnel
from checkout_desk.reports.period import Period
from checkout_desk.reports.procedure import BY_CODE, JUDGED
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.reports.plants import CLEAN, END, FIRST, PLANTS
from tests.reports.walked import Walks
from tests.thorough import examples

MONTH = Period(date(2031, 3, 1), date(2031, 3, 31), ZoneInfo("UTC"))
SEEDS = examples(1)
"""on each engine; they try different stores, each with every plant and a few of them once more"""


@pytest.fixture
def walks(shop: Shop) -> Walks:
    return Walks(Stage(shop))


STOPPED = {
    "not_on_record": funnel.DRAFT, "never_asked": funnel.DRAFT, "never_quoted": funnel.VERIFIED,
    "cancelled": funnel.VERIFIED, "expired": funnel.QUOTED, "waits_for_money": funnel.QUOTED,
    "cancelled_after_payment": funnel.PAID, "never_packed": funnel.PAID, "nothing_held": funnel.PAID,
    "not_in_the_ledger": funnel.PAID, "never_handed_over": funnel.PACKED, "lost": funnel.SHIPPED,
}  # fmt: skip
"""how far a walk comes that is not delivered"""
OVER = {
    "cancelled": "cancelled: Not wanted", "cancelled_after_payment": "cancelled: Not wanted", "expired": "the quote expired",
    "lost": "the parcel never arrived", "opted_out": "not asked: the customer does not want to be asked",
    "feedback_impossible": "not asked: nobody to write to",
}  # fmt: skip


def found_in(walks: Walks) -> dict[int, set[tuple[str, str]]]:
    with walks.shop.reading():
        found: dict[int, set[tuple[str, str]]] = {}
        for one in conformance.deviations(MONTH, now=END):
            found.setdefault(one.number, set()).add((one.code, one.fault))
        return found


def funnel_stands(walks: Walks, planted: dict[int, str]) -> None:
    """Every order stands where its walk ended and for its reason, and the stations add up."""
    with walks.shop.reading():
        cases = funnel.cases_in(MONTH)
    stood = {case.number: case.reached for case in cases if case.number}
    assert stood == {number: STOPPED.get(plant, funnel.DELIVERED) for number, plant in planted.items()}
    out = {case.number: case.why for case in cases if case.over}
    assert out == {number: OVER[plant] for number, plant in planted.items() if plant in OVER}
    rows = funnel.stations(Counter((case.reached, case.over, case.why) for case in cases))
    for row, following in itertools.pairwise(rows):
        assert row.reached == following.reached + row.out.total() + row.waiting.total(), row.name


def one_is_as_many(walks: Walks, planted: dict[int, str]) -> None:
    """The strip of one order says what the report says of it, in as many queries as for all."""
    asked: list[str] = []
    with walks.shop.reading(), clock.pretending(END):
        kept = {row.number: row.stages for row in conformance.kept_in(MONTH)}
        engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
        order = loading.load(max(planted))
        assert order is not None
        del asked[:]
        assert conformance.strip(order) == kept[order.number]
        one = len(asked)
        conformance.kept_in(MONTH)
        many = len(asked) - one
    assert one == many <= facts.QUERIES + 1, "one more for the store"


def blamed(walks: Walks, planted: dict[int, str]) -> None:
    """Each deviation names what had a part in it, of the kinds that its step counts by."""
    roles = {
        "quoted_late": "processing", "packed_again": "logistics", "let_go_unpaid": "manager", "matched_late": "manager",
        "answered_late": "support", "return_decided_late": "manager", "quoted_in_own_words": "processing",
    }  # fmt: skip
    with walks.shop.reading():
        found = conformance.deviations(MONTH, now=END)
    for one in found:
        assert {kind for kind, _ in one.causes} <= set(BY_CODE[one.code].causes)
        role = roles.get(planted[one.number])
        if role is not None:
            assert ("person", str(walks.shop.person(role))) in one.causes, (one.code, planted[one.number])
        if planted[one.number] in ("confirmed_twice", "confirmed_late"):
            assert ("template", "order_confirmed:en") in one.causes


def test_the_table_of_steps_is_the_table_of_rules(walks: Walks) -> None:
    walks.go([("", FIRST)])
    with walks.shop.reading():
        (only,) = conformance.kept_in(MONTH, now=END)
    assert tuple(one.step for one in only.stages) == JUDGED
    assert {one.step.code: one.state for one in only.stages if one.state != "done"} == {
        "A4": "needless", "A15": "needless",
    }  # fmt: skip
    assert all(one.evidence for one in only.stages if one.state == "done")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_was_planted_is_found_and_nothing_else(walks: Walks, seed: int) -> None:
    engine = walks.shop.app.config["DATABASE_URL"].partition(":")[0]
    rng = Random(f"{engine} {seed}")  # a choice of examples, no secret
    plants = [*PLANTS, *CLEAN, *rng.choices([*PLANTS, *CLEAN], k=examples(3))]
    rng.shuffle(plants)
    begins = [FIRST + timedelta(days=rng.choice((0, 1, 2, 7, 8)), minutes=rng.randrange(30)) for _ in plants]
    planted = walks.go(zip(plants, begins, strict=True))
    assert len(planted) == len(plants)
    expected = {number: PLANTS[plant] for number, plant in planted.items() if plant in PLANTS}
    found = found_in(walks)
    wrong = {
        f"{number} {planted[number]}": (sorted(found.get(number, set())), sorted(expected.get(number, set())))
        for number in planted
        if found.get(number, set()) != expected.get(number, set())
    }
    assert wrong == {}
    funnel_stands(walks, planted)
    one_is_as_many(walks, planted)
    blamed(walks, planted)
    walks.sound()
