"""Tables of batches: orders that one person picks and packs in one go. An order is in one open batch at most."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model


class Batch(Model):
    """Orders that one person picks and packs in one go."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state IN ('open','done')", name="state"),
        Index("ix_batch_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    state: Mapped[str] = mapped_column(String(4), default="open")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    claimed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    claimed_until: Mapped[datetime | None]
    """the claim ends by itself, so that nobody's lunch holds up parcels; each scan makes it longer"""
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}


class BatchOrder(Model):
    """One order of a batch. An order is in one open batch at most."""

    __tablename__ = "batch_order"
    __table_args__ = (
        UniqueConstraint("batch_id", "order_id"),
        Index(
            "uq_batch_order_open",
            "order_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    batch_id: Mapped[int] = mapped_column(Key, ForeignKey("batch.id"), index=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    position: Mapped[int] = mapped_column(Integer)
    skipped_at: Mapped[datetime | None]
    """put last by its packer"""
    left_at: Mapped[datetime | None]
    """when it was packed, or taken out"""


class BatchPick(Model):
    """How many pieces of a product were taken from the shelf for a batch."""

    __tablename__ = "batch_pick"
    __table_args__ = (
        UniqueConstraint("batch_id", "product_id"),
        CheckConstraint("picked >= 0", name="picked"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    batch_id: Mapped[int] = mapped_column(Key, ForeignKey("batch.id"))
    product_id: Mapped[int] = mapped_column(Key, ForeignKey("product.id"))
    picked: Mapped[int] = mapped_column(Integer, default=0)
    picked_at: Mapped[datetime]
    picked_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
