"""From "where is my order?" and "a copy of my invoice" to the right answer: two keys, or two clicks, and nothing by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from checkout_desk.conversations.models import Attachment, Message
from checkout_desk.extensions import db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.receiving import receive
from checkout_desk.orders import loading
from checkout_desk.shipping import wording
from tests.browser import shelves
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.builders import mail
from tests.parts.browser import Chromium

ASKS = {
    "where": ("Hello, where is my order? It has not arrived yet.", "Answer: where it is"),
    "invoice": ("Hello, could you send me a copy of my invoice, please?", "Answer: copy of the invoice"),
}


def asked(live: LiveDesk, who: str, text: str) -> int:
    """The customer writes a new mail; returns its conversation."""
    email = f"{who.lower().replace(' ', '.')}@shelf.example"
    with live.app.app_context():
        box = db.session.scalars(select(Mailbox.id).order_by(Mailbox.id)).first()
        words = mail(text, sender=f"{who} <{email}>", subject="A question")
        raw = receive(words, door="import", mailbox_id=box, wake=False)
        db.session.rollback()
        return take_in(raw.raw_id)[1] or 0


def answers(live: LiveDesk, conversation: int) -> list[tuple[str, list[str]]]:
    """The words of our mails in a conversation, and the names of the files that go along."""
    with live.app.app_context():
        mine = Message.conversation_id == conversation
        rows = db.session.scalars(select(Message).where(mine, Message.direction == "out")).all()
        files = select(Attachment.filename)
        found = [(m.text, list(db.session.scalars(files.where(Attachment.message_id == m.id)))) for m in rows]
        db.session.rollback()
        return found


def right(live: LiveDesk, number: int) -> str:
    """What is true of the order at this moment."""
    with live.app.app_context():
        order = loading.load(number)
        assert order is not None
        found = wording.of_order(order, "en")
        db.session.rollback()
        return found


def two_keys(page: Page, label: str) -> None:
    page.keyboard.press("d")
    expect(page.locator("#c-text")).to_be_focused()
    page.keyboard.press("Control+Enter")


def two_clicks(page: Page, label: str) -> None:
    page.locator("#composer").get_by_role("link", name=label).click()
    page.locator("#composer").get_by_role("button", name="Send").click()


@pytest.mark.parametrize("how", [two_keys, two_clicks], ids=["keys", "clicks"])
@pytest.mark.parametrize("kind", ASKS)
def test_two_keys_to_the_right_answer(browser: Chromium, live: LiveDesk, kind: str, how: type) -> None:
    who = f"Two {kind.capitalize()} {how.__name__.rpartition('_')[2].capitalize()}"
    sku = f"TWO-{kind}-{how.__name__}".upper()[:20]
    number = shelves.paid(live.app, who, (shelves.stocked(live.app, sku, f"Mug {sku}", shelf="E-1"), 1))
    text, label = ASKS[kind]
    conversation = asked(live, who, text)
    with at_the_desk(browser, live) as page:
        page.goto(f"/conversations/{conversation}")
        expect(page.locator("#composer").get_by_role("link", name=label)).to_be_visible()
        assert answers(live, conversation) == [], "nothing by itself"
        how(page, label)
        expect(page.locator(".toast").first).to_contain_text(f"Mail to {who}")
    [(said, files)] = answers(live, conversation)
    assert str(number) in said
    assert right(live, number) in said if kind == "where" else files == [f"{number}-Q1.pdf"]
