"""A customer's phone: the page of their order, without script, from the mail to the thanks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk.doorstep import links
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders.models import Order
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium, check_accessibility

WIDTH = 390


def _with_gaps(live: LiveDesk) -> tuple[int, int]:
    """Number and conversation of an order of the demo that lacks its whole address."""
    with live.app.app_context():
        for order in db.session.scalars(select(Order).where(Order.state == "draft").order_by(Order.id)):
            if not order.ship_line1 and not order.ship_city and order.conversation_id:
                return order.number, order.conversation_id
    raise LookupError("the demo has no order without an address")


def test_from_the_question_to_the_thanks(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(0)
    before = len(live.letters)
    number, conversation = _with_gaps(live)
    with at_the_desk(browser, live, javascript=False) as page:
        page.goto(f"/conversations/{conversation}/compose/reply?ask={number}")
        expect(page.locator("#lint .ok").first).to_contain_text("asked")
        page.get_by_role("button", name="Send").click()
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
        # What is wrong is said at its field, and what was typed stays.
        phone.get_by_label("Street and house number").fill("14 Orchard Row")
        phone.get_by_label("Town or city").fill("Bristol")
        phone.get_by_label("Postcode").fill("BS1")
        phone.get_by_role("button", name="Send").click()
        expect(phone.locator("#ship_postcode-e")).to_contain_text("“BS1” is not a postcode")
        expect(phone.get_by_label("Street and house number")).to_have_value("14 Orchard Row")
        phone.get_by_label("Postcode").fill("bs1 4dj")
        phone.get_by_role("button", name="Send").click()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you")
        expect(phone.locator("address")).to_contain_text("BS1 4DJ")
        assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
        assert foreign == []
    live.until(lambda: live.facts(conversation, "state") == ("open",))


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1440, False)])
def test_the_page_can_be_used_by_everybody(browser: Chromium, live: LiveDesk, width: int, dark: bool) -> None:
    with live.app.app_context():
        begin_write()
        order = db.session.scalars(
            select(Order)
            .where(Order.state.in_(("draft", "clarifying")), Order.gap_count > 0)
            .order_by(Order.id.desc())
        ).first()
        assert order is not None
        token = links.issue(order.id, email="axe@customer.example")[1]
        db.session.commit()
    with browser.page(base_url=live.url, width=width, height=844, dark=dark) as phone:
        phone.goto(f"/o/{token}")
        assert check_accessibility(phone) == []
        phone.locator("form .btn--primary").click()
        expect(phone.get_by_role("alert")).to_be_visible()
        assert check_accessibility(phone) == []
        phone.goto("/o/nothing")
        assert check_accessibility(phone) == []
