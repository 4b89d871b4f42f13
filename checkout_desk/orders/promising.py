"""The stock that a quote promises: held while it is live, committed when it is paid, free again when it ends.

What a quote holds is read from the ledger, not remembered, and each movement names its occasion: a retry moves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product, StockMovement
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Quote


@dataclass(frozen=True, slots=True)
class Short:
    """A product of which fewer pieces are available than a quote promises."""

    product_id: int
    name: str
    wanted: int
    available: int


class Shortage(Refused):
    """A quote promises more than there is. `rows` name every product that is short."""

    def __init__(self, rows: list[Short]) -> None:
        told = "; ".join(
            f"{row.available or 'none'} of {row.name} can be promised, {row.wanted} wanted" for row in rows
        )
        super().__init__(f"There is not enough in stock: {told}. Nothing was sent; change the order first.")
        self.rows = rows


def wanted(quote: Quote) -> dict[int, int]:
    """Product id → pieces that the quote promises, in the order of the ids."""
    found: Counter[int] = Counter()
    for line in quote.content["lines"]:
        found[line["product"]] += line["quantity"]
    return {product_id: found[product_id] for product_id in sorted(found)}


def held(quote: Quote) -> dict[int, int]:
    """Product id → pieces that the ledger holds for the quote now."""
    return _balance(quote, "held")


def committed(quote: Quote) -> dict[int, int]:
    """Product id → pieces that are sold by the quote and not shipped."""
    return _balance(quote, "committed")


def hold(quote: Quote, *, instead_of: Quote | None = None) -> None:
    """Hold what the quote promises; what `instead_of` holds is moved over. Raises Shortage, and nothing has moved."""
    want, old = wanted(quote), held(instead_of) if instead_of else {}
    have = held(quote)
    products = sorted(want.keys() | old.keys())
    lock(products)
    free = stock.availability(products)
    short = [
        Short(product_id, _name(product_id), n, max(free[product_id].available + old.get(product_id, 0), 0))
        for product_id, n in want.items()
        if n - have.get(product_id, 0) > free[product_id].available + old.get(product_id, 0)
    ]
    if short:
        raise Shortage(short)
    for product_id in products:
        if instead_of is not None and product_id in old:
            _move(stock.release, instead_of, "release", product_id, old[product_id])
        missing = want.get(product_id, 0) - have.get(product_id, 0)
        if missing > 0:
            _move(stock.hold, quote, "hold", product_id, missing)


def release(quote: Quote) -> None:
    """What is still held for the quote is free again."""
    found = held(quote)
    lock(found)
    for product_id, n in found.items():
        _move(stock.release, quote, "release", product_id, n)


def commit(quote: Quote) -> None:
    """What is held for the quote is sold."""
    found = held(quote)
    lock(found)
    for product_id, n in found.items():
        _move(stock.commit, quote, "commit", product_id, n)


def uncommit(quote: Quote) -> None:
    """What was sold by the quote and is not shipped is free again: its order is cancelled."""
    found = committed(quote)
    lock(found)
    for product_id, n in found.items():
        _move(stock.uncommit, quote, "uncommit", product_id, n)


def lock(product_ids: Iterable[int]) -> None:
    """Hold these products for this transaction, in the order of their ids, so that no two writers wait crosswise."""
    ids = sorted(product_ids)
    db.session.flush()
    if ids:
        db.session.execute(
            select(Product.id).where(Product.id.in_(ids)).order_by(Product.id).with_for_update(key_share=True)
        ).all()


def about(quote: Quote) -> str:
    """What movements and mails of a quote say that they belong to."""
    return f"quote:{quote.id}"


def _move(verb: Callable[..., bool], quote: Quote, word: str, product_id: int, n: int) -> None:
    """One movement. A quote that is taken up again may hold the same product a second time: that is another occasion."""
    times = db.session.scalar(
        select(func.count())
        .select_from(StockMovement)
        .where(
            StockMovement.about == about(quote),
            StockMovement.product_id == product_id,
            StockMovement.kind == ("release" if word == "uncommit" else word),
        )
    )
    occasion = f"{about(quote)}:{word}:{product_id}" + (f":{times + 1}" if times else "")
    verb(product_id, n, about=about(quote), occasion=occasion)


def _balance(quote: Quote, column: str) -> dict[int, int]:
    db.session.flush()
    total = func.sum(getattr(StockMovement, column))
    rows = db.session.execute(
        select(StockMovement.product_id, total)
        .where(StockMovement.about == about(quote))
        .group_by(StockMovement.product_id)
        .having(total > 0)
        .order_by(StockMovement.product_id)
    )
    return {product_id: int(n) for product_id, n in rows}


def _name(product_id: int) -> str:
    return db.session.get_one(Product, product_id).name
