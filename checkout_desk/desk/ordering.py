"""What people do to an order: its page, its lines, its state, and orders made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts import sessions
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Act, Conversation, Message
from checkout_desk.desk import acts, order_answers
from checkout_desk.desk.frame import frame
from checkout_desk.desk.order_answers import Typed
from checkout_desk.desk.workspace import load
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, changing, drafting, lines, loading
from checkout_desk.orders.lifecycle import ORDER, cancels_for_good
from checkout_desk.orders.models import Order, OrderChange, OrderLine
from checkout_desk.orders.undoing import doing
from checkout_desk.shipping import readdressing
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("ordering", __name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the sentence of the toast, the act that undo takes back, messages whose highlights changed."""

    sentence: str
    act: Act | None = None
    messages: set[int | None] = field(default_factory=set)


@blueprint.get("/orders/<int:number>")
@requires("orders.read")
def show(number: int) -> ResponseReturnValue:
    """The order: its panel for htmx; else in its conversation, or as a page where it has none."""
    order = found(number)
    if request.headers.get("HX-Request"):
        return order_answers.panel(order)
    if order.conversation_id is None:
        return order_answers.page(order)
    return redirect(order_answers.address(order))


def found(number: int) -> Order:
    """The order of that number, or 404."""
    return loading.load(number) or abort(404)


def locked(number: int) -> Order:
    """The order of that number for a change of what the form shows. Raises loading.Faster when others changed it since.

    What one has done oneself meanwhile (the second of two quick strokes) is nobody else's being faster.
    """
    found(number)
    version = request.form.get("version", type=row_number) or 0
    try:
        return loading.load(number, version) or abort(404)
    except loading.Faster as faster:
        if not only_mine(faster.order, version):
            raise
        return faster.order


def only_mine(order: Order, version: int) -> bool:
    """Whether nobody but the person at the screen changed the order since `version`."""
    rows = db.session.execute(
        select(Event.actor, Event.after)
        .where(Event.subject_type == "order", Event.subject_id == order.id)
        .order_by(Event.id.desc())
        .limit(loading.MOST_EVENTS)
    ).all()
    since = [row.actor for row in rows if ((row.after or {}).get("version") or 0) >= version]
    return 0 < len(since) < len(rows) and set(since) == {f"person:{frame().person.id}"}


def change(
    number: int, do: Callable[[Order, Person], Done], *, typed: Typed | None = None
) -> ResponseReturnValue:
    """Do something to an order and answer with its panel. Faster or refused: 409; what cannot be used: 422."""
    try:
        order = locked(number)
        done = do(order, sessions.me())
    except loading.Faster as faster:
        db.session.rollback()
        return order_answers.faster(found(number), faster.since, typed or Typed())
    except Refused as refusal:
        db.session.rollback()
        return order_answers.refused(found(number), str(refusal))
    except order_answers.Unusable as wrong:
        db.session.rollback()
        return order_answers.unusable(found(number), wrong)
    act_id, sentence, messages = (
        done.act.id if done.act else None,
        done.sentence,
        {m for m in done.messages if m},
    )
    db.session.commit()
    return order_answers.done(found(number), sentence, act_id, messages)


@blueprint.post("/orders/<int:number>/accept")
@requires("orders.write")
def accept(number: int) -> ResponseReturnValue:
    """Accept every line that is certain."""

    def do(order: Order, by: Person) -> Done:
        n = lines.accept_all(order, by=by)
        if not n:
            return Done("Nothing waits to be accepted: what is left needs a look each")
        return Done(f"{n} lines accepted" if n > 1 else "One line accepted", newest(by), read_in(order))

    return change(number, do)


def newest(by: Person) -> Act | None:
    """What this person did last, in this transaction."""
    found: Act | None = db.session.scalars(
        select(Act).where(Act.person_id == by.id).order_by(Act.id.desc()).limit(1)
    ).one_or_none()
    return found


def read_in(order: Order) -> set[int | None]:
    """The messages that its lines were read in."""
    return {line.message_id for line in loading.lines(order)}


@blueprint.post("/orders/<int:number>/lines/<int:line_id>")
@requires("orders.write")
def line(number: int, line_id: int) -> ResponseReturnValue:
    """One line: accept it, type its quantity, choose its product, or take it off (`act`)."""
    deeds: dict[str, Callable[[OrderLine, Person], Done]] = {
        "accept": _accept,
        "quantity": _quantity,
        "choose": _choose,
        "remove": _remove,
    }
    deed = deeds.get(request.form.get("act", "")) or abort(404)

    def do(order: Order, by: Person) -> Done:
        row = db.session.get(OrderLine, line_id)
        if row is None or row.order_id != order.id:
            abort(404)
        return deed(row, by)

    return change(number, do, typed=typed_line())


def typed_line() -> Typed:
    """What the form of a line holds, to be applied again after somebody was faster."""
    words = {
        "quantity": f"the quantity {request.form.get('quantity', '')}",
        "accept": "accepting a line",
        "remove": "removing a line",
        "choose": "choosing a product",
    }
    return Typed(words.get(request.form.get("act", ""), ""))


def _accept(row: OrderLine, by: Person) -> Done:
    act = lines.accept(row, by=by)
    return Done("Line accepted" if act else "This line is accepted already", act, {row.message_id})


def _quantity(row: OrderLine, by: Person) -> Done:
    n = whole(request.form.get("quantity", ""), line_id=row.id)
    act = lines.set_quantity(row, n, by=by)
    return Done(f"Quantity is {n}" if act else f"The quantity is {n} already", act, {row.message_id})


def whole(text: str, *, line_id: int | None = None) -> int:
    """A typed quantity. Raises Unusable with the sentence for its field."""
    typed = text.strip()
    if not typed.isdecimal() or len(typed) > 9 or not 1 <= int(typed) <= lines.MOST:
        raise order_answers.Unusable(
            f"“{typed[:20]}” is not a quantity; type a whole number from 1 to {lines.MOST:,}.",
            field="quantity",
            value=text,
            line_id=line_id,
        )
    return int(typed)


def _choose(row: OrderLine, by: Person) -> Done:
    product = chosen()
    result = lines.choose(row, product, by=by, teach="teach" in request.form)
    sentence = f"{product.name} chosen"
    if result.alias is not None:
        sentence += f". From now on “{result.alias.text}” means {product.name}"
    elif result.sentence:
        sentence += f". Nothing was learned: {result.sentence.rstrip('.')}"
    return Done(sentence, result.act, {row.message_id})


def chosen() -> Product:
    """The product that the form names. Raises Unusable."""
    number = request.form.get("product", type=row_number)
    product = products.get([number]).get(number) if number else None
    if product is None:
        raise order_answers.Unusable(
            "Choose one of the products; this one is not in the catalogue.", field="product"
        )
    return product


def _remove(row: OrderLine, by: Person) -> Done:
    why = request.form.get("why", "")
    act = lines.remove(row, by=by, why=why)
    return Done(
        "Not an order line: taken off" if why == "not an order" else "Line removed", act, {row.message_id}
    )


@blueprint.post("/orders/<int:number>/lines")
@requires("orders.write")
def add(number: int) -> ResponseReturnValue:
    """Put another product on the order."""

    def do(order: Order, by: Person) -> Done:
        product, n = chosen(), whole(request.form.get("quantity", "1"))
        lines.add(order, product, n, by=by)
        return Done(f"{n} × {product.name} added", newest(by))

    return change(number, do, typed=Typed("adding a product"))


@blueprint.get("/orders/<int:number>/find")
@requires("orders.write")
def find(number: int) -> ResponseReturnValue:
    """The product picker, for a line (`line`) or a new one: in the dialog, or as a page without script."""
    order = found(number)
    line_id = request.args.get("line", type=row_number)
    row = db.session.get(OrderLine, line_id) if line_id else None
    if row is not None and row.order_id != order.id:
        abort(404)
    return order_answers.picker(order, row)


@blueprint.get("/orders/<int:number>/record")
@requires("orders.read")
def record(number: int) -> ResponseReturnValue:
    """What happened to the order, newest first: in the dialog, or as a page."""
    return order_answers.record(found(number))


@blueprint.post("/orders/<int:number>/verify")
@requires("orders.write")
def verify(number: int) -> ResponseReturnValue:
    """Everything is there and right."""
    return change(
        number, lambda order, by: Done(f"Order {order.number} verified", acting.verify(order, by=by))
    )


@blueprint.post("/orders/<int:number>/amend")
@requires("orders.write")
def amend(number: int) -> ResponseReturnValue:
    """Open a verified order again."""

    def do(order: Order, by: Person) -> Done:
        with doing(order, "amend", by=by, sentence=f"Order {order.number} opened again") as deed:
            ORDER.fire(order, "amend", by=by)
        return Done(deed.sentence, deed.act)

    return change(number, do)


@blueprint.get("/orders/<int:number>/cancel")
@requires("orders.write")
def cancel(number: int) -> ResponseReturnValue:
    """The form that asks why."""
    return _cancel_form(found(number))


@blueprint.post("/orders/<int:number>/cancel")
@requires("orders.write")
def do_cancel(number: int) -> ResponseReturnValue:
    """Cancel, with the reason."""
    reason = " ".join(request.form.get("reason", "").split())
    if not 3 <= len(reason) <= 500:
        said = (
            f"“{reason[:20]}” says too little"
            if len(reason) < 3
            else f"A reason of {len(reason)} characters is too long"
        )
        db.session.rollback()
        return _cancel_form(
            found(number), errors={"reason": f"{said}; say in 3 to 500 characters why."}, status=422
        )

    def do(order: Order, by: Person) -> Done:
        final = cancels_for_good(order)
        act = acting.cancel(order, reason=reason, by=by)
        return Done(f"Order {order.number} cancelled", None if final else act)

    return change(number, do, typed=Typed(f"cancelling because “{reason}”"))


def _cancel_form(
    order: Order, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    context = {
        "act": {
            "key": "cancel", "title": f"Cancel order {order.number}", "label": "Cancel the order", "danger": True,
            "text": "It stays to be seen, its number is not used again. "
            + ("The customer is told by mail at once; it cannot be undone." if cancels_for_good(order) else "It can be undone."),
            "action": url_for("ordering.do_cancel", number=order.number), "target": "#side",
        },
        "fields": [{"kind": "area", "name": "reason", "label": "Reason", "value": request.form.get("reason", "")}],
        "errors": errors or {}, "c": {"version": order.version, "title": f"Order {order.number}", "subject": "cancel"},
        "back_url": order_answers.address(order),
    }  # fmt: skip
    return acts.form_page(context, status=status)


@blueprint.post("/orders/<int:number>/changes/<int:change_id>")
@requires("orders.write")
def decide(number: int, change_id: int) -> ResponseReturnValue:
    """Accept what a later mail wants different, all of it or what is ticked, or decline it."""

    def do(order: Order, by: Person) -> Done:
        asked = db.session.get(OrderChange, change_id)
        if asked is None or asked.order_id != order.id:
            abort(404)
        if request.form.get("act") == "decline":
            changing.decline(asked, by=by)
            return Done("Change declined; the order stays as it is", newest(by), {asked.message_id})
        items = request.form.getlist("items", type=row_number)
        if not items:
            raise Refused("Tick what to accept, or decline it.")
        if (moved := readdressing.as_asked(order, asked, items, by=by)) is not None:
            return Done(moved.sentence, None, {asked.message_id})
        changing.accept(asked, by=by, items=items if len(items) < len(asked.changes) else None)
        return Done("Change accepted", newest(by), {asked.message_id, *read_in(order)})

    return change(number, do, typed=Typed("deciding on a change"))


@blueprint.post("/conversations/<int:conversation_id>/orders")
@requires("orders.write")
def by_hand(conversation_id: int) -> ResponseReturnValue:
    """An empty order in this conversation."""
    return _made(load(conversation_id))


@blueprint.post("/messages/<int:message_id>/order")
@requires("orders.write")
def from_message(message_id: int) -> ResponseReturnValue:
    """An empty order that begins with this message."""
    m = db.session.get(Message, message_id) or abort(404)
    return _made(load(m.conversation_id), message_id=m.id)


def _made(c: Conversation, *, message_id: int | None = None) -> ResponseReturnValue:
    by = sessions.me()
    order = drafting.by_hand(c, by=by, message_id=message_id)
    made = newest(by)
    number, act_id = order.number, made.id if made else None
    db.session.commit()
    order = found(number)
    if not request.headers.get("HX-Request"):
        flash(f"Order {number} made.", f"undo:{url_for('acts.undo', act_id=act_id)}")
        return redirect(order_answers.address(order), code=303)
    return render_template("desk/_acted.html", **order_answers.whole(order, f"Order {number} made", act_id))
