"""Tables of returns (RMA): what comes back, and separately what was received, found and given for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model

RETURN_STATES = (
    "requested",
    "approved",
    "refused",
    "awaiting_goods",
    "received",
    "inspected",
    "settled",
    "closed",
)
REASONS = ("damaged", "wrong_item", "not_as_described", "does_not_fit", "changed_mind", "late", "other")
WANTED = ("refund", "exchange")


class Return(Model):
    """Lines of one order that a customer sends back."""

    __tablename__ = "return"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint(f"state IN {RETURN_STATES}", name="state"),
        CheckConstraint(f"reason IN {REASONS}", name="reason"),
        CheckConstraint("way_back IN ('customer','store')", name="way_back"),
        Index("ix_return_state", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 within its order: 1042-R1"""
    state: Mapped[str] = mapped_column(String(16), default="requested")
    """changed by lifecycle.RETURN.fire alone"""
    source: Mapped[str] = mapped_column(String(10))
    """'customer' (their page), 'mail', 'person', 'goods' (they came without a word)"""
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(1000), default="")
    verdict: Mapped[str] = mapped_column(String(300), default="")
    """what the policy says, as a sentence"""
    allowed: Mapped[bool] = mapped_column(default=True)
    """by the policy; a person may decide otherwise with `overruled`"""
    overruled: Mapped[str] = mapped_column(String(300), default="")
    way_back: Mapped[str] = mapped_column(String(8), default="customer")
    """who pays for it"""
    without_goods: Mapped[bool] = mapped_column(default=False)
    """the money goes back and nothing has to come"""
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    received_at: Mapped[datetime | None]
    inspected_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    refund_minor: Mapped[int] = mapped_column(Integer, default=0)
    """what was asked of payments to give back for it, in the order's currency"""
    credit_minor: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """what was taken off the order that is sent instead, of what the customer had paid"""
    credit_of: Mapped[list[Any] | None]
    """the payments that this was taken from: [[payment, minor], …]; given back when that order is cancelled"""
    exchange_id: Mapped[int | None] = mapped_column(Key, ForeignKey("order.id"))
    """the order that is sent instead"""
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}


class ReturnLine(Model):
    """Pieces of one product that come back."""

    __tablename__ = "return_line"
    __table_args__ = (
        UniqueConstraint("return_id", "product_id", "wanted"),
        CheckConstraint(f"wanted IN {WANTED}", name="wanted"),
        CheckConstraint("quantity > 0 AND received >= 0", name="quantity"),
        CheckConstraint(
            "restocked >= 0 AND repaired >= 0 AND scrapped >= 0 AND restocked + repaired + scrapped <= received",
            name="inspected",
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    return_id: Mapped[int] = mapped_column(Key, ForeignKey("return.id"), index=True)
    product_id: Mapped[int] = mapped_column(Key, ForeignKey("product.id"))
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(Integer)
    wanted: Mapped[str] = mapped_column(String(8), default="refund")
    exchange_product_id: Mapped[int | None] = mapped_column(Key, ForeignKey("product.id"))
    paid_minor: Mapped[int] = mapped_column(Integer)
    """what these pieces cost the customer by the paid quote, tax included, in minor units"""
    received: Mapped[int] = mapped_column(Integer, default=0)
    restocked: Mapped[int] = mapped_column(Integer, default=0)
    repaired: Mapped[int] = mapped_column(Integer, default=0)
    scrapped: Mapped[int] = mapped_column(Integer, default=0)
    found: Mapped[str] = mapped_column(String(300), default="")
    """what the inspection saw"""


class ReturnPhoto(Model):
    """A picture that a customer sent with their request."""

    __tablename__ = "return_photo"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    return_id: Mapped[int] = mapped_column(Key, ForeignKey("return.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
