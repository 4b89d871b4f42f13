"""How the desk answers an act on an order: the panel and what around it changed, or a page where no script runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk import money
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.desk import discretion, order_lines, order_panel
from checkout_desk.desk.frame import frame
from checkout_desk.desk.order_loaded import load
from checkout_desk.desk.paths import path
from checkout_desk.desk.workspace import conversation_context, in_pane
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.orders import happenings, loading
from checkout_desk.orders.models import Order, OrderLine


class Unusable(Exception):
    """Something was typed that cannot be used: the sentence for its field, and what was typed."""

    def __init__(self, sentence: str, *, field: str, value: str = "", line_id: int | None = None) -> None:
        super().__init__(sentence)
        self.field, self.value, self.line_id = field, value, line_id


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody wanted when another was faster, in words."""

    words: str = ""


MOST_TOLD = 200
NOT_AGAIN = ("csrf_token", "version")


def address(order: Order) -> str:
    """The page that shows the order: its conversation with this order beside it."""
    if order.conversation_id is None:
        return url_for("ordering.show", number=order.number)
    base = url_for("workspace.show", conversation_id=order.conversation_id)
    return f"{base}?order={order.number}#side"


def around(order: Order) -> dict[str, Any]:
    """Everything that the order's panel, or the conversation with it, needs."""
    if order.conversation_id is not None:
        return conversation_context(order.conversation_id, pane=in_pane(), order=order.number) or abort(404)
    shown = order_panel.context(load(order, frame(), changes=loading.changes(order)), frame())
    shown["tabs"] = []
    return {"order": shown, "c": {"next": None, "title": f"Order {order.number}", "tags": []}, "items": []}


def panel(order: Order, *, messages: Collection[int] = (), **more: Any) -> str:
    """The panel, and beside it the head, the narrow bar, and the messages whose highlights changed."""
    context = {**around(order), **more}
    marked = {*context.get("marked", ()), *messages}
    context["changed"] = [
        item for item in context["items"] if item["type"] == "message" and item["id"] in marked
    ]
    return render_template("orders/_answer.html", **context)


def page(order: Order, *, status: int = 200, **more: Any) -> ResponseReturnValue:
    """The panel alone as a page: without script, and for an order that belongs to no conversation."""
    context = {**around(order), **more}
    return render_template("orders/order.html", **context, back_url=address(order)), status


def _either(order: Order, *, status: int, **more: Any) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return panel(order, **more), status, {"HX-Retarget": "#side", "HX-Reswap": "outerMorph"}
    return page(order, status=status, **more)


def done(order: Order, sentence: str, act_id: int | None, messages: Collection[int]) -> ResponseReturnValue:
    """It is done: the panel with a toast that offers undo."""
    undo_url = url_for("acts.undo", act_id=act_id) if act_id and order.conversation_id else ""
    if not request.headers.get("HX-Request"):
        flash(f"{sentence}.", f"undo:{undo_url}" if undo_url else "message")
        return redirect(address(order), code=303)
    return panel(
        order,
        messages=messages,
        with_toast=True,
        toast_text=sentence,
        undo_url=undo_url,
        token=f"act{act_id or ''}",
        toast_id=f"toast-order{order.number}",
    )


def whole(order: Order, sentence: str, act_id: int | None) -> dict[str, Any]:
    """The context of `desk/_acted.html` after the conversation got this order."""
    undo_url = url_for("acts.undo", act_id=act_id) if act_id else ""
    return {
        **around(order),
        "toast_text": sentence,
        "undo_url": undo_url,
        "seconds": 0,
        "token": f"act{act_id or ''}",
    }


def refused(order: Order, sentence: str) -> ResponseReturnValue:
    """It is not possible now."""
    return _either(order, status=409, refusal=sentence)


def unusable(order: Order, wrong: Unusable) -> ResponseReturnValue:
    """It cannot be used: the sentence at its field, and what was typed stays there."""
    fault = {"line": wrong.line_id, "field": wrong.field, "value": wrong.value, "sentence": str(wrong)}
    return _either(order, status=422, fault=fault)


def faster(order: Order, since: Sequence[str], typed: Typed) -> ResponseReturnValue:
    """Somebody changed the order meanwhile: what they did, and what was typed, ready to be applied all the same."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_AGAIN]
    told = {"since": list(since), "words": typed.words, "url": request.path, "fields": fields}
    return _either(order, status=409, faster=told)


def record(order: Order) -> str:
    """What happened to the order, from the record of events. One query."""
    rows = db.session.scalars(
        select(Event)
        .where(Event.subject_type == "order", Event.subject_id == order.id)
        .order_by(Event.id.desc())
        .limit(MOST_TOLD)
    )
    names = {f"person:{number}": person.name for number, person in frame().people.items()}
    told = [
        {
            "when": frame().face.short(row.at),
            "iso": row.at.isoformat(),
            "words": discretion.words(
                f"{happenings.who(row.actor, names)} {happenings.words(row.kind, row.before or {}, row.after or {})}",
                frame().person,
            ),
        }
        for row in rows
    ]
    page = not request.headers.get("HX-Request")
    return render_template(
        "orders/record.html" if page else "orders/_record.html",
        number=order.number, told=told, page=page, back_url=address(order),
        records_url=path("records_download.ask", number=order.number) if frame().person.may("records.read") else "",
    )  # fmt: skip


def picker(order: Order, row: OrderLine | None) -> ResponseReturnValue:
    """Products that fit what is being typed, each a button."""
    start = row.text if row is not None and row.text else ""
    query = request.args.get("q")
    shown = products.find(query if query is not None else start, limit=8)
    if query is None and not shown:
        start, shown = "", products.find("", limit=8)
    words = query if query is not None else start
    context = {
        "number": order.number, "version": order.version, "query": words[:100], "found": [_found(one, order) for one in shown],
        "line": {"id": row.id, "text": row.text, "quantity": row.quantity} if row is not None else None,
        "teach": "teach" in request.args, "find_url": path("ordering.find", number=order.number),
        "action": path("ordering.line", number=order.number, line_id=row.id) if row is not None
                  else path("ordering.add", number=order.number),
        "back_url": address(order),
    }  # fmt: skip
    template = "orders/_picker.html" if request.headers.get("HX-Request") else "orders/picker.html"
    return render_template(template, **context)


def _found(product: Product, order: Order) -> dict[str, Any]:
    other = product.currency != order.currency
    return {
        "id": product.id, "name": product.name, "sku": product.sku, "price": money.show(product.price_minor, product.currency),
        "stock": order_lines.stock(product, 1, frame()), "other_currency": other,
    }  # fmt: skip
