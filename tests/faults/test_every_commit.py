"""The n-th commit, fsync and call of a provider fails or is the last thing that happens, for every n until none is met."""

from __future__ import annotations

import pytest

from tests.faults.cutting import FAULTS, cut
from tests.faults.ten import DOUBT, TEN, WHOLE, Turn
from tests.faults.yard import Yard

MOST = 40
"""no step has so many commits; a loop that comes here does not end"""
ENGINES_OWN = ("killed before", "killed after")
"""what is tried on PostgreSQL too: the others do not touch the database, or only as these do"""
OUTSIDE = ("refund", "label")
"""steps that ask a provider"""


@pytest.mark.parametrize("step", TEN)
def test_a_step_that_is_cut_anywhere_ends_as_if_it_were_not(yard: Yard, step: str) -> None:
    turns: list[tuple[str, Turn, bool]] = []
    postgres = yard.app.config["DATABASE_URL"].startswith("postgresql")
    for fault in ENGINES_OWN if postgres else FAULTS:
        if step not in OUTSIDE and fault in ("not reached", "answer lost"):
            continue
        for n in range(1, MOST):
            turn = TEN[step](yard)
            met = cut(turn, FAULTS[fault], n)
            turns.append((f"{fault}, {n}", turn, met))
            assert yard.broken(at_rest=False) == [], turns[-1][0]
            if met and turn.again:
                turn.again()
            if not met:
                break
        else:
            raise AssertionError(f"{step} does not come to its end")
    yard.by_itself()
    for where, turn, met in turns:
        assert turn.came() in (WHOLE[step], *(DOUBT.get(step, ()) if met else ())), where
    assert (yard.waits(), yard.broken()) == ([], [])


@pytest.mark.parametrize("step", OUTSIDE)
def test_without_its_first_row_nobody_outside_is_asked(yard: Yard, step: str) -> None:
    turn, before = TEN[step](yard), (len(yard.carrier.calls), len(yard.stripe.events()))
    assert cut(turn, FAULTS["refused"], 1)
    assert (len(yard.carrier.calls), len(yard.stripe.events())) == before
