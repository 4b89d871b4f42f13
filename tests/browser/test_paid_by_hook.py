"""The same walk, paid by card: the customer reads the quote, pays on Stripe's page, and Stripe's signed event does the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.payments.models import Payment, ProviderEvent
from tests.browser import shelves
from tests.browser.cards import cards_taken
from tests.browser.coming_back import allowed, arrived, asks, came_back, settled
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.browser.test_paid_walk import Buyer, Quoted, confirmed, got, quoted, shows, words_of
from tests.parts.browser import Chromium
from tests.parts.checkout_page import HOST, CheckoutPage
from tests.parts.localstripe import SECRET, LocalStripe, signature
from tests.parts.tls import LittleAuthority

CARD = Buyer("Nell Ash", "nell@ash.example", "LAMP-BR", "brass lamp")
RUED = Buyer("Odo Birch", "odo@birch.example", "LAMP-ZN", "zinc lantern")


@pytest.fixture
def hosted(stripe: LocalStripe, authority: LittleAuthority, live: LiveDesk) -> Iterator[CheckoutPage]:
    """Stripe's page of this test; the store's cards are taken there, and the desk is told of it."""
    with cards_taken(live, stripe, authority) as page:
        yield page


@pytest.fixture
def browser(hosted: CheckoutPage) -> Iterator[Chromium]:
    """A browser that finds Stripe's page on this machine."""
    with Chromium(hosted.argument) as chromium:
        yield chromium


def page_in(live: LiveDesk, quote: Quoted, buyer: Buyer = CARD) -> str:
    """The customer's address that the mail with the quote names."""
    [mail] = [mail for mail in got(live, buyer, "") if quote.reference in words_of(mail)]
    url = re.search(r"http://\S+/o/[\w-]{43}", words_of(mail))
    assert url
    return url[0]


def pays(browser: Chromium, hosted: CheckoutPage, url: str, quote: Quoted) -> None:
    """The customer's phone: quote, Stripe's page, and back."""
    with browser.page(width=390, height=844, ignore_https_errors=True) as phone:
        wrong: list[str] = []
        phone.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
        phone.goto(url)
        expect(phone.locator("h2").first).to_contain_text(quote.total)
        phone.get_by_role("button", name="card").click()
        expect(phone.get_by_role("heading")).to_have_text(f"{quote.minor / 100:.2f} GBP")
        assert phone.url.startswith(f"https://{HOST}/")
        phone.get_by_role("button", name="Pay").click()
        phone.wait_for_url(re.compile(r"/order\?paid=1$"))
        expect(phone.locator(".guest__says, .docket--good").first).to_be_visible()
        assert wrong == []
        assert hosted.asked == ["GET", "POST"]


def posted(url: str, event: object, *, secret: str = SECRET) -> int:
    """The status that the desk answers to an event."""
    body = json.dumps(event).encode()
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature(body, secret=secret)}
    try:
        with urlopen(Request(url, body, headers), timeout=30) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        return refusal.code


def money_of(live: LiveDesk, quote: Quoted) -> list[tuple[str, str, int]]:
    """Source, state and amount of what came by Stripe for the quote, once every event is understood."""
    with live.app.app_context():
        query = select(Payment.source, Payment.state, Payment.amount_minor)
        rows = db.session.execute(
            query.where(Payment.source == "stripe", Payment.amount_minor == quote.minor)
        ).all()
        waiting = db.session.scalars(
            select(ProviderEvent.id).where(ProviderEvent.understood_at.is_(None))
        ).all()
        db.session.rollback()
    return [] if waiting else [tuple(row) for row in rows]  # type: ignore[misc]


def test_from_a_mail_to_paid_by_stripes_event(
    browser: Chromium, hosted: CheckoutPage, live: LiveDesk, stripe: LocalStripe
) -> None:
    live.undo_window(0)
    with at_the_desk(browser, live) as mia:
        quote = quoted(mia, live, CARD)
        paid = [("stripe", "allocated", quote.minor)]
        shows(mia, CARD, held=2, sold=0)
        url = page_in(live, quote)
        mia.goto(f"/conversations/{quote.conversation}")
        pays(browser, hosted, url, quote)

        # The one who looks at the conversation sees it, and so does the customer.
        expect(mia.locator("#case [aria-current=step]")).to_have_text("Paid")
        confirmed(mia, live, quote, CARD)
        live.until(lambda: money_of(live, quote) == paid)
        with browser.page(width=390, height=844) as phone:
            phone.goto(url)
            expect(phone.locator(".docket--good").first).to_be_visible()
            expect(phone.get_by_role("button", name="card")).to_have_count(0)

        # Told again, and told by somebody else: nothing is paid twice, moved twice or mailed twice.
        for event in stripe.events("checkout.session.completed", "payment_intent.succeeded"):
            assert posted(f"{live.url}/hooks/stripe", event) == 200
            assert posted(f"{live.url}/hooks/stripe", {**event, "id": "evt_x"}, secret="whsec_other") == 400
        live.until(lambda: money_of(live, quote) == paid)
        confirmed(mia, live, quote, CARD)


def test_what_was_paid_by_card_goes_back_to_the_card_once(
    browser: Chromium, hosted: CheckoutPage, live: LiveDesk, stripe: LocalStripe
) -> None:
    live.undo_window(0)
    with at_the_desk(browser, live) as mia:
        quote = quoted(mia, live, RUED)
        pays(browser, hosted, page_in(live, quote, RUED), quote)
        live.until(lambda: shelves.states(live.app, quote.number) == ["paid"])
    arrived(live, quote.number, days=0)
    asks(browser, live, quote.number, "1")
    with at_the_desk(browser, live, "ines") as page:
        allowed(page, quote.number)
        came_back(page, RUED.sku, 1)
        settled(page)
    live.until(lambda: [one["status"] for one in _given_back(live, stripe, quote)] == ["succeeded"])
    [refund] = _given_back(live, stripe, quote)
    assert 0 < refund["amount"] < quote.minor, "one of two came back"
    with live.app.app_context():
        paid = db.session.scalars(select(Payment).where(Payment.source_ref == refund["payment_intent"])).one()
        assert paid.refunded_minor == refund["amount"]
        db.session.rollback()


def _given_back(live: LiveDesk, stripe: LocalStripe, quote: Quoted) -> list[Any]:
    """What Stripe gave back of the quote's payment."""
    with live.app.app_context():
        paid = select(Payment.source_ref).where(
            Payment.source == "stripe", Payment.amount_minor == quote.minor
        )
        refs = db.session.scalars(paid.order_by(Payment.id.desc())).all()
        db.session.rollback()
    return [one for ref in refs[:1] for one in stripe.refunds(ref)]
