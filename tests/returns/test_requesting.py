"""Asking for a return: how much may come back, what was paid for it, and what the policy says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_desk.lifecycle import Refused
from checkout_desk.returns import deciding, requesting
from checkout_desk.returns.lifecycle import RETURN
from checkout_desk.shipping import parcels
from tests.orders.stage import line, product, quay, reading
from tests.returns.counter import Counter
from tests.shipping.dock import TUESDAY


def _free(counter: Counter, number: int) -> dict[str, int]:
    with counter.over(number) as (order, _):
        return {row.sku: row.n for row in requesting.returnable(order).values()}


def test_pieces_come_back_once(counter: Counter) -> None:
    number = counter.delivered()
    assert _free(counter, number) == {"MUG-BLU": 3, "POT-06": 1}
    counter.ask(number, {"MUG-BLU": 2})
    assert _free(counter, number) == {"MUG-BLU": 1, "POT-06": 1}
    with pytest.raises(Refused, match=r"2 of Blue mug cannot come back; of order .* at most one piece can"):
        counter.ask(number, {"MUG-BLU": 2})
    counter.ask(number, {"MUG-BLU": 1, "POT-06": 1})
    with pytest.raises(Refused, match="all of it is in a return already"):
        counter.ask(number, {"MUG-BLU": 1})
    assert _free(counter, number) == {}


def test_a_refused_return_frees_its_pieces(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 3})
    counter.with_return(
        back, lambda one, by: RETURN.fire(one, "refuse", by=by, reason="Used for years"), role="manager"
    )
    assert _free(counter, number)["MUG-BLU"] == 3


def test_nothing_comes_back_of_an_order_that_has_not_left(counter: Counter) -> None:
    number = counter.paid()
    with pytest.raises(Refused, match=r"Nothing of order .* has left the store yet"):
        counter.ask(number, {"MUG-BLU": 1})
    assert _free(counter, number) == {}


def test_never_more_than_zero_or_another_product(counter: Counter) -> None:
    number = counter.delivered()
    with pytest.raises(Refused, match="0 of Blue mug"):
        counter.ask(number, {"MUG-BLU": 0})
    with pytest.raises(Refused, match="This product cannot come back"):
        counter.ask(number, {"POT-12": 1})
    with pytest.raises(Refused, match="at least one piece"):
        counter.ask(number, {})


def test_all_pieces_together_are_what_was_paid(counter: Counter) -> None:
    """Three mugs whose line does not divide by three: shares differ by a penny and add up."""
    number = counter.delivered(
        reading(line("MUG-BLU", 3, "three blue mugs"), ship_to=quay(), phone="+441912345678")
    )
    with counter.over(number) as (order, _):
        paid = sum(row["total"] for row in parcels.sold(order).content["lines"])
    each = [counter.rows(counter.ask(number, {"MUG-BLU": 1}))[0].paid_minor for _ in range(3)]
    assert sum(each) == paid
    assert max(each) - min(each) <= 1


def test_the_window_ends(counter: Counter) -> None:
    number = counter.delivered()
    late = counter.back(counter.ask(number, {"MUG-BLU": 1}, when=TUESDAY + timedelta(days=60)))
    assert not late.allowed
    assert "30 days to send it back ended" in late.verdict
    broken = counter.back(
        counter.ask(number, {"MUG-BLU": 1}, reason="damaged", when=TUESDAY + timedelta(days=60))
    )
    assert broken.allowed
    assert broken.way_back == "store"


def test_what_is_sold_for_good_comes_back_only_at_fault(counter: Counter) -> None:
    number = counter.delivered()
    with counter.shop.writing():
        product("POT-06").final_sale = True
    assert not counter.back(counter.ask(number, {"POT-06": 1})).allowed
    with counter.over(number) as (order, by):
        deciding.close(requesting.of(order.id)[0], by=by, reason="Asked again")
    assert counter.back(counter.ask(number, {"POT-06": 1}, reason="damaged")).allowed
