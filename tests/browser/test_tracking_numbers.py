"""Tracking numbers by keys alone, with and without script; and what axe says of the screens of carriers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import shelves
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.browser.test_accessibility import judge
from tests.parts.browser import Chromium


@pytest.fixture(scope="module")
def mug(live: LiveDesk) -> str:
    return shelves.stocked(live.app, "TNMUG-1", "Mug of the number test", shelf="D-1")


def scan(page: Page, text: str) -> None:
    """What a scanner does: it types into whatever has the focus, and presses Enter."""
    expect(page.locator("#f-scan")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_order_enter_number_enter(browser: Chromium, live: LiveDesk, mug: str, javascript: bool) -> None:
    serial = 60_000_000 + 100 * javascript
    numbers = [shelves.paid(live.app, f"Numbered {i} {javascript}", (mug, 1)) for i in range(2)]
    with at_the_desk(browser, live, "tom", javascript=javascript) as page:
        page.goto("/shipping/numbers")
        for i, number in enumerate(numbers):
            scan(page, str(number))
            expect(page.get_by_role("heading", name=str(number))).to_be_visible()
            scan(page, shelves.number(serial + i))
            expect(page.get_by_role("alert")).to_contain_text(f"Nobody has begun to pack order {number} yet.")
            expect(page.locator("#f-scan")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.get_by_role("alert")).to_contain_text("Nobody has begun")  # Enter confirms nothing
            for _ in range(2):
                page.keyboard.press("Tab")
            expect(page.get_by_role("button", name="It is packed")).to_be_focused()
            page.keyboard.press("Enter")
            expect(
                page.get_by_text(f"{number}-P1 is handed over with {shelves.number(serial + i)}.")
            ).to_be_visible()
    assert shelves.states(live.app, *numbers) == ["shipped", "shipped"]


def test_a_list_with_three_bad_lines(browser: Chromium, live: LiveDesk, mug: str) -> None:
    number = shelves.paid(live.app, "Listed One", (mug, 1))
    good = f"{number}\t{shelves.number(61_000_000)}"
    bad = "\n".join(("hello", "999999 AB123456785GB", "x,y"))
    with at_the_desk(browser, live, "tom") as page:
        page.goto("/shipping/numbers")
        page.get_by_label("Lines").fill(f"{good}\n{bad}")
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_text("There is no order 999999.")).to_be_visible()
        assert judge(page, "a list that is looked at") == []
        page.get_by_label("They are packed").check()
        page.get_by_role("button", name="Give what is ticked, leave 3 out").click()
        expect(page.get_by_text("The list is done.")).to_be_visible()
        assert judge(page, "a list that is done") == []
    assert shelves.states(live.app, number) == ["shipped"]


def test_the_screens_of_carriers_are_for_everybody(browser: Chromium, live: LiveDesk) -> None:
    found = []
    with at_the_desk(browser, live, "ines") as page:
        for path in (
            "/shipping/numbers",
            "/shipping/manifests",
            "/settings/carriers",
            "/settings/carriers/new",
        ):
            page.goto(path)
            for summary in page.locator("main details summary").all():
                summary.click()
            found += judge(page, path)
    assert found == []
