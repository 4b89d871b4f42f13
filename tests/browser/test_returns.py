"""Returns in a browser: part of an order comes back and is put away or scrapped, other goods are sent instead, money goes
back by the bank; and an order is cancelled by its customer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.demo import PASSWORD
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import settling, taking
from checkout_desk.payments.models import Payment, Refund
from tests.browser import shelves
from tests.browser.coming_back import allowed, arrived, asks, came_back, door, settled
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium


@pytest.fixture(scope="module")
def vase(live: LiveDesk) -> str:
    return shelves.stocked(live.app, "RTVASE-1", "Vase of the return test", shelf="R-1")


@pytest.fixture(scope="module")
def bowl(live: LiveDesk) -> str:
    """Cheaper than the vase."""
    return _priced(live, shelves.stocked(live.app, "RTBOWL-1", "Bowl of the return test", shelf="R-2"), 900)


@pytest.fixture(scope="module")
def urn(live: LiveDesk) -> str:
    """Dearer than the vase."""
    return _priced(live, shelves.stocked(live.app, "RTURN-1", "Urn of the return test", shelf="R-3"), 2000)


def _priced(live: LiveDesk, sku: str, minor: int) -> str:
    with live.app.app_context():
        begin_write()
        found = products.by_sku(sku)
        assert found is not None
        products.change(found, price_minor=minor)
        db.session.commit()
    return sku


def _paid(live: LiveDesk, who: str, sku: str, n: int) -> int:
    """The number of an order that was paid by bank transfer."""
    number = shelves.paid(live.app, who, (sku, n), hours=100)
    with live.app.app_context():
        begin_write()
        order = db.session.scalars(select(Order).where(Order.number == number)).one()
        quote = db.session.scalars(select(Quote).where(Quote.order_id == order.id)).one()
        by = db.session.scalars(select(Person).order_by(Person.id)).first()
        assert by is not None
        payment, _ = taking.take(
            "bank", f"returns:{number}", amount_minor=quote.total_minor, currency=quote.currency,
            received_at=clock.now(), text=quote.reference,
        )  # fmt: skip
        settling.allocate(payment, quote, quote.total_minor, by=by, reason="Seen at the bank")
        db.session.commit()
    return number


def _delivered(live: LiveDesk, who: str, sku: str, n: int) -> int:
    """The number of an order that was paid and arrived."""
    return arrived(live, _paid(live, who, sku, n))


def _money(live: LiveDesk, number: int) -> tuple[int, int, int]:
    """(came, went back, credited) of an order's payment."""
    with live.app.app_context():
        one = db.session.scalars(select(Payment).where(Payment.source_ref == f"returns:{number}")).one()
        asked = db.session.scalars(select(Refund.amount_minor).where(Refund.payment_id == one.id)).all()
        db.session.rollback()
        assert sum(asked) == one.refunded_minor
        return one.amount_minor, one.refunded_minor, one.credited_minor


def test_part_comes_back_one_is_sold_again_and_one_scrapped(
    browser: Chromium, live: LiveDesk, vase: str
) -> None:
    number = _delivered(live, "Rita Part", vase, 3)
    before = shelves.on_hand(live.app, vase)
    asks(browser, live, number, "2")
    with at_the_desk(browser, live, "ines") as page:
        allowed(page, number)
        came_back(page, vase, 2, scrap=1)
        expect(page.get_by_text("1 on sale again, 1 scrapped")).to_be_visible()
        settled(page)
    assert shelves.on_hand(live.app, vase) == before + 1
    came, back, credited = _money(live, number)
    assert (back, credited) == (2400, 0)
    assert back < came


def test_something_cheaper_is_sent_instead(browser: Chromium, live: LiveDesk, vase: str, bowl: str) -> None:
    number = _delivered(live, "Rita Down", vase, 1)
    asks(browser, live, number, "1", "Bowl of the return test")
    with at_the_desk(browser, live, "ines") as page:
        allowed(page, number)
        came_back(page, vase, 1)
        page.get_by_label("We pay it").check()
        settled(page)
        expect(page.get_by_text("Sent instead")).to_be_visible()
    assert _money(live, number)[1:] == (300, 900)


def test_something_dearer_is_quoted(browser: Chromium, live: LiveDesk, vase: str, urn: str) -> None:
    number = _delivered(live, "Rita Up", vase, 1)
    asks(browser, live, number, "1", "Urn of the return test")
    with at_the_desk(browser, live, "ines") as page:
        allowed(page, number)
        came_back(page, vase, 1)
        page.get_by_label("We pay it").check()
        settled(page)
        page.get_by_role("link", name=re.compile(r"^order \d+")).click()
        expect(page.locator(".sum", has_text="£8.00").first).to_be_visible()
    assert _money(live, number)[1:] == (0, 1200)


def test_a_customer_cancels_what_they_paid(browser: Chromium, live: LiveDesk, vase: str) -> None:
    number = _paid(live, "Rita Gone", vase, 2)
    total = _money(live, number)[0]
    with browser.page(width=390, height=844) as phone:
        phone.goto(door(live, number))
        phone.goto(f"{live.url}/order/cancel")
        phone.get_by_role("button", name="Ask us to cancel it").click()
        expect(phone.get_by_role("heading", name="We have your wish")).to_be_visible()
    assert shelves.states(live.app, number) == ["paid"]
    with at_the_desk(browser, live, "ines") as page:
        page.goto(f"/orders/{number}")
        expect(page.locator("#side")).to_contain_text("2 pieces set aside can be sold again.")
        page.get_by_label("Your password, to refund").fill(PASSWORD)
        page.get_by_role("button", name=re.compile("Cancel and refund")).click()
        expect(page.locator("#c-text")).to_have_value(re.compile(f"Your order {number} is cancelled"))
    assert shelves.states(live.app, number) == ["cancelled"]
    assert _money(live, number) == (total, total, 0)
