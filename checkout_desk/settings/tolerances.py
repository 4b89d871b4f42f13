"""By how much a payment may differ from its quote for a person to accept it, how much they may refund, and how much they
may take off a quote, by role."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.extensions import db
from checkout_desk.settings.models import Tolerance

UNLIMITED = frozenset({"manager", "admin"})


@dataclass(frozen=True, slots=True)
class Limits:
    """In minor units of the currency asked for. `refund_minor` is what all refunds of one payment may come to,
    `discount_minor` all that is taken off one quote by hand."""

    under_minor: int = 0
    over_minor: int = 0
    refund_minor: int = 0
    discount_minor: int = 0


def of(roles: Iterable[str], currency: str) -> Limits:
    """The widest that somebody with these roles may accept; nothing where no row says otherwise."""
    rows = db.session.scalars(
        select(Tolerance).where(Tolerance.role.in_(list(roles)), Tolerance.currency == currency)
    ).all()
    return Limits(
        max((row.under_minor for row in rows), default=0),
        max((row.over_minor for row in rows), default=0),
        max((row.refund_minor for row in rows), default=0),
        max((row.discount_minor for row in rows), default=0),
    )


def refunds(roles: Collection[str]) -> bool:
    """Whether somebody with these roles may send back any money at all."""
    if not UNLIMITED.isdisjoint(roles):
        return True
    row = select(Tolerance.role).where(Tolerance.role.in_(list(roles)), Tolerance.refund_minor > 0).limit(1)
    return db.session.scalar(row) is not None


def beyond(roles: Collection[str], limit: int, minor: int, currency: str, what: str) -> str:
    """Why somebody with these roles may not decide about `minor`, as a sentence; '' where they may."""
    if not UNLIMITED.isdisjoint(roles) or minor <= limit:
        return ""
    most = f"you may decide up to {money.show(limit, currency)}" if limit else "your role decides none"
    return f"{what} {money.show(minor, currency)} is a manager's decision; {most}."
