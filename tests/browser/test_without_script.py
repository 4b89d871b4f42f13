"""The same trip without JavaScript: every control is a link or a form."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium

TESS = "Tess & Co. Interiors"
TESS_WRITES = "Tess & Co. Interiors <buying@tessandco.example>"


def test_the_trip_without_script(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(60)
    before = len(live.letters)
    tess = live.conversation(TESS)
    with at_the_desk(browser, live, javascript=False) as page:
        page.locator(f"#o{tess}").click()
        expect(page.locator("#conversation h2").first).to_have_text(TESS)
        page.locator("#composer").get_by_role("link", name="Reply", exact=True).click()
        text = page.locator("#c-text")
        text.fill("")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#c-text-error")).to_contain_text("empty")
        text.fill("Here is the price list.")
        page.locator("#c-files").set_input_files(
            {"name": "prices.txt", "mimeType": "text/plain", "buffer": b"1 mug"}
        )
        page.get_by_role("button", name="Send").click()

        # Undo is a button; the words and the file are in the composer again.
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(text).to_have_value("Here is the price list.")
        expect(page.locator("#files")).to_contain_text("prices.txt")
        live.undo_window(1)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#thread .mail--ours").last).to_contain_text("prices.txt")
        mail = live.sent(before + 1)
        assert mail["To"] == '"Tess & Co. Interiors" <buying@tessandco.example>'
        assert [part.get_filename() for part in mail.iter_attachments()] == ["prices.txt"]

        # The answer is there as soon as one looks again; a reply begun before it is stopped beside it.
        page.locator("#composer").get_by_role("link", name="Reply", exact=True).click()
        text.fill("By the way")
        live.write(TESS_WRITES, "Re: prices", "Thanks, we take forty.", to=mail["Reply-To"], answers=mail)
        expect(page.locator("h1.sr")).to_have_count(1)
        live.until(lambda: "we take forty" in live.facts(tess, "preview")[0])
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="Read this first")).to_be_visible()
        expect(page.get_by_role("region", name="What came")).to_contain_text("we take forty")
        expect(text).to_have_value("By the way")
        page.get_by_role("button", name="Read it, send mine as it is").click()
        assert "By the way" in live.sent(before + 2).as_string()


def test_acts_views_and_the_way_out_without_script(browser: Chromium, live: LiveDesk) -> None:
    kaethe = live.conversation("Käthe Brüggemann-Österreicher")
    with at_the_desk(browser, live, javascript=False) as page:
        page.goto(f"/conversations/{kaethe}")
        page.locator("#composer").get_by_role("link", name="Note").click()
        page.locator("#c-text").fill("Käthe called as well.")
        page.get_by_role("button", name="Save note").click()
        expect(page.locator("#thread .note").last).to_contain_text("Käthe called as well.")

        page.locator("#case").get_by_role("link", name="Assign").first.click()
        page.get_by_label("Person").select_option(label="Priya Nair")
        page.get_by_role("button", name="Assign").click()
        expect(page.locator("#case")).to_contain_text("Priya Nair")

        page.goto(f"/conversations/{kaethe}/act/escalate")
        page.get_by_role("button", name="Escalate").click()
        expect(page.locator("#f-reason-error")).to_be_visible()
        page.get_by_label("Reason").fill("The parcel is lost.")
        page.get_by_role("button", name="Escalate").click()
        expect(page.locator("#case")).to_contain_text("The parcel is lost.")
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(page.locator("#case")).not_to_contain_text("The parcel is lost.")

        message = page.locator("#thread .mail").first
        message.locator("summary[aria-label='Message menu']").click()
        message.get_by_role("link", name="Source").click()
        expect(page.locator("#thread .mail").first).to_contain_text("Message-ID")

        page.locator("#case").get_by_role("button", name="Close").first.click()
        expect(page.locator("#case")).to_contain_text("Closed")
        page.locator(".top .menu summary").click()
        page.get_by_role("button", name="Undo what I did last").click()
        expect(page.locator("#case")).not_to_contain_text("Closed")

        page.locator("#views").get_by_role("link", name=re.compile("Unassigned")).click()
        expect(page.get_by_role("heading", name="Unassigned", level=1)).to_be_visible()
        page.locator("input[name=ids]").first.check()
        page.locator("#bulk").get_by_role("button", name="Tag").click()
        page.get_by_label("Tags").fill("looked at")
        page.get_by_role("button", name="Save tags").click()
        expect(page.locator(".toast")).to_contain_text("looked at")
        page.locator(".toast").get_by_role("button", name="Undo").click()

        page.get_by_role("searchbox", name="Search everything").first.fill("parcel")
        page.keyboard.press("Enter")
        expect(page.locator("mark").first).to_be_visible()
        page.locator(".top .menu summary").click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.locator(".top .menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
