"""Reading accuracy, stock and money, templates: every figure against a slow count, its CSV, and what stands behind it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, select

from checkout_desk import clock, money
from checkout_desk.catalogue.models import Product, StockMovement
from checkout_desk.extensions import db
from checkout_desk.orders import details, lines
from checkout_desk.orders.models import Quote
from checkout_desk.payments.models import Payment
from tests.builders import Shop
from tests.orders.stage import Stage, choice, line, product, quay, reading
from tests.page import Browser, Page
from tests.reports.test_rollups import swept
from tests.shipping.dock import Dock

AsRole = Callable[[str], Browser]
KINDS = ("reading", "money", "templates")


def table(boss: Browser, kind: str, key: str, query: str = "") -> list[list[str]]:
    text = boss.open(f"/reports/{kind}/{key}.csv?{query}").html.lstrip("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def cells(page: Page, key: str) -> list[list[str]]:
    """The table of a section as the screen shows it, heads first."""
    part = page.html.split(f'aria-labelledby="r-{key}"')[1].split("</section>")[0]
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL):
        words = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        found.append([unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in words])
    return found


@pytest.mark.parametrize("path", [f"/reports/{kind}" for kind in KINDS] + ["/reports/reading/behind", "/reports/money/flow.csv", "/reports/today", "/reports/saved", "/reports/saved/new?kind=money"])  # fmt: skip
def test_only_those_who_read_reports_see_them(as_role: AsRole, path: str) -> None:
    assert as_role("support").get(path).status_code == 403
    assert as_role("manager").get(path).status_code in (200, 404)


def test_what_people_type_over_a_reading_is_counted(shop: Shop, as_role: AsRole) -> None:
    stage = Stage(shop)
    good = stage.order(reading(line("MUG-BLU", 2), ship_to=quay(), phone="+441912345678"))
    other = stage.order(
        reading(line("MUG-RED", 3), choice("family brewer", 1, "POT-06", "POT-12"), line("BOWL", None), ship_to=quay(postcode=None))
    )  # fmt: skip
    with stage.on(good) as (order, found, by):
        lines.accept_all(order, by=by)
    with stage.on(other) as (order, found, by):
        lines.set_quantity(found[0], 4, by=by)
        lines.choose(next(one for one in found if one.candidates), product("POT-12"), by=by)
        lines.set_quantity(next(one for one in found if one.quantity is None), 2, by=by)
        details.change(order, {"ship_postcode": "NE30 1AB", "ship_city": "Whitley Bay"}, by=by)
    boss = as_role("manager")
    shown = {row[0]: row[1:] for row in cells(boss.open("/reports/reading"), "fields")}
    assert shown["Quantity"][:5] == ["2", "1", "1", "0", "0"], "two accepted, one typed over, one typed"
    assert shown["Product"][:5] == ["3", "0", "1", "0", "0"]
    assert shown["Postcode"][:5] == ["0", "0", "1", "0", "1"], "one was missing and typed, one waits"
    assert shown["City"][:5] == ["0", "1", "0", "0", "1"]
    assert shown["Quantity"][6] == "50.0 %"
    taught = {row[0]: row[1] for row in cells(boss.open("/reports/reading"), "words")}
    assert taught == {"Language": "Taught", "English": "1"}
    stage.undo()  # of the details
    again = {row[0]: row[1:] for row in cells(boss.open("/reports/reading"), "fields")}
    assert again["City"][:5] == ["0", "0", "0", "0", "2"]
    follow(boss, "/reports/reading")


def follow(boss: Browser, path: str) -> None:
    """Every figure opens as many rows as it says."""
    page = boss.open(path)
    links = re.findall(
        r'<td class="num[^"]*"><a class="link" href="(/reports/[^"]+/behind[^"]+)">(\d+)</a>', page.html
    )
    links += re.findall(r'<a class="link link--own" href="(/reports/[^"]+/behind[^"]+)">(\d+)</a>', page.html)
    assert links
    for address, number in links:
        n = re.search(r"(\d+) behind this figure", boss.open(unescape(address)).text)
        assert n is not None, address
        assert n[1] == number, address


def test_money_and_stock_are_the_ledger_and_the_quotes(shop: Shop, as_confirmed: AsRole) -> None:
    dock = Dock(Stage(shop))
    numbers = [dock.paid() for _ in range(3)]
    dock.stage.order()
    boss = as_confirmed("manager")
    page = boss.open("/reports/money")
    with shop.reading():
        quotes = list(db.session.scalars(select(Quote).where(Quote.paid_at.is_not(None))))
        came = sum(one.amount_minor for one in db.session.scalars(select(Payment)))
        moved = list(db.session.scalars(select(StockMovement)))
        products = {one.id: one for one in db.session.scalars(select(Product))}
    assert len(quotes) == len(numbers)
    paid = sum(one.total_minor for one in quotes)
    flow = {row[0].partition(":")[0]: row for row in cells(page, "flow")[1:]}
    assert flow["Quotes paid"][2:4] == ["3", money.show(paid, "GBP")]
    assert sum(money.read(row[3], "GBP") for row in table(boss, "money", "flow")[1:] if row[0].startswith("Received")) == came  # fmt: skip
    taxes = table(boss, "money", "tax")[1:]
    assert sum(money.read(row[4], "GBP") + money.read(row[5], "GBP") for row in taxes) == paid
    slow: Counter[str] = Counter()
    for one in quotes:
        for row in one.content["taxes"]:
            slow[f"{row['rate'] / 10_000:.15g}"] += row["tax"]
    assert {row[1]: money.read(row[5], "GBP") for row in taxes if row[5] != "0.00"} == {k: v for k, v in slow.items() if v}  # fmt: skip
    shelf = {row[0]: row[1:] for row in table(boss, "money", "shelf")[1:]}
    for currency, row in shelf.items():
        mine = [m for m in moved if products[m.product_id].currency == currency]
        on_hand, held, committed = (sum(getattr(m, name) for m in mine) for name in ("on_hand", "held", "committed"))  # fmt: skip
        assert row[1:5] == [str(on_hand - held - committed), str(held), str(committed), str(on_hand)]
        assert money.read(row[5], currency) == sum(
            m.on_hand * products[m.product_id].price_minor for m in mine
        )
    sold = Counter({m.product_id: 0 for m in moved})
    for m in moved:
        if m.kind == "commit":
            sold[m.product_id] += m.committed
    said = {row[1]: row[2] for row in table(boss, "money", "cover")[1:]}
    assert said == {products[one].sku: str(n) for one, n in sold.items() if n}
    follow(boss, "/reports/money")


def test_a_name_that_a_spreadsheet_would_run_is_quoted(shop: Shop, as_confirmed: AsRole) -> None:
    dock = Dock(Stage(shop))
    dock.paid()
    with shop.writing():
        for one in db.session.scalars(select(Product)):
            one.name = "=HYPERLINK(1)"
    rows = table(as_confirmed("manager"), "money", "cover")
    assert rows[1][0] == "'=HYPERLINK(1)"


def test_a_template_after_which_customers_ask_is_named(shop: Shop, as_role: AsRole) -> None:
    dock = Dock(Stage(shop))
    number = dock.paid()
    boss = as_role("manager")
    before = {row[0]: row for row in cells(boss.open("/reports/templates"), "versions")[1:]}
    assert before, "nothing was mailed"
    assert all(row[4] == "0" for row in before.values())
    with shop.reading():
        thread = dock.stage.row(number).id
    first = next(one for one in shop.messages(thread) if one.direction == "in" and one.mail_id)
    with clock.pretending(clock.now()):
        shop.take(
            text="When will my order arrive? I have not heard from you.", in_reply_to=f"<{first.mail_id}>"
        )
    after = {row[0]: row for row in cells(boss.open("/reports/templates"), "versions")[1:]}
    asked = [name for name, row in after.items() if row[4] == "1"]
    assert len(asked) <= 1
    follow(boss, "/reports/templates")
    assert "/playbook/how/finding/template" in boss.open("/reports/templates").html


@pytest.mark.parametrize("query", ["from=soon", "against=maybe", "from=2026-11-02&to=2026-11-01"])
def test_days_that_cannot_be_used_are_named_and_kept(as_confirmed: AsRole, query: str) -> None:
    boss = as_confirmed("manager")
    for path in ("/reports", *(f"/reports/{kind}" for kind in KINDS)):
        page = boss.open(f"{path}?{query}")
        assert page.status == 422
        assert "The usual days are shown." in page
    assert boss.open(f"/reports/money/flow.csv?{query}").status == 422


def test_another_range_is_compared_with(shop: Shop, as_confirmed: AsRole) -> None:
    Dock(Stage(shop)).paid()
    query = "from=2026-11-02&to=2026-11-05&against=2026-11-02"
    rows = table(as_confirmed("manager"), "money", "flow", query)
    assert all(row[2:4] == row[4:6] for row in rows[1:])
    assert len(rows) > 1


@pytest.mark.parametrize(
    "path", ["/reports", "/reports/today", "/reports/saved", *(f"/reports/{kind}" for kind in KINDS)]
)
def test_a_report_asks_a_fixed_number_of_queries(shop: Shop, as_role: AsRole, path: str) -> None:
    dock, boss = Dock(Stage(shop)), as_role("manager")
    dock.paid(when=clock.now())
    swept(shop)
    boss.open(path)  # what a process remembers is remembered now
    dock.paid(when=clock.now())
    few = len(statements(shop, boss, path))
    again = len(statements(shop, boss, path))
    for _ in range(3):
        dock.paid(when=clock.now())
    assert len(statements(shop, boss, path)) == few
    assert few <= 44
    if path.rpartition("/")[2] not in ("procedure", "funnel"):
        assert again <= 6, "nothing has changed since"


def statements(shop: Shop, boss: Browser, path: str) -> list[str]:
    """What the database was asked for a page, without what the frame remembers for a while."""
    found: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    with shop.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert boss.open(path).status == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return [one for one in found if "FROM person" not in one and "OUTER JOIN mailbox" not in one]
