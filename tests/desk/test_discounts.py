"""What people take off a quote by hand: bounded, with a reason, told to the customer, and taken back by nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.orders import quote_content
from checkout_desk.settings.models import Tolerance
from checkout_desk.settings.shipping import Offer
from tests.desk.test_quotes import composer, leaving, panel, part, quotes
from tests.orders.quoted import Till
from tests.page import Browser


@pytest.fixture
def mia(as_role: Callable[[str], Browser]) -> Browser:
    """The one who quotes."""
    return as_role("processing")


def test_a_discount_by_hand_is_bounded_by_the_role_and_told_with_its_reason(
    mia: Browser, till: Till, as_role: Callable[[str], Browser]
) -> None:
    number = till.verified()
    with till.shop.writing():
        db.session.add(Tolerance(role="processing", currency="GBP", discount_minor=400))
    form = panel(mia, till, number).follow("Discount by hand")
    wrong = form.press("Take it off", off="ten", reason="x")
    assert wrong.status == 422
    assert "“ten” is not an amount" in wrong and "“x” says too little" in wrong
    assert wrong.form("/discount").value("off") == "ten"
    assert "101 %" in form.press("Take it off", off="101 %", reason="Chipped glaze")
    assert "more than it costs" in form.press("Take it off", off="33", reason="Chipped glaze")
    assert quotes(till, number) == []
    line_id = str(till.stage.lines(number)[0].id)
    done = form.press("Take it off", on=line_id, off="10 %", reason="Chipped glaze")
    assert done.status == 200
    [quote] = quotes(till, number)
    assert quote.content["lines"][0]["discount"] == 320
    shipping = quote.content["shipping"]["amount"]
    assert quote.total_minor == 3200 - 320 + shipping
    assert "Discount on Blue mug" in panel(mia, till, number)
    again = panel(mia, till, number).follow("Discount by hand")
    refused = again.press("Take it off", off="1.00", reason="An old friend")
    assert refused.status == 409
    assert "Taking off £4.20 is a manager" in refused
    assert quotes(till, number)[0].total_minor == quote.total_minor
    manager = panel(as_role("manager"), till, number).follow("Discount by hand")
    manager.press("Take it off", off="1.00", reason="An old friend")
    [quote] = quotes(till, number)
    assert quote.total_minor == 3200 - 320 - 100 + shipping
    events = till.shop.all(Event, Event.kind == "quote.discounted")
    assert [(e.after["minor"], e.after["reason"]) for e in events] == [
        (320, "Chipped glaze"),
        (420, "An old friend"),
    ]
    services = [offer.service_id for offer in _offers(till, number)]
    panel(mia, till, number).press("Price it", service=str(services[-1]))
    assert quotes(till, number)[0].content["by_hand"]["order"]["minor"] == 100, "other choices leave it"
    sent = composer(mia, till, number).press("Send")
    assert sent.status == 200, sent.text
    mail = part(leaving(till.shop), "plain")
    assert "2 × Blue mug (Discount -£3.20): £28.80" in mail
    assert "Discount: -£1.00" in mail
    till.sound()


def test_a_discount_is_taken_back_by_nothing(
    mia: Browser, till: Till, as_role: Callable[[str], Browser]
) -> None:
    number = till.verified()
    boss = as_role("manager")
    panel(boss, till, number).follow("Discount by hand").press("Take it off", off="50%", reason="Sale")
    half = quotes(till, number)[0].total_minor
    assert "Discount 50 %" in panel(mia, till, number)
    panel(mia, till, number).follow("Discount by hand").press("Take it off", off="0", reason="Sale is over")
    [quote] = quotes(till, number)
    assert quote.total_minor == half + 1600
    assert "by_hand" not in quote.content
    refused = panel(mia, till, number).follow("Discount by hand").press("Take it off", off="1", reason="Mine")
    assert "your role decides none" in refused


def _offers(till: Till, number: int) -> list[Offer]:
    with till.stage.on(number) as (order, _, _by):
        return quote_content.offers(order)
