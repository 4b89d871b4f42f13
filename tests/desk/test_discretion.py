"""Somebody of logistics reads mails and orders without a word of what they cost or how one pays."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from checkout_desk.conversations.models import Attachment, Message
from checkout_desk.desk.discretion import hushed
from checkout_desk.extensions import db
from checkout_desk.orders.models import Quote
from tests.builders import Shop
from tests.orders.quoted import Till
from tests.orders.stage import Stage
from tests.page import Browser

IBAN = "GB33BUKB20201555555555"
BANK = f"Bank transfer to Fern & Kiln Ltd, IBAN {IBAN}, BIC BUKBGB22, with the reference RF51 1001 Q1"
_MONEY = re.compile(r"[£€]\s?\d|\d\s?[£€]|BUKB|RF\d\d")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BANK, "Bank transfer to Fern & Kiln Ltd, IBAN ••••••••••••••••••••••, BIC ••••••••, with the reference •••• •••• ••"),
        ("IBAN: gb33 bukb 2020 1555 5555 55.", "IBAN: •••• •••• •••• •••• •••• ••."),
        ("2 × Mug: £16.00", "2 × Mug: £••.••"),
        ("Summe 1.234,50 €", "Summe •.•••,•• €"),
        ("Total 1 234,50 €, order 1042", "Total • •••,•• €, order 1042"),
        ("合計 ¥3,309 (3,309円)", "合計 ¥•,••• (•,•••円)"),
        ("pay EUR 29.90 or 29.90 EUR", "pay EUR ••.•• or ••.•• EUR"),
        ("GBP 5 and US$7, 60 kr, 12 zł", "GBP • and US$•, •• kr, •• zł"),
        ("Royal Mail AB123456785GB, DHL JD014600006781234567, 1Z999AA10123456784", None),
        ("Order 1042, 2 mugs, +44 191 234 5678, BA1 1AA, 12 Potter’s Row, on 12 November 2026, 17:00", None),
        ("20 % off, 2 kg, 3 crates", None),
    ],
)  # fmt: skip
def test_amounts_and_accounts_become_dots_and_nothing_else_does(text: str, told: str | None) -> None:
    assert hushed(text) == (text if told is None else told)
    assert len(hushed(text)) == len(text)


@pytest.fixture
def quoted(shop: Shop, agent: Browser) -> tuple[int, int]:
    """A conversation whose order was quoted and whose mails name amounts and an account; (conversation, number)."""
    till = Till(Stage(shop))
    number, _ = till.quoted()
    conversation = till.stage.seen(number).conversation_id or 0
    agent.open(f"/conversations/{conversation}/compose/note").press(
        "Save note", text="They paid £12.00 to us."
    )
    with shop.writing():
        for m in db.session.scalars(select(Message).where(Message.conversation_id == conversation)):
            m.text += f"\n{BANK}\nTotal to pay: £32.00"
            m.html = "<p>£32.00</p>"
    return conversation, number


def test_logistics_sees_no_payment_details_of_a_conversation(
    as_role: Callable[[str], Browser], agent: Browser, quoted: tuple[int, int]
) -> None:
    conversation, number = quoted
    lou = as_role("logistics")
    for url in (
        f"/conversations/{conversation}", f"/orders/{number}", f"/orders/{number}/record", "/search?q=garden", "/queue/open",
        "/queue/waiting", "/orders", "/customers/1",
    ):  # fmt: skip
        assert not _MONEY.search(lou.open(url).html), url
    assert 'class="num" hidden>Total' in lou.open("/orders").html
    assert 'class="num">Total' in agent.open("/orders").html
    assert "shown to those who see payments" in lou.open(f"/conversations/{conversation}")
    whole = agent.open(f"/conversations/{conversation}").html
    assert IBAN in whole and "£12.00" in whole and re.search(r"£32\.00", whole)


def test_what_would_tell_it_is_refused_to_logistics(
    shop: Shop, as_role: Callable[[str], Browser], quoted: tuple[int, int]
) -> None:
    conversation, number = quoted
    lou = as_role("logistics")
    with shop.reading():
        message = db.session.scalars(
            select(Message.id).where(Message.conversation_id == conversation)
        ).first()
        version = db.session.scalars(select(Quote.number)).one()
    for url in (
        f"/messages/{message}/frame", f"/messages/{message}?view=html", f"/orders/{number}/quotes/{version}",
        f"/orders/{number}/quotes/{version}/mail", f"/orders/{number}/quotes/{version}.pdf",
    ):  # fmt: skip
        assert lou.open(url).status == 403, url


def test_the_files_that_the_store_sent_are_not_for_logistics_and_the_customers_are(
    shop: Shop, as_role: Callable[[str], Browser], agent: Browser
) -> None:
    taken = shop.take(text="The mug came broken.", files=[("crack.jpg", "image/jpeg", b"x")])
    lou = as_role("logistics")
    with shop.reading():
        file = db.session.scalars(select(Attachment.id)).one()
    assert lou.open(f"/attachments/{file}").status == 200
    with shop.writing():
        db.session.get_one(Message, taken.message).direction = "out"
    assert lou.open(f"/attachments/{file}").status == 403
    assert "crack.jpg" not in lou.open(f"/conversations/{taken.conversation}")
    assert agent.open(f"/attachments/{file}").status == 200
