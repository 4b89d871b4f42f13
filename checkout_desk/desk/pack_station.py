"""The pack station: one field into which the scanner types, one verdict, and the next order by itself (procedure steps A10-A14).

Each answer is the whole station: htmx puts it in place, without script the same form leads to the page by a redirect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.desk import pack_page
from checkout_desk.desk.frame import frame
from checkout_desk.desk.pack_page import Say, Scene
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import Order
from checkout_desk.shipping import (
    batches,
    combining,
    handing_over,
    labelling,
    numbering,
    packing,
    parcels,
    shortage,
    splitting,
)
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.lifecycle import live_label, unpacked
from checkout_desk.shipping.models import Carrier, Shipment
from checkout_desk.shipping.numbers import key
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("pack_station", __name__, url_prefix="/shipping/pack")

Step = Callable[[Scene, Person], Say]


@blueprint.get("/<int:batch_id>")
@requires("shipping.write")
def show(batch_id: int) -> ResponseReturnValue:
    """The station; with `short` the question how many of a product were found."""
    batch = db.session.get(Batch, batch_id) or abort(404)
    held = batches.holder(batch)
    if held is not None and held != frame().person.id:
        flash(f"{frame().name(held)} holds batch {batch_id}.", "error")
        return redirect(url_for("pack_list.batch", batch_id=batch_id), 303)
    kept = get_flashed_messages(category_filter=["station"])
    said = Say(**kept[-1]) if kept else None  # type: ignore[arg-type]
    return _render(batch, said, line=request.args.get("line", type=row_number), print="print" in request.args, short=request.args.get("short", type=row_number))  # fmt: skip


def _render(batch: Batch, said: Say | None, *, status: int = 200, **more: Any) -> ResponseReturnValue:
    found = pack_page.scene(batch)
    context = pack_page.page(found, said=said, **more)
    if context["short"]:
        context["short"] = next((one for one in found.pieces if one.product_id == context["short"]), None)
    fragment = "HX-Request" in request.headers
    return render_template(
        "shipping/_station.html" if fragment else "shipping/station.html", **context
    ), status


def _act(batch_id: int, step: Step, *, order: bool = True) -> ResponseReturnValue:
    """Do one step for the order on the table, and show what came of it."""
    batch, me = batches.load(batch_id) or abort(404), sessions.me()
    typed = request.form.get("code", "")
    line = request.form.get("line", type=row_number)
    try:
        batches.renew(batch, by=me)
        found = pack_page.scene(batch)
        said = (_unfit(found) if order else None) or step(found, me)
    except numbering.Doubtful as doubt:
        db.session.rollback()
        asks = f"{doubt.judgement.kind}:{key(doubt.judgement.number)}"
        said = Say(
            "soon", str(doubt), "Scan it once more to take it as it is.", sound="bad", code=typed, doubt=asks
        )
        return _show(batch_id, said, 409, line=line)
    except Refused as refusal:
        db.session.rollback()
        return _show(batch_id, Say("bad", str(refusal), sound="bad", code=typed), 409, line=line)
    except ValueError as fault:
        db.session.rollback()
        return _show(batch_id, Say("bad", str(fault), sound="bad", code=typed), 422, line=line, typed=typed)
    db.session.commit()
    if said.sound == "done":
        said = _label(found, said, me)
    refused = said.tone == "bad" and not said.code
    return _show(
        batch_id, said, 409 if refused else 200, line=_line(found, said, line), print=said.sound == "print"
    )


def _show(batch_id: int, said: Say, status: int = 200, **more: Any) -> ResponseReturnValue:
    if status == 200 and "HX-Request" not in request.headers:
        flash(asdict(said), "station")  # type: ignore[arg-type]
        kept: dict[str, Any] = {
            name: "1" if value is True else value for name, value in more.items() if value
        }
        return redirect(url_for("pack_station.show", batch_id=batch_id, **kept), 303)
    return _render(db.session.get(Batch, batch_id) or abort(404), said, status=status, **more)


def _line(found: Scene, said: Say, line: int | None) -> int | None:
    """The product to go on with: the one that was just scanned."""
    item = packing.find(found.pieces, said.code) if said.tone == "good" else None
    return item.product_id if item else line


def _unfit(found: Scene) -> Say | None:
    """Why what was scanned is not counted: the form was drawn for something else, or nobody has understood the last stop."""
    form, order = request.form, found.order
    if order is None:
        return Say("good", f"Batch {found.batch.id} is done", "Everything in it is packed or was taken out.")
    if found.phase == "stop":
        return pack_page.stopped(order)
    if form.get("order") != str(order.number):
        return Say("bad", f"Order {order.number} is on the table now", "Nothing was counted; look at the lines below.", stops=True, sound="bad")  # fmt: skip
    if form.get("place", "").split("+")[1:] != found.place.split("+")[1:]:
        return Say(
            "bad", f"Order {order.number} is packed with other orders than before",
            "Look at the lines below: what is not among them does not belong into this box. Nothing was counted.",
            stops=True, sound="bad",
        )  # fmt: skip
    if form.get("place") != found.place:
        return Say(
            "bad", f"Order {order.number} goes somewhere else now",
            "Its address was changed while you packed it. Nothing was counted; read the address before you go on.",
            stops=True, sound="bad",
        )  # fmt: skip
    if form.get("stop"):
        return Say(
            "bad", form["stop"][:120], "Press Understood first. Nothing was counted.", stops=True, sound="bad"
        )
    return None


@blueprint.post("/<int:batch_id>/scan")
@requires("shipping.write")
def scan(batch_id: int) -> ResponseReturnValue:
    """A code, a quantity, a weight, a tracking number, or just Enter."""
    return _act(batch_id, _scanned)


def _scanned(found: Scene, me: Person) -> Say:
    code = " ".join(request.form.get("code", "").replace("\0", " ").split())[:80]
    if found.phase == "pack":
        return _packed(found, code, me)
    parcel, order = _of(found)
    if not code:
        if found.phase == "number":
            raise ValueError("Scan the number that the carrier put on the parcel.")
        if found.carrier is not None and found.carrier.handover == "number":
            handing_over.hand_over(parcel, by=me)
        return _next(found, order, f"{parcels.name(parcel, order)} is on its way")
    if (grams := packing.grams_in(code)) is not None:
        return _weighed(parcel, grams, code, me)
    if found.phase == "number" and (product := products.by_code(code)):  # the next item, too early
        raise ValueError(f"{code} is {product.name}; scan the number that the carrier put on the parcel.")
    kind, _, number = request.form.get("doubt", "").partition(":")
    confirmed = {kind} if number and number == key(code) else set()
    given = numbering.give(parcel, code, by=me, how="scan", confirmed=confirmed)
    return _next(found, order, given.words.removesuffix("."))


def _packed(found: Scene, code: str, me: Person) -> Say:
    assert found.order is not None
    now = packing.current(found.pieces, request.form.get("line", type=row_number))
    if not code:
        if now is not None:
            raise ValueError(f"Scan {now.name}, or type its code.")
        return Say("good", f"Everything of order {found.order.number} is in the box", sound="done")
    if found.parcel is not None and found.parcel.state == "labelled":
        raise Refused("Its label does not count any more; press Enter alone to print a new one.")
    parcel = _begun(found, me)
    if packing.find(found.pieces, code) is None:
        if (grams := packing.grams_in(code)) is not None:
            return _weighed(parcel, grams, code, me)
        if (n := packing.count_in(code)) is not None and now is not None:
            verdict = packing.set_count(parcel, now.product_id, n, by=me)
            return pack_page.say(verdict, now.sku)
    return pack_page.say(packing.scan(parcel, code, by=me), code)


def _begun(found: Scene, me: Person) -> Shipment:
    """The parcel that is being packed; begun by its first scan."""
    assert found.order is not None
    return parcels.start(found.order, by=me, batch=found.batch)


def _of(found: Scene) -> tuple[Shipment, Order]:
    if found.parcel is None or found.order is None:
        raise Refused("Nothing is in a box yet; scan the first item.")
    return found.parcel, found.order


def _weighed(parcel: Shipment, grams: int, code: str, me: Person) -> Say:
    told = packing.weigh(parcel, grams, by=me)
    title = f"{grams / 1000:.2f} kg"
    if told.fits is None or told.expected is None:
        return Say(
            "good", title, "The catalogue lacks a weight, so nothing is compared.", sound="good", code=code
        )
    if told.fits:
        return Say("good", title, f"As expected, {told.expected / 1000:.2f} kg.", sound="good", code=code)
    if grams < told.expected and (lacking := unpacked(parcel)):
        pieces = "one piece is" if lacking == 1 else f"{lacking} pieces are"
        return Say("good", title, f"Noted; {pieces} not in yet.", sound="good", code=code)
    more = "more" if grams > told.expected else "less"
    return Say("soon", f"{title} is {abs(grams - told.expected)} g {more} than it should be", f"Expected {told.expected / 1000:.2f} kg. Open the box and count again.", sound="bad", code=code)  # fmt: skip


def _label(found: Scene, said: Say, me: Person) -> Say:
    """Everything is in the box: its label, in a transaction of its own, so that a refusal takes no scan back."""
    begin_write()
    assert found.order is not None
    parcel, _ = pack_page.at_hand(found.order.id)
    if parcel is None:
        return said
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    try:
        if carrier is None or carrier.adapter == "manual":
            labelling.make(parcel, by=me)
        shortage.found_after_all(parcel, found.order, by=me)
    except Refused as refusal:
        db.session.rollback()
        return Say(
            "bad", "Everything is in the box, and it has no label", str(refusal), sound="bad", code=said.code
        )
    db.session.commit()
    told = pack_page.standing(pack_page.scene(found.batch))
    printed = carrier is None or carrier.adapter == "manual"
    return Say(
        "good", said.title, f"{told.title}. {told.text}", sound="print" if printed else "done", code=said.code
    )


def _next(found: Scene, order: Order, done: str) -> Say:
    """The parcel is dealt with: its order leaves the batch when nothing of it is left, and the next one comes."""
    parcel, _ = pack_page.at_hand(order.id)
    if parcel is None and not (order.state in batches.PACKABLE and parcels.left(order)):
        for one in (order, *found.fellows):
            batches.out(found.batch, one)
    following = batches.next_order(found.batch)
    text = f"Next: order {following.number}." if following else "It was the last one of the batch."
    return Say("good", done, text, sound="next", code=request.form.get("code", "")[:80])


@blueprint.post("/<int:batch_id>/skip")
@requires("shipping.write")
def skip(batch_id: int) -> ResponseReturnValue:
    """Put the order last."""

    def step(found: Scene, me: Person) -> Say:
        assert found.order is not None
        if found.left < 2 + len(found.riders):
            raise Refused(
                f"Order {found.order.number} is the last one of the batch; there is nothing to skip to."
            )
        for one in (found.order, *found.fellows):
            batches.skip(found.batch, one)
        return Say("rest", f"Order {found.order.number} comes last", "It waits at the end of the batch.")

    return _act(batch_id, step)


@blueprint.post("/<int:batch_id>/another")
@requires("shipping.write")
def another(batch_id: int) -> ResponseReturnValue:
    """The box is full: it gets its label, the rest goes into the next parcel."""

    def step(found: Scene, me: Person) -> Say:
        parcel, order = _of(found)
        splitting.another(parcel, by=me)
        called = parcels.name(parcel, order)
        return Say("good", f"{called} is closed", "Put its label on and scan its number; then the next parcel is filled.", sound="print")  # fmt: skip

    return _act(batch_id, step)


@blueprint.post("/<int:batch_id>/share")
@requires("shipping.write")
def share(batch_id: int) -> ResponseReturnValue:
    """The other orders of this customer go into the same box; pressed again each has its own."""

    def step(found: Scene, me: Person) -> Say:
        assert found.order is not None
        if found.riders and found.parcel is not None:
            numbers = ", ".join(
                map(str, combining.apart(found.parcel, by=me, reason="Taken apart at the station"))
            )
            return Say("soon", f"Order {numbers} is packed on its own", "Take its pieces out of the box; they are scanned again.", sound="bad")  # fmt: skip
        if not found.partners:
            raise Refused(f"No other order of this batch goes where order {found.order.number} goes.")
        combining.together((found.order, *found.partners), by=me, batch=found.batch)
        return Say("good", f"{1 + len(found.partners)} orders go into one box", "One label, one number; each customer mail says so.", sound="good")  # fmt: skip

    return _act(batch_id, step)


@blueprint.post("/<int:batch_id>/weigh")
@requires("shipping.write")
def weigh(batch_id: int) -> ResponseReturnValue:
    """What the scale says, typed into its field; a bare number is grams."""

    def step(found: Scene, me: Person) -> Say:
        text = request.form.get("weight", "").strip()
        grams = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else packing.grams_in(text)
        if grams is None:
            raise ValueError(f"“{text[:20]}” is no weight; type grams such as 1840, or 1.84 kg.")
        return _weighed(_begun(found, me) if found.phase == "pack" else _of(found)[0], grams, "", me)

    return _act(batch_id, step)


@blueprint.post("/<int:batch_id>/box")
@requires("shipping.write")
def box(batch_id: int) -> ResponseReturnValue:
    """Which box it goes into."""

    def step(found: Scene, me: Person) -> Say:
        text = request.form.get("box", "")
        parcel = _begun(found, me) if found.phase == "pack" else _of(found)[0]
        packing.choose_box(parcel, row_number(text) if text else None, by=me)
        return Say("rest", "The box is noted", "Go on scanning.")

    return _act(batch_id, step)


@blueprint.post("/<int:batch_id>/reprint")
@requires("shipping.write")
def reprint(batch_id: int) -> ResponseReturnValue:
    """The label once more; the record keeps that."""

    def step(found: Scene, me: Person) -> Say:
        parcel, order = _of(found)
        label = live_label(parcel)
        if label is None:
            raise Refused(
                f"Parcel {parcels.name(parcel, order)} has no label yet; it is printed when everything is in."
            )
        return Say("rest", "The label is printed again", "Throw the other one away.", sound="print")

    return _act(batch_id, step)


@blueprint.post("/<int:batch_id>/short")
@requires("shipping.write")
def short(batch_id: int) -> ResponseReturnValue:
    """Fewer were on the shelf than the order has: the stock is counted, the customer will be asked, the next order comes."""

    def step(found: Scene, me: Person) -> Say:
        assert found.order is not None
        text = request.form.get("found", "").strip()
        n = packing.count_in(text)
        if n is None:
            raise ValueError(f"“{text[:20]}” is no number of pieces; type digits such as 0 or 2.")
        product_id = row_number(request.form.get("product", ""))
        item = packing.line(found.pieces, product_id)
        parcel = _begun(found, me)
        if item is not None and item.parcel_id and found.riders:
            combining.apart(parcel, by=me, reason=f"An item of order {item.order} is missing")
            parcel = db.session.get_one(Shipment, item.parcel_id)
        there = shortage.short(parcel, product_id, found=n, by=me)
        batches.out(found.batch, order := db.session.get_one(Order, parcel.order_id), why="short")
        name = item.name if item else "It"
        return Say("soon", f"{name}: {n} of {item.quantity if item else n} found", f"The stock counts {there} now. Order {order.number} waits for its customer; put the box aside.", sound="next")  # fmt: skip

    return _act(batch_id, step)


@blueprint.post("/<int:batch_id>/drop")
@requires("shipping.write")
def drop(batch_id: int) -> ResponseReturnValue:
    """An order that was cancelled meanwhile leaves the batch."""

    def step(found: Scene, me: Person) -> Say:
        if found.phase != "stop" or found.order is None:
            return Say("rest", "Nothing to take out")
        batches.out(found.batch, found.order, why=found.order.state)
        return Say("rest", f"Order {found.order.number} left the batch")

    return _act(batch_id, step, order=False)
