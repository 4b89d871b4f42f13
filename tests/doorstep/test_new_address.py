"""Another address for a paid order: asked for on the page, confirmed by mail to the address on file, done by itself if it can be."""

from __future__ import annotations

import re

import pytest

from checkout_desk import clock
from checkout_desk.conversations.models import Message
from checkout_desk.doorstep import links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.mail.parsing import parse
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order, OrderChange
from checkout_desk.shipping import labelling
from checkout_desk.shipping.models import Label
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.dock import TUESDAY, Dock

NEW = {"ship_line1": "9 Mill Lane", "ship_postcode": "NE30 1AB", "delivery_wish": "Leave it with no. 16"}


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


def page_of(dock: Dock, number: int, email: str = "jane@customer.example") -> Page:
    with clock.pretending(TUESDAY):
        with dock.shop.writing():
            order = db.session.query(Order).filter_by(number=number).one()
            token = links.issue(order.id, email=email, quote_id=order_quote(order))[1]
        return Browser(dock.shop.app, dock.shop.app.test_client()).open(f"/o/{token}")


def order_quote(order: Order) -> int | None:
    from checkout_desk.shipping import parcels

    return parcels.sold(order).id


def asked(dock: Dock, number: int, **wanted: str) -> str:
    """Ask for another address on the page; returns the path of the link in the mail that followed."""
    with clock.pretending(TUESDAY):
        done = page_of(dock, number).press("Change the address", **wanted)
    assert "We have sent you an e-mail" in done
    return mailed(dock)


def mailed(dock: Dock) -> str:
    """The path of the link in the newest mail to the address on file."""
    with dock.shop.app.app_context():
        row = db.session.query(OutboundMail).order_by(OutboundMail.id.desc()).first()
        assert row is not None
        to, letter = row.to_address, parse(blobs().get(row.sha256))
        db.session.rollback()
    assert to == "jane@customer.example"
    assert "9 Mill Lane" in letter.text
    found = re.search(r"/o/[\w-]{43}", letter.text)
    assert found
    return found[0]


def opened(dock: Dock, path: str) -> Page:
    return Browser(dock.shop.app, dock.shop.app.test_client()).open(path)


def test_it_takes_effect_when_the_mail_on_file_says_yes_and_not_before(dock: Dock) -> None:
    number = dock.paid()
    path = asked(dock, number, **NEW)
    assert dock.stage.seen(number).ship_line1 == "5 Quay Lane"
    assert dock.shop.all(OrderChange) == []
    with clock.pretending(TUESDAY):
        page = opened(dock, path)
        assert (page.status, page.path) == (200, "/order/new-address")
        assert "5 Quay Lane" in page and "9 Mill Lane" in page
        opened(dock, path)  # a scanner looks: nothing has changed
        assert dock.stage.seen(number).ship_line1 == "5 Quay Lane"
        done = page.press("Yes, send it there")
        assert "Your parcel goes to the new address" in done
        again = opened(dock, path)
        assert again.path == "/order"
    order = dock.stage.seen(number)
    assert (order.ship_line1, order.ship_postcode, order.delivery_wish) == tuple(NEW.values())
    assert order.sources["ship_line1"]["by"] == "customer"
    assert "readdressed" in dock.stage.told(number)


def test_what_is_labelled_is_a_request_that_a_person_decides_on(dock: Dock) -> None:
    number = dock.paid()
    path = asked(dock, number, **NEW)
    dock.step(dock.packed(number), labelling.make)
    with clock.pretending(TUESDAY):
        assert "somebody looks at it" in opened(dock, path).press("Yes, send it there")
    assert dock.stage.seen(number).ship_line1 == "5 Quay Lane"
    [change] = dock.shop.all(OrderChange)
    assert {one["field"]: one["to"] for one in change.changes} == NEW
    assert dock.shop.all(Label)[0].state == "made"


def test_another_price_is_a_request(dock: Dock) -> None:
    number = dock.paid()
    with dock.shop.writing():
        from checkout_desk.settings.models import ShippingService

        db.session.query(ShippingService).update({"countries": ["GB"]})
    path = asked(
        dock, number, ship_line1="9 Mill Lane", ship_city="Berlin", ship_postcode="10115", ship_country="DE"
    )
    with clock.pretending(TUESDAY):
        assert "somebody looks at it" in opened(dock, path).press("Yes, send it there")
    assert len(dock.shop.all(OrderChange)) == 1


def test_a_newer_wish_ends_the_link_of_the_older_and_one_wish_is_one_mail(dock: Dock) -> None:
    number = dock.paid()
    first = asked(dock, number, ship_line1="9 Mill Lane")
    n = len(dock.shop.all(Message))
    asked(dock, number, ship_line1="9 Mill Lane")
    assert len(dock.shop.all(Message)) == n
    asked(dock, number, ship_line1="9 Mill Lane", ship_line2="Flat 2")
    assert len(dock.shop.all(Message)) == n + 1
    with clock.pretending(TUESDAY):
        assert opened(dock, first).status == 404
    for flat in range(3, 9):
        with clock.pretending(TUESDAY):
            page_of(dock, number).press(
                "Change the address", ship_line1="9 Mill Lane", ship_line2=f"Flat {flat}"
            )
    kinds = [one.purpose for one in dock.shop.all(CustomerLink)]
    assert kinds.count("address_asked") == 5


def test_a_link_of_another_browser_or_of_an_address_that_is_on_file_no_more_confirms_nothing(
    dock: Dock,
) -> None:
    number = dock.paid()
    path = asked(dock, number, ship_line1="9 Mill Lane")
    with clock.pretending(TUESDAY):
        page = opened(dock, path)
        page.browser.post("/order/new-address", {"form_token": "x"})
        with dock.shop.writing():
            db.session.query(Order).filter_by(number=number).one().email = "new@customer.example"
        assert opened(dock, path).status == 404
    assert dock.stage.seen(number).ship_line1 == "5 Quay Lane"
