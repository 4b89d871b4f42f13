"""Pages of a provider on which a quote can be paid: made when the customer wants one, looked at, and closed in time.

Providers keep a page for hours, a quote holds for days; so a page is made when it is asked for, and the next one when
it has ended. The row and its idempotency key are committed before the provider hears anything. The clock looks at open
pages (a web hook may have been lost) and closes those of quotes that are no longer to be paid.

The functions here talk to providers between transactions of their own: call them outside of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from checkout_desk import clock, faults
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_lifecycle import name
from checkout_desk.orders.quoting import LIVE
from checkout_desk.payments.finding import come
from checkout_desk.payments.hook import PROVIDERS
from checkout_desk.payments.lifecycle import LINK
from checkout_desk.payments.models import Allocation, PaymentLink
from checkout_desk.payments.providers.model import (
    Access,
    Closed,
    LinkErrand,
    Opened,
    ProviderFault,
    Said,
    Unreachable,
    access,
)
from checkout_desk.payments.understanding import NotYet, apply, asked
from checkout_desk.settings.models import PaymentMethod, store

log = structlog.get_logger(__name__)

SOON = timedelta(minutes=5)
"""a page that ends within this is not given out any more"""
STALE = timedelta(minutes=20)
"""after which a page that was asked for, but never answered, is given up: the next one has a key of its own"""
LOOK_AGAIN = timedelta(minutes=10)
AFTER_RETURN = timedelta(seconds=5)
"""how often customers who come back may have the provider asked"""
AFTER_FAULT = timedelta(minutes=1)
"""how long a provider that did not answer is left alone"""
AT_ONCE = 50

_given_since = exists(
    select(Allocation.id).where(
        Allocation.quote_id == PaymentLink.quote_id, Allocation.at > PaymentLink.made_at
    )
).correlate(PaymentLink)


@dataclass(frozen=True, slots=True)
class Page:
    """Where the customer pays, and until when."""

    url: str
    expires_at: datetime


def pay_page(quote_id: int, method_id: int, *, back: str) -> Page:
    """The page on which a customer pays a quote by a method: the open one, or a new one.

    `back` is the address that the provider sends them to afterwards. Raises Refused, with a sentence for the customer,
    where the quote is not to be paid any more or the provider does not answer.
    """
    begin_write()
    quote, method = db.session.get(Quote, quote_id), db.session.get(PaymentMethod, method_id)
    if quote is None or method is None or method.kind not in PROVIDERS or not method.active:
        raise Refused("This way to pay is not offered.")
    _payable(quote)
    link = _reusable(quote, method)
    if link.url and link.expires_at:
        found = Page(link.url, link.expires_at)
        db.session.commit()
        return found
    link_id = link.id
    try:
        reached, errand = access(method), _errand(link, quote, back)
    except ProviderFault as fault:
        raise Refused(str(fault)) from fault
    db.session.commit()
    faults.fault("payment_link.asked")
    return _open(link_id, reached, errand)


def _open(link_id: int, reached: Access, errand: LinkErrand) -> Page:
    try:
        opened = PROVIDERS[reached.kind].open_link(reached, errand)
    except ProviderFault as fault:
        _failed(link_id, fault)
        raise Refused(
            "The payment page cannot be opened just now; try again in a minute or pay another way."
        ) from fault
    faults.fault("payment_link.opened")
    begin_write()
    page = _opened(link_id, opened, errand.expires_at)
    quote = db.session.get_one(Quote, errand.quote_id, populate_existing=True)
    gone = quote.state not in LIVE
    db.session.commit()
    if gone:  # changed while the provider made the page; the clock closes it
        raise Refused(f"Quote {errand.name} was changed just now; look at the new one.")
    return page


def _payable(quote: Quote) -> None:
    if quote.state not in LIVE or (quote.expires_at and quote.expires_at <= clock.now()):
        raise Refused(f"Quote {name(quote)} is not open for payment any more.")


def _reusable(quote: Quote, method: PaymentMethod) -> PaymentLink:
    """The open or unanswered page of a quote, else a new row, written but not yet asked for."""
    now = clock.now()
    newest = db.session.scalars(
        select(PaymentLink)
        .where(PaymentLink.quote_id == quote.id, PaymentLink.method_id == method.id)
        .order_by(PaymentLink.number.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    usable = newest is not None and newest.state == "open" and (newest.expires_at or now) > now + SOON
    if newest is not None and usable and not _part_paid_since(newest):
        return newest
    if newest is not None and newest.state == "asked":
        if newest.made_at > now - STALE:
            return newest
        LINK.fire(newest, "close")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(PaymentLink)
    new = db.session.scalar(
        insert.values(
            quote_id=quote.id,
            method_id=method.id,
            provider=method.kind,
            number=newest.number + 1 if newest else 1,
            state="asked",
            made_at=now,
        )
        .on_conflict_do_nothing(index_elements=["quote_id", "method_id", "number"])
        .returning(PaymentLink.id)
    )
    if new is None:  # a second click was faster: its page is this one too
        return _reusable(quote, method)
    return db.session.get_one(PaymentLink, new)


def _part_paid_since(link: PaymentLink) -> bool:
    """Whether other money has paid a part since the page was made: it would take too much. The clock closes it."""
    query = select(_given_since).where(PaymentLink.id == link.id)
    return bool(db.session.scalar(query))


def _errand(link: PaymentLink, quote: Quote, back: str) -> LinkErrand:
    order = db.session.get_one(Order, quote.order_id)
    paid = come(order, quote.currency)
    if quote.total_minor - paid <= 0:
        raise Refused(f"Nothing is left to pay of quote {name(quote)}.")
    ends = quote.expires_at or link.made_at + timedelta(hours=24)
    told = quote.content
    return LinkErrand(
        link.id,
        quote.id,
        name(quote),
        quote.reference,
        quote.total_minor - paid,
        quote.currency,
        f"{store().name}: order {order.number}",
        str((told.get("address") or {}).get("email") or ""),
        str(told.get("language") or store().language),
        back or str(current_app.config["DESK_URL"]),
        PROVIDERS[link.provider].lasts(link.made_at, ends),
        f"quote:{quote.id}" if link.number == 1 else f"quote:{quote.id}:{link.number}",
    )


def _opened(link_id: int, opened: Opened, expires_at: datetime) -> Page:
    link = db.session.get_one(PaymentLink, link_id, populate_existing=True)
    link.ref, link.url = opened.ref, opened.url
    link.expires_at = min(opened.expires_at or expires_at, expires_at)
    link.looked_at, link.fault = clock.now(), None
    if link.state == "asked":  # a web hook may have been faster
        LINK.fire(link, "open")
    record("payment_link.opened", about=link, after={"quote": link.quote_id, "provider": link.provider})
    return Page(opened.url, link.expires_at)


def _failed(link_id: int, fault: ProviderFault) -> None:
    """Keep why; a refusal ends this page, while one that may have been made is asked for again under its key."""
    log.warning("payment_link.failed", link=link_id, fault=str(fault))
    begin_write()
    link = db.session.get_one(PaymentLink, link_id)
    link.fault = str(fault)[:300]
    if not isinstance(fault, Unreachable) and LINK.refusal(link, "close") is None:
        LINK.fire(link, "close")
    db.session.commit()


def withdraw(quote_id: int) -> int:
    """Close the open pages of a quote at their providers now. Returns how many; the clock does the rest anyway."""
    ids = list(
        db.session.scalars(
            select(PaymentLink.id).where(PaymentLink.quote_id == quote_id, PaymentLink.state == "open")
        )
    )
    db.session.rollback()
    return sum(_visit(link_id, close=True) for link_id in ids)


def sweep() -> int:
    """Close pages of quotes that are not to be paid, or of which a part was paid since, and ask after the others now and
    then. Returns how many."""
    now = clock.now()
    over = or_(Quote.state.not_in(LIVE), Quote.expires_at <= now, _given_since)
    tired = PaymentLink.looked_at <= now - AFTER_FAULT
    rows = db.session.execute(
        select(PaymentLink.id, over.label("over"))
        .join(Quote, Quote.id == PaymentLink.quote_id)
        .where(
            PaymentLink.state == "open",
            or_(
                and_(or_(over, PaymentLink.expires_at <= now), or_(PaymentLink.fault.is_(None), tired)),
                func.coalesce(PaymentLink.looked_at, PaymentLink.made_at) <= now - LOOK_AGAIN,
            ),
        )
        .order_by(PaymentLink.looked_at, PaymentLink.id)
        .limit(AT_ONCE)
    ).all()
    db.session.rollback()
    with acting_as("desk", "clock: payment links"):
        return sum(_visit(row.id, close=bool(row.over)) for row in rows)


def look(quote_id: int) -> int:
    """Ask now what became of a quote's pages: the customer has come back from one. Returns how many were asked."""
    ids = list(
        db.session.scalars(
            select(PaymentLink.id).where(PaymentLink.quote_id == quote_id, PaymentLink.state == "open")
        )
    )
    db.session.rollback()
    return sum(_visit(link_id, close=False) for link_id in ids)


def returned(quote_id: int) -> int:
    """As `look`, because the customer's browser says that they have come back: each page at most every few seconds,
    however often that is said. Returns how many were asked."""
    begin_write()
    now = clock.now()
    mine = db.session.scalars(
        update(PaymentLink)
        .where(
            PaymentLink.quote_id == quote_id,
            PaymentLink.state == "open",
            func.coalesce(PaymentLink.looked_at, PaymentLink.made_at) <= now - AFTER_RETURN,
        )
        .values(looked_at=now)
        .returning(PaymentLink.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.commit()
    return sum(_visit(link_id, close=False) for link_id in mine)


def _visit(link_id: int, *, close: bool) -> bool:
    """Ask after one page, or close it; apply what the provider says. A fault is kept, never raised."""
    link = db.session.get(PaymentLink, link_id)
    if link is None or link.state != "open" or not link.ref:
        db.session.rollback()
        return False
    provider, ref, ended = link.provider, link.ref, (link.expires_at or clock.now()) <= clock.now()
    said: Sequence[Said] = ()
    why = ""
    try:
        reached = access(db.session.get_one(PaymentMethod, link.method_id))
        db.session.rollback()
        ask = PROVIDERS[provider].close if close else PROVIDERS[provider].look
        said = asked(provider, reached, ask(reached, ref))
    except ProviderFault as fault:
        db.session.rollback()
        why = str(fault)
    if not said and ended and not why:
        said = [Closed(ref)]
    try:
        _looked(link_id, why)
        apply(provider, said)
        db.session.commit()
    except (NotYet, ProviderFault, Refused) as fault:  # nothing of it counts yet; the clock asks again
        db.session.rollback()
        log.warning("payment_link.left", link=link_id, why=str(fault)[:200])
        _looked(link_id, str(fault))
        db.session.commit()
    except (OperationalError, StaleDataError) as fault:  # somebody was faster
        db.session.rollback()
        log.info("payment_link.left", link=link_id, why=type(fault).__name__)
    return True


def _looked(link_id: int, why: str) -> None:
    """Begin to write, with what came of asking after the page."""
    begin_write()
    link = db.session.get_one(PaymentLink, link_id, populate_existing=True)
    link.looked_at, link.fault = clock.now(), why[:300] or None
