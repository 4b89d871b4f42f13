"""Tables of customers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, db


class Customer(db.Model):  # type: ignore[name-defined, misc]
    """A person (or shop) who writes to us. One customer may write from many addresses."""

    __tablename__ = "customer"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class CustomerAddress(db.Model):  # type: ignore[name-defined, misc]
    """An e-mail address that a customer writes from."""

    __tablename__ = "customer_address"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """casefolded"""
    customer_id: Mapped[int] = mapped_column(Key, ForeignKey("customer.id"), index=True)
