"""The store's own versions of templates, and the replies that agents keep.

Version 1 of each template is in `standard/` and has no row, except in languages that `standard/` does not hold it in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
    topic: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """the kind of question that it is proposed for: 'return', 'address_change', …; '' for none"""


class Macro(Model):
    """One answer with all that goes with it: words, a move of the order, and what becomes of the conversation."""

    __tablename__ = "macro"
    __table_args__ = (
        CheckConstraint("order_move IN ('','ask','quote','verify','cancel')", name="order_move"),
        CheckConstraint("after IN ('wait','close','stay','snooze')", name="after"),
        CheckConstraint("(after = 'snooze') = (snooze_days IS NOT NULL)", name="snooze_days"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    """casefolded, without spare white space"""
    texts: Mapped[dict[str, Any]]
    """language -> words with placeholders; may be empty where the order's move brings a template"""
    order_move: Mapped[str] = mapped_column(String(8), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    """why the order is cancelled or the case escalated"""
    tags: Mapped[list[Any]] = mapped_column(default=list)
    assign: Mapped[str] = mapped_column(String(20), default="")
    """'' leaves it, 'me', 'nobody', or the number of a person"""
    escalate_role: Mapped[str] = mapped_column(String(20), default="")
    after: Mapped[str] = mapped_column(String(6), default="wait")
    snooze_days: Mapped[int | None] = mapped_column(Integer)
    used: Mapped[int] = mapped_column(Integer, default=0)
    """how many mails it made that were not taken back"""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    changed_at: Mapped[datetime]
