"""What the customer sees once parcels have left: where each is, its way, the promised day, and where the carrier shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import keys, page, quote_page
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.quote_page import Said, Shown
from checkout_desk.doorstep.words import Words
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store
from checkout_desk.shipping import converging, links, parcels, ways
from checkout_desk.shipping.converging import Outcome, Told
from checkout_desk.shipping.lifecycle import AWAY
from checkout_desk.shipping.models import Carrier, Shipment, ShipmentItem

LEFT = ("packing", "shipped", "delivered", "closed")
"""states of an order that may have a parcel on its way"""
TONES = {
    "out_for_delivery": "good",
    "delivered": "good",
    "available_for_pickup": "soon",
    "failed_attempt": "bad",
    "exception": "bad",
    "returning": "bad",
    "returned_to_sender": "bad",
    "lost": "bad",
}
TITLES = {
    "out_for_delivery": "p_nearly",
    "delivered": "p_here",
    "available_for_pickup": "p_pickup",
    "failed_attempt": "p_failed",
    "exception": "p_wrong",
    "returning": "p_wrong",
    "returned_to_sender": "p_wrong",
    "lost": "p_wrong",
}
"""what is true of the parcel that matters most -> the words on top of the page; 'p_way' for every other"""
NAMED = ("p_nearly", "p_way", "p_here", "p_pickup")
_MATTERS = ("lost", "returned_to_sender", "returning", "exception", "failed_attempt", "available_for_pickup",
            "out_for_delivery", "in_transit", "handed_over", "delivered")  # fmt: skip
MOST_SCANS = 40
"""of one parcel on the page"""


def of(order: Order) -> list[Shipment]:
    """The parcels of an order that have left, oldest first; none while the page of the quote is to be shown. One query."""
    if order.state not in LEFT:
        return []
    return [one for one in parcels.of(order.id) if one.state in AWAY]


def context(
    o: Open,
    sent: Sequence[Shipment],
    found: Shown,
    link: CustomerLink,
    key: keys.Key,
    *,
    said: Said | None = None,
) -> dict[str, Any]:
    """Everything that doorstep/parcel.html needs: the page of the quote, and before it the parcels. Four more queries."""
    words = Words(o.language)
    events = ways.used_of(sent)
    outcomes = {one.id: converging.outcome(events[one.id]) for one in sent}
    carriers = _carriers(sent)
    inside = parcels.items([one.id for one in sent])
    many = len(sent) > 1 or o.order.state == "packing"
    most = min(sent, key=lambda one: _MATTERS.index(_state(one, outcomes[one.id])))
    around = quote_page.context(o, found, link, key, said=said)
    return {
        **around,
        "title": _title(most, outcomes[most.id], o.order, words),
        "lead": _lead(most, outcomes[most.id], carriers.get(most.carrier_id or 0), words),
        "parcels": [
            _parcel(
                one, outcomes[one.id], events[one.id], carriers.get(one.carrier_id or 0), o.order, around["steps"],
                words, count=len(sent) if many else 0, inside=inside[one.id] if many else (),
            )
            for one in sent
        ],
        "may_return": o.order.state != "packing",
        "rest": words("p_rest") if o.order.state == "packing" else "",
    }  # fmt: skip


def _title(parcel: Shipment, found: Outcome, order: Order, words: Words) -> str:
    key = TITLES.get(_state(parcel, found), "p_way")
    name = page.given_name(order)
    return words(f"{key}_to", name=name) if name and key in NAMED else words(key)


def _lead(parcel: Shipment, found: Outcome, carrier: Carrier | None, words: Words) -> str:
    """Who has it, and by when it should be there."""
    if parcel.state == "delivered" and parcel.delivered_at:
        return words("p_arrived", date=_day(parcel.delivered_at, words)) + "."
    has = words("p_has", carrier=carrier.name) if carrier else words("p_sent")
    due = _expected(parcel, found, words)
    return f"{has} {words('p_expected', date=due)}" if due else has


def _parcel(
    parcel: Shipment,
    found: Outcome,
    events: Sequence[Told],
    carrier: Carrier | None,
    order: Order,
    steps: Sequence[Mapping[str, Any]],
    words: Words,
    *,
    count: int,
    inside: Sequence[ShipmentItem],
) -> dict[str, Any]:
    state = _state(parcel, found)
    due = _expected(parcel, found, words)
    head = words("p_your")
    if parcel.delivered_at:
        head = words("p_arrived", date=_day(parcel.delivered_at, words))
    elif due:
        head = words("p_arrives", date=due)
    return {
        "id": parcel.id, "name": words("p_parcel", n=parcel.number, count=count) if count > 1 else "", "head": head,
        "label": words(f"p_s_{state}"), "tone": TONES.get(state, ""), "icon": _icon(state), "number": parcel.tracking_number,
        "number_label": words("p_number", carrier=carrier.name) if carrier else words("p_number_plain"),
        "link": links.link(parcel, carrier, language=words.language, country=order.ship_country),
        "steps": _steps(parcel, found, events, steps, carrier, due, words),
        "scans": [_scan(told, words) for told in list(reversed(events))[:MOST_SCANS] if told.status != "pending"],
        "inside": [(item.packed, item.name) for item in inside],
    }  # fmt: skip


def _icon(state: str) -> str:
    if state == "delivered":
        return "circle-check"
    return "triangle-alert" if TONES.get(state) == "bad" else "truck"


def _steps(
    parcel: Shipment, found: Outcome, events: Sequence[Told], before: Sequence[Mapping[str, Any]],
    carrier: Carrier | None, due: str, words: Words,
) -> list[dict[str, Any]]:  # fmt: skip
    """The way of the order as far as the parcel, then the parcel's own."""
    arrived = parcel.state == "delivered"
    handed = ", ".join(part for part in (carrier.name if carrier else "", parcel.tracking_number) if part)
    seen = [one for one in events if one.scanned and not (arrived and one.status == "delivered")]
    newest = seen[-1] if arrived and seen else None if arrived else found.newest
    where = ""
    if newest is not None and newest.scanned:
        where = ", ".join(part for part in (newest.place, _time(newest.at, words)) if part)
    door = found.newest.place if found.newest is not None and found.newest.status == "delivered" else ""
    trouble = TONES.get(_state(parcel, found)) == "bad"
    return [
        *({**step, "state": "done", "small": ""} for step in before[:3]),
        {"text": words("q_packed"), "small": handed, "state": "done", "when": _short(parcel.handed_over_at, words)},
        {
            "text": words(f"p_s_{_state(parcel, found)}").capitalize() if trouble else words("q_on_way"),
            "small": where, "state": "done" if arrived else "now",
            "when": _short(newest.at, words) if newest is not None and where else "",
        },
        {
            "text": words("q_delivered"), "small": door if arrived else due, "state": "done" if arrived else "",
            "when": _short(parcel.delivered_at, words),
        },
    ]  # fmt: skip


def _state(parcel: Shipment, found: Outcome) -> str:
    """What is true of a parcel, with the way back told apart from other trouble."""
    return "returning" if parcel.state == "exception" and found.returning else parcel.state


def _scan(told: Told, words: Words) -> dict[str, str]:
    back = told.returning and told.status != "delivered"
    key = "returning" if back else "returned_to_sender" if told.returning else told.status
    return {
        "text": words(f"p_s_{key}").capitalize(),
        "place": told.place,
        "when": _time(told.at, words),
        "iso": told.at.isoformat(),
    }


def _expected(parcel: Shipment, found: Outcome, words: Words) -> str:
    """The promised day while it may still come true: 'tomorrow, Tuesday 24 November'; today for what is in the van today."""
    today = _there(clock.now()).date()
    over = parcel.state in ("delivered", "returned_to_sender", "lost", "exception", "available_for_pickup")
    day = parcel.promised_on
    if (
        parcel.state == "out_for_delivery"
        and found.last_scan_at
        and _there(found.last_scan_at).date() == today
    ):
        day = today
    if day is None or day < today or over:
        return ""
    told = _weekday(day, words)
    if day == today:
        return words("p_today", date=told)
    return words("p_tomorrow", date=told) if day == today + timedelta(days=1) else told


def _weekday(day: date, words: Words) -> str:
    return str(format_date(day, "full", locale=LANGUAGES[words.language].locale))


def _there(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(store().time_zone))


def _day(at: datetime, words: Words) -> str:
    return str(format_date(_there(at).date(), "long", locale=LANGUAGES[words.language].locale))


def _short(at: datetime | None, words: Words) -> str:
    return str(format_skeleton("MMMd", _there(at), locale=LANGUAGES[words.language].locale)) if at else ""


def _time(at: datetime, words: Words) -> str:
    locale = LANGUAGES[words.language].locale
    return f"{_short(at, words)}, {format_datetime(_there(at), 'HH:mm', locale=locale)}"


def _carriers(sent: Sequence[Shipment]) -> dict[int, Carrier]:
    wanted = {one.carrier_id for one in sent if one.carrier_id}
    return {one.id: one for one in db.session.scalars(select(Carrier).where(Carrier.id.in_(wanted)))}
