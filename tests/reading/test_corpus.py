"""The labelled mails are read as well as they were when this was last looked at; the frozen third as well."""

from __future__ import annotations

import pytest

from bench.reading import Score, figures, read_case, score_case
from tests.reading import cases


@pytest.mark.parametrize(
    ("folder", "lines", "f1", "address", "gaps"),
    [("corpus", 97, 0.985, 97, 96), ("frozen", 94, 0.955, 96, 94)],
)
def test_the_labelled_mails(folder: str, lines: float, f1: float, address: float, gaps: float) -> None:
    score = Score()
    for case in cases.load(folder):
        score_case(score, case, read_case(case))
    found = figures(score)
    assert found["exact lines %"] >= lines
    assert found["line F1"] >= f1
    assert found["address fields %"] >= address
    assert found["gaps exact %"] >= gaps
    assert found["false orders"] == 0


def test_no_line_of_the_tuning_set_is_wrong_in_silence() -> None:
    score = Score()
    for case in cases.load("corpus"):
        score_case(score, case, read_case(case))
    assert score.silent == []


ALIKE = ({"tea", "atelier", "roastery"}, {"cave", "caseificio"}, {"paper", "naehwelt"}, {"wear", "bike"})
"""shops that sell the like of each other: cups, food, scissors, bottles"""


def test_another_shop_takes_next_to_nothing_for_certain() -> None:
    """A mail to one shop, read by another one that sells other things: what is certain there is chance."""
    shops = sorted(path.stem for path in (cases.HERE / "catalogues").glob("*.csv"))
    certain = []
    tuning = [case for case in cases.load("corpus") if not case.known]
    for number, case in enumerate(tuning):
        strange = [shop for shop in shops if not any({shop, case.catalogue} <= kin for kin in ALIKE)]
        strange = [shop for shop in strange if shop != case.catalogue]
        other = strange[number % len(strange)]
        lines = read_case(case, cases.catalogue(other)).lines
        certain += [f"{case.name} in {other}: {line.sku}" for line in lines if not line.needs_review]
    assert len(certain) <= len(tuning) // 100, certain


def test_the_sets_are_large_and_apart() -> None:
    tuning, frozen = cases.load("corpus"), cases.load("frozen")
    assert len(tuning) + len(frozen) >= 200
    assert len({case.raw for case in (*tuning, *frozen)}) == len(tuning) + len(frozen)
