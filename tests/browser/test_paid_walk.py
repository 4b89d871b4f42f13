"""The money's whole way in a browser: mail, draft, verified, quoted, paid by hand or by the bank's file, confirmed, once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from checkout_desk import clock, money
from checkout_desk.catalogue import products, stock
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders import loading
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium

ON_HAND = 9
PRICE = 4200


@dataclass(frozen=True)
class Buyer:
    """A customer and the one product that nobody else in the tests buys, so that its stock says what happened."""

    name: str
    email: str
    sku: str
    product: str

    def words(self) -> str:
        """The mail that orders two."""
        return (
            f"Hello,\n\nplease send me 2 x {self.product}.\n\n{self.name}\n12 High Street\nLeeds LS1 4DY\n"
            "United Kingdom\n+44 113 496 0999\n"
        )


HAND = Buyer("Ida Holt", "ida@holt.example", "KETL-CU", "copper kettle")
BANK = Buyer("Ben Marsh", "ben@marsh.example", "CLCK-OA", "oak clock")
PLAIN = Buyer("Una Frost", "una@frost.example", "BSKT-WI", "willow basket")


@dataclass(frozen=True)
class Quoted:
    """What the mail with the quote told the customer."""

    conversation: int
    number: int
    total: str
    reference: str
    minor: int


def ordered(live: LiveDesk, buyer: Buyer) -> tuple[int, int]:
    """The buyer's mail comes in by IMAP; returns its conversation and the number of the order that was read in it."""
    with live.app.app_context():
        begin_write()
        made = products.create(
            sku=buyer.sku,
            name=buyer.product.capitalize(),
            price_minor=PRICE,
            currency="GBP",
            weight_grams=800,
        )
        stock.receive(made.id, ON_HAND, about="test")
        db.session.commit()
    live.write(f"{buyer.name} <{buyer.email}>", f"Order: {buyer.product}", buyer.words())
    live.until(lambda: _order_of(live, buyer) is not None)
    found = _order_of(live, buyer)
    assert found is not None
    return found


def _order_of(live: LiveDesk, buyer: Buyer) -> tuple[int, int] | None:
    with live.app.app_context():
        row = db.session.execute(
            select(Conversation.id, Conversation.order_number).where(
                Conversation.subject == f"Order: {buyer.product}", Conversation.order_number.is_not(None)
            )
        ).first()
        db.session.rollback()
        return (row.id, row.order_number) if row else None


def got(live: LiveDesk, buyer: Buyer, subject: str) -> list[EmailMessage]:
    """The mails to the buyer that the SMTP server has and whose subject has these words."""
    found = []
    for kept in live.sink.accepted:
        mail = message_from_bytes(kept.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if buyer.email in str(mail["To"]) and subject in str(mail["Subject"]):
            found.append(mail)
    return found


def words_of(mail: EmailMessage) -> str:
    """The text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def the_quote(live: LiveDesk, buyer: Buyer, conversation: int, number: int) -> Quoted:
    """Wait for the mail with the quote, and hold it against what the order says."""

    def quotes() -> list[EmailMessage]:
        return [mail for mail in got(live, buyer, "") if re.search(r"RF\d\d", words_of(mail))]

    live.until(lambda: bool(quotes()))
    [mail] = quotes()
    text = words_of(mail)
    found = re.search(r"\bRF\d\d[ \dQ]+\b", text)
    assert found, text
    with live.app.app_context():
        order = loading.load(number)
        assert order is not None
        assert order.state == "quoted"
        total = order.total_minor
        db.session.rollback()
    assert total is not None
    assert total >= 2 * PRICE
    assert money.show(total, "GBP") in text
    assert str(number) in found[0].replace(" ", "")
    return Quoted(conversation, number, money.show(total, "GBP"), found[0].strip(), total)


def figures(page: Page, buyer: Buyer) -> dict[str, str]:
    """The stock of the buyer's product as the catalogue shows it."""
    page.goto(f"/catalogue?q={buyer.sku}")
    page.get_by_role("link", name=re.compile(buyer.product, re.IGNORECASE)).first.click()
    expect(page.locator("#stock")).to_be_visible()
    return dict(
        zip(
            page.locator("#stock .fig dt").all_inner_texts(),
            page.locator("#stock .fig dd").all_inner_texts(),
            strict=True,
        )
    )


def shows(page: Page, buyer: Buyer, *, held: int, sold: int) -> None:
    """Assert what the product's page says of its stock."""
    now = figures(page, buyer)
    assert {name: int(now[name]) for name in ("On hand", "Held for quotes", "Sold, not shipped", "Available")} == {
        "On hand": ON_HAND,
        "Held for quotes": held,
        "Sold, not shipped": sold,
        "Available": ON_HAND - held - sold,
    }  # fmt: skip


def quoted(page: Page, live: LiveDesk, buyer: Buyer) -> Quoted:
    """From the customer's words to the quote in the customer's hands, with the keys."""
    conversation, number = ordered(live, buyer)
    page.goto(f"/conversations/{conversation}")
    side, now = page.locator("#side"), page.locator("#case [aria-current=step]")
    expect(page.locator(".span.k1")).to_contain_text(f"2 x {buyer.product}")
    expect(side.locator(".ln.k1")).to_contain_text(buyer.sku)
    page.keyboard.press("y")
    expect(side.locator(".ln.k1")).to_contain_text("accepted")
    expect(side.locator(".next .btn--primary")).to_contain_text("Verify order")
    page.keyboard.press("v")
    expect(now).to_have_text("Verified")
    side.locator(".next .btn--primary", has_text="Send quote").click()
    expect(page.locator("#c-text")).to_have_value(re.compile(r"RF\d\d"))
    expect(page.locator("#lint")).to_contain_text("Amounts are the quote’s")
    page.locator("#c-text").press("Control+Enter")
    expect(page.locator("#composer form")).to_have_count(0)
    expect(now).to_have_text("Quoted")
    return the_quote(live, buyer, conversation, number)


def by_hand(page: Page, quote: Quoted, buyer: Buyer) -> None:
    """Somebody saw the money at the bank and enters it."""
    page.goto("/payments")
    page.get_by_role("link", name="Enter by hand").click()
    page.get_by_label("Amount").fill(f"{quote.minor / 100:.2f}")
    page.get_by_label("Who paid").fill(buyer.name)
    page.get_by_label("Reference or order number").fill(quote.reference)
    page.get_by_label("What shows it").fill("Seen at the bank")
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_role("heading", name="Payments", level=1)).to_be_visible()


def by_statement(page: Page, quote: Quoted, buyer: Buyer) -> None:
    """The bank's file has it; a worker takes it in."""
    page.goto("/payments/import")
    page.get_by_label("Statement").set_input_files(bank_file(quote, buyer))
    page.get_by_role("button", name="Look at it").click()
    plan = page.get_by_role("region", name="New money in")
    expect(plan).to_contain_text(buyer.name)
    expect(plan).to_contain_text(quote.total)
    page.get_by_role("button", name="Take in 1 payment").click()
    expect(page.locator("#progress")).to_contain_text("All rows are taken in")


def bank_file(quote: Quoted, buyer: Buyer) -> FilePayload:
    """A statement with the money of the quote and a debit, as banks write them."""
    day = f"{clock.now():%d/%m/%Y}"
    rows = (
        "Date,Description,Name,Amount,Currency",
        f"{day},{quote.reference},{buyer.name},{quote.minor / 100:.2f},GBP",
        f"{day},Rent of the kiln,Landlord Ltd,-650.00,GBP",
    )
    return FilePayload(
        name=f"{buyer.sku}.csv", mimeType="text/csv", buffer=("\r\n".join(rows) + "\r\n").encode()
    )


def confirmed(page: Page, live: LiveDesk, quote: Quoted, buyer: Buyer) -> None:
    """Everywhere the order is paid, and the customer was told of it once."""
    subject = f"Your Order #{quote.number} is Confirmed"
    live.until(lambda: bool(got(live, buyer, subject)))
    page.goto(f"/conversations/{quote.conversation}")
    expect(page.locator("#case [aria-current=step]")).to_have_text("Paid")
    expect(page.locator("#case .docket")).to_contain_text("Paid")
    expect(page.locator("#side .next")).to_contain_text("Pack the parcel")
    expect(page.locator("#side")).to_contain_text(quote.total)
    told = page.locator("#thread .mail--ours", has_text="Thank you for your order!")
    expect(told).to_have_count(1)
    expect(told).to_contain_text(str(quote.number))
    shows(page, buyer, held=0, sold=2)
    sold = page.locator("#stock tbody tr", has_text="sold +2")
    expect(sold).to_have_count(1)
    expect(sold).to_contain_text("held −2")
    expect(page.locator("#stock tbody tr", has_text="held +2")).to_have_count(1)
    [mail] = got(live, buyer, subject)
    assert mail["Subject"] == subject
    assert "Thank you for your order!" in words_of(mail)


def test_from_a_mail_to_paid_by_hand(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(0)
    with at_the_desk(browser, live) as page:
        quote = quoted(page, live, HAND)
        shows(page, HAND, held=2, sold=0)
        by_hand(page, quote, HAND)
        confirmed(page, live, quote, HAND)


def test_from_a_mail_to_paid_by_the_banks_file(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(0)
    with at_the_desk(browser, live) as mia, at_the_desk(browser, live, "priya") as priya:
        quote = quoted(mia, live, BANK)
        shows(priya, BANK, held=2, sold=0)
        by_statement(priya, quote, BANK)

        # Who looks at the conversation sees it paid, and the mail of it, without doing anything.
        expect(mia.locator("#case [aria-current=step]")).to_have_text("Paid")
        expect(mia.locator("#thread .mail--ours").last).to_contain_text("Thank you for your order!")
        confirmed(mia, live, quote, BANK)

        # The same file again brings nothing: no second payment, no second mail, no second move of the stock.
        priya.goto("/payments/import")
        priya.get_by_label("Statement").set_input_files(bank_file(quote, BANK))
        priya.get_by_role("button", name="Look at it").click()
        expect(priya.locator("main")).to_contain_text("There is nothing to import")
        confirmed(mia, live, quote, BANK)


def test_from_a_mail_to_paid_without_script(browser: Chromium, live: LiveDesk) -> None:
    live.undo_window(0)
    conversation, number = ordered(live, PLAIN)
    with at_the_desk(browser, live, javascript=False) as page:
        page.goto(f"/conversations/{conversation}?order={number}")
        side, now = page.locator("#side"), page.locator("#case [aria-current=step]")
        expect(page.locator(".span.k1")).to_contain_text(f"2 x {PLAIN.product}")
        side.locator(".next .btn--primary", has_text="Accept the line").click()
        page.locator("#side .next .btn--primary", has_text="Verify order").click()
        expect(now).to_have_text("Verified")
        side.locator(".next .btn--primary", has_text="Send quote").click()
        expect(page.locator("#c-text")).to_have_value(re.compile(r"RF\d\d"))
        page.get_by_role("button", name="Send", exact=False).first.click()
        expect(page.locator("#case [aria-current=step]")).to_have_text("Quoted")
        quote = the_quote(live, PLAIN, conversation, number)
        by_hand(page, quote, PLAIN)
        confirmed(page, live, quote, PLAIN)
