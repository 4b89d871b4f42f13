"""What a scan means, and what it changes."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.shipping import packing, parcels, shortage
from checkout_desk.shipping.models import Box, DeliveryAlarm
from checkout_desk.shipping.packing import Piece, Verdict
from tests.orders.stage import line, quay, reading
from tests.shipping.dock import Dock

MUG = Piece(1, "MUG-BLU", "Blue mug", 2, barcode="5012345678900", shelf="A-12")
TEA = Piece(2, "TEA-1", "Tea", 1, shelf="A-2")
WRAP = Piece(3, "WRAP", "Gift wrap", 1)


def test_a_code_is_a_barcode_or_a_sku_in_any_case() -> None:
    assert packing.find([MUG, TEA], " mug-blu ") is MUG
    assert packing.find([MUG, TEA], "5012345678900") is MUG
    assert packing.find([MUG, TEA], "MUG") is None
    assert packing.find([MUG, TEA], "") is None


@pytest.mark.parametrize(("typed", "n"), [("3", 3), ("0", 0), ("9999", 9999), ("10000", None), ("-1", None), ("3 g", None), ("٣", None), ("", None)])  # fmt: skip
def test_up_to_four_digits_are_a_quantity(typed: str, n: int | None) -> None:
    assert packing.count_in(typed) == n


@pytest.mark.parametrize(("typed", "grams"), [("1840 g", 1840), ("1840g", 1840), ("1.84kg", 1840), ("1,84 KG", 1840), ("0.0005kg", None), ("1840", None), ("-5 g", None), ("g", None), ("99999999 kg", None)])  # fmt: skip
def test_a_number_with_its_unit_is_a_weight(typed: str, grams: int | None) -> None:
    assert packing.grams_in(typed) == grams


def test_people_walk_along_the_shelves() -> None:
    shelves = ["B-1", "", "A-12", "A-2", "a-3", "Desk"]
    assert sorted(shelves, key=packing.shelf_key) == ["A-2", "a-3", "A-12", "B-1", "Desk", ""]


def test_the_current_line_is_the_last_one_while_something_of_it_is_missing() -> None:
    assert packing.current([TEA, MUG], last=1) is MUG
    assert packing.current([TEA, MUG], last=9) is TEA
    done = Piece(1, "MUG-BLU", "Blue mug", 2, packed=2)
    assert packing.current([TEA, done], last=1) is TEA
    assert packing.current([done]) is None


def test_a_verdict_says_how_much_is_missing_and_what_comes_next() -> None:
    one = Piece(1, "MUG-BLU", "Blue mug", 2, packed=1, shelf="A-12")
    assert packing.judge([one, TEA], one, order=7) == Verdict("right", "Blue mug: 1 of 2", "1 more of it.", 1)
    two = Piece(1, "MUG-BLU", "Blue mug", 2, packed=2, shelf="A-12")
    following = packing.judge([two, TEA], two, order=7)
    assert (following.kind, following.text) == ("line_done", "Line complete. Next: shelf A-2, Tea.")
    assert packing.judge([two], two, order=7).kind == "all_done"
    bare = packing.judge([two, WRAP], two, order=7)
    assert bare.text == "Line complete. Next: Gift wrap."


@pytest.mark.parametrize(("grams", "wanted", "fits"), [(1000, 1000, True), (1050, 1000, True), (1051, 1000, False), (949, 1000, False), (120, 100, True), (121, 100, False), (500, None, None)])  # fmt: skip
def test_a_parcel_may_differ_by_five_per_cent_or_twenty_grams(grams: int, wanted: int | None, fits: bool | None) -> None:  # fmt: skip
    assert packing.compare(grams, wanted).fits is fits


BOTH = reading(line("MUG-BLU", 2), line("MUG-RED", 1, "a red one"), ship_to=quay(), phone="+441912345678")


def begun(dock: Dock) -> tuple[int, int]:
    """(order, parcel) with two blue mugs and a red one."""
    number = dock.paid(BOTH)
    with dock.dock(number) as (order, by):
        return number, parcels.start(order, by=by).id


def scanned(dock: Dock, parcel_id: int, code: str) -> Verdict:
    """A scan at the station."""
    found: Verdict = dock.step(parcel_id, lambda parcel, by: packing.scan(parcel, code, by=by))
    return found


def test_right_wrong_extra_and_unknown_items(dock: Dock) -> None:
    _, parcel = begun(dock)
    assert scanned(dock, parcel, "mug-blu").kind == "right"
    wrong = scanned(dock, parcel, "POT-06")
    assert (wrong.kind, wrong.title.startswith("Teapot for six is not in order")) == ("wrong", True)
    assert scanned(dock, parcel, "4006381333931").kind == "unknown"
    assert scanned(dock, parcel, "MUG-BLU").kind == "line_done"
    extra = scanned(dock, parcel, "MUG-BLU")
    assert (extra.kind, "Put MUG-BLU back" in extra.text) == ("extra", True)
    assert {s: n for s, _, n in dock.inside(parcel)} == {"MUG-BLU": 2, "MUG-RED": 0}
    assert dock.parcel(parcel).packed_at is None
    assert scanned(dock, parcel, "MUG-RED").kind == "all_done"
    assert dock.parcel(parcel).packed_at is not None
    dock.sound()


def test_digits_set_a_quantity_and_never_more_than_the_order_has(dock: Dock) -> None:
    _, parcel = begun(dock)
    with dock.shop.reading():
        mug = db.session.query(Product).filter_by(sku="MUG-BLU").one().id

    def put(n: int) -> Verdict:
        found: Verdict = dock.step(parcel, lambda parcel, by: packing.set_count(parcel, mug, n, by=by))
        return found

    assert put(2).kind == "line_done"
    assert put(3).kind == "extra"
    assert dock.inside(parcel)[0] == ("MUG-BLU", 2, 2)
    assert put(0).kind == "right"
    with pytest.raises(Refused):
        dock.step(parcel, lambda parcel, by: packing.set_count(parcel, 999_999, 1, by=by))


def test_nothing_is_counted_for_an_order_that_was_cancelled(dock: Dock) -> None:
    number, parcel = begun(dock)
    scanned(dock, parcel, "MUG-BLU")
    with dock.dock(number) as (order, by):
        ORDER.fire(order, "cancel", by=by, reason="Changed her mind")
    with pytest.raises(Refused, match="cancelled"):
        scanned(dock, parcel, "MUG-BLU")
    assert dock.inside(parcel)[0] == ("MUG-BLU", 2, 1)


def test_a_box_weighs_too_and_a_weight_that_does_not_fit_is_kept(dock: Dock) -> None:
    _, parcel = begun(dock)
    with dock.shop.writing():
        box = Box(name="M", length_mm=350, width_mm=250, height_mm=150, grams=200)
        db.session.add(box)
        db.session.flush()
        box_id = box.id
    dock.step(parcel, lambda parcel, by: packing.choose_box(parcel, box_id, by=by))
    told = dock.step(parcel, lambda parcel, by: packing.weigh(parcel, 1400, by=by))
    assert (told.expected, told.fits) == (1400, True)
    told = dock.step(parcel, lambda parcel, by: packing.weigh(parcel, 1000, by=by))
    assert (told.fits, dock.parcel(parcel).weight_grams) == (False, 1000)
    for grams in (0, -5, 1_000_001):
        with pytest.raises(Refused):
            dock.step(parcel, lambda parcel, by, grams=grams: packing.weigh(parcel, grams, by=by))
    with pytest.raises(Refused):
        dock.step(parcel, lambda parcel, by: packing.choose_box(parcel, 999, by=by))


def short(dock: Dock, parcel: int, found: int) -> Any:
    """A blue mug is missing."""
    with dock.shop.reading():
        mug = db.session.query(Product).filter_by(sku="MUG-BLU").one().id
    return dock.step(parcel, lambda parcel, by: shortage.short(parcel, mug, found=found, by=by))


def test_a_short_item_counts_the_stock_and_makes_the_order_wait_for_its_customer(dock: Dock) -> None:
    number, parcel = begun(dock)
    other_number, other = begun(dock)
    scanned(dock, other, "MUG-BLU")
    scanned(dock, parcel, "MUG-BLU")
    assert short(dock, parcel, 1) == 2  # one in this box, one in the other
    assert dock.stock("MUG-BLU") == (2, 0, 4)
    assert dock.stage.seen(number).delivery_trouble == "short"
    assert dock.stage.row(number).order_step == "fix_delivery"
    assert dock.stage.seen(other_number).delivery_trouble is None
    with dock.dock(number) as (order, _):
        assert shortage.missing(order) == [("Blue mug", 1, 2)]
    with pytest.raises(Refused, match="nothing is missing"):
        short(dock, parcel, 2)
    assert short(dock, parcel, 0) == 1
    assert len(dock.shop.all(DeliveryAlarm)) == 1


def test_what_turns_up_after_all_ends_the_shortage(dock: Dock) -> None:
    number, parcel = begun(dock)
    short(dock, parcel, 0)
    for code in ("MUG-BLU", "MUG-BLU", "MUG-RED"):
        scanned(dock, parcel, code)
    with dock.dock(number) as (order, by):
        shortage.found_after_all(parcels.of(order.id)[0], order, by=by)
    assert dock.stage.seen(number).delivery_trouble is None
    assert dock.stage.row(number).order_step != "fix_delivery"
    dock.shop.sound()


def test_who_scans_is_in_the_record(dock: Dock) -> None:
    _, parcel = begun(dock)
    for code in ("MUG-BLU", "MUG-BLU", "MUG-RED"):
        scanned(dock, parcel, code)
    with dock.shop.reading():
        by = db.session.get_one(Person, dock.parcel(parcel).packed_by_id)
        assert "logistics" in by.roles
