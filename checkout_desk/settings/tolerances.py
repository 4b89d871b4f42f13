"""By how much a payment may differ from its quote for a person to accept it, and how much they may refund, by role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.settings.models import Tolerance


@dataclass(frozen=True, slots=True)
class Limits:
    """In minor units of the currency asked for. `refund_minor` is what all refunds of one payment may come to."""

    under_minor: int = 0
    over_minor: int = 0
    refund_minor: int = 0


def of(roles: Iterable[str], currency: str) -> Limits:
    """The widest that somebody with these roles may accept; nothing where no row says otherwise."""
    rows = db.session.scalars(
        select(Tolerance).where(Tolerance.role.in_(list(roles)), Tolerance.currency == currency)
    ).all()
    return Limits(
        max((row.under_minor for row in rows), default=0),
        max((row.over_minor for row in rows), default=0),
        max((row.refund_minor for row in rows), default=0),
    )
