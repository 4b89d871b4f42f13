"""What an order offers who does not want it any more, at each of its states; and cancelling beside money and parcels."""

from __future__ import annotations

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, quoting
from checkout_desk.orders.models import Order, OrderChange, Quote
from checkout_desk.payments import settling, taking
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.returns import cancelling
from checkout_desk.shipping import handing_over
from checkout_desk.shipping.models import Shipment
from tests.conversations.crossing import at_once
from tests.returns.counter import MIXED, Counter
from tests.shipping.dock import NUMBER, TUESDAY


def _offers(counter: Counter, number: int) -> cancelling.Offers:
    with counter.over(number) as (order, _):
        return cancelling.offers(order)


def _asked(counter: Counter, number: int) -> int:
    with counter.over(number) as (order, _):
        cancelling.ask(order)
        assert not cancelling.ask(order)
    return counter.shop.all(OrderChange, OrderChange.order_id == counter.stage.seen(number).id)[-1].id


def _decide(counter: Counter, number: int, choice: str, held: int = 0, role: str = "manager") -> str:
    change_id = _asked(counter, number)
    with counter.over(number, role=role) as (_, by):
        return cancelling.decide(db.session.get_one(OrderChange, change_id), choice, by=by, held_minor=held)


def _paid(counter: Counter) -> tuple[int, int]:
    """A paid order with money: its number, and how much."""
    number, quote_id = counter.quoted(MIXED, TUESDAY)
    person_id = counter.shop.person("manager")
    with counter.shop.writing():
        quote = db.session.get_one(Quote, quote_id)
        payment, _ = taking.take(
            "bank", f"bank:{number}", amount_minor=quote.total_minor, currency=quote.currency, received_at=TUESDAY,
            text=quote.reference,
        )  # fmt: skip
        settling.allocate(payment, quote, quote.total_minor, by=db.session.get_one(Person, person_id))
        return number, quote.total_minor


def test_a_draft_only_ends(counter: Counter) -> None:
    number = counter.stage.order(MIXED)
    assert _offers(counter, number).choices == ("cancel", "keep")
    assert _decide(counter, number, "cancel") == "unpaid"
    assert counter.stage.seen(number).state == "cancelled"


def test_a_quote_gives_its_pieces_back(counter: Counter) -> None:
    before = counter.stock()
    number, _ = counter.quoted(MIXED, TUESDAY)
    assert "4 pieces held by quote" in _offers(counter, number).stock
    assert _decide(counter, number, "cancel") == "unpaid"
    assert counter.stock() == before


def test_a_paid_one_is_refunded_or_owed(counter: Counter) -> None:
    number, total = _paid(counter)
    assert _offers(counter, number).choices == ("refund", "owe", "keep")
    with pytest.raises(Refused, match="Money has moved"):
        _decide(counter, number, "refund", total - 1)
    assert counter.stage.seen(number).state == "paid"
    assert _decide(counter, number, "refund", total) == "refunded"
    assert counter.payment(number).refunded_minor == total
    assert not counter.stage.seen(number).money_owed
    counter.sound()


def test_what_stays_owed_is_the_next_step(counter: Counter) -> None:
    number, total = _paid(counter)
    assert _decide(counter, number, "owe", total, role="support") == "owed"
    order = counter.stage.seen(number)
    assert order.state == "cancelled"
    assert order.money_owed
    counter.sound()


def test_support_sends_no_money(counter: Counter) -> None:
    number, total = _paid(counter)
    with pytest.raises(Refused, match="manager's decision"):
        _decide(counter, number, "refund", total, role="support")
    assert counter.stage.seen(number).state == "paid"


def test_a_packed_parcel_is_void(counter: Counter) -> None:
    number, total = _paid(counter)
    parcel = counter.packed(number, TUESDAY, NUMBER)
    assert f"{number}-P1 is not sent" in _offers(counter, number).stock
    _decide(counter, number, "owe", total)
    assert counter.parcel(parcel).state == "void"


def test_what_has_left_can_only_come_back(counter: Counter) -> None:
    number = counter.delivered()
    found = _offers(counter, number)
    assert found.choices == ("return", "keep")
    assert "too late to cancel" in found.stock
    with pytest.raises(Refused), counter.over(number) as (order, _):
        cancelling.ask(order)


def test_cancelled_while_it_is_handed_over(counter: Counter) -> None:
    number, total = _paid(counter)
    parcel = counter.packed(number, TUESDAY, NUMBER)
    change_id, person = _asked(counter, number), counter.shop.person("manager")

    def cancel() -> str:
        begin_write()
        try:
            change = db.session.get_one(OrderChange, change_id)
            loading.lock(db.session.get_one(Order, change.order_id))
            cancelling.decide(change, "owe", by=db.session.get_one(Person, person), held_minor=total)
            db.session.commit()
        except Refused:
            db.session.rollback()
            return "refused"
        return "cancelled"

    def leave() -> str:
        begin_write()
        try:
            one = db.session.get_one(Shipment, parcel)
            handing_over.hand_over(one, by=db.session.get_one(Person, person))
            db.session.commit()
        except Refused:
            db.session.rollback()
            return "refused"
        return "left"

    told = at_once(counter.shop.app, cancel, leave, after="SELECT")
    assert sorted(told) in (["cancelled", "refused"], ["left", "refused"])
    assert (counter.stage.seen(number).state == "cancelled") == ("cancelled" in told)


def test_cancelled_while_the_money_comes(counter: Counter) -> None:
    number, quote_id = counter.quoted(MIXED, TUESDAY)
    change_id, person = _asked(counter, number), counter.shop.person("manager")
    with counter.shop.reading():
        quote = db.session.get_one(Quote, quote_id)
        total, currency, reference = quote.total_minor, quote.currency, quote.reference

    def cancel() -> str:
        begin_write()
        try:
            change = db.session.get_one(OrderChange, change_id)
            loading.lock(db.session.get_one(Order, change.order_id))
            cancelling.decide(change, "cancel", by=db.session.get_one(Person, person), held_minor=0)
            db.session.commit()
        except Refused:
            db.session.rollback()
            return "refused"
        return "cancelled"

    def pay() -> str:
        begin_write()
        payment, _ = taking.take(
            "bank",
            f"bank:{number}",
            amount_minor=total,
            currency=currency,
            received_at=TUESDAY,
            text=reference,
        )
        settling.settle(payment)
        db.session.commit()
        return "paid"

    told = at_once(counter.shop.app, cancel, pay, after="SELECT")
    order, paid = counter.stage.seen(number), counter.payment(number)
    assert paid.allocated_minor + paid.refunded_minor <= paid.amount_minor
    if "cancelled" in told:
        assert order.state == "cancelled"
        assert paid.allocated_minor == 0
    else:
        assert order.state == "paid"
    assert not counter.shop.all(Refund)


def test_a_quote_that_is_paid_is_found_changed(counter: Counter) -> None:
    """The card said that nothing was paid; the money came before the button."""
    number, quote_id = counter.quoted(MIXED, TUESDAY)
    change_id = _asked(counter, number)
    counter.do(quote_id, quoting.paid, when=TUESDAY, at=TUESDAY)
    with pytest.raises(Refused), counter.over(number) as (_, by):
        cancelling.decide(db.session.get_one(OrderChange, change_id), "refund", by=by, held_minor=0)


def test_payments_of_other_orders_are_left_alone(counter: Counter) -> None:
    first, _ = _paid(counter)
    number, total = _paid(counter)
    _decide(counter, number, "refund", total)
    kept = counter.shop.all(Payment, Payment.source_ref == f"bank:{first}")[0]
    assert kept.refunded_minor == 0
