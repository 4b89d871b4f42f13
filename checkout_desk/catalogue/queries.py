"""Reads for the pages of the catalogue: lists by keyset, whatever the size of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product, StockMovement
from checkout_desk.extensions import db

PAGE = 50
LEDGER_PAGE = 20

AVAILABLE = Product.on_hand - Product.held - Product.committed
LOW = and_(Product.active, or_(AVAILABLE < 0, Product.low_at >= AVAILABLE))
"""fewer than were promised, or no more than the number from which somebody wants to know"""

VIEWS: dict[str, ColumnElement[bool]] = {
    "": Product.active.is_(True),
    "low": LOW,
    "inactive": Product.active.is_(False),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list, and the cursors of its neighbours (None: there is none)."""

    products: list[Product]
    after: int | None
    before: int | None


def listed(words: str, view: str, *, after: int | None = None, before: int | None = None) -> Listed:
    """The page of `view` that fits `words`, by name, behind the product `after` or in front of `before`."""
    query = select(Product).where(VIEWS[view], *products.matching(words))
    back = before is not None
    edge = db.session.get(Product, before if back else after) if back or after is not None else None
    key = (Product.name_key.desc(), Product.id.desc()) if back else (Product.name_key, Product.id)
    if edge is not None:
        name = Product.name_key < edge.name_key if back else Product.name_key > edge.name_key
        same = Product.id < edge.id if back else Product.id > edge.id
        query = query.where(or_(name, and_(Product.name_key == edge.name_key, same)))
    rows = list(db.session.scalars(query.order_by(*key).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    if not rows:
        return Listed([], None, None)
    further = more if not back else edge is not None
    nearer = more if back else edge is not None
    return Listed(rows, rows[-1].id if further else None, rows[0].id if nearer else None)


def counts(words: str) -> dict[str, int]:
    """View → how many products of it fit `words`. One query."""
    columns = [func.count().filter(condition) for condition in VIEWS.values()]
    row = db.session.execute(select(*columns).select_from(Product).where(*products.matching(words))).one()
    return dict(zip(VIEWS, row, strict=True))


def movements(product_id: int, *, before: int | None = None) -> tuple[Sequence[StockMovement], int | None]:
    """The product's ledger, newest first, and the cursor of the next page."""
    query = select(StockMovement).where(StockMovement.product_id == product_id)
    if before is not None:
        query = query.where(StockMovement.id < before)
    rows = db.session.scalars(query.order_by(StockMovement.id.desc()).limit(LEDGER_PAGE + 1)).all()
    return rows[:LEDGER_PAGE], rows[LEDGER_PAGE - 1].id if len(rows) > LEDGER_PAGE else None


def counted_by(actor: str, *, limit: int = 12) -> list[tuple[StockMovement, Product]]:
    """What this person counted last, newest first."""
    query = (
        select(StockMovement, Product)
        .join(Product, Product.id == StockMovement.product_id)
        .where(StockMovement.kind == "count", StockMovement.actor == actor)
        .order_by(StockMovement.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def names_of(actors: set[str], ids: set[int]) -> dict[str, str]:
    """Actor ('person:7', 'desk', 'command') → who that is; `ids` are people to name besides."""
    wanted = {int(actor[7:]) for actor in actors if actor.startswith("person:")} | ids
    rows: Sequence[Any] = ()
    if wanted:
        rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).all()
    known = {"desk": "The desk", "customer": "The customer", "command": "Command line"}
    return known | {f"person:{row.id}": row.name for row in rows}
