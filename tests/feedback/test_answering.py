"""The page that asks: only its button counts, once, and a low score is somebody's task."""

from __future__ import annotations

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.feedback import answering
from checkout_desk.feedback.models import Feedback
from tests.feedback.conftest import Home

ADDRESS = "/order/feedback"


def row(home: Home, number: int) -> Feedback:
    found = home.feedback(number)
    assert found is not None
    return found


def test_the_button_counts_and_the_figure_stands(home: Home) -> None:
    number = home.asked()
    page = home.open(number)
    assert f"How was order {number}?" in page
    said = page.press("Send", score="4", comment="Lovely cups", step="A12")
    assert "Your answer has been counted: 4 of 5" in said
    found = row(home, number)
    assert (found.score, found.comment, found.step) == (4, "Lovely cups", "A12")
    assert "counted: 4 of 5" in home.open(number), "the page keeps saying so"


def test_opening_the_page_votes_for_nobody_however_often(home: Home) -> None:
    number = home.asked()
    client = home.open(number).browser.client
    for _ in range(25):
        assert client.get(ADDRESS).status_code == 200
        assert client.head(ADDRESS).status_code == 200
        assert client.get(f"{ADDRESS}?score=1&do=out").status_code == 200
    assert row(home, number).score is None
    assert home.customer(number).feedback_opt_out_at is None


def test_the_first_answer_stays(home: Home) -> None:
    number = home.asked()
    page = home.open(number)
    page.press("Send", score="5")
    page.press("Send", score="1")
    assert row(home, number).score == 5


def test_two_at_once_are_one(home: Home) -> None:
    number = home.asked()
    with home.shop.writing():
        found = db.session.query(Feedback).one()
        assert answering.answer(found, 3)
        assert not answering.answer(found, 1)
    assert row(home, number).score == 3


def test_a_low_score_is_a_task_of_a_manager(home: Home) -> None:
    number = home.asked()
    page = home.open(number).press("Send", score="1", comment="The cup came without its saucer")
    assert "Somebody will look at it" in page
    c = home.dock.stage.row(number)
    assert (c.state, c.escalated_to_role, c.exception) == ("open", "manager", True)
    assert c.escalated_reason == f"Feedback 1 of 5 about order {number}"
    assert (c.next_action, c.promise_due_at is not None) == ("answer", True), (
        "the page said that somebody writes"
    )
    [said] = [one for one in home.shop.all(Message, Message.kind == "page") if one.conversation_id == c.id]
    assert said.text == "1/5\n\nThe cup came without its saucer", "the words stand in the thread"
    home.shop.sound()


def test_a_good_score_is_nobodys_task(home: Home) -> None:
    number = home.asked()
    home.open(number).press("Send", score="3")
    assert home.dock.stage.row(number).escalated_at is None


@pytest.mark.parametrize("score", ["", "0", "6", "x", "1.5", "-1"])
def test_a_score_that_is_none_is_named_and_the_words_stay(home: Home, score: str) -> None:
    number = home.asked()
    page = home.open(number).press("Send", score=score, comment="So nice", step="A10")
    assert page.status == 422
    assert "Please choose one of the five answers." in page
    assert "So nice" in page.html
    assert '<option value="A10" selected>' in page.html
    assert row(home, number).answered_at is None


def test_words_that_are_too_long_are_kept_on_the_page(home: Home) -> None:
    number = home.asked()
    page = home.open(number).press("Send", score="4", comment="x" * 2001)
    assert page.status == 422
    assert "at most 2000 characters fit" in page
    assert row(home, number).score is None


def test_a_card_number_in_the_words_is_masked(home: Home) -> None:
    number = home.asked()
    home.open(number).press("Send", score="4", comment="My card 4111 1111 1111 1111 was fine")
    assert "4111 1111 1111 1111" not in row(home, number).comment


def test_opting_out_is_one_press(home: Home) -> None:
    number = home.asked()
    page = home.open(number).press("Do not ask me again")
    assert "We will not ask you again." in page
    assert home.customer(number).feedback_opt_out_at is not None


def test_a_link_of_another_mail_opens_no_vote(home: Home) -> None:
    number = home.asked()
    page = home.open(number, purpose="quote")
    answer = page.browser.open(ADDRESS)
    assert answer.status == 404
    assert "no longer works" in answer


def test_a_form_of_another_link_or_without_one_changes_nothing(home: Home) -> None:
    number = home.asked()
    page = home.open(number)
    assert page.browser.post(ADDRESS, {"score": "1", "form_token": "made-up"}).status == 409
    page.browser.client.delete_cookie("order")
    assert page.browser.post(ADDRESS, {"score": "1"}).status == 404
    assert row(home, number).score is None


def test_each_language_has_its_page(home: Home) -> None:
    number = home.asked()
    for language, words in (
        ("de", "Wie war Bestellung"),
        ("fr", "Comment s’est passée"),
        ("ja", "いかがでしたか"),
    ):
        with home.dock.dock(number) as (order, _):
            order.language = language
        assert words in home.open(number)
