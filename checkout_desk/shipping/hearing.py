"""What a carrier's event means, found out after it was kept: the job `understand_carrier_event`, and its sweep.

Events come late, twice and in any order; what they say goes to `tracking.take`, which takes the same thing once. An event
about a number that no parcel has is tried again for a day: numbers may be entered after the carrier has scanned them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.receiving import blobs
from checkout_desk.queue import later
from checkout_desk.shipping import adapters, buying, numbering, numbers, tracking
from checkout_desk.shipping.adapters import News
from checkout_desk.shipping.models import Carrier, CarrierEvent, Label

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=15)
MOST_ATTEMPTS = 12
"""after so many tries, over about a day, an event is left for a person to see"""
AT_ONCE = 100


class NotYet(Exception):
    """The event speaks of a parcel that is not here: its number may still be entered."""


def understand(event_id: int) -> None:
    """Find out what an event means and apply it. Commits; may run twice or late."""
    event = db.session.get(CarrierEvent, event_id)
    if event is None or event.understood_at is not None:
        db.session.rollback()
        return
    adapter, digest = db.session.get_one(Carrier, event.carrier_id).adapter, event.raw_sha256
    db.session.rollback()
    with acting_as("desk", "hook: carrier"):
        try:
            news = adapters.of(adapter).read(blobs().get(digest))
            if news.refund is not None:
                _refund(*news.refund)
            begin_write()
            _apply(news)
            done = db.session.get_one(CarrierEvent, event_id)
            done.understood_at, done.fault = clock.now(), None
            db.session.commit()
        except NotYet as fault:
            _note(event_id, str(fault))
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            log.exception("understand_carrier_event.fault", carrier_event=event_id)
            _note(event_id, f"The event cannot be understood ({type(fault).__name__}).")


def _apply(news: News) -> None:
    """Tell the parcel of that number. The transaction writes. Raises NotYet."""
    if not news.number:
        return
    parcel = numbering.owner(numbers.key(news.number))
    if parcel is None:
        raise NotYet("No parcel has this number yet.")
    tracking.take(parcel, news.told, source="webhook")


def _refund(ref: str, state: str) -> None:
    """The carrier decided on the refund of a label; commits. A label of nobody's is none of ours."""
    label_id = db.session.scalar(select(Label.id).where(Label.ref == ref))
    db.session.rollback()
    if label_id is not None:
        buying.settle(label_id, state)


def _note(event_id: int, why: str) -> None:
    db.session.rollback()
    begin_write()
    event = db.session.get_one(CarrierEvent, event_id)
    event.attempts += 1
    event.fault = why[:300]
    db.session.commit()


def sweep(ring: Callable[..., None] = later) -> int:
    """Ring for events that nobody understood yet, later and later each time. Returns how many; commits."""
    now = clock.now()
    rows = db.session.execute(
        select(CarrierEvent.id, CarrierEvent.received_at, CarrierEvent.attempts)
        .where(CarrierEvent.understood_at.is_(None), CarrierEvent.attempts < MOST_ATTEMPTS)
        .order_by(CarrierEvent.id)
        .limit(1000)
    ).all()
    due = [row.id for row in rows if row.received_at + PATIENCE * 2**row.attempts <= now][:AT_ONCE]
    for event_id in due:
        ring("understand_carrier_event", event_id)
    db.session.commit()
    return len(due)
