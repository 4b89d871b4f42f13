"""No CSV that leaves the desk holds a cell that a spreadsheet runs (SECURITY A28): every route that gives one is walked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import checkout_desk
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.web import spreadsheets
from tests.builders import Shop
from tests.page import Browser
from tests.signing import post

PACKAGE = Path(checkout_desk.__file__).parent
EVIL = (
    "=HYPERLINK(1)",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "'=1",
)
PAGES = (
    "/reports", "/reports/procedure", "/reports/funnel", "/reports/reading", "/reports/money", "/reports/templates", "/catalogue",
)  # fmt: skip


@pytest.mark.parametrize("cell", EVIL)
def test_a_cell_that_would_run_gets_an_apostrophe_and_comes_back(cell: str) -> None:
    assert spreadsheets.safe(cell) == f"'{cell}"
    assert spreadsheets.unsafe(spreadsheets.safe(cell)) == cell


def test_words_and_numbers_stay_as_they_are() -> None:
    written = "".join(spreadsheets.lines([("Blue mug", "O'Neil", -3, 1.5, "a=b", 'say "hi", now', "")]))
    assert written == 'Blue mug,O\'Neil,-3,1.5,a=b,"say ""hi"", now",\r\n'


def test_no_other_place_writes_csv() -> None:
    writers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if re.search(r"csv\.(Dict)?writer\(|DictWriter\(", path.read_text())
    }
    assert writers == {"web/spreadsheets.py"}


def runs(text: str) -> list[str]:
    """The cells of a CSV that a spreadsheet would take for a formula; a number of ours is none."""
    cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]
    return [
        cell
        for cell in cells
        if re.match(r"\s*[=+\-@＝＋－＠]", cell) and not re.fullmatch(r"-?\d+(\.\d+)?", cell)
    ]


def test_every_route_that_gives_csv_is_walked_with_hostile_words(
    shop: Shop, as_confirmed: Callable[[str], Browser]
) -> None:
    admin = as_confirmed("admin")
    for number, word in enumerate(EVIL):
        plain = word.strip()
        shop.take(sender=f"{plain} <e{number}@evil.example>", subject=plain)
        with shop.writing():
            products.create(sku=f"E-{number}", name=f"{plain} mug", price_minor=100, currency="GBP")
    with shop.writing():
        for customer in db.session.query(Customer):
            customer.name = "=HYPERLINK(2)"
        for person in db.session.query(Person):
            person.name = "=HYPERLINK(3)"
    addresses = {"/catalogue/export.csv"}
    for page in PAGES:
        answer = admin.get(page, query_string={"days": "30"})
        assert answer.status_code == 200, page
        addresses |= {
            href.replace("&amp;", "&") for href in re.findall(r'href="([^"]+\.csv[^"]*)"', answer.text)
        }
    answers = {address: admin.get(address) for address in sorted(addresses)}
    sent = post(shop.app, admin.client, "/records/events.csv", {"q": ""})
    told = {address: answer.text for address, answer in answers.items()} | {"/records/events.csv": sent.text}
    assert {address for address, answer in answers.items() if answer.status_code != 200} == set()
    assert sent.status_code == 200
    adapter = shop.app.url_map.bind("localhost")
    walked = {
        adapter.match(
            address.partition("?")[0], method="POST" if "events" in address else "GET", return_rule=True
        )[0].rule
        for address in told
    }
    assert {rule.rule for rule in shop.app.url_map.iter_rules() if "csv" in rule.rule} == walked
    assert {address: found for address, text in told.items() if (found := runs(text))} == {}
    assert "'=HYPERLINK" in told["/catalogue/export.csv"] and "'+1+1" in told["/catalogue/export.csv"]
