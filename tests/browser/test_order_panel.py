"""An order out of a mail, in a browser: from the words of a customer to an order that is verified."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk.catalogue import products, stock
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders import loading
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.browser.test_accessibility import judge
from tests.parts.browser import Chromium

ODD_WRITES = "Odd Larsen <odd@larsen.example>"
ORDERS = """Hello,

please send me 2 x brass lantern and 1 hemp rope.

Odd Larsen
12 High Street
Leeds
United Kingdom
+44 113 496 0999
"""
CATALOGUE = (
    ("LANT-BR", "Brass lantern", 4200, 7),
    ("ROPE-05", "Hemp rope, 5 m", 900, 20),
    ("ROPE-10", "Hemp rope, 10 m", 1600, 0),
    ("LANT-OIL", "Lantern oil", 700, 30),
)


def furnish(live: LiveDesk) -> None:
    """Put the products on the shelf that this customer writes of."""
    with live.app.app_context():
        begin_write()
        if products.by_sku("LANT-BR") is None:
            for sku, name, price, pieces in CATALOGUE:
                made = products.create(
                    sku=sku, name=name, price_minor=price, currency="GBP", weight_grams=400
                )
                if pieces:
                    stock.receive(made.id, pieces, about="test")
        db.session.commit()


def ordered(live: LiveDesk, subject: str) -> tuple[int, int]:
    """A mail with an order arrives; returns its conversation and the number of its order."""
    furnish(live)
    live.write(ODD_WRITES, subject, ORDERS)
    live.until(lambda: newest(live, subject) is not None)
    found = newest(live, subject)
    assert found is not None
    return found


def newest(live: LiveDesk, subject: str) -> tuple[int, int] | None:
    """Conversation and order number of the mail with this subject, as soon as it was read."""
    with live.app.app_context():
        row = db.session.execute(
            select(Conversation.id, Conversation.order_number).where(
                Conversation.subject == subject, Conversation.order_number.is_not(None)
            )
        ).first()
        db.session.rollback()
        return (row.id, row.order_number) if row else None


def test_from_a_customers_words_to_a_verified_order(browser: Chromium, live: LiveDesk) -> None:
    conversation, number = ordered(live, "Lanterns and rope")
    with at_the_desk(browser, live) as page:
        page.goto(f"/conversations/{conversation}")
        side, head = page.locator("#side"), page.locator("#case")
        expect(head.locator(".docket")).to_contain_text(str(number))
        expect(head.locator("[aria-current=step]")).to_contain_text("Draft, 2 gaps")

        # Words and line light up together, by pointer and by keyboard, in both directions.
        words, row = page.locator(".span.k1"), side.locator(".ln.k1")
        expect(words).to_contain_text("2 x brass lantern")
        words.hover()
        expect(row).to_have_class(re.compile("is-lit"))
        side.locator(".ln.k2").hover()
        expect(page.locator(".span.k2")).to_have_class(re.compile("is-lit"))
        expect(words).not_to_have_class(re.compile("is-lit"))
        page.mouse.move(5, 5)
        words.focus()
        expect(row).to_have_class(re.compile("is-lit"))
        page.keyboard.press("Enter")
        expect(row.locator(".qty")).to_be_focused()
        page.keyboard.press("Escape")

        # One key accepts what is certain; the choice is a button; arrow keys change a quantity.
        page.keyboard.press("y")
        expect(row).to_contain_text("accepted")
        expect(page.locator(".toast")).to_contain_text("One line accepted")
        side.get_by_role("button", name="5 m").click()
        expect(side.locator(".ln.k2")).to_contain_text("ROPE-05")
        row.locator(".qty").focus()
        page.keyboard.press("ArrowUp")
        expect(row).to_contain_text("£126.00")
        expect(row.locator(".qty")).to_be_focused()
        expect(row).to_contain_text("typed by Mia")
        expect(head.locator(".docket")).to_contain_text("£135.00")
        page.keyboard.press("Escape")

        # A line by typing, found by the beginning of a word, chosen with the keys.
        page.keyboard.press("+")
        expect(page.locator("#f-q")).to_be_focused()
        page.keyboard.type("oil")
        expect(page.locator("[data-found]")).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#act[open]")).to_have_count(0)
        expect(side).to_contain_text("LANT-OIL")
        page.keyboard.press("z")
        expect(side).not_to_contain_text("LANT-OIL")

        # The hole in the address opens the form at its field; what is wrong is said there.
        side.get_by_role("link", name="postcode missing").click()
        expect(page.locator("#f-ship_postcode")).to_be_focused()
        page.keyboard.type("12345")
        page.keyboard.press("Enter")
        expect(page.locator("#f-ship_postcode-error")).to_contain_text("“12345” is not a")
        page.locator("#f-ship_postcode").fill("ls1 4dy")
        page.locator("#f-ship_postcode").press("Enter")
        expect(page.locator("#ship")).to_contain_text("Leeds LS1 4DY")
        expect(page.locator("#ship")).to_contain_text("Postcode typed by Mia")

        page.keyboard.press("Escape")
        page.keyboard.press("v")
        expect(head.locator("[aria-current=step]")).to_have_text("Verified")
        expect(side).to_contain_text("Send the quote")
    with live.app.app_context():
        order = loading.load(number)
        assert order is not None
        assert (order.state, order.ship_postcode, order.total_minor) == ("verified", "LS1 4DY", 13500)
        db.session.rollback()


def test_two_people_one_draft(browser: Chromium, live: LiveDesk) -> None:
    conversation, _ = ordered(live, "Lanterns again")
    with at_the_desk(browser, live) as mia, at_the_desk(browser, live, "priya") as priya:
        for page in (mia, priya):
            page.goto(f"/conversations/{conversation}")
        mia.locator("#ship").get_by_role("link", name="Edit").click()
        mia.locator("#f-ship_line2").fill("Flat 3")
        priya.keyboard.press("y")
        expect(priya.locator(".ln.k1")).to_contain_text("accepted")
        priya.locator(".ln.k1 .qty").focus()
        priya.keyboard.press("ArrowUp")
        expect(mia.locator("#case .docket")).to_contain_text(
            "£126.00"
        )  # the head is live; the open form is let alone
        expect(mia.locator("#f-ship_line2")).to_have_value("Flat 3")
        mia.locator("#ship").get_by_role("button", name="Save").click()
        expect(mia.locator(".faster")).to_contain_text("Priya Nair changed LANT-BR from 2 to 3")
        expect(mia.locator(".faster")).to_contain_text("You wanted: Flat 3")
        mia.get_by_role("button", name="Apply mine all the same").click()
        expect(mia.locator("#ship")).to_contain_text("Flat 3")
        expect(priya.locator("#ship")).to_contain_text("Flat 3")  # by itself, a moment later
        expect(priya.locator(".ln.k1 .qty")).to_have_value("3")


def test_the_panel_before_axe(browser: Chromium, live: LiveDesk) -> None:
    conversation, number = ordered(live, "Lanterns, once more")
    found = []
    with at_the_desk(browser, live, reduced_motion="reduce") as page:
        for name, path, link in (
            ("order panel", f"/conversations/{conversation}", ""),
            ("order panel, tab", f"/conversations/{conversation}#side", ""),
            ("order panel, address form", f"/conversations/{conversation}#side", "postcode missing"),
            ("order panel, picker", f"/conversations/{conversation}#side", "Add line"),
            ("address as a page", f"/orders/{number}/details", ""),
            ("picker as a page", f"/orders/{number}/find", ""),
        ):
            page.set_viewport_size({"width": 1440, "height": 960})
            page.goto("about:blank")
            page.goto(path)
            if link:
                page.locator("#side").get_by_role("link", name=link).first.click()
                expect(page.locator("#f-q, #f-ship_line1").first).to_be_visible()
            found += judge(page, name)
    assert not found, "\n".join(found)
