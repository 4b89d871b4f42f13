"""The grey lines of a thread tell what became of its quotes and of the money for them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.orders import quoting
from checkout_desk.orders.models import Quote
from checkout_desk.payments import refunding, settling
from checkout_desk.payments.models import Refund
from tests.builders import Shop
from tests.orders.quoted import END
from tests.orders.stage import Stage
from tests.page import Browser
from tests.payments.counter import TUESDAY, Counter

LATE = END.replace(day=END.day + 1)


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A shop with stock, quotes, and money that comes in."""
    return Counter(Stage(shop))


def told(counter: Counter, as_role: Callable[[str], Browser], number: int) -> list[str]:
    """The lines of the thread that speak of money, oldest first."""
    with clock.pretending(TUESDAY):
        page = as_role("manager").open(f"/conversations/{counter.stage.row(number).id}")
    lines = re.findall(r'<p class="sys[^>]*>(.*?)</p>', page.html, re.DOTALL)
    return [" ".join(re.sub(r"<.*?>", " ", line).split()) for line in lines]


def test_a_quote_and_its_payments_are_told_in_the_thread(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number, quote_id = counter.quoted()
    counter.do(quote_id, quoting.accept, TUESDAY, at=TUESDAY)
    first = counter.pay(1200, counter.quote(quote_id).reference)
    counter.act(settling.confirm, first)
    second = counter.pay(2000, counter.quote(quote_id).reference, source="stripe")
    counter.act(settling.confirm, second)
    refund_id = counter.act(refunding.request, first, 700, reason="Chipped", quote_id=quote_id)
    with counter.shop.writing():
        refunding.mark_done(db.session.get_one(Refund, refund_id), by=None)  # type: ignore[arg-type]
    lines = "\n".join(told(counter, as_role, number))
    wanted = [
        f"Quote {number}-Q1 sent, £32.00, held until Mon 9 Nov 17:00",
        f"The customer accepted quote {number}-Q1, £32.00",
        f"Payment £12.00 by bank transfer matched {number}-Q1",
        f"Payment £20.00 by card matched {number}-Q1",
        "Refund of £7.00 sent: Chipped",
    ]
    places = [lines.find(line) for line in wanted]
    assert -1 not in places, lines
    assert places == sorted(places)


def test_the_end_of_a_quote_is_told_and_who_took_it_up_again(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number, quote_id = counter.quoted()
    counter.do(quote_id, quoting.expire, END, at=END)
    with counter.at(number, END) as (_, by):
        quoting.extend(db.session.get_one(Quote, quote_id), by=by)
    counter.do(quote_id, quoting.withdraw, END, by=None, reason="Chipped")
    lines = "\n".join(told(counter, as_role, number))
    assert f"Quote {number}-Q1 expired" in lines
    assert f"extended quote {number}-Q1, held until" in lines
    assert f"withdrew quote {number}-Q1: Chipped" in lines
