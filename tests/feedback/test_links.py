"""The link of the mail that asks: tampered with, too old, taken back, opened a hundred times by machines; never a vote."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting
from checkout_desk.conversations.models import Conversation
from checkout_desk.doorstep import links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders.models import Order
from tests.feedback.conftest import Home
from tests.page import Browser

ADDRESS = "/order/feedback"


def mailed(home: Home, number: int) -> tuple[Browser, str]:
    """A browser of the customer, and the token of a link of the mail that asks."""
    with home.shop.writing():
        order = db.session.scalars(db.select(Order).where(Order.number == number)).one()
        token = links.issue(order.id, email=order.email, purpose="feedback")[1]
    return Browser(home.shop.app, home.shop.app.test_client()), token


def voted(home: Home, number: int) -> int | None:
    row = home.feedback(number)
    assert row is not None
    return row.score


@pytest.mark.parametrize("change", ["swapped", "longer", "shorter", "case", "empty", "foreign"])
def test_a_link_that_was_tampered_with_opens_nothing(home: Home, change: str) -> None:
    number = home.asked()
    browser, token = mailed(home, number)
    wrong = {
        "swapped": token[:-1] + ("A" if token[-1] != "A" else "B"), "longer": token + "A", "shorter": token[:-1],
        "case": token.swapcase(), "empty": "x", "foreign": "é" * len(token),
    }[change]  # fmt: skip
    assert browser.open(f"/o/{wrong}").status == 404
    assert browser.open(ADDRESS).status == 404
    assert browser.post(ADDRESS, {"score": "1"}).status == 404
    assert voted(home, number) is None


def test_a_link_that_ended_or_was_taken_back_counts_nothing_even_when_the_page_is_open(home: Home) -> None:
    number = home.asked()
    for end in ("expired", "revoked"):
        browser, token = mailed(home, number)
        page = browser.open(f"/o/{token}")
        assert f"How was order {number}?" in page
        with home.shop.writing():
            link = links.found(token)
            assert link is not None
            if end == "expired":
                link.expires_at = clock.now() - timedelta(seconds=1)
            else:
                assert links.revoke([link.id]) == 1
        late = page.press("Send", score="1")
        assert late.status in (404, 410), end
        assert browser.open(f"/o/{token}").status in (404, 410), end
        assert voted(home, number) is None


def test_a_storm_of_scanners_on_the_link_itself_votes_for_nobody(home: Home) -> None:
    number = home.asked()
    browser, token = mailed(home, number)
    before = len(home.shop.all(CustomerLink))
    for _ in range(20):
        scanner = home.shop.app.test_client()
        for method in (scanner.get, scanner.head, scanner.options):
            method(f"/o/{token}", follow_redirects=True)
            method(f"{ADDRESS}?score=1&do=out", follow_redirects=True)
    assert voted(home, number) is None
    assert home.customer(number).feedback_opt_out_at is None
    assert len(home.shop.all(CustomerLink)) == before, "and the link is as good as new"
    assert "counted: 5 of 5" in browser.open(f"/o/{token}").press("Send", score="5")


def test_nobody_is_asked_while_the_case_is_escalated(home: Home) -> None:
    number = home.delivered()
    home.sweep(0)
    c = home.dock.stage.row(number)
    home.shop.act(
        lambda cs, by: acting.escalate(cs, reason="The glaze came off", by=by, role="manager"), c.id
    )
    assert home.sweep(6) == 0
    person = home.shop.person("manager")
    with home.shop.writing():
        by = db.session.get_one(Person, person)
        acting.settle([db.session.get_one(Conversation, c.id)], by=by)
    assert home.sweep(8) == 1
    assert home.sweep(9) == 0, "once"


def test_opting_out_twice_or_after_answering_is_no_trouble(home: Home) -> None:
    number = home.asked()
    page = home.open(number)
    page.press("Do not ask me again")
    since = home.customer(number).feedback_opt_out_at
    home.open(number).press("Do not ask me again")
    assert home.customer(number).feedback_opt_out_at == since
    assert "counted: 4 of 5" in home.open(number).press("Send", score="4"), (
        "who answers all the same is heard"
    )
    assert len(home.shop.all(Feedback)) == 1
