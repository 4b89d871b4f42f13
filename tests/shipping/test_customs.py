"""Which parcels cross a border of customs, what they are worth there, and that their papers lack no letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from checkout_desk import typesetting
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store
from checkout_desk.shipping import customs, papers
from checkout_desk.shipping.models import Shipment
from checkout_desk.shipping.paper import export, picklist, postal, sheets, slip
from tests.orders.stage import line, product, quay, reading
from tests.shipping.addresses import SCRIPTS, SENDER
from tests.shipping.dock import Dock
from tests.shipping.picture import decoded

TO_ZURICH = reading(
    line("MUG-BLU", 3),
    ship_to=quay(line1="Gasse 5", city="Zürich", postcode="8001", country="CH"),
    phone="+41442345678",
)


@pytest.mark.parametrize(
    ("home", "country", "postcode", "crosses"),
    [
        ("DE", "FR", "75001", False), ("DE", "FR", "97100", True), ("DE", "ES", "35001", True), ("DE", "ES", "28001", False),
        ("DE", "MC", "98000", False), ("DE", "GB", "SW1A 1AA", True), ("DE", "GB", "BT1 1AA", False),
        ("GB", "GB", "BT1 1AA", False), ("US", "GB", "BT1 1AA", True), ("GB", "IM", "IM1 1AA", False),
        ("GB", "IE", "D02 AF30", True), ("CH", "LI", "9490", False), ("US", "PR", "00901", False), ("US", "CA", "M5V 1A1", True),
        ("JP", "JP", "100-0001", False), ("AX", "FI", "00100", True), ("", "FR", "75001", False), ("GB", "", "", False),
    ],
)  # fmt: skip
def test_where_customs_want_papers(home: str, country: str, postcode: str, crosses: bool) -> None:
    assert customs.leaves(home, country, postcode) is crosses


def test_a_part_of_a_line_is_worth_its_share(dock: Dock) -> None:
    number = dock.paid(TO_ZURICH)
    parcel_id = dock.packed(number)
    with dock.shop.writing():
        mug = product("MUG-BLU")
        mug.weight_grams, mug.hs_code, mug.origin = 400, "691200", "PT"
    with dock.shop.reading():
        parcel = db.session.get_one(Shipment, parcel_id)
        found = papers.export(
            parcel, db.session.get_one(Order, parcel.order_id), store(), on=date(2026, 11, 3)
        )
    (mugs,) = found.goods
    assert (mugs.pieces, mugs.value_minor, mugs.grams, mugs.hs_code, mugs.origin) == (
        3,
        4800,
        1200,
        "691200",
        "PT",
    )
    assert customs.lacks(found.goods) == []
    assert (found.shipping_minor, found.phone, found.country) == (399, "+41442345678", "CH")


def test_what_customs_lack_is_named() -> None:
    goods = [
        customs.Goods(1, "A", "Mug", 1, 100, None, "", "GB"),
        customs.Goods(2, "B", "Pot", 1, 100, 5, "691200", "GB"),
    ]
    assert customs.lacks(goods) == [customs.Lack(1, "A", "Mug", ["HS code", "weight"])]


def _sheets(monkeypatch: pytest.MonkeyPatch) -> list[sheets.Sheet]:
    """Every kind of paper once, as the sheets that it is made of."""
    made: list[sheets.Sheet] = []

    def kept(every: Sequence[sheets.Sheet]) -> bytes:
        made.extend(every)
        return b""

    monkeypatch.setattr(sheets, "pdf", kept)
    home = postal.sender("Fern & Kiln", list(SENDER["lines"]), country="GB", abroad=True, language="en")
    there = {name: postal.recipient(one, home="GB", language="en") for name, one in SCRIPTS.items()}
    goods = [customs.Goods(1, "MUG", "Mug", 3, 4000, 1200, "691200", "PT")]
    facts: dict[str, Any] = {
        "name": "1042-P1", "order": 1042, "quote": "1042-Q1", "on": date(2026, 11, 3), "sender": home, "goods": goods,
        "currency": "GBP", "shipping_minor": 399, "grams": 1400, "carrier": "Royal Mail", "number": "AB123456785GB",
        "phone": "+41442345678", "email": "j@customer.example", "contact": "orders@shop.example", "vat_id": "GB980780684",
        "eori": "GB980780684000", "home": "GB",
    }  # fmt: skip
    for name in SCRIPTS:
        export.invoice(export.Export(**facts, recipient=there[name], country=SCRIPTS[name]["country"]))
        export.cn23(export.Export(**facts, recipient=there[name], country=SCRIPTS[name]["country"]))
    for language in slip.WORDS:
        slip.pdf([slip.Slip("1042-P1", 1042, 1, 2, language, home, there["japanese"], [(2, "Mug", "MUG", "£16.00")],
                            "Fern & Kiln", "orders@shop.example", "JP", "GB", rest=True)])  # fmt: skip
    picklist.pdf(
        [picklist.Line("A-1", 2, "Mug", "MUG", [(1042, 2)], fragile=True)],
        title="Pick list",
        under="x",
        shop="S",
        home="US",
    )
    return made


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_words(one) for name, one in value.items() if name != "fonts")
    return " ".join(map(_words, value)) if isinstance(value, list | tuple) else str(value)


def test_no_paper_lacks_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    every = _sheets(monkeypatch)
    assert len(every) == 2 * len(SCRIPTS) + 8 + 1
    assert typesetting.undrawable(_words(sheets.data(every))) == []


def test_slips_speak_every_language_that_mails_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {len(words) for words in slip.WORDS.values()} == {11}
    titles = {sheet.title for sheet in _sheets(monkeypatch)}
    assert {words[0] for words in slip.WORDS.values()} <= titles


def test_the_barcode_of_a_slip_is_that_of_the_label(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [sheet for sheet in _sheets(monkeypatch) if sheet.title == "Packing slip"]
    (page,) = typesetting.pictures(sheets.SOURCE, sheets.data(made), dpi=203)
    assert decoded(page).codes() == [("Code 128", "1042-P1")]
