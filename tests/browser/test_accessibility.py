"""Every screen before axe: WCAG 2.2 AA, wide and on a phone, light and dark."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from waitress.server import create_server

from checkout_desk import migrating
from checkout_desk.app import create_app
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium, check_accessibility
from tests.parts.process import free_port, short_folder

Prepare = Callable[[Page], None]
SETTLE = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    document.getAnimations().forEach(a => a.finish());  // a colour half way to the other theme is nobody's colour
    requestAnimationFrame(done);
})))"""


def composer(page: Page) -> None:
    page.keyboard.press("r")
    expect(page.locator("#c-text")).to_be_focused()


def refused(page: Page) -> None:
    composer(page)
    page.locator("#c-text").fill("")
    page.get_by_label("To", exact=True).fill("nobody")
    page.locator("#c-text").press("Control+Enter")
    expect(page.locator("#c-to-error")).to_be_visible()


def note(page: Page) -> None:
    page.keyboard.press("n")
    expect(page.locator("#c-text")).to_be_focused()


def dialog(page: Page) -> None:
    page.keyboard.press("h")
    expect(page.locator("#act[open]")).to_be_visible()


def menu(page: Page) -> None:
    page.locator("#case summary").click()


def key_sheet(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys[open]")).to_be_visible()


def ticked(page: Page) -> None:
    page.locator("input[name=ids]").first.check()


def my_menu(page: Page) -> None:
    page.locator(".top .menu summary").click()


def as_sent(page: Page) -> None:
    page.locator("#thread .mail summary[aria-label='Message menu']").last.click()
    page.locator("#thread .mail").last.get_by_role("link", name="Source").click()
    expect(page.locator(".mail__src")).to_be_visible()


def new_refused(page: Page) -> None:
    page.get_by_role("button", name="Add the product").click()
    expect(page.locator(".error").first).to_be_visible()


def counted(page: Page) -> None:
    page.get_by_label("How many are there?").fill("7")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("fewer than expected")).to_be_visible()


def nothing(page: Page) -> None:
    """The screen as it opens."""


SCREENS: tuple[tuple[str, str, Prepare], ...] = (
    ("queue", "/queue/answer", nothing),
    ("queue, rows ticked", "/queue/answer", ticked),
    ("queue, one open", "/queue/answer?here={id}", nothing),
    ("empty view", "/queue/mine", nothing),
    ("keys", "/queue/answer", key_sheet),
    ("my menu", "/queue/closed", my_menu),
    ("conversation", "/conversations/{id}", nothing),
    ("conversation, writing", "/conversations/{id}", composer),
    ("conversation, refused", "/conversations/{id}", refused),
    ("conversation, note", "/conversations/{id}", note),
    ("conversation, dialog", "/conversations/{id}", dialog),
    ("conversation, menu", "/conversations/{id}", menu),
    ("conversation, source", "/conversations/{id}", as_sent),
    ("failed mail", "/conversations/{failed}", nothing),
    ("act as a page", "/conversations/{id}/act/escalate", nothing),
    ("search", "/search", nothing),
    ("search, found", "/search?q=mug", nothing),
    ("search, nothing", "/search?q=xyzzyplugh+is:nonsense", nothing),
    ("catalogue", "/catalogue", nothing),
    ("low stock", "/catalogue?show=low", nothing),
    ("nothing found", "/catalogue?q=xyzzyplugh", nothing),
    ("product", "/catalogue/1", nothing),
    ("new product, refused", "/catalogue/new", new_refused),
    ("import", "/catalogue/import", nothing),
    ("counting", "/stock/count", nothing),
    ("counting, a difference", "/stock/count?code=MUG-BLU", counted),
    ("errors", "/errors", nothing),
    ("templates", "/templates", nothing),
    ("mailboxes", "/mailboxes", nothing),
    ("settings", "/settings", nothing),
    ("store", "/settings/store", nothing),
    ("set-up", "/setup", nothing),
    ("set-up, mailbox", "/setup/mailbox", nothing),
    ("set-up, promise", "/setup/promise", nothing),
    ("set-up, the end", "/setup/ready", nothing),
    ("people", "/people", nothing),
    ("somebody new", "/people/new", nothing),
    ("me", "/me", nothing),
    ("sessions", "/sessions", nothing),
    ("not found", "/nowhere", nothing),
)


def judge(page: Page, name: str) -> list[str]:
    """What axe says of the page in both widths and both themes; colours are all that a theme changes."""
    found = []
    for width, height in ((1440, 960), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for dark in (False, True):
            page.emulate_media(color_scheme="dark" if dark else "light")
            page.evaluate(SETTLE)
            where = f"{name}, {width} px, {'dark' if dark else 'light'}"
            only = "color-contrast" if dark else ""
            sentences = check_accessibility(page, only=only)
            if sentences:  # on a busy machine single rows keep the other theme's colour for a frame; what is wrong stays wrong
                page.evaluate(SETTLE)
                sentences = check_accessibility(page, only=only)
            found += [f"{where}: {sentence}" for sentence in sentences]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name}: wider than {width} px")
    return found


def test_every_screen_of_the_desk(browser: Chromium, live: LiveDesk) -> None:
    numbers = {
        "id": live.conversation("Grzegorz Brzęczyszczykiewicz"),
        "failed": live.conversation("Bernardo Ortiz"),
    }
    found = []
    with at_the_desk(browser, live, "ines", also="status of 404", reduced_motion="reduce") as page:
        for name, path, prepare in SCREENS:
            page.set_viewport_size({"width": 1440, "height": 960})
            page.emulate_media(color_scheme="light")
            page.goto(path.format(**numbers))
            prepare(page)
            found += judge(page, name)
    assert not found, "\n".join(found)


@pytest.fixture
def empty_desk() -> Iterator[str]:
    """The address of a desk that nobody has set up yet, for development."""
    home, port = short_folder("bare"), free_port()
    url = f"http://127.0.0.1:{port}"
    app = create_app(
        {"DEBUG": True}, environment={"DESK_HOME": str(home), "DESK_URL": url, "REDIS_URL": "unix:///none"}
    )
    migrating.upgrade(app)
    server = create_server(app, host="127.0.0.1", port=port, threads=4)
    serving = threading.Thread(target=server.run)
    serving.start()
    yield url
    server.close()
    serving.join(timeout=10)
    shutil.rmtree(home, ignore_errors=True)


def test_the_doors(browser: Chromium, live: LiveDesk, empty_desk: str) -> None:
    found = []
    with browser.page(base_url=live.url, reduced_motion="reduce") as page:
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill("mia@fernandkiln.shop")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert").or_(page.locator(".error")).first).to_be_visible()
        found += judge(page, "sign in, refused")
    with browser.page(base_url=empty_desk, reduced_motion="reduce") as page:
        page.goto("/")
        expect(page.get_by_role("heading", name="Open your desk")).to_be_visible()
        page.get_by_role("button", name="Create the admin").click()
        found += judge(page, "first run, refused")
        page.goto("/styleguide")
        expect(page.locator("h1").first).to_be_visible()
        found += judge(page, "styleguide")
    assert not found, "\n".join(found)
