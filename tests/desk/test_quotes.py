"""Quotes at the desk: chosen in the panel, sent by the composer, replaced, withdrawn, extended, and seen as they were."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import event

from checkout_desk.catalogue import stock
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk import quote_block
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import lines, quote_pdf
from checkout_desk.orders.models import MilestoneMail, Quote
from checkout_desk.settings.models import ShippingService
from tests.builders import Shop
from tests.orders.quoted import Till
from tests.orders.stage import line, product, quay, reading
from tests.page import HTMX, Browser, Page

CONVERSATION = 17
"""queries of a conversation with its order, its session and what is asked once: the versions of the quote are one of them"""
PRICED = 13
"""more for a verified order: services, prices, zones, rates, methods and stock of today"""


@pytest.fixture
def mia(as_role) -> Browser:  # type: ignore[no-untyped-def]
    """The one who quotes."""
    return as_role("processing")


def panel(mia: Browser, till: Till, number: int) -> Page:
    return mia.open(f"/conversations/{till.stage.row(number).id}?order={number}")


def composer(mia: Browser, till: Till, number: int) -> Page:
    return mia.open(f"/conversations/{till.stage.row(number).id}/compose/reply?quote={number}")


def quotes(till: Till, number: int) -> list[Quote]:
    return list(till.shop.all(Quote, Quote.order_id == till.stage.seen(number).id))


def checks(page: Page) -> list[tuple[str, str]]:
    return [
        (tone, re.sub(r"<.*?>", "", words))
        for tone, words in re.findall(r'<li class="(ok|warn|stop)">(.*?)</li>', page.html, re.DOTALL)
    ]


def leaving(shop: Shop) -> EmailMessage:
    """The newest mail of ours."""
    return message_from_bytes(shop.bytes_of(shop.all(OutboundMail)[-1]), policy=policy.default)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_who_cancels_a_quoted_order_reads_that_it_stays_cancelled(till: Till, mia: Browser) -> None:
    number, _ = till.quoted()
    page = mia.open(f"/orders/{number}/cancel")
    assert "The customer is told by mail at once; it cannot be undone." in page
    page = page.press("Cancel the order", "/cancel", reason="Ordered twice")
    assert till.stage.seen(number).state == "cancelled"
    assert "Undo" not in page.buttons()


def test_the_panel_prices_the_order_and_offers_the_quote(mia: Browser, till: Till) -> None:
    number = till.verified()
    page = panel(mia, till, number)
    assert page.status == 200
    side = page.html[page.html.index('id="side"') :]
    assert "Total" in side
    assert "included" in side
    assert 'name="service"' in side
    assert f"compose/reply?quote={number}" in side
    assert quotes(till, number) == []  # looking writes nothing


def test_choices_are_priced_and_kept_and_what_cannot_be_used_is_said_at_its_field(
    mia: Browser, till: Till
) -> None:
    number = till.verified()
    page = panel(mia, till, number)
    form = page.form("/quotes")
    services = re.findall(r'<option value="(\d+)"', page.html[page.html.index('id="q-service"') :])
    chosen = page.press("Price it", service=services[1])
    assert chosen.status == 200
    [quote] = quotes(till, number)
    assert quote.state == "draft"
    assert quote.content["shipping"]["service"] == int(services[1]) != int(form.value("service"))
    assert f"{number}-Q1" in chosen
    wrong = chosen.press("Price it", code="NOTHING")
    assert wrong.status == 422
    assert 'value="NOTHING"' in wrong.html
    assert 'aria-describedby="q-code-e"' in wrong.html
    wrong = chosen.press("Price it", vat_id="GB1")
    assert wrong.status == 422
    assert 'aria-describedby="q-vat_id-e"' in wrong.html
    assert till.stock() == (10, 0, 0)


def test_the_composer_opens_with_the_quote_and_says_what_it_checked(mia: Browser, till: Till) -> None:
    number = till.verified()
    page = composer(mia, till, number)
    text = page.form("/send").value("text")
    assert "[CUSTOMER_PAGE]" in text
    assert [tone for tone, _ in checks(page)] == ["ok"] * 4
    words = [told for _, told in checks(page)]
    assert words[0] == "Amounts are the quote’s"
    assert words[1].startswith("Held until ")
    form = dict(page.form("/send").fields) | {"text": text + "\nOr £1.00 for friends"}
    kept = mia.client.post(f"/conversations/{till.stage.row(number).id}/draft", data=form, headers=HTMX)
    assert "Names £1.00, not an amount of the quote" in kept.text
    assert quotes(till, number) == []


def test_sending_holds_freezes_and_tells_and_undo_takes_all_of_it_back(mia: Browser, till: Till) -> None:
    number = till.verified()
    shop = till.shop
    sent = composer(mia, till, number).press("Send")
    assert sent.status == 200
    [quote] = quotes(till, number)
    order = till.stage.seen(number)
    assert (quote.state, order.state, order.live_quote) == ("sent", "quoted", 1)
    assert till.stock()[1] > 0
    mail = leaving(shop)
    total = f"£{quote.total_minor / 100:.2f}"
    assert total in part(mail, "plain")
    assert total in part(mail, "html")
    assert re.search(r"http\S+/o/[\w-]{43}", part(mail, "plain"))
    [link] = shop.all(CustomerLink)
    assert (link.purpose, link.quote_id, link.revoked_at) == ("quote", quote.id, None)
    message = shop.messages(till.stage.row(number).id)[-1]
    assert quote.message_id == message.id
    assert "/o/…" in message.text
    assert [(row.milestone, row.message_id) for row in shop.all(MilestoneMail)] == [("quote", message.id)]
    assert till.stage.row(number).state == "waiting"
    page = panel(mia, till, number)
    assert f"{number}-Q1" in page
    assert "Open" in page
    assert "holds until" in page
    till.sound()
    sent.press("Undo")
    [quote] = quotes(till, number)
    assert (quote.state, till.stage.seen(number).state) == ("withdrawn", "verified")
    assert till.stock() == (10, 0, 0)
    assert shop.all(CustomerLink)[0].revoked_at is not None
    till.sound()


def test_a_mail_that_names_another_amount_or_no_total_stays(mia: Browser, till: Till) -> None:
    number = till.verified()
    page = composer(mia, till, number)
    text = page.form("/send").value("text")
    stopped = page.press("Send", text=text + "\nFor friends only £1.00.")
    assert stopped.status == 422
    assert "£1.00" in stopped.form("/send").value("text")
    assert "correct" in stopped
    stopped = stopped.press("Send", text="Dear Jane, here is your quote.")
    assert stopped.status == 422
    assert "does not say" in stopped
    assert till.stock() == (10, 0, 0)
    assert till.stage.seen(number).state == "verified"
    assert till.shop.all(OutboundMail) == []


def test_a_change_makes_the_next_version_with_a_difference(mia: Browser, till: Till) -> None:
    number, _ = till.quoted(when=None)  # type: ignore[arg-type]
    held = till.stock()
    with till.stage.on(number) as (_, rows, by):
        lines.set_quantity(rows[0], (rows[0].quantity or 0) + 1, by=by)
    page = panel(mia, till, number)
    assert "stays as it was mailed" in page
    till.verify(number)
    page = panel(mia, till, number)
    assert f"Order changed since {number}-Q1: send a new version." in page
    sent = composer(mia, till, number).press("Send")
    assert sent.status == 200, sent.text
    first, second = quotes(till, number)
    assert (first.state, second.state) == ("superseded", "sent")
    assert till.stock()[1] == held[1] + 1
    page = panel(mia, till, number)
    assert 'class="money old"' in page.html
    shown = mia.open(f"/orders/{number}/quotes/2")
    assert f"What changed since {number}-Q1" in shown
    assert "As it was mailed" in shown
    framed = mia.get(f"/orders/{number}/quotes/2/mail")
    assert framed.status_code == 200
    assert not re.search(r"/o/[\w-]{43}", framed.text)
    till.sound()


def test_the_new_version_is_the_one_next_step_of_a_conversation_without_a_question(
    mia: Browser, till: Till
) -> None:
    number, _ = till.quoted()
    with till.stage.on(number) as (_, rows, by):
        lines.set_quantity(rows[0], (rows[0].quantity or 0) + 1, by=by)
    with till.shop.writing():
        c = db.session.get_one(Conversation, till.stage.row(number).id)
        with counted(c):
            c.asks = False
    till.verify(number)
    page = panel(mia, till, number)
    assert "<h3>Send the new version of the quote</h3>" in page.html
    assert "Nothing is owed here" not in page


def test_withdrawing_needs_a_reason_and_frees_the_stock(mia: Browser, till: Till) -> None:
    number, _ = till.quoted(when=None)  # type: ignore[arg-type]
    page = mia.open(f"/orders/{number}/quotes/1/withdraw")
    again = page.press("Withdraw the quote", reason="x")
    assert again.status == 422
    assert "say in 3 to 300 characters why" in again
    done = again.press("Withdraw the quote", reason="The mugs are chipped")
    assert done.status == 200
    assert [quote.state for quote in quotes(till, number)] == ["withdrawn"]
    assert till.stage.seen(number).state == "verified"
    assert till.stock() == (10, 0, 0)


def test_extending_is_one_press_and_an_old_form_is_told(mia: Browser, till: Till) -> None:
    number, quote_id = till.quoted()  # in the past: over, but the clock has not run
    before = till.quote(quote_id).expires_at
    page = panel(mia, till, number)
    done = page.press("Extend", "/extend")
    assert done.status == 200
    after = till.quote(quote_id).expires_at
    assert before is not None
    assert after is not None
    assert after > before
    stale = mia.client.post(
        f"/orders/{number}/quotes/1/withdraw",
        data={"csrf_token": page.form("/extend").value("csrf_token"), "version": "1", "reason": "too late"},
    )
    assert stale.status_code in (303, 409)


def test_what_costs_nothing_is_placed_by_one_button(mia: Browser, till: Till) -> None:
    with till.shop.writing():
        db.session.query(ShippingService).update({ShippingService.active: False})
        product("MUG-BLU").price_minor = 0
    number, quote_id = till.quoted(when=None)  # type: ignore[arg-type]
    done = panel(mia, till, number).press("Nothing to pay: place the order")
    assert done.status == 200
    assert (till.quote(quote_id).state, till.stage.seen(number).state) == ("paid", "paid")
    assert till.stock() == (10, 0, 2)
    other, dear = till.quoted(reading(line("MUG-RED", 1), ship_to=quay(), phone="+441912345678"), when=None)  # type: ignore[arg-type]
    page = panel(mia, till, other)
    assert "place the order" not in page
    data = {
        "csrf_token": page.form("/extend").value("csrf_token"),
        "version": page.form("/extend").value("version"),
    }
    refused = mia.client.post(f"/orders/{other}/quotes/1/free", data=data)
    assert refused.status_code == 409
    assert till.quote(dear).state == "sent"


def test_the_pdf_is_the_same_each_time(mia: Browser, till: Till) -> None:
    number, _ = till.quoted()
    first = mia.get(f"/orders/{number}/quotes/1.pdf")
    assert first.status_code == 200
    assert first.data.startswith(b"%PDF-")
    assert first.data == mia.get(f"/orders/{number}/quotes/1.pdf").data


@pytest.mark.parametrize(
    ("treatment", "words"), [("zero", "Export, not taxed"), ("reverse", "Reverse charge")]
)
def test_the_sums_of_an_untaxed_sale_add_up_to_its_total(treatment: str, words: str) -> None:
    content = {
        "lines": [{"name": "Bowl", "discount": 100, "amount": 2900}], "discounts": [], "taxes": [], "includes_tax": True,
        "shipping": {"name": "Post", "days_min": 2, "days_max": 3, "amount": 1375}, "treatment": treatment, "total": 4275,
        "currency": "GBP", "language": "en",
    }  # fmt: skip
    shown = quote_block.sums(content, lines=3600)  # the line above says £36.00, with the tax in it
    assert shown["rows"] == [
        ("Discount on Bowl", "-£1.00"), ("Post, 2–3 business days", "£13.75"), (words, "-£6.00"),
    ]  # fmt: skip
    assert shown["total"] == "£42.75"
    assert quote_block.sums(content)["rows"][-1] == (words, "")


def test_who_only_reads_orders_sees_neither_what_it_comes_to_nor_the_form(as_role, till: Till) -> None:  # type: ignore[no-untyped-def]
    number = till.verified()
    page = as_role("logistics").open(f"/conversations/{till.stage.row(number).id}?order={number}")
    assert page.status == 200
    assert "2" in page and "Blue mug" in page
    assert "included" not in page and "£" not in page.html
    assert 'name="service"' not in page.html
    assert as_role("processing").get(f"/orders/{number}/quotes/9").status_code == 404


def test_a_shortage_is_said_at_the_order_with_three_ways_out(mia: Browser, till: Till) -> None:
    number = till.verified()
    with till.shop.writing():
        stock.count(product("MUG-BLU").id, 1)
    page = panel(mia, till, number)
    assert "only 1 of 2 can be promised" in page
    part = page.follow("Offer what is there").form("/send").value("text")
    assert "you ordered 2, and we have 1 at the moment" in part
    assert "send you the 1 that are here now" in part
    assert "another product" in page.follow("Offer a substitute").form("/send").value("text")
    stopped = composer(mia, till, number)
    assert ("stop", "1 of Blue mug can be promised, 2 wanted") in checks(stopped)
    refused = stopped.press("Send")
    assert "There is not enough in stock" in refused
    assert till.stage.seen(number).state == "verified"
    assert till.shop.all(OutboundMail) == []
    till.sound()


def asked(till: Till, mia: Browser, path: str) -> int:
    """How many queries a page asks."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    mia.get(path)
    with till.shop.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert mia.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum(statement.lstrip().upper().startswith("SELECT") for statement in found)


def test_the_panel_of_a_quoted_order_asks_a_fixed_number_of_queries(mia: Browser, till: Till) -> None:
    number = till.verified()
    path = f"/conversations/{till.stage.row(number).id}?order={number}"
    verified = asked(till, mia, path)
    assert verified <= CONVERSATION + PRICED
    with till.stage.on(number) as (order, _, by):
        lines.add(order, product("MUG-RED"), 1, by=by)
        lines.add(order, product("POT-12"), 1, by=by)
    till.verify(number)
    assert asked(till, mia, path) == verified
    till.send(number, None)  # type: ignore[arg-type]
    assert asked(till, mia, path) <= CONVERSATION


def test_the_pdf_goes_along_where_the_store_wants_it_and_is_what_is_rendered_again(
    mia: Browser, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_transactions: list[bool] = []
    make = quote_pdf.make

    def note(content: Mapping[str, Any]) -> bytes:
        open_transactions.append(db.session().in_transaction())
        return make(content)

    monkeypatch.setattr(quote_pdf, "make", note)
    quote_pdf._made.cache_clear()
    till.shop.set_store(quote_pdf=True)
    number = till.verified()
    sent = composer(mia, till, number).press("Send")
    assert open_transactions == [False], "set once, and nobody waited for it"
    [file] = leaving(till.shop).iter_attachments()
    assert file.get_filename() == f"{number}-Q1.pdf"
    assert file.get_payload(decode=True) == mia.get(f"/orders/{number}/quotes/1.pdf").data
    assert f"{number}-Q1.pdf" in panel(mia, till, number)
    sent.press("Undo")
    again = composer(mia, till, number).press("Send")
    assert again.status == 200
    assert len(list(leaving(till.shop).iter_attachments())) == 1
