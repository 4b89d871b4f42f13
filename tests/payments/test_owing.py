"""Money that has to go back: what was cancelled, paid twice or too much, and nothing that a person still decides on."""

from __future__ import annotations

from checkout_desk.orders import acting
from checkout_desk.payments import owing, settling, sweeping
from tests.payments.counter import TUESDAY, Counter
from tests.payments.test_refunding import ask, paid


def test_what_a_cancelled_order_paid_is_owed_until_it_went_back(counter: Counter) -> None:
    number, quote_id, payment_id = paid(counter)
    with counter.shop.reading():
        assert owing.owed() == []
    with counter.at(number) as (order, by):
        acting.cancel(order, reason="Changed her mind", by=by)
    with counter.shop.reading():
        assert owing.owed() == [owing.Owed(payment_id, quote_id, number, 3200, "GBP")]
    ask(counter, payment_id, 3200, quote_id)
    with counter.shop.reading():
        assert owing.owed() == []
    counter.sound()


def test_what_was_too_much_or_paid_twice_is_owed_until_it_went_back(counter: Counter) -> None:
    number, quote_id, over = paid(counter, "bank", 3500)
    with counter.shop.reading():
        assert owing.owed() == [], "it is still a proposal"
    counter.act(settling.confirm, over)
    again = counter.pay(3200, counter.quote(quote_id).reference)
    with counter.shop.reading():
        order_id = counter.quote(quote_id).order_id
        assert owing.owed() == [
            owing.Owed(over, None, number, 300, "GBP", "over"),
            owing.Owed(again, None, number, 3200, "GBP", "duplicate"),
        ]
        assert [one.payment_id for one in owing.owed(order_id=order_id)] == [over, again]
        assert owing.owed(order_id=order_id + 1) == []
    ask(counter, over, 300)
    refund_id = ask(counter, again, 3200)
    assert counter.refund(refund_id).order_id == order_id, "its customer is told, and its record names it"
    with counter.shop.reading():
        assert owing.owed() == []
    counter.sound()


def test_what_is_proposed_for_another_order_is_not_owed_yet(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    other, _ = counter.quoted()
    payment_id = counter.pay(6400, f"{number}-Q1 {other}-Q1")
    counter.act(settling.allocate, payment_id, 3200, quote_id=quote_id)
    assert counter.quote(quote_id).state == "paid"
    with counter.shop.reading():
        assert owing.owed() == []


def test_a_part_of_an_order_that_was_cancelled_before_it_was_paid_is_owed(counter: Counter) -> None:
    number, quote_id, payment_id = paid(counter, "bank", 1000)
    counter.act(settling.confirm, payment_id)
    with counter.at(number, TUESDAY) as (order, by):
        acting.cancel(order, reason="Changed her mind", by=by)
    with counter.shop.reading():
        assert [one.minor for one in owing.owed()] == [1000]
        sweeping.sweep()
        assert owing.owed() == [owing.Owed(payment_id, None, number, 1000, "GBP", "cancelled")]
    ask(counter, payment_id, 1000)
    with counter.shop.reading():
        assert owing.owed() == []
    assert quote_id
    counter.sound()
