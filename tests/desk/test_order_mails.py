"""The mails of an order: what became of each, and sending one again, explicitly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import MilestoneMail
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.shipping.dock import Dock

AsRole = Callable[[str], Browser]


@pytest.fixture
def till(shop: Shop) -> Dock:
    return Dock(Stage(shop))


def confirmed(till: Dock) -> list[Message]:
    return [m for m in till.shop.all(Message, Message.kind == "automatic") if "Confirmed" in m.subject]


def test_each_mail_stands_there_with_what_became_of_it(till: Dock, as_role: AsRole) -> None:
    number = till.paid()
    page = as_role("processing").open(f"/orders/{number}/mails")
    assert "Order confirmed, waits to leave" in page
    with till.shop.writing():
        row = db.session.get_one(OutboundMail, confirmed(till)[0].outbound_id)
        row.state, row.response = "failed", "550 no such user"
    page = as_role("processing").open(f"/orders/{number}/mails")
    assert "Order confirmed, not delivered : 550 no such user" in page


def test_sending_again_is_said_and_recorded(till: Dock, as_role: AsRole) -> None:
    number = till.paid()
    page = as_role("processing").open(f"/orders/{number}/mails").press("Send again Order confirmed")
    assert "“Order confirmed” leaves once more" in page
    assert len(confirmed(till)) == 2
    assert till.shop.all(MilestoneMail, MilestoneMail.milestone == "confirmed")[0].again == 1
    assert [e.kind for e in till.shop.all(Event)].count("order.mailed_again") == 1
    assert "sent again 1×" in as_role("processing").open(f"/orders/{number}/mails")


def test_a_form_that_is_old_sends_nothing(till: Dock, as_role: AsRole) -> None:
    number = till.paid()
    page = as_role("processing").open(f"/orders/{number}/mails")
    page.press("Send again Order confirmed")
    late = page.press("Send again Order confirmed")
    assert "Someone was faster" in late
    assert len(confirmed(till)) == 2


def test_who_may_only_read_sees_no_button(till: Dock, as_role: AsRole) -> None:
    number = till.paid()
    page = as_role("logistics").open(f"/orders/{number}/mails")
    assert "Order confirmed" in page
    assert "Send again" not in page
    assert as_role("processing").open("/orders/99999/mails").status == 404
