"""The pages before the desk: a password of one's own by a mailed link, an app for codes, and its recovery codes on paper."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pyotp
from playwright.sync_api import Page, expect
from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.mail.receiving import blobs
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk, watch
from tests.parts.browser import Chromium

PASSWORD = "nine small boats at sea"
WHO = "rosa@fernandkiln.shop"


def invited(browser: Chromium, live: LiveDesk) -> str:
    """An admin adds Rosa; returns the path of the link that she is sent."""
    with at_the_desk(browser, live, "ines") as page:
        page.goto("/people/new")
        page.get_by_label("Name").fill("Rosa Amsel")
        page.get_by_label("E-mail").fill(WHO)
        page.get_by_label("Customer support").check()
        page.get_by_label("Your password").fill("fern-and-kiln-demo")
        page.get_by_role("button", name="Add the person").click()
        expect(page).to_have_url(re.compile(r"/people(/\d+)?$"))
    with live.app.app_context():  # as it waits to be sent: the first mail of a busy machine takes its time
        mail = db.session.scalars(select(OutboundMail).where(OutboundMail.to_address == WHO)).one()
        sent = message_from_bytes(blobs().get(mail.sha256), policy=policy.default)
        db.session.rollback()
    body = sent.get_body(("plain",))
    assert body is not None
    found = re.search(r"/password/[\w.-]+", body.get_content())
    assert found
    return found[0]


def sets_up_an_app(page: Page) -> None:
    page.goto("/me/second-factor")
    secret = page.locator(".hint .mono").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Use this app").click()
    expect(page.get_by_label("Your password")).to_be_focused()  # the code stays, the fault has the cursor
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def test_from_the_mailed_link_to_the_codes_on_paper(browser: Chromium, live: LiveDesk) -> None:
    link = invited(browser, live)
    with browser.page(base_url=live.url, width=390, height=844) as page:
        wrong = watch(page, live)
        page.goto(link)
        page.get_by_label("Password").fill("short")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Your password is set.")
        page.get_by_label("E-mail").fill(WHO)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/queue/"))
        sets_up_an_app(page)
        expect(page.get_by_role("listitem")).to_have_count(10)
        page.evaluate("window.print = () => { document.title = 'on paper' }")
        page.get_by_role("button", name="Print").click()
        expect(page).to_have_title("on paper")
        page.emulate_media(media="print")
        expect(page.get_by_role("listitem").last).to_be_visible()
        expect(page.get_by_text(WHO)).to_be_visible()
        expect(page.locator(".btn:visible")).to_have_count(0)
        assert wrong == []
