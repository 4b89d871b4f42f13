"""Refunds and credit of one order never come to more than was paid; what waits stands in the queue; the label."""

from __future__ import annotations

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import owing, refunding
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.returns import deciding, inspecting, label, receiving, settling
from checkout_desk.returns.inspecting import Finding
from checkout_desk.returns.models import Return
from checkout_desk.settings.models import store
from checkout_desk.shipping import parcels
from tests.conversations.crossing import at_once
from tests.returns.counter import Counter


def _inspected(counter: Counter, back: int) -> None:
    counter.with_return(back, deciding.approve)
    rows = counter.rows(back)
    counter.with_return(
        back, receiving.receive, counted={row.id: row.quantity for row in rows}, role="logistics"
    )
    found = {row.id: Finding(restock=row.quantity) for row in rows}
    counter.with_return(back, inspecting.inspect, findings=found, role="logistics")


def _step(counter: Counter, number: int) -> tuple[str | None, str, str]:
    """(what the order waits for, next action and view of its conversation)."""
    order = counter.stage.seen(number)
    [c] = counter.shop.all(Conversation, Conversation.id == order.conversation_id)
    return order.return_step, c.next_action if c.state == "open" else c.state, c.queue_view


def test_each_state_stands_where_somebody_sees_it(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 1})
    assert _step(counter, number)[0] == "check_return"
    counter.with_return(back, deciding.approve)
    assert _step(counter, number)[0] is None
    row = counter.rows(back)[0]
    counter.with_return(back, receiving.receive, counted={row.id: 1}, role="logistics")
    assert _step(counter, number)[0] == "receive_return"
    counter.with_return(back, inspecting.inspect, findings={row.id: Finding(scrap=1)}, role="logistics")
    step, action, view = _step(counter, number)
    assert step == "refund"
    assert (action, view) in (("refund", "returns"), ("answer", "answer"))
    counter.with_return(back, settling.settle)
    assert _step(counter, number)[0] is None
    counter.sound()


def test_credit_cannot_be_refunded_by_hand_too(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": (3, "MUG-RED")})
    _inspected(counter, back)
    counter.with_return(back, settling.settle)
    paid, credited = counter.payment(number), counter.back(back).credit_minor
    assert 0 < credited == paid.credited_minor
    with counter.over(number) as (order, by):
        payment = db.session.get_one(Payment, paid.id)
        with pytest.raises(Refused, match="cannot go back"):
            refunding.request(payment, paid.amount_minor, reason="all", by=by, quote=parcels.sold(order))
    counter.sound()


def test_what_went_back_by_hand_is_no_credit(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": (3, "MUG-RED")})
    _inspected(counter, back)
    with counter.over(number) as (order, by):
        payment = db.session.scalars(db.select(Payment)).one()
        refunding.request(payment, payment.amount_minor, reason="kindness", by=by, quote=parcels.sold(order))
    with pytest.raises(Refused, match="verified payments"):
        counter.with_return(back, settling.settle)
    assert counter.back(back).exchange_id is None


def test_credit_is_owed_when_what_is_sent_instead_is_cancelled(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": (3, "MUG-RED")})
    _inspected(counter, back)
    counter.with_return(back, settling.settle)
    exchange, credited = counter.back(back).exchange_id, counter.back(back).credit_minor
    with counter.shop.reading():
        other = db.session.get_one(Order, exchange).number
    with counter.over(other) as (order, by):
        acting.cancel(order, reason="not wanted", by=by)
    assert counter.payment(number).credited_minor == 0
    with counter.shop.reading():
        assert [row.minor for row in owing.owed()] == [credited]


def test_credit_is_owed_when_what_is_sent_instead_is_not_paid_in_time(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": (1, "MUG-RED")})
    _inspected(counter, back)
    counter.with_return(back, settling.settle)
    exchange, credited = counter.back(back).exchange_id, counter.back(back).credit_minor
    with counter.shop.reading():
        other = db.session.get_one(Order, exchange).number
    with counter.over(other) as (order, by):
        quote = db.session.scalars(db.select(Quote).where(Quote.order_id == order.id)).one()
        quoting.send(order, quote, by=by)
        quote_id, ends = quote.id, quote.expires_at
    assert ends is not None
    counter.do(quote_id, quoting.expire, ends, at=ends)
    assert counter.stage.seen(other).state == "cancelled", "nothing follows an expired order"
    assert counter.quote(quote_id).state == "withdrawn"
    assert counter.payment(number).credited_minor == 0
    with counter.shop.reading():
        assert [row.minor for row in owing.owed()] == [credited]
    counter.sound()


def test_the_store_may_pay_the_way_of_what_is_sent_instead(counter: Counter) -> None:
    number = counter.delivered()
    for free, shipping in ((True, 0), (False, 399)):
        back = counter.ask(number, {"MUG-BLU": (1, "MUG-RED")})
        _inspected(counter, back)
        counter.with_return(back, settling.settle, free_shipping=free)
        [quote] = counter.shop.all(Quote, Quote.order_id == counter.back(back).exchange_id)
        assert quote.content["shipping"]["amount"] == shipping


def test_twenty_settle_at_once(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 2})
    _inspected(counter, back)
    person = counter.shop.person("manager")

    def work() -> str:
        begin_write()
        try:
            settling.settle(db.session.get_one(Return, back), by=db.session.get_one(Person, person))
            db.session.commit()
        except Refused:
            db.session.rollback()
            return "refused"
        return "settled"

    told = at_once(counter.shop.app, *[work] * 20, after="BEGIN")
    assert told.count("settled") == 1
    refunds = counter.shop.all(Refund)
    assert [one.amount_minor for one in refunds] == [counter.back(back).refund_minor]
    counter.sound()


def test_a_label_names_both_and_who_pays(counter: Counter) -> None:
    number = counter.delivered()
    with counter.shop.writing():
        store().return_address = "Fern & Kiln Returns\n14 Potter's Row\nBristol BS1 4ND"
    back = counter.ask(number, {"MUG-BLU": 1}, reason="damaged")
    with counter.over(number) as (order, _), pytest.raises(Refused):
        label.pdf(db.session.get_one(Return, back), order)
    counter.with_return(back, deciding.approve)
    with counter.over(number) as (order, _):
        found = db.session.get_one(Return, back)
        made = label.pdf(found, order)
        assert made.startswith(b"%PDF")
        assert made == label.pdf(found, order)
        [part] = label.files(order, f"return:{back}")
        assert part.filename == f"{number}-R1.pdf"
