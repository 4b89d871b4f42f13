"""The catalogue in a browser: what changes, changes in its place; a shelf is counted without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.parts.browser import Chromium


def test_words_and_stock_change_in_their_place(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live, "ines") as page:
        page.goto("/catalogue")
        page.locator("#f-q").press_sequentially("tetera pequeña")
        rows = page.locator("#products tbody tr")
        expect(rows).to_have_count(1)
        rows.get_by_role("link").click()
        expect(page.get_by_role("heading", name="Teapot, stoneware, 0.6 l")).to_be_visible()
        page.evaluate("window.same = true")
        stock, aliases = page.locator("#stock"), page.locator("#aliases")
        stock.get_by_label("Pieces").fill("many")
        stock.get_by_label("Pieces").press("Enter")
        expect(stock.locator(".error")).to_contain_text("“many”")
        stock.get_by_label("Pieces").fill("4")
        stock.get_by_label("Reason").fill("Kiln 42")
        stock.get_by_role("button", name="Enter").click()
        expect(stock.locator("tbody tr").first).to_contain_text("Kiln 42")
        expect(stock.get_by_label("Pieces")).to_have_value("")
        aliases.get_by_label("One more word for it").fill("pot for one")
        aliases.get_by_role("button", name="Teach").click()
        expect(aliases).to_contain_text("pot for one")
        expect(aliases.get_by_label("One more word for it")).to_have_value("")
        aliases.get_by_role("button", name="Undo pot for one").click()
        expect(aliases).not_to_contain_text("pot for one")
        assert page.evaluate("window.same") is True


def test_a_shelf_is_counted_by_keys_alone(browser: Chromium, live: LiveDesk) -> None:
    with at_the_desk(browser, live, "tom") as page:
        page.goto("/stock/count")
        page.keyboard.type("jug-03")
        page.keyboard.press("Enter")
        expect(page.get_by_label("How many are there?")).to_be_focused()
        page.keyboard.type("9")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Enter 9")).to_be_focused()
        expect(page.get_by_text("1 fewer than expected")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Barcode or SKU")).to_be_focused()
        expect(page.get_by_role("heading", name="You counted last")).to_be_visible()
