"""Events that a provider told and we never heard, for days of an outage or a door that was shut: the clock asks for the list.

What is in the list and not here goes the same way as a web hook: kept raw, then understood by a job. How far the list was
read is kept for each method, and moves only when all of a stretch is kept.
"""

from __future__ import annotations

import json
from datetime import timedelta

import structlog
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.extensions import begin_write, db
from checkout_desk.payments import hook
from checkout_desk.payments.models import ProviderEvent, ProviderListing
from checkout_desk.payments.providers import keeping
from checkout_desk.payments.providers.model import Access, Happened, ProviderFault, access
from checkout_desk.storage import NoSpace

log = structlog.get_logger(__name__)

FIRST = timedelta(days=3)
"""how far back the first list of a method goes"""
STRETCH = timedelta(days=1)
"""how much is read in one go, so that a long outage is caught up with step by step"""
OVERLAP = timedelta(minutes=15)
"""what is read again each time: providers show some events late"""
MOST_STRETCHES = 40


def sweep() -> int:
    """Read the lists of every method on from where they were left. Returns how many events were new. Commits itself."""
    reached = []
    for kind in hook.PROVIDERS:
        for method in keeping.candidates(kind):
            if method.settings.get("demo"):
                continue
            try:
                reached.append(access(method))
            except ProviderFault as fault:
                log.warning("reconciling.unreachable", method=method.id, fault=str(fault))
    db.session.rollback()
    return sum(_method(one) for one in reached)


def _method(one: Access) -> int:
    """Stretch after stretch until now, or until the provider does not answer."""
    found = 0
    for _ in range(MOST_STRETCHES):
        now = clock.now()
        listing = db.session.get(ProviderListing, one.method_id)
        since = listing.listed_until if listing else now - FIRST
        db.session.rollback()
        until = min(now, since + STRETCH)
        try:
            for event in hook.PROVIDERS[one.kind].happened(one, since - OVERLAP, until):
                found += _keep(one, event)
        except (ProviderFault, NoSpace) as fault:
            log.warning("reconciling.stopped", method=one.method_id, fault=str(fault)[:200])
            return found
        begin_write()
        row = db.session.get(ProviderListing, one.method_id) or ProviderListing(method_id=one.method_id)
        row.listed_until = until
        db.session.add(row)
        db.session.commit()
        if until == now:
            break
    return found


def _keep(one: Access, event: Happened) -> bool:
    """Keep an event that says something of our money and is not here. Returns whether it was new."""
    if not _concerns(one.kind, event.body):
        return False
    known = db.session.scalar(
        select(ProviderEvent.id).where(
            ProviderEvent.provider == one.kind, ProviderEvent.event_id == event.told.event_id
        )
    )
    db.session.rollback()
    if known is not None:
        return False
    return hook.keep(one.kind, one.method_id, event.told, event.body)


def _concerns(kind: str, body: bytes) -> bool:
    """Whether an event speaks of payments; one that cannot be read is kept, so that a person sees its fault."""
    try:
        return bool(hook.PROVIDERS[kind].understand(json.loads(body)))
    except (KeyError, TypeError, ValueError, AttributeError):
        return True
