"""Tables of the playbook. Version 1 of a standard page is a file in `standard/` and has no row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model


class PlaybookPage(Model):
    """What a page has besides its words. A standard page gets its row when somebody first changes something about it."""

    __tablename__ = "playbook_page"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    """its place in the address, such as 'email-checkout'; never changes"""
    title: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """who keeps it true"""
    created_at: Mapped[datetime]


class PlaybookVersion(Model):
    """One version of a page; its words never change."""

    __tablename__ = "playbook_version"
    __table_args__ = (
        UniqueConstraint("page_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    page_id: Mapped[int] = mapped_column(Key, ForeignKey("playbook_page.id"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    """Markdown (CommonMark with tables)"""
    reason: Mapped[str] = mapped_column(String(300))
    """what changed and why, in a sentence for those who are asked to read it"""
    asks: Mapped[list[Any]] = mapped_column(default=list)
    """roles whose people are asked to confirm that they read it"""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))


class PlaybookReading(Model):
    """Somebody confirmed that they read a version."""

    __tablename__ = "playbook_reading"
    __table_args__ = (UniqueConstraint("page_id", "number", "person_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    page_id: Mapped[int] = mapped_column(Key, ForeignKey("playbook_page.id"))
    number: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime]


class PlaybookLink(Model):
    """Which page tells how something is done, where the store chose another one than the desk came with."""

    __tablename__ = "playbook_link"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint("kind IN ('step','template','action','finding')", name="kind"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(40))
    """'A4' of the procedures, 'confirmed' of the templates, 'send_quote' of the next actions, …"""
    page_id: Mapped[int] = mapped_column(Key, ForeignKey("playbook_page.id"))
    anchor: Mapped[str] = mapped_column(String(80), default="")
    """a heading or step of that page; '' for its top"""
