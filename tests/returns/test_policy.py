"""The verdict of the store's rules."""

from __future__ import annotations

from datetime import date

import pytest

from checkout_desk.returns.policy import Sale, Wanted, verdict

ARRIVED = date(2026, 2, 27)
SALE = Sale(ARRIVED, 30, "customer")
MUG = [Wanted("Mug", False)]
CUT = [Wanted("Cut cloth", True)]


@pytest.mark.parametrize(
    ("day", "allowed"), [(date(2026, 3, 28), True), (date(2026, 3, 29), True), (date(2026, 3, 30), False)]
)
def test_the_last_day_counts(day: date, allowed: bool) -> None:
    said = verdict(SALE, MUG, "changed_mind", day)
    assert said.allowed is allowed
    assert "29 March 2026" in said.sentence


@pytest.mark.parametrize("reason", ["changed_mind", "does_not_fit"])
def test_sold_for_good(reason: str) -> None:
    said = verdict(SALE, CUT, reason, ARRIVED)
    assert not said.allowed
    assert said.sentence.startswith("Cut cloth was sold for good")


@pytest.mark.parametrize("reason", ["damaged", "wrong_item"])
def test_our_fault_has_no_end(reason: str) -> None:
    said = verdict(SALE, CUT, reason, date(2030, 1, 1))
    assert (said.allowed, said.way_back) == (True, "store")


def test_who_pays_the_way() -> None:
    assert verdict(SALE, MUG, "changed_mind", ARRIVED).way_back == "customer"
    assert verdict(SALE, MUG, "not_as_described", ARRIVED).way_back == "store"
    assert verdict(Sale(ARRIVED, 30, "store"), MUG, "other", ARRIVED).way_back == "store"


def test_what_is_on_its_way_is_in_time() -> None:
    assert verdict(Sale(None, 30, "customer"), MUG, "changed_mind", date(2040, 1, 1)).allowed
