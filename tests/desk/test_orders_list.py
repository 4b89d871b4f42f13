"""All orders on a page: found, narrowed, paged, and each leads to its conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk import clock
from checkout_desk.desk import orders_list
from checkout_desk.extensions import db
from checkout_desk.orders import lifecycle
from checkout_desk.orders.models import Order
from tests.builders import Shop
from tests.orders.stage import Stage, line, quay, reading
from tests.page import Browser, Page


@pytest.fixture
def stage(shop: Shop) -> Stage:
    return Stage(shop)


def _numbers(page: Page) -> list[int]:
    html = page.response.get_data(as_text=True)
    return [int(part[:4]) for part in html.split('<span class="sr">Order </span>')[1:]]


def test_an_empty_store_says_where_orders_come_from(shop: Shop, agent: Browser) -> None:
    page = agent.open("/orders")
    assert "No orders yet" in page


def test_orders_stand_newest_first_and_lead_to_their_conversation(stage: Stage, agent: Browser) -> None:
    first, second = stage.order(), stage.order(sender="eve@elsewhere.example")
    page = agent.open("/orders")
    assert _numbers(page) == [second, first]
    html = page.response.get_data(as_text=True)
    assert f'href="/conversations/{stage.row(first).id}"' in html
    assert "£32.00" in page and "United Kingdom" in page


def test_a_list_is_narrowed_by_state_country_number_name_and_sku(stage: Stage, agent: Browser) -> None:
    mugs = stage.order()
    pot = stage.order(
        reading(line("POT-06", 1), ship_to=quay(country="DE", name="Karl Ümläut")),
        sender="eve@elsewhere.example",
    )
    with stage.on(mugs) as (order, _, by):
        lifecycle.ORDER.fire(order, "cancel", by=by, reason="twice")
    for query, expected in (
        ("state=cancelled", [mugs]),
        ("state=open", [pot]),
        ("state=over", [mugs]),
        ("country=DE", [pot]),
        ("country=de", [pot]),
        (f"q={mugs}", [mugs]),
        (f"q=%23{pot}", [pot]),
        ("q=mug-blu", [mugs]),
        ("q=POT", [pot]),
        ("q=karl", [pot]),
        ("q=nobody", []),
        ("q=100%25", []),
        (f"q={pot}&state=cancelled", []),
    ):
        assert _numbers(agent.open(f"/orders?{query}")) == expected, query


def test_what_is_not_known_is_said_and_narrows_nothing(stage: Stage, agent: Browser) -> None:
    number = stage.order()
    page = agent.open("/orders?state=lost")
    assert _numbers(page) == [number] and "“lost” is not a state of an order" in page
    page = agent.open("/orders?country=XX")
    assert _numbers(page) == [number] and "“XX” is not a country" in page
    assert "No order fits" in agent.open("/orders?q=%00zzz")


def test_pages_go_on_and_come_back(stage: Stage, agent: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders_list, "PAGE", 2)
    home = stage.row(stage.order()).id
    with stage.shop.writing():
        for number in range(2001, 2005):
            db.session.add(
                Order(
                    number=number,
                    conversation_id=home,
                    currency="GBP",
                    created_at=clock.now(),
                    updated_at=clock.now(),
                )
            )
    first = agent.open("/orders")
    second = first.follow("Older")
    third = second.follow("Older")
    assert [_numbers(page) for page in (first, second)] == [[2004, 2003], [2002, 2001]]
    assert len(_numbers(third)) == 1
    assert _numbers(third.follow("Newer")) == [2002, 2001]
    assert _numbers(second.follow("Newer")) == [2004, 2003]


def test_who_may_not_read_orders_does_not(stage: Stage, as_role: Callable[[str], Browser]) -> None:
    assert as_role("logistics").get("/orders").status_code == 200
    assert stage.shop.app.test_client().get("/orders").status_code in (302, 303, 401)


def test_a_number_finds_the_conversation_of_its_order_first(stage: Stage, agent: Browser) -> None:
    number = stage.order(sender="eve@elsewhere.example")
    other = stage.shop.take(text=f"My house number is {number}.").conversation
    home = stage.row(number).id
    assert agent.open(f"/search?q={number}").rows() == [home, other]
    assert agent.open(f"/search?q=%23{number}").rows()[0] == home
    assert agent.open(f"/search?q=order:{number}").rows() == [home]
    assert agent.open("/search?q=order:9999").rows() == []
    assert "is not an order number" in agent.open("/search?q=order:mug")


def test_search_asks_about_orders(stage: Stage, agent: Browser) -> None:
    number = stage.order()
    home, other = (
        stage.row(number).id,
        stage.shop.take(sender="eve@elsewhere.example", text="When do you open?").conversation,
    )
    for query, expected in (
        ("sku:MUG-BLU", [home]),
        ("sku:mug", [home]),
        ("sku:POT", []),
        ("is:draft", [home]),
        ("is:verified", []),
        ("has:order", [home]),
        ("is:open", [other, home]),
        ("is:draft mugs", [home]),
    ):
        assert agent.open(f"/search?q={query}").rows() == expected, query
    assert "expected has:attachment, has:order or has:gaps" in agent.open("/search?q=has:money")
