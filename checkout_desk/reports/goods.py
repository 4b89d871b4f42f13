"""Stock at this moment, from the ledger's balances, and how fast it sells, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from checkout_desk.catalogue.models import Product, StockMovement
from checkout_desk.extensions import db
from checkout_desk.reports.dayrows import DayRow, Sheet
from checkout_desk.reports.period import Period

_P, _M = Product, StockMovement
_SOLD = or_(_M.kind == "commit", (_M.kind == "release") & (_M.committed < 0))


def rows(period: Period) -> list[DayRow]:
    """Part: a product's id → sold: pieces that became a sale, less those of sales that were called off. One query."""
    found = db.session.connection().execute(
        select(_M.product_id, _M.at, _M.committed).where(_SOLD, _M.at >= period.start, _M.at < period.end)
    )
    sheet = Sheet()
    for row in found:
        sheet.add(period.day_of(row.at), str(row.product_id), sold=row.committed)
    return sheet.rows()


@dataclass(frozen=True, slots=True)
class Shelf:
    """All products of one currency together."""

    products: int
    available: int
    held: int
    committed: int
    on_hand: int
    value_minor: int
    """what is on hand, at today's prices"""


def shelves() -> dict[str, Shelf]:
    """Currency → its shelf; products that are not sold any more count as long as there are pieces. One query."""
    free = _P.on_hand - _P.held - _P.committed
    totals = db.session.execute(
        select(
            _P.currency, func.count(), func.sum(free), func.sum(_P.held), func.sum(_P.committed), func.sum(_P.on_hand),
            func.sum(_P.on_hand * _P.price_minor),
        )
        .where(or_(_P.active, _P.on_hand > 0))
        .group_by(_P.currency)
        .order_by(_P.currency)
    )  # fmt: skip
    return {row[0]: Shelf(*(int(n) for n in row[1:])) for row in totals}


def balances(ids: list[int]) -> list[Any]:
    """The balances and prices of these products. One query."""
    free = (_P.on_hand - _P.held - _P.committed).label("available")
    return list(
        db.session.execute(
            select(
                _P.id, _P.sku, _P.name, _P.on_hand, _P.held, _P.committed, free, _P.price_minor, _P.currency
            )
            .where(_P.id.in_(ids))
            .order_by(_P.id)
        )
    )


def idle(sold: set[int], *, limit: int) -> list[Any]:
    """Products on hand of which nothing was sold, the dearest stock first. One query."""
    free = (_P.on_hand - _P.held - _P.committed).label("available")
    worth = _P.on_hand * _P.price_minor
    rows_ = db.session.execute(
        select(_P.id, _P.sku, _P.name, _P.on_hand, _P.held, _P.committed, free, _P.price_minor, _P.currency)
        .where(_P.on_hand > 0, _P.id.not_in(sold) if sold else _P.id.is_not(None))
        .order_by(worth.desc(), _P.id)
        .limit(limit)
    )
    return list(rows_)
