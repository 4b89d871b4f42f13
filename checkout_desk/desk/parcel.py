"""One parcel: its way, what is in it, the alarms about it, and what a person writes down or decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts import sessions
from checkout_desk.desk import shipping_paper
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.parcel_block import STATES
from checkout_desk.desk.paths import path
from checkout_desk.desk.tracking_board import STATUSES
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders import questioning
from checkout_desk.orders.models import Order
from checkout_desk.shipping import addressing, alarms, labelling, links, parcels, riding, tracking, ways
from checkout_desk.shipping.board import COLUMNS
from checkout_desk.shipping.converging import Told
from checkout_desk.shipping.lifecycle import HERE, ON_ITS_WAY, SHIPMENT
from checkout_desk.shipping.models import Carrier, DeliveryAlarm, Label, Shipment
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("parcel", __name__, url_prefix="/shipping/parcels")

SOURCES = {"poll": "asked", "webhook": "told by the carrier", "person": "entered by hand"}
REASON_LONGEST = 200


@blueprint.get("/<int:parcel_id>")
@requires("shipping.read")
def show(parcel_id: int) -> ResponseReturnValue:
    """The parcel."""
    return _page(parcel_id)


def _page(
    parcel_id: int, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    found = parcels.load(parcel_id)
    if found is None:
        abort(404)
    parcel, order = found
    around = frame()
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    label = db.session.scalars(
        select(Label).where(Label.shipment_id == parcel.id).order_by(Label.number.desc()).limit(1)
    ).one_or_none()
    name, tone = STATES[parcel.state]
    all_alarms = db.session.scalars(
        select(DeliveryAlarm).where(DeliveryAlarm.shipment_id == parcel.id).order_by(DeliveryAlarm.id.desc())
    ).all()
    context = {
        "parcel": parcel, "order": order, "name": parcels.name(parcel, order), "state": name, "tone": tone,
        "said": _said(parcel, around), "events": _events(parcel, around),
        "alarms": [_alarm(one, around) for one in all_alarms if one.settled_at is None],
        "settled": [_alarm(one, around) for one in all_alarms if one.settled_at is not None],
        "items": parcels.items([parcel.id])[parcel.id], "facts": _facts(parcel, carrier, label, around),
        "link": links.link(parcel, carrier, language="en", country=order.ship_country),
        "address": questioning.address(order, "en").split("\n"),
        "order_url": _order_url(order), "mail_url": _mail_url(order, all_alarms),
        "stale": parcel.state in HERE and label is not None and label.state == "made" and addressing.stale(label, order),
        "correct_url": url_for("tracking_numbers.correction", parcel_id=parcel.id) if parcel.state in ON_ITS_WAY and not parcel.rides_id else None,
        "buy_url": url_for("label_buying.show", shipment_id=parcel.id) if carrier and carrier.adapter != "manual" else None,
        "statuses": [(one, STATUSES[one][0]) for one in COLUMNS if one != "pending"],
        "typed": request.form, "errors": errors or {}, "now": f"{around.face.now.astimezone(around.face.zone):%Y-%m-%dT%H:%M}",
        "may": around.person.may("shipping.write"), "may_follow": around.person.may("shipping.follow"),
        "act": "void" if parcel.state in HERE else "lose" if parcel.state in ON_ITS_WAY and not parcel.rides_id else "",
        "fellows": _fellows(parcel),
        "left": parcel.handed_over_at is not None, "papers": shipping_paper.of(parcel, order, label),
        "doubts": labelling.doubts(addressing.recipient(order)) if parcel.state in HERE else [],
    }  # fmt: skip
    return render_template("shipping/parcel.html", **context), status


def _fellows(parcel: Shipment) -> str:
    """Whose pieces are in the same box, as a sentence; '' for a parcel of one order."""
    numbers = " and ".join(map(str, riding.fellows(parcel)))
    if not numbers:
        return ""
    lead = f" It goes by the label and the number of {riding.called(parcel)}." if parcel.rides_id else ""
    return f"It shares a box with order {numbers}.{lead}"


def _said(parcel: Shipment, around: Frame) -> str:
    """One line below the name: what counts now."""
    if parcel.state == "delivered" and parcel.delivered_at:
        return f"Delivered {around.face.short(parcel.delivered_at)}."
    if parcel.state == "void":
        return "This parcel is not sent."
    if parcel.state in HERE:
        return "Not handed over yet."
    promised = (
        f", promised for {parcel.promised_on:%a} {parcel.promised_on.day} {parcel.promised_on:%b}"
        if parcel.promised_on
        else ""
    )
    scan = f"last scan {around.face.ago(parcel.last_scan_at)}" if parcel.last_scan_at else "no scan yet"
    return f"{scan.capitalize()}{promised}."


def _events(parcel: Shipment, around: Frame) -> list[dict[str, Any]]:
    """The way, newest first, with what is not used and why."""
    found = []
    for row in reversed(ways.rows([riding.box(parcel)])):
        name, icon, tone = STATUSES[row.status]
        found.append(
            {
                "name": f"{name}, coming back" if row.returning else name, "icon": icon,
                "tone": "bad" if row.returning else tone, "words": row.words, "place": row.place,
                "when": around.face.short(row.at), "iso": row.at.isoformat(), "source": SOURCES.get(row.source, row.source),
                "doubt": ways.known(row).doubt(parcel.created_at),
            }
        )  # fmt: skip
    return found


def _alarm(alarm: DeliveryAlarm, around: Frame) -> dict[str, Any]:
    by = around.name(alarm.settled_by_id) if alarm.settled_by_id else "by itself"
    return {
        "id": alarm.id, "title": alarms.TITLES[alarm.kind], "when": around.face.short(alarm.at),
        "how": alarm.settled_how, "by": by, "settled": around.face.short(alarm.settled_at) if alarm.settled_at else "",
    }  # fmt: skip


def _facts(
    parcel: Shipment, carrier: Carrier | None, label: Label | None, around: Frame
) -> list[tuple[str, str]]:
    weight = f"{parcel.weight_grams} g" if parcel.weight_grams else ""
    if parcel.expected_grams and not weight:
        weight = f"{parcel.expected_grams} g by the catalogue"
    rows = [
        ("Service", ", ".join(part for part in (parcel.service, carrier.name if carrier else "") if part)),
        ("Weight", weight),
        (
            "Label",
            f"no. {label.number}, {label.state.replace('_', ' ')}, printed {label.printed}×" if label else "",
        ),
        ("Packed", around.face.short(parcel.packed_at) if parcel.packed_at else ""),
        ("Handed over", around.face.short(parcel.handed_over_at) if parcel.handed_over_at else ""),
        ("Handed over by", around.name(parcel.handed_over_by_id) if parcel.handed_over_by_id else ""),
    ]
    return [(name, value) for name, value in rows if value]


def _order_url(order: Order) -> str | None:
    if order.conversation_id is None:
        return None
    return f"{path('workspace.show', conversation_id=order.conversation_id)}?order={order.number}"


def _mail_url(order: Order, rows: Any) -> str | None:
    """Where the mail about what is wrong opens."""
    if order.conversation_id is None or not any(one.settled_at is None for one in rows):
        return None
    if not frame().person.may("conversations.write"):
        return None
    return url_for("composer.show", conversation_id=order.conversation_id, kind="reply", delayed=order.number)


def _change(parcel_id: int, *, box: bool = False) -> tuple[Shipment, Order]:
    """The parcel and its order, locked; with `box` the one whose box it rides in."""
    parcel = db.session.get(Shipment, parcel_id) or abort(404)
    parcel = riding.lead(parcel) if box else parcel
    return parcel, parcels.lock(parcel)


def _done(parcel_id: int, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence)
    return redirect(url_for(".show", parcel_id=parcel_id), 303)


@blueprint.post("/<int:parcel_id>/events")
@requires("shipping.follow")
def say(parcel_id: int) -> ResponseReturnValue:
    """A person writes down what the carrier said."""
    parcel, _ = _change(parcel_id, box=True)
    form, errors = request.form, dict[str, str]()
    status = form.get("status", "")
    if status not in STATUSES or status == "pending":
        errors["status"] = "Choose what happened."
    at = _moment(form.get("at", ""))
    if at is None:
        errors["at"] = f"“{form.get('at', '')[:20]}” is no time; type it such as 2026-11-22T14:30."
    elif at > clock.now():
        errors["at"] = f"“{form.get('at', '')[:20]}” lies ahead; enter when it happened."
    if errors or at is None:
        db.session.rollback()
        return _page(parcel_id, errors=errors, status=422)
    told = Told(
        at, status, mask_cards(form.get("words", ""))[: tracking.WORDS_LONGEST],
        mask_cards(form.get("place", ""))[: tracking.PLACE_LONGEST], bool(form.get("returning")),
    )  # fmt: skip
    try:
        tracking.say(parcel, told, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _page(parcel_id, errors={"say": str(refusal)}, status=409)
    return _done(parcel_id, "Noted.")


def _moment(typed: str) -> datetime | None:
    """A time as the form types it, in the store's zone."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=frame().face.zone)
    except ValueError:
        return None


@blueprint.post("/<int:parcel_id>/alarms")
@requires("shipping.follow")
def settle(parcel_id: int) -> ResponseReturnValue:
    """Somebody has looked: an alarm is over, and what came of it is kept."""
    parcel, order = _change(parcel_id)
    wanted = request.form.get("alarm", type=row_number)
    found = [one for one in alarms.open_ones([parcel.id]) if one.id == wanted]
    if not found:
        db.session.rollback()
        return _page(parcel_id, errors={"alarm": "This alarm is settled already."}, status=409)
    try:
        alarms.settle(found, order, by=sessions.me(), how=mask_cards(request.form.get("how", "")))
    except Refused as refusal:
        db.session.rollback()
        return _page(parcel_id, errors={f"how{wanted}": str(refusal)}, status=422)
    return _done(parcel_id, "Settled.")


@blueprint.post("/<int:parcel_id>/<act>")
@requires("shipping.write")
def end(parcel_id: int, act: str) -> ResponseReturnValue:
    """The parcel is not sent, or the carrier has lost it; both with a reason."""
    if act not in ("void", "lose"):
        abort(404)
    parcel, order = _change(parcel_id)
    reason = mask_cards(" ".join(request.form.get("reason", "").split())[:REASON_LONGEST])
    if not reason:
        db.session.rollback()
        return _page(
            parcel_id, errors={"reason": "Say why; whoever looks at it later reads this first."}, status=422
        )
    me = sessions.me()
    try:
        if act == "void":
            parcels.void(parcel, by=me, reason=reason)
        else:
            SHIPMENT.fire(parcel, "lose", by=me, reason=reason)
            alarms.look(parcel, order, ways.used(parcel))
    except Refused as refusal:
        db.session.rollback()
        return _page(parcel_id, errors={"reason": str(refusal)}, status=409)
    name = parcels.name(parcel, order)
    return _done(parcel_id, f"Parcel {name} is not sent." if act == "void" else f"Parcel {name} is lost.")
