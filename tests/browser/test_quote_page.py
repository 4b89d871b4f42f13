"""A customer's phone, without script: the mail with the quote is sent at the desk, read, accepted and asked about."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product
from checkout_desk.doorstep import links
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders import acting, details, lines, loading, quoting
from checkout_desk.orders.models import Order
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium, check_accessibility

WIDTH = 390
PLACE = {"ship_name": "Jo Hart", "ship_line1": "14 Orchard Row", "ship_city": "Bristol", "ship_postcode": "BS1 4DJ", "ship_country": "GB", "phone": "+441173700000"}  # fmt: skip


def _verified(live: LiveDesk) -> tuple[int, int]:
    """Number and conversation of an order of the demo, completed and verified."""
    with live.app.app_context():
        begin_write()
        by = db.session.scalars(select(Person).order_by(Person.id)).first()
        assert by is not None
        query = select(Order).where(Order.state == "draft").order_by(Order.id.desc())
        order = next(
            one for one in db.session.scalars(query) if one.conversation_id and not loading.changes(one)
        )
        loading.lock(order)
        details.change(order, dict(PLACE), by=by)
        for line in [line for line in loading.lines(order) if line.removed_at is None]:
            if line.product_id is None:
                product = db.session.scalars(
                    select(Product).where(Product.active).order_by(Product.id)
                ).first()
                assert product is not None
                lines.choose(line, product, by=by, teach=False)
            lines.set_quantity(line, 1, by=by)
            stock.receive(line.product_id or 0, 5, occasion=f"browser:{line.id}")
        acting.verify(order, by=by)
        found = order.number, order.conversation_id or 0
        db.session.commit()
    return found


def test_a_quote_is_sent_read_accepted_and_asked_about(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(0)
    before = len(live.letters)
    number, conversation = _verified(live)
    with at_the_desk(browser, live, javascript=False) as page:
        page.goto(f"/conversations/{conversation}?order={number}")
        page.locator("#side").get_by_role("link", name="Send quote").first.click()
        expect(page.locator("#lint .ok").first).to_contain_text("Amounts are the quote’s")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#side")).to_contain_text(f"{number}-Q1")
    body = live.sent(before + 1).get_body(("plain",))
    assert body is not None
    url = re.search(r"http://\S+/o/[\w-]{43}", body.get_content())
    assert url

    with browser.page(width=WIDTH, height=844, javascript=False) as phone:
        foreign: list[str] = []
        phone.on("request", lambda r: None if r.url.startswith(live.url) else foreign.append(r.url))
        phone.goto(url[0])
        assert phone.url == f"{live.url}/order"
        assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
        expect(phone.locator("h2").first).to_contain_text("£")
        phone.locator('form[action$="/accept"] button').click()
        expect(phone.locator(".guest__yes")).to_be_visible()
        phone.locator("#words").fill("Could you wrap it as a gift?")
        phone.locator('form[action$="/ask"] button').click()
        expect(phone.locator("#ask .guest__yes")).to_be_visible()
        phone.locator("#address summary").click()
        phone.locator("#ship_line1").fill("15 Orchard Row")
        phone.locator('form[action$="/address"] button').click()
        expect(phone.locator("#address .guest__yes")).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
        assert foreign == []
    live.until(lambda: live.facts(conversation, "state") == ("open",))


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1440, False)])
def test_the_page_of_a_quote_can_be_used_by_everybody(
    browser: Chromium, live: LiveDesk, width: int, dark: bool
) -> None:
    number, _ = _verified(live)
    with live.app.app_context():
        begin_write()
        order = db.session.scalars(select(Order).where(Order.number == number)).one()
        quote = quoting.draft(order, by=None)
        quoting.send(order, quote, by=None)
        token = links.issue(order.id, email=order.email, purpose="quote", quote_id=quote.id)[1]
        db.session.commit()
    with browser.page(base_url=live.url, width=width, height=844, dark=dark) as phone:
        phone.goto(f"/o/{token}")
        assert check_accessibility(phone) == []
        phone.locator("#address summary").click()
        phone.locator("#ship_postcode").fill("BS")
        phone.locator('form[action$="/address"] button').click()
        expect(phone.get_by_role("alert").first).to_be_visible()
        assert check_accessibility(phone) == []
