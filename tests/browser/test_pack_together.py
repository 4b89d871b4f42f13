"""Two orders of one customer packed into one box by scanner and keys: one label, one number, a mail each."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.shipping.models import Shipment
from tests.browser import shelves
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.browser.test_accessibility import judge
from tests.browser.test_pack_station import begin, prints, told
from tests.parts.browser import Chromium


def leads(live: LiveDesk, *numbers: int) -> list[int | None]:
    """Of each order's parcels the number of the order in whose box it is."""
    with live.app.app_context():
        found: list[int | None] = []
        for number in numbers:
            rides = db.session.scalar(
                select(Shipment.rides_id)
                .join(Order, Order.id == Shipment.order_id)
                .where(Order.number == number)
            )
            lead = (
                select(Order.number).join(Shipment, Shipment.order_id == Order.id).where(Shipment.id == rides)
            )
            found.append(db.session.scalar(lead) if rides else None)
        db.session.rollback()
        return found


def test_two_orders_leave_in_one_box(browser: Chromium, live: LiveDesk) -> None:
    cup = shelves.stocked(live.app, "PTCUP-1", "Cup of two orders", shelf="A-1")
    jar = shelves.stocked(live.app, "PTJAR-1", "Jar of two orders", shelf="A-2")
    first = shelves.paid(live.app, "Tess Together", (cup, 1))
    second = shelves.paid(live.app, "Tess Together", (cup, 1), (jar, 1))
    with at_the_desk(browser, live, "ines") as page:
        scan = begin(page, live, [first, second])
        scan.says(f"Order {first}: 1 piece")
        scan.press("F7")
        scan.says("2 orders go into one box")
        expect(page.locator("#code")).to_be_focused()
        scan(cup)
        scan.says("Next: shelf A-1, Cup of two orders.")
        scan.press("F7")
        scan.says(f"Order {second} is packed on its own")
        scan.press("F7")
        scan.says("2 orders go into one box")
        scan(cup)
        scan.says("Next: shelf A-2, Jar of two orders.")
        assert judge(page, "one box") == []
        scan(jar)
        scan.says("Put the label on the box")
        scan(shelves.number(58_000_000))
        scan.says(f"{first}-P1 is handed over")
        scan.says("It was the last one of the batch.")
    assert leads(live, first, second) == [None, first]
    live.until(lambda: prints(live, [first, second]) == [1])
    assert shelves.states(live.app, first, second) == ["shipped", "shipped"]
    assert told(live, [first, second]) == 2
