"""Money goes back: bounded, asked for once, and in doubt a person's business."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.payments import refunding, refunding_job, settling
from checkout_desk.payments.answers import (
    Answer,
    Declined,
    Done,
    Doubtful,
    Pending,
    RefundErrand,
)
from checkout_desk.payments.models import Refund
from tests.payments.counter import TUESDAY, Counter


class Bank:
    """A provider that answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[RefundErrand] = []
        self.answer: Answer | Exception = Done("re_1")
        self.known: Answer | None = None
        self.kept_rows: list[tuple[str, str]] = []

    def refund(self, errand: RefundErrand) -> Answer:
        """Keeps what the database says at this moment."""
        self.asked.append(errand)
        row = db.session.get_one(Refund, errand.refund_id)
        self.kept_rows.append((row.state, row.idempotency_key))
        db.session.rollback()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def find_refund(self, errand: RefundErrand) -> Answer | None:
        """What it was told to know."""
        return self.known


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    made = Bank()
    monkeypatch.setattr(refunding_job, "provider", lambda source: made)
    return made


def paid(counter: Counter, source: str = "stripe", minor: int = 3200) -> tuple[int, int, int]:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(minor, counter.quote(quote_id).reference, source=source)
    return number, quote_id, payment_id


def ask(counter: Counter, payment_id: int, minor: int, quote_id: int | None = None, **how: Any) -> int:
    facts: dict[str, Any] = {"reason": "Broken in the post", "quote_id": quote_id, **how}
    return int(counter.act(refunding.request, payment_id, minor, **facts))


def _send(counter: Counter, refund_id: int) -> None:
    with counter.shop.reading():
        refunding_job.send(refund_id)


def _told(counter: Counter, payment_id: int, answer: Answer, **more: Any) -> None:
    payment = counter.payment(payment_id)
    facts = {"refund_ref": "re_1", "minor": 3200, **more}
    with counter.shop.writing():
        refunding.told(payment.source, payment_ref=payment.source_ref, answer=answer, **facts)


def test_the_key_is_committed_before_the_provider_is_asked(counter: Counter, bank: Bank) -> None:
    number, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id, key="form-1")
    assert counter.refund(refund_id).state == "requested"
    assert counter.sums(payment_id) == ("refunded", 0, 3200)
    _send(counter, refund_id)
    assert bank.kept_rows == [("sent", "form-1")]
    assert [one.idempotency_key for one in bank.asked] == ["form-1"]
    refund = counter.refund(refund_id)
    assert (refund.state, refund.provider_ref) == ("done", "re_1")
    assert ("refunded", True) in counter.mails(number)
    assert counter.heard("refund", refund_id) == ["requested", "sent", "done"]
    counter.sound()


def test_a_second_job_asks_nobody(counter: Counter, bank: Bank) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 100, quote_id)
    for _ in range(3):
        _send(counter, refund_id)
    assert len(bank.asked) == 1


def test_the_same_form_twice_is_one_refund(counter: Counter) -> None:
    _, quote_id, payment_id = paid(counter)
    first = ask(counter, payment_id, 100, quote_id, key="form-2")
    assert ask(counter, payment_id, 100, quote_id, key="form-2") == first
    assert counter.sums(payment_id)[2] == 100
    with pytest.raises(Refused, match="another amount"):
        ask(counter, payment_id, 200, quote_id, key="form-2")
    counter.sound()


@pytest.mark.parametrize("answer", [Doubtful("No answer in time."), RuntimeError("cut off")])
def test_an_unknown_outcome_is_never_asked_again_by_itself(
    counter: Counter, bank: Bank, answer: Answer | Exception
) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id)
    bank.answer = answer
    _send(counter, refund_id)
    assert counter.refund(refund_id).state == "to_be_checked"
    with counter.shop.reading(), clock.pretending(clock.now() + refunding_job.LEASE * 10):
        refunding_job.sweep()
    _send(counter, refund_id)
    assert len(bank.asked) == 1
    assert counter.sums(payment_id) == ("refunded", 0, 3200), "the money counts as gone until somebody knows"
    counter.sound()


def test_a_worker_that_died_after_the_claim_leaves_a_refund_to_be_checked(
    counter: Counter, bank: Bank
) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id)
    with counter.shop.reading():
        assert refunding_job._claim(refund_id) is not None
        refunding_job.sweep()
    assert counter.refund(refund_id).state == "sent"
    with counter.shop.reading(), clock.pretending(clock.now() + refunding_job.LEASE * 2):
        refunding_job.sweep()
    assert counter.refund(refund_id).state == "to_be_checked"
    assert bank.asked == []
    counter.sound()


def test_a_pending_refund_waits_for_the_event_and_not_for_a_person(counter: Counter, bank: Bank) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id)
    bank.answer = Pending("re_1")
    _send(counter, refund_id)
    with counter.shop.reading(), clock.pretending(clock.now() + refunding_job.LEASE * 2):
        refunding_job.sweep()
    assert counter.refund(refund_id).state == "sent"
    _told(counter, payment_id, Done("re_1"))
    assert counter.refund(refund_id).state == "done"
    counter.sound()


@pytest.mark.parametrize(
    ("known", "state"), [(Done("re_1"), "done"), (Pending("re_1"), "sent"), (Declined("Closed."), "failed")]
)
def test_a_pending_refund_whose_event_is_lost_is_asked_after(
    counter: Counter, bank: Bank, known: Answer, state: str
) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id)
    bank.answer, bank.known = Pending("re_1"), known
    _send(counter, refund_id)
    with counter.shop.reading(), clock.pretending(TUESDAY + refunding_job.UNDER_WAY / 2):
        refunding_job.look_again()
    assert counter.refund(refund_id).state == "sent", "not in its first hour"
    with counter.shop.reading(), clock.pretending(TUESDAY + refunding_job.UNDER_WAY * 2):
        refunding_job.look_again()
    assert counter.refund(refund_id).state == state
    assert len(bank.asked) == 1
    counter.sound()


def test_looking_at_the_provider_resolves_a_doubt(counter: Counter, bank: Bank) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id)
    bank.answer, bank.known = Doubtful("?"), Done("re_9")
    _send(counter, refund_id)
    with counter.shop.reading():
        refunding_job.look(db.session.get_one(Refund, refund_id))
    assert counter.refund(refund_id).state == "done"


def test_what_the_provider_declines_pays_the_quote_again(counter: Counter, bank: Bank) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 1200, quote_id)
    assert counter.given(quote_id) == 2000
    bank.answer = Declined("The card was closed.")
    _send(counter, refund_id)
    assert counter.refund(refund_id).state == "failed"
    assert counter.refund(refund_id).fault == "The card was closed."
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert counter.given(quote_id) == 3200
    counter.sound()


def test_what_came_back_does_not_leave_a_whole_quote_unpaid(counter: Counter, bank: Bank) -> None:
    _, quote_id = counter.quoted()
    reference = counter.quote(quote_id).reference
    first = counter.pay(3000, reference, source="stripe")
    counter.act(settling.confirm, first)
    refund_id = ask(counter, first, 3000, quote_id)
    counter.act(settling.confirm, counter.pay(200, reference))
    bank.answer = Declined("The card was closed.")
    _send(counter, refund_id)
    assert counter.sums(first) == ("needs_review", 0, 0), "a person decides what it pays"
    counter.act(settling.allocate, first, 3000, quote_id=quote_id)
    assert counter.quote(quote_id).state == "paid"
    counter.sound()


def test_the_event_is_known_by_the_key_and_repeats_do_nothing(counter: Counter, bank: Bank) -> None:
    number, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id, key="form-3")
    bank.answer = Doubtful("?")
    _send(counter, refund_id)
    for _ in range(3):
        _told(counter, payment_id, Done("re_1"), key="form-3")
    assert [one.id for one in counter.shop.all(Refund)] == [refund_id]
    assert counter.refund(refund_id).state == "done"
    assert counter.mails(number).count(("refunded", True)) == 1
    counter.sound()


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (1, 0, 1)])
def test_a_refund_made_at_the_provider_becomes_a_row_in_any_order(
    counter: Counter, order: tuple[int, ...]
) -> None:
    _, quote_id, payment_id = paid(counter)
    answers = (Pending("re_7"), Done("re_7"))
    for i in order:
        _told(counter, payment_id, answers[i], refund_ref="re_7", minor=500)
    (refund,) = counter.shop.all(Refund)
    assert (refund.state, refund.amount_minor, refund.by_id) == ("done", 500, None)
    assert counter.given(quote_id) == 2700
    counter.sound()


def test_a_refund_beyond_the_payment_is_recorded_and_moves_nothing(counter: Counter) -> None:
    _, _, payment_id = paid(counter)
    _told(counter, payment_id, Done("re_7"), refund_ref="re_7", minor=9999)
    assert counter.shop.all(Refund) == []
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    with counter.shop.reading():
        assert (
            refunding.told("stripe", payment_ref="pi_other", refund_ref="x", minor=1, answer=Done("x"))
            is None
        )


def test_a_bank_transfer_goes_back_by_hand(counter: Counter, bank: Bank) -> None:
    number, quote_id, payment_id = paid(counter, source="bank", minor=3500)
    counter.act(settling.confirm, payment_id)
    refund_id = ask(counter, payment_id, 300)
    _send(counter, refund_id)
    assert bank.asked == []
    assert counter.refund(refund_id).state == "requested"
    assert counter.given(quote_id) == 3200, "what is free goes first"
    counter.act(
        lambda payment, **facts: refunding.mark_done(db.session.get_one(Refund, refund_id), **facts),
        payment_id,
    )
    assert counter.refund(refund_id).state == "done"
    assert counter.sums(payment_id) == ("refunded", 3200, 300)
    assert counter.mails(number)[-1] == ("refunded", True)
    counter.sound()


def test_a_person_cannot_settle_what_the_provider_has_not_told(counter: Counter) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 300, quote_id)
    with pytest.raises(Refused, match="The provider tells"):
        counter.act(
            lambda payment, **facts: refunding.mark_done(db.session.get_one(Refund, refund_id), **facts),
            payment_id,
        )


@pytest.mark.parametrize(
    ("minor", "how", "sentence"),
    [
        (0, {}, r"£0.00 cannot go back; £32.00"),
        (3201, {}, r"£32.01 cannot go back; £32.00"),
        (100, {"reason": " "}, "Say why the money goes back"),
        (
            100,
            {"role": "processing"},
            r"A refund of £1.00 is a manager's decision; you may decide up to £0.50",
        ),
    ],
)
def test_a_refund_is_bounded(counter: Counter, minor: int, how: dict[str, Any], sentence: str) -> None:
    _, quote_id, payment_id = paid(counter)
    counter.tolerate("processing", refund=50)
    with pytest.raises(Refused, match=sentence):
        ask(counter, payment_id, minor, quote_id, **how)
    assert counter.shop.all(Refund) == []
    if minor == 100:
        assert ask(counter, payment_id, 50, quote_id, role="processing")
    counter.sound()


def test_without_the_quote_only_what_is_free_goes_back(counter: Counter) -> None:
    _, _, payment_id = paid(counter)
    with pytest.raises(Refused, match="Name the quote whose money is meant"):
        ask(counter, payment_id, 100)
    duplicate = counter.pay(3200, "", source="paypal")
    ask(counter, duplicate, 3200)
    assert counter.sums(duplicate) == ("refunded", 0, 3200)
    counter.sound()


def test_the_refunds_of_one_payment_count_together(counter: Counter) -> None:
    _, quote_id, payment_id = paid(counter)
    counter.tolerate("processing", refund=1000)
    ask(counter, payment_id, 600, quote_id, role="processing")
    with pytest.raises(
        Refused, match=r"Refunding altogether £12.00 is a manager's decision; you may decide up to £10.00"
    ):
        ask(counter, payment_id, 600, quote_id, role="processing")
    ask(counter, payment_id, 400, quote_id, role="processing")
    ask(counter, payment_id, 100, quote_id, role="manager")
    assert counter.sums(payment_id)[2] == 1100
    counter.sound()


def test_the_clock_looks_doubtful_refunds_up_and_asks_for_no_money(counter: Counter, bank: Bank) -> None:
    _, quote_id, payment_id = paid(counter)
    refund_id = ask(counter, payment_id, 3200, quote_id)
    bank.answer = Doubtful("?")
    _send(counter, refund_id)
    with counter.shop.reading():
        refunding_job.look_again()
    assert counter.refund(refund_id).state == "to_be_checked", (
        "the provider does not know it: a person decides"
    )
    bank.known = Declined("Never heard of the card.")
    with counter.shop.reading():
        refunding_job.look_again()
    assert counter.refund(refund_id).state == "failed"
    assert counter.sums(payment_id) == ("allocated", 3200, 0)
    assert len(bank.asked) == 1
    counter.sound()
