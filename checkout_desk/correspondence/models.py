"""The store's own versions of templates, and the replies that agents keep.

Version 1 of each template is in `standard/` and has no row, except in languages that `standard/` does not hold it in.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model


class TemplateVersion(Model):
    """One version of one template in one language; its words never change. In use is the approved one that began last."""

    __tablename__ = "template_version"
    __table_args__ = (
        UniqueConstraint("key", "language", "number"),
        CheckConstraint("state IN ('draft','approved')", name="state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    """which template: 'missing_details', 'missing_details_reminder', …"""
    language: Mapped[str] = mapped_column(String(2))
    number: Mapped[int] = mapped_column(Integer)
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    """plain text with placeholders such as [ORDER_NUMBER]"""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(8), default="approved", server_default="approved")
    effective_from: Mapped[datetime | None]
    """from when on it is used; None in an approved row: since it was made"""
    approved_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    based_on: Mapped[int | None] = mapped_column(Integer)
    """the number of the version whose words it began with"""


class SavedReply(Model):
    """Words that agents use again and again, with the same placeholders as templates."""

    __tablename__ = "saved_reply"
    __table_args__ = (UniqueConstraint("title_key", "language"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    title_key: Mapped[str] = mapped_column(String(80))
    """casefolded, without spare white space"""
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    changed_at: Mapped[datetime]
