"""The page of labels: all new ones with one key, a choice of sheet, and what axe says of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders import loading
from checkout_desk.shipping import parcels
from checkout_desk.shipping.models import Label
from tests.browser import shelves
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.browser.test_accessibility import judge
from tests.parts.browser import Chromium


@pytest.fixture(scope="module")
def packed(live: LiveDesk) -> list[int]:
    """The ids of two packed parcels; the second goes to a house without a number."""
    sku = shelves.stocked(live.app, "LBMUG-1", "Mug of the label test", shelf="E-1")
    numbers = [
        shelves.paid(live.app, "Labelled One", (sku, 1)),
        shelves.paid(live.app, "Labelled Two", (sku, 1), line1="Rose Cottage"),
    ]
    found = []
    with live.app.app_context():
        begin_write()
        by = db.session.scalars(select(Person).order_by(Person.id).limit(1)).one()
        for number in numbers:
            order = loading.load(number)
            assert order is not None
            parcel = parcels.start(order, by=by)
            parcels.packed_unscanned(parcel, by=by)
            found.append(parcel.id)
        db.session.commit()
    return found


def _printed(live: LiveDesk, parcel_ids: list[int]) -> list[int]:
    with live.app.app_context():
        rows = select(Label.printed).where(Label.shipment_id.in_(parcel_ids), Label.state == "made")
        return list(db.session.scalars(rows.order_by(Label.id)))


def test_one_key_prints_all_new_labels(browser: Chromium, live: LiveDesk, packed: list[int]) -> None:
    with at_the_desk(browser, live, "tom") as page:
        page.goto("/shipping/labels")
        expect(page.get_by_text("“Rose Cottage” has no house number.")).to_be_visible()
        assert judge(page, "labels") == []
        page.get_by_label("Layout").select_option("a4-4")
        with page.context.expect_event("response", lambda answer: answer.request.method == "POST") as got:
            page.keyboard.press("p")
        assert got.value.headers["content-type"] == "application/pdf"
        assert _printed(live, packed) == [1, 1]
        page.goto("/shipping/labels")
        expect(page.get_by_role("button", name="Print all")).to_have_count(0)
        expect(page.get_by_label("Layout")).to_have_value("a4-4")
        page.get_by_label("All parcels shown").check()
        page.get_by_label("First free place on the sheet").fill("9")
        page.get_by_role("button", name="Void ticked").click()
        expect(
            page.get_by_text("“9” is no place on this sheet; type a number from 1 to 4.").first
        ).to_be_visible()
        assert judge(page, "labels with a fault") == []
