"""What a phone of 390 pixels must not lose."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium


def test_the_tab_that_is_shown_is_in_sight(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live, "ines", width=390, height=844) as page:
        page.goto("/reports/templates")
        tab = page.get_by_role("navigation", name="Reports").locator("[aria-current]").bounding_box()
        assert tab is not None
        assert tab["x"] >= 0 and tab["x"] + tab["width"] <= 390


CUT = """() => [...document.querySelectorAll(".row__b > .tag")].filter(tag => {
    const row = tag.parentElement.getBoundingClientRect(), at = tag.getBoundingClientRect();
    return at.right > row.right + 1 && at.top < row.bottom;
}).map(tag => tag.textContent)"""


def test_a_row_shows_a_tag_whole_or_not(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live, width=390, height=844) as page:
        page.goto("/queue/open")
        assert page.locator(".row__b > .tag").count() > 2
        assert page.evaluate(CUT) == []


def test_the_field_that_has_to_change_is_in_sight_and_has_the_cursor(
    browser: Chromium, live: LiveDesk
) -> None:
    with at_the_desk(browser, live, "ines", width=390, height=844) as page:
        page.goto("/templates/macros")  # the form stands below the list
        page.get_by_role("button", name="Save", exact=True).click()
        name = page.get_by_label("Name", exact=True)
        expect(name).to_be_focused()
        expect(name).to_have_attribute("aria-invalid", "true")
        expect(name).to_be_in_viewport()


def test_a_name_without_end_stays_inside_the_next_step(browser: Chromium, live: LiveDesk) -> None:
    live.write(f'"Wolfe{"schlegelstein" * 5}" <wolfe@long.example>', "Bowls", "Do you have bowls?")
    live.until(lambda: bool(named(live)))
    with at_the_desk(browser, live) as page:
        page.goto(f"/conversations/{named(live)[0]}")
        step = page.locator("#side .next")
        expect(step).to_be_visible()
        assert step.evaluate("e => e.scrollWidth <= e.clientWidth")


def named(live: LiveDesk) -> list[int]:
    """The conversations of that name."""
    with live.app.app_context():
        found = db.session.scalars(select(Conversation.id).where(Conversation.who.startswith("Wolfe"))).all()
        db.session.rollback()
        return list(found)
