"""A return from the request to the money: goods received and looked at, refunds bounded, other goods sent instead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import StockMovement
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import refunding
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.returns import deciding, inspecting, receiving, requesting, settling
from checkout_desk.returns.inspecting import Finding
from checkout_desk.returns.models import Return
from checkout_desk.shipping import parcels
from tests.conversations.crossing import at_once
from tests.orders.stage import product
from tests.returns.counter import Counter
from tests.shipping.dock import TUESDAY

LATE = TUESDAY + timedelta(days=60)


def _line(counter: Counter, back: int, sku: str) -> int:
    return next(row.id for row in counter.rows(back) if row.sku == sku)


def _came(counter: Counter, back: int, **counted: int) -> None:
    """Allowed, received as counted ({'MUG_BLU': 2}) and not looked at yet."""
    counter.with_return(back, deciding.approve)
    ids = {_line(counter, back, sku.replace("_", "-")): n for sku, n in counted.items()}
    counter.with_return(back, receiving.receive, counted=ids, role="logistics")


def _restocked(counter: Counter, back: int) -> None:
    findings = {row.id: Finding(restock=row.received) for row in counter.rows(back) if row.received}
    counter.with_return(back, inspecting.inspect, findings=findings, role="logistics")


def _refunds(counter: Counter, number: int) -> int:
    order = counter.stage.seen(number)
    return sum(row.amount_minor for row in counter.shop.all(Refund, Refund.order_id == order.id))


def test_part_comes_back_and_the_ledger_knows_each_piece(counter: Counter) -> None:
    number = counter.delivered()
    before = counter.stock()[0]
    back = counter.ask(number, {"MUG-BLU": 3})
    _came(counter, back, MUG_BLU=2)
    mugs = _line(counter, back, "MUG-BLU")
    counter.with_return(back, inspecting.inspect, findings={mugs: Finding(restock=1)}, role="logistics")
    assert counter.back(back).state == "received"
    with pytest.raises(Refused, match="2 of Blue mug were judged, and 1 are there"):
        counter.with_return(back, inspecting.inspect, findings={mugs: Finding(scrap=2)})
    counter.with_return(back, inspecting.inspect, findings={mugs: Finding(scrap=1, found="cracked")})
    assert counter.back(back).state == "inspected"
    assert counter.stock()[0] == before + 1
    kinds = counter.shop.all(StockMovement, StockMovement.about == f"return:{back}")
    assert [(row.kind, row.on_hand) for row in kinds] == [("return", 1), ("return", 1), ("scrap", -1)]
    counter.with_return(back, settling.settle)
    row = counter.rows(back)[0]
    assert _refunds(counter, number) == requesting.worth(row, 2) == counter.back(back).refund_minor
    with counter.over(number) as (order, _):
        assert {one.sku: one.n for one in requesting.returnable(order).values()} == {
            "MUG-BLU": 1,
            "POT-06": 1,
        }
    counter.sound()


def test_all_of_it_for_our_fault_brings_the_shipping_back(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 3, "POT-06": 1}, reason="damaged")
    _came(counter, back, MUG_BLU=3, POT_06=1)
    _restocked(counter, back)
    counter.with_return(back, settling.settle)
    paid = counter.payment(number)
    assert _refunds(counter, number) == paid.amount_minor == paid.refunded_minor
    counter.sound()


def test_shipping_stays_paid_when_the_customer_changed_their_mind(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 3, "POT-06": 1})
    _came(counter, back, MUG_BLU=3, POT_06=1)
    _restocked(counter, back)
    counter.with_return(back, settling.settle)
    assert counter.payment(number).amount_minor - _refunds(counter, number) == 399


def test_two_settle_at_once_and_the_money_goes_back_once(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 3})
    _came(counter, back, MUG_BLU=3)
    _restocked(counter, back)
    person = counter.shop.person("manager")

    def work() -> str:
        begin_write()
        try:
            settling.settle(db.session.get_one(Return, back), by=db.session.get_one(Person, person))
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            return str(refusal)
        return "settled"

    told = at_once(counter.shop.app, work, work, after="SELECT")
    assert sorted(told) == ["A return is settled once, when its goods were looked at.", "settled"]
    assert _refunds(counter, number) == counter.rows(back)[0].paid_minor
    counter.sound()


def test_never_more_than_is_due_and_less_only_with_a_reason(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"POT-06": 1})
    _came(counter, back, POT_06=1)
    _restocked(counter, back)
    with pytest.raises(Refused, match=r"£42\.01 cannot go back for this return; at most £42\.00 is due"):
        counter.with_return(back, settling.settle, minor=4201)
    with pytest.raises(Refused, match=r"Say why less than £42\.00 goes back"):
        counter.with_return(back, settling.settle, minor=4000)
    with pytest.raises(Refused, match="Your role sends no money back"):
        counter.with_return(back, settling.settle, role="support")
    counter.with_return(back, settling.settle, minor=4000, reason="It was used")
    assert _refunds(counter, number) == 4000


def test_nothing_beyond_what_payments_hold(counter: Counter) -> None:
    """Money that went back by hand is not there to go back again."""
    number = counter.delivered()
    with counter.over(number) as (order, by):
        payment = db.session.scalars(db.select(Payment).where(Payment.source_ref == f"bank:{number}")).one()
        quote = parcels.sold(order)
        refunding.request(payment, payment.amount_minor - 1000, reason="Goodwill", by=by, quote=quote)
    back = counter.ask(number, {"POT-06": 1})
    _came(counter, back, POT_06=1)
    _restocked(counter, back)
    with pytest.raises(Refused, match=r"£10\.00 is what verified payments"):
        counter.with_return(back, settling.settle, minor=4200)
    counter.with_return(back, settling.settle)
    assert counter.payment(number).refunded_minor == counter.payment(number).amount_minor
    counter.sound()


def test_after_the_window_a_manager_may_overrule(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 1}, when=LATE)
    with pytest.raises(Refused, match="Only somebody who may overrule"):
        counter.with_return(back, deciding.approve)
    with pytest.raises(Refused, match="your role does not"):
        counter.with_return(back, deciding.approve, overruled="A good customer", role="support")
    counter.with_return(back, deciding.approve, overruled="A good customer")
    found = counter.back(back)
    assert (found.state, found.overruled, found.allowed) == ("awaiting_goods", "A good customer", False)


def test_money_without_goods(counter: Counter) -> None:
    number = counter.delivered()
    before = counter.stock()
    back = counter.ask(number, {"MUG-BLU": 1}, reason="damaged")
    with pytest.raises(Refused, match="Nobody has decided yet"):
        counter.with_return(
            back, lambda one, by: settling.RETURN.fire(_in(one, "inspected"), "settle", by=by)
        )
    counter.with_return(back, deciding.approve, without_goods=True)
    with pytest.raises(Refused, match="Nothing has to come back"):
        counter.with_return(back, receiving.receive, counted={_line(counter, back, "MUG-BLU"): 1})
    counter.with_return(back, settling.settle)
    assert _refunds(counter, number) == counter.rows(back)[0].paid_minor
    assert counter.stock() == before


def _in(back: Return, state: str) -> Return:
    back.state = state
    return back


def test_goods_without_a_word_are_decided_on_when_they_are_here(counter: Counter) -> None:
    number = counter.delivered()
    [mug] = counter.ids("MUG-BLU")
    with counter.over(number, role="logistics") as (order, by):
        back = receiving.unasked(order, {mug: 1}, by=by).id
    _restocked(counter, back)
    with pytest.raises(Refused, match="Nobody has decided yet"):
        counter.with_return(back, settling.settle)
    counter.with_return(back, deciding.approve)
    assert counter.back(back).state == "inspected"
    counter.with_return(back, settling.settle)
    assert _refunds(counter, number) == counter.rows(back)[0].paid_minor
    counter.sound()


def test_scanned_piece_by_piece(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 2})
    counter.with_return(back, deciding.approve)
    for _ in range(2):
        counter.with_return(back, receiving.scan, code="MUG-BLU", role="logistics")
    with pytest.raises(Refused, match="3 of Blue mug would be more than the 2"):
        counter.with_return(back, receiving.scan, code="MUG-BLU", role="logistics")
    with pytest.raises(Refused, match="Teapot for six is not in return"):
        counter.with_return(back, receiving.scan, code="POT-06", role="logistics")
    assert counter.rows(back)[0].received == 2
    assert counter.mails(number)[-1] == ("return_received", True)


def _exchanged(counter: Counter, number: int, sku: str, other: str) -> tuple[int, Order, Quote]:
    back = counter.ask(number, {sku: (1, other)})
    _came(counter, back, **{sku.replace("-", "_"): 1})
    _restocked(counter, back)
    counter.with_return(back, settling.settle)
    made = counter.shop.all(Order, Order.id == counter.back(back).exchange_id)[0]
    return back, made, counter.shop.all(Quote, Quote.order_id == made.id)[0]


def test_exchange_for_something_dearer_is_quoted(counter: Counter) -> None:
    number = counter.delivered()
    _, made, quote = _exchanged(counter, number, "POT-06", "POT-12")
    assert made.state == "verified"
    assert quote.total_minor == 6400 - 4200 + 399
    assert _refunds(counter, number) == 0
    with counter.at(made.number, TUESDAY) as (order, by):
        quoting.send(order, quoting.draft(order, by=by), by=by)
    assert counter.quote(quote.id).total_minor == 6400 - 4200 + 399
    counter.sound()


def test_exchange_for_something_cheaper_gives_the_difference_back(counter: Counter) -> None:
    number = counter.delivered()
    back, made, quote = _exchanged(counter, number, "POT-06", "MUG-RED")
    assert (made.state, quote.total_minor) == ("verified", 399)
    assert _refunds(counter, number) == 4200 - 1650 == counter.back(back).refund_minor
    counter.sound()


def test_a_mixed_return_gives_money_and_goods(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"POT-06": (1, "POT-12"), "MUG-BLU": 1})
    _came(counter, back, POT_06=1, MUG_BLU=1)
    _restocked(counter, back)
    counter.with_return(back, settling.settle)
    assert _refunds(counter, number) == 1600
    assert counter.back(back).exchange_id is not None


def test_what_is_put_away_cannot_be_refused_any_more(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"MUG-BLU": 1})
    _came(counter, back, MUG_BLU=1)
    _restocked(counter, back)
    with pytest.raises(Refused, match="have been put away already"):
        counter.with_return(back, deciding.refuse, reason="Too late")
    with pytest.raises(Refused, match="Its goods have come"):
        counter.with_return(back, deciding.close, reason="They keep it")


def test_a_return_that_was_given_up_frees_its_pieces(counter: Counter) -> None:
    number = counter.delivered()
    back = counter.ask(number, {"POT-06": 1})
    counter.with_return(back, deciding.close, reason="They keep it")
    assert counter.back(counter.ask(number, {"POT-06": 1})).state == "requested"


def test_money_goes_back_to_each_payment_that_held_it(counter: Counter) -> None:
    number = counter.delivered(first=1000)
    back = counter.ask(number, {"POT-06": 1})
    _came(counter, back, POT_06=1)
    _restocked(counter, back)
    counter.with_return(back, settling.settle)
    paid = counter.shop.all(Payment, Payment.source_ref.startswith(f"bank:{number}"))
    assert [row.refunded_minor for row in paid] == [1000, 3200]
    counter.sound()


def test_a_provider_is_asked_to_refund(counter: Counter) -> None:
    number = counter.delivered(source="stripe")
    back = counter.ask(number, {"POT-06": 1})
    _came(counter, back, POT_06=1)
    _restocked(counter, back)
    counter.with_return(back, settling.settle)
    [refund] = counter.shop.all(Refund)
    assert (refund.amount_minor, refund.state, refund.idempotency_key.split(":")[:2]) == (
        4200,
        "requested",
        ["return", str(back)],
    )


def test_two_returns_at_once_stay_within_what_was_paid(counter: Counter) -> None:
    number = counter.delivered()
    backs = [counter.ask(number, {"MUG-BLU": 3}), counter.ask(number, {"POT-06": 1})]
    _came(counter, backs[0], MUG_BLU=3)
    _came(counter, backs[1], POT_06=1)
    with counter.over(number) as (order, by):
        payment = db.session.scalars(db.select(Payment).where(Payment.source_ref == f"bank:{number}")).one()
        quote = parcels.sold(order)
        refunding.request(payment, payment.amount_minor - 5000, reason="Goodwill", by=by, quote=quote)
    for back in backs:
        _restocked(counter, back)
    person = counter.shop.person("manager")

    def work(back: int) -> str:
        begin_write()
        try:
            found = db.session.get_one(Return, back)
            due = settling.due(found, db.session.get_one(Order, found.order_id)).goods_minor
            settling.settle(found, by=db.session.get_one(Person, person), minor=due)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            return str(refusal)
        return "settled"

    told = at_once(counter.shop.app, lambda: work(backs[0]), lambda: work(backs[1]), after="SELECT")
    assert told.count("settled") == 1
    assert counter.payment(number).refunded_minor <= counter.payment(number).amount_minor
    counter.sound()


def test_the_same_again_costs_nothing_when_its_price_has_risen(counter: Counter) -> None:
    number = counter.delivered()
    with counter.shop.writing():
        product("POT-06").price_minor = 4500
    _, _, quote = _exchanged(counter, number, "POT-06", "POT-06")
    assert quote.total_minor == 399
    assert _refunds(counter, number) == 0
