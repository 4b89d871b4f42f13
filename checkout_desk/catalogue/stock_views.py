"""Stock as people move it: receive, count and scrap on a product's page, and counting a shelf with a scanner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.catalogue import page, products, queries, stock, values, wording
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings.models import store
from checkout_desk.web.access import requires
from checkout_desk.web.pages import wants_fragment

blueprint = Blueprint("stock", __name__)

VERBS: dict[str, Callable[..., bool]] = {
    "receive": stock.receive,
    "count": stock.count,
    "scrap": stock.scrap,
}


@blueprint.post("/catalogue/<int:product_id>/stock")
@requires("stock.write")
def move(product_id: int) -> ResponseReturnValue:
    """Enter what came in, what was counted, or what broke."""
    product: Product = db.session.get(Product, product_id) or abort(404, "There is no such product.")
    typed = {name: request.form.get(name, "") for name in ("kind", "quantity", "reason", "once")}
    try:
        done = _enter(product, typed)
    except (Refused, ValueError) as reason:
        db.session.rollback()
        product = db.session.get_one(Product, product_id)
        field = "reason" if str(reason).startswith("Reason") else "quantity"
        return _stock(product, typed | {f"{field}_error": str(reason)}), 422
    db.session.commit()
    if wants_fragment():
        return _stock(product, None)
    flash(done)
    return redirect(url_for("catalogue.show", product_id=product.id) + "#stock", 303)


def _enter(product: Product, typed: Mapping[str, str]) -> str:
    if typed["kind"] not in VERBS:
        raise ValueError("Choose whether pieces came in, were counted, or are scrapped.")
    low = 0 if typed["kind"] == "count" else 1
    quantity = values.pieces(typed["quantity"], "Pieces", least=low)
    if quantity is None:
        raise ValueError(f"Pieces is empty; type a whole number from {low} to {stock.MOST}.")
    reason = values.line(typed["reason"], "Reason", 200)
    if typed["kind"] == "scrap" and not reason:
        raise ValueError("Reason is empty; say in a few words what happened to the pieces.")
    # The form carries a word of its own, so that a double click moves stock once.
    once = (
        f"form:{product.id}:{typed['once'][:40]}" if typed["once"].isprintable() and typed["once"] else None
    )
    VERBS[typed["kind"]](product.id, quantity, occasion=once, reason=reason)
    return f"{wording.KINDS[typed['kind']]}: {quantity} of {product.name}.{_lacking(product)}"


def _lacking(product: Product) -> str:
    """What customers were promised and is not there, as a sentence; '' where it is."""
    db.session.refresh(product)
    return f" {-product.available} fewer than customers were promised." if product.available < 0 else ""


def _stock(product: Product, typed: Mapping[str, str] | None) -> str:
    """The stock of a product: the part alone for htmx, else the page."""
    part = page.stock_part(product, typed)
    if wants_fragment():
        return render_template("catalogue/_stock.html", product=product, may=page.may(), **part)
    return render_template("catalogue/product.html", **(page.context(product) | part))


@blueprint.get("/stock/count")
@requires("stock.write")
def counting() -> ResponseReturnValue:
    """Counting a shelf: scan or type what it is, then how many there are. What is expected is not shown before."""
    code = request.args.get("code", "").strip()[:200]
    if not code:
        return _count_page()
    product = products.by_code(code)
    if product is None:
        return _count_page(code=code, error=_unknown(code), near=products.find(code, limit=5, active=False))
    return _count_page(code=code, product=product)


@blueprint.post("/stock/count")
@requires("stock.write")
def counted() -> ResponseReturnValue:
    """A number that was counted: entered at once where it is what was expected, else shown before it is."""
    code, typed = request.form.get("code", "").strip()[:200], request.form.get("counted", "")
    product = products.by_code(code)
    if product is None:
        return _count_page(
            code=code, error=_unknown(code), near=products.find(code, limit=5, active=False)
        ), 422
    try:
        number = values.pieces(typed, "Counted")
        if number is None:
            raise ValueError("Counted is empty; type how many there are, 0 for none.")
    except ValueError as reason:
        return _count_page(code=code, product=product, typed=typed, error=str(reason)), 422
    expected = product.on_hand
    if number != expected and request.form.get("expected") != str(expected):
        moved = request.form.get("expected") is not None
        return _count_page(code=code, product=product, typed=str(number), expected=expected, moved=moved)
    stock.count(product.id, number, reason="Stock count")
    lacking = _lacking(product)
    db.session.commit()
    flash(f"{product.name}: {number}, {wording.difference(expected, number)}.{lacking}")
    return redirect(url_for(".counting"), 303)


def _unknown(code: str) -> str:
    return f"No product has the barcode or SKU “{code[:80]}”; scan again, or type the SKU."


def _count_page(
    *,
    code: str = "",
    product: Product | None = None,
    typed: str = "",
    expected: int | None = None,
    moved: bool = False,
    error: str = "",
    near: Sequence[Product] = (),
) -> str:
    zone = store().time_zone
    last = queries.counted_by(f"person:{sessions.who().id}")
    difference = wording.difference(expected, int(typed)) if expected is not None else ""
    return render_template(
        "catalogue/count.html", code=code, product=wording.listed(product) if product else None, typed=typed, expected=expected,
        difference=difference, moved=moved, error=error,
        near=[{"name": p.name, "sku": p.sku, "url": url_for(".counting", code=p.sku)} for p in near],
        last=[{"row": wording.moved(row, {}, zone), "name": p.name, "sku": p.sku, "by": row.on_hand, "again": url_for(".counting", code=p.sku)} for row, p in last],
    )  # fmt: skip
