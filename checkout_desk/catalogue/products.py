"""What is sold: made, changed and found. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, or_, select
from sqlalchemy.exc import IntegrityError

from checkout_desk import clock
from checkout_desk.catalogue.models import Product, ProductAlias, ProductFamily
from checkout_desk.catalogue.phrasing import is_number, key_of, search_key
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.reading.tokens import word_key

FIELDS = (
    "sku", "name", "price_minor", "currency", "tax_class", "weight_grams", "shelf", "barcode", "family", "attributes",
    "active", "picture_sha256", "picture_type", "low_at", "restock_on", "restock_quantity", "fragile", "hs_code",
    "origin", "final_sale",
)  # fmt: skip
"""what `create` and `change` take; `family` is the family's name, '' for none, or its row"""

_MOST_WORDS = 6


def create(*, sku: str, name: str, price_minor: int, currency: str, **fields: Any) -> Product:
    """A new product of the given FIELDS; its stock is nought until something is received.

    The values are taken as valid (see `values`). Raises Refused for a name that is only a number and for a SKU or a
    barcode that another product has.
    """
    product = fresh({"sku": sku, "name": name, "price_minor": price_minor, "currency": currency, **fields})
    _refuse(product)
    db.session.add(product)
    _flush(product)
    record_created(product)
    return product


def fresh(fields: Mapping[str, Any]) -> Product:
    """A product that is not added yet and whose SKU and barcode were not compared with others'."""
    now = clock.now()
    product = Product(
        on_hand=0, held=0, committed=0, active=True, attributes={}, created_at=now, updated_at=now
    )
    _set(product, fields)
    return product


def record_created(product: Product) -> None:
    """Note a flushed product in the record."""
    seen = ("sku", "name", "price_minor", "currency", "barcode", "family", "attributes", "active")
    record("product.created", about=product, after=_plain(product, seen))


def change(product: Product, **fields: Any) -> bool:
    """Set the FIELDS that differ and record before and after. Returns whether anything was different. Raises as `create`."""
    with db.session.no_autoflush:
        changed = alter(product, fields)
        if changed & {"sku", "name", "barcode"}:
            _refuse(product)
    if changed:
        _flush(product)
    return bool(changed)


def alter(product: Product, fields: Mapping[str, Any]) -> set[str]:
    """As `change`, but nothing is compared with other products or flushed. Returns which fields are different now."""
    before = _plain(product, fields)
    _set(product, fields)
    after = _plain(product, fields)
    changed = {name for name in fields if before[name] != after[name]}
    if changed:
        product.updated_at = clock.now()
        kept = {name: before[name] for name in fields if name in changed}
        record("product.changed", about=product, before=kept, after={name: after[name] for name in kept})
    return changed


def by_sku(sku: str) -> Product | None:
    """The product with this SKU, in any case."""
    found: Product | None = db.session.scalar(select(Product).where(Product.sku_key == sku_key(sku)))
    return found


def by_code(code: str) -> Product | None:
    """The product whose barcode or SKU was scanned or typed."""
    found: Product | None = db.session.scalar(select(Product).where(Product.barcode == code.strip()))
    return found or by_sku(code)


_THESE = select(Product).where(Product.id.in_(bindparam("ids", expanding=True)))


def get(ids: Iterable[int]) -> dict[int, Product]:
    """The products with these ids. One query."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {p.id: p for p in db.session.scalars(_THESE, {"ids": sorted(wanted)})}


def find(words: str, *, limit: int = 8, active: bool = True) -> list[Product]:
    """The products that fit what is being typed: SKU, words of the name, aliases, barcode; the likeliest first.

    `active` leaves out those that are not sold any more.
    """
    query = select(Product).where(*matching(words))
    if active:
        query = query.where(Product.active)
    typed, code = search_key(words), words.strip()
    likely = case(
        (or_(Product.sku_key == typed, Product.barcode == code), 0),
        (Product.sku_key.startswith(typed, autoescape=True), 1),
        (Product.name_key.startswith(typed, autoescape=True), 2),
        else_=3,
    )
    return list(db.session.scalars(query.order_by(likely, Product.name_key, Product.id).limit(limit)))


def matching(words: str) -> list[ColumnElement[bool]]:
    """Conditions on Product that every word of `words` fits; none for an empty text."""
    conditions: list[ColumnElement[bool]] = []
    for word in search_key(words).split()[:_MOST_WORDS]:
        # "mugs" finds "Mug" and "azul" finds "blue": by the stems that the reading compares.
        stem = word_key(word)
        called = select(ProductAlias.product_id).where(
            ProductAlias.undone_at.is_(None),
            or_(
                ProductAlias.text_key.contains(word, autoescape=True),
                ProductAlias.key.contains(stem, autoescape=True),
            ),
        )
        conditions.append(
            or_(
                Product.sku_key.startswith(word, autoescape=True),
                Product.name_key.contains(word, autoescape=True),
                Product.phrase_key.contains(stem, autoescape=True),
                Product.barcode == word,
                Product.id.in_(called),
            )
        )
    return conditions


def sku_key(sku: str) -> str:
    """How a SKU is compared, as the reading does."""
    return search_key(sku)[:64]


def family(name: str) -> ProductFamily | None:
    """The family of that name, made where there is none; None for an empty name."""
    shown = " ".join(name.split())
    if not shown:
        return None
    found: ProductFamily | None = db.session.scalar(
        select(ProductFamily).where(ProductFamily.key == search_key(shown))
    )
    if found is None:
        found = ProductFamily(name=shown, key=search_key(shown), attributes=[])
        db.session.add(found)
        db.session.flush()
    return found


def _widen(found: ProductFamily, attributes: Iterable[str]) -> None:
    """Its variants differ in these attributes too."""
    new = [one for one in attributes if one not in found.attributes]
    if new:
        found.attributes = [*found.attributes, *new]


def variants(product: Product) -> list[Product]:
    """The products of its family, itself among them, by name; [] without a family."""
    if product.family_id is None:
        return []
    query = select(Product).where(Product.family_id == product.family_id)
    return list(db.session.scalars(query.order_by(Product.name_key, Product.id)))


def family_names(ids: Iterable[int]) -> dict[int, str]:
    """Family id → name."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(ProductFamily.id, ProductFamily.name).where(ProductFamily.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}


def known_families(limit: int = 200) -> list[str]:
    """Names of families to choose from."""
    return list(db.session.scalars(select(ProductFamily.name).order_by(ProductFamily.key).limit(limit)))


def _set(product: Product, fields: Mapping[str, Any]) -> None:
    unknown = fields.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"a product has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        if name == "family":
            found = family(value) if isinstance(value, str) else value
            product.family_id = found.id if found else None
            if found is not None:
                _widen(found, fields.get("attributes") or product.attributes)
        elif getattr(product, name) != value:
            setattr(product, name, value)
    if "sku" in fields:
        product.sku_key = sku_key(product.sku)
    if "name" in fields:
        product.name_key, product.phrase_key = search_key(product.name), key_of(product.name)


def _refuse(product: Product) -> None:
    if is_number(product.name):
        raise Refused(only_a_number(product.name))
    owner = _alias_owner(product)
    if owner is not None:
        raise Refused(
            f"“{product.name}” is an alias of {owner} already; undo it there first, or use another name."
        )
    _refuse_taken(product, Product.sku_key == product.sku_key, f"The SKU “{product.sku}”")
    if product.barcode:
        _refuse_taken(product, Product.barcode == product.barcode, f"The barcode “{product.barcode}”")


def _alias_owner(product: Product) -> str | None:
    """The name of another product that customers call by this one's name."""
    query = (
        select(Product.id, Product.name)
        .join(ProductAlias, ProductAlias.product_id == Product.id)
        .where(ProductAlias.key == product.phrase_key, ProductAlias.undone_at.is_(None))
    )
    with db.session.no_autoflush:
        row = db.session.execute(query).first()
    return row.name if row is not None and row.id != product.id else None


def only_a_number(name: str) -> str:
    """The sentence that refuses a name without words."""
    return f"The name “{name[:80]}” is only a number, which no mail could tell from a quantity; add a word, such as “Notebook {name[:20]}”."


def _refuse_taken(product: Product, condition: ColumnElement[bool], what: str) -> None:
    with db.session.no_autoflush:
        other = db.session.execute(select(Product.id, Product.name).where(condition)).first()
    if other is not None and other.id != product.id:
        raise Refused(f"{what} belongs to {other.name} already; use another one.")


def _flush(product: Product) -> None:
    sku = product.sku
    try:
        db.session.flush()
    except IntegrityError:  # somebody took the SKU or the barcode at this very moment
        db.session.rollback()
        raise Refused(
            f"The SKU “{sku}” or its barcode was given to another product just now; use another one."
        ) from None


def _plain(product: Product, names: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        if name == "family":
            found[name] = product.family_id
            continue
        value = getattr(product, name)
        found[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return found
