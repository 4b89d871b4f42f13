"""What a phone of 390 pixels must not lose."""

from __future__ import annotations

from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium


def test_the_tab_that_is_shown_is_in_sight(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live, "ines", width=390, height=844) as page:
        page.goto("/reports/templates")
        tab = page.get_by_role("navigation", name="Reports").locator("[aria-current]").bounding_box()
        assert tab is not None
        assert tab["x"] >= 0 and tab["x"] + tab["width"] <= 390
