"""Quotes: drawn up, sent, replaced, accepted, paid, ended. Each function is one step of one transaction; none commits.

The order is locked first in each of them, so that payment, expiry and a new version cannot happen at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from checkout_desk import clock, faults, worktime
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import (
    amounts,
    completeness,
    leaving,
    loading,
    milestones,
    promising,
    quote_content,
    quote_words,
)
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.promising import Short, Shortage
from checkout_desk.orders.quote_content import ByHand, Change, Choices
from checkout_desk.orders.quote_lifecycle import LIVE, QUOTE, name, tell
from checkout_desk.settings.models import store

__all__ = [
    "LIVE", "Change", "Short", "Shortage", "accept", "difference", "draft", "end_of", "expire", "extend", "keep",
    "live", "name", "of", "paid", "remind", "send", "unsend", "withdraw",
]  # fmt: skip
END_OF_DAY = time(17)
"""when a quote ends on its last day, in the store's time"""
QUOTABLE = ("verified",)


_OF = select(Quote).where(Quote.order_id == bindparam("order")).order_by(Quote.number)


def of(order_id: int) -> list[Quote]:
    """Every version of an order, oldest first."""
    return list(db.session.scalars(_OF, {"order": order_id}))


def live(order_id: int) -> Quote | None:
    """The version that may be accepted and paid now. There is never more than one."""
    found: Quote | None = db.session.scalars(
        select(Quote).where(Quote.order_id == order_id, Quote.state.in_(LIVE))
    ).one_or_none()
    return found


def unsent(order_id: int) -> Quote | None:
    """The version that is drawn up and not sent, if there is one."""
    found: Quote | None = db.session.scalars(
        select(Quote)
        .where(Quote.order_id == order_id, Quote.state == "draft")
        .order_by(Quote.number.desc())
        .limit(1)
    ).one_or_none()
    return found


def draft(
    order: Order,
    *,
    by: Person | None,
    service_id: int | None = None,
    discount_code: str | None = None,
    vat_id: str | None = None,
    by_hand: ByHand | None = None,
    free_shipping: bool | None = None,
) -> Quote:
    """Draw up the next version, or the one that is drawn up already anew. Nothing is promised by it.

    What is not given stays as it was in that draft, or in the live version that it is to replace. Raises Refused when
    the order is not verified or something in it has no price.
    """
    loading.lock(order)
    if order.state not in QUOTABLE:
        raise Refused(
            f"Order {order.number} is {order.state}; a quote is drawn up when everything in it is verified."
        )
    found = unsent(order.id)
    last = found or live(order.id)
    was = quote_content.chosen(last.content) if last else Choices()
    choices = Choices(
        was.service_id if service_id is None else service_id,
        was.discount_code if discount_code is None else discount_code.strip(),
        was.vat_id if vat_id is None else vat_id.strip(),
        was.by_hand if by_hand is None else by_hand,
        was.free_shipping if free_shipping is None else free_shipping,
    )
    number = found.number if found else _next_number(order.id)
    try:
        content = quote_content.make(order, number=number, choices=choices)
    except Refused:
        if service_id is not None or choices.service_id is None:
            raise
        # A service that was chosen for another address goes there no more: the first that does.
        choices = replace(choices, service_id=None)
        content = quote_content.make(order, number=number, choices=choices)
    if found is None:
        found = Quote(
            order_id=order.id, number=number, created_at=clock.now(), created_by_id=by.id if by else None
        )
        _fill(found, content)
        db.session.add(found)
        db.session.flush()
        record(
            "quote.drafted",
            about=found,
            after={"order": order.id, "number": number, "total": found.total_minor},
        )
    elif not quote_content.same(found.content, content):
        before = found.total_minor
        _fill(found, content)
        db.session.flush()
        record("quote.renewed", about=found, before={"total": before}, after={"order": order.id, "total": found.total_minor})  # fmt: skip
    return found


def difference(old: Quote, new: Quote) -> list[Change]:
    """What `new` changes, for the agent and the customer."""
    return quote_words.difference(old.content, new.content)


def send(
    order: Order, quote: Quote, *, by: Person | None, message_id: int | None = None, template: str = ""
) -> dict[str, Any]:
    """Hold the stock, freeze the quote and end the version before it; the mail that tells it is queued by the caller
    in the same transaction. Returns, as JSON, what `unsend` needs.

    Raises Shortage (with `.rows`) when there is not enough any more, and Refused when the order has changed since the
    quote was drawn up: then nothing has moved.
    """
    _lock(order, quote)
    sentence = QUOTE.refusal(quote, "send") or ORDER.refusal(order, "quote")
    if sentence:
        raise Refused(sentence)
    now_it_says = quote_content.make(order, number=quote.number, choices=quote_content.chosen(quote.content))
    if not quote_content.same(quote.content, now_it_says):
        raise Refused(
            f"Order {order.number} or its prices have changed since quote {name(quote)} was drawn up: "
            f"it says {_shown(quote.content)} and would come to {_shown(now_it_says)}. Draw it up anew."
        )
    at = clock.now()
    ends_at = end_of(at)
    old = live(order.id)
    _fill(quote, {**quote.content, "issued_on": _local_day(at), "expires_at": ends_at.isoformat()})
    quote.message_id = message_id
    was = {"quote": quote.id, "old": old.id if old else None, "old_state": old.state if old else None}
    if old is not None:
        promising.hold(quote, instead_of=old)
        faults.fault("quoting.moved")
        QUOTE.fire(old, "supersede", by=by)
        db.session.flush()
    QUOTE.fire(quote, "send", by=by, at=at, expires_at=ends_at, instead_of=old, message=message_id)
    faults.fault("quoting.held")
    ORDER.fire(order, "quote", by=by, quote=quote.number)
    milestones.told(order, "quote", about=promising.about(quote), message_id=message_id, template=template)
    db.session.flush()
    faults.fault("quoting.sent")
    return was


def unsend(was: dict[str, Any], *, by: Person | None) -> None:
    """The mail was taken back before it left: the quote is withdrawn, and the version before it holds again.

    Raises Refused when it was accepted or paid meanwhile, and Shortage when the old version can hold no more.
    """
    quote = db.session.get_one(Quote, was["quote"])
    order = db.session.get_one(Order, quote.order_id)
    _lock(order, quote)
    if quote.state != "sent":
        raise Refused(f"Quote {name(quote)} is {quote.state} already; it cannot be taken back.")
    old = db.session.get(Quote, was["old"]) if was["old"] else None
    if old is not None:
        promising.hold(old, instead_of=quote)
    QUOTE.fire(quote, "withdraw", by=by, reason="The mail was taken back before it left")
    db.session.flush()
    if old is not None:
        QUOTE.fire(old, "restore", to=was["old_state"], by=by)
    if order.state == "quoted":
        ORDER.fire(order, "unquote", by=by)
    db.session.flush()


def keep(order: Order, *, by: Person) -> None:
    """An order that was opened for a change goes back to its live quote, because nothing in it differs. Raises Refused."""
    loading.lock(order)
    found = live(order.id)
    if found is None:
        raise Refused(f"Order {order.number} has no quote that the customer could pay; send a new one.")
    if not quote_content.sells(order, found):
        raise Refused(
            f"Order {order.number} is not what quote {name(found)} says any more; send a new version."
        )
    ORDER.fire(order, "requote", by=by)


def withdraw(quote: Quote, *, by: Person | None, reason: str) -> None:
    """The quote holds no more, though its time is not over; its stock is free. Raises Refused."""
    order = locked(quote)
    if not reason.strip():
        raise Refused(
            f"Say why quote {name(quote)} is withdrawn; whoever looks at it later reads this first."
        )
    QUOTE.fire(quote, "withdraw", by=by, reason=reason.strip()[:300])
    if order.state == "quoted":
        ORDER.fire(order, "unquote", by=by)
    _reckon(order)


def accept(quote: Quote, *, at: datetime) -> None:
    """The customer says yes to exactly this version; where it costs nothing, that places the order. A second yes changes
    nothing. Raises Refused with why not."""
    order = locked(quote)
    if quote.state == "accepted":
        return
    if quote.state == "superseded":
        raise Refused(f"Quote {name(quote)} was replaced by a newer one; please look at that.")
    QUOTE.fire(quote, "accept", at=at, customer=True)
    if quote.total_minor == 0:
        paid(quote, at=at)
    else:
        _reckon(order)


def extend(quote: Quote, *, by: Person | None) -> None:
    """Give the customer the full time again. An expired quote holds its stock anew and its order is quoted again.

    Raises Shortage when the stock has gone since, Refused when another version is live or the order has moved on.
    """
    order = locked(quote)
    ends_at = end_of(clock.now())
    if quote.placed_at is not None:
        raise Refused(f"Quote {name(quote)} is placed on account; it has no end.")
    if quote.state in LIVE:
        before = quote.expires_at
        quote.expires_at, quote.reminded_at = max(ends_at, before or ends_at), None
        record(
            "quote.extended",
            about=quote,
            before={"expires_at": before.isoformat() if before else None},
            after={"order": order.id, "number": quote.number, "expires_at": quote.expires_at.isoformat()},
            actor=f"person:{by.id}" if by else None,
        )
        tell(quote, "extended", by=by)
        loading.touch(order)
        db.session.flush()
        return
    if quote.state == "expired" and (other := live(order.id)) is not None:
        raise Refused(f"Quote {name(other)} has taken the place of {name(quote)}; extend that one.")
    sentence = QUOTE.refusal(quote, "extend") or ORDER.refusal(order, "requote")
    if sentence:
        raise Refused(sentence)
    quote.reminded_at = None
    QUOTE.fire(quote, "extend", by=by, expires_at=ends_at)
    ORDER.fire(order, "requote", by=by)
    db.session.flush()


def paid(quote: Quote, *, at: datetime, by: Person | None = None) -> None:
    """Verified money covers this version: its hold becomes a commit, its order is paid, and the customer is told.

    `at` is when the money came. The caller has allocated it in this transaction. Raises Refused, and nothing has moved,
    when the quote has ended or was replaced, or when its order is being changed: a person has to decide then.
    """
    order = locked(quote)
    if quote.placed_at is not None:  # on account: sold, and perhaps confirmed and sent long ago
        QUOTE.fire(quote, "pay", by=by, at=at)
        _reckon(order)
        if store().credit_confirmed == "paid" and milestones.posted(order, "shipped") is None:
            milestones.post(order, "confirmed", caused_by_payment=True)
        return
    if quote.state in LIVE and order.state != "quoted":
        raise Refused(
            f"Order {order.number} is being changed after quote {name(quote)} was sent (it is {order.state}); "
            "put it back or send the new version before the payment counts."
        )
    sentence = QUOTE.refusal(quote, "pay", at=at) or ORDER.refusal(order, "pay")
    if sentence:
        raise Refused(sentence)
    QUOTE.fire(quote, "pay", by=by, at=at)
    faults.fault("quoting.committed")
    ORDER.fire(order, "pay", by=by, quote=quote.number)
    milestones.post(order, "confirmed", caused_by_payment=True)
    ours_again(order)
    db.session.flush()


def expire(quote: Quote, *, at: datetime) -> None:
    """The time is over: the stock is free, the order expired unless it is being changed, the customer told. Raises
    Refused when somebody was faster. An order that goods which came back pay in part is cancelled: nothing follows an
    expired one, and nobody would give the customer that money."""
    order = locked(quote)
    if order.state == "quoted" and any(credited(order) for credited in leaving.credited):
        if refusal := QUOTE.refusal(quote, "expire", at=at):
            raise Refused(refusal)
        ORDER.fire(order, "cancel", reason=f"Quote {name(quote)} was not paid in time")
    else:
        QUOTE.fire(quote, "expire", at=at)
    if order.state == "quoted":
        ORDER.fire(order, "expire", quote=quote.number)
        milestones.post(order, "expired", about=_this_time(order, "expired", quote))
    _reckon(order)


def remind(quote: Quote, *, at: datetime) -> bool:
    """Recall the quote to the customer, once. Returns whether there was something to recall."""
    order = locked(quote)
    if quote.state not in LIVE or quote.reminded_at is not None or order.state != "quoted":
        return False
    quote.reminded_at = at
    left = {"TOTAL_DUE": quote_words.amount(quote.content, quote.total_minor - amounts.received(quote))}
    milestones.post(order, "reminder", about=_this_time(order, "reminder", quote), values=left)
    db.session.flush()
    return True


def locked(quote: Quote) -> Order:
    """Hold the order of a quote, and the quote, for this transaction."""
    order = db.session.get_one(Order, quote.order_id)
    _lock(order, quote)
    return order


def _lock(order: Order, quote: Quote) -> None:
    if quote.order_id != order.id:
        raise ValueError("the quote belongs to another order")
    loading.lock(order)
    db.session.refresh(quote, with_for_update={"key_share": True})


def ours_again(order: Order, why: str = "paid") -> None:
    """A conversation that waited for the customer is work again: the parcel."""
    if order.conversation_id is None:
        return
    c = db.session.get_one(Conversation, order.conversation_id)
    if c.order_id == order.id and c.state in ("waiting", "snoozed", "closed"):
        CONVERSATION.fire(c, "reopen", reason=f"Order {order.number} is {why}")


def _this_time(order: Order, milestone: str, quote: Quote) -> str:
    """What a mail of time is about: a quote that was extended is recalled and ends once more, on another day."""
    about = promising.about(quote)
    if quote.expires_at is None or milestones.posted(order, milestone, about=about) is None:
        return about
    return f"{about}:{quote.expires_at:%Y%m%d}"


def _reckon(order: Order) -> None:
    loading.touch(order)
    completeness.reckon(order)
    db.session.flush()


def _fill(quote: Quote, content: dict[str, Any]) -> None:
    quote.content, quote.content_hash = content, quote_content.digest(content)
    quote.currency, quote.reference = content["currency"], content["reference"]
    quote.net_minor, quote.tax_minor, quote.total_minor = content["net"], content["tax"], content["total"]


def _next_number(order_id: int) -> int:
    highest = db.session.scalar(select(func.max(Quote.number)).where(Quote.order_id == order_id))
    return (highest or 0) + 1


def end_of(at: datetime) -> datetime:
    """The end of the last day of a quote that is sent at `at`: 17:00 where the store is."""
    settings = store()
    last = worktime.business_days_later(at, settings.quote_days, zone=settings.time_zone)
    zone = ZoneInfo(settings.time_zone)
    return datetime.combine(last.astimezone(zone).date(), END_OF_DAY, zone).astimezone(clock.now().tzinfo)


def _local_day(at: datetime) -> str:
    return at.astimezone(ZoneInfo(store().time_zone)).date().isoformat()


def _shown(content: dict[str, Any]) -> str:
    return quote_words.amount(content, content["total"], "en")
