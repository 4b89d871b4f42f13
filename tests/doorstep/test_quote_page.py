"""The customer's page of a quote: read, accepted, paid, asked about, and honest about versions that count no more."""

from __future__ import annotations

import re
from datetime import date

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product
from checkout_desk.doorstep import links, qr
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.orders import acting, lines, quote_words, quoting
from checkout_desk.orders.models import Order, OrderChange, Quote
from checkout_desk.payments import settling, taking
from checkout_desk.settings import starting
from checkout_desk.settings.models import PaymentMethod, ShippingService
from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.doorstep.conftest import Door
from tests.orders.quoted import Till
from tests.orders.stage import product
from tests.page import Page

SHORT = {"de": r"^\d+\. \w+\.?$", "ja": r"^\d+月\d+日$"}
IBAN = "DE89370400440532013000"


@pytest.fixture
def till(shop: Shop, door: Door) -> Till:
    """A shop with stock, rules of money and a bank account."""
    found = Till(door.stage)
    with shop.writing():
        starting.open_rules("GB", "GBP", on=date(2020, 1, 1))
        db.session.query(PaymentMethod).delete()
        db.session.add(
            PaymentMethod(
                kind="bank", name="Bank transfer", active=True, position=1,
                settings={"iban": IBAN, "holder": "Fern and Kiln", "bic": "COBADEFFXXX"},
            )
        )  # fmt: skip
    return found


def link(door: Door, quote_id: int, *, email: str = "") -> str:
    """A fresh link as the mail with that version carries it."""
    with door.shop.writing():
        quote = db.session.get_one(Quote, quote_id)
        order = db.session.get_one(Order, quote.order_id)
        return links.issue(order.id, email=email or order.email, purpose="quote", quote_id=quote.id)[1]


def opened(door: Door, quote_id: int, **more: str) -> Page:
    return door.browser().open(f"/o/{link(door, quote_id, **more)}")


def now(till: Till) -> tuple[int, int]:
    """A quoted order and its quote, of today."""
    number = till.verified()
    return number, till.send(number, None)  # type: ignore[arg-type]


def test_the_page_says_what_to_pay_how_and_until_when(door: Door, till: Till) -> None:
    number, quote_id = now(till)
    quote = till.quote(quote_id)
    page = opened(door, quote_id)
    total = f"£{quote.total_minor / 100:.2f}"
    assert (page.status, page.path) == (200, "/order")
    assert "Your quote is ready, Jane" in page
    assert f"Pay {total}" in page
    assert f"Quote {number}-Q1" in page
    assert "DE89 3704 0044 0532 0130 00" in page
    assert re.sub(r"(.{4})", r"\1 ", quote.reference).strip() in page
    assert "Where it is" in page
    assert page.buttons() == ["Accept the quote", "Send", "Ask for this address"]
    assert page.response.headers["Cache-Control"] == "no-store"
    code = page.browser.get("/order/code.svg")
    assert (code.status_code, code.mimetype) == (200, "image/svg+xml")
    assert b"<script" not in code.data


def test_looking_changes_nothing(door: Door, till: Till) -> None:
    _, quote_id = now(till)
    token = link(door, quote_id)
    before = (till.quote(quote_id).version, till.stock(), len(door.shop.all(OrderChange)))
    browser = door.browser()
    for path in (f"/o/{token}", "/order", "/order/code.svg"):
        browser.get(path)
        browser.client.head(path)
    for path in ("/order/accept", "/order/ask", "/order/address", "/order/pay/1"):
        assert browser.get(path).status_code == 405
    assert (till.quote(quote_id).version, till.stock(), len(door.shop.all(OrderChange))) == before


def test_accepting_says_yes_to_exactly_this_version(door: Door, till: Till) -> None:
    _, quote_id = now(till)
    page = opened(door, quote_id)
    done = page.press("Accept the quote")
    assert "You accepted this quote on" in done
    assert till.quote(quote_id).state == "accepted"
    again = page.press("Accept the quote")  # a second click
    assert (again.status, till.quote(quote_id).state) == (200, "accepted")


def gift(till: Till) -> tuple[int, int]:
    """A quoted order that costs nothing."""
    with till.shop.writing():
        db.session.query(ShippingService).update({ShippingService.active: False})
        product("MUG-BLU").price_minor = 0
    return now(till)


def test_what_costs_nothing_is_placed_by_accepting_it(door: Door, till: Till) -> None:
    number, quote_id = gift(till)
    page = opened(door, quote_id)
    assert "Nothing to pay" in page
    assert "IBAN" not in page
    assert page.browser.get("/order/code.svg").status_code == 404
    done = page.press("Accept the quote")
    assert "your order is paid" in done
    assert (till.quote(quote_id).state, till.stage.seen(number).state) == ("paid", "paid")
    assert till.stock() == (10, 0, 2)
    assert ("confirmed", True) in till.mails(number)
    till.sound()


def test_after_a_part_the_page_and_the_mail_ask_for_the_rest(
    door: Door, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, quote_id = now(till)
    total, person_id = till.quote(quote_id).total_minor, door.shop.person("manager")
    with door.shop.writing():
        payment, _ = taking.take("bank", "line-1", amount_minor=1000, currency="GBP", received_at=clock.now())
        by = db.session.get_one(Person, person_id)
        settling.allocate(payment, db.session.get_one(Quote, quote_id), 1000, by=by)
    page = opened(door, quote_id)
    left = f"£{(total - 1000) / 100:.2f}"
    assert f"Pay {left}" in page
    assert f"£10.00 of £{total / 100:.2f} has arrived. {left} is left to pay." in page
    assert "Total</dt>" in page.html
    wanted: list[int] = []

    def note(quote: Quote, due: int) -> str:
        wanted.append(due)
        return "code"

    monkeypatch.setattr(qr, "payload", note)
    assert page.browser.get("/order/code.svg").status_code == 200
    assert set(wanted) == {total - 1000}, "the code asks for the rest"
    till.do(quote_id, quoting.remind, clock.now(), at=clock.now())
    [mail] = [m for m in door.shop.messages(till.stage.row(number).id) if "Total to pay" in m.text]
    assert f"Total to pay: {left}" in mail.text


def test_a_rate_of_nothing_is_not_told(door: Door, till: Till) -> None:
    with till.shop.writing():
        db.session.query(Product).update({Product.tax_class: "zero"})
        db.session.query(ShippingService).update({ShippingService.tax_class: "zero"})
    number, quote_id = now(till)
    assert [tax["rate"] for tax in till.quote(quote_id).content["taxes"]] == [0]
    page = opened(door, quote_id)
    assert "included" not in page and "£0.00" not in page
    assert "£0.00" not in quote_words.summary(till.quote(quote_id).content)
    assert number


def test_a_version_that_was_replaced_is_not_accepted_and_the_difference_is_shown(
    door: Door, till: Till
) -> None:
    number, first = now(till)
    page = opened(door, first)
    with till.stage.on(number) as (_, rows, by):
        lines.set_quantity(rows[0], (rows[0].quantity or 0) + 1, by=by)
    changing = page.browser.open("/order")
    assert "We are changing your order" in changing
    assert "Accept the quote" not in changing.buttons()
    till.verify(number)
    second = till.send(number, None)  # type: ignore[arg-type]
    late = page.press("Accept the quote")
    assert late.status == 409
    assert "nothing was accepted or paid" in late
    assert f"spoke of quote {number}-Q1" in late
    assert f"Quote {number}-Q2 has taken its place" in late
    assert (till.quote(first).state, till.quote(second).state) == ("superseded", "sent")
    assert "spoke of quote" not in opened(door, second)


def test_a_question_becomes_a_message_in_the_conversation(door: Door, till: Till) -> None:
    number, quote_id = now(till)
    row = till.stage.row(number)
    page = opened(door, quote_id)
    empty = page.press("Send", words="  ")
    assert empty.status == 422
    assert "Please write what you would like" in empty
    done = empty.press("Send", words="Could it be gift wrapped?")
    assert "somebody will read them" in done
    message = door.shop.messages(row.id)[-1]
    assert (message.kind, message.text) == ("page", "Could it be gift wrapped?")
    assert till.stage.row(number).unread


def test_words_that_cross_with_the_cancelling_of_the_order_are_heard(door: Door, till: Till) -> None:
    number, quote_id = now(till)
    row = till.stage.row(number)
    page = opened(door, quote_id)
    with till.at(number) as (order, by):
        acting.cancel(order, reason="Nobody answered", by=by)
    done = page.press("Send", words="I have just paid!")
    assert "This order was cancelled" in done
    assert "somebody will read them" in done
    message = door.shop.messages(row.id)[-1]
    assert (message.kind, message.text) == ("page", "I have just paid!")
    assert till.stage.row(number).asks


def test_another_address_is_a_request_that_a_person_decides_on(door: Door, till: Till) -> None:
    number, quote_id = now(till)
    page = opened(door, quote_id)
    same = page.press("Ask for this address")
    assert same.status == 422
    assert "the address that we have already" in same
    wrong = page.press("Ask for this address", ship_postcode="NE3")
    assert wrong.status == 422
    assert 'value="NE3"' in wrong.html
    done = wrong.press("Ask for this address", ship_line1="9 Mill Lane", ship_postcode="NE30 1AB")
    assert "noted the address you ask for" in done
    [change] = door.shop.all(OrderChange)
    assert [(one["field"], one["to"]) for one in change.changes] == [
        ("ship_line1", "9 Mill Lane"),
        ("ship_postcode", "NE30 1AB"),
    ]
    assert till.stage.seen(number).ship_line1 == "5 Quay Lane"
    page.press("Ask for this address", ship_line1="9 Mill Lane", ship_postcode="NE30 1AB")
    assert len(door.shop.all(OrderChange)) == 1


def test_a_page_that_was_mailed_elsewhere_may_not_ask_for_an_address(door: Door, till: Till) -> None:
    _, quote_id = now(till)
    page = opened(door, quote_id, email="somebody@else.example")
    assert "Ask for this address" not in page.buttons()
    token = page.form("/accept").value("form_token")
    page.browser.post("/order/address", {"form_token": token, "ship_line1": "1 Thief Row"})
    assert door.shop.all(OrderChange) == []


def test_ended_and_withdrawn_and_paid_versions_say_so_and_how_to_go_on(door: Door, till: Till) -> None:
    _, old = till.quoted()  # of a Monday long past: over, whether or not the clock has run
    page = opened(door, old)
    assert "This quote has ended" in page
    assert page.buttons() == ["Send"]
    assert page.browser.get("/order/code.svg").status_code == 404
    number, gone = now(till)
    till.do(gone, quoting.withdraw, clock.now(), by=None, reason="The mugs are chipped")
    page = opened(door, gone)
    assert "This quote was taken back" in page
    assert "Accept the quote" not in page.buttons()
    second = till.send(number, None)  # type: ignore[arg-type]
    with door.shop.writing():
        quoting.paid(db.session.get_one(Quote, second), at=clock.now())
    page = opened(door, second)
    assert "Thank you, your order is paid" in page
    assert "Accept the quote" not in page.buttons()


def test_forms_fit_one_browser_and_name_no_price(door: Door, till: Till) -> None:
    number, quote_id = now(till)
    page, other = opened(door, quote_id), opened(door, quote_id)
    stolen = page.form("/accept").value("form_token")
    data = {"form_token": stolen, "quote": f"{number}-Q1", "total": "1"}
    assert other.browser.post("/order/accept", data).status == 409
    assert door.browser().post("/order/accept", data).status == 404
    assert page.browser.post("/order/pay/1", data | {"quote": f"{number}-Q9"}).status == 409
    assert page.browser.post("/order/pay/999", data).status == 409
    assert till.quote(quote_id).state == "sent"


def test_a_revoked_link_ends_the_page(door: Door, till: Till) -> None:
    _, quote_id = now(till)
    page = opened(door, quote_id)
    with door.shop.writing():
        links.revoke([row.id for row in door.shop.all(CustomerLink)])
    assert page.press("Accept the quote").status == 404
    assert page.browser.get("/order/code.svg").status_code == 404


@rows_on_sqlite("language", ["de", "fr", "es", "pt", "it", "nl", "ja"])
def test_the_page_speaks_the_customers_language(door: Door, till: Till, language: str) -> None:
    number = till.verified()
    with till.stage.on(number) as (order, _, _by):
        order.language = language
    quote_id = till.send(number, None)  # type: ignore[arg-type]
    page = opened(door, quote_id)
    assert f'<html lang="{language}">' in page.html
    assert "Your quote" not in page
    assert page.status == 200
    first = re.findall("<time>(.*?)</time>", page.html)[0]  # a day as that language writes it
    assert re.search(SHORT.get(language, "^[0-9]"), first), first


def test_what_a_cancelled_order_comes_to_is_the_sum_of_its_lines(door: Door, till: Till) -> None:
    number, quote_id = now(till)
    token = link(door, quote_id)
    goods = sum((one.unit_price_minor or 0) * (one.quantity or 0) for one in till.stage.lines(number))
    assert till.quote(quote_id).total_minor != goods  # its shipping and tax stand on no line of that page
    with till.stage.on(number) as (order, _, by):
        acting.cancel(order, reason="Ordered twice", by=by)
    assert f"So far £{goods / 100:.2f}" in door.browser().open(f"/o/{token}")


def test_the_code_is_an_epc_transfer_in_euro_alone() -> None:
    content = {"methods": [{"id": 1, "kind": "bank", "name": "Bank", "settings": {"iban": "DE89 3704 0044 0532 0130 00", "holder": "Fern & Kiln", "bic": "COBADEFFXXX"}}]}  # fmt: skip
    quote = Quote(currency="EUR", total_minor=6390, reference="RF851042Q2", content=content)
    assert qr.payload(quote, 6390).split("\n") == [
        "BCD", "002", "1", "SCT", "COBADEFFXXX", "Fern & Kiln", IBAN, "EUR63.90", "", "RF851042Q2",
    ]  # fmt: skip
    assert (
        qr.payload(Quote(currency="GBP", total_minor=6390, reference="RF851042Q2", content=content), 6390)
        == "RF851042Q2"
    )
    assert qr.payload(Quote(currency="EUR", total_minor=1, reference="x", content={"methods": []}), 1) == ""
    assert "EUR13.90" in qr.payload(quote, 1390), "after a part was paid, the rest"
    assert qr.payload(quote, 0) == ""
