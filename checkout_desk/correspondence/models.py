"""The store's own versions of templates. Version 1 of each is in `standard/` and has no row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, db


class TemplateVersion(db.Model):  # type: ignore[name-defined, misc]
    """One version of one template in one language; the newest is used."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("key", "language", "number"),)

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
