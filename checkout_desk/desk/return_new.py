"""A person enters a return: what a customer asked for on the phone, or goods that came without a word."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.catalogue import products
from checkout_desk.desk import return_mail
from checkout_desk.desk.frame import frame
from checkout_desk.desk.returns_list import REASONS
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.returns import receiving, requesting
from checkout_desk.returns.requesting import Returnable, Wish
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("return_new", __name__, url_prefix="/returns/new")


@blueprint.get("")
@requires("returns.receive")
def form() -> ResponseReturnValue:
    """What of an order may come back."""
    return _page(_order())


def _order() -> Order | None:
    """The order that the address or the form names, as 1042, #1042 or 1042-R1."""
    typed = request.values.get("order", "").strip().removeprefix("#").partition("-")[0]
    try:
        number = row_number(typed)
    except ValueError:
        return None
    return loading.load(number) if number < 2**31 else None


def _page(
    order: Order | None, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    typed = request.values.get("order", "").strip()[:20]
    mail = return_mail.of(order, request.values.get("message", type=row_number)) if order else None
    free = requesting.returnable(order) if order else {}
    found = dict(errors or {})
    if order is None and typed:
        found["order"] = f"There is no order “{typed}”; type a number such as 1042."
        status = 404 if request.method == "GET" else 422
    elif order is not None and not free and not found:
        found["form"] = (
            f"Nothing of order {order.number} can come back: it has not left, or all of it is in returns already."
        )
    context = {
        "order": order, "asked": typed, "free": [{"id": key, "sku": row.sku, "name": row.name, "n": row.n} for key, row in free.items()],
        "reasons": list(REASONS.items()), "mail": mail.id if mail else "",
        "typed": request.form or (return_mail.read(mail, free) if mail else {}), "errors": found, "may_ask": frame().person.may("returns.write"),
    }  # fmt: skip
    return render_template("returns/new.html", **context), status


@blueprint.post("")
@requires("returns.receive")
def make() -> ResponseReturnValue:
    """Enter it. `goods` says that the pieces are here already."""
    me, order = sessions.me(), _order()
    if order is None:
        return _page(None, status=422)
    goods = bool(request.form.get("goods")) or not me.may("returns.write")  # others enter only what is here
    free = requesting.returnable(order)
    errors = dict[str, str]()
    wishes = _wishes(free, errors)
    reason = request.form.get("reason", "")
    if not goods and reason not in REASONS:
        errors["reason"] = "Choose why it comes back."
    if not wishes and not errors:
        errors["form"] = "Type how many pieces come back."
    if errors:
        db.session.rollback()
        return _page(_order(), errors=errors, status=422)
    words = mask_cards(request.form.get("words", "").strip()[:1000])
    try:
        if goods:
            counted = {product_id: wish[0] for product_id, wish in wishes.items()}
            back = receiving.unasked(order, counted, by=me, words=words)
        else:
            mail = return_mail.of(order, request.form.get("message", type=row_number))
            back = requesting.request(
                order, wishes, reason=reason, words=words, source="mail" if mail else "person", by=me,
                message_id=mail.id if mail else None,
            )  # fmt: skip
    except Refused as refusal:
        db.session.rollback()
        return _page(_order(), errors={"form": str(refusal)}, status=409)
    name, return_id = requesting.name(back, order), back.id
    db.session.commit()
    flash(f"Return {name} entered.")
    return redirect(url_for("return_page.show", return_id=return_id), 303)


def _wishes(free: Mapping[int, Returnable], errors: dict[str, str]) -> dict[int, Wish]:
    """What was typed for each product; what is wrong with it goes into `errors`, by its field."""
    found: dict[int, Wish] = {}
    for product_id, row in free.items():
        typed = request.form.get(f"n{product_id}", "").strip()
        if not typed or typed == "0":
            continue
        if not (typed.isascii() and typed.isdecimal() and len(typed) <= 6) or not 1 <= int(typed) <= row.n:
            errors[f"n{product_id}"] = f"“{typed[:20]}” cannot come back; type a number up to {row.n}."
            continue
        other = request.form.get(f"other{product_id}", "").strip()[:64]
        product = products.by_code(other) if other else None
        if other and (product is None or not product.active):
            errors[f"other{product_id}"] = (
                f"“{other}” is no product that is sold; type its SKU, or leave it empty."
            )
            continue
        found[product_id] = (int(typed), "exchange" if product else "refund", product.id if product else None)
    return found
