"""What one does to conversations: in the dialog, by keys, in bulk, on a phone, in the dark; and each of it undone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium


def act(page: Page, name: str) -> None:
    """Take an act from the conversation's menu."""
    page.locator("#case summary").click()
    menu = page.locator("#case .menu__in")
    menu.get_by_role("link", name=name).or_(menu.get_by_role("button", name=name)).first.click()


def test_acts_in_the_dialog_and_back(browser: Chromium, live: LiveDesk) -> None:
    aoife = live.conversation("Aoife Ní Dhomhnaill")
    with at_the_desk(browser, live) as page:
        head, dialog, toasts = page.locator("#case"), page.locator("#act"), page.locator(".toast")
        page.locator(f"#o{aoife}").click()
        expect(head).to_contain_text("nobody’s yet")

        act(page, "Assign")
        expect(dialog.get_by_label("Person")).to_have_value(re.compile(r"\d+"))
        dialog.get_by_role("button", name="Assign").click()
        expect(dialog).not_to_be_visible()
        expect(head).to_contain_text("Mia Okafor")
        page.keyboard.press("z")
        expect(head).to_contain_text("nobody’s yet")

        # What cannot be used comes back into the dialog, beside the field, with what was typed.
        act(page, "Snooze")
        dialog.get_by_label("At a time").check()
        dialog.get_by_label("Date and time").fill("2020-01-01T09:00")
        dialog.get_by_role("button", name="Snooze").click()
        expect(dialog.locator("#f-at-error")).to_contain_text("past")
        expect(dialog.get_by_label("Date and time")).to_have_value("2020-01-01T09:00")
        dialog.get_by_label("Until the customer writes").check()
        dialog.get_by_role("button", name="Snooze").click()
        expect(head).to_contain_text("asleep until the customer writes")
        expect(page.locator(f"#r{aoife}")).to_have_count(0)
        toasts.last.get_by_role("button", name="Undo").click()
        expect(head).not_to_contain_text("asleep")
        expect(page.locator(f"#r{aoife}")).to_be_visible()

        act(page, "Tag")
        dialog.get_by_label("Tags").fill("glaze, second try")
        dialog.get_by_role("button", name="Save tags").click()
        expect(head).to_contain_text("second try")
        expect(page.locator("#side .tags")).to_contain_text("glaze")

        act(page, "Escalate")
        dialog.get_by_role("button", name="Escalate").click()
        expect(dialog.locator("#f-reason-error")).to_be_visible()
        dialog.get_by_label("Reason").fill("The lid broke twice.")
        dialog.get_by_role("button", name="Escalate").click()
        expect(head).to_contain_text("The lid broke twice.")
        act(page, "Settle")
        expect(head).not_to_contain_text("The lid broke twice.")
    assert live.facts(aoife, "state", "tags") == ("open", ["glaze", "second try"])


def test_merge_and_split_show_the_right_conversation(browser: Chromium, live: LiveDesk) -> None:
    ewan, theodora = (
        live.conversation("Ewan McAllister"),
        live.conversation("Theodora Papadopoulou-Christodoulou"),
    )
    with at_the_desk(browser, live) as page:
        head, dialog = page.locator("#case"), page.locator("#act")
        page.locator(f"#o{ewan}").click()
        expect(head).to_contain_text("Ewan McAllister")
        page.keyboard.press("r")
        page.locator("#c-text").fill("Half an answer to Ewan")
        expect(page.locator("#draft-state")).to_contain_text("Draft saved")
        page.keyboard.press("Escape")

        act(page, "Merge")
        dialog.get_by_label("Conversation").fill("none such")
        dialog.get_by_role("button", name="Merge").click()
        expect(dialog.locator("#f-into-error")).to_be_visible()
        dialog.get_by_label("Conversation").fill(str(theodora))
        dialog.get_by_role("button", name="Merge").click()
        # The other conversation stands there, and Ewan's composer is not left inside it.
        expect(head).to_contain_text("Theodora Papadopoulou")
        expect(page.locator("#thread .mail")).to_have_count(2)
        expect(page.locator("#composer form")).to_have_count(0)
        expect(page).to_have_url(re.compile(f"here={theodora}$"))
        expect(dialog).not_to_be_visible()

        page.keyboard.press("z")
        expect(head).to_contain_text("Ewan McAllister")
        page.keyboard.press("r")
        expect(page.locator("#c-text")).to_have_value("Half an answer to Ewan")
        page.get_by_role("button", name="Discard").click()

        page.locator(f"#o{live.conversation('Żaneta Wiśniewska')}").click()
        expect(head).to_contain_text("Żaneta")
        message = page.locator("#thread .mail:not(.mail--ours)").last
        message.locator("summary[aria-label='Message menu']").click()
        message.get_by_role("link", name="Split off").click()
        dialog.get_by_role("button", name="Split off").click()
        expect(page.locator("#thread .mail")).to_have_count(1)
        expect(dialog).not_to_be_visible()
        page.keyboard.press("z")
        expect(page.locator("#thread .mail")).not_to_have_count(1)


def test_search_finds_and_opens(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live) as page:
        page.keyboard.press("/")
        page.keyboard.type("celadon dishwasher")
        page.keyboard.press("Enter")
        expect(page.locator(".row")).to_have_count(1)
        expect(page.locator("mark").first).to_have_text(re.compile("celadon|dishwasher", re.IGNORECASE))
        page.keyboard.press("j")
        page.keyboard.press("o")
        expect(page.locator("#reader #thread")).to_contain_text("celadon")
        page.goto("/search?q=is:nonsense+mug")
        expect(page.get_by_role("alert")).to_contain_text("is:nonsense")
        page.goto("/search?q=xyzzyplugh")
        expect(page.get_by_role("heading", name="Nothing has “xyzzyplugh”")).to_be_visible()


def test_bulk_says_first_what_it_would_do(browser: Chromium, live: LiveDesk) -> None:
    tess, kaethe = (
        live.conversation("Tess & Co. Interiors"),
        live.conversation("Käthe Brüggemann-Österreicher"),
    )
    with at_the_desk(browser, live) as page:
        for number in (tess, kaethe):
            page.locator(f"#r{number} input[name=ids]").check()
        expect(page.locator("#bulk")).to_contain_text("2 selected")
        page.locator("#bulk").get_by_role("button", name="Close").click()
        expect(page.get_by_role("heading", name="2 will change")).to_be_visible()
        assert live.facts(tess, "state") == ("open",)
        page.get_by_role("button", name="Close").click()
        toast = page.locator(".toast", has_text="conversations")
        expect(toast).to_be_visible()
        assert live.facts(tess, "state") == live.facts(kaethe, "state") == ("closed",)
        toast.get_by_role("button", name="Undo").click()
        expect(page.locator(".toast", has_text="Undone")).to_be_visible()
        assert live.facts(tess, "state") == live.facts(kaethe, "state") == ("open",)


def test_keys_alone(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live) as page:
        page.keyboard.press("?")
        sheet = page.locator("#keys")
        for word in ("Undo what I did last", "Answer", "Select", "Search", "Exceptions"):
            expect(sheet).to_contain_text(word)
        page.keyboard.press("Escape")
        expect(sheet).not_to_be_visible()

        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator("input[name=ids]:checked")).to_have_count(1)
        page.keyboard.press("x")
        expect(page.locator("input[name=ids]:checked")).to_have_count(0)
        page.keyboard.press("k")
        page.keyboard.press("o")
        first = page.locator(".row__link").first
        expect(page.locator("#case")).to_contain_text(first.locator(".row__who").inner_text())
        page.keyboard.press("t")
        expect(page.locator("#act").get_by_label("Tags")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#act")).not_to_be_visible()
        for keys, heading in (
            ("m", "Mine"),
            ("u", "Unassigned"),
            ("w", "Waiting"),
            ("e", "Exceptions"),
            ("a", "Answer"),
        ):
            page.keyboard.press("g")
            page.keyboard.press(keys)
            expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
            expect(page.locator("html.js")).to_be_attached()


def test_phone_theme_and_the_way_out(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live, width=390, height=844, has_touch=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.get_by_role("link", name="Views").click()
        page.locator("#views").get_by_role("link", name="Exceptions").click()
        expect(page.get_by_role("heading", name="Exceptions", level=1)).to_be_visible()
        page.locator(".row__link", has_text="Bernardo Ortiz").click()
        expect(page.locator("#conversation .case h2")).to_have_text("Bernardo Ortiz")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.get_by_role("navigation", name="Parts").locator("a").last.click()
        expect(page.locator("#side")).to_be_visible()
        page.locator("#side").get_by_role("link", name="Thread").click()
        page.locator("#composer").get_by_role("link", name="Note").click()
        expect(page.locator("#c-text")).to_be_focused()
        page.get_by_role("button", name="Discard").click()

        page.locator(".top .menu summary").click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.locator(".top .menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto("/queue/answer")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
