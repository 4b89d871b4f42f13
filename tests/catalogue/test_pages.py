"""The pages of the catalogue as people of each role walk them, without script and with htmx."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date

import pytest

from checkout_desk.catalogue import aliasing, products, stock
from checkout_desk.catalogue.models import Product, ProductAlias, StockMovement
from checkout_desk.catalogue.queries import PAGE
from checkout_desk.extensions import db
from tests.builders import Shop
from tests.catalogue.making import product
from tests.databases import rows_on_sqlite
from tests.page import Browser, Page

AsRole = Callable[[str], Browser]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 24


@pytest.fixture
def manager(as_role: AsRole) -> Browser:
    return as_role("manager")


@pytest.fixture
def mug(shop: Shop) -> int:
    with shop.writing():
        one = product(shelf="A-12", barcode="5012345678900", low_at=2)
        stock.receive(one.id, 9)
        return one.id


def the(shop: Shop, product_id: int) -> Product:
    return shop.all(Product, Product.id == product_id)[0]


def upload(browser: Browser, page: Page, path: str, name: str, data: bytes, filename: str) -> Page:
    token = next(dict(form.fields)["csrf_token"] for form in page.forms if "csrf_token" in dict(form.fields))
    return browser.post(
        path, {"csrf_token": token, name: (io.BytesIO(data), filename)}, content_type="multipart/form-data"
    )


def test_the_list_shows_stock_and_finds_by_word_alias_and_barcode(
    shop: Shop, manager: Browser, mug: int
) -> None:
    with shop.writing():
        aliasing.teach(
            db.session.get_one(Product, mug), "taza azul", language="es", by_id=None, how="typed", firmly=True
        )
        product("TP-06", "Teapot, 0.6 l", 2200)
        stock.hold(mug, 2, about="quote:1")
    page = manager.open("/catalogue")
    assert "Mug, cobalt blue" in page
    assert re.search(r"MUG-BLU 9 2 7 – A-12 £8.00", page.text)
    for words in ("taza", "5012345678900", "mug-b"):
        found = manager.open("/catalogue", query_string={"q": words})
        assert "Mug, cobalt blue" in found
        assert "Teapot" not in found
    assert "Nothing has “kettle”" in manager.open("/catalogue?q=kettle")


def test_an_empty_catalogue_says_what_to_do(manager: Browser) -> None:
    page = manager.open("/catalogue")
    assert "Nothing is for sale yet" in page
    assert page.follow("Add a product").status == 200


def test_low_and_inactive_have_lists_of_their_own_with_the_restock_date(
    shop: Shop, manager: Browser, mug: int
) -> None:
    with shop.writing():
        product("OLD", "Old mug", active=False)
        stock.hold(mug, 7, about="quote:1")
        products.change(db.session.get_one(Product, mug), restock_on=date(2031, 5, 3), restock_quantity=12)
    low = manager.open("/catalogue?show=low")
    assert "Mug, cobalt blue" in low
    assert "12 on 3 May 2031" in low
    assert "Old mug" not in low
    assert "Old mug" in manager.open("/catalogue?show=inactive")


def test_the_list_pages_by_keyset_there_and_back(shop: Shop, manager: Browser) -> None:
    with shop.writing():
        for i in range(2 * PAGE + 3):
            product(f"P-{i}", f"Bowl of the kind {'abcdefgh'[i % 8]}", 100)
    first = manager.open("/catalogue")
    second = first.follow("Further")
    third = second.follow("Further")
    pages = [re.findall(r'<td><span class="sku">([^<]+)', page.html) for page in (first, second, third)]
    assert [len(page) for page in pages] == [PAGE, PAGE, 3]
    assert len({sku for page in pages for sku in page}) == 2 * PAGE + 3
    assert re.findall(r'<td><span class="sku">([^<]+)', third.follow("Back").html) == pages[1]
    assert "Further" not in third.text


def test_a_product_is_added_with_its_first_stock(shop: Shop, manager: Browser) -> None:
    page = manager.open("/catalogue/new").press(
        "Add the product",
        name="Teapot, 0.6 l",
        sku="TP-06",
        price="22,00",
        family="Teapots",
        attributes="size=0.6 l",
        stock="4",
    )
    assert page.status == 200
    assert "Teapot, 0.6 l is in the catalogue." in page
    (one,) = shop.all(Product)
    assert (one.price_minor, one.currency, one.on_hand, one.attributes) == (2200, "GBP", 4, {"size": "0.6 l"})
    assert [m.kind for m in shop.all(StockMovement)] == ["receive"]


@rows_on_sqlite(
    ("field", "value", "words"),
    [
        ("sku", "", "SKU is empty"),
        ("sku", "mug-blu", "The SKU “mug-blu” belongs to Mug, cobalt blue already"),
        ("barcode", "5012345678900", "The barcode “5012345678900” belongs to Mug, cobalt blue"),
        ("name", "1984", "The name “1984” is only a number"),
        ("price", "dear", "“dear” is not an amount"),
        ("price", "-3", "“-3” is not an amount"),
        ("currency", "ZZZ", "“ZZZ” is not a currency code"),
        ("weight_grams", "2 kg", "Weight cannot be “2 kg”"),
        ("attributes", "blue", "Attributes cannot hold “blue”; write them as colour=blue"),
        ("restock_on", "tomorrow", "Restock date cannot be “tomorrow”; type a day such as 2026-12-31"),
        ("stock", "-1", "On hand cannot be “-1”, which is below zero"),
    ],
)
def test_bad_input_is_said_at_the_field_and_what_was_typed_stays(
    shop: Shop, manager: Browser, mug: int, field: str, value: str, words: str
) -> None:
    typed = {"name": "Teapot", "sku": "TP-06", "price": "22.00", "shelf": "Z-99"} | {field: value}
    page = manager.open("/catalogue/new").press("Add the product", **typed)
    assert page.status == 422
    assert words in page
    assert page.form("/catalogue").value("shelf") == "Z-99"
    assert page.form("/catalogue").value(field) == value
    assert len(shop.all(Product)) == 1


def test_a_product_is_changed_and_a_slower_person_is_told(shop: Shop, manager: Browser, mug: int) -> None:
    mine, theirs = manager.open(f"/catalogue/{mug}"), manager.open(f"/catalogue/{mug}")
    assert "The product is saved." in mine.press("Save", price="9.50")
    late = theirs.press("Save", price="7.00")
    assert late.status == 409
    assert "Somebody changed this product while you were typing" in late
    assert the(shop, mug).price_minor == 950
    assert "The product is saved." in late.press("Save")
    assert the(shop, mug).price_minor == 700


def test_stock_that_moves_meanwhile_disturbs_nobody_who_edits(shop: Shop, manager: Browser, mug: int) -> None:
    page = manager.open(f"/catalogue/{mug}")
    with shop.writing():
        stock.hold(mug, 1, about="quote:1")
    assert "The product is saved." in page.press("Save", shelf="B-1")


def test_words_are_taught_shown_with_their_teacher_and_taken_back(
    shop: Shop, manager: Browser, mug: int
) -> None:
    page = manager.open(f"/catalogue/{mug}").press("Teach", alias="sea mug", language="en")
    assert "“sea mug” means Mug, cobalt blue from now on." in page
    assert "typed here, by" in page
    with shop.writing():
        other = product("MUG-WHT", "Mug, white").id
    refused = manager.open(f"/catalogue/{other}").press("Teach", alias="Sea Mugs")
    assert refused.status == 422
    assert "“Sea Mugs” already means Mug, cobalt blue (MUG-BLU)." in refused
    assert refused.form("/aliases").value("alias") == "Sea Mugs"
    alias = shop.all(ProductAlias)[0]
    assert alias.taught_by_id == shop.person("manager")
    page = manager.open(f"/catalogue/{mug}").press("Undo sea mug")
    assert "does not mean Mug, cobalt blue any more" in page
    assert shop.all(ProductAlias)[0].undone_by_id == shop.person("manager")


def test_stock_is_received_counted_and_scrapped_with_a_reason(shop: Shop, as_role: AsRole, mug: int) -> None:
    tom = as_role("logistics")
    page = tom.open(f"/catalogue/{mug}").press("Enter", kind="receive", quantity="3", reason="Kiln 14")
    assert "Received: 3 of Mug, cobalt blue." in page
    page = page.press("Enter", kind="count", quantity="10")
    refused = page.press("Enter", kind="scrap", quantity="2")
    assert refused.status == 422
    assert "Reason is empty" in refused
    page = refused.press("Enter", reason="dropped")
    assert the(shop, mug).on_hand == 8
    assert "Scrapped dropped on hand −2" in page
    assert "Pieces cannot be “0”; type a whole number from 1 to" in page.press("Enter", quantity="0")
    assert "Pieces is empty; type a whole number from 0 to" in page.press("Enter", kind="count", quantity=" ")
    refused = page.press("Enter", kind="scrap", quantity="99", reason="all")
    assert (refused.status, the(shop, mug).on_hand) == (422, 8)
    assert "Only 8 of Mug, cobalt blue are on hand, not 99" in refused
    assert shop.all(StockMovement)[-1].actor == f"person:{shop.person('logistics')}"


def test_a_double_click_moves_stock_once(shop: Shop, manager: Browser, mug: int) -> None:
    page = manager.open(f"/catalogue/{mug}")
    page.press("Enter", quantity="5")
    page.press("Enter", quantity="5")
    assert the(shop, mug).on_hand == 14


def test_htmx_gets_the_part_that_changed(shop: Shop, manager: Browser, mug: int) -> None:
    token = manager.open(f"/catalogue/{mug}").form("/stock").value("csrf_token")
    answer = manager.client.post(
        f"/catalogue/{mug}/stock",
        data={"csrf_token": token, "kind": "receive", "quantity": "x"},
        headers={"HX-Request": "true"},
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<html" not in text
    assert "Pieces cannot be “x”" in text
    answer = manager.client.post(
        f"/catalogue/{mug}/aliases",
        data={"csrf_token": token, "alias": "sea mug"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "sea mug" in answer.get_data(as_text=True)


def test_the_ledger_pages_to_its_beginning(shop: Shop, manager: Browser, mug: int) -> None:
    with shop.writing():
        for i in range(25):
            stock.receive(mug, 1, reason=f"box {i}.")
    page = manager.open(f"/catalogue/{mug}")
    assert "box 24." in page
    assert "box 3." not in page
    older = page.follow("Older movements")
    assert "box 3." in older
    assert "box 24." in older.follow("Newest")


def test_a_shelf_is_counted_with_a_scanner(shop: Shop, as_role: AsRole, mug: int) -> None:
    tom = as_role("logistics")
    page = tom.open("/stock/count").press("Next", code="5012345678900")
    assert "Mug, cobalt blue" in page
    assert "Expected" not in page
    same = page.press("Next", counted="9")
    assert "Mug, cobalt blue: 9, as expected." in same
    page = same.press("Next", code="mug-blu").press("Next", counted="7")
    assert "2 fewer than expected" in page
    assert the(shop, mug).on_hand == 9
    again = page.follow("Count again").press("Next", counted="8")
    assert "1 fewer than expected" in again
    assert "Mug, cobalt blue: 8, 1 fewer than expected." in again.press("Enter 8")
    assert the(shop, mug).on_hand == 8
    assert [(m.kind, m.on_hand) for m in shop.all(StockMovement)][1:] == [("count", 0), ("count", -1)]


def test_who_counts_less_than_was_promised_is_told(shop: Shop, as_role: AsRole, mug: int) -> None:
    with shop.writing():
        stock.hold(mug, 4, about="quote:1")
    tom = as_role("logistics")
    page = tom.open(f"/catalogue/{mug}").press("Enter", kind="count", quantity="4")
    assert "Counted: 4 of Mug, cobalt blue." in page and "fewer than customers" not in page
    page = page.press("Enter", kind="scrap", quantity="1", reason="dropped")
    assert "Scrapped: 1 of Mug, cobalt blue. 1 fewer than customers were promised." in page
    page = tom.open("/stock/count?code=MUG-BLU").press("Next", counted="1").press("Enter 1")
    assert "2 fewer than expected. 3 fewer than customers were promised." in page


def test_what_moved_while_somebody_counted_is_shown_before_it_is_overwritten(
    shop: Shop, as_role: AsRole, mug: int
) -> None:
    tom = as_role("logistics")
    page = tom.open("/stock/count?code=MUG-BLU").press("Next", counted="7")
    with shop.writing():
        stock.receive(mug, 1)
    page = page.press("Enter 7")
    assert "Pieces moved while you counted" in page
    assert "3 fewer than expected" in page
    page.press("Enter 7")
    assert the(shop, mug).on_hand == 7


@pytest.mark.parametrize(
    ("counted", "words"), [("", "Counted is empty"), ("-1", "below zero"), ("some", "“some”")]
)
def test_a_number_that_is_none_is_not_entered(
    shop: Shop, as_role: AsRole, mug: int, counted: str, words: str
) -> None:
    page = as_role("logistics").open("/stock/count?code=MUG-BLU").press("Next", counted=counted)
    assert page.status == 422
    assert words in page
    assert the(shop, mug).on_hand == 9


def test_an_unknown_code_is_named(shop: Shop, as_role: AsRole, mug: int) -> None:
    assert "No product has the barcode or SKU “cobalt”" in (
        page := as_role("logistics").open("/stock/count?code=cobalt")
    )
    assert "Mug, cobalt blue" in page


def test_a_picture_is_kept_and_served_as_nothing_else(shop: Shop, manager: Browser, mug: int) -> None:
    page = manager.open(f"/catalogue/{mug}")
    refused = upload(manager, page, f"/catalogue/{mug}/picture", "picture", b"<svg onload=alert(1)>", "x.svg")
    assert refused.status == 422
    assert "“x.svg” is no picture that can be shown; choose a PNG" in refused
    page = upload(manager, page, f"/catalogue/{mug}/picture", "picture", PNG, "mug.png")
    assert page.status == 200
    src = re.search(r'class="picture" src="([^"]+)"', page.html)
    assert src
    answer = manager.get(src[1])
    assert (answer.mimetype, answer.data) == ("image/png", PNG)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    manager.open(f"/catalogue/{mug}").press("Remove the picture")
    assert manager.get(f"/catalogue/{mug}/picture").status_code == 404


def test_a_file_is_looked_at_line_by_line_before_it_is_imported(
    shop: Shop, manager: Browser, mug: int
) -> None:
    text = 'sku,name,price,stock\nMUG-BLU,"Mug, cobalt blue",9.00,\nTP-06,Teapot,22.00,-4\nTP-12,Large teapot,28.00,3\n'
    page = upload(
        manager, manager.open("/catalogue/import"), "/catalogue/import", "file", text.encode(), "ours.csv"
    )
    assert page.status == 200
    assert "3 stock Stock cannot be “-4”, which is below zero" in page
    assert len(shop.all(Product)) == 1
    refused = page.press("Import 2 products")
    assert refused.status == 422
    assert len(shop.all(Product)) == 1
    done = refused.press("Import 2 products", skip_bad="1")
    assert "Imported: 1 new, 1 changed, 0 as before. 1 left out." in done
    assert sorted(p.sku for p in shop.all(Product)) == ["MUG-BLU", "TP-12"]
    assert the(shop, mug).price_minor == 900


@pytest.mark.parametrize("data", [b"", b"artikel;titel\nA;B\n", b"\x00\x01"])
def test_a_file_that_is_no_catalogue_is_refused_with_what_would_do(
    shop: Shop, manager: Browser, data: bytes
) -> None:
    page = upload(manager, manager.open("/catalogue/import"), "/catalogue/import", "file", data, "x.csv")
    assert page.status == 422
    assert shop.all(Product) == []


def test_a_token_of_somebody_else_imports_nothing(shop: Shop, manager: Browser, as_role: AsRole) -> None:
    page = upload(
        manager,
        manager.open("/catalogue/import"),
        "/catalogue/import",
        "file",
        b"sku,name,price\nA,Bowl,3\n",
        "x.csv",
    )
    token = page.form("/confirm").value("token")
    admin = as_role("admin")
    mine = admin.open("/catalogue/import").form("/import").value("csrf_token")
    answer = admin.post("/catalogue/import/confirm", {"csrf_token": mine, "token": token})
    assert answer.status == 422
    assert "not kept any more" in answer
    assert shop.all(Product) == []


def test_the_export_is_a_file_for_everybody_at_the_desk(shop: Shop, as_confirmed: AsRole, mug: int) -> None:
    answer = as_confirmed("support").get("/catalogue/export.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert b'MUG-BLU,"Mug, cobalt blue",8.00,GBP,9' in answer.data


@pytest.mark.parametrize("role", ["support", "processing", "logistics"])
def test_those_who_may_not_change_it_are_offered_no_form(as_role: AsRole, mug: int, role: str) -> None:
    page = as_role(role).open(f"/catalogue/{mug}")
    assert page.status == 200
    assert "Save" not in page.buttons()
    assert ("Enter" in page.buttons()) is (role == "logistics")
    assert as_role(role).get("/catalogue/new").status_code == 403


def test_the_pages_ask_the_same_number_of_statements_however_much_there_is(
    shop: Shop, manager: Browser
) -> None:
    from sqlalchemy import event

    seen: list[str] = []
    with shop.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    def asked(path: str) -> int:
        manager.open(path)
        seen.clear()
        manager.open(path)
        return len(seen)

    with shop.writing():
        first = product("P", "Bowl", family="Bowls").id
    few = asked("/catalogue"), asked(f"/catalogue/{first}")
    with shop.writing():
        for i in range(30):
            one = product(
                f"P-{i}",
                f"Bowl number {'abcdefghij'[i % 10]} {i}",
                family="Bowls",
                attributes={"size": f"{i}"},
            )
            stock.receive(first, 1)
            aliasing.teach(
                db.session.get_one(Product, first),
                f"bowl alias {i} of it",
                language=None,
                by_id=None,
                how="typed",
                firmly=True,
            )
            stock.receive(one.id, 1)
    assert (asked("/catalogue"), asked(f"/catalogue/{first}")) == few
