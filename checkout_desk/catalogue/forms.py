"""The form of a product: what was typed, each field read by `values`, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checkout_desk import money
from checkout_desk.catalogue import values
from checkout_desk.catalogue.models import Product

_READERS: dict[str, Callable[[str], Any]] = {
    "sku": values.sku,
    "name": values.name,
    "currency": values.currency,
    "tax_class": values.tax_class,
    "weight_grams": values.weight,
    "shelf": lambda text: values.line(text, "Shelf", 40),
    "barcode": values.barcode,
    "family": lambda text: values.line(text, "Family", 200),
    "attributes": values.attributes,
    "low_at": lambda text: values.pieces(text, "Low at"),
    "restock_on": lambda text: values.day(text, "Restock date"),
    "restock_quantity": lambda text: values.pieces(text, "Pieces on that date"),
    "hs_code": values.hs_code,
    "origin": values.origin,
}
TICKS = ("active", "fragile", "final_sale")
FIELDS = (*_READERS, "price", *TICKS)


class ProductForm:
    """`typed` is what goes back into the fields, `fields` what `products` takes, `errors` field → sentence."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = {name: typed.get(name, "") for name in FIELDS}
        self.errors: dict[str, str] = {}
        self.fields: dict[str, Any] = {name: bool(self.typed[name]) for name in TICKS}
        for name, read in _READERS.items():
            self._read(name, name, read)
        code = self.fields.get("currency")
        if code:
            self._read("price", "price_minor", lambda text: values.price(text, code))

    def _read(self, name: str, column: str, read: Callable[[str], Any]) -> None:
        try:
            self.fields[column] = read(self.typed[name])
        except ValueError as reason:
            self.errors[name] = str(reason)


def shown(product: Product, family: str) -> dict[str, str]:
    """The fields as the product has them."""
    return {
        "sku": product.sku,
        "name": product.name,
        "currency": product.currency,
        "price": money.plain(product.price_minor, product.currency),
        "tax_class": product.tax_class,
        "weight_grams": _text(product.weight_grams),
        "shelf": product.shelf,
        "barcode": product.barcode or "",
        "family": family,
        "attributes": "; ".join(f"{name}={value}" for name, value in product.attributes.items()),
        "active": "1" if product.active else "",
        "low_at": _text(product.low_at),
        "restock_on": product.restock_on.isoformat() if product.restock_on else "",
        "restock_quantity": _text(product.restock_quantity),
        "hs_code": product.hs_code,
        "origin": product.origin,
        "fragile": "1" if product.fragile else "",
        "final_sale": "1" if product.final_sale else "",
    }


def empty(currency: str) -> dict[str, str]:
    """The fields of a product that is not there yet."""
    return dict.fromkeys(FIELDS, "") | {"currency": currency, "active": "1", "tax_class": "standard"}


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
