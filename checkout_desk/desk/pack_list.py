"""The pack list: paid orders by the carrier's cut-off, the batches made of them, and their pick list on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.paths import path
from checkout_desk.desk.wording import Clockface, precise
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.settings.choices import countries
from checkout_desk.shipping import alarms, batches, combining, picking, queries
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.queries import NEVER, Wanted
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number
from checkout_desk.web.paging import decode, encode

blueprint = Blueprint("pack_list", __name__, url_prefix="/shipping")

PAGE = 50
GO = 20
"""orders that one press takes"""
SOON = timedelta(hours=1)


@blueprint.get("")
@requires("shipping.read")
def show() -> ResponseReturnValue:
    """The list."""
    return _screen()


def _screen(*, error: str = "", status: int = 200) -> ResponseReturnValue:
    around = frame()
    wanted, fault = _wanted()
    rows, more = queries.page(wanted, after=decode(request.args.get("after")), limit=PAGE)
    ids = [row.id for row in rows]
    contents, standing = queries.contents(ids), queries.standing(ids)
    midnight = around.face.now.astimezone(around.face.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    keep = _kept(wanted)
    shown = [_row(row, contents.get(row.id), standing.get(row.id), around) for row in rows]
    last = (rows[-1].ship_by or NEVER, rows[-1].id) if rows else (NEVER, 0)
    free = [row for row in shown if not row["batch"] and row["parcel"] != "labelled"]
    context = {
        "wanted": wanted, "fault": fault, "error": error, "keep": keep, "narrowed": bool(keep),
        "groups": _groups(shown),
        "free": free, "boxes": sum(not row["boxed"] for row in free) + any(row["boxed"] for row in free),
        "batches": [_batch(batch, around) for batch in _with_progress()],
        "counts": queries.counts(around.face.now, midnight + timedelta(days=1)),
        "carriers": [("", "Every carrier"), *((one, one) for one in queries.carriers())],
        "countries": [("", "Every country"), *((one, countries().get(one, one)) for one in queries.countries())],
        "next_url": url_for("pack_list.show", **keep, after=encode(*last)) if more else None,
        "first_url": url_for("pack_list.show", **keep) if request.args.get("after") else None,
        "ticked": set(request.form.getlist("ids")), "go": GO, "may": around.person.may("shipping.write"),
    }  # fmt: skip
    return render_template("shipping/list.html", **context), status


def _wanted() -> tuple[Wanted, str]:
    """What was asked for, and a sentence about what is not known of it."""
    country, same = request.values.get("country", "").upper(), request.values.get("same", "")
    fault = ""
    if country and country not in countries():
        fault, country = f"“{country[:20]}” is not a country; use two letters such as GB.", ""
    if same and not (same.isascii() and same.isdigit() and len(same) <= 9):
        fault, same = f"“{same[:20]}” is not the number of an order.", ""
    flags = {name: bool(request.values.get(name)) for name in ("single", "fragile", "twins")}
    carrier = request.values.get("carrier", "").replace("\0", " ").strip()[:40]
    return Wanted(carrier, country, same=int(same) if same else None, **flags), fault


def _kept(wanted: Wanted) -> dict[str, Any]:
    """The filters as they stand in addresses."""
    words: dict[str, Any] = {"carrier": wanted.carrier, "country": wanted.country, "same": wanted.same}
    flags = {name: "1" for name in ("single", "fragile", "twins") if getattr(wanted, name)}
    return {name: value for name, value in words.items() if value} | flags


def _row(row: Any, inside: Any, where: Any, around: Frame) -> dict[str, Any]:
    place = countries().get(row.ship_country, row.ship_country)
    return {
        "id": row.id, "number": row.number, "who": row.ship_name or "(no name)",
        "url": path("workspace.show", conversation_id=row.conversation_id) if row.conversation_id else None,
        "place": ", ".join(part for part in (row.ship_city, place) if part),
        "service": row.service or "No service", "carrier": row.carrier or "",
        "lines": inside.lines if inside else 0, "pieces": int(inside.pieces or 0) if inside else 0,
        "words": inside.words if inside else "", "fragile": bool(inside and inside.fragile), "twins": row.twins,
        "parcel": where.parcel if where else None, "batch": where.batch_id if where else None, "boxed": bool(where and where.boxed),
        "holder": _holder(where, around), "trouble": _trouble(row),
        "was": around.face.short(row.ship_by) if row.ship_by and row.ship_by <= around.face.now else "", "group": cut_off(row.ship_by, around.face),
    }  # fmt: skip


def _trouble(row: Any) -> str:
    if row.delivery_trouble:
        return alarms.TITLES.get(row.delivery_trouble, "Something is wrong")
    return "Waits for stock" if row.waits else ""


def _holder(where: Any, around: Frame) -> str:
    if where is None or where.claimed_by_id is None or where.claimed_until <= around.face.now:
        return ""
    return "you" if where.claimed_by_id == around.person.id else where.holder


def cut_off(at: datetime | None, face: Clockface) -> dict[str, str]:
    """A cut-off as a group of the list and as a pill: title, tone, icon, what is left."""
    if at is None:
        return {"title": "No cut-off", "tone": "", "icon": "clock", "left": ""}
    left = at - face.now
    if left <= timedelta(0):
        return {
            "title": "Past the cut-off",
            "tone": "bad",
            "icon": "circle-alert",
            "left": "should have left",
        }
    day = face.day(at)
    title = f"{day.capitalize()} {face.time(at)}"
    if day != "today":
        return {"title": title, "tone": "", "icon": "clock", "left": ""}
    return {"title": title, "tone": "soon" if left < SOON else "", "icon": "clock", "left": f"{precise(left)} to cut-off"}  # fmt: skip


def _groups(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for row in rows:
        if not groups or groups[-1]["title"] != row["group"]["title"]:
            groups.append({**row["group"], "rows": []})
        groups[-1]["rows"].append(row)
    return groups


def _with_progress() -> list[tuple[Batch, Any]]:
    found = queries.open_batches()
    told = batches.progress([batch.id for batch in found])
    return [(batch, told.get(batch.id)) for batch in found]


def _batch(row: tuple[Batch, Any], around: Frame) -> dict[str, Any]:
    batch, told = row
    held = batches.holder(batch)
    return {
        "id": batch.id, "url": url_for("pack_list.batch", batch_id=batch.id), "n": told.n if told else 0,
        "packed": told.n - told.left if told else 0, "left": told.left if told else 0,
        "mine": held == around.person.id, "holder": around.name(held) if held else "",
        "until": around.face.time(batch.claimed_until) if held and batch.claimed_until else "",
        "open": batch.state == "open",
    }  # fmt: skip


@blueprint.post("/batches")
@requires("shipping.write")
def make() -> ResponseReturnValue:
    """A batch of the ticked orders, or of the next that are free."""
    wanted, _ = _wanted()
    if request.form.get("next"):
        ids = queries.free(wanted, limit=GO)
        if not ids:
            return _screen(
                error="There is no free order in this list; all of them are in batches.", status=409
            )
    else:
        try:
            ids = [row_number(value) for value in request.form.getlist("ids")[: batches.MOST + 1]]
        except ValueError:
            return _screen(
                error="One of the ticked orders does not exist; look at the list again.", status=422
            )
        if not ids:
            return _screen(error="Tick the orders of the batch first, or take the next ones.", status=422)
    taken: list[batches.Taken] = []
    try:
        batch = batches.make(ids, by=sessions.me(), taken=taken)
        if request.form.get("together"):
            combining.together(batches.orders(batch), by=sessions.me(), batch=batch)
    except Refused as refusal:
        db.session.rollback()
        return _screen(error=str(refusal), status=409)
    db.session.commit()
    if taken:
        flash(f"{batches.told(taken)} The batch has the others.", "error")
    return redirect(url_for("pack_list.batch", batch_id=batch.id), 303)


@blueprint.get("/batches/<int:batch_id>")
@requires("shipping.read")
def batch(batch_id: int) -> ResponseReturnValue:
    """A batch: who holds it, its pick list by shelf, its orders."""
    return _batch_page(db.session.get(Batch, batch_id) or abort(404))


def _batch_page(batch: Batch, *, error: str = "", status: int = 200) -> ResponseReturnValue:
    around = frame()
    orders = batches.orders(batch)
    told = batches.progress([batch.id]).get(batch.id)
    rows = picking.rows(batch, orders)
    shared = combining.riding_orders([order.id for order in orders])
    cut_offs = [order.ship_by for order in orders if order.ship_by]
    context = {
        "b": _batch((batch, told), around), "error": error, "rows": rows, "done": sum(row.done for row in rows),
        "pieces": sum(row.quantity for row in rows), "picked": sum(row.picked for row in rows),
        "cut": cut_off(min(cut_offs), around.face) if cut_offs else None,
        "orders": [_order(order, around.face) for order in orders],
        "groups": [_group(group, shared) for group in combining.groups(orders)], "may": around.person.may("shipping.write"),
    }  # fmt: skip
    return render_template("shipping/batch.html", **context), status


def _group(group: Sequence[Order], shared: set[int]) -> dict[str, Any]:
    """Orders of one customer to one address; `done` where all of them share a box already."""
    return {
        "ids": [one.id for one in group], "numbers": [one.number for one in group],
        "done": all(one.id in shared for one in group[1:]),
    }  # fmt: skip


@blueprint.post("/batches/<int:batch_id>/together")
@requires("shipping.write")
def together(batch_id: int) -> ResponseReturnValue:
    """Orders of the batch go into one box."""
    batch, me = batches.load(batch_id) or abort(404), sessions.me()
    try:
        batches.renew(batch, by=me)
        wanted = {row_number(value) for value in request.form.getlist("ids")}
        combining.together([one for one in batches.orders(batch) if one.id in wanted], by=me, batch=batch)
    except ValueError:
        db.session.rollback()
        return _batch_page(batch, error="One of these orders is not in the batch.", status=422)
    except Refused as refusal:
        db.session.rollback()
        return _batch_page(db.session.get(Batch, batch_id) or abort(404), error=str(refusal), status=409)
    db.session.commit()
    return redirect(url_for("pack_list.batch", batch_id=batch_id), 303)


def _order(order: Any, face: Clockface) -> dict[str, Any]:
    place = countries().get(order.ship_country, order.ship_country)
    stopped = "" if order.state in batches.PACKABLE else order.state
    return {
        "number": order.number, "who": order.ship_name or "(no name)", "stopped": stopped,
        "place": ", ".join(part for part in (order.ship_city, place) if part), "state": order.state,
        "url": path("workspace.show", conversation_id=order.conversation_id) if order.conversation_id else None,
        "cut": cut_off(order.ship_by, face),
    }  # fmt: skip


@blueprint.post("/batches/<int:batch_id>/<what>")
@requires("shipping.write")
def hold(batch_id: int, what: str) -> ResponseReturnValue:
    """Take it and pack, take it from somebody, leave it, or dissolve it."""
    batch, me = batches.load(batch_id) or abort(404), sessions.me()
    try:
        if what == "claim":
            batches.claim(batch, by=me)
        elif what == "over":
            batches.take_over(batch, by=me)
        elif what == "leave":
            batches.leave(batch, by=me)
        elif what != "dissolve":
            abort(404)
        else:
            batches.claim(batch, by=me)
            n = batches.finish(batch)
            flash(f"Batch {batch_id} is dissolved; {n} {'order is' if n == 1 else 'orders are'} free again.")
    except Refused as refusal:
        db.session.rollback()
        return _batch_page(db.session.get(Batch, batch_id) or abort(404), error=str(refusal), status=409)
    db.session.commit()
    if what in ("claim", "over"):
        return redirect(url_for("pack_station.show", batch_id=batch_id), 303)
    return redirect(url_for("pack_list.batch", batch_id=batch_id) if what == "leave" else url_for("pack_list.show"), 303)  # fmt: skip


@blueprint.post("/batches/<int:batch_id>/pick")
@requires("shipping.write")
def pick(batch_id: int) -> ResponseReturnValue:
    """A line of the pick list was ticked, or its tick taken away."""
    batch = batches.load(batch_id) or abort(404)
    try:
        product_id = row_number(request.form.get("product", ""))
        n = row_number(request.form.get("n", "")) if request.form.get("picked") else 0
        picking.pick(batch, product_id, n, by=sessions.me())
    except ValueError:
        db.session.rollback()
        return _batch_page(batch, error="There is no such line on this pick list.", status=422)
    except Refused as refusal:
        db.session.rollback()
        return _batch_page(db.session.get(Batch, batch_id) or abort(404), error=str(refusal), status=409)
    db.session.commit()
    if request.headers.get("HX-Request"):
        return _batch_page(batch)
    return redirect(url_for("pack_list.batch", batch_id=batch_id) + f"#p{product_id}", 303)
