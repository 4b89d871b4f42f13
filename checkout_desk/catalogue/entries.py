"""The catalogue as the reading takes it: built once, kept by the process, and built anew when the catalogue changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import func, literal, select

from checkout_desk.catalogue import aliasing
from checkout_desk.catalogue.models import CatalogueStamp, Product, ProductAlias
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

_STAMP = select(
    select(CatalogueStamp.stamp).scalar_subquery(),
    # What was put in past the models, such as a large data set, has new numbers.
    select(func.max(Product.id)).scalar_subquery(),
    select(func.max(ProductAlias.id)).scalar_subquery(),
)


def index() -> Prepared:
    """The index over all active products with their aliases. One query of three look-ups where nothing changed."""
    session = db.session()
    if "catalogue_changed" in session.info:  # by this very transaction: nobody else may see it yet
        found: Prepared = session.info.get("catalogue_own") or _build()
        session.info["catalogue_own"] = found
        return found
    stamp = tuple(session.execute(_STAMP).one())
    kept: tuple[Any, Prepared] | None = current_app.extensions.get("desk_catalogue")
    if kept is None or kept[0] != stamp:
        kept = current_app.extensions["desk_catalogue"] = (stamp, _build() if stamp[1] else _EMPTY)
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
