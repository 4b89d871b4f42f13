"""The pack list and batches on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.extensions import db
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.shipping.batch_models import Batch, BatchOrder, BatchPick
from tests.builders import Shop
from tests.orders.stage import Stage, line, quay, reading
from tests.page import HTMX, Browser, Page
from tests.shipping.dock import Dock


def sent(browser: Browser, path: str, data: dict[str, Any], **more: Any) -> Page:
    """Post what no page offers, with the token of a page that is open."""
    page = browser.open("/me")
    token = next(form.value("csrf_token") for form in page.forms if "csrf_token" in dict(form.fields))
    return browser.post(path, {**data, "csrf_token": token}, **more)


HARBOUR = reading(line("POT-06", 1), ship_to=quay(line1="1 Harbour Street"), phone="+441912345678")


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_the_list_and_only_shipping_makes_batches(dock: Dock, as_role: Callable[[str], Browser], role: str) -> None:  # fmt: skip
    number = dock.paid()
    browser = as_role(role)
    page = browser.open("/shipping")
    assert str(number) in page
    assert page.html.count('>Pack</span><span class="n">1</span>') == 1, "the rail says how many wait"
    may = role in ("logistics", "manager", "admin")
    assert any("Take the next" in label for label in page.buttons()) is may
    assert sent(browser, "/shipping/batches", {"next": "1"}).status == (200 if may else 403)


def test_ticked_orders_become_a_batch_and_the_list_says_whose_it_is(dock: Dock, as_role: Callable[[str], Browser]) -> None:  # fmt: skip
    one, two, three = dock.paid(), dock.paid(), dock.paid(HARBOUR)
    ids = [str(dock.stage.seen(n).id) for n in (one, three)]
    eva, tom = as_role("logistics"), as_role("logistics2")
    made = eva.open("/shipping").press("Batch of the ticked", ids=ids)
    assert "Batch 1" in made
    assert "0 of 2 orders packed. You hold it until" in made
    page = tom.open("/shipping")
    assert "Logistics until" in page
    late = sent(tom, "/shipping/batches", {"ids": [*ids, str(dock.stage.seen(two).id)]})
    assert f"Order {one} is in batch 1 of Logistics." in late
    assert f"1 of {two}" not in late
    again = sent(tom, "/shipping/batches", {"ids": ids})
    assert again.status == 409
    assert "Nothing is left to make a batch of." in again


def test_the_next_twenty_are_taken_in_one_press(dock: Dock, as_role: Callable[[str], Browser]) -> None:
    numbers = [dock.paid(), dock.paid(HARBOUR)]
    page = as_role("logistics").open("/shipping").press("Take the next 20")
    assert all(str(number) in page for number in numbers)
    empty = sent(as_role("logistics2"), "/shipping/batches", {"next": "1"})
    assert (empty.status, "no free order" in empty) == (409, True)


@pytest.mark.parametrize(("data", "words"), [({}, "Tick the orders"), ({"ids": "x"}, "does not exist"), ({"ids": "9" * 30}, "does not exist"), ({"ids": "424242"}, "does not exist")])  # fmt: skip
def test_nonsense_makes_no_batch(dock: Dock, as_role: Callable[[str], Browser], data: dict[str, str], words: str) -> None:  # fmt: skip
    page = sent(as_role("logistics"), "/shipping/batches", data)
    assert page.status in (409, 422)
    assert words in page
    assert dock.shop.all(Batch) == []


def test_filters_say_what_they_do_not_know_and_fit_nothing_politely(dock: Dock, as_role: Callable[[str], Browser]) -> None:  # fmt: skip
    number = dock.paid()
    browser = as_role("logistics")
    assert "is not a country" in browser.open("/shipping?country=ZZZ")
    assert "is not the number of an order" in browser.open("/shipping?same=x%00")
    assert "No order fits" in browser.open("/shipping?carrier=UPS")
    assert str(number) in browser.open("/shipping?after=nonsense&single=1")


def test_orders_of_one_customer_are_offered_together(dock: Dock, as_role: Callable[[str], Browser]) -> None:  # fmt: skip
    one, _, again = dock.paid(), dock.paid(HARBOUR), dock.paid()
    page = as_role("logistics").open("/shipping")
    both = page.follow("1 more to this address")
    assert "packed together they share one box, label and number" in both
    assert both.text.count("Jane Fox") == 2
    ids = [str(dock.stage.seen(n).id) for n in (one, again)]
    assert "0 of 2" in both.press("Batch of the ticked", ids=ids)


def test_each_tick_of_the_pick_list_is_kept_without_script_and_with_it(dock: Dock, as_role: Callable[[str], Browser]) -> None:  # fmt: skip
    dock.paid()
    browser = as_role("logistics")
    page = browser.open("/shipping").press("Take the next 20")
    assert "0 of 2 pieces on the trolley" in page
    page = page.press("Save", "/pick", picked="1")
    assert "2 of 2 pieces on the trolley" in page
    product = dock.shop.all(BatchPick)[0].product_id
    fragment = sent(browser, "/shipping/batches/1/pick", {"product": str(product), "n": "2"}, headers=HTMX)
    assert "0 of 2 pieces on the trolley" in fragment
    for data in ({"product": "x", "picked": "1", "n": "1"}, {"product": str(product), "picked": "1", "n": "-1"}, {"product": "77777", "picked": "1", "n": "1"}):  # fmt: skip
        assert sent(browser, "/shipping/batches/1/pick", data).status in (409, 422)
    assert dock.shop.all(BatchPick)[0].picked == 0


def test_a_batch_is_held_left_taken_over_and_dissolved(dock: Dock, as_role: Callable[[str], Browser]) -> None:
    dock.paid()
    eva, tom = as_role("logistics"), as_role("logistics2")
    eva.open("/shipping").press("Take the next 20")
    theirs = tom.open("/shipping/batches/1")
    assert "Take over from Logistics" in theirs.buttons()
    assert sent(tom, "/shipping/batches/1/claim", {}).status == 409
    assert sent(tom, "/shipping/batches/1/dissolve", {}).status == 409
    eva.open("/shipping/batches/1").press("Leave it to others")
    page = tom.open("/shipping/batches/1").press("Dissolve")
    assert "1 order is free again" in page
    assert dock.shop.all(Batch)[0].state == "done"
    assert all(row.left_at for row in dock.shop.all(BatchOrder))
    assert sent(eva, "/shipping/batches/1/claim", {}).status == 409
    assert eva.open("/shipping/batches/99").status == 404


def test_a_cancelled_order_is_named_on_its_batch(dock: Dock, as_role: Callable[[str], Browser]) -> None:
    number = dock.paid()
    as_role("logistics").open("/shipping").press("Take the next 20")
    with dock.dock(number) as (order, by):
        ORDER.fire(order, "cancel", by=by, reason="Changed her mind")
        db.session.flush()
    assert "cancelled" in as_role("logistics").open("/shipping/batches/1")


def test_an_order_that_is_paid_leads_to_its_place_in_the_list(dock: Dock, as_role: Callable[[str], Browser]) -> None:  # fmt: skip
    number = dock.paid()
    dock.paid(HARBOUR)
    conversation = dock.stage.seen(number).conversation_id
    page = as_role("manager").open(f"/conversations/{conversation}")
    found = page.follow_address(f"/shipping?same={number}")
    assert f'href="/shipping?same={number}"' in page.html
    assert found.text.count("Jane Fox") == 1
