"""Buying the label of a parcel: see the prices, take one, give it back. For carriers whose machine sells labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk import money
from checkout_desk.accounts import sessions
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.shipping import adapters, buying, labelling, parcels
from checkout_desk.shipping.adapters import Rate, RateGone
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import Carrier, Label, Shipment
from checkout_desk.web.access import requires

blueprint = Blueprint("label_buying", __name__, url_prefix="/shipping/parcels/<int:shipment_id>/buy")

STATES = {
    "buying": ("Asked for, no answer yet", "soon", "hourglass"), "unknown": ("Nobody knows", "bad", "circle-help"),
    "made": ("Counts", "good", "circle-check"), "void": ("Void", "", "ban"),
    "refund_asked": ("Money claimed back", "soon", "undo-2"), "refunded": ("Money is back", "good", "circle-check"),
    "refund_refused": ("Claim refused", "bad", "circle-x"),
}  # fmt: skip
"""state of a label -> what it is called, its tone and icon"""


@blueprint.get("")
@requires("shipping.write")
def show(shipment_id: int) -> ResponseReturnValue:
    """The labels of the parcel, and the button that asks for prices."""
    return _page(shipment_id)


@blueprint.post("/prices")
@requires("shipping.write", writes=False)
def prices(shipment_id: int) -> ResponseReturnValue:
    """What the carriers ask for it now."""
    _load(shipment_id)
    try:
        return _page(shipment_id, rates=buying.rates(shipment_id))
    except Refused as refusal:
        return _page(shipment_id, error=str(refusal), status=409)


@blueprint.post("")
@requires("shipping.write", writes=False)
def buy(shipment_id: int) -> ResponseReturnValue:
    """Buy one at the price that was shown; a second click shows the label that is there."""
    rate = _chosen(request.form.get("rate", ""))
    if rate is None:
        return _page(shipment_id, error="Choose one of the prices.", status=422)
    db.session.rollback()
    begin_write()
    try:
        parcel, _ = _load(shipment_id)
        label, new = buying.begin(parcel, rate, by=sessions.me())
        label_id = label.id
        db.session.commit()
        if new:
            buying.carry_out(label_id)
    except RateGone as gone:
        return _page(
            shipment_id,
            rates=gone.rates,
            error=f"{gone} Nothing was bought; these are the prices now.",
            status=409,
        )
    except Refused as refusal:
        db.session.rollback()
        return _page(shipment_id, error=str(refusal), status=409)
    db.session.rollback()
    state = db.session.get_one(Label, label_id).state
    flash(
        "The label is bought."
        if state == "made"
        else "The carrier has not answered yet; the desk looks again by itself."
    )
    return redirect(url_for(".show", shipment_id=shipment_id), 303)


def _chosen(text: str) -> Rate | None:
    parts = text.split("|")
    if (
        len(parts) != 4
        or len(text) > 200
        or not (parts[2].isascii() and parts[2].isdigit() and len(parts[2]) < 10)
    ):
        return None
    return Rate(parts[0], parts[1], int(parts[2]), parts[3][:3])


@blueprint.post("/<int:label_id>/back")
@requires("shipping.write")
def give_back(shipment_id: int, label_id: int) -> ResponseReturnValue:
    """A label that is not used is claimed back."""
    label = _label(shipment_id, label_id)
    try:
        labelling.void(label, by=sessions.me(), reason=request.form.get("reason", "")[:200])
    except Refused as refusal:
        db.session.rollback()
        return _page(shipment_id, error=str(refusal), status=409)
    db.session.commit()
    flash("The label does not count any more; its money is claimed back.")
    return redirect(url_for(".show", shipment_id=shipment_id), 303)


@blueprint.post("/<int:label_id>/not-sold")
@requires("shipping.write")
def not_sold(shipment_id: int, label_id: int) -> ResponseReturnValue:
    """A person has seen at the carrier that nothing was sold."""
    label = _label(shipment_id, label_id)
    try:
        buying.give_up(label, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _page(shipment_id, error=str(refusal), status=409)
    db.session.commit()
    flash("Another label can be bought now. Should this one turn up all the same, its money is claimed back.")
    return redirect(url_for(".show", shipment_id=shipment_id), 303)


@blueprint.post("/<int:label_id>/print")
@requires("shipping.write")
def print_it(shipment_id: int, label_id: int) -> ResponseReturnValue:
    """The carrier's own PDF. The record counts every print."""
    label = _label(shipment_id, label_id)
    if not label.pdf_sha256:
        return _page(
            shipment_id,
            error="The label is bought, but its picture is not here yet; try again in a minute.",
            status=409,
        )
    try:
        labelling.printed(label, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _page(shipment_id, error=str(refusal), status=409)
    data = blobs().get(label.pdf_sha256)
    db.session.commit()
    response = Response(data, content_type="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"label-{label_id}.pdf")
    return response


def _load(shipment_id: int) -> tuple[Shipment, Any]:
    return parcels.load(shipment_id) or abort(404)


def _label(shipment_id: int, label_id: int) -> Label:
    found = db.session.get(Label, label_id)
    if found is None or found.shipment_id != shipment_id:
        abort(404)
    return found


def _page(
    shipment_id: int, *, rates: Sequence[Rate] = (), error: str = "", status: int = 200
) -> ResponseReturnValue:
    parcel, order = _load(shipment_id)
    carrier = db.session.get(Carrier, parcel.carrier_id or 0)
    labels = db.session.scalars(
        select(Label).where(Label.shipment_id == shipment_id).order_by(Label.id.desc())
    ).all()
    live = any(one.state in ("buying", "made", "unknown") for one in labels)
    sells = carrier is not None and adapters.of(carrier.adapter).buys
    grams = parcel.weight_grams or parcel.expected_grams
    context = {
        "p": parcel, "name": parcels.name(parcel, order), "who": order.ship_name,
        "place": ", ".join(part for part in (order.ship_postcode, order.ship_city, order.ship_country) if part),
        "carrier": carrier.name if carrier else "", "sells": sells, "weight": f"{grams} g" if grams else "not weighed",
        "can_buy": bool(sells) and not live and parcel.state in HERE, "error": error,
        "rates": [
            {"key": r.key, "name": f"{r.carrier} {r.service}", "days": r.days, "price": money.show(r.price_minor, r.currency)}
            for r in rates
        ],
        "labels": [_shown(one, parcel) for one in labels],
    }  # fmt: skip
    return render_template("shipping/label_buying.html", **context), status


def _shown(label: Label, parcel: Shipment) -> dict[str, Any]:
    words, tone, icon = STATES[label.state]
    face, rate = frame().face, label.address.get("rate") or {}
    return {
        "id": label.id, "number": label.number, "state": label.state, "words": words, "tone": tone, "icon": icon,
        "name": f"{rate.get('carrier', '')} {rate.get('service', '')}".strip() or "Our own", "bought": bool(label.ref),
        "price": money.show(label.price_minor, label.currency) if label.price_minor is not None and label.currency else "",
        "when": f"{face.short(label.made_at)}, {frame().name(label.made_by_id)}", "fault": label.fault or label.void_reason,
        "until": face.short(label.void_until) if label.void_until else "", "here": parcel.state in HERE,
        "printed": label.printed,
    }  # fmt: skip
