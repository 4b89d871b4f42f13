"""The catalogue of the large store: some two hundred products, each received once, so that its ledger balances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from checkout_desk.catalogue.models import Product, ProductFamily, StockMovement
from checkout_desk.catalogue.phrasing import search_key
from checkout_desk.catalogue.products import sku_key
from checkout_desk.seeding import corpus

RECEIVED = 500
"""pieces of each product"""
TABLES = (ProductFamily, Product, StockMovement)


@dataclass(frozen=True, slots=True)
class Good:
    """What an order needs to know of a product."""

    id: int
    sku: str
    name: str
    price_minor: int


def make(
    rng: Random, *, at: datetime, currency: str, free: Callable[[str], int], note: Callable[..., None]
) -> tuple[list[Good], dict[str, list[dict[str, Any]]]]:
    """The products and their rows by table name. `free` numbers rows, `note` tells the record of them."""
    rows: dict[str, list[dict[str, Any]]] = {model.__tablename__: [] for model in TABLES}
    goods = []
    for thing in corpus.THINGS:
        family_id = free(ProductFamily.__tablename__)
        rows[ProductFamily.__tablename__].append(
            {"id": family_id, "name": thing.title(), "key": thing.casefold(), "attributes": ["colour"]}
        )
        price = rng.randrange(9, 90) * 100 - 5
        for colour in corpus.COLOURS:
            name, sku = f"{colour.title()} {thing}", f"{thing}-{colour}".upper()
            good = Good(free(Product.__tablename__), sku, name, price)
            goods.append(good)
            rows[Product.__tablename__].append(
                {"id": good.id, "sku": sku, "sku_key": sku_key(sku), "name": name, "name_key": search_key(name),
                 "price_minor": price, "currency": currency, "tax_class": "standard", "weight_grams": rng.randrange(2, 30) * 50,
                 "shelf": f"{rng.choice('ABCDEF')}{rng.randrange(1, 30)}", "family_id": family_id,
                 "attributes": {"colour": colour}, "active": True, "on_hand": RECEIVED, "held": 0, "committed": 0,
                 "created_at": at, "updated_at": at, "version": 1}
            )  # fmt: skip
            seen = {"sku": sku, "name": name, "price_minor": price, "currency": currency, "barcode": None,
                    "family": family_id, "attributes": {"colour": colour}, "active": True}  # fmt: skip
            note(at, "desk", "product.created", ("product", good.id), after=seen)
            rows[StockMovement.__tablename__].append(
                {"id": free(StockMovement.__tablename__), "product_id": good.id, "kind": "receive", "on_hand": RECEIVED,
                 "held": 0, "committed": 0, "reason": "", "actor": "desk", "at": at}
            )  # fmt: skip
            note(at, "desk", "stock.receive", ("product", good.id), after={"on_hand": RECEIVED})
    return goods, rows
