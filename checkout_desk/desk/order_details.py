"""The form of an order's address, phone and e-mail, in the words of the country that the parcel goes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts.models import Person
from checkout_desk.desk import order_answers
from checkout_desk.desk.order_answers import Typed
from checkout_desk.desk.ordering import Done, change, found
from checkout_desk.extensions import db
from checkout_desk.orders import details
from checkout_desk.orders.models import Order
from checkout_desk.settings.choices import countries
from checkout_desk.shipping import readdressing
from checkout_desk.web.access import requires

blueprint = Blueprint("order_details", __name__)


@blueprint.get("/orders/<int:number>/details")
@requires("orders.write")
def show(number: int) -> ResponseReturnValue:
    """The form, in place of the address or as a page. `ship_country` and other fields of the address keep what is typed."""
    order = found(number)
    typed = {name: value for name, value in request.args.items() if name in details.FIELDS}
    if "known" in request.args:
        typed |= (
            dict(earlier.fields) if (earlier := details.known(order.customer_id, apart_from=order.id)) else {}
        )
    return form(order, typed)


@blueprint.post("/orders/<int:number>/details")
@requires("orders.write")
def save(number: int) -> ResponseReturnValue:
    """Keep what was typed over what the form held (`was_…`); with `again` only show it anew, in the country's words.

    What one did not touch is left as it is now, so that applying one's own never undoes what another typed elsewhere.
    """
    typed = {name: value for name, value in request.form.items() if name in details.FIELDS}
    if "again" in request.form:
        return form(found(number), typed)

    different = {name: value for name, value in typed.items() if value != request.form.get(f"was_{name}")}

    def do(order: Order, by: Person) -> Done:
        if order.state in readdressing.STATES:
            return Done(readdressing.readdress(order, different, by=by).sentence)
        act = details.change(order, different, by=by)
        messages = {source.get("message") for source in (order.sources or {}).values()}
        return Done("Details saved" if act else "Nothing was different", act, messages)

    try:
        return change(
            number, do, typed=Typed(", ".join(value for value in different.values() if value.strip()))
        )
    except details.Wrong as wrong:
        db.session.rollback()
        return form(found(number), typed, errors=wrong.fields, status=422)


def form(
    order: Order, typed: Mapping[str, str], *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    """The form with what is typed over what is kept."""
    country = typed.get("ship_country", order.ship_country)
    country = details.cleaned({"ship_country": country}, "")["ship_country"] if country.strip() else ""
    labels = {**details.labels(country), "email": "E-mail"}
    required = details.required(country)
    wanted = request.values.get("field", "")
    inputs = [
        {
            "name": name, "label": label, "value": typed.get(name, getattr(order, name)), "required": name in required, "was": request.values.get(f"was_{name}", getattr(order, name)),
            "error": (errors or {}).get(name, ""), "focus": name == wanted,
        }
        for name, label in labels.items() if name != "ship_country"
    ]  # fmt: skip
    extra = {name: sentence for name, sentence in (errors or {}).items() if name not in labels}
    earlier = details.known(order.customer_id, apart_from=order.id) if not order.ship_line1 else None
    context: dict[str, Any] = {
        "number": order.number, "version": order.version, "inputs": inputs, "country": country,
        "country_was": request.values.get("was_ship_country", order.ship_country),
        "countries": [("", "Not known yet"), *countries().items()], "errors": extra,
        "country_error": (errors or {}).get("ship_country", ""),
        "action": url_for("order_details.save", number=order.number), "panel_url": url_for("ordering.show", number=order.number),
        "earlier": {"number": earlier.number, "words": ", ".join(earlier.fields[name] for name in ("ship_line1", "ship_city") if name in earlier.fields)}
                   if earlier and "known" not in request.args else None,
        "back_url": order_answers.address(order),
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return (
            render_template("orders/_address_form.html", **context),
            status,
            {"HX-Retarget": "#ship", "HX-Reswap": "outerHTML"},
        )
    return render_template("orders/details.html", **context), status
