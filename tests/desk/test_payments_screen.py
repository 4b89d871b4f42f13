"""The Payments screen: money faces its quote with the evidence, and a person decides what is not exact."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkout_desk import clock
from checkout_desk.conversations import promises
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Conversation, Draft
from checkout_desk.extensions import db
from checkout_desk.orders import acting, quoting
from checkout_desk.payments import importing, settling
from checkout_desk.payments.models import Payment, Refund, Statement
from tests.builders import Shop
from tests.orders.quoted import END
from tests.orders.stage import Stage
from tests.page import Browser
from tests.payments.counter import TUESDAY, Counter
from tests.signing import PASSWORD

FILES = Path(__file__).parents[1] / "payments" / "statements" / "files"
LATE = END.replace(day=END.day + 2)


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A shop with stock, quotes, and money that comes in."""
    return Counter(Stage(shop))


@pytest.fixture
def clerk(counter: Counter, as_role: Callable[[str], Browser]) -> Iterator[Browser]:
    """A manager's browser on the Tuesday after the quote."""
    with clock.pretending(TUESDAY):
        yield as_role("manager")


def test_an_empty_screen_says_where_money_comes_from(clerk: Browser) -> None:
    page = clerk.open("/payments")
    assert "Nothing waits for a decision" in page
    assert "What is exact settles by itself" in page
    assert "No open quote" in page


def test_a_proposal_shows_its_evidence_and_is_confirmed(counter: Counter, clerk: Browser) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3200, payer_name="J FOX")
    page = clerk.open("/payments")
    assert "1 waits for a decision" in page
    assert f"Quote {number}-Q1" in page and "J FOX" in page and "Evidence kept" not in page
    assert "equal to the penny" in page
    done = page.press("Confirm and tell the customer", f"/payments/{payment_id}/confirm")
    assert f"{number}-Q1 is paid." in done
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert counter.quote(quote_id).state == "paid"
    assert "Nothing waits" in clerk.open("/payments")
    assert f"Quote {number}-Q1" in clerk.open("/payments?kind=done")
    counter.sound()


def test_a_shortage_is_asked_for_or_accepted_with_a_reason(counter: Counter, clerk: Browser) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    page = clerk.open("/payments")
    assert "Short by £2.00" in page
    composer = page.press("Ask for the rest")
    assert "£2.00" in composer.html and composer.path.startswith("/conversations/")
    assert "£2.00" in counter.shop.all(Draft)[0].text
    assert page.press("Ask for the rest").path == composer.path, "the same mail again"
    with counter.shop.writing():
        db.session.query(Draft).one().text = "What I have been writing for an hour"
    refused = page.press("Ask for the rest")
    assert refused.status == 409 and "You have begun a reply in that conversation" in refused
    assert counter.shop.all(Draft)[0].text == "What I have been writing for an hour"
    nothing = page.press("Accept", f"/payments/{payment_id}/accept", reason=" ")
    assert nothing.status == 422 and "Say why it is accepted" in nothing
    assert counter.quote(quote_id).state == "sent"
    page.press("Accept", f"/payments/{payment_id}/accept", reason="An old friend")
    assert counter.quote(quote_id).state == "paid"
    counter.sound()


def test_too_much_pays_what_is_wanted_and_the_rest_is_owed(counter: Counter, clerk: Browser) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3500, counter.quote(quote_id).reference)
    done = clerk.open("/payments").press("Use £32.00, the rest is owed")
    assert f"{number}-Q1 is paid." in done
    assert counter.sums(payment_id) == ("needs_review", 3200, 0)
    page = clerk.open("/payments")
    assert "Owed to customers" in page and "More came than was wanted" in page
    assert "£3.00 is left over" in clerk.open("/payments?kind=over")
    page.follow("Refund").press("Refund", reason="Too much came", password=PASSWORD)
    assert counter.sums(payment_id) == ("refunded", 3200, 300)
    assert "Owed to customers" not in clerk.open("/payments")
    counter.sound()


def test_too_little_is_used_as_a_part_and_the_rest_is_waited_for(counter: Counter, clerk: Browser) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    done = clerk.open("/payments").press("Use it as a part")
    assert f"Used for {number}-Q1." in done
    assert counter.sums(payment_id) == ("allocated", 3000, 0)
    assert (counter.quote(quote_id).state, counter.mails(number)[-1]) == ("sent", ("payment_received", True))
    assert "of £32.00, Jane" in clerk.open("/payments")
    counter.sound()


def test_a_role_accepts_no_more_than_it_may(counter: Counter, as_role: Callable[[str], Browser]) -> None:
    counter.tolerate("processing", under=100)
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    with clock.pretending(TUESDAY):
        refused = as_role("processing").open("/payments").press("Accept", reason="Friendly")
    assert refused.status == 409
    assert "manager’s decision" in refused or "manager's decision" in refused
    assert counter.sums(payment_id)[1] == 0


def test_money_without_a_name_finds_its_order_by_hand(counter: Counter, clerk: Browser) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3300, "for the mugs")
    page = clerk.open("/payments").follow("Find another order")
    assert "No quote for “9999”" in page.press("Find", q="9999")
    found = page.press("Find", q=str(number))
    bad = found.press("Use it for this quote", amount="33,0.0")
    assert bad.status == 422 and "“33,0.0” is not an amount" in bad
    assert bad.form("/use").value("amount") == "33,0.0"
    refused = found.press("Use it for this quote", amount="33.00")
    assert refused.status == 409 and "wants only £32.00" in refused
    done = found.press("Use it for this quote", amount="32.00")
    assert f"£32.00 used for {number}-Q1." in done
    assert counter.quote(quote_id).state == "paid"
    assert counter.sums(payment_id) == ("needs_review", 3200, 0)
    counter.sound()


def test_late_money_takes_the_quote_up_again(counter: Counter, as_role: Callable[[str], Browser]) -> None:
    _, quote_id = counter.quoted()
    counter.do(quote_id, quoting.expire, END, at=END)
    payment_id = counter.pay(3200, counter.quote(quote_id).reference, when=LATE)
    with clock.pretending(LATE):
        page = as_role("manager").open("/payments?kind=late")
        assert "Came after the quote had ended" in page
        page.press("Accept", f"/payments/{payment_id}/accept", reason="One day late")
    assert counter.quote(quote_id).state == "paid"
    counter.sound()


def test_a_part_that_is_typed_for_an_expired_quote_is_what_it_gets(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number, quote_id = counter.quoted()
    counter.do(quote_id, quoting.expire, END, at=END)
    payment_id = counter.pay(5000, "for two orders", when=LATE)
    with clock.pretending(LATE):
        found = as_role("manager").open(f"/payments/{payment_id}/find?q={number}")
        values = {"quote": str(quote_id), "amount": "30.00"}
        assert "taken up again for less than it wants" in found.press("Use it for this quote", **values)
        done = found.press("Use it for this quote", **values, reason="The rest came in cash")
    assert f"£30.00 used for {number}-Q1." in done
    assert counter.sums(payment_id) == ("needs_review", 3000, 0)
    counter.sound()


def test_a_refund_asks_for_the_password_and_is_one_however_often_it_is_sent(
    counter: Counter, clerk: Browser
) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference)
    form = clerk.open("/payments?kind=done").follow("Refund")
    wrong = form.press("Refund", amount="32.00", reason="Broken", password="guess")
    assert wrong.status == 422 and "not your present password" in wrong
    bare = form.press("Refund", amount="", reason="", password=PASSWORD)
    assert bare.status == 422 and "Say why the money goes back" in bare and "is not an amount" in bare
    much = form.press("Refund", amount="33.00", reason="Broken", password=PASSWORD)
    assert much.status == 409
    assert counter.shop.all(Refund) == []
    for _ in range(2):
        form.press("Refund", amount="32.00", reason="Broken", password=PASSWORD)
    assert [(r.amount_minor, r.state) for r in counter.shop.all(Refund)] == [(3200, "requested")]
    page = clerk.open("/payments")
    assert "1 waits for a decision" in page and "To send back 1" in page, (
        "the bank does it when a person says so"
    )
    assert re.search(r'href="/payments"[^>]*>(?:(?!</a>).)*>1<', page.html, re.DOTALL), "and the rail says so"
    unsaid = page.press("It did not", words=" ")
    assert unsaid.status == 409 and "Say how it is known" in unsaid
    done = page.press("It has gone back")
    assert "Nothing waits" in done
    settled = done.browser.open("/payments?kind=done")
    assert "gone back" in settled and "Went back" in settled
    assert counter.sums(payment_id)[2] == 3200
    counter.sound()


def test_money_that_did_not_go_back_pays_its_quote_again(counter: Counter, clerk: Browser) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference)
    form = clerk.open("/payments?kind=done").follow("Refund")
    form.press("Refund", amount="32.00", reason="Broken", password=PASSWORD)
    done = clerk.open("/payments?kind=back").press("It did not", words="Their account is closed")
    assert "Nothing waits" in done
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert [(r.state, r.fault) for r in counter.shop.all(Refund)] == [("failed", "Their account is closed")]
    counter.sound()


def answered(counter: Counter, number: int) -> None:
    """The customer's question is answered: no promise is open any more."""
    with counter.shop.writing():
        c = db.session.get_one(Conversation, counter.stage.row(number).id)
        promises.close_all(c, at=clock.now(), message_id=None)
        with counted(c):
            c.asks = False


def test_what_is_owed_stands_on_the_screen_and_at_the_order_and_leads_to_its_refund(
    counter: Counter, clerk: Browser, as_role: Callable[[str], Browser]
) -> None:
    number, quote_id = counter.quoted()
    other, other_id = counter.quoted(sender="Tom Reed <tom@customer.example>")
    payment_id = counter.pay(6400, f"{number}-Q1 {other}-Q1")
    counter.act(settling.confirm, payment_id)
    panel = f"/conversations/{counter.stage.row(number).id}?order={number}"
    assert "Owed to customers" not in clerk.open("/payments") and "is owed" not in clerk.open(panel)
    with counter.at(number, TUESDAY) as (order, by):
        acting.cancel(order, reason="Changed her mind", by=by)
    page = clerk.open("/payments")
    assert "Owed to customers" in page and f"Order {number}" in page
    assert "£32.00 is owed to the customer: the order was cancelled" in clerk.open(panel)
    support = as_role("support").open(panel)
    assert "£32.00 is owed" in support and f"/payments/{payment_id}/refund" not in support.html
    assert "Answer" in clerk.open(panel), "a question goes first"
    answered(counter, number)
    assert "<h3>£32.00 is owed to the customer: the order was cancelled</h3>" in clerk.open(panel).html
    support = as_role("support").open(panel)
    assert "The customer’s money has to go back" in support
    assert "Order processing does this." in support
    nobody = as_role("processing")
    for beyond in ("your role decides none", "you may decide up to £31.99"):
        page = nobody.open(panel)
        assert "The customer’s money has to go back" in page
        assert f"A refund of £32.00 is a manager's decision; {beyond}." in page
        assert f"/payments/{payment_id}/refund" not in page.html + nobody.open("/payments?kind=owed").html
        if "none" in beyond:
            assert "Refund, by somebody else" in nobody.open("/queue/returns").html
            counter.tolerate("processing", refund=3199)
    assert "Refund, by somebody else" not in clerk.open("/queue/returns").html
    form = clerk.open(panel).follow("Refund")
    assert f"what paid quote {number}-Q1" in form
    assert form.form("/refund").value("amount") == "32.00"
    form.press("Refund", reason="Cancelled", password=PASSWORD)
    assert counter.sums(payment_id) == ("refunded", 3200, 3200)
    assert (counter.given(quote_id), counter.given(other_id)) == (0, 3200)
    assert "is owed to the customer" not in clerk.open(panel)
    assert "Owed to customers" not in clerk.open("/payments")
    counter.sound()


def test_money_entered_by_hand_needs_its_evidence_and_comes_once(counter: Counter, clerk: Browser) -> None:
    number, quote_id = counter.quoted()
    form = clerk.open("/payments").follow("Enter by hand")
    bad = form.press("Enter it", amount="0", currency="XQZ", day="2026-13-01", note="")
    assert bad.status == 422
    for sentence in (
        "“XQZ” is not money that anybody pays with",
        "“2026-13-01” is not a day",
        "Say what shows that this money came in",
    ):
        assert sentence in bad
    tomorrow = form.press("Enter it", amount="32", day="2026-12-24", note="Receipt 7")
    assert "lies ahead" in tomorrow
    for day, currency, sentence in (
        ("1900-01-01", "GBP", "1900-01-01 is too long ago"),
        ("0001-01-01", "GBP", "0001-01-01 is too long ago"),
        ("9999-12-31", "GBP", "9999-12-31 lies ahead"),
        ("2026-11-01", "XXX", "“XXX” is not money that anybody pays with"),
        ("2026-11-01", "XAU", "“XAU” is not money that anybody pays with"),
    ):
        wrong = form.press("Enter it", amount="32", day=day, currency=currency, note="Receipt 7")
        assert (wrong.status, sentence in wrong) == (422, True), (day, currency)
        kept = wrong.form("/payments/new")
        assert [kept.value(name) for name in ("amount", "day", "currency", "note")] == [
            "32", day, currency, "Receipt 7",
        ]  # fmt: skip
    values = {"amount": "32", "payer": "Jane Fox", "text": f"{number}-Q1", "note": "Receipt 7"}
    form.press("Enter it", **values)
    form.press("Enter it", **values)
    assert [(p.amount_minor, p.source, p.state) for p in counter.shop.all(Payment)] == [
        (3200, "hand", "allocated")
    ]
    assert counter.quote(quote_id).state == "paid"
    other = form.press("Enter it", **(values | {"amount": "5", "note": "Receipt 8"}))
    assert other.status == 409 and "sent before with other money" in other, "the form of a page gone back to"
    assert len(counter.shop.all(Payment)) == 1


def test_card_numbers_are_never_kept(counter: Counter, clerk: Browser) -> None:
    counter.quoted()
    form = clerk.open("/payments/new")
    form.press("Enter it", amount="5", text="4111 1111 1111 1111", note="4111111111111111")
    payment = counter.shop.all(Payment)[0]
    assert "4111 1111 1111 1111" not in payment.text and "4111111111111111" not in payment.note


@pytest.mark.parametrize("name", ["camt_08.xml", "mt940_german.sta", "sparkasse.csv", "statement2.ofx"])
def test_a_statement_is_looked_at_first_and_taken_in_once(
    counter: Counter, clerk: Browser, name: str
) -> None:
    start = clerk.open("/payments/import")
    data = (FILES / name).read_bytes()
    plan = start.press("Look at it", file=(io.BytesIO(data), name))
    assert plan.status == 200, plan.text
    assert "New money in" in plan and counter.shop.all(Payment) == []
    plan.press(
        "Take in " + next(b for b in plan.buttons() if b.startswith("Take in")).removeprefix("Take in ")
    )
    [statement] = counter.shop.all(Statement)
    with counter.shop.reading():
        importing.carry_on(statement.id)
    count = len(counter.shop.all(Payment))
    assert count
    again = clerk.open("/payments/import").press("Look at it", file=(io.BytesIO(data), name))
    assert "There is nothing to import" in again
    assert len(counter.shop.all(Payment)) == count
    assert "All rows are taken in" in clerk.open(f"/payments/import/{statement.id}")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.csv"),
        (b"a,b,c\n1,2,3\n", "another.csv"),
        (b"<Document><BkToCstmrStmt>", "cut.xml"),
        (b"\x00\x01", "x.bin"),
    ],
)
def test_a_file_that_is_no_statement_gets_a_sentence(
    counter: Counter, clerk: Browser, data: bytes, name: str
) -> None:
    answer = clerk.open("/payments/import").press("Look at it", file=(io.BytesIO(data), name))
    assert answer.status == 422
    assert counter.shop.all(Statement) == [] and counter.shop.all(Payment) == []


def test_columns_that_nobody_knows_are_named_once(counter: Counter, clerk: Browser) -> None:
    data = b"Foo;Bar;Baz\n02.11.2026;32,00;Jane Fox 1001-Q1\n"
    lost = clerk.open("/payments/import").press("Look at it", file=(io.BytesIO(data), "own.csv"))
    assert lost.status == 422
    read = lost.press("Read it like this", date="Foo", amount="Bar", text="Baz", map_name="My bank")
    assert "Take in 1 payment" in read.buttons()
    again = clerk.open("/payments/import").press("Look at it", file=(io.BytesIO(data), "own.csv"))
    assert "Take in 1 payment" in again.buttons()


def test_support_sees_payments_and_logistics_does_not(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    counter.quoted()
    counter.pay(3200, payer_name="J FOX")
    with clock.pretending(TUESDAY):
        page = as_role("support").open("/payments")
        assert "J FOX" in page and "Confirm and tell the customer" not in page.buttons()
        assert as_role("logistics").open("/payments").status == 403
