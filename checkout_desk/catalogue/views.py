"""The pages of the catalogue: the list, one product, its words and its picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.catalogue import aliasing, forms, page, pictures, products, queries, stock, values, wording
from checkout_desk.catalogue.forms import ProductForm
from checkout_desk.catalogue.models import Product, ProductAlias
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings.models import store
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number
from checkout_desk.web.pages import wants_fragment

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")

_EMPTY = {
    "": ("Nothing is for sale yet", "Add the first product, or import a file that you have already."),
    "low": ("Nothing is low", "A product stands here once no more than its “low at” can be promised."),
    "inactive": ("Nothing is inactive", "Products that are not for sale any more stand here."),
}


@blueprint.get("")
@requires("catalogue.read")
def everything() -> ResponseReturnValue:
    """What is sold, by name: search, low stock, what is not sold any more."""
    words = " ".join(request.args.get("q", "").split())[:200]
    view = request.args.get("show", "")
    if view not in queries.VIEWS:
        view = ""
    after, before = (request.args.get(name, type=row_number) for name in ("after", "before"))
    rows = queries.listed(words, view, after=after, before=before)
    found = queries.counts(words)
    at: dict[str, Any] = {"q": words or None, "show": view or None}
    names = (("", "For sale"), ("low", "Low stock"), ("inactive", "Inactive"))
    tabs = [
        {"label": label, "url": url_for(".everything", q=words or None, show=key or None), "current": key == view, "n": found[key]}
        for key, label in names
    ]  # fmt: skip
    return render_template(
        "catalogue/list.html", words=words, view=view, tabs=tabs, products=[wording.listed(p) for p in rows.products],
        next_url=url_for(".everything", **at, after=rows.after) if rows.after else None,
        previous_url=url_for(".everything", **at, before=rows.before) if rows.before else None,
        empty=_EMPTY[view], any=any(found.values()), may=page.may(),
    )  # fmt: skip


@blueprint.get("/new")
@requires("catalogue.write")
def new() -> ResponseReturnValue:
    """An empty form."""
    return _new_page(forms.empty(store().currency), {}, "")


@blueprint.post("")
@requires("catalogue.write")
def create() -> ResponseReturnValue:
    """Add a product, with what is on hand of it."""
    form = ProductForm(request.form)
    opening, errors = request.form.get("stock", ""), form.errors
    on_hand = None
    try:
        on_hand = values.pieces(opening, "On hand")
    except ValueError as reason:
        errors["stock"] = str(reason)
    if errors:
        return _new_page(form.typed, errors, opening), 422
    try:
        product = products.create(**form.fields)
        if on_hand:
            stock.receive(product.id, on_hand, reason="First stock")
    except Refused as reason:
        db.session.rollback()
        return _new_page(form.typed, _at_field(str(reason)), opening), 422
    db.session.commit()
    flash(f"{product.name} is in the catalogue.")
    return redirect(url_for(".show", product_id=product.id), 303)


@blueprint.get("/<int:product_id>")
@requires("catalogue.read")
def show(product_id: int) -> ResponseReturnValue:
    """One product: what it is, what it is called, and where its pieces went."""
    return render_template("catalogue/product.html", **page.context(_load(product_id)))


@blueprint.post("/<int:product_id>")
@requires("catalogue.write")
def save(product_id: int) -> ResponseReturnValue:
    """Check all, then set all; somebody else's change meanwhile is said and not overwritten."""
    product = _load(product_id)
    form = ProductForm(request.form)
    if request.form.get("version") != str(product.version):
        words = (
            "Somebody changed this product while you were typing. What you typed stands below; what is kept now is on the "
            "product’s page. Save again to put yours in its place."
        )
        return _page(product, form.typed, {"form": words}), 409
    if form.errors:
        return _page(product, form.typed, form.errors), 422
    try:
        changed = products.change(product, **form.fields)
    except Refused as reason:
        db.session.rollback()
        return _page(_load(product_id), form.typed, _at_field(str(reason))), 422
    db.session.commit()
    flash("The product is saved." if changed else "Nothing was different; nothing was changed.")
    return redirect(url_for(".show", product_id=product_id), 303)


@blueprint.post("/<int:product_id>/aliases")
@requires("catalogue.write")
def teach(product_id: int) -> ResponseReturnValue:
    """One more word for it."""
    product = _load(product_id)
    typed = {"alias": request.form.get("alias", ""), "language": request.form.get("language", "")}
    try:
        text = values.line(typed["alias"], "One more word for it", 200, needed=True)
        language = values.language(typed["language"])
        known = aliasing.teach(
            product, text, language=language, by_id=sessions.who().id, how="typed", firmly=True
        )
    except (Refused, ValueError) as reason:
        db.session.rollback()
        return _alias_wrong(_load(product_id), typed | {"error": str(reason)}), 422
    if known is None:
        words = f"“{text}” means this product already; there is nothing to add."
        return _alias_wrong(product, typed | {"error": words}), 422
    db.session.commit()
    return _alias_done(product, f"“{text}” means {product.name} from now on.")


@blueprint.post("/aliases/<int:alias_id>/undo")
@requires("catalogue.write")
def untaught(alias_id: int) -> ResponseReturnValue:
    """The words do not mean the product any more."""
    alias = db.session.get(ProductAlias, alias_id) or abort(404, "There is no such alias.")
    product = _load(alias.product_id)
    aliasing.untaught(alias, by_id=sessions.who().id)
    db.session.commit()
    return _alias_done(product, f"“{alias.text}” does not mean {product.name} any more.")


@blueprint.get("/<int:product_id>/picture")
@requires("catalogue.read")
def picture(product_id: int) -> ResponseReturnValue:
    """The picture itself."""
    product = _load(product_id)
    if product.picture_sha256 is None:
        abort(404, "This product has no picture.")
    return pictures.answer(product)


@blueprint.post("/<int:product_id>/picture")
@requires("catalogue.write")
def put_picture(product_id: int) -> ResponseReturnValue:
    """Another picture."""
    product = _load(product_id)
    upload = request.files.get("picture")
    try:
        data = upload.stream.read(pictures.LARGEST + 1) if upload else b""
        pictures.put(product, data, name=(upload.filename or "") if upload else "")
    except Refused as reason:
        db.session.rollback()
        return _page(_load(product_id), None, {"picture": str(reason)}), 422
    db.session.commit()
    flash("The picture is kept.")
    return redirect(url_for(".show", product_id=product_id), 303)


@blueprint.post("/<int:product_id>/picture/remove")
@requires("catalogue.write")
def remove_picture(product_id: int) -> ResponseReturnValue:
    """No picture."""
    product = _load(product_id)
    pictures.take_away(product)
    db.session.commit()
    return redirect(url_for(".show", product_id=product_id), 303)


def _load(product_id: int) -> Product:
    found: Product = db.session.get(Product, product_id) or abort(404, "There is no such product.")
    return found


def _at_field(words: str) -> dict[str, str]:
    """A refusal of `products` at the field that it is about."""
    field = "barcode" if "barcode" in words else "sku" if "SKU" in words else "name"
    return {field: words}


def _new_page(typed: Mapping[str, str], errors: Mapping[str, str], opening: str) -> str:
    return render_template("catalogue/new.html", form=typed, errors=errors, opening=opening, **page.choices())


def _page(product: Product, typed: Mapping[str, str] | None, errors: Mapping[str, str]) -> str:
    return render_template("catalogue/product.html", **page.context(product, typed, errors))


def _alias_wrong(product: Product, typed: Mapping[str, str]) -> str:
    """The words of a product with the sentence at the field: the part alone for htmx, else the page."""
    part = page.alias_part(product, typed)
    if wants_fragment():
        return render_template("catalogue/_aliases.html", product=product, may=page.may(), **part)
    return render_template("catalogue/product.html", **(page.context(product) | part))


def _alias_done(product: Product, words: str) -> ResponseReturnValue:
    if wants_fragment():
        part = page.alias_part(product, {})
        return render_template("catalogue/_aliases.html", product=product, may=page.may(), **part)
    flash(words)
    return redirect(url_for(".show", product_id=product.id) + "#aliases", 303)
