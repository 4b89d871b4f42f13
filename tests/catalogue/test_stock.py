"""The ledger: balances, refusals, occasions, and what a hundred writers at once can do to them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import StockMovement
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from tests.builders import Shop
from tests.catalogue.making import product


def made(shop: Shop, on_hand: int = 0) -> int:
    with shop.writing():
        found = product()
        if on_hand:
            stock.receive(found.id, on_hand, about=None)
        return found.id


def now(shop: Shop, product_id: int) -> tuple[int, int, int, int]:
    with shop.app.app_context():
        s = stock.availability([product_id])[product_id]
        return s.on_hand, s.held, s.committed, s.available


def test_a_sale_from_the_shelf_to_the_parcel_and_back(shop: Shop) -> None:
    one = made(shop, 5)
    with shop.writing():
        assert stock.hold(one, 3, about="quote:1")
        assert stock.commit(one, 2, about="order:1")
        assert stock.release(one, 1, about="quote:1")
        assert stock.ship(one, 2, about="order:1")
        assert stock.take_back(one, 1, about="return:1")
        assert stock.scrap(one, 1, about=None, reason="chipped")
    assert now(shop, one) == (3, 0, 0, 3)
    rows = shop.all(StockMovement)
    assert [(r.kind, r.on_hand, r.held, r.committed) for r in rows] == [
        ("receive", 5, 0, 0),
        ("hold", 0, 3, 0),
        ("commit", 0, -2, 2),
        ("release", 0, -1, 0),
        ("ship", -2, 0, -2),
        ("return", 1, 0, 0),
        ("scrap", -1, 0, 0),
    ]
    assert [e.kind for e in shop.all(Event) if e.kind.startswith("stock.")][:2] == [
        "stock.receive",
        "stock.hold",
    ]


def test_a_hold_beyond_what_is_available_says_how_many_there_are_and_changes_nothing(shop: Shop) -> None:
    one = made(shop, 2)
    with shop.writing():
        with pytest.raises(stock.Short) as refused:
            stock.hold(one, 3, about="quote:1")
        assert (refused.value.wanted, refused.value.available) == (3, 2)
        assert "Only 2 of Mug, cobalt blue" in str(refused.value)
    assert now(shop, one) == (2, 0, 0, 2)
    assert len(shop.all(StockMovement)) == 1


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (stock.release, "Only 0 of Mug, cobalt blue are held"),
        (stock.commit, "Only 0 of Mug, cobalt blue are held"),
        (stock.ship, "Only 0 of Mug, cobalt blue are sold"),
        (stock.scrap, "Only 0 of Mug, cobalt blue are on hand"),
    ],
)
def test_what_is_not_there_cannot_leave(shop: Shop, verb: Callable[..., bool], words: str) -> None:
    one = made(shop)
    with shop.writing(), pytest.raises(Refused, match=words):
        verb(one, 1, about="order:1")
    assert now(shop, one) == (0, 0, 0, 0)


@pytest.mark.parametrize("quantity", [0, -1, stock.MOST + 1])
def test_an_impossible_quantity_is_refused(shop: Shop, quantity: int) -> None:
    one = made(shop, 1)
    with shop.writing(), pytest.raises(Refused, match="whole number from 1"):
        stock.receive(one, quantity)


def test_an_occasion_moves_stock_once_even_when_it_could_not_move_again(shop: Shop) -> None:
    one = made(shop, 3)
    with shop.writing():
        assert stock.hold(one, 2, about="quote:1", occasion="quote:1:line:1") is True
        assert stock.hold(one, 2, about="quote:1", occasion="quote:1:line:1") is False
        assert stock.receive(one, 1, occasion="delivery:9") is True
        assert stock.receive(one, 1, occasion="delivery:9") is False
    assert now(shop, one) == (4, 2, 0, 2)
    with shop.app.app_context():
        assert stock.check() == []


def test_a_count_sets_what_is_on_hand_and_may_leave_less_than_was_promised(shop: Shop) -> None:
    one = made(shop, 5)
    with shop.writing():
        stock.hold(one, 4, about="quote:1")
        stock.count(one, 3, reason="counted")
        stock.count(one, 3, reason="counted again")
    assert now(shop, one) == (3, 4, 0, -1)
    assert [(r.kind, r.on_hand) for r in shop.all(StockMovement)][2:] == [("count", -2), ("count", 0)]


def test_a_loaded_product_shows_what_a_movement_did_and_keeps_its_version(shop: Shop) -> None:
    with shop.writing():
        found = product()
        version = found.version
        stock.receive(found.id, 7)
        assert (found.on_hand, found.available, found.version) == (7, 7, version)


@pytest.mark.parametrize("statement", ["UPDATE stock_movement SET held = 9", "DELETE FROM stock_movement"])
def test_the_ledger_cannot_be_changed(shop: Shop, statement: str) -> None:
    made(shop, 5)
    with shop.app.app_context(), pytest.raises(DBAPIError, match="never"):
        db.session.execute(text(statement))


def test_a_balance_that_the_ledger_does_not_give_is_found(shop: Shop) -> None:
    made(shop, 5)
    with shop.writing():
        db.session.execute(text("UPDATE product SET on_hand = 6"))
    with shop.app.app_context():
        assert stock.check() == ["MUG-BLU shows 6 on hand, its ledger gives 5"]


def at_once(app: Flask, work: list[Callable[[], Any]]) -> list[Any]:
    """Do all of it in threads of their own that begin together; each commits. Returns results and refusals."""
    results: list[Any] = [None] * len(work)
    start = threading.Barrier(len(work))

    def one(i: int) -> None:
        with app.app_context():
            start.wait()
            try:
                begin_write()
                results[i] = work[i]()
                db.session.commit()
            except Refused as reason:
                db.session.rollback()
                results[i] = reason
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_hundred_holds_at_once_for_seven_units_leave_seven_held(shop: Shop) -> None:
    one = made(shop, 7)
    results = at_once(shop.app, [partial(stock.hold, one, 1, about=f"quote:{n}") for n in range(200)])
    assert sum(r is True for r in results) == 7
    assert sum(isinstance(r, stock.Short) for r in results) == 193
    assert now(shop, one) == (7, 7, 0, 0)
    assert sum(r.kind == "hold" for r in shop.all(StockMovement)) == 7
    with shop.app.app_context():
        assert stock.check() == []


def test_one_occasion_from_many_writers_at_once_moves_stock_once(shop: Shop) -> None:
    one = made(shop, 9)
    work: list[Callable[[], Any]] = [lambda: stock.hold(one, 1, about="quote:1", occasion="quote:1")] * 16
    results = at_once(shop.app, work)
    assert sorted(results) == [False] * 15 + [True]
    assert now(shop, one) == (9, 1, 0, 8)


MOVES = st.tuples(
    st.sampled_from(["receive", "count", "hold", "release", "commit", "ship", "take_back", "scrap"]),
    st.integers(0, 12),
    st.sampled_from([None, "a", "b", "c"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MOVES, max_size=30))
def test_any_history_keeps_balances_and_ledger_equal(
    desk: Flask, afresh: Callable[[], None], history: list[tuple[str, int, str | None]]
) -> None:
    afresh()
    with desk.app_context():
        begin_write()
        one = product().id
        for verb, quantity, occasion in history:
            with contextlib.suppress(Refused):
                getattr(stock, verb)(one, quantity, about="test", occasion=occasion)
        db.session.commit()
        assert stock.check() == []
        s = stock.availability([one])[one]
        assert min(s.on_hand, s.held, s.committed) >= 0
        assert s.available == s.on_hand - s.held - s.committed
        db.session.remove()
