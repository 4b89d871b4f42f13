"""A shop that sells tea and mugs, so that mails can order something."""

from __future__ import annotations

import csv

import pytest

from checkout_desk.catalogue import aliasing, products
from tests.builders import Shop
from tests.reading.cases import HERE


@pytest.fixture
def tea(shop: Shop) -> Shop:
    """The shop with the products of tests/reading/catalogues/tea.csv."""
    with (HERE / "catalogues" / "tea.csv").open(newline="") as file, shop.writing():
        for row in csv.DictReader(file):
            minor = round(float(row["price"]) * 100)
            product = products.create(sku=row["sku"], name=row["name"], price_minor=minor, currency="GBP")
            for alias in filter(None, row["aliases"].split(";")):
                aliasing.teach(product, alias, language=None, by_id=None, how="import", firmly=True)
    return shop
