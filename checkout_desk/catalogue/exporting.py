"""The catalogue as a CSV file that `importing` takes back unchanged."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.catalogue import aliasing, csvfiles, products
from checkout_desk.catalogue.models import Product, ProductAlias
from checkout_desk.extensions import db


def lines() -> Iterator[str]:
    """The lines of the file, all products by SKU; `stock` is what is on hand."""
    everything = list(db.session.scalars(select(Product).order_by(Product.sku_key, Product.id)))
    called = aliasing.by_product()
    families = products.family_names({p.family_id for p in everything if p.family_id})
    yield from csvfiles.write(
        _row(p, called.get(p.id, []), families.get(p.family_id or 0, "")) for p in everything
    )


def _row(p: Product, aliases: list[ProductAlias], family: str) -> list[str]:
    languages = [alias.language or "" for alias in aliases]
    return [
        p.sku,
        p.name,
        money.plain(p.price_minor, p.currency),
        p.currency,
        str(p.on_hand),
        _text(p.weight_grams),
        ";".join(alias.text for alias in aliases),
        p.shelf,
        p.barcode or "",
        p.tax_class,
        family,
        "; ".join(f"{name}={value}" for name, value in p.attributes.items()),
        "yes" if p.active else "no",
        _text(p.low_at),
        p.restock_on.isoformat() if p.restock_on else "",
        _text(p.restock_quantity),
        ";".join(languages) if any(languages) else "",
        "yes" if p.final_sale else "no",
        "yes" if p.fragile else "no",
        p.hs_code,
        p.origin,
    ]


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
