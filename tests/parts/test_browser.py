"""Chromium shows pages, and axe finds what is wrong with them."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.parts import browser as browser_part
from tests.parts.browser import Chromium, check_accessibility
from tests.parts.process import PartMissing

GOOD = (
    "<!doctype html><html lang=en><title>Orders</title><main><h1>Orders</h1>"
    "<label>Name <input></label><p id=said></p>"
    "<script>document.getElementById('said').textContent = 'by script'</script></main></html>"
)
BAD = GOOD.replace("<label>Name <input></label>", "<input><img src='data:,'>").replace(" lang=en", "")


def address(html: str) -> str:
    """A data: address of the page."""
    return "data:text/html;base64," + base64.b64encode(html.encode()).decode()


def test_a_page_with_and_without_javascript(browser: Chromium) -> None:
    for javascript, said in ((True, "by script"), (False, "")):
        with browser.page(javascript=javascript) as page:
            page.goto(address(GOOD))
            assert page.title() == "Orders"
            assert page.locator("#said").text_content() == said


def test_width_and_darkness(browser: Chromium) -> None:
    with browser.page(width=390, dark=True) as page:
        page.goto(address(GOOD))
        assert page.evaluate("innerWidth") == 390
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


def test_axe_finds_seeded_violations(browser: Chromium) -> None:
    with browser.page() as page:
        page.goto(address(GOOD))
        assert check_accessibility(page) == []
        page.goto(address(BAD))
        found = check_accessibility(page)
    for rule in ("(label)", "(image-alt)", "(html-has-lang)"):
        assert [sentence for sentence in found if rule in sentence], (rule, found)


class Strict(BaseHTTPRequestHandler):
    """Serves BAD under a policy that allows no script at all."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'")
        self.end_headers()
        self.wfile.write(BAD.encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def strict() -> Iterator[str]:
    """The address of a page with a strict policy."""
    with HTTPServer(("127.0.0.1", 0), Strict) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_axe_works_under_a_strict_policy_and_leaves_it_in_force(browser: Chromium, strict: str) -> None:
    with browser.page(base_url=strict) as page:
        page.goto("/")
        assert any("(image-alt)" in sentence for sentence in check_accessibility(page))
        assert page.locator("#said").text_content() == ""


def test_a_missing_browser_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_part, "find_chromium", lambda: None)
    with pytest.raises(PartMissing, match="install chromium"):
        Chromium().start()
