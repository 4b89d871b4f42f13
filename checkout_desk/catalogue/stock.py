"""The stock ledger: each movement is one row that is never changed, and the balances of a product change with it.

A balance is changed by one UPDATE whose condition is the check, so that no two people promise the same piece whatever
they read before. Several products in one transaction: move them in the order of their ids, or two writers may wait for
each other. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.catalogue.models import Product, StockMovement
from checkout_desk.events.recording import acting, record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused

MOST = 1_000_000
"""pieces that one movement may move, and that one product may have"""

_P: Any = Product.__table__
_M: Any = StockMovement.__table__
_FREE = _P.c.on_hand - _P.c.held - _P.c.committed


class Short(Refused):
    """Fewer pieces are available than were wanted."""

    def __init__(self, name: str, *, wanted: int, available: int) -> None:
        super().__init__(f"Only {max(available, 0)} of {name} can be promised; {wanted} were wanted.")
        self.wanted = wanted
        self.available = available


@dataclass(frozen=True, slots=True)
class Stock:
    """A product's balances. `available` is below zero where a count found fewer than was promised."""

    on_hand: int
    held: int
    committed: int
    available: int
    restock_on: date | None
    restock_quantity: int | None


@dataclass(frozen=True, slots=True)
class _Deltas:
    on_hand: int = 0
    held: int = 0
    committed: int = 0


def receive(
    product_id: int, quantity: int, *, about: str | None = None, occasion: str | None = None, reason: str = ""
) -> bool:
    """`quantity` pieces came in.

    For all verbs: `about` is what the movement belongs to ('order:12'), `occasion` names why it exists: the same
    occasion moves stock once, and False says that it had done so before. Raises Refused with a sentence.
    """
    return _move("receive", product_id, _Deltas(on_hand=_checked(quantity)), about, occasion, reason)


def count(
    product_id: int, quantity: int, *, about: str | None = None, occasion: str | None = None, reason: str = ""
) -> bool:
    """Somebody counted `quantity` pieces: that many are on hand, promised or not. A count that agrees is kept too."""
    if not 0 <= quantity <= MOST:
        raise Refused(f"{quantity} cannot be counted; use a whole number from 0 to {MOST}.")
    query = select(_P.c.on_hand).where(_P.c.id == product_id).with_for_update()
    db.session.flush()
    on_hand = db.session.execute(query).scalar_one()
    return _move("count", product_id, _Deltas(on_hand=quantity - on_hand), about, occasion, reason)


def count_many(counted: Mapping[int, int], *, reason: str) -> int:
    """Product id → counted pieces, of many products at once. Returns how many differed; only those get a movement."""
    db.session.flush()
    query = select(_P.c.id, _P.c.on_hand).where(_P.c.id.in_(counted)).order_by(_P.c.id).with_for_update()
    rows = [(row.id, counted[row.id] - row.on_hand) for row in db.session.execute(query)]
    rows = [(product_id, by) for product_id, by in rows if by]
    if rows:
        now, actor = clock.now(), acting()[:40]
        moved = update(_P).where(_P.c.id == bindparam("of")).values(on_hand=_P.c.on_hand + bindparam("by"))
        db.session.connection().execute(moved, [{"of": product_id, "by": by} for product_id, by in rows])
        db.session.execute(insert(_M), [
            {"product_id": product_id, "kind": "count", "on_hand": by, "held": 0, "committed": 0, "reason": reason[:200],
             "actor": actor, "at": now} for product_id, by in rows
        ])  # fmt: skip
        for product_id, by in rows:
            _expire(product_id)
            record("stock.count", about=("product", product_id), after={"on_hand": by})
    return len(rows)


def hold(
    product_id: int, quantity: int, *, about: str | None, occasion: str | None = None, reason: str = ""
) -> bool:
    """Promise `quantity` pieces. Raises Short when fewer are available."""
    wanted = _checked(quantity)
    return _move("hold", product_id, _Deltas(held=wanted), about, occasion, reason, guard=wanted <= _FREE)


def release(
    product_id: int, quantity: int, *, about: str | None, occasion: str | None = None, reason: str = ""
) -> bool:
    """What was held is free again."""
    return _move("release", product_id, _Deltas(held=-_checked(quantity)), about, occasion, reason)


def commit(
    product_id: int, quantity: int, *, about: str | None, occasion: str | None = None, reason: str = ""
) -> bool:
    """What was held is sold."""
    n = _checked(quantity)
    return _move("commit", product_id, _Deltas(held=-n, committed=n), about, occasion, reason)


def uncommit(
    product_id: int, quantity: int, *, about: str | None, occasion: str | None = None, reason: str = ""
) -> bool:
    """What was sold and has not been shipped is free again (movement 'release')."""
    return _move("release", product_id, _Deltas(committed=-_checked(quantity)), about, occasion, reason)


def ship(
    product_id: int, quantity: int, *, about: str | None, occasion: str | None = None, reason: str = ""
) -> bool:
    """What was sold has left the store."""
    n = _checked(quantity)
    return _move("ship", product_id, _Deltas(on_hand=-n, committed=-n), about, occasion, reason)


def take_back(
    product_id: int, quantity: int, *, about: str | None, occasion: str | None = None, reason: str = ""
) -> bool:
    """Pieces came back and can be sold again (movement 'return')."""
    return _move("return", product_id, _Deltas(on_hand=_checked(quantity)), about, occasion, reason)


def scrap(
    product_id: int, quantity: int, *, about: str | None = None, occasion: str | None = None, reason: str = ""
) -> bool:
    """Pieces are broken or lost."""
    return _move("scrap", product_id, _Deltas(on_hand=-_checked(quantity)), about, occasion, reason)


_BALANCES = select(
    _P.c.id,
    _P.c.on_hand,
    _P.c.held,
    _P.c.committed,
    _FREE.label("free"),
    _P.c.restock_on,
    _P.c.restock_quantity,
).where(_P.c.id.in_(bindparam("ids", expanding=True)))


def availability(ids: Iterable[int]) -> dict[int, Stock]:
    """Product id → its balances and restock. One query; ids that do not exist are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    db.session.flush()
    return {row[0]: Stock(*row[1:]) for row in db.session.execute(_BALANCES, {"ids": sorted(wanted)})}


def check() -> list[str]:
    """Sentences for every product whose balances are not what its ledger gives when it is replayed."""
    m = _M.c
    replay = (
        select(
            m.product_id,
            func.sum(m.on_hand).label("on_hand"),
            func.sum(m.held).label("held"),
            func.sum(m.committed).label("committed"),
        )
        .group_by(m.product_id)
        .subquery()
    )
    rows = db.session.execute(
        select(_P.c.sku, *(
            pair for name in ("on_hand", "held", "committed")
            for pair in (_P.c[name], func.coalesce(replay.c[name], 0).label(f"ledger_{name}"))
        )).outerjoin(replay, replay.c.product_id == _P.c.id).order_by(_P.c.id)
    )  # fmt: skip
    wrong = []
    for sku, *figures in rows:
        pairs = zip(("on hand", "held", "committed"), figures[::2], figures[1::2], strict=True)
        wrong += [
            f"{sku} shows {shown} {name}, its ledger gives {int(true)}"
            for name, shown, true in pairs
            if shown != true
        ]
    return wrong


def _checked(quantity: int) -> int:
    if not 1 <= quantity <= MOST:
        raise Refused(f"{quantity} pieces cannot be moved; use a whole number from 1 to {MOST}.")
    return quantity


def _move(
    kind: str,
    product_id: int,
    by: _Deltas,
    about: str | None,
    occasion: str | None,
    reason: str,
    *,
    guard: ColumnElement[bool] | None = None,
) -> bool:
    db.session.flush()
    if not _change_balances(product_id, by, guard):
        if occasion is not None and _happened(occasion):
            return False
        raise _refusal(kind, product_id, by)
    values = {
        "product_id": product_id, "kind": kind, "on_hand": by.on_hand, "held": by.held, "committed": by.committed,
        "occasion": occasion, "about": about, "reason": reason[:200], "actor": acting()[:40], "at": clock.now(),
    }  # fmt: skip
    # The update above holds the product's row, so of two that name one occasion the second sees the first one's row.
    written = db.session.execute(_INSERT[db.engine.dialect.name], values).first()
    if written is None:
        _change_balances(product_id, _Deltas(-by.on_hand, -by.held, -by.committed), None)
        return False
    after = {name: value for name, value in vars_of(by).items() if value}
    record(f"stock.{kind}", about=("product", product_id), after=after | ({"for": about} if about else {}))
    return True


def vars_of(by: _Deltas) -> dict[str, int]:
    """The deltas by name."""
    return {"on_hand": by.on_hand, "held": by.held, "committed": by.committed}


_INSERT = {
    "sqlite": sqlite.insert(_M).on_conflict_do_nothing(index_elements=["occasion"]).returning(_M.c.id),
    "postgresql": postgresql.insert(_M)
    .on_conflict_do_nothing(index_elements=["occasion"])
    .returning(_M.c.id),
}


def _change_balances(product_id: int, by: _Deltas, guard: ColumnElement[bool] | None) -> bool:
    columns = {name: _P.c[name] + value for name, value in vars_of(by).items() if value}
    sound = and_(*(value >= 0 for value in columns.values()), _P.c.on_hand + by.on_hand <= MOST)
    statement = update(_P).where(_P.c.id == product_id, sound)
    if guard is not None:
        statement = statement.where(guard)
    # A count that agrees changes nothing and still has to hold the row.
    changed = db.session.execute(statement.values(columns or {"on_hand": _P.c.on_hand}))
    _expire(product_id)
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _expire(product_id: int) -> None:
    """A product that this session has loaded reads its balances anew."""
    loaded = db.session.identity_map.get(db.session.identity_key(Product, product_id))
    if loaded is not None:
        db.session.expire(loaded, ["on_hand", "held", "committed"])


def _happened(occasion: str) -> bool:
    return db.session.execute(select(_M.c.id).where(_M.c.occasion == occasion)).first() is not None


def _refusal(kind: str, product_id: int, by: _Deltas) -> Refused:
    query = select(_P.c.name, _P.c.on_hand, _P.c.held, _P.c.committed).where(_P.c.id == product_id)
    row = db.session.execute(query).first()
    if row is None:
        return Refused("There is no such product.")
    if kind == "hold":
        return Short(row.name, wanted=by.held, available=row.on_hand - row.held - row.committed)
    if row.on_hand + by.on_hand > MOST:
        return Refused(f"{row.name} would have more than {MOST} pieces; check the number.")
    if kind == "release" and by.committed:
        return Refused(f"Only {row.committed} of {row.name} are sold and waiting, not {-by.committed}.")
    if kind in ("release", "commit"):
        return Refused(f"Only {row.held} of {row.name} are held, not {-by.held}.")
    if kind == "ship" and row.committed + by.committed < 0:
        return Refused(f"Only {row.committed} of {row.name} are sold and waiting, not {-by.committed}.")
    return Refused(f"Only {row.on_hand} of {row.name} are on hand, not {-by.on_hand}; count them first.")
