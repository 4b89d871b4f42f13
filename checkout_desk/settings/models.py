"""The store: one row."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Integer, String, true
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import db


class Store(db.Model):  # type: ignore[name-defined, misc]
    """The shop whose desk this is, and the few numbers that its mail needs."""

    __tablename__ = "store"
    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("undo_seconds BETWEEN 0 AND 120", name="undo"),
        CheckConstraint("promise_hours BETWEEN 1 AND 720", name="promise"),
        CheckConstraint("remind_days BETWEEN 1 AND 60", name="remind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    contact: Mapped[str] = mapped_column(String(254), default="")
    promise_hours: Mapped[int] = mapped_column(Integer, default=24)
    undo_seconds: Mapped[int] = mapped_column(Integer, default=10)
    sandbox: Mapped[bool] = mapped_column(default=False)
    acknowledge: Mapped[bool] = mapped_column(default=False)
    """send an automatic receipt for a new conversation"""
    acknowledge_strangers: Mapped[bool] = mapped_column(default=False)
    """also to first-time senders who are not authenticated (SPEC section 5: off unless turned on)"""
    automatic_per_address: Mapped[int] = mapped_column(Integer, default=3)
    """circuit breaker: automatic mails to one address in 24 h"""
    automatic_per_conversation: Mapped[int] = mapped_column(Integer, default=3)
    own_authserv_id: Mapped[str] = mapped_column(String(254), default="")
    """authserv-id of the MX whose Authentication-Results count (RFC 8601)"""
    country: Mapped[str] = mapped_column(String(2), default="GB", server_default="GB")
    """where the store is (ISO 3166): for phone numbers and addresses that name no country"""
    currency: Mapped[str] = mapped_column(String(3), default="GBP", server_default="GBP")
    """ISO 4217; what prices are in where nothing else is said"""
    language: Mapped[str] = mapped_column(String(2), default="en", server_default="en")
    """the language for customers whose own is not known or not written here"""
    ask_phone: Mapped[bool] = mapped_column(default=True, server_default=true())
    """a missing phone number is a gap"""
    remind_days: Mapped[int] = mapped_column(Integer, default=3, server_default="3")
    """business days after which a customer is reminded, once, of missing details; as many later the order is parked"""


def store() -> Store:
    """The store's row. Raises LookupError before the set-up made one."""
    found: Store | None = db.session.get(Store, 1)
    if found is None:
        raise LookupError("this desk has no store yet")
    return found
