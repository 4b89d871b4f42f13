"""A week's work of a shop, cut anywhere, in any order: five seeds here, as many as DESK_FAULT_WEEKS says at night."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.databases import ENGINES
from tests.faults.cutting import FAULTS, cut
from tests.faults.ten import DOUBT, TEN, WHOLE, Turn
from tests.faults.yard import Yard

WEEKS = int(os.environ.get("DESK_FAULT_WEEKS", "5"))
STEPS = 10
USUAL = tuple(name for name in TEN if name != "backup")
SMTP: tuple[Callable[[Yard], object] | None, ...] = (
    None,
    None,
    lambda yard: yard.sink.drop("dot", keep=True),
    lambda yard: yard.sink.drop("dot", keep=False),
    lambda yard: yard.sink.drop("mail"),
    lambda yard: yard.sink.refuse("rcpt", 450),
)


@pytest.mark.parametrize(
    ("database_url", "seed"),
    [(ENGINES[seed % 2], seed) for seed in range(WEEKS)],
    indirect=["database_url"],
)
def test_a_week_ends_in_order(yard: Yard, seed: int) -> None:
    """Nobody acts but the senders, the provider and the carrier, who repeat what was not acknowledged."""
    dice = random.Random(seed)
    turns: list[tuple[str, Turn, bool]] = []
    for n in range(STEPS):
        name = dice.choice(USUAL)
        turn = TEN[name](yard)
        if misfortune := dice.choice(SMTP):
            misfortune(yard)
        met = cut(turn, FAULTS[dice.choice(list(FAULTS))], dice.randint(1, 8))
        turns.append((name, turn, met))
        assert yard.broken(at_rest=False) == [], f"seed {seed}, step {n}: {name}"
        if met and turn.again:
            turn.again()
        if dice.random() < 0.3:
            yard.by_itself()
    yard.sink.plan.clear()
    yard.by_itself()
    for name, turn, met in turns:
        came = turn.came()
        if name == "quote":  # its mail may be in doubt, or late by the pauses after refusals
            assert came[:2] == WHOLE[name][:2], f"seed {seed}"
        elif name != "send":
            assert came in (WHOLE[name], *(DOUBT.get(name, ()) if met else ())), f"seed {seed}: {name}"
    assert (yard.waits(), yard.broken()) == ([], []), f"seed {seed}"
