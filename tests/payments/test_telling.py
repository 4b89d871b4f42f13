"""What customers are told about their money."""

from __future__ import annotations

import pytest

from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import amounts
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import settling, telling
from checkout_desk.payments.models import Payment
from tests.payments.counter import Counter


@pytest.mark.parametrize("confirmed", [False, True])
def test_the_mail_that_asks_for_the_rest_names_what_came_and_what_is_missing(
    counter: Counter, confirmed: bool
) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    if confirmed:
        counter.act(settling.confirm, payment_id)
    with counter.shop.reading():
        mail = telling.ask_difference(
            db.session.get_one(Payment, payment_id), db.session.get_one(Quote, quote_id)
        )
    assert str(number) in mail.subject
    for words in ("£30.00", "£32.00", "£2.00", "Jane"):
        assert words in mail.text


def test_nobody_is_asked_for_the_rest_of_a_quote_that_another_payment_made_whole(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    part = counter.pay(3000, counter.quote(quote_id).reference)
    counter.pay(3200, counter.quote(quote_id).reference)
    with counter.shop.reading(), pytest.raises(Refused, match="is paid"):
        telling.ask_difference(db.session.get_one(Payment, part), db.session.get_one(Quote, quote_id))


def test_nobody_is_asked_for_nothing(counter: Counter) -> None:
    _, quote_id = counter.quoted()
    part = counter.pay(3000, counter.quote(quote_id).reference)
    counter.act(settling.confirm, part)
    rest = counter.pay(200, counter.quote(quote_id).reference)
    with counter.shop.reading(), pytest.raises(Refused, match="lacks nothing"):
        telling.ask_difference(db.session.get_one(Payment, rest), db.session.get_one(Quote, quote_id))


def test_a_part_is_told_once_and_names_the_part(counter: Counter) -> None:
    number, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    counter.act(settling.confirm, payment_id)
    with counter.shop.reading():
        order = db.session.query(Order).filter_by(number=number).one()
        conversation = order.conversation_id
    assert conversation is not None
    (mail,) = [one for one in counter.shop.messages(conversation) if one.kind == "automatic"]
    assert "£30.00" in mail.text
    counter.sound()


@pytest.mark.parametrize(
    ("confirmed", "names"), [(False, "£2.00"), (True, "£2.00"), (True, "£30.00"), (True, "£2.50")]
)
def test_a_mail_may_name_what_came_and_what_is_missing_and_nothing_else(
    counter: Counter, confirmed: bool, names: str
) -> None:
    _, quote_id = counter.quoted()
    payment_id = counter.pay(3000, counter.quote(quote_id).reference)
    if confirmed:
        counter.act(settling.confirm, payment_id)
    with counter.shop.reading():
        quote = db.session.get_one(Quote, quote_id)
        order = db.session.get_one(Order, quote.order_id)
        conversation = db.session.get_one(Conversation, order.conversation_id)
        wrong = amounts.fault(conversation, f"There are {names} missing.", None)
    assert (wrong is not None) is (names == "£2.50")
