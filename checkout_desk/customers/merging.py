"""Two customers that turn out to be one person: looked at first, merged, and taken apart again if that was wrong.

What belongs to customers lives in packages above this one; each comes as a `Follower`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from checkout_desk import clock
from checkout_desk.customers.models import Customer, CustomerAddress, CustomerMerge
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused

FACTS = ("name", "language", "country", "phone", "note", "group")


@dataclass(frozen=True)
class Follower:
    """Rows that go where their customer goes: `column` is their customer's id, `id_column` their own.

    `since(emails, at, customer_id)` finds those that began after a merge by what these addresses wrote, so that undoing
    takes them along.
    """

    name: str
    column: Any
    id_column: Any
    since: Callable[[Sequence[str], datetime, int], list[int]] | None = None


@dataclass(frozen=True)
class Preview:
    """What a merge would do: how many rows of each kind would move, which addresses, which facts would be filled."""

    kept: Customer
    gone: Customer
    addresses: list[str]
    moves: dict[str, int]
    filled: dict[str, Any]
    differs: dict[str, tuple[Any, Any]]
    """facts that both have and that are not the same: (kept, gone); the kept one's stays"""


def preview(kept: Customer, gone: Customer, *, followers: Sequence[Follower]) -> Preview:
    """What `merge` would do now. Raises Refused when it would refuse."""
    _check(kept, gone)
    emails = select(CustomerAddress.email).where(CustomerAddress.customer_id == gone.id)
    return Preview(
        kept=kept,
        gone=gone,
        addresses=list(db.session.scalars(emails.order_by(CustomerAddress.id))),
        moves={
            f.name: db.session.scalar(select(func.count()).where(f.column == gone.id)) or 0 for f in followers
        },
        filled={
            name: getattr(gone, name) for name in FACTS if getattr(gone, name) and not getattr(kept, name)
        },
        differs={
            name: (getattr(kept, name), getattr(gone, name))
            for name in FACTS
            if getattr(kept, name) and getattr(gone, name) and getattr(kept, name) != getattr(gone, name)
        },
    )


def _check(kept: Customer, gone: Customer) -> None:
    if kept.id == gone.id:
        raise Refused("These are one customer already.")
    for customer in (kept, gone):
        if customer.merged_into_id is not None:
            raise Refused(
                f"{customer.name or 'This customer'} was merged into another already; look at that one."
            )


def _locked(*ids: int) -> dict[int, Customer]:
    """These customers, locked in one order so that two merges never wait for each other crosswise."""
    rows = db.session.scalars(
        select(Customer)
        .where(Customer.id.in_(ids))
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def merge(kept_id: int, gone_id: int, *, by_id: int, followers: Sequence[Follower]) -> CustomerMerge:
    """Everything of `gone` becomes `kept`'s. Call inside a writing transaction; the caller commits. Raises Refused."""
    found = _locked(kept_id, gone_id)
    kept, gone = found[kept_id], found[gone_id]
    plan = preview(kept, gone, followers=followers)
    before: dict[str, Any] = {
        "facts": {name: getattr(kept, name) for name in plan.filled},
        "filled": plan.filled,
    }
    before["addresses"] = _move(CustomerAddress.customer_id, CustomerAddress.id, gone.id, kept.id)
    for follower in followers:
        before[follower.name] = _move(follower.column, follower.id_column, gone.id, kept.id)
    for name, value in plan.filled.items():
        setattr(kept, name, value)
    gone.merged_into_id = kept.id
    merged = CustomerMerge(kept_id=kept.id, gone_id=gone.id, at=clock.now(), by_id=by_id, before=before)
    db.session.add(merged)
    db.session.flush()
    moved = {name: len(ids) for name, ids in before.items() if isinstance(ids, list)}
    record("customer.merged", about=kept, after={"customer": gone.id, "merge": merged.id, **moved})
    return merged


def _move(column: Any, id_column: Any, source: int, target: int) -> list[int]:
    rows = update(column.class_).where(column == source).values({column.key: target}).returning(id_column)
    return sorted(db.session.scalars(rows.execution_options(synchronize_session=False)))


def undo(merge_id: int, *, by_id: int, followers: Sequence[Follower]) -> CustomerMerge:
    """Take a merge apart: what moved goes back, and what its addresses began since goes with them. Raises Refused.

    A fact that the merge filled in is emptied again unless somebody changed it since.
    """
    merged = db.session.get_one(CustomerMerge, merge_id, with_for_update=True, populate_existing=True)
    if merged.undone_at is not None:
        raise Refused("These two have been taken apart already.")
    found = _locked(merged.kept_id, merged.gone_id)
    kept, gone = found[merged.kept_id], found[merged.gone_id]
    if kept.merged_into_id is not None:
        raise Refused(f"{kept.name or 'The customer'} was itself merged since; undo that merge first.")
    before = merged.before
    emails = _back(CustomerAddress.customer_id, CustomerAddress.id, before["addresses"], kept.id, gone.id)
    texts = list(db.session.scalars(select(CustomerAddress.email).where(CustomerAddress.id.in_(emails))))
    for follower in followers:
        ids = list(before.get(follower.name, []))
        if follower.since:
            ids += follower.since(texts, merged.at, kept.id)
        _back(follower.column, follower.id_column, ids, kept.id, gone.id)
    for name, value in before["filled"].items():
        if getattr(kept, name) == value:
            setattr(kept, name, before["facts"][name])
    gone.merged_into_id = None
    merged.undone_at, merged.undone_by_id = clock.now(), by_id
    record("customer.merge_undone", about=kept, after={"customer": gone.id, "merge": merged.id})
    return merged


def _back(column: Any, id_column: Any, ids: Sequence[int], source: int, target: int) -> list[int]:
    """Those of `ids` that are still `source`'s become `target`'s again."""
    moved: list[int] = []
    for at in range(0, len(ids), 500):
        rows = (
            update(column.class_)
            .where(id_column.in_(ids[at : at + 500]), column == source)
            .values({column.key: target})
            .returning(id_column)
            .execution_options(synchronize_session=False)
        )
        moved += db.session.scalars(rows)
    return sorted(moved)


def alike(customer: Customer, *, limit: int = 3) -> list[Customer]:
    """Other customers of the same full name: perhaps the same person. A single word is no full name."""
    if " " not in customer.name_key:
        return []
    rows = (
        select(Customer)
        .where(
            Customer.name_key == customer.name_key,
            Customer.id != customer.id,
            Customer.merged_into_id.is_(None),
        )
        .order_by(Customer.id)
        .limit(limit)
    )
    return list(db.session.scalars(rows))
