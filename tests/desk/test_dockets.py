"""Rows of the queue say of their order what its kept columns say; the views hold the right conversations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk import dockets, listing
from checkout_desk.extensions import db
from checkout_desk.orders.models import STATES
from tests.builders import Shop
from tests.orders.stage import COMPLETE, Stage, choice, quay, reading
from tests.page import Browser


@pytest.fixture
def stage(shop: Shop) -> Stage:
    return Stage(shop)


def _quiet(shop: Shop, conversation_id: int) -> None:
    """The mail is an order and nothing but."""
    with shop.writing():
        c = db.session.get_one(Conversation, conversation_id)
        with counted(c):
            c.asks = False


def test_every_state_of_an_order_has_a_word() -> None:
    assert set(dockets.TITLES) == set(STATES)
    assert set(dockets.TONES) <= set(STATES)


def test_a_docket_says_number_state_and_total() -> None:
    assert dockets.docket(1042, "draft", 4190, "GBP") == {
        "number": 1042, "state": "Draft", "tone": "", "total": "£41.90",
    }  # fmt: skip
    assert (dockets.docket(1042, "draft", 6200, "JPY") or {})["total"] == "JP¥6,200"
    assert (dockets.docket(1042, "draft", 0, "GBP") or {})["total"] is None
    assert dockets.docket(None, None, None, None) is None
    assert [dockets.gaps(n, "draft") for n in (0, 1, 2)] == ["", "1 gap", "2 gaps"]
    assert dockets.gaps(2, "cancelled") == ""


def test_a_new_order_stands_in_its_view_with_its_docket(stage: Stage, agent: Browser) -> None:
    number = stage.order()
    home = stage.row(number).id
    _quiet(stage.shop, home)
    question = stage.shop.take(sender="eve@elsewhere.example", text="When do you open?").conversation
    new, answer = agent.open("/queue/new-orders"), agent.open("/queue/answer")
    assert (new.rows(), answer.rows()) == ([home], [question])
    assert agent.open("/queue/open").rows() == [home, question]
    assert (new.counts()["new-orders"], new.counts()["answer"], new.counts()["open"]) == (1, 1, 2)
    html = new.response.get_data(as_text=True)
    row = html[html.index(f'id="r{home}"') :]
    assert f"{number}</b><span>Draft</span>" in row and "£32.00" in row
    assert 'aria-label="Check order"' in row and "i-clipboard-check" in row


def test_a_row_counts_the_gaps(stage: Stage, agent: Browser) -> None:
    number = stage.order(reading(choice("a teapot", 1, "POT-06", "POT-12"), ship_to=quay(postcode=None)))
    _quiet(stage.shop, stage.row(number).id)
    gaps = stage.row(number).order_gaps
    assert gaps >= 2
    page = agent.open("/queue/open")
    assert f"{gaps} gaps" in page


def test_order_processing_begins_with_new_orders_while_there_are_any(
    stage: Stage, as_role: Callable[[str], Browser]
) -> None:
    processing, support = as_role("processing"), as_role("support")
    assert processing.get("/").location.endswith("/queue/answer")
    _quiet(stage.shop, stage.row(stage.order(COMPLETE)).id)
    assert processing.get("/").location.endswith("/queue/new-orders")
    assert support.get("/").location.endswith("/queue/answer")


def test_the_views_have_keys_and_the_phone_a_way_to_orders(stage: Stage, agent: Browser) -> None:
    html = agent.open("/queue/answer").response.get_data(as_text=True)
    for key in ("g a", "g n", "g d", "g t", "g o"):
        assert f'data-key="{key}"' in html
    assert 'href="/orders"' in html[html.index('class="bar"') :]


def test_the_look_ahead_shows_the_docket_of_what_is_first(stage: Stage, agent: Browser) -> None:
    number = stage.order()
    _quiet(stage.shop, stage.row(number).id)
    html = agent.open("/queue/new-orders").response.get_data(as_text=True)
    ahead = html[html.index('id="reader"') :]
    assert "docket--l" in ahead and f"{number}</b>" in ahead and "Check order" in ahead


def test_a_head_whose_rows_go_on_says_so(shop: Shop, agent: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        shop.take(text="When do you open?")
    html = agent.open("/queue/answer").response.get_data(as_text=True)
    assert '<span class="n">3</span></h2>' in html
    monkeypatch.setattr(listing, "PAGE", 2)
    listing._query.cache_clear()
    shop.take(text="And on Sundays?")  # or the list would be the one remembered
    try:
        html = agent.open("/queue/answer").response.get_data(as_text=True)
    finally:
        listing._query.cache_clear()
    assert '<span class="n">2+</span></h2>' in html
