"""Teaching the desk by which words customers call a product, and taking that back. Nothing here commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import literal, select

from checkout_desk import clock
from checkout_desk.catalogue.models import Product, ProductAlias
from checkout_desk.catalogue.phrasing import bare, is_number, is_short, key_of, search_key
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused

MOST = 200
"""aliases of one product"""


def teach(
    product: Product, text: str, *, language: str | None, by_id: int | None, how: str, firmly: bool = False
) -> ProductAlias | None:
    """From now on `text` means `product`; None when there is nothing to teach.

    Nothing to teach is what is the product's name or known already and, unless `firmly`, what fits other products too:
    who chose a teapot once has not said that every "teapot" is that one. Without `firmly` the text is a customer's
    words, so that quantities around them are left away. `how` says where it comes from: 'typed', 'import' or
    'order 1042'. Raises Refused when the words mean another product, are too short, or are only a number.
    """
    text = text.replace(";", ",")  # the sign that sets aliases apart in files
    shown = " ".join(text.split()) if firmly else bare(text)
    reason = unusable(shown or text)
    if reason:
        raise Refused(reason)
    key = key_of(shown)
    if key == product.phrase_key or search_key(shown) in (product.sku_key, product.name_key):
        return None
    other = _meaning(key, shown)
    if other is not None:
        if other.id == product.id:
            return None
        gone = "" if other.active else ", which is not active; undo it there first"
        raise Refused(f"“{shown}” already means {other.name} ({other.sku}){gone}.")
    if not firmly and _fits_others(product, key):
        return None
    return _keep(product, shown, key, language=language, by_id=by_id, how=how)


def unusable(text: str) -> str | None:
    """The sentence that refuses `text` as an alias whatever it means, or None."""
    if len(text) > 200:
        return f"An alias of {len(text)} characters is too long; use at most 200."
    if is_number(text):
        return f"“{text[:80]}” is only a number, which no mail could tell from a quantity; add a word."
    if is_short(text):
        return f"“{text[:80]}” is too short to be told from other words; use three letters or more."
    return None


def untaught(alias: ProductAlias, *, by_id: int | None) -> None:
    """The words do not mean the product any more; the row stays for the record. Harmless to repeat."""
    if alias.undone_at is not None:
        return
    alias.undone_at, alias.undone_by_id = clock.now(), by_id
    record(
        "alias.undone", about=("product", alias.product_id), before={"alias": alias.id, "text": alias.text}
    )


def of(product_ids: Iterable[int]) -> dict[int, list[ProductAlias]]:
    """Product id → its live aliases, oldest first. One query; every asked id is there."""
    wanted = set(product_ids)
    found: dict[int, list[ProductAlias]] = {one: [] for one in wanted}
    if wanted:
        query = select(ProductAlias).where(
            ProductAlias.product_id.in_(wanted), ProductAlias.undone_at.is_(None)
        )
        for alias in db.session.scalars(query.order_by(ProductAlias.id)):
            found[alias.product_id].append(alias)
    return found


def meanings() -> dict[str, int]:
    """Key → product id of all live aliases: what an import compares with."""
    live = select(ProductAlias.key, ProductAlias.product_id).where(ProductAlias.undone_at.is_(None))
    return {row[0]: row[1] for row in db.session.execute(live)}


def _keep(
    product: Product, text: str, key: str, *, language: str | None, by_id: int | None, how: str
) -> ProductAlias:
    now = clock.now()
    alias = ProductAlias(
        product_id=product.id, text=text, text_key=search_key(text), key=key, language=language or None,
        taught_by_id=by_id, taught_at=now, taught_how=how[:120],
    )  # fmt: skip
    db.session.add(alias)
    db.session.flush()
    record("alias.taught", about=product, after={"alias": alias.id, "language": language, "how": how[:120]})
    return alias


def _meaning(key: str, text: str) -> Product | None:
    """The product that these words mean already: by a live alias, or as the name or SKU of an active product."""
    live = select(ProductAlias.product_id).where(ProductAlias.key == key, ProductAlias.undone_at.is_(None))
    found: Product | None = db.session.scalar(select(Product).where(Product.id.in_(live)))
    if found is None:
        named = (Product.phrase_key == key) | (Product.sku_key == search_key(text))
        found = db.session.scalar(select(Product).where(named, Product.active).order_by(Product.id).limit(1))
    return found


def _fits_others(product: Product, key: str) -> bool:
    """Whether another active product's name or alias holds all these words."""
    padded = literal(" ") + Product.phrase_key + literal(" ")
    words = key.split(" ")
    inside = [padded.contains(f" {word} " if word.isascii() else word, autoescape=True) for word in words]
    query = select(Product.id).where(Product.active, Product.id != product.id, *inside).limit(1)
    if db.session.execute(query).first() is not None:
        return True
    called = literal(" ") + ProductAlias.key + literal(" ")
    inside = [called.contains(f" {word} " if word.isascii() else word, autoescape=True) for word in words]
    alias = select(ProductAlias.id).where(
        ProductAlias.undone_at.is_(None), ProductAlias.product_id != product.id, *inside
    )
    return db.session.execute(alias.limit(1)).first() is not None


def by_product() -> dict[int, list[ProductAlias]]:
    """Product id → live aliases, of the whole catalogue (export and the reading's index)."""
    found: dict[int, list[ProductAlias]] = defaultdict(list)
    query = select(ProductAlias).where(ProductAlias.undone_at.is_(None)).order_by(ProductAlias.id)
    for alias in db.session.scalars(query):
        found[alias.product_id].append(alias)
    return found
