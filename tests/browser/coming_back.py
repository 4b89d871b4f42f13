"""Goods that come back, as customer and desk do it in their browsers."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.demo import PASSWORD
from checkout_desk.doorstep import links
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders import loading
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.shipping import handing_over, parcels
from tests.browser import shelves
from tests.browser.live import LiveDesk
from tests.parts.browser import Chromium


def arrived(live: LiveDesk, number: int, *, days: int = 2) -> int:
    """The paid order left and arrived, `days` ago; its number again."""
    with live.app.app_context(), clock.pretending(clock.now() - timedelta(days=days)):
        begin_write()
        order = loading.load(number)
        by = db.session.scalars(select(Person).order_by(Person.id)).first()
        assert order is not None
        assert by is not None
        with acting_as(f"person:{by.id}", "test"):
            parcel = parcels.start(order, by=by)
            parcels.packed_unscanned(parcel, by=by)
            parcel.tracking_number = parcel.tracking_key = shelves.number(70_000_000 + number)
            db.session.flush()
            handing_over.hand_over(parcel, by=by)
            ORDER.fire(order, "deliver", by=by)
        db.session.commit()
    return number


def door(live: LiveDesk, number: int) -> str:
    """The customer's link."""
    with live.app.app_context():
        begin_write()
        order = loading.load(number)
        assert order is not None
        token = links.issue(order.id, email=order.email, purpose="return_approved")[1]
        db.session.commit()
    return f"{live.url}/o/{token}"


def asks(browser: Chromium, live: LiveDesk, number: int, pieces: str, other: str = "") -> None:
    """The customer's phone asks to send something back."""
    with browser.page(width=390, height=844) as phone:
        phone.goto(door(live, number))
        phone.locator("select[name^=q]").select_option(pieces)
        if other:
            chosen = phone.locator("select[name^=x] option", has_text=other).get_attribute("value")
            phone.locator("select[name^=x]").select_option(chosen)
        phone.get_by_label("Why?").select_option("does_not_fit")
        phone.get_by_text("Something else instead" if other else "My money back").click()
        phone.get_by_role("button", name="Send the request").click()
        expect(phone.get_by_role("heading", name="Thank you, we have your request")).to_be_visible()


def allowed(page: Page, number: int) -> None:
    """From the order to the mail that says where to send it."""
    page.goto(f"/orders/{number}")
    page.get_by_role("link", name=re.compile("Look at the return")).first.click()
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_text("Goods are coming").first).to_be_visible()


def came_back(page: Page, sku: str, pieces: int, *, scrap: int = 0) -> None:
    """It comes and is looked at, piece by piece."""
    for _ in range(pieces):
        page.get_by_label("Scan a piece").fill(sku)
        page.get_by_label("Scan a piece").press("Enter")
        expect(page.get_by_text(f"{sku} is here.")).to_be_visible()
    page.get_by_label("Sell again").fill(str(pieces - scrap))
    page.get_by_label("Scrap").fill(str(scrap))
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_text("Noted.")).to_be_visible()


def settled(page: Page) -> None:
    """What is owed goes back."""
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Settle").click()
    expect(page.get_by_text("Settled.").first).to_be_visible()
