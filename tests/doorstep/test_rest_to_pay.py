"""A new version after a part was paid asks for the rest alone: in its mail, on the customer's page and in the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk import clock
from checkout_desk.doorstep import qr, quote_page
from checkout_desk.extensions import db
from checkout_desk.orders import lines as order_lines
from checkout_desk.orders.models import Order, OrderLine, Quote
from checkout_desk.payments import finding, settling, sweeping
from tests.doorstep.conftest import Door
from tests.doorstep.test_quote_page import link
from tests.page import Browser
from tests.payments.counter import Counter


@pytest.fixture
def changed(door: Door) -> tuple[Counter, int]:
    """An order of which £10 were paid, which then became three mugs for £48 and is verified again; its number."""
    counter = Counter(door.stage)
    number, quote_id = counter.quoted(when=clock.now())
    payment_id = counter.pay(1000, counter.quote(quote_id).reference, when=clock.now())
    counter.act(settling.confirm, payment_id)
    with counter.at(number, clock.now()) as (_, by):
        (line,) = counter.stage.lines(number)
        order_lines.set_quantity(db.session.get_one(OrderLine, line.id), 3, by=by)
    counter.verify(number)
    return counter, number


def test_the_mail_asks_for_the_rest_and_names_what_was_paid(
    as_role: Callable[[str], Browser], changed: tuple[Counter, int]
) -> None:
    counter, number = changed
    mia: Browser = as_role("processing")
    conversation = counter.stage.row(number).id
    page = mia.open(f"/conversations/{conversation}/compose/reply?quote={number}")
    text = page.form("/send").value("text")
    for words in ("Total: £48.00", "Already paid: £10.00", "Left to pay: £38.00", "Total to pay: £38.00"):
        assert words in text
    whole = page.press("Send", "/send", text=text.replace("£38.00", "£48.00"))
    assert "the mail does not say that £38.00 is left to pay" in whole
    page.press("Send", "/send")
    assert counter.shop.all(Quote)[-1].state == "sent"
    assert any("Left to pay: £38.00" in one.text for one in counter.shop.messages(conversation))


@pytest.mark.parametrize("swept", [False, True])
def test_the_page_and_the_code_ask_for_the_rest(
    door: Door, changed: tuple[Counter, int], swept: bool
) -> None:
    counter, number = changed
    second = counter.send(number, clock.now())
    if swept:  # the money of the old version waits for a person to use it for the new one
        with counter.shop.reading():
            sweeping.sweep()
        assert counter.given(second) == 0
    page = door.browser().open(f"/o/{link(door, second)}")
    assert "£10.00 of £48.00 has arrived. £38.00 is left to pay." in page
    with counter.shop.reading():
        order, quote = db.session.query(Order).one(), db.session.get_one(Quote, second)
        assert quote_page.due(order, quote) == 3800
        assert finding.come(order, "EUR") == 0
        bank = {"kind": "bank", "settings": {"iban": "DE89370400440532013000", "holder": "Fern"}}
        quote = Quote(
            currency="EUR", total_minor=4800, reference=quote.reference, content={"methods": [bank]}
        )
        assert "EUR38.00" in qr.payload(quote, 3800)


def test_money_that_names_no_order_is_not_counted(changed: tuple[Counter, int]) -> None:
    counter, number = changed
    counter.send(number, clock.now())
    counter.pay(4800, "thank you", payer_name="Jane Fox")
    with counter.shop.reading():
        assert finding.come(db.session.query(Order).one(), "GBP") == 1000
