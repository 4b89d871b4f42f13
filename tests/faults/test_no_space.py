"""The disk is full: each door of money, quotes and parcels says so in its own words, and nothing is half done."""

from __future__ import annotations

import os

import pytest

from checkout_desk.payments.models import Payment, ProviderEvent, Statement
from checkout_desk.shipping.models import CarrierEvent
from checkout_desk.storage import NoSpace
from tests.faults.ten import TEN, WHOLE, Later
from tests.faults.yard import Yard

SAYS = {"quote": 507, "webhook": 503, "tracking": 503}


def full(_descriptor: object) -> None:
    raise OSError(28, os.strerror(28))


@pytest.mark.parametrize("step", SAYS)
def test_every_door_says_so_and_nothing_is_half_done(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    turn = TEN[step](yard)
    assert turn.door
    before = [len(yard.shop.all(model)) for model in (ProviderEvent, CarrierEvent)]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Later, match=str(SAYS[step])):
            turn.door()
    assert [len(yard.shop.all(model)) for model in (ProviderEvent, CarrierEvent)] == before
    if step == "quote":
        assert turn.came() == ("verified", [], [])
    assert yard.broken(at_rest=False) == []
    turn.door()
    yard.by_itself()
    assert turn.came() == WHOLE[step]
    assert (yard.waits(), yard.broken()) == ([], [])


def test_a_statement_that_cannot_be_kept_brings_nothing(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = TEN["statement"](yard)
    before = len(yard.shop.all(Payment))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NoSpace):
            turn.do()
    assert (len(yard.shop.all(Payment)), yard.shop.all(Statement)) == (before, [])
    turn.do()
    assert turn.came() == WHOLE["statement"]
