"""Tables of what is kept about people and for how long: exports, erasures, legal holds, rules of retention."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model


class LegalHold(Model):
    """Somebody said that what belongs to a customer or an order must be kept: nothing of it is erased until it is lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (order_id IS NULL)", name="one"),
        Index(
            "ix_legal_hold_open",
            "lifted_at",
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("customer.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(Key, ForeignKey("order.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    lifted_why: Mapped[str] = mapped_column(String(300), default="")


class Erasure(Model):
    """A customer who is being forgotten, or is: how far it has come, so that it can be gone on with after any death."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("state IN ('running','done')", name="state"),
        Index(
            "uq_erasure_running",
            "customer_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Key, ForeignKey("customer.id"))
    mark: Mapped[str] = mapped_column(String(12), unique=True)
    """random: what the person is called from now on, 'Person 4f2a91c0'"""
    state: Mapped[str] = mapped_column(String(8), default="running")
    step: Mapped[int] = mapped_column(Integer, default=0)
    """place in erasing.STEPS of what is done next"""
    at: Mapped[int] = mapped_column(Key, default=0)
    """the last row of that step that is done"""
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """ids of what belongs to them, and the texts by which files are searched; emptied at the end"""
    files: Mapped[list[Any]] = mapped_column(default=list)
    """digests of the blobs that no row of theirs names any more; emptied as they go"""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """table -> rows that were found"""
    asked_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    done_at: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(String(16))
    claimed_until: Mapped[datetime | None]


class RetentionRule(Model):
    """How many months a class of data is kept after its business is over. No row: for ever."""

    __tablename__ = "retention_rule"
    __table_args__ = (CheckConstraint("months BETWEEN 1 AND 240", name="months"),)

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    """a key of retention.CLASSES"""
    months: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    swept_at: Mapped[datetime | None]
    swept: Mapped[int] = mapped_column(Integer, default=0)
    """how many rows went by this rule so far"""


class PersonExport(Model):
    """A ZIP of everything that is held about one customer: made by a worker, gone after a few days."""

    __tablename__ = "person_export"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Key, ForeignKey("customer.id"), index=True)
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer, default=0)
    fault: Mapped[str] = mapped_column(String(300), default="")
