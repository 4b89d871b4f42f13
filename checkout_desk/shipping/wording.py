"""Where an order or its parcels are, in the customer's language: for mails, the customer page and the answer to "where is it?"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.standard.parcels import SENTENCES
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store
from checkout_desk.shipping import converging, links, parcels, ways
from checkout_desk.shipping.converging import Outcome
from checkout_desk.shipping.lifecycle import AWAY, HERE
from checkout_desk.shipping.models import Carrier, Shipment

WHERE, DELAYED = "tell_where", "tell_delayed"
"""purposes of a draft that tells where an order is: because it was asked, or because something is wrong"""
BEFORE = {
    "draft": "open",
    "clarifying": "asked",
    "verified": "open",
    "quoted": "unpaid",
    "paid": "paid",
    "packing": "packing",
    "cancelled": "cancelled",
}
"""state of an order without a parcel that left -> the sentence that says so"""
_OVER = ("delivered", "returned_to_sender", "lost")


def may_tell(c: Conversation, order: Order) -> bool:
    """Whether a conversation may speak of an order: it is its own, or another one of the same customer."""
    if order.conversation_id == c.id:
        return True
    return order.customer_id is not None and order.customer_id == c.customer_id


def sentence(parcel: Shipment, found: Outcome, language: str) -> str:
    """Where one parcel is, in one sentence of `language`."""
    words = SENTENCES[language]
    if parcel.state in HERE:
        return words["packing"]
    key = "returning" if found.returning and parcel.state == "exception" else parcel.state
    return words[key].format(date=day(parcel.delivered_at, language) if parcel.delivered_at else "")


def last_scan(found: Outcome, language: str) -> str:
    """'Last scan: 20 November 2026, Leeds'; '' where nothing was scanned, or the scan is the delivery itself."""
    if found.newest is None or not found.newest.scanned or found.status == "delivered":
        return ""
    when = ", ".join(part for part in (day(found.newest.at, language), found.newest.place) if part)
    return SENTENCES[language]["last_scan"].format(when=when)


def of_order(order: Order, language: str) -> str:
    """Where an order is that has no parcel on its way; '' where there is nothing to say."""
    key = BEFORE.get(order.state)
    if key is None:
        return ""
    words = SENTENCES[language]
    leaves = order.state in ("paid", "packing") and order.ship_by is not None and order.ship_by > clock.now()
    if leaves and order.ship_by is not None:
        return f"{words[key]} {words['leaves'].format(date=day(order.ship_by, language))}"
    return words[key]


def values(order: Order, language: str, *, only: Sequence[int] | None = None) -> dict[str, str]:
    """Placeholder -> words of `language` for a mail that tells where the parcels of an order are.

    `only` are the ids of the parcels that it is about; all that count where it is None. Three queries.
    """
    live = [one for one in parcels.of(order.id) if one.state != "void"]
    shown = [one for one in live if only is None or one.id in only]
    if not any(one.state in AWAY for one in shown):
        return {"PARCEL_STATUS": of_order(order, language), "CARRIER": "", "TRACKING_NUMBER": "",
                "TRACKING_LINK": "", "ESTIMATED_DELIVERY_DATE": ""}  # fmt: skip
    events = ways.used_of(shown)
    carriers = _carriers(shown)
    addresses = [
        links.link(one, carriers.get(one.carrier_id or 0), language=language, country=order.ship_country)
        for one in shown
    ]
    return {
        "PARCEL_STATUS": "\n".join(
            _told(one, converging.outcome(events[one.id]), language, count=len(live)) for one in shown
        ),
        "CARRIER": _listed(carriers[one.carrier_id].name for one in shown if one.carrier_id),
        "TRACKING_NUMBER": _listed(one.tracking_number for one in shown),
        "TRACKING_LINK": _listed(addresses, between="\n"),
        "ESTIMATED_DELIVERY_DATE": promised(shown, language),
    }


def _told(parcel: Shipment, found: Outcome, language: str, *, count: int) -> str:
    head = SENTENCES[language]["parcel"].format(n=parcel.number, count=count) if count > 1 else ""
    parts = (head, sentence(parcel, found, language), last_scan(found, language))
    return " ".join(part for part in parts if part)


def promised(shown: Sequence[Shipment], language: str) -> str:
    """The latest day that was promised and has not passed, for parcels that are still on their way; else ''."""
    today = clock.now().astimezone(ZoneInfo(store().time_zone)).date()
    days = [one.promised_on for one in shown if one.promised_on and one.state not in _OVER]
    if not days or max(days) < today:
        return ""
    return str(format_date(max(days), "full", locale=LANGUAGES[language].locale))


def day(at: datetime | date, language: str) -> str:
    """A day as `language` writes it, where the store is."""
    if isinstance(at, datetime):
        at = at.astimezone(ZoneInfo(store().time_zone)).date()
    return str(format_date(at, "long", locale=LANGUAGES[language].locale))


def _carriers(shown: Sequence[Shipment]) -> dict[int, Carrier]:
    wanted = {one.carrier_id for one in shown if one.carrier_id}
    if not wanted:
        return {}
    return {one.id: one for one in db.session.scalars(select(Carrier).where(Carrier.id.in_(wanted)))}


def _listed(words: Iterable[str], *, between: str = ", ") -> str:
    return between.join(dict.fromkeys(word for word in words if word))
