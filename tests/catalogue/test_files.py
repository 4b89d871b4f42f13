"""Catalogue files: what comes in, what is refused with which words, and that what goes out comes back the same."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkout_desk.catalogue import aliasing, exporting, importing, stock
from checkout_desk.catalogue.commands import take
from checkout_desk.catalogue.models import Product, ProductAlias, StockMovement
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.web import spreadsheets
from tests.builders import Shop
from tests.catalogue.making import product
from tests.databases import rows_on_sqlite

HEAD = "sku,name,price,currency,stock,weight_grams,aliases,shelf,barcode\n"
MUG = 'MUG-BLU,"Mug, cobalt blue",8.00,GBP,9,340,blue mug;taza azul,A-12,5012345678900\n'


def bring(
    shop: Shop, text: str | bytes, *, skip_bad: bool = False, dry_run: bool = False
) -> tuple[int, list[str]]:
    said: list[str] = []
    data = text.encode() if isinstance(text, str) else text
    return take(shop.app, data, dry_run=dry_run, skip_bad=skip_bad, say=said.append), said


def exported(shop: Shop) -> str:
    with shop.app.app_context():
        return "".join(exporting.lines())


def faults(shop: Shop, text: str) -> list[tuple[int, str, str]]:
    with shop.app.app_context():
        return [(f.line, f.field, f.words) for f in importing.plan(text.encode(), currency="GBP").faults]


def test_a_file_becomes_products_with_stock_counted_and_aliases_taught(shop: Shop) -> None:
    assert bring(shop, HEAD + MUG) == (0, ["1 new, 0 changed, 0 as before."])
    (one,) = shop.all(Product)
    assert (one.sku, one.name, one.price_minor, one.currency, one.on_hand) == (
        "MUG-BLU",
        "Mug, cobalt blue",
        800,
        "GBP",
        9,
    )
    assert (one.weight_grams, one.shelf, one.barcode) == (340, "A-12", "5012345678900")
    assert [(a.text, a.taught_how) for a in shop.all(ProductAlias)] == [
        ("blue mug", "import"),
        ("taza azul", "import"),
    ]
    assert [(m.kind, m.on_hand) for m in shop.all(StockMovement)] == [("count", 9)]
    kinds = [e.kind for e in shop.all(Event)]
    assert {"catalogue.imported", "product.created", "stock.count"} <= set(kinds)
    with shop.app.app_context():
        assert stock.check() == []


def test_the_same_file_again_changes_nothing(shop: Shop) -> None:
    bring(shop, HEAD + MUG)
    events = len(shop.all(Event))
    assert bring(shop, HEAD + MUG) == (0, ["0 new, 0 changed, 1 as before."])
    assert len(shop.all(Event)) == events
    assert len(shop.all(StockMovement)) == 1


def test_an_empty_cell_changes_nothing_and_other_stock_is_a_count(shop: Shop) -> None:
    bring(shop, HEAD + MUG)
    assert bring(shop, HEAD + 'mug-blu,"Mug, cobalt blue",,,4,,new words,,\n')[0] == 0
    (one,) = shop.all(Product)
    assert (one.price_minor, one.shelf, one.on_hand, one.sku) == (800, "A-12", 4, "MUG-BLU")
    assert [(m.kind, m.on_hand) for m in shop.all(StockMovement)] == [("count", 9), ("count", -5)]
    assert len(shop.all(ProductAlias)) == 3


@rows_on_sqlite(
    ("row", "field", "words"),
    [
        ("A,Bowl,x,GBP,1,,,,", "price", "“x” is not an amount; type digits such as 16.00"),
        ("A,Bowl,1.234,GBP,1,,,,", "price", "GBP has 2"),
        ("A,Bowl,,GBP,1,,,,", "price", "Price is empty"),
        ("A,Bowl,3.5,JPY,1,,,,", "price", "JPY has none"),
        ("A,Bowl,3,XYZ,1,,,,", "currency", "“XYZ” is not a currency code"),
        ("A,Bowl,3,GBP,-2,,,,", "stock", "“-2”, which is below zero"),
        ("A,Bowl,3,GBP,many,,,,", "stock", "“many”; type a whole number from 0 to 1000000"),
        ("A,Bowl,3,GBP,1,heavy,,,", "weight_grams", "“heavy”"),
        ("A,Bowl,3,GBP,1,,,,5.01E+12", "barcode", "shortened by a spreadsheet"),
        ("A,,3,GBP,1,,,,", "name", "Name is empty"),
        (",Bowl,3,GBP,1,,,,", "sku", "SKU is empty"),
        ("A,1984,3,GBP,1,,,,", "name", "only a number"),
        ("A,Bowl,3,GBP,1,,12,,", "aliases", "only a number"),
        ("A,Bowl,3,GBP,1,,x,,", "aliases", "too short"),
        ("A,Bowl,3,GBP,1,,Blue Mugs,,", "aliases", "“Blue Mugs” means Mug, cobalt blue (MUG-BLU) already"),
        ('A,Bowl,3,GBP,1,,"mug, cobalt blue",,', "aliases", "means Mug, cobalt blue (MUG-BLU) already"),
        ("A,Blue mug,3,GBP,1,,,,", "name", "is an alias of Mug, cobalt blue (MUG-BLU) already"),
        ("A,Bowl,3,GBP,1,,,,5012345678900", "barcode", "belongs to Mug, cobalt blue (MUG-BLU)"),
        ("mug-blu,Bowl,3,GBP,1,,,,", "sku", "stands on line 2 already"),
        ("A,Bowl,3,GBP,1,,,,,more", "", "10 cells for 9 columns"),
        ("A,Bowl\x07,3,GBP,1,,,,", "name", "cannot be printed"),
    ],
)
def test_a_bad_row_is_named_by_line_field_and_value_and_nothing_is_imported(
    shop: Shop, row: str, field: str, words: str
) -> None:
    text = HEAD + MUG + row + "\n"
    found = faults(shop, text)
    assert [(line, name) for line, name, _ in found] == [(3, field)]
    assert words in found[0][2]
    code, said = bring(shop, text)
    assert code == 1
    assert said[0].startswith("line 3")
    assert "Nothing was imported" in said[-1]
    assert shop.all(Product) == []


def test_the_good_rest_is_imported_when_the_person_says_so(shop: Shop) -> None:
    text = HEAD + MUG + "A,Bowl,3,GBP,-2,,,,\nB,Plate,4,GBP,2,,,,\n"
    code, said = bring(shop, text, skip_bad=True)
    assert (code, said[-1]) == (0, "2 new, 0 changed, 0 as before. 1 bad line left out.")
    assert sorted(p.sku for p in shop.all(Product)) == ["B", "MUG-BLU"]
    assert bring(shop, HEAD + "A,Bowl,3,GBP,-2,,,,\n", skip_bad=True)[0] == 1


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    assert bring(shop, HEAD + MUG, dry_run=True)[0] == 0
    assert bring(shop, HEAD + MUG + "A,Bowl,3,GBP,-2,,,,\n", dry_run=True)[0] == 1
    assert shop.all(Product) == []
    assert shop.all(StockMovement) == []


@rows_on_sqlite(
    ("head", "words"),
    [
        ("article,title,price", "“article” is no column here; sku is likely meant."),
        ("sku,nmae,price", "“nmae” is no column here; name is likely meant."),
        ("sku,name,price,ean", "“ean” is no column here; barcode is likely meant."),
        ("sku,price", "The first line lacks name."),
        ("sku,name,name", "names name twice"),
        ("MUG-BLU,Mug,8.00", "lacks sku and name"),
    ],
)
def test_wrong_headers_are_named_with_what_was_meant(shop: Shop, head: str, words: str) -> None:
    code, said = bring(shop, head + "\nA,Bowl,3\n")
    assert code == 1
    assert words in said[0]
    assert shop.all(Product) == []


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n\x00\x00", b'sku,name\n"A,Bowl\n'])
def test_what_is_no_table_is_refused(shop: Shop, data: bytes) -> None:
    code, said = bring(shop, data)
    assert code == 1
    assert said[0].startswith("Nothing was imported. ")


def test_a_column_that_means_nothing_here_is_left_alone_and_said(shop: Shop) -> None:
    code, said = bring(shop, "sku,name,price,wholesaler\nA,Bowl,3,Tess & Co\n")
    assert code == 0
    assert said[0].endswith("left alone: wholesaler")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_what_spreadsheets_save_is_understood(shop: Shop, delimiter: str, encoding: str) -> None:
    rows = [
        ["SKU", "Name", "Price", "Weight grams", "Aliases"],
        ["SCH-1", "Schüssel “groß”", "12,50", "300", "Schale;Müslischale"],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert bring(shop, out.getvalue().encode(encoding))[0] == 0
    (one,) = shop.all(Product)
    assert (one.name, one.price_minor, one.currency, one.weight_grams) == (
        "Schüssel “groß”",
        1250,
        "GBP",
        300,
    )
    assert [a.text for a in shop.all(ProductAlias)] == ["Schale", "Müslischale"]


def test_excels_own_first_line_and_cells_with_line_ends_keep_the_line_numbers(shop: Shop) -> None:
    text = 'sep=;\nsku;name;price\nA;"Bowl\nlarge";3\n\nB;Plate;x\n'
    assert [line for line, *_ in faults(shop, text)] == [6]


def test_formulas_leave_disarmed_and_come_back_as_they_were(shop: Shop) -> None:
    names = {
        "=1+1 cmd": "E-1",
        "+44 tea": "E-2",
        "-sale bowl": "E-3",
        "@home mug": "E-4",
        "'=quoted mug": "E-5",
        "'plain' mug": "E-6",
    }
    with shop.writing():
        for name, sku in names.items():
            product(sku, name)
    text = exported(shop)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    assert bring(shop, text) == (0, ["0 new, 0 changed, 6 as before."])


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            WORDS,
            WORDS,
            st.integers(0, 10**6),
            st.sampled_from(["GBP", "JPY", "KWD"]),
            st.integers(0, 99),
            WORDS,
        ),
        max_size=6,
    )
)
def test_whatever_is_exported_comes_back_the_same(shop: Shop, afresh, rows) -> None:  # type: ignore[no-untyped-def]
    afresh()
    with shop.app.app_context():
        begin_write()
        for i, (name, shelf, price, currency, on_hand, alias) in enumerate(rows):
            one = product(
                f"=P{i}", " ".join(f"word{i} {name}".split()), price, currency=currency, shelf=" ".join(shelf.split()),
                attributes={"size": f"{i} l"}, family="Things", active=i % 2 == 0, low_at=i or None,
            )  # fmt: skip
            if on_hand:
                stock.receive(one.id, on_hand)
            aliasing.teach(
                one,
                f"alias{i} {alias}",
                language="de" if i % 2 else None,
                by_id=None,
                how="typed",
                firmly=True,
            )
        db.session.commit()
        before = "".join(exporting.lines())
        db.session.remove()
    assert bring(shop, before)[1][-1].endswith(f"0 new, 0 changed, {len(rows)} as before.")
    afresh()
    assert bring(shop, before)[0] == 0
    assert exported(shop) == before


def test_the_reader_takes_an_export_too(shop: Shop, tmp_path: Path) -> None:
    from checkout_desk.intake import dry_run

    bring(shop, HEAD + MUG)
    (tmp_path / "out.csv").write_text(exported(shop))
    found = dry_run.load_catalogue(str(tmp_path / "out.csv"))
    assert found.entries["MUG-BLU"].aliases == ("blue mug", "taza azul")


def test_an_import_asks_the_database_seldom(shop: Shop) -> None:
    from sqlalchemy import event

    rows = "".join(
        f"SKU-{i},Number {i + 1000} thing,{i}.50,GBP,{i % 7},,the {i + 1000}th thing alias,S-{i % 9},\n"
        for i in range(300)
    )
    with shop.app.app_context():
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert bring(shop, HEAD + rows) == (0, ["300 new, 0 changed, 0 as before."])
    assert len(shop.all(Product)) == 300
    asked = [
        one for one in statements if not one.startswith("INSERT")
    ]  # SQLite has each new row said by itself
    assert len(asked) < 40, asked


def test_cells_are_disarmed_and_armed_again() -> None:
    for cell in ("=1", "'=1", "''=1", "+", "-", "@x", "'x", "x", "", "'"):
        assert spreadsheets.unsafe(spreadsheets.safe(cell)) == cell
