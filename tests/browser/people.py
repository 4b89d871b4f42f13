"""A person at the desk: a page that is signed in, and a list of everything that a visitor should never see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, expect

from checkout_desk.demo import PASSWORD
from tests.browser.live import LiveDesk
from tests.parts.browser import Chromium

expect.set_options(timeout=20_000)  # a bound for hanging on a busy machine, not a measurement

# Chromium writes a line for every answer that says no; these are how a form comes back with what is wrong in it.
REFUSED = re.compile(r"Failed to load resource: .* status of (409|422)")


def watch(page: Page, desk: LiveDesk, *, also: str = r"(?!)") -> list[str]:
    """What goes wrong on `page` from now on: script errors, blocked resources, requests to anybody but the desk."""
    wrong: list[str] = []
    allowed = re.compile(also)

    def heard(text: str) -> None:
        if not REFUSED.search(text) and not allowed.search(text):
            wrong.append(text)

    def asked(url: str) -> None:
        place = urlsplit(url)
        if place.scheme in ("http", "https", "ws", "wss") and place.netloc != desk.address:
            wrong.append(f"asked a foreign host: {url}")

    page.on("console", lambda message: heard(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("request", lambda request: asked(request.url))
    return wrong


@contextmanager
def at_the_desk(
    browser: Chromium, desk: LiveDesk, who: str = "mia", *, also: str = r"(?!)", **context: Any
) -> Iterator[Page]:
    """Sign in by the form. At the end nothing may have gone wrong, except console lines that match `also`."""
    with browser.page(base_url=desk.url, **{"width": 1440, "height": 960, **context}) as page:
        wrong = watch(page, desk, also=also)
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(f"{who}@fernandkiln.shop")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Answer", level=1)).to_be_visible()
        if context.get("javascript", True):
            expect(page.locator("html.js")).to_be_attached()
        yield page
        page.unroute_all(behavior="ignoreErrors")  # a label may still be on its way to the frame
        assert wrong == []


def paper(route: Route) -> None:
    """The desk draws the label and counts the print; its PDF is kept from the frame, whose viewer the driver does not survive."""
    answer = route.fetch()
    assert answer.headers["content-type"] == "application/pdf"
    route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>Label</title>")
