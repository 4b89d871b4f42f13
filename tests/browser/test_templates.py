"""The studio: what one presses beside a preview that is still loading reaches its button."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium

TEMPLATE = "/templates/order_delivered/en"
TOLD = "document.addEventListener('submit', e => { e.preventDefault(); document.body.dataset.sent = e.submitter.value; }, true)"


def test_a_click_is_not_taken_by_the_preview_that_loads(browser: Chromium, live: LiveDesk) -> None:
    """The frame is a process of its own; the page is scrolled below it and pressed at once."""
    with at_the_desk(browser, live, "ines") as page:
        page.goto(TEMPLATE)
        body = page.get_by_label("Text", exact=True)
        body.fill(f"{body.input_value()}\nA line more.")
        page.get_by_role("button", name="Save as draft").click()
        approve = page.get_by_role("button", name="Approve")
        expect(approve).to_be_visible()
        for _ in range(3):
            page.goto(TEMPLATE, wait_until="commit")
            page.evaluate(TOLD)
            approve.click(no_wait_after=True)
            expect(page.locator("body")).to_have_attribute("data-sent", "approve", timeout=2000)
