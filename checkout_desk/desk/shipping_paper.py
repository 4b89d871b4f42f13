"""Paper about parcels as PDF: labels, packing slips, pick lists, papers for customs; and the page that prints labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.accounts.models import Person
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order
from checkout_desk.settings import effective
from checkout_desk.settings.models import store
from checkout_desk.shipping import batches, customs, label_lists, labelling, papers, parcels
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.models import Label, Shipment
from checkout_desk.shipping.paper import export as export_paper
from checkout_desk.shipping.paper import labels as paper
from checkout_desk.shipping.paper import slip as slip_paper
from checkout_desk.shipping.paper.export import Export
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number
from checkout_desk.web.paging import decode, encode

blueprint = Blueprint("shipping_paper", __name__, url_prefix="/shipping")

LAYOUT_COOKIE = "label_layout"
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
"""the pack station prints from a frame of its own"""
YEAR = 366 * 24 * 3600


@blueprint.get("/labels")
@requires("shipping.read")
def show() -> ResponseReturnValue:
    """The parcels that are packed and still here, with their labels; layout, place on the sheet, test print."""
    return _page()


def _page(*, error: str = "", errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    after = decode(request.args.get("after"))
    rows, more = label_lists.here(before=after[1] if after else None)
    face, typed = frame().face, request.form
    context = {
        "rows": [
            {
                "id": row.parcel.id, "name": parcels.name(row.parcel, row.order), "who": row.order.ship_name, "place": row.order.ship_country,
                "service": row.parcel.service or "–", "state": row.state, "tone": row.tone,
                "when": face.short(row.label.made_at) if row.label else "", "doubts": row.doubts,
            }
            for row in rows
        ],
        "new": sum(row.new for row in rows), "next_url": url_for(".show", after=encode(face.now, rows[-1].parcel.id)) if more else "",
        "layouts": [(name, layout.name) for name, layout in paper.LAYOUTS.items()], "layout": typed.get("layout") or layout_of(),
        "start": typed.get("start", "1"), "reason": typed.get("reason", ""), "ticked": set(typed.getlist("ids")),
        "unsigned": not store().sender_address, "error": error, "errors": errors or {}, "may": frame().person.may("shipping.write"),
    }  # fmt: skip
    return render_template("shipping/labels.html", **context), status


@blueprint.post("/labels")
@requires("shipping.write")
def act() -> ResponseReturnValue:
    """Print the labels of ticked parcels or all new ones (who has none gets one), make them void, or print a test."""
    by, ids = sessions.me(), request.form.getlist("ids", type=row_number)
    layout, start, errors = _sheet()
    if errors:
        return _page(errors=errors, status=422)
    if request.form.get("act") == "test":
        return _test(layout)
    if request.form.get("act") == "new":
        ids = [row.parcel.id for row in label_lists.here()[0] if row.new]
    if not ids:
        return _page(error="Tick the parcels first.", status=422)
    if len(ids) > label_lists.MOST:
        return _page(error=f"Tick at most {label_lists.MOST} parcels at once.", status=422)
    try:
        if request.form.get("act") == "void":
            n = _void(ids, by)
            db.session.commit()
            flash("One label is void." if n == 1 else f"{n} labels are void.")
            return redirect(url_for(".show"), 303)
        facts = [_printed(labelling.make(_parcel(one), by=by), by) for one in sorted(set(ids))]
    except Refused as refusal:
        db.session.rollback()
        return _page(error=str(refusal), status=409)
    db.session.commit()
    return _remembering(_pdf(paper.pdf(facts, layout=layout, start=start), "labels"), layout)


def _void(ids: list[int], by: Person) -> int:
    found = labelling.live(ids)
    if not found:
        raise Refused("None of the ticked parcels has a label that counts.")
    for label in found.values():
        labelling.void(label, by=by, reason=request.form.get("reason", ""))
    return len(found)


def _sheet() -> tuple[str, int, dict[str, str]]:
    """The layout, the first free place, and what is wrong with them."""
    layout, start = request.form.get("layout") or layout_of(), request.form.get("start", "").strip() or "1"
    if layout not in paper.LAYOUTS:
        return "", 1, {"layout": f"“{layout[:20]}” is no layout of labels; use one of the list."}
    places = len(paper.LAYOUTS[layout].places)
    if not (start.isascii() and start.isdigit() and len(start) < 3 and 1 <= int(start) <= places):
        return (
            layout,
            1,
            {"start": f"“{start[:20]}” is no place on this sheet; type a number from 1 to {places}."},
        )
    return layout, int(start), {}


def layout_of() -> str:
    """The layout that this person printed last; 4 × 6 in for who never did."""
    kept = request.cookies.get(LAYOUT_COOKIE, "")
    return kept if kept in paper.LAYOUTS else "4x6"


@blueprint.get("/labels/<int:label_id>.pdf")
@requires("shipping.read")
def label(label_id: int) -> ResponseReturnValue:
    """One label, ours in this person's layout or the one that the carrier sold. To look at it is to print it: the record
    counts that."""
    _writing()
    found = db.session.get(Label, label_id) or abort(404)
    if found.ref and not found.pdf_sha256:
        abort(409, "The label is bought, but its picture is not here yet; try again in a minute.")
    try:
        labelling.printed(found, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        abort(409, str(refusal))
    facts, bought = dict(found.address), found.pdf_sha256
    db.session.commit()
    made = blobs().get(bought) if bought else paper.pdf([facts], layout=layout_of())
    return _pdf(made, f"label {label_id}")


@blueprint.get("/batches/<int:batch_id>/labels.pdf")
@requires("shipping.read")
def batch_labels(batch_id: int) -> ResponseReturnValue:
    """The labels that the parcels of a batch have, in the order of packing."""
    _writing()
    _batch(batch_id)
    found = labelling.live(label_lists.of_batch(batch_id))
    if not found:
        abort(409, f"No parcel of batch {batch_id} has a label yet.")
    by = sessions.me()
    try:
        facts = [_printed(found[one], by) for one in sorted(found)]
    except Refused as refusal:
        db.session.rollback()
        abort(409, str(refusal))
    db.session.commit()
    return _pdf(paper.pdf(facts, layout=layout_of()), f"labels of batch {batch_id}")


def _writing() -> None:
    """Begin to write in a request that only reads as far as its method says: a print is counted."""
    db.session.rollback()
    begin_write()


def _printed(label: Label, by: Person) -> dict[str, Any]:
    """What a label of ours says, counted as printed."""
    if label.ref:
        name = label.address["parcel"]["name"]
        raise Refused(f"Parcel {name} has its carrier’s own label; print that from the page of the parcel.")
    labelling.printed(label, by=by)
    return dict(label.address)


@blueprint.get("/labels/test.pdf")
@requires("shipping.read")
def test() -> ResponseReturnValue:
    """A test print in the layout that is asked for, which is remembered."""
    layout = request.args.get("layout", "")
    return _test(layout if layout in paper.LAYOUTS else layout_of())


def _test(layout: str) -> Response:
    return _remembering(_pdf(paper.test_print(layout, name=store().name), "test print"), layout)


@blueprint.get("/batches/<int:batch_id>/pick-list.pdf")
@requires("shipping.read")
def pick_list(batch_id: int) -> ResponseReturnValue:
    """What to fetch for a batch, along the shelves."""
    batch = _batch(batch_id)
    face = frame().face
    made = papers.pick_list(batch, batches.orders(batch), store(), made=face.full(face.now))
    return _pdf(made, f"pick list {batch_id}")


@blueprint.get("/batches/<int:batch_id>/slips.pdf")
@requires("shipping.read")
def slips(batch_id: int) -> ResponseReturnValue:
    """The packing slips of a batch."""
    found = papers.slips(batches.orders(_batch(batch_id)), store())
    if not found:
        abort(409, f"Everything of batch {batch_id} has left; there is nothing to print.")
    return _pdf(slip_paper.pdf(found), f"packing slips {batch_id}")


@blueprint.get("/parcels/<int:shipment_id>/slip.pdf")
@requires("shipping.read")
def slip(shipment_id: int) -> ResponseReturnValue:
    """The packing slip of one parcel."""
    parcel, order = _loaded(shipment_id)
    return _pdf(slip_paper.pdf([papers.slip(parcel, order, store())]), parcels.name(parcel, order))


@blueprint.get("/parcels/<int:shipment_id>/invoice.pdf")
@requires("shipping.read")
def invoice(shipment_id: int) -> ResponseReturnValue:
    """The commercial invoice of a parcel that leaves the customs area."""
    return _for_customs(shipment_id, export_paper.invoice, "invoice")


@blueprint.get("/parcels/<int:shipment_id>/customs.pdf")
@requires("shipping.read")
def declaration(shipment_id: int) -> ResponseReturnValue:
    """The data of form CN23."""
    return _for_customs(shipment_id, export_paper.cn23, "CN23")


def _for_customs(shipment_id: int, draw: Callable[[Export], bytes], what: str) -> ResponseReturnValue:
    parcel, order = _loaded(shipment_id)
    try:
        facts = papers.export(parcel, order, store(), on=effective.today())
    except Refused as refusal:
        abort(409, str(refusal))
    missing = customs.lacks(facts.goods)
    if missing:
        context = {
            "name": facts.name,
            "missing": missing,
            "what": what,
            "may": frame().person.may("catalogue.write"),
        }
        return render_template("shipping/customs_missing.html", **context), 409
    return _pdf(draw(facts), f"{facts.name} {what}")


def of(parcel: Shipment, order: Order, label: Label | None) -> list[tuple[str, str]]:
    """The papers that a parcel has: (words, address)."""
    if parcel.state == "void":
        return []
    found = [("Packing slip", url_for("shipping_paper.slip", shipment_id=parcel.id))]
    if label is not None and label.state == "made":
        found.insert(0, (f"Label {label.number}", url_for("shipping_paper.label", label_id=label.id)))
    if papers.leaves(order, store()):
        found += [
            ("Commercial invoice", url_for("shipping_paper.invoice", shipment_id=parcel.id)),
            ("Customs declaration CN23", url_for("shipping_paper.declaration", shipment_id=parcel.id)),
        ]
    return found


def _parcel(shipment_id: int) -> Shipment:
    return db.session.get(Shipment, shipment_id) or abort(404)


def _loaded(shipment_id: int) -> tuple[Shipment, Order]:
    return parcels.load(shipment_id) or abort(404)


def _batch(batch_id: int) -> Batch:
    return db.session.get(Batch, batch_id) or abort(404)


def _pdf(made: bytes, name: str) -> Response:
    response = make_response(made)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["Cache-Control"] = "no-store"
    return response


def _remembering(response: Response, layout: str) -> Response:
    response.set_cookie(
        LAYOUT_COOKIE,
        layout,
        max_age=YEAR,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response
