"""Paper about parcels from the screen: labels, slips, lists, customs; who may, what is remembered, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.extensions import db
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders import details
from checkout_desk.shipping import batches, labelling
from checkout_desk.shipping.models import Label
from checkout_desk.shipping.paper import labels
from tests.builders import Shop
from tests.orders.stage import Stage, line, product, quay, reading
from tests.page import Browser
from tests.shipping.dock import NUMBER, TUESDAY, Dock

TO_OSLO = reading(
    line("MUG-BLU", 2),
    line("POT-06", 1, "a teapot"),
    ship_to=quay(line1="Storgata 5", city="Oslo", postcode="0155", country="NO"),
    phone="+4722123456",
)


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


@pytest.fixture
def tom(dock: Dock, as_role: Callable[[str], Browser]) -> Iterator[Browser]:
    """Somebody of logistics on the Tuesday of the orders."""
    with clock.pretending(TUESDAY):
        yield as_role("logistics")


def _pdf(who: Browser, address: str) -> bytes:
    answer = who.client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text[:300]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    return bytes(answer.data)


def _label(dock: Dock, parcel_id: int) -> Label:
    return [row for row in dock.shop.all(Label) if row.shipment_id == parcel_id][-1]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_that_sees_parcels_sees_their_paper(as_role: Callable[[str], Browser], role: str) -> None:
    assert as_role(role).open("/shipping/labels").status == 200


def test_a_label_is_printed_and_every_print_is_counted(dock: Dock, tom: Browser) -> None:
    parcel_id = dock.packed(dock.paid())
    dock.step(parcel_id, labelling.make)
    label = _label(dock, parcel_id)
    made = _pdf(tom, f"/shipping/labels/{label.id}.pdf")
    assert made == labels.pdf([label.address]) == _pdf(tom, f"/shipping/labels/{label.id}.pdf")
    assert _label(dock, parcel_id).printed == 2
    assert "Printed 2 times" in tom.open("/shipping/labels")


def test_ticked_parcels_get_labels_and_are_printed_in_one_pdf(dock: Dock, tom: Browser) -> None:
    ids = [dock.packed(dock.paid()) for _ in range(3)]
    page = tom.open("/shipping/labels")
    assert page.text.count("No label") == 3
    answer = page.press("Print ticked", ids=[str(one) for one in ids[:2]], layout="a4-4", start="3")
    assert answer.response.mimetype == "application/pdf"
    facts = [_label(dock, one).address for one in ids[:2]]
    assert answer.response.data == labels.pdf(facts, layout="a4-4", start=3)
    assert len(dock.shop.all(Label)) == 2
    again = tom.open("/shipping/labels")
    assert again.form("/shipping/labels").value("layout") == "a4-4", "the layout is remembered"


def test_all_new_labels_are_printed_at_once(dock: Dock, tom: Browser) -> None:
    ids = [dock.packed(dock.paid()) for _ in range(3)]
    dock.step(ids[0], labelling.make)
    _pdf(tom, f"/shipping/labels/{_label(dock, ids[0]).id}.pdf")
    done = tom.open("/shipping/labels").press("Print all 2 new ones", ids=[str(ids[0])])
    assert done.response.data == labels.pdf([_label(dock, one).address for one in ids[1:]])
    page = tom.open("/shipping/labels")
    assert "Print all" not in page and page.text.count("Printed") == 3


def test_what_cannot_be_printed_is_named_and_ticks_stay(dock: Dock, tom: Browser) -> None:
    parcel_id = dock.packed(dock.paid())
    page = tom.open("/shipping/labels")
    nothing = page.press("Print ticked")
    assert nothing.status == 422 and "Tick the parcels first." in nothing
    place = page.press("Print ticked", ids=[str(parcel_id)], layout="a4-2", start="3")
    assert place.status == 422 and "“3” is no place on this sheet; type a number from 1 to 2." in place
    assert dock.shop.all(Label) == []
    reason = page.press("Void ticked", ids=[str(parcel_id)])
    assert reason.status == 409 and "None of the ticked parcels has a label that counts." in reason


def test_a_label_is_void_with_a_reason_and_cannot_be_printed_again(dock: Dock, tom: Browser) -> None:
    parcel_id = dock.packed(dock.paid())
    dock.step(parcel_id, labelling.make)
    page = tom.open("/shipping/labels")
    assert "Say why the label is void" in page.press("Void ticked", ids=[str(parcel_id)])
    page.press("Void ticked", ids=[str(parcel_id)], reason="Torn")
    label = _label(dock, parcel_id)
    assert (label.state, label.void_reason) == ("void", "Torn")
    refused = tom.open(f"/shipping/labels/{label.id}.pdf")
    assert refused.status == 409 and "This label is void (Torn)" in refused


def test_a_changed_address_is_loud(dock: Dock, tom: Browser) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    dock.step(parcel_id, labelling.make)
    with dock.dock(number) as (order, by):
        details.put(order, {"ship_line1": "6 Quay Lane"}, source={"by": "person", "person": by.id})
    assert "Address changed" in tom.open("/shipping/labels")
    refused = tom.open(f"/shipping/labels/{_label(dock, parcel_id).id}.pdf")
    assert refused.status == 409 and "has changed since this label was made" in refused
    tom.open("/shipping/labels").press("Print ticked", ids=[str(parcel_id)])
    assert [row.state for row in dock.shop.all(Label)] == ["void", "made"]


def test_a_store_without_an_address_is_told_that_parcels_cannot_come_back(dock: Dock, tom: Browser) -> None:
    assert "Labels have no sender address" in tom.open("/shipping/labels")
    dock.shop.set_store(sender_address="14 Potter’s Row")
    assert "Labels have no sender address" not in tom.open("/shipping/labels")


def test_the_test_print_remembers_its_layout(dock: Dock, tom: Browser) -> None:
    made = _pdf(tom, "/shipping/labels/test.pdf?layout=a6")
    assert made == labels.test_print("a6", name="Fern and Kiln")
    assert _pdf(tom, "/shipping/labels/test.pdf?layout=nonsense") == made
    chosen = tom.open("/shipping/labels").press("Test print", layout="a4-2")
    assert chosen.response.data == labels.test_print("a4-2", name="Fern and Kiln")


def test_a_batch_has_its_pick_list_slips_and_labels(dock: Dock, tom: Browser) -> None:
    number, other = dock.paid(), dock.paid()
    with dock.dock(number) as (_, by):
        ids = [dock.stage.seen(one).id for one in (number, other)]
        batch_id = batches.make(ids, by=by).id
    assert _pdf(tom, f"/shipping/batches/{batch_id}/pick-list.pdf").startswith(b"%PDF")
    before = _pdf(tom, f"/shipping/batches/{batch_id}/slips.pdf")
    assert tom.open(f"/shipping/batches/{batch_id}/labels.pdf").status == 409
    parcel_id = dock.packed(number)
    assert _pdf(tom, f"/shipping/batches/{batch_id}/slips.pdf") == before, (
        "what was packed is what was announced"
    )
    one = _pdf(tom, f"/shipping/parcels/{parcel_id}/slip.pdf")
    assert one.startswith(b"%PDF") and one != before
    dock.shop.set_store(slip_prices=True)
    assert _pdf(tom, f"/shipping/parcels/{parcel_id}/slip.pdf") != one
    assert tom.open("/shipping/batches/999/pick-list.pdf").status == 404


def _known(dock: Dock, **fields: Any) -> None:
    with dock.shop.writing():
        for sku in ("MUG-BLU", "POT-06"):
            for name, value in fields.items():
                setattr(product(sku), name, value)
        db.session.flush()


def test_papers_for_customs_say_what_is_missing_and_then_are_printed(
    dock: Dock, tom: Browser, as_role: Callable[[str], Browser]
) -> None:
    parcel_id = dock.packed(dock.paid(TO_OSLO))
    _known(dock, hs_code="691200")
    for what in ("invoice", "customs"):
        lacking = tom.open(f"/shipping/parcels/{parcel_id}/{what}.pdf")
        assert lacking.status == 409
        assert "Blue mug" in lacking and "country of origin" in lacking and "HS code" not in lacking
    boss = as_role("manager").open(f"/shipping/parcels/{parcel_id}/invoice.pdf")
    assert boss.link("Blue mug").startswith("/catalogue/")
    _known(dock, origin="PT", weight_grams=400)
    invoice = _pdf(tom, f"/shipping/parcels/{parcel_id}/invoice.pdf")
    assert invoice != _pdf(tom, f"/shipping/parcels/{parcel_id}/customs.pdf")


def test_a_parcel_that_stays_needs_no_paper_for_customs(dock: Dock, tom: Browser) -> None:
    parcel_id = dock.packed(dock.paid(), tracking=NUMBER)
    refused = tom.open(f"/shipping/parcels/{parcel_id}/invoice.pdf")
    assert refused.status == 409 and "stays in the customs area" in refused


def test_an_address_without_a_house_number_is_pointed_out_and_labelled(dock: Dock, tom: Browser) -> None:
    number = dock.paid(reading(line("MUG-BLU", 2), ship_to=quay(line1="Rose Cottage"), phone="+441912345678"))
    parcel_id = dock.packed(number)
    doubt = "“Rose Cottage” has no house number."
    assert doubt in tom.open("/shipping/labels") and doubt in tom.open(f"/shipping/parcels/{parcel_id}")
    tom.open("/shipping/labels").press("Print ticked", ids=[str(parcel_id)])
    assert _label(dock, parcel_id).state == "made"


def test_a_parcel_names_its_papers(dock: Dock, tom: Browser) -> None:
    parcel_id = dock.packed(dock.paid(TO_OSLO))
    dock.step(parcel_id, labelling.make)
    page = tom.open(f"/shipping/parcels/{parcel_id}")
    assert page.link("Label 1").endswith(f"/labels/{_label(dock, parcel_id).id}.pdf")
    assert page.link("Packing slip") and page.link("Commercial invoice") and page.link("CN23")
    home = tom.open(f"/shipping/parcels/{dock.packed(dock.paid())}")
    assert home.link("Packing slip") and "CN23" not in home and "Label 1" not in home


def test_the_address_of_a_paid_order_is_changed_in_its_panel(
    dock: Dock, as_role: Callable[[str], Browser]
) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    dock.step(parcel_id, labelling.make)
    with clock.pretending(TUESDAY):
        ann = as_role("processing")
        form = ann.open(f"/orders/{number}").follow("Edit")
        form.press("Save", f"/orders/{number}/details", ship_line1="9 Quay Lane")
        assert _label(dock, parcel_id).state == "void"
        assert dock.stage.seen(number).ship_line1 == "9 Quay Lane"
        wrong = ann.open(f"/orders/{number}/details").press(
            "Save", f"/orders/{number}/details", ship_postcode="NOWHERE"
        )
        assert wrong.status == 422 and "“NOWHERE” is not a Postcode of GB" in wrong
        with dock.dock(number) as (order, _):
            assert order.ship_postcode == "NE30 1AA"


def test_a_label_that_the_carrier_sold_is_its_own_pdf(dock: Dock, tom: Browser) -> None:
    parcel_id = dock.packed(dock.paid())
    dock.step(parcel_id, labelling.make)
    label_id = _label(dock, parcel_id).id
    with dock.shop.writing():
        db.session.get_one(Label, label_id).ref = "shp_1"
    late = tom.open(f"/shipping/labels/{label_id}.pdf")
    assert late.status == 409 and "its picture is not here yet" in late
    with dock.shop.writing():
        db.session.get_one(Label, label_id).pdf_sha256 = blobs().put(b"%PDF-1.7 of the carrier")
    assert _pdf(tom, f"/shipping/labels/{label_id}.pdf") == b"%PDF-1.7 of the carrier"
    page = tom.open("/shipping/labels")
    assert "The carrier’s own" in page and "Print the new one" not in page
    mixed = page.press("Print ticked", ids=[str(parcel_id)])
    assert mixed.status == 409 and "has its carrier’s own label" in mixed
    assert _label(dock, parcel_id).printed == 1
