"""The search finds an order by the numbers that people read out, however they are spaced."""

from __future__ import annotations

import pytest

from bench.plans import watched
from checkout_desk.customers.models import Customer
from checkout_desk.desk import found_numbers
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.shipping.models import Shipment
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.shipping.road import Road

PHONES = (
    "+441912345678", "+44 191 234 5678", "+44 (0)191 2345678", "0044 191 2345678", "0191 234 5678", "(0191) 234-5678",
    "01912345678", "191.234.5678",
)  # fmt: skip


def found(agent: Browser, words: str) -> list[int]:
    return agent.open("/search", query_string={"q": words}).rows()


@pytest.fixture
def order(shop: Shop) -> tuple[Order, int]:
    """An order of Jane's, whose phone number and postcode no mail says."""
    stage = Stage(shop)
    seen = stage.seen(stage.order())
    shop.take(sender="Eve Stranger <eve@elsewhere.example>")
    assert seen.conversation_id
    return seen, seen.conversation_id


@pytest.mark.parametrize("typed", PHONES)
def test_a_phone_number_is_found_however_it_is_written(
    agent: Browser, order: tuple[Order, int], typed: str
) -> None:
    assert found(agent, typed) == [order[1]]


def test_what_was_found_is_said(agent: Browser, order: tuple[Order, int]) -> None:
    assert f"Phone number of order {order[0].number}" in agent.open("/search?q=0191 234 5678")
    assert f"Postcode of order {order[0].number}" in agent.open("/search?q=ne301aa")


@pytest.mark.parametrize("typed", ["NE30 1AA", "NE301AA", "ne30  1aa", "ne30-1aa"])
def test_a_postcode_is_found_in_any_spacing(agent: Browser, order: tuple[Order, int], typed: str) -> None:
    assert found(agent, typed) == [order[1]]


@pytest.mark.parametrize(
    "typed", ["+44 191 234 5679", "234", "NE30 1AB", "0191 234 5678 -jane", "0191 234 5678 is:closed"]
)
def test_what_is_another_number_or_narrowed_otherwise_finds_nothing(
    agent: Browser, order: tuple[Order, int], typed: str
) -> None:
    assert found(agent, typed) == []


def test_other_conditions_hold_too(agent: Browser, order: tuple[Order, int]) -> None:
    assert found(agent, "0191 234 5678 is:open") == [order[1]]


def test_the_phone_that_is_noted_of_a_customer_is_found(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    with shop.writing():
        db.session.query(Customer).one().phone = "+4930901820"
    assert found(agent, "030 901820") == [taken.conversation]
    assert "Phone number of the customer" in agent.open("/search?q=030 901820")


def test_a_tracking_number_is_found_in_any_spacing_and_not_one_that_was_taken_back(
    shop: Shop, agent: Browser
) -> None:
    road = Road(Stage(shop))
    number, parcel = road.sent()
    with shop.writing():
        one = db.session.get_one(Shipment, parcel)
        one.tracking_number, one.tracking_key = "AB 1234 5678 9GB", "AB123456789GB"
    conversation = road.stage.seen(number).conversation_id
    for typed in ("AB123456789GB", "ab 123 456 789 gb", "AB-1234-5678-9GB"):
        page = agent.open("/search", query_string={"q": typed})
        assert page.rows() == [conversation] and f"Tracking number of order {number}" in page
    with shop.writing():
        db.session.get_one(Shipment, parcel).state = "void"
    assert found(agent, "AB123456789GB") == []


def test_it_is_one_statement_and_none_for_words(shop: Shop, order: tuple[Order, int]) -> None:
    with shop.reading():
        with watched() as asked:
            assert found_numbers.conversations("blue mugs please", ()) == {}
            assert found_numbers.conversations("of", ()) == {}
        assert asked.statements == []
        with watched() as asked:
            found_numbers.conversations("0191 234 5678", ())
        assert len([s for s, _ in asked.statements if not s.startswith("BEGIN")]) == 1


def test_only_the_newest_are_looked_through(
    shop: Shop, agent: Browser, order: tuple[Order, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found_numbers, "LOOKED_AT", 0)
    assert found(agent, "NE301AA") == []
