"""What departs from the procedure is found exactly: nothing that was planted is missed, and nothing is invented."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from checkout_desk.reports import conformance
from checkout_desk.reports.period import Period
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.reports.walked import CLEAN, END, FIRST, PLANTS, Walks
from tests.thorough import examples

MONTH = Period(date(2031, 3, 1), date(2031, 3, 31), ZoneInfo("UTC"))
SEEDS = examples(2)


@pytest.fixture
def walks(shop: Shop) -> Walks:
    return Walks(Stage(shop))


def found_in(walks: Walks) -> dict[int, set[tuple[str, str]]]:
    with walks.shop.reading():
        found: dict[int, set[tuple[str, str]]] = {}
        for one in conformance.deviations(MONTH, now=END):
            found.setdefault(one.number, set()).add((one.code, one.fault))
        return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_was_planted_is_found_and_nothing_else(walks: Walks, seed: int) -> None:
    rng = Random(seed)  # a choice of examples, no secret
    plants = [*PLANTS, *CLEAN, *rng.choices([*PLANTS, *CLEAN], k=15)]
    rng.shuffle(plants)
    begins = [FIRST + timedelta(days=rng.choice((0, 1, 2, 7, 8)), minutes=rng.randrange(30)) for _ in plants]
    planted = walks.go(zip(plants, begins, strict=True))
    assert len(planted) >= 60
    expected = {number: PLANTS[plant] for number, plant in planted.items() if plant in PLANTS}
    found = found_in(walks)
    wrong = {
        f"{number} {planted[number]}": (sorted(found.get(number, set())), sorted(expected.get(number, set())))
        for number in planted
        if found.get(number, set()) != expected.get(number, set())
    }
    assert wrong == {}
    walks.sound()
