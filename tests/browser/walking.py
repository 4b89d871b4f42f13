"""Both procedures as people walk them: a customer, and clerks who work by keys alone or without any script.

`tests/test_sop_walk.py` says which step comes when; here stands how it is done on the screens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from playwright.sync_api import Error, Locator, Page, expect
from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.catalogue import products, stock
from checkout_desk.demo import PASSWORD
from checkout_desk.extensions import begin_write, db
from checkout_desk.feedback import asking
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.shipping.models import Carrier
from tests.browser.hands import Hands
from tests.browser.live import LiveDesk
from tests.browser.people import paper, watch
from tests.browser.test_paid_walk import Buyer, Quoted, got, words_of
from tests.parts.browser import Chromium

ON_HAND = 9
PRICE = 4200


def furnish(live: LiveDesk, buyer: Buyer, barcode: str) -> None:
    """The buyer's product is on the shelf, and the carriers come for a list of parcels."""
    live.undo_window(0)
    with live.app.app_context():
        begin_write()
        made = products.create(
            sku=buyer.sku, name=buyer.product.capitalize(), price_minor=PRICE, currency="GBP", weight_grams=800,
            shelf="W-1", barcode=barcode,
        )  # fmt: skip
        stock.receive(made.id, ON_HAND, about="test")
        db.session.execute(update(Carrier).values(handover="manifest"))
        db.session.commit()


@dataclass
class Walk:
    """One order on its way through both procedures."""

    live: LiveDesk
    browser: Chromium
    buyer: Buyer
    barcode: str
    keyboard: bool
    number: int = 0

    def fill(self, text: str) -> str:
        """Words with {number}, {product} and {name} of this order."""
        return text.format(number=self.number, product=self.buyer.product.capitalize(), name=self.buyer.name)

    @contextmanager
    def clerk(self, who: str) -> Iterator[Clerk]:
        """Somebody signs in. At the end no script may have failed, and no page may have been touched otherwise than by keys."""
        options = {"javascript": self.keyboard, "width": 1440, "height": 960}
        with self.browser.page(base_url=self.live.url, **options) as page:  # type: ignore[arg-type]
            wrong = watch(page, self.live)
            page.route("**/shipping/labels/*.pdf", paper)
            clerk = Clerk(page, self)
            clerk.signs_in(who)
            yield clerk
            assert wrong == []

    @contextmanager
    def at_the_door(self, mail: EmailMessage) -> Iterator[Hands]:
        """The customer opens the link of a mail."""
        [url] = set(re.findall(r"http://\S+/o/[\w-]{43}", words_of(mail)))
        with self.browser.page(
            javascript=self.keyboard, width=390, height=844, ignore_https_errors=True
        ) as page:
            hands = Hands(page, keyboard=self.keyboard)
            page.goto(url)
            yield hands

    def writes(self, subject: str, text: str, *, answers: EmailMessage | None = None) -> None:
        """The customer's mail arrives in the mailbox."""
        who = f"{self.buyer.name} <{self.buyer.email}>"
        to = {"to": str(answers["Reply-To"])} if answers is not None else {}
        self.live.write(who, subject, text, answers=answers, **to)

    def orders(self) -> None:
        """The first mail; it forgets the postcode."""
        b = self.buyer
        self.writes(
            f"Order: {b.product}",
            f"Hello,\n\nplease send me 2 x {b.product}.\n\n{b.name}\n12 High Street\nLeeds\nUnited Kingdom\n+44 113 496 0999\n",
        )

    def answers(self, asked: EmailMessage) -> None:
        """The customer tells what was asked: by mail, or on the page that the mail leads to."""
        if self.keyboard:
            self.writes(f"Re: {asked['Subject']}", "Sorry! The postcode is LS1 4DY.", answers=asked)
            return
        with self.at_the_door(asked) as customer:
            customer.type(customer.page.get_by_label("Postcode"), "ls1 4dy")
            customer.use(customer.page.get_by_role("button", name="Send"))
            expect(customer.page.get_by_role("heading", level=1)).to_have_text("Thank you")

    def mails(self, words: str) -> list[EmailMessage]:
        """The customer's mails that say this."""
        return [mail for mail in got(self.live, self.buyer, "") if words in words_of(mail)]

    def gets(self, subject: str) -> EmailMessage:
        """Wait for the one mail to the customer whose subject has these words."""
        self.live.until(lambda: bool(got(self.live, self.buyer, subject)))
        [mail] = got(self.live, self.buyer, subject)
        return mail

    def quoted(self) -> Quoted:
        """What the quote in the customer's hands says."""
        mail = self.gets(f"Your quote {self.number}-Q1")
        found = re.search(r"\bRF\d\d[ \dQ]+\b", words_of(mail))
        assert found
        with self.live.app.app_context():
            order = loading.load(self.number)
            assert order is not None
            minor = order.total_minor or 0
            db.session.rollback()
        return Quoted(0, self.number, f"£{minor / 100:.2f}", found[0].strip(), minor)

    def days_pass(self) -> None:
        """A week later: the customer is to be asked how it was, today's mails count no more, and the clock does its work."""
        with self.live.app.app_context():
            asking.sweep()  # notes what was delivered
            begin_write()
            of = select(Order.id).where(Order.number == self.number).scalar_subquery()
            db.session.execute(update(Feedback).where(Feedback.order_id == of).values(due_at=clock.now()))
            week_ago = clock.now() - timedelta(days=7)
            to = OutboundMail.to_address == self.buyer.email
            db.session.execute(update(OutboundMail).where(to).values(queued_at=week_ago))
            db.session.commit()
            asking.sweep()


class Clerk(Hands):
    """Somebody at the desk."""

    def __init__(self, page: Page, walk: Walk) -> None:
        super().__init__(page, keyboard=walk.keyboard)
        self.walk = walk
        self.side = page.locator("#side")
        self.now = page.locator("#case [aria-current=step]")
        self.text = page.locator("#c-text")
        self.title = page.get_by_role("heading", level=1)

    def signs_in(self, who: str) -> None:
        """By the form."""
        self.page.goto("/sign-in")
        self.type(self.page.get_by_label("E-mail"), f"{who}@fernandkiln.shop")
        self.type(self.page.get_by_label("Password"), PASSWORD)
        self.use(self.page.get_by_role("button", name="Sign in"))
        expect(self.title).to_have_text("Answer")

    def sees(self, what: Locator, *words: str | re.Pattern[str]) -> None:
        """Wait until something shows, and says this: by itself, or at another look where no script keeps the page alive."""
        if not self.keyboard:

            def there() -> bool:
                if what.count() > 0 and all(_says(what, one) for one in words):
                    return True
                with suppress(Error):  # the page was on its way somewhere
                    self.page.reload()
                return False

            self.walk.live.until(there)
        for one in words:
            expect(what).to_contain_text(one)
        expect(what).to_be_visible()

    def goes_to(self, place: str) -> None:
        """A place of the rail."""
        here = self.page.locator("#views").get_by_role("link", name=re.compile(rf"^{place}( \d+)?$"))
        self.use(here)
        expect(here).to_have_attribute("aria-current", "page")

    def opens(self, view: str, *keys: str) -> None:
        """The customer's conversation out of a view of the queue."""
        self.use(self.page.locator("#views").get_by_role("link", name=re.compile(rf"^{view}( \d+)?$")), *keys)
        expect(self.title).to_have_text(re.compile(view))
        row = self.page.locator(".row__link", has_text=self.walk.buyer.name)
        self.sees(row)
        if self.keyboard:
            for _ in range(self.page.locator(".row__link").count()):
                self.stroke("j")
                if row.evaluate("e => e === document.activeElement"):
                    break
            expect(row).to_be_focused()
            self.press("o")
        else:
            self.use(row)
        expect(self.page.locator("#case h2")).to_have_text(self.walk.buyer.name)

    def step(self, words: str, key: str) -> None:
        """Take the one next step, which has to be this one."""
        button = self.side.locator(".next .btn--primary")
        self.sees(button, words)
        self.use(button, key)

    def sends(self, words: str) -> EmailMessage:
        """What stands in the composer leaves; returns the mail with these words that the customer has of it."""
        expect(self.text).to_have_value(re.compile(re.escape(words)))
        if self.keyboard:
            expect(self.text).to_be_focused()
        self.use(self.page.locator("#composer [data-send]"), "Control+Enter")
        expect(self.page.locator("#composer form")).to_have_count(0)
        self.walk.live.until(lambda: bool(self.walk.mails(words)))
        [mail] = self.walk.mails(words)
        self.sees(self.page.locator("#thread .mail--ours", has_text=words).last, "Accepted")
        return mail

    def reads_number(self) -> int:
        """The number of the order beside the mail."""
        return int(str(self.page.locator("#order").get_attribute("data-order")))

    def finds_order(self) -> None:
        """By the search at the top of every page."""
        if self.keyboard:
            self.stroke("/")
        self.type(self.page.get_by_role("searchbox", name="Search everything").first, str(self.walk.number))
        self.press("Enter")
        row = self.page.locator(".row__link", has_text=self.walk.buyer.name).first
        self.use(row)
        expect(self.side).to_contain_text(str(self.walk.number))


def _says(what: Locator, words: str | re.Pattern[str]) -> bool:
    text = what.first.inner_text()
    return words in text if isinstance(words, str) else bool(words.search(text))
