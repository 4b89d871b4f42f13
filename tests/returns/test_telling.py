"""What customers hear of their returns: each step once, in their language, with what they need for it."""

from __future__ import annotations

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.standard.returns import SENTENCES
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.orders import milestones
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.returns import deciding, receiving, telling
from tests.databases import rows_on_sqlite
from tests.returns.counter import Counter

ADDRESS = "Fern & Kiln Returns\n3 Back Lane\nBristol BS1 4ND"


@pytest.fixture
def number(counter: Counter) -> int:
    counter.shop.set_store(return_address=ADDRESS)
    return counter.delivered()


def mail(counter: Counter, milestone: str) -> Message:
    """The one mail of a milestone."""
    rows = counter.shop.all(MilestoneMail, MilestoneMail.milestone == milestone)
    assert len(rows) == 1 and rows[0].message_id, milestone
    return counter.shop.all(Message, Message.id == rows[0].message_id)[0]


def test_who_may_send_it_back_is_told_how_and_where(counter: Counter, number: int) -> None:
    back = counter.ask(number, {"MUG-BLU": 2, "POT-06": (1, "MUG-BLU")})
    counter.with_return(back, deciding.approve)
    text = mail(counter, "return_approved").text
    assert f"write {number}-R1 on the outside" in text and "You pay for the way back" in text
    assert ADDRESS in text
    assert "2 × " in text and " → " in text
    assert counter.shop.all(CustomerLink, CustomerLink.purpose == "return_approved")


def test_our_fault_is_our_cost(counter: Counter, number: int) -> None:
    counter.with_return(counter.ask(number, {"MUG-BLU": 1}, reason="damaged"), deciding.approve)
    text = mail(counter, "return_approved").text
    assert "We pay for the way back" in text and "You pay" not in text


def test_what_may_be_kept_is_not_asked_for(counter: Counter, number: int) -> None:
    counter.with_return(
        counter.ask(number, {"MUG-BLU": 1}, reason="damaged"), deciding.approve, without_goods=True
    )
    text = mail(counter, "return_approved").text
    assert "You do not need to send anything back" in text
    assert "Send it to" not in text and "Back Lane" not in text


def test_who_is_refused_reads_why(counter: Counter, number: int) -> None:
    counter.with_return(
        counter.ask(number, {"MUG-BLU": 1}), deciding.refuse, reason="It was used for a year."
    )
    text = mail(counter, "return_refused").text
    assert "The reason:\nIt was used for a year." in text and "do not send anything" in text


def test_arrival_is_told_once_and_when_all_is_here(counter: Counter, number: int) -> None:
    back = counter.ask(number, {"MUG-BLU": 2})
    counter.with_return(back, deciding.approve)
    line = counter.rows(back)[0].id
    counter.with_return(back, receiving.receive, counted={line: 1})
    assert not counter.shop.all(MilestoneMail, MilestoneMail.milestone == "return_received")
    counter.with_return(back, receiving.receive, counted={line: 1})
    assert "2 × " in mail(counter, "return_received").text
    with counter.shop.writing():
        assert telling.told(db.session.get_one(telling.Return, back), "received") is None, "once"


@rows_on_sqlite("language", list(LANGUAGES))
def test_every_language_has_the_whole_mail(counter: Counter, number: int, language: str) -> None:
    with counter.over(number) as (order, _):
        order.language = language
    counter.with_return(counter.ask(number, {"MUG-BLU": 1}), deciding.approve)
    text = mail(counter, "return_approved").text
    assert SENTENCES[language]["customer"] in text and f"{number}-R1" in text
    assert "[" not in text.replace("[CUSTOMER_PAGE]", "")


def test_without_an_address_nobody_is_told_to_send_it_nowhere(counter: Counter, number: int) -> None:
    counter.shop.set_store(return_address="", sender_address="")
    counter.with_return(counter.ask(number, {"MUG-BLU": 1}), deciding.approve)
    row = counter.shop.all(MilestoneMail, MilestoneMail.milestone == "return_approved")[0]
    assert row.message_id is None
    counter.shop.set_store(sender_address="14 Potter’s Row\nBristol")
    with counter.over(number) as (_, by):
        again = milestones.again(db.session.get_one(MilestoneMail, row.id), by=by)
        assert "14 Potter’s Row\nBristol" in again.text
