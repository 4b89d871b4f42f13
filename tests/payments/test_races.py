"""Several at the same moment: no sum is exceeded, and whoever comes second hears a sentence, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Quote
from checkout_desk.payments import refunding, settling
from checkout_desk.payments.models import Payment, Refund
from tests.conversations.crossing import at_once
from tests.orders.stage import line, quay, reading
from tests.payments.counter import Counter

SIX = reading(line("MUG-BLU", 6), ship_to=quay(), phone="+441912345678")


def _work(step: Callable[[Payment, Person], object], payment_id: int, person_id: int) -> Callable[[], str]:
    """The step in a transaction of its own; 'done' or the sentence that refused."""

    def work() -> str:
        begin_write()
        try:
            step(db.session.get_one(Payment, payment_id), db.session.get_one(Person, person_id))
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            return str(refused)
        return "done"

    return work


def _at_once(counter: Counter, *works: Callable[[], str]) -> list[Any]:
    return at_once(counter.shop.app, *works, after="SELECT payment.")


def test_one_payment_is_allocated_by_eight_at_once(counter: Counter) -> None:
    _, quote_id = counter.quoted(SIX)
    payment_id = counter.pay(3200)
    person = counter.shop.person("manager")

    def allocate(payment: Payment, by: Person) -> object:
        return settling.allocate(payment, db.session.get_one(Quote, quote_id), 1000, by=by)

    told = _at_once(counter, *(_work(allocate, payment_id, person) for _ in range(8)))
    assert told.count("done") == 3
    assert all("£2.00 of this payment is left" in one for one in told if one != "done")
    assert counter.sums(payment_id) == ("needs_review", 3000, 0)
    assert counter.given(quote_id) == 3000
    counter.sound()


def test_two_payments_for_one_quote_at_once_pay_it_once(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    reference = counter.quote(quote_id).reference
    ids = [counter.came(3200, reference) for _ in range(2)]
    person = counter.shop.person("manager")
    works = [_work(lambda payment, by: settling.settle(payment), one, person) for one in ids]
    assert _at_once(counter, *works) == ["done", "done"]
    outcomes = sorted((counter.payment(one).outcome, counter.payment(one).state) for one in ids)
    assert outcomes == [("duplicate", "needs_review"), ("exact", "allocated")]
    assert counter.stock() == (10, 0, 2)
    assert counter.mails(number).count(("confirmed", True)) == 1
    counter.sound()


def test_two_people_give_two_payments_to_one_quote_at_once(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    ids = [counter.pay(3200) for _ in range(2)]
    person = counter.shop.person("manager")

    def allocate(payment: Payment, by: Person) -> object:
        return settling.allocate(payment, db.session.get_one(Quote, quote_id), 3200, by=by)

    told = _at_once(counter, *(_work(allocate, one, person) for one in ids))
    assert told.count("done") == 1
    assert counter.given(quote_id) == 3200
    counter.sound()


def test_two_payments_for_several_orders_each_are_confirmed_crosswise(counter: Counter) -> None:
    """What one order sells first the other one sells last: whoever comes second waits, and neither for ever."""
    blue, red = (
        reading(line(sku, 1), ship_to=quay(), phone="+441912345678") for sku in ("MUG-BLU", "MUG-RED")
    )
    pairs = []
    for place, kinds in enumerate(((blue, red), (red, blue))):
        sender = f"Customer {place} <customer{place}@customer.example>"
        pairs.append([counter.quoted(kind, sender=sender) for kind in kinds])
    ids = [counter.pay(3250, " ".join(f"{number}-Q1" for number, _ in pair)) for pair in pairs]
    for payment_id, pair in zip(ids, pairs, strict=True):
        assert [share["quote"] for share in counter.payment(payment_id).proposal] == [one for _, one in pair]
    person = counter.shop.person("manager")
    works = [_work(lambda payment, by: settling.confirm(payment, by=by), one, person) for one in ids]
    assert at_once(counter.shop.app, *works, after="UPDATE product") == ["done", "done"]
    assert [counter.sums(one) for one in ids] == [("allocated", 3250, 0)] * 2
    assert (counter.stock("MUG-BLU"), counter.stock("MUG-RED")) == ((10, 0, 2), (10, 0, 2))
    counter.sound()


def test_a_refund_and_an_allocation_at_once_do_not_spend_the_same_money(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200)
    person = counter.shop.person("manager")

    def allocate(payment: Payment, by: Person) -> object:
        return settling.allocate(payment, db.session.get_one(Quote, quote_id), 3200, by=by)

    def refund(payment: Payment, by: Person) -> object:
        return refunding.request(payment, 3200, reason="Not wanted", by=by)

    told = _at_once(counter, _work(allocate, payment_id, person), _work(refund, payment_id, person))
    assert told.count("done") == 1
    state, given, back = counter.sums(payment_id)
    assert (given, back) in ((3200, 0), (0, 3200))
    assert state == ("allocated" if given else "refunded")
    counter.sound()


def test_many_refunds_at_once_stay_within_the_payment(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference)
    person = counter.shop.person("manager")

    def refund(payment: Payment, by: Person) -> object:
        quote = db.session.get_one(Quote, quote_id)
        return refunding.request(payment, 900, reason="Broken", by=by, quote=quote)

    told = _at_once(counter, *(_work(refund, payment_id, person) for _ in range(12)))
    assert told.count("done") == 3
    assert counter.sums(payment_id)[2] == 2700
    assert len(counter.shop.all(Refund)) == 3
    counter.sound()


def test_a_double_click_on_refund_is_one_row(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference)
    person = counter.shop.person("manager")

    def refund(payment: Payment, by: Person) -> object:
        quote = db.session.get_one(Quote, quote_id)
        return refunding.request(payment, 900, reason="Broken", by=by, quote=quote, key="one-form")

    assert _at_once(counter, *(_work(refund, payment_id, person) for _ in range(2))) == ["done"] * 2
    assert counter.sums(payment_id)[2] == 900
    assert len(counter.shop.all(Refund)) == 1
    counter.sound()


def test_the_same_line_of_two_imports_at_once_is_one_payment(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    reference = counter.quote(quote_id).reference
    works = [lambda: counter.pay(3200, reference, ref="line-1") for _ in range(4)]
    told = at_once(counter.shop.app, *works, after="INSERT INTO payment")
    assert len(set(told)) == 1
    assert len(counter.shop.all(Payment)) == 1
    assert counter.quote(quote_id).state == "paid"
    counter.sound()
