"""The page of a cancelled order says where the customer's money is."""

from __future__ import annotations

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.orders import acting
from checkout_desk.orders.models import Order
from checkout_desk.payments import refunding
from checkout_desk.payments.models import Payment, Refund
from tests.databases import rows_on_sqlite
from tests.doorstep.conftest import Door
from tests.doorstep.test_quote_page import link
from tests.page import Page
from tests.payments.counter import TUESDAY, Counter


@pytest.fixture
def counter(door: Door) -> Counter:
    return Counter(door.stage)


def cancelled(door: Door, counter: Counter, *, paid: int = 3200) -> tuple[int, int, str]:
    """(payment, quote, address of the page) of an order that was cancelled after it was paid."""
    number, quote_id = counter.quoted()
    token = link(door, quote_id)
    payment_id = counter.pay(paid, f"{number}-Q1") if paid else 0
    with counter.at(number, TUESDAY) as (order, by):
        acting.cancel(order, reason="Ordered twice", by=by)
    return payment_id, quote_id, f"/o/{token}"


def page(door: Door, url: str) -> Page:
    return door.browser().open(url)


def test_money_is_owed_then_on_its_way_then_back(door: Door, counter: Counter) -> None:
    payment_id, quote_id, url = cancelled(door, counter)
    counter.tolerate("manager", refund=5000)
    assert "We owe you £32.00. It goes back to your bank account" in page(door, url)
    refund_id = counter.act(refunding.request, payment_id, 3200, reason="Cancelled", quote_id=quote_id)
    going = page(door, url)
    assert "£32.00 is being sent back to your bank account" in going and "We owe you" not in going
    with counter.shop.writing():
        by = db.session.get_one(Person, counter.shop.person("manager"))
        refunding.mark_done(db.session.get_one(Refund, refund_id), by=by)
        db.session.get_one(Refund, refund_id).done_at = TUESDAY
    back = page(door, url)
    assert "£32.00 went back to your bank account on 3 November 2026" in back
    assert "being sent" not in back and "We owe you" not in back


def test_a_refund_that_failed_is_owed_again_and_a_part_is_told_apart(door: Door, counter: Counter) -> None:
    payment_id, quote_id, url = cancelled(door, counter)
    counter.tolerate("manager", refund=5000)
    refund_id = counter.act(refunding.request, payment_id, 1200, reason="Cancelled", quote_id=quote_id)
    both = page(door, url)
    assert "£12.00 is being sent back" in both and "We owe you £20.00" in both
    with counter.shop.writing():
        by = db.session.get_one(Person, counter.shop.person("manager"))
        refunding.mark_failed(db.session.get_one(Refund, refund_id), by=by, words="The account is closed")
    assert "We owe you £32.00" in page(door, url) and "being sent" not in page(door, url)


def test_nothing_is_said_where_nothing_was_paid(door: Door, counter: Counter) -> None:
    _, _, url = cancelled(door, counter, paid=0)
    told = page(door, url)
    assert (
        "This order was cancelled" in told
        and "£" not in told.html.partition("your_order")[0].partition("<h1")[2].partition("<section")[0]
    )


@rows_on_sqlite("language", ["en", "de", "fr", "es", "pt", "it", "nl", "ja"])
@pytest.mark.parametrize("source", ["stripe", "paypal", "bank", "hand"])
def test_every_language_says_it(door: Door, counter: Counter, language: str, source: str) -> None:
    payment_id, _, url = cancelled(door, counter)
    with counter.shop.writing():
        payment = db.session.get_one(Payment, payment_id)
        payment.source = source
        db.session.query(Order).one().language = language
    told = page(door, url)
    assert told.status == 200 and "32" in told and "{" not in told
