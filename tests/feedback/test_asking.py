"""A customer is asked how it was once, some days after delivery, and only when nothing is open."""

from __future__ import annotations

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.feedback import answering
from checkout_desk.feedback.models import Feedback
from checkout_desk.returns.models import Return
from tests.feedback.conftest import Home
from tests.shipping.dock import NUMBER


def test_a_customer_is_asked_once_some_days_after_delivery(home: Home) -> None:
    number = home.delivered()
    assert home.sweep(0) == 0
    assert home.feedback(number) is not None
    assert home.sweep(4.9) == 0, "five days are set"
    assert home.sweep(5.1) == 1
    assert home.sweep(5.2) == 0
    assert home.sweep(60) == 0
    assert [mail.subject for mail in home.mails()] == [f"How was order {number}?"]
    assert [name for name, _ in home.dock.mails(number)].count("feedback") == 1


def test_nobody_is_asked_while_we_owe_an_answer(home: Home) -> None:
    number = home.delivered(answered=False)
    home.sweep(0)
    assert home.sweep(6) == 0
    row = home.feedback(number)
    assert row is not None
    assert row.skipped_at is None
    assert row.due_at > clock.now(), "it is put off"


def test_the_cap_on_automatic_mails_puts_the_question_off_and_loses_nothing(home: Home) -> None:
    number = home.delivered()
    home.sweep(0)
    home.shop.set_store(automatic_per_conversation=0)
    assert home.sweep(6) == 0
    row = home.feedback(number)
    assert row is not None
    assert (row.skipped_at, row.asked_at) == (None, None)
    assert "feedback" not in [name for name, _ in home.dock.mails(number)], (
        "nothing stands for a mail that is not"
    )
    home.shop.set_store(automatic_per_conversation=3)
    assert home.sweep(6.01) == 0, "an hour has not passed"
    assert [home.sweep(6.1), home.sweep(6.2)] == [1, 0]
    assert ("feedback", True) in home.dock.mails(number)
    assert len(home.mails()) == 1


def test_nobody_is_asked_while_something_comes_back(home: Home) -> None:
    number = home.delivered()
    home.sweep(0)
    with home.shop.writing():
        now, order_id = clock.now(), home.dock.stage.seen(number).id
        back = Return(order_id=order_id, number=1, state="awaiting_goods", source="mail", reason="damaged")
        back.requested_at = back.updated_at = now
        db.session.add(back)
    assert home.sweep(6) == 0
    with home.shop.writing():
        db.session.query(Return).one().state = "closed"
    assert home.sweep(8) == 1


def test_who_does_not_want_to_be_asked_is_not(home: Home) -> None:
    first = home.asked()
    with home.shop.writing():
        answering.opt_out(db.session.query(Feedback).one())
    second = home.delivered("CD123456785GB")
    assert home.customer(first).id == home.customer(second).id
    home.sweep(0)
    assert home.sweep(8) == 0
    row = home.feedback(second)
    assert row is not None
    assert row.skipped_why == "the customer does not want to be asked"


def test_a_store_may_never_ask(home: Home) -> None:
    home.shop.set_store(feedback_days=0)
    number = home.delivered()
    assert home.sweep(0) == 0
    assert home.feedback(number) is None


def test_parcels_on_their_way_are_not_asked_about(home: Home) -> None:
    number = home.dock.paid()
    home.dock.packed(number, tracking=NUMBER)
    assert home.sweep(90) == 0
    assert home.feedback(number) is None
