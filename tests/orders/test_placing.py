"""Orders that are placed without a payment: what costs nothing, and what trusted customers buy on account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.customers import knowledge
from checkout_desk.customers.models import Customer
from checkout_desk.doorstep import links
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, placing, quote_clock, quoting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import settling
from checkout_desk.payments.models import Payment
from checkout_desk.settings.models import PaymentMethod, Store
from tests.builders import Shop
from tests.conversations.crossing import at_once
from tests.orders.quoted import END, MONDAY
from tests.orders.stage import Stage
from tests.page import Browser
from tests.payments.counter import TUESDAY, Counter

LATER = END + timedelta(days=20)


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A shop that offers a bank transfer, and to trusted customers to pay later."""
    found = Counter(Stage(shop))
    with shop.writing():
        iban = {"iban": "DE89370400440532013000", "holder": "Fern and Kiln"}
        db.session.add(
            PaymentMethod(kind="bank", name="Bank transfer", active=True, position=1, settings=iban)
        )
        db.session.add(PaymentMethod(kind="account", name="On account", active=True, position=2, settings={}))
    return found


def trust(counter: Counter, number: int, trusted: bool = True) -> None:
    """A manager decides about the customer of an order."""
    order = counter.stage.seen(number)
    with counter.shop.writing():
        knowledge.trust(db.session.get_one(Customer, order.customer_id), trusted)


def place(counter: Counter, quote_id: int) -> None:
    """Somebody places the order on account on Tuesday."""
    with counter.at(counter.quote(quote_id).content["order"], TUESDAY) as (_, by):
        placing.on_account(db.session.get_one(Quote, quote_id), by=by)


def placed(counter: Counter) -> tuple[int, int]:
    """(number, quote id) of an order on account."""
    number = counter.verified()
    trust(counter, number)
    quote_id = counter.send(number)
    place(counter, quote_id)
    return number, quote_id


def kinds(counter: Counter, quote_id: int) -> list[str]:
    return [method["kind"] for method in counter.quote(quote_id).content["methods"]]


def test_only_a_trusted_customer_is_offered_to_pay_later(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    assert kinds(counter, quote_id) == ["bank"]
    with pytest.raises(Refused, match="does not offer to pay on account"):
        place(counter, quote_id)
    trust(counter, number)
    other = counter.send(counter.verified())
    assert kinds(counter, other) == ["bank", "account"]
    trust(counter, number, False)
    with pytest.raises(Refused, match="is not trusted with ordering on account"):
        place(counter, other)
    assert counter.stock() == (10, 4, 0)
    counter.sound()


def test_an_order_on_account_is_sold_confirmed_and_open(counter: Counter) -> None:
    number, quote_id = placed(counter)
    quote, order = counter.quote(quote_id), counter.stage.seen(number)
    assert (quote.state, quote.placed_at, quote.expires_at, quote.paid_at) == (
        "accepted",
        TUESDAY,
        None,
        None,
    )
    assert order.state == "paid"
    assert ORDER.refusal(order, "pack") is None
    assert counter.stock() == (10, 0, 2)
    assert ("confirmed", True) in counter.mails(number)
    with clock.pretending(LATER), counter.shop.reading():
        assert quote_clock.expire_due(LATER) == quote_clock.remind_due(LATER) == []
    for step in (quoting.extend, quoting.withdraw):
        facts = {"by": None} | ({"reason": "no"} if step is quoting.withdraw else {})
        with pytest.raises(Refused, match="on account"):
            counter.do(quote_id, step, TUESDAY, **facts)
    with pytest.raises(Refused):
        place(counter, quote_id)
    counter.sound()


def test_a_store_may_confirm_an_order_on_account_once_it_is_paid(counter: Counter) -> None:
    with counter.shop.writing():
        db.session.get_one(Store, 1).credit_confirmed = "paid"
    number, quote_id = placed(counter)
    assert ("confirmed", True) not in counter.mails(number)
    money = counter.pay(3200, counter.quote(quote_id).reference, when=LATER)
    assert counter.sums(money) == ("allocated", 3200, 0)
    assert counter.mails(number).count(("confirmed", True)) == 1
    counter.sound()


def test_its_money_is_matched_whenever_it_comes_and_moves_nothing_else(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number, quote_id = placed(counter)
    part = counter.pay(1200, counter.quote(quote_id).reference, when=LATER)
    counter.act(settling.confirm, part, when=LATER)
    with clock.pretending(LATER):
        screen = as_role("manager").open("/payments")
    assert "£20.00" in screen and "of £32.00, Jane" in screen
    assert counter.quote(quote_id).state == "accepted"
    rest = counter.pay(2000, counter.quote(quote_id).reference, when=LATER)
    counter.act(settling.confirm, rest, when=LATER)
    assert (counter.quote(quote_id).state, counter.quote(quote_id).paid_at) == ("paid", LATER)
    assert counter.stage.seen(number).state == "paid"
    assert counter.stock() == (10, 0, 2)
    assert counter.mails(number).count(("confirmed", True)) == 1
    again = counter.pay(3200, payer_name="Jane Fox", when=LATER)
    assert (counter.payment(again).outcome, counter.payment(again).state) == ("duplicate", "needs_review")
    counter.sound()


def test_the_exact_money_settles_an_order_on_account_by_itself(counter: Counter) -> None:
    number, quote_id = placed(counter)
    with counter.shop.writing():
        ORDER.fire(db.session.get_one(Order, counter.stage.seen(number).id), "pack")
    payment_id = counter.pay(3200, counter.quote(quote_id).reference, when=LATER)
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert (counter.quote(quote_id).state, counter.stage.seen(number).state) == ("paid", "packing")


def _work(counter: Counter, do: Callable[[Person], object]) -> Callable[[], str]:
    """A step in a transaction of its own; 'done' or the sentence that refused."""
    person_id = counter.shop.person("manager")

    def work() -> str:
        begin_write()
        try:
            do(db.session.get_one(Person, person_id))
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            return str(refusal)
        return "done"

    return work


def test_placing_twice_and_paying_at_once_end_in_one_order(counter: Counter) -> None:
    number = counter.verified()
    trust(counter, number)
    quote_id = counter.send(number, None)  # type: ignore[arg-type]
    payment_id = counter.came(3200, counter.quote(quote_id).reference, when=clock.now())
    works = [
        _work(counter, lambda by: placing.on_account(db.session.get_one(Quote, quote_id), by=by)),
        _work(counter, lambda by: placing.on_account(db.session.get_one(Quote, quote_id), by=by)),
        _work(counter, lambda by: settling.settle(db.session.get_one(Payment, payment_id))),
    ]
    told = at_once(counter.shop.app, *works, after="SELECT quote.")
    assert told[2] == "done"
    assert told[:2].count("done") <= 1
    assert (counter.quote(quote_id).state, counter.stage.seen(number).state) == ("paid", "paid")
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert counter.stock() == (10, 0, 2)
    assert counter.mails(number).count(("confirmed", True)) == 1
    counter.sound()


def test_a_cancelled_order_on_account_gives_its_stock_back(counter: Counter) -> None:
    number, quote_id = placed(counter)
    with counter.at(number, TUESDAY) as (order, by):
        acting.cancel(order, reason="Changed her mind", by=by)
    assert (counter.quote(quote_id).state, counter.stock()) == ("withdrawn", (10, 0, 0))
    counter.sound()


def test_a_manager_trusts_and_an_agent_places_and_everybody_sees_what_is_open(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number = counter.verified()
    customer_id = counter.stage.seen(number).customer_id
    assert (
        "Let them order on account" not in as_role("processing").open(f"/customers/{customer_id}").buttons()
    )
    with clock.pretending(MONDAY):
        boss, mia = as_role("manager"), as_role("processing")
        boss.open(f"/customers/{customer_id}").press("Let them order on account")
        assert "Offer it no longer" in boss.open(f"/customers/{customer_id}").buttons()
        quote_id = counter.send(number)
        panel = f"/conversations/{counter.stage.row(number).id}?order={number}"
        assert "Place on account" not in as_role("support").open(panel).buttons()
        assert mia.open(panel).press("Place on account").status == 200
        page = mia.open(panel)
        assert f"On account since today; {number}-Q1 is not paid yet." in page
        assert "placed quote" in page and "Withdraw" not in page.buttons()
        screen = boss.open("/payments")
        assert "1 waits for money" in screen and "On account" in screen
        with counter.shop.writing():
            order = db.session.get_one(Order, counter.stage.seen(number).id)
            token = links.issue(order.id, email=order.email, purpose="quote", quote_id=quote_id)[1]
        guest = Browser(counter.shop.app, counter.shop.app.test_client()).open(f"/o/{token}")
        assert "your order is placed" in guest and "Pay £32.00" in guest and "DE89" in guest
        assert "Accept the quote" not in guest.buttons()
    told = counter.shop.all(Event, Event.kind == "customer.trusted")
    assert [(event.subject_id, event.after) for event in told] == [(customer_id, {"trusted": True})]


def test_a_manager_lets_one_order_leave_before_it_is_paid(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number, quote_id = counter.quoted(when=clock.now())
    address = f"/orders/{number}/quotes/1/unpaid"
    assert as_role("processing").get(address).status_code == 403
    manager = as_role("manager")
    wrong = manager.open(address).press("Let it be packed", reason="x")
    assert wrong.status == 422
    assert "say in 3 to 300 characters why" in wrong
    assert counter.stage.seen(number).state == "quoted"
    page = manager.open(address).press("Let it be packed", reason="Her bank is closed until Monday")
    assert f"Order {number} may be packed before it is paid" in page
    assert counter.stage.seen(number).state == "paid", (
        "as orders on account, whose quote says that money is open"
    )
    quote = counter.quote(quote_id)
    assert (quote.state, quote.paid_at, quote.expires_at) == ("accepted", None, None)
    assert quote.placed_at is not None
    assert counter.stock() == (10, 0, 2)
    told = [event.after for event in counter.shop.all(Event, Event.kind == "quote.placed")]
    assert told[0] is not None
    assert told[0]["reason"] == "Her bank is closed until Monday"
    counter.sound()


def test_a_reason_is_needed_and_a_quote_that_lives(counter: Counter) -> None:
    number, quote_id = counter.quoted(when=MONDAY)
    with pytest.raises(Refused, match="Say why"), counter.at(number, MONDAY) as (_, by):
        placing.before_payment(db.session.get_one(Quote, quote_id), by=by, reason="  ")
    with pytest.raises(Refused, match="ended before it was placed"), counter.at(number, LATER) as (_, by):
        placing.before_payment(db.session.get_one(Quote, quote_id), by=by, reason="Late but known")
    assert counter.stock() == (10, 2, 0)
