"""The catalogue as the reading takes it: built once, kept by the process, and built anew when the catalogue changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import func, literal, select

from checkout_desk.catalogue import aliasing
from checkout_desk.catalogue.models import Product, ProductAlias
from checkout_desk.extensions import db
from checkout_desk.reading.catalogue import Catalogue, CatalogueEntry


@dataclass(frozen=True, slots=True)
class Prepared:
    """The active products, ready to be read by."""

    catalogue: Catalogue
    ids: dict[str, int]
    """SKU as in the catalogue → product id"""
    prices: dict[str, tuple[int, str]]
    """SKU → (price in minor units, currency)"""


_EMPTY = Prepared(Catalogue(), {}, {})

# All of it only ever grows: a version with each change, an id with each new alias. The instant tells apart two
# transactions of which one was rolled back.
_STAMP = select(
    select(func.count()).select_from(Product).scalar_subquery(),
    select(func.sum(Product.version)).scalar_subquery(),
    select(func.max(Product.updated_at)).scalar_subquery(),
    select(func.max(ProductAlias.id)).scalar_subquery(),
    select(func.max(ProductAlias.taught_at)).scalar_subquery(),
    select(func.count(ProductAlias.undone_at)).scalar_subquery(),
)


def index() -> Prepared:
    """The index over all active products with their aliases. One cheap query where nothing changed."""
    stamp = tuple(db.session.execute(_STAMP).one())
    kept: tuple[Any, Prepared] | None = current_app.extensions.get("desk_catalogue")
    if kept is None or kept[0] != stamp:
        kept = current_app.extensions["desk_catalogue"] = (stamp, _build() if stamp[0] else _EMPTY)
    return kept[1]


def empty() -> bool:
    """Whether there is nothing to order: no active product."""
    query = select(literal(1)).select_from(Product).where(Product.active).limit(1)
    return db.session.execute(query).first() is None


def _build() -> Prepared:
    called = aliasing.by_product()
    p = Product
    rows = db.session.execute(
        select(p.id, p.sku, p.name, p.price_minor, p.currency).where(p.active).order_by(p.id)
    ).all()
    entries = [
        CatalogueEntry(
            row.sku,
            row.name,
            tuple(alias.text for alias in called.get(row.id, ())),
            row.price_minor,
            row.currency,
        )
        for row in rows
    ]
    return Prepared(
        Catalogue(entries),
        {row.sku: row.id for row in rows},
        {row.sku: (row.price_minor, row.currency) for row in rows},
    )
