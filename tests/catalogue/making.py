"""Products for the tests of the catalogue."""

from __future__ import annotations

from typing import Any

from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product


def product(
    sku: str = "MUG-BLU", name: str = "Mug, cobalt blue", price_minor: int = 800, **fields: Any
) -> Product:
    """A product; inside a writing transaction."""
    given = {"currency": "GBP"} | fields
    return products.create(sku=sku, name=name, price_minor=price_minor, **given)
