"""Two at once: the last pieces, the last second, the same button, the same products crosswise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import lines, loading, quote_clock, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quoting import Shortage
from tests.orders.quoted import END, MONDAY, Till
from tests.orders.stage import Stage, line, quay, reading

JUST_BEFORE = END - timedelta(seconds=1)


@pytest.fixture
def till(stage: Stage) -> Till:
    return Till(stage)


def wanting(**skus: int) -> Any:
    """An order of so many of these ('MUG_BLU' is MUG-BLU)."""
    items = [line(sku.replace("_", "-"), n) for sku, n in skus.items()]
    return reading(*items, ship_to=quay(), phone="+441912345678")


def at_once(till: Till, *steps: Callable[[], object]) -> list[object]:
    """Each step in a thread and a writing transaction of its own; returns what each gave, or the refusal."""
    start = threading.Barrier(len(steps))

    def one(step: Callable[[], object]) -> object:
        start.wait(30)
        try:
            with till.shop.writing(), clock.pretending(MONDAY):
                return step()
        except Refused as refusal:
            return refusal
        finally:
            with till.shop.app.app_context():
                db.session.remove()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(one, steps))


def sending(quote_id: int) -> Callable[[], object]:
    def step() -> object:
        quote = db.session.get_one(Quote, quote_id)
        return quoting.send(db.session.get_one(Order, quote.order_id), quote, by=None)

    return step


def drafted(till: Till, number: int) -> int:
    with till.at(number, MONDAY) as (order, by):
        return quoting.draft(order, by=by).id


def test_the_last_pieces_are_promised_to_one(till: Till) -> None:
    ids = [drafted(till, till.verified(wanting(MUG_BLU=6))) for _ in range(3)]
    results = at_once(till, *map(sending, ids))
    assert sorted(isinstance(result, Shortage) for result in results) == [False, True, True]
    assert till.stock() == (10, 6, 0)
    till.sound()


def test_two_clicks_send_one_quote(till: Till) -> None:
    quote_id = drafted(till, till.verified())
    results = at_once(till, sending(quote_id), sending(quote_id), sending(quote_id))
    assert sum(isinstance(result, Refused) for result in results) == 2
    assert till.stock() == (10, 2, 0)
    till.sound()


@pytest.mark.parametrize("times", range(3))
def test_the_end_and_the_money_in_the_same_second(till: Till, times: int) -> None:
    number, quote_id = till.quoted()
    results = at_once(
        till,
        lambda: quoting.paid(db.session.get_one(Quote, quote_id), at=JUST_BEFORE),
        lambda: quoting.expire(db.session.get_one(Quote, quote_id), at=END),
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    state = till.quote(quote_id).state
    assert (state, till.stage.seen(number).state, till.stock()) in [
        ("paid", "paid", (10, 0, 2)),
        ("expired", "expired", (10, 0, 0)),
    ]
    assert [name for name, _ in till.mails(number)] == [
        "quote",
        "confirmed" if state == "paid" else "expired",
    ]
    till.sound()


def test_two_payments_of_one_quote_commit_once(till: Till) -> None:
    number, quote_id = till.quoted()
    results = at_once(till, *[lambda: quoting.paid(db.session.get_one(Quote, quote_id), at=MONDAY)] * 3)
    assert sum(isinstance(result, Refused) for result in results) == 2
    assert till.stock() == (10, 0, 2)
    assert till.mails(number)[-1] == ("confirmed", True)
    till.sound()


def test_two_clocks_end_each_quote_once(till: Till) -> None:
    for _ in range(3):
        till.quoted()
    start = threading.Barrier(2)

    def run(_: int) -> int:
        start.wait(30)
        with till.shop.reading(), clock.pretending(END):
            return quote_clock.tick()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 3
    assert till.stock() == (10, 0, 0)
    till.sound()


def test_a_new_version_and_the_payment_of_the_old_one(till: Till) -> None:
    number, first = till.quoted()
    with till.at(number) as (order, by):
        row = next(row for row in loading.lines(order) if row.removed_at is None)
        lines.set_quantity(row, 3, by=by)
    till.verify(number)
    second = drafted(till, number)
    results = at_once(
        till, sending(second), lambda: quoting.paid(db.session.get_one(Quote, first), at=MONDAY)
    )
    assert isinstance(results[1], Refused), "the order is being changed: a person decides about the money"
    assert (till.quote(first).state, till.quote(second).state) == ("superseded", "sent")
    assert till.stock() == (10, 3, 0)
    till.sound()


def test_orders_for_the_same_products_crosswise_wait_for_no_one_for_ever(till: Till) -> None:
    numbers = [
        till.quoted(wanting(MUG_BLU=2, POT_06=1))[0],
        till.quoted(wanting(POT_06=2, MUG_BLU=1))[0],
        till.quoted(wanting(MUG_RED=1, POT_06=1))[0],
    ]
    swap = {"MUG-BLU": "POT-06", "POT-06": "MUG-BLU", "MUG-RED": "MUG-BLU"}
    ids = []
    for number in numbers:
        with till.at(number) as (order, _):
            from tests.orders.stage import product

            by = db.session.get_one(Person, till.shop.person("processing"))
            names = {product(sku).id: sku for sku in swap}
            for row in loading.lines(order):
                assert row.product_id is not None
                lines.choose(row, product(swap[names[row.product_id]]), by=by, teach=False)
        till.verify(number)
        ids.append(drafted(till, number))
    results = at_once(till, *map(sending, ids))
    assert not any(isinstance(result, Refused) for result in results)
    till.sound()
