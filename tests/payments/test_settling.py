"""Payments become the money of quotes: by themselves where all is exact, else because a person says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from checkout_desk import clock
from checkout_desk.catalogue import stock
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import lines as order_lines
from checkout_desk.orders import quoting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import OrderLine
from checkout_desk.orders.quoting import Shortage
from checkout_desk.payments import finding, settling, sweeping
from checkout_desk.payments.models import Allocation, Payment
from checkout_desk.payments.taking import Origin
from tests.orders.quoted import END
from tests.orders.stage import product
from tests.payments.counter import TUESDAY, Counter

LATE = END + timedelta(days=2)


def test_the_exact_payment_pays_the_quote_by_itself(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference)
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert (counter.quote(quote_id).state, counter.stage.seen(number).state) == ("paid", "paid")
    assert counter.quote(quote_id).paid_at == TUESDAY
    assert counter.stock() == (10, 0, 2)
    assert counter.mails(number) == [("quote", False), ("confirmed", True)]
    assert [one.by_id for one in counter.shop.all(Allocation)] == [None]
    assert counter.heard("payment", payment_id) == ["received", "allocation", "allocated"]
    counter.sound()


def test_the_providers_session_is_as_good_as_a_reference(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, source="stripe", origin=Origin(quote_id=quote_id))
    assert counter.sums(payment_id)[0] == "allocated"
    assert counter.quote(quote_id).state == "paid"


def test_the_same_money_told_again_is_one_payment(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    reference = counter.quote(quote_id).reference
    first = counter.pay(3200, reference, ref="line-7")
    assert counter.pay(3200, reference, ref="line-7") == first
    assert len(counter.shop.all(Payment)) == 1
    assert counter.heard("payment", first).count("received") == 1
    counter.sound()


def test_amount_and_name_are_a_proposal_that_a_person_confirms(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3200, payer_name="J FOX")
    payment = counter.payment(payment_id)
    assert (payment.state, payment.outcome) == ("matched", "exact")
    assert payment.proposal == [{"quote": quote_id, "minor": 3200}]
    assert {"what": "name", "says": "Name “J FOX” is close to Jane Fox", "good": True} in payment.evidence
    assert counter.quote(quote_id).state == "sent"
    counter.act(settling.confirm, payment_id)
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert counter.stage.seen(number).state == "paid"
    assert [one.by_id for one in counter.shop.all(Allocation)] == [counter.shop.person("manager")]
    with pytest.raises(Refused, match="no proposal"):
        counter.act(settling.confirm, payment_id)
    counter.sound()


def test_too_little_pays_a_part_and_the_rest_completes_it(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    reference = counter.quote(quote_id).reference
    first = counter.pay(3000, reference)
    assert counter.payment(first).outcome == "under"
    assert counter.payment(first).state == "needs_review"
    counter.act(settling.confirm, first)
    assert counter.sums(first) == ("allocated", 3000, 0)
    assert counter.quote(quote_id).state == "sent"
    assert ("payment_received", True) in counter.mails(number)
    second = counter.pay(200, reference)
    assert (counter.payment(second).outcome, counter.payment(second).state) == ("split", "matched")
    counter.act(settling.confirm, second)
    assert counter.quote(quote_id).state == "paid"
    assert counter.stage.seen(number).state == "paid"
    counter.sound()


def test_a_shortage_is_accepted_within_the_tolerance_of_the_role(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    counter.tolerate("processing", under=150)
    how: dict[str, Any] = {"quote_id": quote_id, "role": "processing", "reason": "Bank fee"}
    with pytest.raises(
        Refused, match=r"A shortage of £2.00 is a manager's decision; you may decide up to £1.50"
    ):
        counter.act(settling.allocate, payment_id, 3000, **how)
    assert counter.given(quote_id) == 0, "nothing half-done"
    counter.act(settling.allocate, payment_id, 3000, **(how | {"role": "manager"}))
    assert counter.quote(quote_id).state == "paid"
    assert "shortage_accepted" in counter.heard("quote", quote_id)
    counter.sound()


def test_too_much_pays_and_the_rest_waits_for_a_person(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3500, counter.quote(quote_id).reference)
    assert counter.payment(payment_id).outcome == "over"
    with pytest.raises(Refused, match=f"{number}-Q1 wants only £32.00"):
        counter.act(settling.allocate, payment_id, 3500, quote_id=quote_id)
    counter.act(settling.confirm, payment_id)
    assert counter.sums(payment_id) == ("needs_review", 3200, 0)
    assert counter.quote(quote_id).state == "paid"
    with pytest.raises(Refused, match="your role decides none"):
        counter.act(settling.allocate, payment_id, 300, quote_id=quote_id, role="processing", reason="A tip")
    counter.act(settling.allocate, payment_id, 300, quote_id=quote_id, reason="A tip")
    assert counter.sums(payment_id) == ("allocated", 3500, 0)
    counter.sound()


def test_a_second_payment_is_a_duplicate_and_pays_nothing(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    reference = counter.quote(quote_id).reference
    counter.pay(3200, reference)
    again = counter.pay(3200, reference)
    payment = counter.payment(again)
    assert (payment.state, payment.outcome, payment.proposal) == ("needs_review", "duplicate", [])
    assert counter.stock() == (10, 0, 2)
    with pytest.raises(Refused, match="is paid"):
        counter.act(settling.allocate, again, 3200, quote_id=quote_id)
    counter.sound()


def test_one_payment_for_two_quotes(counter: Counter) -> None:
    first, one = counter.quoted()
    second, two = counter.quoted(sender="Jane Fox <jane@customer.example>", text="More, please.")
    payment_id = counter.pay(6400, f"{first}-Q1 {second}-Q1")
    assert counter.payment(payment_id).outcome == "combined"
    counter.act(settling.confirm, payment_id)
    assert counter.sums(payment_id) == ("allocated", 6400, 0)
    assert [counter.quote(quote_id).state for quote_id in (one, two)] == ["paid", "paid"]
    counter.sound()


def test_a_late_payment_is_a_case_and_a_person_takes_the_quote_up_again(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    counter.do(quote_id, quoting.expire, END, at=END)
    assert counter.stock() == (10, 0, 0)
    payment_id = counter.pay(3200, counter.quote(quote_id).reference, when=LATE)
    assert (counter.payment(payment_id).outcome, counter.payment(payment_id).state) == (
        "late",
        "needs_review",
    )
    with pytest.raises(Refused, match="is expired"):
        counter.act(settling.confirm, payment_id, when=LATE)
    counter.act(settling.revive, payment_id, quote_id=quote_id, reason="", when=LATE)
    assert counter.stage.seen(number).state == "paid"
    assert counter.stock() == (10, 0, 2)
    counter.sound()


def test_a_late_payment_whose_goods_are_gone_stays_a_case(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    counter.do(quote_id, quoting.expire, END, at=END)

    with counter.shop.writing():
        stock.scrap(product("MUG-BLU").id, 9)
    payment_id = counter.pay(3200, counter.quote(quote_id).reference, when=LATE)
    with pytest.raises(Shortage):
        counter.act(settling.revive, payment_id, quote_id=quote_id, reason="", when=LATE)
    assert counter.sums(payment_id) == ("needs_review", 0, 0)
    counter.sound()


def test_a_quote_whose_end_nobody_noticed_is_not_paid_by_later_money(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference, when=LATE)
    assert counter.payment(payment_id).outcome == "late"
    assert counter.quote(quote_id).state == "sent"


def test_a_new_version_frees_the_money_of_the_old_one_for_review(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(1000, counter.quote(quote_id).reference)
    counter.act(settling.confirm, payment_id)
    with counter.at(number, TUESDAY) as (_, by):
        (line,) = counter.stage.lines(number)

        order_lines.set_quantity(db.session.get_one(OrderLine, line.id), 3, by=by)
    counter.verify(number)
    second = counter.send(number, TUESDAY)
    assert counter.quote(quote_id).state == "superseded"
    with counter.shop.reading():
        sweeping.sweep()
    payment = counter.payment(payment_id)
    assert (payment.state, payment.allocated_minor, payment.outcome) == ("needs_review", 0, "under")
    assert payment.proposal == [{"quote": second, "minor": 1000}]
    counter.sound()


def test_money_is_taken_away_from_a_quote_that_is_not_paid(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(1000, counter.quote(quote_id).reference)
    counter.act(settling.confirm, payment_id)
    counter.act(settling.unallocate, payment_id, quote_id=quote_id, reason="It was for another order")
    assert counter.sums(payment_id) == ("needs_review", 0, 0)
    assert counter.shop.all(Allocation) == []
    counter.sound()


def test_what_is_left_in_received_is_settled_by_the_clock(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.came(3200, counter.quote(quote_id).reference)
    assert counter.sums(payment_id)[0] == "received"
    with counter.shop.reading():
        sweeping.sweep()
    assert counter.quote(quote_id).state == "paid"
    counter.sound()


def test_an_order_that_is_being_changed_is_not_paid_by_itself(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    with counter.at(number, TUESDAY) as (order, by):
        ORDER.fire(order, "unquote", by=by)
    payment_id = counter.pay(3200, counter.quote(quote_id).reference)
    payment = counter.payment(payment_id)
    assert payment.state == "matched"
    assert any("is being changed" in one["says"] for one in payment.evidence)
    with pytest.raises(Refused, match="being changed"):
        counter.act(settling.confirm, payment_id)
    assert counter.given(quote_id) == 0
    counter.sound()


@pytest.mark.parametrize(
    ("minor", "sentence"),
    [(0, "£0.00 cannot be used; £32.00 of this payment is left"), (3201, "£32.01 cannot be used")],
)
def test_no_more_than_there_is_can_be_used(counter: Counter, minor: int, sentence: str) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200)
    with pytest.raises(Refused, match=sentence):
        counter.act(settling.allocate, payment_id, minor, quote_id=quote_id)


def test_money_of_another_currency_pays_nothing(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference, currency="EUR")
    assert counter.payment(payment_id).outcome == "wrong_currency"
    with pytest.raises(Refused, match="is in GBP, this payment in EUR"):
        counter.act(settling.allocate, payment_id, 3200, quote_id=quote_id)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"minor": 0}, "£0.00 is no payment"),
        ({"minor": 3200, "currency": "XQX"}, "not a currency code"),
        ({"minor": 3200, "source": "hand"}, "Say what shows"),
    ],
)
def test_what_is_no_payment_is_refused(counter: Counter, facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        counter.came(**facts)
    assert counter.shop.all(Payment) == []


def test_no_card_number_is_kept(counter: Counter) -> None:
    payment_id = counter.pay(3200, "card 4111 1111 1111 1111", payer_name="4111111111111111")
    payment = counter.payment(payment_id)
    assert "4111" not in payment.text.replace(" ", "")[:12]
    assert "41111111" not in payment.payer_name


def test_late_money_is_taken_with_a_reason_though_the_clock_has_not_come_by(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3200, counter.quote(quote_id).reference, when=LATE)
    with pytest.raises(Refused, match="ended before it was paid"):
        counter.act(settling.allocate, payment_id, 3200, quote_id=quote_id, when=LATE)
    counter.act(settling.allocate, payment_id, 3200, quote_id=quote_id, when=LATE, reason="Two days only")
    assert counter.stage.seen(number).state == "paid"
    counter.sound()


def test_finding_quotes_costs_the_same_however_many_there_are(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.came(3200, counter.quote(quote_id).reference, payer_name="Jane Fox")

    def cost() -> tuple[int, int]:
        asked: list[str] = []
        with counter.shop.reading():
            payment = db.session.get_one(Payment, payment_id)
            engine = db.engine

            def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
                asked.append(statement)

            event.listen(engine, "before_cursor_execute", note)
            try:
                found = settling.candidates(payment)
            finally:
                event.remove(engine, "before_cursor_execute", note)
        return len(asked), len(found)

    assert cost() == (2, 1)
    for _ in range(3):
        counter.quoted()
    assert cost() == (2, 4)


def test_a_proposal_is_made_anew_when_another_payment_was_faster(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    reference = counter.quote(quote_id).reference
    short = counter.pay(2905, reference)
    assert (counter.payment(short).outcome, counter.payment(short).state) == ("under", "needs_review")
    counter.pay(3200, reference)
    assert counter.quote(quote_id).state == "paid"
    with counter.shop.reading(), clock.pretending(TUESDAY):
        assert sweeping.sweep() == 1
        assert sweeping.sweep() == 0, "what was looked at again is not looked at for ever"
    left = counter.payment(short)
    assert (left.outcome, left.proposal, left.state) == ("duplicate", [], "needs_review")
    counter.sound()


def test_a_proposal_for_more_than_is_still_wanted_is_made_anew(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    first, second = counter.pay(3200, payer_name="J FOX"), counter.pay(3000, payer_name="J FOX")
    counter.act(settling.allocate, second, 3000, quote_id=quote_id)
    with counter.shop.reading(), clock.pretending(TUESDAY):
        assert sweeping.sweep() == 1
        assert sweeping.sweep() == 0
    left = counter.payment(first)
    assert (left.outcome, left.proposal) == ("over", [{"quote": quote_id, "minor": 200}])
    counter.sound()


def test_a_proposal_whose_quote_has_ended_says_so(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3200, payer_name="J FOX")
    assert counter.payment(payment_id).outcome == "exact"
    counter.do(quote_id, quoting.expire, END, at=END)
    with counter.shop.reading(), clock.pretending(LATE):
        assert sweeping.sweep() == 1
        assert sweeping.sweep() == 0, "late money goes on proposing the expired quote"
    left = counter.payment(payment_id)
    assert (left.outcome, left.proposal) == ("late", [{"quote": quote_id, "minor": 3200}])


def test_money_of_a_quote_that_was_taken_up_again_stays_with_it(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    counter.act(settling.confirm, payment_id)
    with counter.shop.writing():  # the clock saw it expired; until it had the lock, somebody extended it
        sweeping._free(db.session.get_one(Payment, payment_id), quote_id)
    assert counter.given(quote_id) == 3000
    counter.sound()


def test_the_quote_that_is_named_is_found_however_many_cost_the_same(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, named = counter.quoted()
    for i in range(2):
        counter.quoted(sender=f"Other {i} <other{i}@example.org>")
    monkeypatch.setattr(finding, "MOST", 2)
    payment_id = counter.pay(3200, counter.quote(named).reference)
    assert counter.payment(payment_id).outcome == "exact"
    assert counter.quote(named).state == "paid"
