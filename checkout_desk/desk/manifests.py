"""Manifests: what each carrier takes along today, its paper, its pickup, and the moment when all of it has left."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk import clock
from checkout_desk.accounts import sessions
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.settings.effective import long_day, today
from checkout_desk.settings.models import store
from checkout_desk.settings.typed import Typed, day, line, time_of_day
from checkout_desk.shipping import carriers, leaving_day, manifests
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import Carrier, Manifest
from checkout_desk.shipping.paper import manifest as paper
from checkout_desk.web.access import requires

blueprint = Blueprint("manifests", __name__, url_prefix="/shipping/manifests")


@blueprint.get("")
@requires("shipping.write")
def everything() -> ResponseReturnValue:
    """What waits for whom, and the lists that there are."""
    return _list()


def _list(error: str = "", status: int = 200) -> ResponseReturnValue:
    every = carriers.every()
    waiting, rows = manifests.waiting(), manifests.newest()
    sizes, names = manifests.sizes([row.id for row in rows]), {row.id: row.name for row in every}
    face = frame().face
    lists = [
        {
            "id": row.id, "carrier": names.get(row.carrier_id or 0, "–"), "open": row.state == "open", "parcels": n, "left": here,
            "when": face.short(row.closed_at or row.made_at), "by": frame().name(row.closed_by_id or row.made_by_id),
        }
        for row in rows
        for n, here in (sizes.get(row.id, (0, 0)),)
    ]  # fmt: skip
    awaited = [{"id": row.id, "name": row.name, "n": waiting[row.id]} for row in every if waiting.get(row.id)]
    context = {"awaited": awaited, "nobody": waiting.get(0, 0), "lists": lists, "error": error}
    return render_template("shipping/manifests.html", **context), status


@blueprint.post("")
@requires("shipping.write")
def make() -> ResponseReturnValue:
    """Put all that waits for a carrier on its list."""
    number = request.form.get("carrier", "")
    carrier = (
        db.session.get(Carrier, int(number))
        if number.isascii() and number.isdigit() and len(number) < 10
        else None
    )
    if carrier is None:
        abort(404)
    try:
        found = manifests.gather(carrier, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _list(str(refusal), 409)
    manifest_id = found.id
    db.session.commit()
    return redirect(url_for(".manifest", manifest_id=manifest_id), 303)


@blueprint.get("/<int:manifest_id>")
@requires("shipping.write")
def manifest(manifest_id: int) -> ResponseReturnValue:
    """One list."""
    return _page(_load(manifest_id))


def _load(manifest_id: int) -> Manifest:
    return db.session.get(Manifest, manifest_id) or abort(404)


def _page(
    found: Manifest,
    *,
    form: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    error: str = "",
    refused: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    carrier, face = db.session.get(Carrier, found.carrier_id or 0), frame().face
    rows = [
        {
            "id": one.parcel.id, "name": f"{one.order.number}-P{one.parcel.number}", "who": one.order.ship_name,
            "place": _place(one), "service": one.parcel.service, "number": one.parcel.tracking_number,
            "weight": f"{one.grams} g" if one.grams is not None else "–", "here": one.parcel.state in HERE,
        }
        for one in manifests.entries(found)
    ]  # fmt: skip
    kept = {
        "on": found.pickup_on.isoformat() if found.pickup_on else today().isoformat(),
        "begins": found.pickup_from or "14:00", "ends": found.pickup_until or "17:00", "note": found.pickup_note,
    }  # fmt: skip
    more = manifests.waiting().get(found.carrier_id or 0, 0) if found.state == "open" else 0
    if found.refused and not refused:
        refused = [(name, why) for name, why in found.refused]
        error = error or _stay(len(refused))
    context = {
        "m": found, "leaving": found.leaving_by_id is not None, "carrier": carrier.name if carrier else "", "rows": rows, "left": sum(bool(row["here"]) for row in rows), "more": more,
        "open": found.state == "open", "pickup": _pickup(found), "form": form or kept, "errors": errors or {},
        "sold": bool(manifests.bought_refs(found)), "error": error, "refused": refused or [], "made": f"{face.short(found.made_at)}, {frame().name(found.made_by_id)}",
        "closed": f"{face.short(found.closed_at)}, {frame().name(found.closed_by_id)}" if found.closed_at else "",
    }  # fmt: skip
    return render_template("shipping/manifest.html", **context), status


def _stay(n: int) -> str:
    words = "1 parcel has to stay" if n == 1 else f"{n} parcels have to stay"
    return f"{words}; the others are handed over. Put them right, or leave them for another day."


def _place(one: manifests.Entry) -> str:
    parts = (one.order.ship_postcode, one.order.ship_city, one.order.ship_country)
    return ", ".join(part for part in parts if part)


def _pickup(found: Manifest) -> str:
    if found.pickup_on is None:
        return ""
    said = f"{long_day(found.pickup_on)} from {found.pickup_from} to {found.pickup_until}"
    said += f", {found.pickup_note}" if found.pickup_note else ""
    return said + (f", confirmed as {found.pickup_ref}" if found.pickup_ref else "")


@blueprint.post("/<int:manifest_id>/parcels/<int:shipment_id>/leave")
@requires("shipping.write")
def leave(manifest_id: int, shipment_id: int) -> ResponseReturnValue:
    """A parcel stays for another day."""
    try:
        manifests.take_out(_load(manifest_id), shipment_id)
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(manifest_id), error=str(refusal), status=409)
    db.session.commit()
    return redirect(url_for(".manifest", manifest_id=manifest_id), 303)


@blueprint.post("/<int:manifest_id>/pickup")
@requires("shipping.write", writes=False)
def pickup(manifest_id: int) -> ResponseReturnValue:
    """When the driver shall come."""
    _load(manifest_id)
    typed, by_id, ref = Typed(request.form), sessions.who().id, ""
    on = typed.take("on", day("Day"))
    begins, ends = typed.take("begins", time_of_day), typed.take("ends", time_of_day)
    note = typed.take("note", line("Note", 200))
    if not typed.errors:
        try:
            ref = manifests.ask_pickup(manifest_id, on=on, begins=begins, ends=ends, note=note, by_id=by_id)
        except Refused as refusal:
            typed.errors["form"] = str(refusal)
    if typed.errors:
        db.session.rollback()
        return _page(_load(manifest_id), form=typed.raw, errors=typed.errors, status=422)
    flash(f"The carrier confirms the pickup: {ref}." if ref else "The pickup is noted on the list.")
    return redirect(url_for(".manifest", manifest_id=manifest_id), 303)


@blueprint.post("/<int:manifest_id>/form")
@requires("shipping.write", writes=False)
def form(manifest_id: int) -> ResponseReturnValue:
    """Have the carrier make its own form of the list."""
    _load(manifest_id)
    by_id = sessions.who().id
    try:
        manifests.ask_form(manifest_id, by_id=by_id)
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(manifest_id), error=str(refusal), status=409)
    return redirect(url_for(".manifest", manifest_id=manifest_id), 303)


@blueprint.get("/<int:manifest_id>/form.pdf")
@requires("shipping.write")
def form_pdf(manifest_id: int) -> ResponseReturnValue:
    """The carrier's own form."""
    digest = _load(manifest_id).form_sha256
    if not digest:
        abort(404)
    response = Response(blobs().get(digest), content_type="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"form-{manifest_id}.pdf")
    return response


@blueprint.post("/<int:manifest_id>/close")
@requires("shipping.write", writes=False)
def close(manifest_id: int) -> ResponseReturnValue:
    """Everything on the list has left."""
    if _load(manifest_id).state != "open":
        return _page(
            _load(manifest_id), error="This list is closed already; its parcels have left.", status=409
        )
    by_id = sessions.who().id
    if manifests.sizes([manifest_id]).get(manifest_id, (0, 0))[1] > leaving_day.AT_ONCE:
        leaving_day.begin(manifest_id, by_id=by_id)
        return redirect(url_for(".manifest", manifest_id=manifest_id), 303)
    refused = manifests.hand_over_all(manifest_id, by_id=by_id)
    if refused:
        return _page(_load(manifest_id), error=_stay(len(refused)), refused=refused, status=409)
    n = manifests.sizes([manifest_id]).get(manifest_id, (0, 0))[0]
    flash(f"{n} {'parcel is' if n == 1 else 'parcels are'} handed over.")
    return redirect(url_for(".manifest", manifest_id=manifest_id), 303)


@blueprint.get("/<int:manifest_id>.pdf")
@requires("shipping.write")
def pdf(manifest_id: int) -> ResponseReturnValue:
    """The paper that the driver signs."""
    found, shop = _load(manifest_id), store()
    carrier = db.session.get(Carrier, found.carrier_id or 0)
    lines = [
        paper.Line(
            f"{one.order.number}-P{one.parcel.number}", one.order.ship_name, _place(one), one.parcel.service,
            one.parcel.tracking_number, one.grams,
        )
        for one in manifests.entries(found)
    ]  # fmt: skip
    at = found.closed_at or clock.now()
    data = paper.pdf(
        lines, shop=shop.name, sender=shop.sender_address, carrier=carrier.name if carrier else "", at=at,
        day=long_day(at.astimezone(frame().face.zone).date()), title=f"Manifest {found.id}", pickup=_pickup(found),
    )  # fmt: skip
    response = Response(data, content_type="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"manifest-{found.id}.pdf")
    return response
