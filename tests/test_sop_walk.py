"""Both procedures, walked in the browser from the first mail to the feedback in the manager's report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from checkout_desk.reports.procedure import JUDGED
from tests.browser import rooms, shelves
from tests.browser.cards import cards_taken
from tests.browser.live import LiveDesk
from tests.browser.test_paid_walk import Buyer, words_of
from tests.browser.walking import Walk, furnish
from tests.parts.browser import Chromium
from tests.parts.dovecot import Dovecot
from tests.parts.localstripe import LocalStripe
from tests.parts.smtp import SmtpSink
from tests.parts.tls import LittleAuthority

pytestmark = pytest.mark.browser
BUYERS = {
    "keyboard": (Buyer("Wanda Hill", "wanda@hill.example", "WLK-LAMP", "harbour lamp"), "5012345678917"),
    "without JavaScript": (Buyer("Otto Brook", "otto@brook.example", "WLK-BELL", "garden bell"), "5012345678924"),
}  # fmt: skip
PROMISE = "A manager approved this line for {name}."
WORDS = "The {product} rattled in its box"
CONFIRMED = """Thank you for your order!
Order number: {number}
Items: 2 × {product}: £84.00
Shipping, Tracked 48: £0.00
Total: £84.00
of which VAT 20 %: £14.00
Shipping to: {name}
12 High Street
Leeds LS1 4DY
United Kingdom
Estimated shipping time: 2–3 business days
For questions, contact us at help@fernandkiln.shop.
"""


@pytest.fixture(scope="module")
def live(dovecot_server: Dovecot) -> Iterator[LiveDesk]:
    with SmtpSink() as sink, LiveDesk(dovecot_server, sink) as desk:
        yield desk


@pytest.fixture(params=list(BUYERS))
def walk(
    request: pytest.FixtureRequest, live: LiveDesk, stripe: LocalStripe, authority: LittleAuthority
) -> Iterator[Walk]:
    buyer, barcode = BUYERS[request.param]
    furnish(live, buyer, barcode)
    with ExitStack() as open_till_the_end:
        page = open_till_the_end.enter_context(cards_taken(live, stripe, authority))
        browser = open_till_the_end.enter_context(Chromium(page.argument))
        yield Walk(live, browser, buyer, barcode, keyboard=request.param == "keyboard")


def test_both_procedures(walk: Walk, tmp_path: Path) -> None:
    tracking = shelves.number(81_000_000 + walk.keyboard)
    with walk.clerk("mia") as mia, walk.clerk("tom") as tom, walk.clerk("ines") as ines:
        # B5
        version = rooms.approves(ines, "Order delivered", walk.fill(PROMISE))
        # A1
        walk.orders()
        mia.opens("New orders", "g", "n")
        # A2
        expect(mia.page.locator(".span.k1")).to_contain_text(f"2 x {walk.buyer.product}")
        mia.step("Accept the line", "y")
        # A3
        mia.sees(mia.side.locator(".ln.k1"), "accepted", "9 free of 9")
        walk.number = mia.reads_number()
        # A4
        mia.step("Ask for details", "q")
        asked = mia.sends("What is the postcode of 12 High Street, Leeds?")
        walk.answers(asked)
        # B1
        mia.sees(mia.side.locator("#ship"), "Leeds LS1 4DY")
        mia.step("Verify order", "v")
        # A5
        mia.step("Send quote", "q")
        expect(mia.text).to_have_value(
            re.compile(r"Total to pay: .*Card: .*PayPal: .*Bank transfer .*RF\d\d", re.DOTALL)
        )
        # A6
        quote = mia.sends("Total to pay: £84.00")
        mia.sees(mia.now, "Quoted")
        rooms.stock_shows(tom, on_hand=9, held=2, sold=0)
        # A7
        rooms.is_paid(mia, quote)
        # A8
        rooms.payment_shows(mia)
        # A9
        rooms.stock_shows(tom, on_hand=9, held=0, sold=2)
        # A13, B2
        confirmed = walk.gets(f"Your Order #{walk.number} is Confirmed")
        assert words_of(confirmed).startswith(walk.fill(CONFIRMED))
        # A10
        rooms.packs(tom, walk.barcode, tracking)
        # A11
        rooms.prints_label(tom)
        # A12
        rooms.hands_over(tom, "Royal Mail", tracking)
        # A14, B3
        shipped = walk.gets(f"Your Order #{walk.number} Has Shipped!")
        assert re.search(
            rf"Tracking number: {tracking}\nTrack your package: https://\S+{tracking}\n", words_of(shipped)
        )
        assert re.search(r"Estimated delivery date:\n?\s*\w+day, \d+ \w+ \d{4}", words_of(shipped))
        # B4
        walk.writes("Where is it?", "Hello, where is my parcel? Has it left already?", answers=shipped)
        mia.opens("Answer", "g", "a")
        mia.step("Answer: where it is", "d")
        assert tracking in words_of(mia.sends(f"This is where your order {walk.number} is now"))
        walk.writes(
            "It has to be here on Friday", "Can you promise Friday? It is a present.", answers=shipped
        )
        mia.opens("Answer", "g", "a")
        rooms.escalates(mia, "Only a manager can promise a day")
        ines.opens("Escalated to me")
        rooms.hands_back(ines, "Yes, it left with the early van")
        mia.opens("Answer", "g", "a")
        expect(mia.page.locator("#thread")).to_contain_text("it left with the early van")
        rooms.replies(mia, "It will be there on Friday.")
        # B3, B5
        rooms.hears_of_delivery(tom)
        delivered = walk.gets(f"Your order {walk.number} has been delivered")
        assert walk.fill(PROMISE) in words_of(delivered)
        # A15
        with walk.at_the_door(shipped) as customer:
            rooms.asks_to_return(customer)
        mia.opens("Returns, refunds")
        rooms.allows(mia)
        rooms.receives(tom)
        rooms.settles(ines)
        # A16
        walk.days_pass()
        with walk.at_the_door(walk.gets(f"How was order {walk.number}?")) as customer:
            rooms.says_how_it_was(customer, "Poor", walk.fill(WORDS))
        ines.opens("Escalated to me")
        expect(ines.page.locator(".case__flag")).to_contain_text(f"Feedback 2 of 5 about order {walk.number}")
        rooms.replies(ines, "We are sorry; the next box gets more straw.")
        # A17
        ines.finds_order()
        assert rooms.stages(ines) == dict.fromkeys((step.code for step in JUDGED), "done")
        assert "are as they were written" in rooms.checks_itself(rooms.downloads_records(ines, tmp_path))
        rooms.verifies_chain(ines)
        # B6
        rooms.report_shows(ines, walk.fill(WORDS), f"Order delivered, English v{version}")
