"""What people do with the quotes of an order: choose, look at versions, extend, withdraw; sending is the composer's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Message
from checkout_desk.desk import acts, order_answers, quote_block, quote_rebate
from checkout_desk.desk.frame import frame
from checkout_desk.desk.order_answers import Typed, Unusable
from checkout_desk.desk.ordering import Done, change, found
from checkout_desk.desk.sources import digest
from checkout_desk.extensions import db
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders import discounting, placing, quote_content, quote_words, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.settings import discounts, effective, tax
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("quotes", __name__, url_prefix="/orders/<int:number>/quotes")
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
_LINK = re.compile(r"/o/[\w-]{43}")


def _version(order: Order, number: int) -> Quote:
    """That version of the order, or 404."""
    quote: Quote | None = db.session.query(Quote).filter_by(order_id=order.id, number=number).one_or_none()
    return quote or abort(404)


@blueprint.post("")
@requires("orders.write")
def choose(number: int) -> ResponseReturnValue:
    """Draw up the next version with this shipping service, discount code and VAT id."""

    def do(order: Order, by: Person) -> Done:
        code, vat_id = (request.form.get(name, "").strip()[:60] for name in ("code", "vat_id"))
        service = request.form.get("service", type=row_number)
        _usable(order, code, vat_id)
        quote = quoting.draft(order, by=by, service_id=service, discount_code=code, vat_id=vat_id)
        total = quote_words.amount(quote.content, quote.total_minor, "en")
        return Done(f"Quote {quoting.name(quote)} comes to {total}")

    return change(number, do, typed=Typed("the choices for the quote"))


def _usable(order: Order, code: str, vat_id: str) -> None:
    """Raises Unusable with the sentence for the field that cannot be used."""
    if code:
        try:
            discounts.find(code, value_minor=order.total_minor, currency=order.currency, on=effective.today())
        except ValueError as fault:
            raise Unusable(str(fault), field="code", value=code) from None
    sentence = tax.vat_id_fault(vat_id, order.ship_country) if vat_id else ""
    if sentence:
        raise Unusable(sentence, field="vat_id", value=vat_id)


@blueprint.get("/discount")
@requires("orders.write")
def discount(number: int) -> ResponseReturnValue:
    """The form that takes something off the next version."""
    return _discount_form(found(number))


@blueprint.post("/discount")
@requires("orders.write")
def do_discount(number: int) -> ResponseReturnValue:
    """Take an amount or a percentage off a line or the whole order, with the reason."""
    typed = quote_rebate.read(found(number), request.form)
    if typed.errors:
        db.session.rollback()
        return _discount_form(found(number), errors=typed.errors, status=422)

    def do(order: Order, by: Person) -> Done:
        quote = discounting.give(order, typed.rebate, line_id=typed.line_id, by=by, reason=typed.reason)
        total = quote_words.amount(quote.content, quote.total_minor, "en")
        return Done(f"Quote {quoting.name(quote)} comes to {total}")

    return change(number, do, typed=Typed(f"taking off {request.form.get('off', '')[:20]}"))


def _discount_form(
    order: Order, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    context = {
        "act": {
            "key": "discount", "title": f"Discount on order {order.number}", "label": "Take it off",
            "text": "The customer sees it in the next version of the quote. Type 0 to take a discount back.",
            "action": url_for("quotes.do_discount", number=order.number), "target": "#side",
        },
        "fields": quote_rebate.fields(order, request.form),
        "errors": errors or {}, "c": {"version": order.version, "title": f"Order {order.number}", "subject": "discount"},
        "back_url": order_answers.address(order),
    }  # fmt: skip
    return acts.form_page(context, status=status)


@blueprint.post("/keep")
@requires("orders.write")
def keep(number: int) -> ResponseReturnValue:
    """Nothing differs from the version that the customer has: it counts."""

    def do(order: Order, by: Person) -> Done:
        quoting.keep(order, by=by)
        return Done(f"Order {order.number} is quoted as before")

    return change(number, do)


@blueprint.post("/<int:version>/free")
@requires("orders.write")
def free(number: int, version: int) -> ResponseReturnValue:
    """The customer wants what costs nothing: the order is placed."""

    def do(order: Order, by: Person) -> Done:
        placing.free(_version(order, version), by=by)
        return Done(f"Order {order.number} is placed, and the customer is told")

    return change(number, do)


@blueprint.post("/<int:version>/account")
@requires("payments.write")
def on_account(number: int, version: int) -> ResponseReturnValue:
    """A trusted customer pays later: the order is placed, its money stays open."""

    def do(order: Order, by: Person) -> Done:
        placing.on_account(_version(order, version), by=by)
        return Done(f"Order {order.number} is placed on account, and the customer is told")

    return change(number, do)


@blueprint.get("/<int:version>/unpaid")
@requires("orders.override")
def unpaid(number: int, version: int) -> ResponseReturnValue:
    """The form that asks why an order leaves before it is paid."""
    return _unpaid_form(number, version)


@blueprint.post("/<int:version>/unpaid")
@requires("orders.override")
def do_unpaid(number: int, version: int) -> ResponseReturnValue:
    """A manager lets it leave before it is paid, with the reason."""
    reason = " ".join(request.form.get("reason", "").split())
    if not 3 <= len(reason) <= 300:
        db.session.rollback()
        said = "too little" if len(reason) < 3 else "too much"
        sentence = f"“{reason[:20]}” says {said}; say in 3 to 300 characters why."
        return _unpaid_form(number, version, errors={"reason": sentence}, status=422)

    def do(order: Order, by: Person) -> Done:
        placing.before_payment(_version(order, version), by=by, reason=reason)
        return Done(f"Order {order.number} may be packed before it is paid")

    return change(number, do)


def _unpaid_form(
    number: int, version: int, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    order = found(number)
    _version(order, version)
    context = {
        "act": {
            "key": "unpaid", "title": f"Pack order {number} before it is paid", "label": "Let it be packed",
            "text": "Its pieces are sold and it goes to the pack list; its money stays open under Payments. Your name and the reason stay with it.",
            "action": url_for("quotes.do_unpaid", number=number, version=version), "target": "#side",
        },
        "fields": [{"kind": "area", "name": "reason", "label": "Reason", "value": request.form.get("reason", "")}],
        "errors": errors or {}, "c": {"version": order.version, "title": f"Order {number}", "subject": "unpaid"},
        "back_url": order_answers.address(order),
    }  # fmt: skip
    return acts.form_page(context, status=status)


@blueprint.post("/<int:version>/extend")
@requires("orders.write")
def extend(number: int, version: int) -> ResponseReturnValue:
    """Give the customer the full time again."""

    def do(order: Order, by: Person) -> Done:
        quote = _version(order, version)
        quoting.extend(quote, by=by)
        face = frame().face
        until = f"{face.day(quote.expires_at)} {face.time(quote.expires_at)}" if quote.expires_at else ""
        return Done(f"Quote {quoting.name(quote)} holds until {until}; the customer has not been told")

    return change(number, do, typed=Typed("extending the quote"))


@blueprint.get("/<int:version>/withdraw")
@requires("orders.write")
def withdraw(number: int, version: int) -> ResponseReturnValue:
    """The form that asks why."""
    order = found(number)
    return _withdraw_form(order, _version(order, version))


@blueprint.post("/<int:version>/withdraw")
@requires("orders.write")
def do_withdraw(number: int, version: int) -> ResponseReturnValue:
    """The quote holds no more, with the reason."""
    reason = " ".join(request.form.get("reason", "").split())
    if not 3 <= len(reason) <= 300:
        db.session.rollback()
        order = found(number)
        said = (
            f"“{reason[:20]}” says too little"
            if len(reason) < 3
            else f"A reason of {len(reason)} characters is too long"
        )
        errors = {"reason": f"{said}; say in 3 to 300 characters why."}
        return _withdraw_form(order, _version(order, version), errors=errors, status=422)

    def do(order: Order, by: Person) -> Done:
        quote = _version(order, version)
        quoting.withdraw(quote, by=by, reason=reason)
        return Done(f"Quote {quoting.name(quote)} withdrawn, its stock is free")

    return change(number, do, typed=Typed(f"withdrawing because “{reason}”"))


def _withdraw_form(
    order: Order, quote: Quote, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    name = quoting.name(quote)
    context = {
        "act": {
            "key": "withdraw", "title": f"Withdraw quote {name}", "label": "Withdraw the quote", "danger": True,
            "text": "The customer can no longer pay it, and what it holds is free. The customer is not told by this.",
            "action": url_for("quotes.do_withdraw", number=order.number, version=quote.number), "target": "#side",
        },
        "fields": [{"kind": "area", "name": "reason", "label": "Reason", "value": request.form.get("reason", "")}],
        "errors": errors or {}, "c": {"version": order.version, "title": f"Order {order.number}", "subject": "withdraw"},
        "back_url": order_answers.address(order),
    }  # fmt: skip
    return acts.form_page(context, status=status)


@blueprint.get("/<int:version>")
@requires("payments.read")
def show(number: int, version: int) -> ResponseReturnValue:
    """One version: what it says, how it was mailed, and what it changed."""
    order = found(number)
    quote = _version(order, version)
    versions = quoting.of(order.id)
    before = [one for one in versions if one.number < quote.number and one.sent_at]
    message = db.session.get(Message, quote.message_id) if quote.message_id else None
    face = frame().face
    return render_template(
        "orders/quote.html",
        order={"number": order.number, "url": order_answers.address(order)},
        v=quote_block.version(order, quote, frame()),
        rows=_lines(quote),
        sums=quote_block.sums(quote.content),
        facts=_facts(quote),
        changes=quote_words.difference(before[-1].content, quote.content) if before else [],
        before=quoting.name(before[-1]) if before else "",
        message={"text": message.text, "subject": message.subject, "when": face.full(message.at),
                 "frame_url": url_for("quotes.mailed", number=number, version=version)} if message else None,
        pdf_url=url_for("quotes.pdf", number=number, version=version),
        others=[quote_block.version(order, one, frame()) for one in reversed(versions)],
    )  # fmt: skip


def _lines(quote: Quote) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"{line['quantity']} × {quote_words.line_name(quote.content, line, 'en')}",
            line["sku"],
            quote_words.amount(quote.content, line["unit"], "en"),
            quote_words.amount(quote.content, line["amount"], "en"),
        )
        for line in quote.content["lines"]
    ]


def _facts(quote: Quote) -> list[tuple[str, str]]:
    face = frame().face
    times = (("Sent", quote.sent_at), ("Holds until", quote.expires_at), ("Accepted", quote.accepted_at), ("Placed on account", quote.placed_at),
             ("Paid", quote.paid_at), ("Ended", quote.ended_at))  # fmt: skip
    found = [(name, face.full(at)) for name, at in times if at is not None]
    return [
        *found,
        ("Payment reference", quote_words.reference(quote.content)),
        ("SHA-256", quote_content.digest(quote.content)),
    ]


@blueprint.get("/<int:version>/mail")
@requires("payments.read")
def mailed(number: int, version: int) -> ResponseReturnValue:
    """The HTML of the mail as it left, in a frame that runs nothing and fetches nothing; the customer's link is hidden.

    It is our own mail, every word of it escaped when it was made, so its styles may stay.
    """
    quote = _version(found(number), version)
    message = db.session.get(Message, quote.message_id) if quote.message_id else None
    held = digest(message) if message else None
    if not held or blobs().sealed(held):
        abort(404)
    # Loaded by the few requests that read mail, not by every web process.
    from checkout_desk.mail.parsing import parse

    response = Response(_LINK.sub("/o/…", parse(blobs().get(held)).html))
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/<int:version>.pdf")
@requires("payments.read")
def pdf(number: int, version: int) -> ResponseReturnValue:
    """The version as a PDF: the same bytes each time."""
    from checkout_desk.orders import quote_pdf  # the typesetter is loaded by those who print

    quote = _version(found(number), version)
    response = Response(quote_pdf.make(quote.content), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{quoting.name(quote)}.pdf"'
    return response
