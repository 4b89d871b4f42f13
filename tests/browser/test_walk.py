"""The whole trip in a browser: mail in, read, answered, taken back, answered again, out, and the customer's answer back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium
from tests.parts.dovecot import Dovecot
from tests.parts.smtp import SmtpSink

ANN = "Ann-Kathrin Lee"
ANN_WRITES = "Ann-Kathrin Lee <ann.lee@gmail.example>"


@pytest.fixture(scope="module")
def live(dovecot_server: Dovecot) -> Iterator[LiveDesk]:
    """A desk of these tests alone: they look at rows of the queue's first page, which others fill."""
    with SmtpSink() as sink, LiveDesk(dovecot_server, sink) as desk:
        yield desk


def open_row(page: Page, who: str) -> None:
    """Open a conversation from the list in the reading pane."""
    if page.locator(".row__link", has_text=who).count() == 0:  # its order stands in another view
        page.goto("/queue/open")
    page.locator(".row__link", has_text=who).first.click()
    expect(page.locator("#reader .case h2")).to_have_text(who)


def answer(page: Page, text: str) -> None:
    """Open the composer with its key and type."""
    page.keyboard.press("r")
    expect(page.locator("#c-text")).to_be_focused()
    page.keyboard.type(text)


def test_a_mail_goes_out_and_its_answer_comes_back_live(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(60)
    sent_before = len(live.letters)
    with at_the_desk(browser, live) as page:
        thread, row = page.locator("#thread"), page.locator(".row--here")
        open_row(page, ANN)
        expect(row).to_contain_text(ANN)

        # Reply inline: what is typed is kept at once, also across a reload.
        answer(page, "Dear Ann, all changed as you asked.")
        expect(page.locator("#draft-state")).to_contain_text("Draft saved")
        page.reload()
        expect(row).to_contain_text(ANN)
        expect(page.get_by_text("Draft kept")).to_be_visible()
        answer(page, "")
        expect(page.locator("#c-text")).to_have_value("Dear Ann, all changed as you asked.")

        # Send, see the countdown run, take it back: the words stand in the composer again.
        page.keyboard.press("Control+Enter")
        toast = page.locator(".toast", has_text="leaves in")
        expect(toast).to_be_visible()
        left = toast.locator("[data-left]").text_content()
        expect(toast.locator("[data-left]")).not_to_have_text(left or "")
        expect(thread.locator(".mail--ours").last).to_contain_text("Leaves in")
        page.keyboard.press("z")
        expect(page.locator("#c-text")).to_have_value("Dear Ann, all changed as you asked.")
        expect(page.locator(".toast", has_text="Undone")).to_be_visible()
        expect(toast).to_have_count(0)
        expect(thread).to_contain_text("took a mail back before it left")
        assert len(live.letters) == sent_before

        # Send for good.
        live.undo_window(1)
        page.locator("#c-text").press("Control+Enter")
        expect(page.locator("#composer form")).to_have_count(0)
        mail = live.sent(sent_before + 1)
        assert mail["To"] == ANN_WRITES
        assert mail["From"].endswith("<orders@fernandkiln.shop>")
        assert mail["Reply-To"].startswith("orders+")
        assert mail["In-Reply-To"] in mail["References"]
        assert mail["Subject"] == "Re: Two mugs, please"
        text = mail.get_body(("plain",))
        assert text is not None
        assert "all changed as you asked." in text.get_content()
        assert mail.get_body(("html",)) is not None
        expect(thread.locator(".mail--ours").last).to_contain_text("Accepted")

        # The customer's answer arrives by itself, while the next draft is half typed.
        answer(page, "P.S. half a sent")
        live.write(
            ANN_WRITES,
            "Re: Two mugs, please",
            "Perfect, and a lid please.",
            to=mail["Reply-To"],
            answers=mail,
        )
        arrived = thread.locator(".mail").last
        expect(arrived).to_contain_text("Perfect, and a lid")
        expect(arrived).to_contain_text("Joined by signed reply address")
        expect(row).to_contain_text("Perfect, and a lid")
        expect(page.locator("#c-text")).to_be_focused()
        page.keyboard.type("ence")
        expect(page.locator("#c-text")).to_have_value("P.S. half a sentence")

        # What is newer stops the mail and keeps the draft, until one has read it.
        with page.expect_response(re.compile(r"/send$")) as stopped:
            page.keyboard.press("Control+Enter")
        assert stopped.value.status == 409
        expect(page.locator("#reply.htmx-request")).to_have_count(0)
        expect(page.locator("#newer")).to_contain_text("Perfect, and a lid")
        expect(page.locator("#c-text")).to_have_value("P.S. half a sentence")
        assert len(live.letters) == sent_before + 1
        page.get_by_role("button", name="Read it, send mine as it is").click()
        assert "P.S. half a sentence" in live.sent(sent_before + 2).as_string()

        # A note, and done.
        expect(page.locator("#composer form")).to_have_count(0)
        page.keyboard.press("n")
        expect(page.locator("#c-text")).to_be_focused()
        page.keyboard.type("Ann is a friend of the house.")
        page.keyboard.press("Control+Enter")
        expect(thread.locator(".note").last).to_contain_text("Ann is a friend of the house.")
        page.keyboard.press("e")
        expect(page.locator(".toast", has_text="Closed")).to_be_visible()
        page.keyboard.press("g")
        page.keyboard.press("c")
        expect(page.get_by_role("heading", name="Closed", level=1)).to_be_visible()
        expect(page.locator(".rows")).to_contain_text(ANN)
    assert len(live.letters) == sent_before + 2
    assert live.facts(live.conversation(ANN), "state") == ("closed",)


def test_a_new_conversation_appears_and_nothing_on_screen_moves_away(
    browser: Chromium, live: LiveDesk
) -> None:
    with at_the_desk(browser, live) as page:
        page.locator('input[name="ids"]').nth(2).check()
        page.keyboard.press("k")
        second = page.locator(".row__link").nth(1)
        expect(second).to_be_focused()
        where = second.get_attribute("id")
        live.write("Nadia Petrova <nadia@petrova.example>", "Blue glaze", "Is the blue one food safe?")
        fresh = page.locator(".row", has_text="Nadia Petrova")
        expect(fresh).to_be_visible()
        expect(fresh.locator(".row__new")).to_be_visible()
        expect(page.locator(f"#{where}")).to_be_focused()
        expect(page.locator('input[name="ids"]:checked')).to_have_count(1)
        waiting = page.locator("[data-waiting]").get_attribute("data-waiting")
        expect(page).to_have_title(f"({waiting}) Answer · Checkout Desk")

        with page.expect_response("**/here"):
            open_row(page, "Nadia Petrova")
        expect(fresh.locator(".row__new")).to_have_count(0)
        expect(page.locator("#thread")).to_contain_text("Is the blue one food safe?")
    assert live.facts(live.conversation("Nadia Petrova"), "unread") == (False,)


def test_a_stranger_is_named_before_he_gets_mail(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(60)
    with at_the_desk(browser, live) as page:
        open_row(page, "Siobhán O’Rourke")
        answer(page, "")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#c-text-error")).to_contain_text("empty")
        page.locator("#c-text").fill("Dear [CUSTOMER_NAME], it is.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#c-text-error")).to_contain_text("[CUSTOMER_NAME]")
        page.locator("#c-text").fill("It is dishwasher safe.")
        page.get_by_label("To", exact=True).fill("siobhan@orourke.example, boss@elsewhere")
        page.locator("#c-text").press("Control+Enter")
        expect(page.locator("#c-to-error")).to_contain_text("boss@elsewhere")
        page.get_by_label("To", exact=True).fill("siobhan@orourke.example, boss@elsewhere.example")
        page.locator("#c-text").press("Control+Enter")
        expect(page.locator("#composer [role=alert]")).to_contain_text("boss@elsewhere.example takes no part")
        expect(page.locator("#c-text")).to_have_value("It is dishwasher safe.")
        page.get_by_role("button", name="Send to them all the same").click()
        expect(page.locator(".toast", has_text="leaves in")).to_be_visible()
        page.locator("#thread .mail--ours").last.get_by_role("button", name="Undo").click()
        expect(page.locator("#c-text")).to_have_value("It is dishwasher safe.")
        page.get_by_role("button", name="Discard").click()
        expect(page.locator("#composer form")).to_have_count(0)


def test_files_are_sent_along(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(60)
    with at_the_desk(browser, live) as page:
        open_row(page, "Marek Novák")
        answer(page, "Here is the list.")
        page.locator("#c-files").set_input_files(
            [
                FilePayload(name=f"{name}.txt", mimeType="text/plain", buffer=b"mugs")
                for name in ("list", "wrong")
            ]
        )
        expect(page.locator("#files")).to_contain_text("wrong.txt")
        page.get_by_role("button", name="Remove wrong.txt").click()
        expect(page.locator("#files")).not_to_contain_text("wrong.txt")
        page.locator("#c-text").press("Control+Enter")
        expect(page.locator("#thread .mail--ours").last).to_contain_text("list.txt")
        page.keyboard.press("z")
        expect(page.locator("#files")).to_contain_text("list.txt")
        page.get_by_role("button", name="Discard").click()
        expect(page.locator("#composer form")).to_have_count(0)


def test_two_people_see_each_other(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live) as mia, at_the_desk(browser, live, "jonas") as jonas:
        with mia.expect_response("**/here"):
            open_row(mia, "Maximilian von Hohenstein-Waldburg")
        open_row(jonas, "Maximilian von Hohenstein-Waldburg")
        expect(jonas.locator("#presence")).to_contain_text("Mia Okafor is reading this too")
        answer(mia, "Sehr geehrter Herr")
        expect(jonas.locator("#presence")).to_contain_text("Mia Okafor is replying")

        # Jonas closes it meanwhile; Mia sees it and keeps what she typed.
        jonas.locator("#case summary").click()
        jonas.locator("#case").get_by_role("button", name="Close").click()
        expect(mia.locator("#case")).to_contain_text("Closed")
        expect(mia.locator("#c-text")).to_have_value("Sehr geehrter Herr")
        expect(mia.locator("#c-text")).to_be_focused()
        jonas.keyboard.press("z")
        expect(jonas.locator(".toast", has_text="Undone")).to_be_visible()
        mia.get_by_role("button", name="Discard").click()
        expect(mia.locator("#composer form")).to_have_count(0)


def test_a_desk_that_fails_says_so_and_keeps_the_words(browser: Chromium, live: LiveDesk) -> None:
    said = r"Failed to load resource|htmx:.*(error|fetch)|Failed to fetch"
    with at_the_desk(browser, live, also=said) as page:
        page.route(re.compile(r"/send$"), lambda route: route.abort())
        page.route(
            re.compile(r"/send$"),
            lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"),
            times=1,
        )
        page.reload()
        open_row(page, "Priyanka Venkataraghavan")
        answer(page, "We can do sixty.")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast[role=alert]")).to_contain_text("did not answer")
        expect(page.locator("#c-text")).to_have_value("We can do sixty.")
        page.locator("#c-text").press("Control+Enter")
        expect(page.locator(".toast[role=alert]", has_text="cannot be reached")).to_be_visible()
        expect(page.locator("#c-text")).to_have_value("We can do sixty.")
    assert live.facts(live.conversation("Priyanka Venkataraghavan"), "state") == ("open",)
