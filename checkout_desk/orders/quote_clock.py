"""What time alone does to quotes: they are recalled to the customer, and they end (work of the clock)."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from checkout_desk import clock
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quoting
from checkout_desk.orders.models import Quote

log = structlog.get_logger(__name__)


def tick() -> int:
    """Recall and end the quotes that are due. Returns how many. Commits itself, each quote in a transaction of its own:
    one that was paid, replaced or extended meanwhile is left alone."""
    now = clock.now()
    ending = [quote.id for quote in quoting.expire_due(now)]
    recalled = [quote.id for quote in quoting.remind_due(now)]
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for quote_id in ending:
            done += _one(quote_id, lambda quote: quoting.expire(quote, at=now))
        for quote_id in recalled:
            done += _one(quote_id, lambda quote: quoting.remind(quote, at=now))
    return done


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
