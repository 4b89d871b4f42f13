"""Tracking numbers: scanned one after the other (order, Enter, number, Enter), pasted, or imported, and corrected."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts import sessions
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.settings.choices import countries
from checkout_desk.shipping import links, number_importing, number_lists, numbering, parcels
from checkout_desk.shipping.lifecycle import HERE, ON_ITS_WAY
from checkout_desk.shipping.models import Carrier, NumberList, Shipment
from checkout_desk.shipping.number_importing import Row
from checkout_desk.shipping.number_lists import Unusable
from checkout_desk.shipping.numbering import DOUBTS, Doubtful, Judgement
from checkout_desk.web.access import requires

blueprint = Blueprint("tracking_numbers", __name__, url_prefix="/shipping/numbers")

RECENT = 8
SHOWN = 300
"""lines of a list that a page shows, those with something to say first; the rest is counted"""
KINDS = {
    "good": ("Ready", "good"), "given": ("Given", "good"), "same": ("As before", ""),
    "not_packed": ("Not packed", "soon"), "other_carrier": ("Other carrier", "soon"),
    "unlike": ("Looks wrong", "soon"), "wrong_check": ("Check digit", "soon"), "used": ("Another parcel’s", "bad"),
    "unknown": ("Not known", "bad"), "which": ("Which parcel", "bad"), "gone": ("Has left", "bad"),
    "refused": ("Refused", "bad"), "unreadable": ("Cannot be read", "bad"),
}  # fmt: skip
"""kind of a line -> how it is called, and its tone"""


@blueprint.get("")
@requires("shipping.write")
def show() -> ResponseReturnValue:
    """The field that is scanned into, and the box for lists."""
    what, fault = request.args.get("what", "")[:60], ""
    found = None
    if what:
        try:
            found = _meant(what)
        except Refused as refusal:
            fault, what = str(refusal), ""
    return _page(what=what, found=found, fault=fault)


@blueprint.post("")
@requires("shipping.write")
def scan() -> ResponseReturnValue:
    """What was scanned: an order or parcel, then its number; or both in one line."""
    text, what = request.form.get("scan", "").strip()[:120], request.form.get("what", "")[:60]
    if not text:
        return _page(
            what=what, found=_quietly(what), fault="Nothing was scanned; scan or type it.", status=422
        )
    if number_lists.reference(text) is not None:
        return _chosen(text, what)
    pair = _pair(text) if not what else None
    if pair is not None:
        what, text = pair
    if not what:
        owner = numbering.owner(numbering.key(text))
        if owner is not None and owner.state not in HERE:
            return redirect(url_for(".correction", parcel_id=owner.id, done=_done()), 303)
        fault = f"“{text[:40]}” is no order or parcel; scan the order first, such as 1042, then its number."
        return _page(fault=fault, typed=text, status=422)
    return _given(what, text)


def _chosen(text: str, before: str) -> ResponseReturnValue:
    try:
        _meant(text)
    except Refused as refusal:
        db.session.rollback()
        return _page(what=before, found=_quietly(before), fault=str(refusal), typed=text, status=422)
    return redirect(url_for(".show", what=text, done=_done()), 303)


def _pair(text: str) -> tuple[str, str] | None:
    """An order and its number in one line."""
    try:
        line = number_lists.read(text)[0]
    except Unusable:
        return None
    return (line.order, line.number) if not line.fault else None


def _given(what: str, text: str) -> ResponseReturnValue:
    confirmed = _confirmed()
    number = request.form.get("likely", "")[:60] or text
    me = sessions.me()
    try:
        order, parcel = _meant(what)
        if parcel is not None and parcel.state in ON_ITS_WAY:
            db.session.rollback()
            return redirect(url_for(".correction", parcel_id=parcel.id, number=number, done=_done()), 303)
        if parcel is None:
            if "not_packed" not in confirmed:
                raise Doubtful(Judgement("not_packed", f"Nobody has begun to pack order {order.number} yet."))
            loading.lock(order)
            parcel = parcels.start(order, by=me)
        parcel_id = parcel.id
        given = numbering.give(parcel, number, by=me, how="scan", confirmed=confirmed)
    except Doubtful as doubt:
        db.session.rollback()
        return _page(
            what=what,
            found=_quietly(what),
            typed=number,
            doubt=doubt.judgement,
            confirmed=confirmed,
            status=409,
        )
    except Refused as refusal:
        db.session.rollback()
        return _page(what=what, found=_quietly(what), fault=str(refusal), typed=number, status=409)
    db.session.commit()
    flash(given.words)
    return redirect(url_for(".show", done=_done(parcel_id)), 303)


def _meant(text: str) -> tuple[Order, Shipment | None]:
    """The order that `text` names, and the parcel of it that waits for a number or has the newest one. Raises Refused."""
    named = number_lists.reference(text)
    order = loading.load(named[0]) if named else None
    if named is None or order is None:
        raise Refused(f"There is no order {named[0] if named else text[:40]}.")
    everything = [one for one in parcels.of(order.id) if one.state != "void"]
    if named[1] is not None:
        everything = [one for one in everything if one.number == named[1]]
        if not everything:
            raise Refused(f"Order {order.number} has no parcel {named[1]}.")
    here = [one for one in everything if one.state in HERE]
    free = [one for one in here if not one.tracking_key] or here
    if len(free) > 1:
        name = parcels.name(free[0], order)
        raise Refused(f"Order {order.number} has {len(free)} parcels; name one, such as {name}.")
    if free:
        return order, free[0]
    if not everything and order.state not in ("paid", "packing"):
        raise Refused(f"Order {order.number} is {order.state}; nothing of it is packed now.")
    return order, everything[-1] if everything else None


def _quietly(what: str) -> tuple[Order, Shipment | None] | None:
    try:
        return _meant(what) if what else None
    except Refused:
        return None


def _confirmed() -> list[str]:
    """What the person took all the same: before (hidden), by boxes, and by the button that was pressed now."""
    said = [*request.form.getlist("confirmed"), *request.form.getlist("confirm")]
    return [kind for kind in DOUBTS if kind in said]


def _done(*new: int) -> str | None:
    """The parcels that were numbered a moment ago, as the address carries them."""
    before = [part for part in request.values.get("done", "").split(",") if part.isascii() and part.isdigit()]
    found = list(dict.fromkeys([*map(str, new), *(part[:18] for part in before)]))
    return ",".join(found[:RECENT]) or None


def _page(
    *,
    what: str = "",
    found: tuple[Order, Shipment | None] | None = None,
    fault: str = "",
    typed: str = "",
    doubt: Judgement | None = None,
    confirmed: Collection[str] = (),
    status: int = 200,
    **more: Any,
) -> ResponseReturnValue:
    carriers = {row.id: row for row in db.session.scalars(select(Carrier))}
    context = {
        "what": what if found else "", "aim": _aim(*found, carriers) if found else None, "fault": fault, "typed": typed,
        "doubt": doubt, "confirmed": confirmed, "take": DOUBTS.get(doubt.kind, "") if doubt else "",
        "done": _done() or "", "recent": _recent(carriers), "plan": None, "text": "", "error": "", **more,
    }  # fmt: skip
    return render_template("shipping/numbers.html", **context), status


def _aim(order: Order, parcel: Shipment | None, carriers: dict[int, Carrier]) -> dict[str, Any]:
    carrier = carriers.get(parcel.carrier_id or 0) if parcel else None
    return {
        "name": parcels.name(parcel, order) if parcel else str(order.number),
        "who": order.ship_name, "place": ", ".join(part for part in (order.ship_city, countries().get(order.ship_country, order.ship_country)) if part),
        "carrier": carrier.name if carrier else "", "service": parcel.service if parcel else "",
        "number": parcel.tracking_number if parcel else "", "left": bool(parcel and parcel.state not in HERE),
    }  # fmt: skip


def _recent(carriers: dict[int, Carrier]) -> list[dict[str, Any]]:
    ids = [int(part) for part in (_done() or "").split(",") if part]
    if not ids:
        return []
    rows = db.session.execute(
        select(Shipment, Order).join(Order, Order.id == Shipment.order_id).where(Shipment.id.in_(ids))
    ).all()
    by_id = {parcel.id: (parcel, order) for parcel, order in rows}
    return [_number(*by_id[one], carriers) for one in ids if one in by_id]


def _number(parcel: Shipment, order: Order, carriers: dict[int, Carrier]) -> dict[str, Any]:
    carrier = carriers.get(parcel.carrier_id or 0)
    return {
        "name": parcels.name(parcel, order), "who": order.ship_name, "number": parcel.tracking_number,
        "carrier": carrier.name if carrier else "", "left": parcel.state not in HERE,
        "link": links.link(parcel, carrier, language=order.language, country=order.ship_country),
        "url": url_for(".correction", parcel_id=parcel.id, done=_done()) if parcel.state in ON_ITS_WAY else "",
    }  # fmt: skip


@blueprint.post("/list")
@requires("shipping.write")
def take_list() -> ResponseReturnValue:
    """A pasted list or a file: first what it would do, then, when the person says so, doing it."""
    upload = request.files.get("file")
    text, filename = request.form.get("text", ""), request.form.get("filename", "")[:200]
    try:
        if upload and upload.filename:
            filename = upload.filename[:200]
            text = number_lists.decode(upload.stream.read(number_lists.LARGEST + 1))
        rows = number_importing.plan(number_lists.read(text))
    except Unusable as reason:
        return _page(error=str(reason), text=text, status=422)
    confirmed = _confirmed()
    likely = {int(n) for n in request.form.getlist("likely") if n.isascii() and n.isdigit() and len(n) < 7}
    if "give" not in request.form:
        return _planned(rows, text=text, filename=filename)
    taken = number_importing.taking(rows, confirmed=confirmed, likely=likely)
    if request.form.get("seen") != _seen(rows):
        return _planned(
            rows, text=text, filename=filename, status=409,
            error="Meanwhile something has changed, and other lines can be given now. Nothing was done; look again.",
        )  # fmt: skip
    if not taken:
        return _planned(
            rows, text=text, filename=filename, error="There is nothing to give in it.", status=422
        )
    found = number_importing.begin(
        rows, confirmed=confirmed, likely=likely, filename=filename, by=sessions.me()
    )
    list_id, few = found.id, found.total <= number_importing.AT_ONCE
    db.session.commit()
    if few:
        number_importing.carry_on(list_id)
    return redirect(url_for(".taken_list", list_id=list_id), 303)


def _seen(rows: Sequence[Row]) -> str:
    """What a person has looked at, so that nothing else is done."""
    return hashlib.sha256(repr([(row.line, row.kind, row.part) for row in rows]).encode()).hexdigest()[:16]


def _planned(
    rows: list[Row], *, text: str, filename: str, error: str = "", status: int = 200
) -> ResponseReturnValue:
    counts = Counter(row.kind for row in rows)
    shown = sorted(rows, key=lambda row: (row.kind == "good", row.kind == "same", row.line))
    plan = {
        "filename": filename, "seen": _seen(rows), "ready": counts["good"], "same": counts["same"],
        "doubts": [(kind, words, counts[kind]) for kind, words in DOUBTS.items() if counts[kind]],
        "faults": sum(n for kind, n in counts.items() if KINDS[kind][1] == "bad"),
        "doubtful": sum(counts[kind] for kind in DOUBTS), "more": max(0, len(rows) - SHOWN),
        "rows": [_line(row.line, row.order, row.number, row.kind, row.words, row.likely) for row in shown[:SHOWN]],
    }  # fmt: skip
    return _page(plan=plan, text=text, error=error, status=status)


def _line(n: int, order: str, number: str, kind: str, words: str, likely: str) -> dict[str, Any]:
    label, tone = KINDS[kind]
    return {
        "n": n, "order": order, "number": number, "label": label, "tone": tone, "words": words, "likely": likely,
    }  # fmt: skip


@blueprint.get("/lists/<int:list_id>")
@requires("shipping.write")
def taken_list(list_id: int) -> ResponseReturnValue:
    """What became of every line of a list."""
    found = db.session.get(NumberList, list_id) or abort(404)
    counts = Counter(row["kind"] for row in found.rows)
    ready = found.done >= found.total
    left = [row for row in found.rows if row["kind"] not in ("given", "same")]
    shown = sorted(found.rows, key=lambda row: (row["kind"] in ("given", "same"), row["line"]))
    context = {
        "done": ready, "n": found.done, "total": found.total, "given": counts["given"], "same": counts["same"],
        "left": len(left) if ready else 0, "rest": "\n".join(f"{row['order']}\t{row['number']}" for row in left),
        "title": found.filename or "A pasted list", "by": frame().name(found.by_id), "when": frame().face.short(found.at),
        "rows": [
            _line(row["line"], row["order"], row["number"], row["kind"], row["words"], "") for row in shown[:SHOWN]
        ],
        "more": max(0, len(found.rows) - SHOWN),
    }  # fmt: skip
    return render_template("shipping/numbers_list.html", list_id=list_id, **context)


@blueprint.get("/<int:parcel_id>/correct")
@requires("shipping.write")
def correction(parcel_id: int) -> ResponseReturnValue:
    """The number of a parcel that has left, to be put right."""
    return _correction(parcel_id, typed=request.args.get("number", "")[:60])


@blueprint.post("/<int:parcel_id>/correct")
@requires("shipping.write")
def correct(parcel_id: int) -> ResponseReturnValue:
    """Put it right; the customer is told."""
    typed = request.form.get("number", "").strip()[:120]
    number = request.form.get("likely", "")[:60] or typed
    confirmed = _confirmed()
    version = request.form.get("version", "")
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        abort(400)
    try:
        loaded = parcels.load(parcel_id, int(version)) or abort(404)
        given = numbering.correct(loaded[0], number, by=sessions.me(), confirmed=confirmed)
    except Doubtful as doubt:
        db.session.rollback()
        return _correction(parcel_id, typed=number, doubt=doubt.judgement, confirmed=confirmed, status=409)
    except Refused as refusal:
        db.session.rollback()
        return _correction(parcel_id, typed=number, fault=str(refusal), status=409)
    db.session.commit()
    flash(given.words)
    return redirect(url_for(".show", done=_done(parcel_id)), 303)


def _correction(
    parcel_id: int,
    *,
    typed: str,
    fault: str = "",
    doubt: Judgement | None = None,
    confirmed: Collection[str] = (),
    status: int = 200,
) -> ResponseReturnValue:
    parcel, order = parcels.load(parcel_id) or abort(404)
    carriers = {row.id: row for row in db.session.scalars(select(Carrier))}
    context = {
        "p": _number(parcel, order, carriers), "aim": _aim(order, parcel, carriers), "version": parcel.version,
        "parcel_id": parcel_id, "possible": parcel.state in ON_ITS_WAY, "typed": typed, "fault": fault, "doubt": doubt,
        "confirmed": confirmed, "take": DOUBTS.get(doubt.kind, "") if doubt else "", "done": _done() or "",
    }  # fmt: skip
    return render_template("shipping/numbers_correct.html", **context), status
