"""Twenty orders packed and shipped by a scanner that types, without a mouse; and one without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from checkout_desk.extensions import db
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.shipping.models import Label, Shipment
from tests.browser import shelves
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk, paper
from tests.browser.test_accessibility import judge
from tests.parts.browser import Chromium

PACKER = "ines@fernandkiln.shop"
BARCODE = "5012345678900"
ORDERS = 20


class Scanner:
    """A scanner is a keyboard: it types a code and presses Enter. Counts what it and its person press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scans = 0
        self.signs = 0
        self.keys = 0

    def __call__(self, code: str) -> None:
        """Scan."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")
        self.scans += 1
        self.signs += len(code) + 1

    def press(self, key: str) -> None:
        """A key that the person presses besides."""
        self.page.keyboard.press(key)
        self.keys += 1

    def says(self, words: str) -> None:
        """Wait for the verdict."""
        expect(self.page.locator(".verdict")).to_contain_text(words)


@pytest.fixture(scope="module")
def goods(live: LiveDesk) -> tuple[str, str, str]:
    """A blue mug with a barcode, a bowl, and tea that nobody orders."""
    return (
        shelves.stocked(live.app, "PKMUG-BLU", "Mug of the pack test", shelf="A-12", barcode=BARCODE),
        shelves.stocked(live.app, "PKBWL-L", "Bowl of the pack test", shelf="B-2", fragile=True),
        shelves.stocked(live.app, "PKTEA-1", "Tea of the pack test", shelf="C-1"),
    )


def begin(page: Page, live: LiveDesk, numbers: list[int]) -> Scanner:
    """A batch of the orders is opened and begun by the keyboard."""
    batch = shelves.batch(live.app, PACKER, *numbers)
    page.route("**/shipping/labels/*.pdf", paper)
    page.goto(f"/shipping/batches/{batch}")
    expect(page.get_by_role("heading", name=f"Batch {batch}", level=1)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("html.js")).to_be_attached()
    return Scanner(page)


def told(live: LiveDesk, numbers: list[int]) -> int:
    """How many mails say that these orders were shipped."""
    with live.app.app_context():
        n = db.session.scalar(
            select(func.count())
            .select_from(MilestoneMail)
            .join(Order, Order.id == MilestoneMail.order_id)
            .where(Order.number.in_(numbers), MilestoneMail.milestone == "shipped")
        )
        db.session.rollback()
        return n or 0


def prints(live: LiveDesk, numbers: list[int]) -> list[int]:
    """How often the label of each parcel of these orders was printed."""
    with live.app.app_context():
        found = db.session.scalars(
            select(Label.printed)
            .join(Shipment, Shipment.id == Label.shipment_id)
            .join(Order, Order.id == Shipment.order_id)
            .where(Order.number.in_(numbers), Label.state == "made")
        ).all()
        db.session.rollback()
        return list(found)


def test_twenty_orders_with_a_scanner_and_no_mouse(browser: Chromium, live: LiveDesk, goods: tuple[str, str, str]) -> None:  # fmt: skip
    mug, bowl, tea = goods
    numbers = [
        shelves.paid(live.app, f"Packed {chr(65 + i)} Twenty", (mug, 1 + i % 2), (bowl, 1))
        for i in range(ORDERS)
    ]
    mugs, bowls = shelves.on_hand(live.app, mug), shelves.on_hand(live.app, bowl)
    with at_the_desk(browser, live, "ines") as page:
        scan = begin(page, live, numbers)
        for i, number in enumerate(numbers):
            scan.says(str(number))
            if i == 3:
                _wrong_item(scan, mug, tea, number)
            if i == 5:
                scan("NOBODY-KNOWS")
                scan.says("No product has the code NOBODY-KNOWS")
                scan.press("Escape")
                scan.says(f"Order {number}")
            scan(BARCODE)
            scan.says(f"Mug of the pack test: 1 of {1 + i % 2}")
            if i % 2:
                scan(mug.lower())
                scan.says("2 of 2")
            if i == 7:
                _extra_item(scan, mug)
            scan(bowl)
            scan.says("Put the label on the box")
            if i == 9:
                scan(shelves.number(50_000_000))
                scan.says("already")
            scan(shelves.number(50_000_000 + i))
            scan.says(f"{number}-P1 is handed over")
        scan.says("It was the last one of the batch.")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Pack", level=1)).to_be_visible()
    live.until(
        lambda: prints(live, numbers) == [1] * ORDERS
    )  # each label went to the printer once, by itself
    assert shelves.states(live.app, *numbers) == ["shipped"] * ORDERS
    assert told(live, numbers) == ORDERS
    assert shelves.on_hand(live.app, mug) == mugs - 30
    assert shelves.on_hand(live.app, bowl) == bowls - ORDERS
    # What one order costs: one scan for each piece, one for the number, and no key besides; only what was wrong cost an Esc.
    assert scan.keys == 3
    assert scan.scans == 30 + ORDERS + ORDERS + 5


def _wrong_item(scan: Scanner, mug: str, tea: str, number: int) -> None:
    """What is not in the order stops everything until Esc, whatever is scanned meanwhile."""
    scan(tea)
    scan.says(f"Tea of the pack test is not in order {number}")
    expect(scan.page.locator(".verdict--bad")).to_be_visible()
    scan(mug)
    expect(scan.page.locator(".verdict--bad")).to_be_visible()
    expect(scan.page.locator(".piece__n").first).to_contain_text("0/2")
    scan.press("Escape")
    scan.says(f"Order {number}")


def _extra_item(scan: Scanner, mug: str) -> None:
    scan(mug)
    scan.says("Too many: Mug of the pack test")
    scan.press("Escape")
    expect(scan.page.locator(".verdict--bad")).to_have_count(0)


def test_one_order_by_typed_keys_alone(
    browser: Chromium, live: LiveDesk, goods: tuple[str, str, str]
) -> None:
    mug, bowl, _ = goods
    number = shelves.paid(live.app, "Typed Order", (mug, 3), (bowl, 1))
    with at_the_desk(browser, live, "ines") as page:
        scan = begin(page, live, [number])
        scan(mug)
        scan.says("1 of 3")
        scan("3")
        scan.says("3 of 3")
        scan(bowl)
        scan.says("Put the label on the box")
        scan(shelves.number(51_000_000))
        scan.says(f"{number}-P1 is handed over")
        # docs/shipping.md names these figures: four pieces of two products, from paid to shipped.
        assert (scan.scans, scan.keys, scan.signs) == (4, 0, 34)
    assert shelves.states(live.app, number) == ["shipped"]


def test_a_fast_scanner_loses_nothing(browser: Chromium, live: LiveDesk, goods: tuple[str, str, str]) -> None:
    mug, bowl, _ = goods
    number = shelves.paid(live.app, "Fast Order", (mug, 6), (bowl, 2))
    with at_the_desk(browser, live, "ines") as page:
        scan = begin(page, live, [number])
        for code in (mug, BARCODE, mug, bowl, mug, BARCODE, bowl):  # nobody waits for an answer
            scan(code)
        scan.says("Bowl of the pack test: 2 of 2")
        expect(page.locator(".piece__n").first).to_contain_text("5/6")
        scan(mug)
        scan.says("Put the label on the box")
        scan(shelves.number(52_000_000))
        scan.says("It was the last one of the batch.")


def test_a_key_pressed_before_the_answer_is_not_lost(
    browser: Chromium, live: LiveDesk, goods: tuple[str, str, str]
) -> None:
    mug, bowl, _ = goods
    first = shelves.paid(live.app, "Quick Key One", (mug, 1), (bowl, 1))
    second = shelves.paid(live.app, "Quick Key Two", (mug, 1), (bowl, 1))
    with at_the_desk(browser, live, "ines") as page:
        scan = begin(page, live, [first, second])
        scan.says(f"Order {first}")
        scan(mug)
        scan.press("F2")  # nobody waited for the answer to the mug
        scan.says(f"Order {first} comes last")
        scan(mug)
        scan(bowl)
        scan(shelves.number(57_000_000))
        scan.press("F2")  # meant for the order that has left by then
        scan.says(f"{second}-P1 is handed over")
        scan(bowl)
        scan.says("Put the label on the box")


def test_the_keys_of_the_station(browser: Chromium, live: LiveDesk, goods: tuple[str, str, str]) -> None:
    mug, bowl, _ = goods
    cup = shelves.stocked(live.app, "PKCUP-1", "Cup of the pack test", shelf="A-1")
    first = shelves.paid(live.app, "Keys One", (cup, 2), (bowl, 1))
    second = shelves.paid(live.app, "Keys Two", (mug, 1), (bowl, 1))
    with at_the_desk(browser, live, "ines") as page:
        scan = begin(page, live, [first, second])
        scan.press("F2")
        scan.says(f"Order {first} comes last")
        scan(mug)
        scan.says("1 of 1")
        scan("0.6 kg")
        scan.says("As expected, 0.60 kg")
        scan.press("F6")
        scan.says(f"{second}-P1 is closed")
        scan.press("F8")
        scan.says("The label is printed again")
        scan(shelves.number(53_000_000))
        scan.says(f"{second}-P1 is handed over")
        expect(page.get_by_text("parcel 2 of 2")).to_be_visible()
        scan(bowl)
        scan.says("Put the label on the box")
        scan(shelves.number(53_000_001))
        scan.says(f"Next: order {first}.")
        scan.press("F4")
        expect(page.locator("#found")).to_be_focused()
        scan.press("Escape")
        expect(page.locator("#code")).to_be_focused()
        scan.press("F4")
        expect(page.locator("#found")).to_be_focused()
        scan("0")
        scan.says("Cup of the pack test: 0 of 2 found")
    assert shelves.states(live.app, first, second) == ["packing", "shipped"]


def test_an_order_is_packed_and_shipped_without_script(browser: Chromium, live: LiveDesk, goods: tuple[str, str, str]) -> None:  # fmt: skip
    mug, bowl, tea = goods
    numbers = [shelves.paid(live.app, f"Plain {name}", (mug, 2), (bowl, 1)) for name in ("One", "Two")]
    batch = shelves.batch(live.app, PACKER, *numbers)
    with at_the_desk(browser, live, "ines", javascript=False) as page:
        page.goto(f"/shipping/batches/{batch}")
        row = page.locator(".bin", has_text=mug)
        row.get_by_role("checkbox").check()
        row.get_by_role("button", name="Save").click()
        expect(page.get_by_text(re.compile("4 of 6 pieces"))).to_be_visible()
        page.get_by_role("button", name="Start packing").click()
        scan = Scanner(page)
        for i, number in enumerate(numbers):
            expect(page.locator("#code")).to_be_focused()
            if i == 0:
                scan(tea)
                scan.says("is not in order")
                page.get_by_role("link", name="Understood").click()
                scan.says(f"Order {number}")
                expect(page.locator("#code")).to_be_focused()
            scan(BARCODE)
            scan.says("1 of 2")
            scan("2")
            scan.says("2 of 2")
            scan(bowl)
            scan.says("Put the label on the box")
            scan(shelves.number(54_000_000 + i))
            scan.says(f"{number}-P1 is handed over")
        page.get_by_role("link", name="Pack list").click()
        expect(page.get_by_role("heading", name="Pack", level=1)).to_be_visible()
    assert shelves.states(live.app, *numbers) == ["shipped", "shipped"]


def test_every_screen_of_packing_before_axe(
    browser: Chromium, live: LiveDesk, goods: tuple[str, str, str]
) -> None:
    mug, bowl, tea = goods
    number = shelves.paid(live.app, "Axe Order", (mug, 2), (bowl, 1))
    shelves.paid(live.app, "Axe Order", (mug, 1))
    found: list[str] = []
    with at_the_desk(browser, live, "ines") as page:
        page.goto("/shipping")
        found += judge(page, "pack list")
        scan = begin(page, live, [number])
        found += judge(page, "station")
        scan(tea)
        scan.says("is not in order")
        found += judge(page, "station, stopped")
        scan.press("Escape")
        scan.says(f"Order {number}")
        scan.press("F4")
        expect(page.locator("#found")).to_be_focused()
        found += judge(page, "station, short")
        scan.press("Escape")
        expect(page.locator("#code")).to_be_focused()
        scan(mug)
        scan.says("1 of 2")
        found += judge(page, "station, right")
        page.get_by_role("button", name="Leave").click()
        expect(page.get_by_role("heading", level=1, name=re.compile("Batch"))).to_be_visible()
        found += judge(page, "batch")
    assert found == []
