"""The pack station without script: each form leads to the page by a redirect, and nothing wrong is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.shipping import alarms, handing_over, labelling, numbering, queries, readdressing
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.models import Box, Carrier, Label, Shipment, ShipmentItem
from tests.builders import Shop
from tests.desk.test_shipping_list import sent
from tests.orders.stage import Stage, line, product, quay, reading
from tests.page import HTMX, Browser, Page
from tests.shipping.dock import NUMBER, Dock

BOTH = reading(line("MUG-BLU", 2), line("MUG-RED", 1, "a red one"), ship_to=quay(), phone="+441912345678")
SECOND = "AB000000005GB"


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


@pytest.fixture
def eva(as_role: Callable[[str], Browser]) -> Browser:
    """The browser of somebody of logistics."""
    return as_role("logistics")


def begun(eva: Browser) -> Page:
    """All orders in a batch, and its station."""
    return eva.open("/shipping").press("Take the next 20").press("Start packing")


def scan(page: Page, code: str, **more: Any) -> Page:
    """Type a code into the field and press Enter."""
    return page.press("Enter", "/scan", code=code, **more)


def packed(dock: Dock) -> dict[str, int]:
    """SKU → pieces in boxes."""
    found: dict[str, int] = {}
    for item in dock.shop.all(ShipmentItem):
        found[item.sku] = found.get(item.sku, 0) + item.packed
    return found


def test_an_order_is_packed_labelled_numbered_and_leaves(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(BOTH), dock.paid()
    page = begun(eva)
    assert f"Order {first}: 3 pieces" in page
    assert "order 1 of 2" in page
    page = scan(page, "mug-blu")
    assert "Blue mug: 1 of 2" in page
    page = scan(page, "2")
    assert "Blue mug: 2 of 2 Line complete. Next: Red mug." in page
    page = scan(page, "MUG-RED")
    assert "Put the label on the box" in page
    assert len(dock.shop.all(Label)) == 1
    page = scan(page, NUMBER)
    assert f"{first}-P1 is handed over with {NUMBER}" in page
    assert f"Next: order {second}." in page
    assert f"Order {second}" in page or "order 2 of 2" in page
    assert dock.stage.seen(first).state == "shipped"
    page = scan(scan(page, "MUG-BLU"), "2")
    page = scan(page, SECOND)
    assert "It was the last one of the batch." in page
    assert "Pack list" in page
    assert dock.shop.all(Batch)[0].state == "done"
    shipped = [row for row in dock.shop.all(MilestoneMail) if row.milestone == "shipped"]
    assert len(shipped) == 2
    assert dock.stock("MUG-BLU") == (6, 0, 0)
    dock.sound()


def test_what_does_not_belong_stops_the_station_until_it_is_understood(dock: Dock, eva: Browser) -> None:
    number = dock.paid()
    page = scan(begun(eva), "POT-06")
    assert f"Teapot for six is not in order {number}" in page
    page = scan(page, "MUG-BLU")
    assert page.status == 409
    assert "Press Understood first" in page
    assert packed(dock) == {"MUG-BLU": 0}
    page = scan(page.follow("Understood"), "MUG-BLU")
    assert packed(dock) == {"MUG-BLU": 1}
    page = scan(page, "NO-SUCH-CODE")
    assert "No product has the code NO-SUCH-CODE" in page
    page = scan(page.follow("Understood"), "9999")
    assert "Too many: Blue mug" in page
    assert packed(dock) == {"MUG-BLU": 1}


def test_bad_input_changes_nothing_and_says_what_would_be_taken(dock: Dock, eva: Browser) -> None:
    dock.paid()
    page = begun(eva)
    empty = scan(page, "  ")
    assert (empty.status, "Scan Blue mug, or type its code." in empty) == (422, True)
    long = scan(page, "X" * 500)
    assert "No product has the code" in long
    page = eva.open("/shipping/pack/1")
    for weight, words in (("-5", "is no weight"), ("0", "no weight of a parcel"), ("abc", "type grams"), ("9999999999999", "is no weight"), ("1.5", "is no weight")):  # fmt: skip
        answer = page.press("Note", "/weigh", weight=weight)
        assert answer.status in (409, 422), weight
        assert words in answer
    assert dock.shop.all(Shipment)[0].weight_grams is None if dock.shop.all(Shipment) else True
    good = page.press("Note", "/weigh", weight="840")
    assert "0.84 kg As expected, 0.80 kg." in good
    off = scan(good, "1.84kg")
    assert "1.84 kg is 1040 g more than it should be" in off
    assert eva.open("/shipping/pack/1?line=abc&short=-1").status == 200
    assert eva.open("/shipping/pack/77").status == 404


def test_an_order_that_is_cancelled_while_it_is_packed_stops_and_leaves_the_batch(dock: Dock, eva: Browser) -> None:  # fmt: skip
    first, second = dock.paid(), dock.paid()
    page = scan(begun(eva), "MUG-BLU")
    with dock.dock(first) as (order, by):
        ORDER.fire(order, "cancel", by=by, reason="Changed her mind")
    page = scan(page, "MUG-BLU")
    assert page.status == 409
    assert f"Stop: order {first} is cancelled" in page
    assert packed(dock)["MUG-BLU"] == 1
    page = page.press("Understood")
    assert f"Order {first} left the batch" in page
    assert f"{second}" in page
    assert "Blue mug" in page


def test_an_order_that_somebody_packed_elsewhere_leaves_the_batch(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    begun(eva)
    parcel = dock.packed(first, tracking=NUMBER)
    dock.step(parcel, handing_over.hand_over)
    page = eva.open("/shipping/pack/1")
    assert f"Order {first} is packed already" in page
    page = page.press("Understood")
    assert f"{second}" in page
    assert dock.stage.seen(second).state == "paid"


def test_a_weight_is_only_judged_when_everything_is_in(dock: Dock, eva: Browser) -> None:
    dock.paid()
    page = scan(scan(begun(eva), "MUG-BLU"), "0.4 kg")
    assert "Noted; one piece is not in yet." in page


def test_a_new_address_stops_the_packer_once(dock: Dock, eva: Browser) -> None:
    number = dock.paid()
    page = scan(begun(eva), "MUG-BLU")
    with dock.dock(number) as (order, _):
        order.ship_line1 = "7 Harbour Street"
    page = scan(page, "MUG-BLU")
    assert page.status == 409
    assert f"Order {number} goes somewhere else now" in page
    assert "7 Harbour Street" in page
    assert packed(dock) == {"MUG-BLU": 1}
    page = scan(page.follow("Understood"), "MUG-BLU")
    assert packed(dock) == {"MUG-BLU": 2}


def test_an_address_that_changes_after_the_label_gets_a_new_label(dock: Dock, eva: Browser) -> None:
    number = dock.paid()
    page = scan(begun(eva), "MUG-BLU")
    page = scan(page, "2")
    with dock.dock(number) as (order, _):
        order.ship_line1 = "7 Harbour Street"
    page = scan(page, NUMBER)
    assert "goes somewhere else now" in page
    page = scan(page.follow("Understood"), NUMBER)
    assert (page.status, "press Enter alone to print a new one" in page) == (409, True)
    assert dock.stage.seen(number).state == "packing"
    page = scan(page, "")
    labels = dock.shop.all(Label)
    assert [one.state for one in labels] == ["void", "made"]
    page = scan(page, NUMBER)
    assert dock.stage.seen(number).state == "shipped"


def test_an_old_form_counts_nothing_for_the_next_order(dock: Dock, eva: Browser) -> None:
    _, second = dock.paid(), dock.paid()
    page = begun(eva)
    page.press("Skip", "/skip")
    late = scan(page, "MUG-BLU")
    assert late.status == 409
    assert f"Order {second} is on the table now" in late
    assert packed(dock) == {}


def test_skipping_puts_an_order_last_and_there_is_nothing_behind_the_last(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    page = begun(eva).press("Skip", "/skip")
    assert f"Order {first} comes last" in page
    page = scan(scan(scan(page, "MUG-BLU"), "2"), NUMBER)
    assert dock.stage.seen(second).state == "shipped"
    assert page.press("Skip", "/skip").status == 409


def test_a_short_item_counts_the_stock_and_the_next_order_comes(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    page = begun(eva).follow("Short")
    assert "How many of Blue mug did you find?" in page
    for found in ("", "-1", "two", "99999"):
        bad = page.press("Enter it", "/short", found=found)
        assert bad.status == 422
    assert page.press("Enter it", "/short", found="2").status == 409
    page = page.press("Enter it", "/short", found="1")
    assert "Blue mug: 1 of 2 found" in page
    assert f"{second}" in page
    assert dock.stage.seen(first).delivery_trouble == "short"
    assert dock.stock("MUG-BLU")[0] == 1
    with dock.shop.reading():
        conversation = db.session.get_one(Conversation, dock.stage.seen(first).conversation_id)
        assert conversation.order_step == "fix_delivery"
    assert "An item is missing" in eva.open("/shipping")


def test_the_customer_is_asked_about_a_short_item_and_the_order_waits_for_stock(dock: Dock, eva: Browser, as_role: Callable[[str], Browser]) -> None:  # fmt: skip
    first = dock.paid()
    begun(eva).follow("Short").press("Enter it", "/short", found="1")
    support = as_role("support")
    conversation = dock.stage.seen(first).conversation_id
    page = support.open(f"/conversations/{conversation}").follow("Write the mail")
    assert "1 × Blue mug (of 2)" in page.html
    assert "Says what is missing" in page
    with dock.dock(first) as (order, by):
        alarms.settle(alarms.of_order(order), order, by=by, how="The customer waits")
    page = eva.open("/shipping")
    assert "Waits for stock" in page
    assert sent(eva, "/shipping/batches", {"next": "1"}).status == 409
    with dock.shop.writing():
        stock.receive(product("MUG-BLU").id, 5)
    page = eva.open("/shipping").press("Take the next 20").press("Start packing")
    scan(page, "MUG-BLU")
    assert dock.stage.seen(first).delivery_trouble is None
    assert len(dock.shop.all(Label)) == 1


def test_goods_that_were_counted_away_are_said_before_anybody_packs_them(dock: Dock, eva: Browser) -> None:
    dock.paid()
    with dock.shop.writing():
        stock.count(product("MUG-BLU").id, 1, reason="Broken glaze")
    page = eva.open("/shipping")
    assert "Waits for stock" in page
    assert sent(eva, "/shipping/batches", {"next": "1"}).status == 409
    order_id = dock.shop.all(Order)[0].id
    page = sent(eva, "/shipping/batches", {"ids": str(order_id)}).press("Start packing")
    assert "By the stock only 1 of Blue mug is here, 2 go in" in page
    with dock.shop.writing():
        stock.count(product("MUG-BLU").id, 2)
    assert "Waits for stock" not in eva.open("/shipping")
    scan(scan(page, "MUG-BLU"), "MUG-BLU")
    assert len(dock.shop.all(Label)) == 1


def test_a_full_box_is_closed_and_the_rest_goes_into_the_next_parcel(dock: Dock, eva: Browser) -> None:
    number = dock.paid(BOTH)
    page = scan(begun(eva), "MUG-BLU")
    page = page.press("Next parcel", "/another")
    assert f"{number}-P1 is closed" in page
    assert "parcel 1 of 2" in page
    page = scan(page, NUMBER)
    assert "parcel 2 of 2" in page
    assert dock.stage.seen(number).state == "packing"
    page = scan(scan(page, "MUG-BLU"), "MUG-RED")
    page = scan(page, SECOND)
    assert dock.stage.seen(number).state == "shipped"
    assert [one.number for one in dock.shop.all(Shipment)] == [1, 2]


def test_a_number_that_looks_wrong_is_taken_when_it_is_scanned_once_more(dock: Dock, eva: Browser) -> None:
    number = dock.paid()
    page = scan(scan(begun(eva), "MUG-BLU"), "2")
    doubtful = scan(page, "AB123456789GB")
    assert doubtful.status == 409
    assert "check digit is wrong" in doubtful
    other = scan(doubtful, "AB123456780GB")
    assert "Scan it once more" in other
    assert dock.stage.seen(number).state == "packing"
    scan(other, "ab 123 456 780 gb")
    assert dock.stage.seen(number).state == "shipped"
    assert dock.shop.all(Shipment)[0].tracking_number.replace(" ", "") == "AB123456780GB"


def test_the_next_item_scanned_too_early_is_no_tracking_number(dock: Dock, eva: Browser) -> None:
    number = dock.paid(BOTH)
    with dock.shop.writing():
        product("MUG-BLU").barcode = "4006381333931"
        db.session.query(Carrier).update({"pattern": ""})  # a courier whose numbers nobody knows
    page = scan(begun(eva), "MUG-BLU").press("Next parcel", "/another")
    for _ in range(2):
        page = scan(page, "4006381333931")
        assert page.status == 422
        assert "4006381333931 is Blue mug" in page
    assert dock.shop.all(Shipment)[0].tracking_number == ""
    scan(page, NUMBER)
    assert dock.stage.seen(number).state == "packing"
    assert dock.shop.all(Shipment)[0].tracking_number == NUMBER


def test_a_number_of_another_parcel_is_refused(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    page = scan(scan(scan(begun(eva), "MUG-BLU"), "2"), NUMBER)
    page = scan(scan(page, "MUG-BLU"), "2")
    page = scan(page, NUMBER)
    assert page.status == 409
    assert f"{first}-P1" in page
    assert dock.stage.seen(second).state == "packing"


def test_a_parcel_without_number_leaves_by_enter(dock: Dock, eva: Browser) -> None:
    number = dock.paid()
    with dock.shop.writing():
        db.session.query(Carrier).one().tracked = False
    page = scan(scan(begun(eva), "MUG-BLU"), "2")
    assert "Enter hands it over" in page
    scan(page, "")
    assert dock.stage.seen(number).state == "shipped"


def test_a_carrier_that_sells_labels_is_asked_for_one_and_its_number_hands_over(
    dock: Dock, eva: Browser
) -> None:
    number = dock.paid()
    with dock.shop.writing():
        db.session.query(Carrier).one().adapter = "easypost"
    page = scan(scan(begun(eva), "MUG-BLU"), "2")
    assert "Royal Mail sells its label: buy it, then come back here." in page
    assert dock.shop.all(Label) == []
    assert page.link("Buy the label") == f"/shipping/parcels/{dock.shop.all(Shipment)[0].id}/buy"
    dock.step(dock.shop.all(Shipment)[0].id, bought)
    page = scan(eva.open("/shipping/pack/1"), NUMBER)
    assert dock.stage.seen(number).state == "shipped"


def bought(parcel: Shipment, *, by: Person) -> None:
    """The carrier sold a label with a number."""
    labelling.make(parcel, by=by)
    numbering.take_bought(parcel, NUMBER)


def test_a_parcel_that_waits_for_its_carriers_list_is_done_here(dock: Dock, eva: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    with dock.shop.writing():
        db.session.query(Carrier).one().handover = "manifest"
    page = scan(scan(begun(eva), "MUG-BLU"), "2")
    page = scan(page, NUMBER)
    assert f"Next: order {second}." in page
    assert dock.stage.seen(first).state == "packing"


def test_the_box_is_chosen_and_the_label_printed_again(dock: Dock, eva: Browser) -> None:
    dock.paid()
    with dock.shop.writing():
        db.session.add(Box(name="M", length_mm=350, width_mm=250, height_mm=150, grams=200))
    page = begun(eva).press("Note", "/box", box="1")
    assert dock.shop.all(Shipment)[0].box_id == 1
    assert page.press("Note", "/box", box="77").status == 409
    assert page.press("Note", "/box", box="x").status == 422
    page = scan(scan(page, "MUG-BLU"), "2")
    assert "The label is printed again" in page.press("Reprint", "/reprint")


def test_a_batch_of_somebody_else_cannot_be_packed(dock: Dock, eva: Browser, as_role: Callable[[str], Browser]) -> None:  # fmt: skip
    dock.paid()
    page = begun(eva)
    tom = as_role("logistics2")
    assert "Logistics holds batch 1." in tom.open("/shipping/pack/1")
    tom.open("/shipping/batches/1").press("Take over from Logistics")
    refused = scan(page, "MUG-BLU")
    assert refused.status == 409
    assert "has taken over batch 1" in refused
    assert packed(dock) == {}
    assert as_role("support").get("/shipping/pack/1").status_code == 403


def test_htmx_gets_the_station_alone(dock: Dock, eva: Browser) -> None:
    dock.paid()
    page = begun(eva)
    form = page.form("/scan")
    data = {**dict(form.fields), "code": "MUG-BLU"}
    fragment = eva.post("/shipping/pack/1/scan", data, headers=HTMX)
    assert fragment.html.lstrip().startswith("<main")
    assert 'data-sound="good"' in fragment.html
    assert "Blue mug: 1 of 2" in fragment


def test_a_barcode_is_as_good_as_a_sku(dock: Dock, eva: Browser) -> None:
    dock.paid()
    with dock.shop.writing():
        db.session.query(Product).filter_by(sku="MUG-BLU").one().barcode = "0042"
    page = begun(eva)
    assert "Blue mug: 1 of 2" in scan(page, "0042")


def test_what_the_customer_wishes_for_the_delivery_stands_beside_the_address(
    dock: Dock, eva: Browser
) -> None:
    number = dock.paid()
    with dock.dock(number) as (order, by):
        moved = readdressing.readdress(order, {"delivery_wish": "Ring at the gate. No neighbour."}, by=by)
    assert moved.void == []
    page = begun(eva)
    assert "Ring at the gate. No neighbour." in page
    label = scan(page, "MUG-BLU") and scan(page, "2")
    assert "Put the label on the box" in label
    assert dock.shop.all(Label)[0].address["parcel"]["wish"] == "Ring at the gate. No neighbour."


def test_after_understood_the_bar_says_what_is_in_the_box_already(dock: Dock, eva: Browser) -> None:
    number = dock.paid(BOTH)
    page = scan(begun(eva), "MUG-BLU")
    assert "No product has the code" in scan(page, "NOTHING")
    again = eva.open(page.path)
    assert f"Order {number}: 1 of 3 pieces in the box Go on with" in again


def test_another_telephone_number_keeps_our_label_and_stops_nobody(dock: Dock, eva: Browser) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number, tracking=NUMBER)
    dock.step(parcel_id, labelling.make)
    with dock.dock(number) as (order, by):
        assert readdressing.readdress(order, {"phone": "+44 191 498 0123"}, by=by).void == []
    dock.step(parcel_id, handing_over.hand_over)
    assert dock.stage.seen(number).state == "shipped"


def test_an_order_whose_first_label_became_void_is_to_be_packed_again(dock: Dock, eva: Browser) -> None:
    number = dock.paid(BOTH)
    page = scan(begun(eva), "MUG-BLU")
    page.press("Next parcel", "/another")
    (label,) = dock.shop.all(Label)
    first = label.shipment_id
    assert dock.parcel(first).state == "labelled"
    with dock.dock(number) as (_, by):
        labelling.void(db.session.get_one(Label, label.id), by=by, reason="torn")
    with dock.shop.app.app_context():
        order_id = dock.stage.seen(number).id
        assert queries.standing([order_id])[order_id].parcel == "packing"
        db.session.rollback()
