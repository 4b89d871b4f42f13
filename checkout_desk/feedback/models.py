"""The table of feedback: one row an order, from the day on which it is to be asked for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model


class Feedback(Model):
    """What a customer was asked after delivery, once, and what they answered by pressing the button."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("(score IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("ix_feedback_answered", "answered_at", "id"),
        Index(
            "ix_feedback_due",
            "due_at",
            sqlite_where=text("asked_at IS NULL AND skipped_at IS NULL"),
            postgresql_where=text("asked_at IS NULL AND skipped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"), unique=True)
    due_at: Mapped[datetime]
    """from when on it may be asked for"""
    asked_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    """the mail that asked"""
    skipped_at: Mapped[datetime | None]
    skipped_why: Mapped[str] = mapped_column(String(120), default="")
    """why it was never asked for: 'opted out', 'returned'"""
    answered_at: Mapped[datetime | None]
    score: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text, default="")
    step: Mapped[str] = mapped_column(String(4), default="")
    """what went wrong, as a step of the procedure: 'A10'; '' where nothing was named"""
    settled_at: Mapped[datetime | None]
    """when a person has dealt with a low score"""
    settled_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}
