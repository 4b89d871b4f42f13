"""Tables of customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, validates

from checkout_desk.extensions import Key, Model


def _key_of_name(context: Any) -> str:
    """The key of the name that is being inserted, be it by the ORM or by a plain statement."""
    return name_key(context.get_current_parameters().get("name") or "")


def name_key(name: str) -> str:
    """How a name is compared: without case and surplus blanks."""
    return " ".join(name.split()).casefold()[:200]


class Customer(Model):
    """A person (or shop) who writes to us. One customer may write from many addresses."""

    __tablename__ = "customer"
    __table_args__ = (Index("ix_customer_name", "name_key", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    name_key: Mapped[str] = mapped_column(String(200), default=_key_of_name, server_default="")
    """the name casefolded, for finding"""
    created_at: Mapped[datetime]
    language: Mapped[str | None] = mapped_column(String(2))
    """the language that they write, as last read or as a person set it"""
    country: Mapped[str | None] = mapped_column(String(2))
    phone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """what colleagues should know; the customer never sees it"""
    trusted: Mapped[bool] = mapped_column(default=False, server_default=false())
    """a manager lets them order on account: what they buy leaves before it is paid"""
    group: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """'wholesale', as promise rules name it; '' for everybody else"""
    feedback_opt_out_at: Mapped[datetime | None]
    """when they said that they do not want to be asked how it was"""
    merged_into_id: Mapped[int | None] = mapped_column(Key, ForeignKey("customer.id"))
    """the customer that this one turned out to be; nothing belongs to it any more"""

    @validates("name")
    def _renamed(self, attribute: str, name: str) -> str:
        self.name_key = name_key(name)
        return name


class CustomerAddress(Model):
    """An e-mail address that a customer writes from."""

    __tablename__ = "customer_address"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """casefolded"""
    customer_id: Mapped[int] = mapped_column(Key, ForeignKey("customer.id"), index=True)


class CustomerMerge(Model):
    """Two customers that were made one, with what undoing needs."""

    __tablename__ = "customer_merge"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kept_id: Mapped[int] = mapped_column(Key, ForeignKey("customer.id"), index=True)
    gone_id: Mapped[int] = mapped_column(Key, ForeignKey("customer.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    before: Mapped[dict[str, Any]]
    """what moved: {'addresses': […], 'conversations': […], 'orders': […], 'facts': {…}}"""
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
