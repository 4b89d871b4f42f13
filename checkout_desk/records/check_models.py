"""The table of checks of the record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model


class ChainCheck(Model):
    """One check of the record, from the moment that it was asked for."""

    __tablename__ = "chain_check"
    __table_args__ = (
        Index(
            "uq_chain_check_open",
            "open",
            unique=True,
            sqlite_where=text("open IS NOT NULL"),
            postgresql_where=text("open IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    open: Mapped[int | None] = mapped_column(Integer, default=1)
    """1 until it is finished: one at a time"""
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    done: Mapped[int] = mapped_column(Key, default=0)
    """events that were read and are right"""
    total: Mapped[int] = mapped_column(Key, default=0)
    finished_at: Mapped[datetime | None]
    first_wrong: Mapped[int | None] = mapped_column(Key)
    why: Mapped[str] = mapped_column(String(300), default="")
    beside: Mapped[str] = mapped_column(String(600), default="")
    """the rows before and after the wrong one, in words"""
    hash: Mapped[str] = mapped_column(String(64), default="")
    """with which the record ended, where all of it was right"""
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]
