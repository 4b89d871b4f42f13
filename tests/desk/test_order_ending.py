"""A mail that cancels an order: read, shown as a card with what is possible, decided, and answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.orders.models import OrderChange
from checkout_desk.payments.models import Refund
from tests.builders import JANE, Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.returns.counter import Counter
from tests.returns.test_cancelling import _paid
from tests.signing import PASSWORD


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A shop with paid orders."""
    return Counter(Stage(shop))


def wants_out(counter: Counter, number: int, words: str, *, sender: str = JANE) -> str:
    """The customer's mail comes in; the address of its conversation."""
    talk = counter.stage.row(number).id
    sent = counter.shop.take(to=counter.shop.reply_address(talk), text=words, sender=sender)
    assert sent.conversation == talk
    return f"/conversations/{talk}?order={number}"


def test_a_mail_that_cancels_a_paid_order_becomes_a_card_and_the_money_goes_back(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    number, total = _paid(counter)
    at = wants_out(counter, number, "Hello,\n\nplease cancel my order, I ordered the wrong colour.\n\nJane")
    page = as_role("manager").open(at)
    assert "The customer wants to cancel" in page and "A later mail wants" in page
    assert counter.stage.seen(number).state == "paid", "nothing happens by itself"
    wrong = page.press(f"Cancel and refund £{total / 100:.2f}", password="no")
    assert wrong.status == 409 and "Nothing was done" in wrong
    assert counter.shop.all(Refund) == []
    done = page.press(f"Cancel and refund £{total / 100:.2f}", password=PASSWORD)
    assert counter.stage.seen(number).state == "cancelled"
    assert [row.amount_minor for row in counter.shop.all(Refund)] == [total]
    assert [row.state for row in counter.shop.all(OrderChange)] != ["open"]
    assert "is cancelled" in done, "the answer is ready to be read"
    counter.sound()


def test_a_mail_of_somebody_else_changes_nothing_unseen(
    counter: Counter, as_role: Callable[[str], Browser]
) -> None:
    """Whoever has the address of a conversation may write there; the card says that it is another person."""
    number, _ = _paid(counter)
    page = as_role("manager").open(
        wants_out(counter, number, "Cancel my order please.", sender="Eve <eve@elsewhere.example>")
    )
    assert counter.stage.seen(number).state == "paid"
    [change] = counter.shop.all(OrderChange)
    assert change.changes[0]["doubt"] == "new_person"
    assert "Answer" in page, "their question goes first"
