"""What time alone does to quotes: they are recalled to the customer, and they end (work of the clock)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import select

from checkout_desk import clock, worktime
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_lifecycle import LIVE
from checkout_desk.settings.models import Store

log = structlog.get_logger(__name__)


def tick() -> int:
    """Recall and end the quotes that are due. Returns how many. Commits itself, each quote in a transaction of its own:
    one that was paid, replaced or extended meanwhile is left alone."""
    now = clock.now()
    ending = [quote.id for quote in expire_due(now)]
    recalled = [quote.id for quote in remind_due(now)]
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for quote_id in ending:
            done += _one(quote_id, lambda quote: quoting.expire(quote, at=now))
        for quote_id in recalled:
            done += _one(quote_id, lambda quote: quoting.remind(quote, at=now))
    return done


def expire_due(now: datetime, *, limit: int = 100) -> list[Quote]:
    """Live quotes whose time is over, the longest over first."""
    return list(
        db.session.scalars(
            select(Quote)
            .where(Quote.state.in_(LIVE), Quote.expires_at <= now)
            .order_by(Quote.expires_at, Quote.id)
            .limit(limit)
        )
    )


def remind_due(now: datetime, *, limit: int = 100) -> list[Quote]:
    """Live quotes that end within the business days of the store's reminder and were not recalled yet."""
    settings = db.session.get(Store, 1)
    if settings is None or not settings.quote_remind_days:
        return []
    until = worktime.business_days_later(now, settings.quote_remind_days, zone=settings.time_zone)
    return list(
        db.session.scalars(
            select(Quote)
            .join(Order, Order.id == Quote.order_id)
            .where(
                Quote.state.in_(LIVE),
                Quote.expires_at <= until,
                Quote.expires_at > now,
                Quote.reminded_at.is_(None),
                Order.state == "quoted",
            )
            .order_by(Quote.expires_at, Quote.id)
            .limit(limit)
        )
    )


def _one(quote_id: int, do: Callable[[Quote], object]) -> bool:
    begin_write()
    quote = db.session.get_one(Quote, quote_id)
    try:
        done = do(quote) is not False
    except Refused as refusal:  # somebody was faster
        db.session.rollback()
        log.warning("quotes.left", quote=quote_id, why=str(refusal)[:300])
        return False
    except Exception as fault:  # one that cannot be ended must not keep the others
        db.session.rollback()
        log.error("quotes.fault", quote=quote_id, fault=f"{type(fault).__name__}: {fault}"[:300])
        return False
    db.session.commit()
    return done
