"""The links that we mail to customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model


class CustomerLink(Model):
    """One signed link to the customer page of one order: expiring, revocable, only its hash is kept."""

    __tablename__ = "customer_link"
    __table_args__ = (Index("ix_customer_link_order", "order_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token, in hex"""
    email: Mapped[str] = mapped_column(String(254))
    """the address on file that it was mailed to"""
    purpose: Mapped[str] = mapped_column(String(20), default="details")
    quote_id: Mapped[int | None] = mapped_column(Key, ForeignKey("quote.id"))
    """the version of the quote that the mail with this link spoke of"""
    wanted: Mapped[dict[str, Any] | None]
    """details of the order that whoever opens this link may confirm: {'ship_line1': '9 Mill Lane', …}"""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
