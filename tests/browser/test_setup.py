"""From an empty desk to the first mail answered: the set-up with real mail servers, with script and without."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pyotp
import pytest
from playwright.sync_api import FilePayload, Page, expect

from checkout_desk import migrating
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.settings.first_run import first_run_code
from tests.browser.live import ROOT, LiveDesk
from tests.browser.people import watch
from tests.parts.browser import Chromium
from tests.parts.dovecot import Dovecot
from tests.parts.relay import Relay
from tests.parts.smtp import SmtpSink

ADDRESS, ADA = "orders@harbour.example", "ada@harbour.example"
PASSWORD = "a lantern on the quay"
PRODUCTS = (
    b"sku,name,price,currency,stock,weight_grams\nTEA-1,Harbour tea,9.00,GBP,40,120\nCUP-1,Cup,dear,GBP,1,1\n"
)


class EmptyDesk(LiveDesk):
    """A desk that nobody has opened yet."""

    def __enter__(self) -> Self:
        migrating.upgrade(self.app)
        kept = self._kept()
        self._server.spawn([sys.executable, "-m", "checkout_desk.cli", "up"], cwd=ROOT, env=kept)
        self._server.wait_ready(self._answers)
        return self

    def _kept(self) -> dict[str, str]:
        names = ("PATH", "HOME", "LANG", "TMPDIR")
        return {name: os.environ[name] for name in names if name in os.environ} | self._environment()


@pytest.fixture
def empty(dovecot_server: Dovecot) -> Iterator[EmptyDesk]:
    with SmtpSink() as sink, EmptyDesk(dovecot_server, sink) as desk:
        yield desk


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_from_an_empty_desk_to_the_first_answer(
    browser: Chromium, empty: EmptyDesk, javascript: bool
) -> None:
    with (
        browser.page(base_url=empty.url, width=1440, height=960, javascript=javascript) as page,
        Relay(empty.sink, empty.dovecot, empty.user, ADDRESS),
    ):
        wrong = watch(page, empty)
        open_the_desk(page, empty)
        page.goto("/queue/answer")
        page.get_by_role("link", name="Set up your desk").click()
        page.get_by_role("link", name="Begin with your store").click()
        store(page)
        mailbox(page, empty, javascript)
        catalogue(page)
        the_rest(page, empty)
        answer_a_customer(page, empty)
        assert wrong == []


def open_the_desk(page: Page, desk: EmptyDesk) -> None:
    page.goto(f"/first-run?code={first_run_code(Path(desk.home))}")
    for label, words in (
        ("Store", "Harbour Books"),
        ("Your name", "Ada Lane"),
        ("E-mail", ADA),
        ("Password", PASSWORD),
    ):
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_role("button", name="Create the admin").click()
    expect(page).to_have_url(re.compile("second-factor"))
    secret = re.search(r"into the app: ([A-Z2-7 ]+)", page.locator("main").inner_text())
    assert secret
    page.get_by_label("Code").fill(pyotp.TOTP(secret[1].replace(" ", "")).now())
    page.get_by_role("button", name="Use this app").click()
    expect(page.locator("main")).to_contain_text("Recovery codes")


def store(page: Page) -> None:
    page.get_by_label("Store name").fill("")
    page.get_by_label("Address", exact=True).fill("1 Quay Street\nBristol BS1 1AA")
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator("#f-name-error")).to_contain_text("Store name is empty")
    expect(page.get_by_label("Address", exact=True)).to_have_value("1 Quay Street\nBristol BS1 1AA")
    page.get_by_label("Store name").fill("Harbour Books")
    page.get_by_label("Time zone").select_option("Europe/London")
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator("#found .pill")).to_contain_text("done")
    page.get_by_role("link", name="Next: First mailbox").click()


def mailbox(page: Page, desk: EmptyDesk, javascript: bool) -> None:
    page.get_by_text("Another user for sending, certificates").click()
    page.get_by_label("Certificate file for reading").fill(str(desk.dovecot.ca_file))
    page.get_by_label("Address", exact=True).fill(ADDRESS)
    page.get_by_label("User", exact=True).fill(desk.user)
    page.get_by_label("Sending takes the same").uncheck()
    reading, sending = page.locator(".setup__side").nth(0), page.locator(".setup__side").nth(1)
    reading.get_by_label("Server").fill(desk.dovecot.host)
    reading.get_by_label("Port").fill("imaps")
    sending.get_by_label("Server").fill(desk.sink.host)
    sending.get_by_label("Port").fill(str(desk.sink.port))
    sending.get_by_label("Encryption").select_option("none")
    for _ in range(2):
        page.locator("#f-imap_password").fill(desk.dovecot.users[desk.user])
        page.locator("#f-confirm").fill(PASSWORD)
        page.get_by_role("button", name="Save and send a test mail").click()
        if page.locator("#f-imap_port-error").count():
            reading.get_by_label("Port").fill(str(desk.dovecot.imaps_port))
    found = page.locator("#found")
    expect(found).to_contain_text("the server took a test mail")
    desk.until(lambda: _conversations(desk) == 1)
    while not javascript and page.get_by_role("button", name="Look again").count():
        page.get_by_role("button", name="Look again").click()
    expect(found).to_contain_text("The desk took it in")
    expect(found.locator(".pill")).to_contain_text("done")
    page.get_by_role("link", name="Next: Catalogue").click()


def _conversations(desk: EmptyDesk) -> int:
    with desk.app.app_context():
        number = db.session.query(Conversation).count()
        db.session.rollback()
        return number


def catalogue(page: Page) -> None:
    file: FilePayload = {"name": "products.csv", "mimeType": "text/csv", "buffer": PRODUCTS}
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.locator("main")).to_contain_text("dear")
    page.get_by_label("Import the others").check()
    page.get_by_role("button", name="Import 1 product").click()
    page.get_by_role("link", name="Back to the set-up").click()
    expect(page.locator("#found")).to_contain_text("is read as an order of 2 × TEA-1")
    page.get_by_role("link", name="Next: Tax").click()


def the_rest(page: Page, desk: EmptyDesk) -> None:
    expect(page.locator("#found")).to_contain_text("United Kingdom: VAT 20 %")
    page.get_by_role("button", name="It is right like this").click()
    expect(page.locator("#found")).to_contain_text("Tracked 48")
    page.get_by_role("link", name="Next: Ways to pay").click()
    page.get_by_role("button", name="That is enough").click()
    page.get_by_role("button", name="I work alone").click()
    page.get_by_label("Promise in hours").fill("soon")
    page.get_by_role("button", name="Promise it").click()
    expect(page.locator("#f-promise_hours-error")).to_contain_text("“soon”")
    page.get_by_label("Promise in hours").fill("8")
    page.get_by_label("Counts in").select_option("office")
    page.get_by_role("button", name="Promise it").click()
    expect(page.locator("#found")).to_contain_text("An answer within 8 hours in the hours of “Office hours”")
    page.get_by_role("link", name="Next: Mails").click()
    before = len(desk.sink.accepted)
    page.get_by_role("button", name="Send me a test mail").click()
    desk.sink.wait_for(before + 1)
    assert desk.sink.accepted[-1].recipients == [ADA]
    page.get_by_role("button", name="Leave it for later").click()
    expect(page.get_by_role("heading", name="Your desk is ready")).to_be_visible()
    expect(page.locator("main")).to_contain_text("left for later")
    page.get_by_role("link", name="To the queue").click()


def answer_a_customer(page: Page, desk: EmptyDesk) -> None:
    desk.undo_window(0)
    text = "Hello,\n\nplease send me 2 x Harbour tea.\n\nJo Reed\n5 Mill Lane\nBath BA1 1AA"
    desk.write("Jo Reed <jo@reader.example>", "An order", text, to=ADDRESS)
    desk.until(lambda: _conversations(desk) == 2)
    page.goto(f"/conversations/{desk.conversation('Jo Reed')}")
    expect(page.locator("main")).to_contain_text("TEA-1")
    before = len(desk.letters)
    page.locator("#composer").get_by_role("link", name="Reply", exact=True).click()
    page.locator("#c-text").fill("Thank you, Jo. Your quote comes next.")
    page.get_by_role("button", name="Send").click()
    mail = desk.sent(before + 1)
    assert "jo@reader.example" in mail["To"]
    assert "Your quote comes next" in mail.as_string()
