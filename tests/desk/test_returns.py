"""Returns on the desk: entered, decided on, received by scan, looked at piece by piece, and settled, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.payments.models import Refund
from checkout_desk.returns import deciding
from checkout_desk.returns.models import Return
from checkout_desk.settings.models import Tolerance
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.returns.counter import Counter
from tests.signing import PASSWORD

LIST = 12
"""queries of the list, the session and the frame included, whatever stands on it"""


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A shop to which goods come back."""
    return Counter(Stage(shop))


@pytest.fixture
def maya(as_role) -> Browser:  # type: ignore[no-untyped-def]
    """A manager."""
    return as_role("manager")


def _id(page: Any) -> int:
    found = re.search(r"/returns/(\d+)", page.path)
    assert found, page.path
    return int(found[1])


def test_from_the_order_to_the_money(maya: Browser, counter: Counter) -> None:
    number = counter.delivered()
    page = maya.open(f"/orders/{number}").follow("Enter a return")
    [mug, pot] = counter.ids("MUG-BLU", "POT-06")
    page = page.press("Enter the return", **{f"n{mug}": "2", "reason": "changed_mind"})
    back = _id(page)
    assert f"Return {number}-R1" in page and "Requested" in page
    page = page.press("Allow")
    assert "Goods are coming" in page
    page = page.press("Is here", code="MUG-BLU")
    page = page.press("Is here", code="POT-06")
    assert page.status == 409 and "Teapot for six is not in return" in page
    line = counter.rows(back)[0].id
    page = maya.open(f"/returns/{back}").press("Count these in", **{f"n{line}": "1"})
    page = page.press("Put away", **{f"restock{line}": "1", f"scrap{line}": "1", f"found{line}": "chipped"})
    assert "1 on sale again" in page and "1 scrapped" in page and "chipped" in page
    wrong = page.press("Settle", password="not this one")
    assert wrong.status == 422 and "This is not your present password" in wrong
    assert counter.shop.all(Refund) == []
    page = page.press("Settle", password=PASSWORD)
    assert "Settled" in page
    assert sum(row.amount_minor for row in counter.shop.all(Refund)) == 3200
    assert pot
    counter.sound()
    assert f"{number}-R1" in maya.open(f"/orders/{number}")


def test_a_return_is_offered_to_be_settled_only_to_whoever_may_send_its_money(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"POT-06": 1})
    counter.with_return(back, deciding.approve, without_goods=True)
    with counter.shop.writing():
        c = db.session.query(Conversation).one()
        with counted(c):
            c.asks = False
    mia = as_role("processing")
    page, form = mia.open(f"/orders/{number}"), mia.open(f"/returns/{back}")
    sentence = "A refund of £42.00 is a manager's decision; your role decides none."
    assert sentence in page and sentence in form
    assert "Settle a return" in page and "Goes back, in" not in form
    with counter.shop.writing():
        db.session.add(Tolerance(role="processing", currency="GBP", refund_minor=4200))
    assert sentence not in mia.open(f"/orders/{number}")
    assert "Settle" in mia.open(f"/returns/{back}").press("Settle", password=PASSWORD)
    assert [row.amount_minor for row in counter.shop.all(Refund)] == [4200]


def test_more_than_was_bought_is_said_at_its_field_and_what_was_typed_stays(
    maya: Browser, counter: Counter
) -> None:
    number = counter.delivered()
    [mug] = counter.ids("MUG-BLU")
    page = maya.open(f"/returns/new?order={number}").press(
        "Enter the return", **{f"n{mug}": "4", "reason": "damaged", "words": "All broken"}
    )
    assert page.status == 422
    assert "“4” cannot come back; type a number up to 3." in page and "All broken" in page.html
    assert counter.shop.all(Return) == []


def test_an_order_that_does_not_exist(maya: Browser) -> None:
    page = maya.open("/returns/new?order=99999")
    assert page.status == 404 and "There is no order “99999”" in page


def test_who_was_faster_wins(maya: Browser, counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 1})
    page = maya.open(f"/returns/{back}")
    counter.with_return(back, deciding.refuse, reason="No")
    late = page.press("Allow")
    assert late.status == 409 and "Someone was faster" in late


def test_logistics_receives_and_does_not_decide(as_role: Any, counter: Counter) -> None:
    lou: Browser = as_role("logistics")
    number = counter.delivered()
    [mug] = counter.ids("MUG-BLU")
    page = lou.open(f"/returns/new?order={number}").press("Enter the return", **{f"n{mug}": "1"})
    assert "the goods came without a word" in page
    assert "Put away" in page.buttons() and "Allow" not in page.buttons() and "Settle" not in page.buttons()


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_a_fixed_number_of_queries(maya: Browser, counter: Counter, many: int) -> None:
    number = counter.delivered()
    for _ in range(many):
        counter.ask(number, {"MUG-BLU": 1})
    seen: list[str] = []

    def heard(_c: object, _u: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with counter.shop.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        page = maya.open("/returns")
    finally:
        event.remove(engine, "before_cursor_execute", heard)
    assert f"{number}-R{many}" in page
    assert len([one for one in seen if one.lstrip().startswith("SELECT")]) <= LIST
