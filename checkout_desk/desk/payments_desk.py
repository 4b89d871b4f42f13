"""The Payments screen: confirm, use for another order, ask for the rest, accept late money, refund, enter by hand."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk import clock, money
from checkout_desk.accounts import confirming, sessions
from checkout_desk.conversations import checking, drafting, sending
from checkout_desk.conversations.models import Conversation
from checkout_desk.correspondence.rendering import Unfilled
from checkout_desk.desk import payments_page as shown
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders import bank_details
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import owing, refunding, settling, taking, telling, warning
from checkout_desk.payments.lifecycle import free
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.settings import bank_changes, choices, method_changes, tolerances
from checkout_desk.settings.models import store
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("payments", __name__, url_prefix="/payments")
OLDEST = timedelta(days=731)
"""how long ago money may have come that is entered by hand; a year that was mistyped lies further back"""
method_changes.watch(warning.tell)
bank_changes.watch(warning.asked)
bank_changes.open_when(warning.customers_pay)
checking.also(bank_details.fault)


@blueprint.get("")
@requires("payments.read")
def show() -> ResponseReturnValue:
    """The screen."""
    return _screen()


def _screen(*, error: str = "", at: int | None = None, status: int = 200) -> ResponseReturnValue:
    around = frame()
    kind = request.values.get("kind", "confirm")
    n = shown.counts()
    if kind not in n:
        kind = "confirm"
    if "kind" not in request.values and not n[kind]:  # the first tab with something to decide
        kind = next((key for key, _, _ in shown.KINDS[:-1] if n[key]), kind)
    payments, more = shown.page(kind, before=request.args.get("before", type=row_number))
    if at and all(p.id != at for p in payments) and (one := db.session.get(Payment, at)):
        payments = [one, *payments]
    context = {
        "kind": kind, "cards": shown.cards(payments, around), "error": error, "at": at,
        "tabs": [{"label": label, "n": n[key], "kind": key, "url": url_for("payments.show", kind=key), "current": key == kind} for key, label, _ in shown.KINDS],
        "waiting_n": sum(n[key] for key, _, _ in shown.KINDS[:-1]), "quotes": shown.open_quotes(around), "statement": shown.last_statement(around),
        "owed": shown.owed_rows(owing.owed(limit=shown.OWED + 1), around),
        "next_url": url_for("payments.show", kind=kind, before=more) if more else None,
        "may": around.person.may("payments.write"), "may_refund": around.person.may("payments.refund"),
        "refunds": around.person.may("payments.refund") and tolerances.refunds(around.person.roles),
    }  # fmt: skip
    return render_template("payments/show.html", **context), status


def _load(payment_id: int) -> Payment:
    return db.session.get(Payment, payment_id) or abort(404)


def _refused(payment_id: int, refusal: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return _screen(error=str(refusal), at=payment_id, status=409)


def _done(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence)
    kind = request.form.get("kind", "")
    return redirect(url_for("payments.show", kind=kind or None), 303)


@blueprint.post("/<int:payment_id>/confirm")
@requires("payments.write")
def confirm(payment_id: int) -> ResponseReturnValue:
    """The proposal is right: the money pays, and who paid is told."""
    payment = _load(payment_id)
    try:
        used = settling.confirm(payment, by=sessions.me())
    except Refused as refusal:
        return _refused(payment_id, refusal)
    paid = [db.session.get_one(Quote, a.quote_id) for a in used]
    names = ", ".join(_name(q) for q in paid)
    return _done(
        f"{names} {'is' if len(paid) == 1 else 'are'} paid."
        if all(q.state == "paid" for q in paid)
        else f"Used for {names}."
    )


def _name(quote: Quote) -> str:
    return f"{db.session.get_one(Order, quote.order_id).number}-Q{quote.number}"


@blueprint.post("/<int:payment_id>/accept")
@requires("payments.write")
def accept(payment_id: int) -> ResponseReturnValue:
    """Less or more than was wanted, or late, and a person takes it as it is, with the reason."""
    payment = _load(payment_id)
    quote = db.session.get(Quote, request.form.get("quote", type=row_number) or 0) or abort(404)
    reason = mask_cards(" ".join(request.form.get("reason", "").split())[:300])
    if not reason:
        return _screen(
            error="Say why it is accepted; whoever looks at it later reads this first.",
            at=payment_id,
            status=422,
        )
    try:
        if quote.state == "expired":
            settling.revive(payment, quote, by=sessions.me(), reason=reason)
        else:
            settling.allocate(payment, quote, free(payment), by=sessions.me(), reason=reason)
    except Refused as refusal:
        return _refused(payment_id, refusal)
    return _done(f"{_name(quote)} is paid.")


@blueprint.get("/<int:payment_id>/find")
@requires("payments.write")
def find(payment_id: int) -> ResponseReturnValue:
    """Look for the order that the money is for."""
    return _find(_load(payment_id))


def _find(
    payment: Payment, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    query = request.values.get("q", "").replace("\0", " ").strip()[:200]
    rows = shown.find_quotes(query) if query else []
    context = {
        "card": shown.cards([payment], frame())[0], "asked": query, "errors": errors or {}, "typed": request.form,
        "left": money.plain(free(payment), payment.currency), "currency": payment.currency,
        "rows": [{"id": q.id, "name": f"{o.number}-Q{q.number}", "state": q.state.capitalize(), "who": o.ship_name or o.email or "No name", "total": money.show(q.total_minor, q.currency),
                  "live": q.state in ("sent", "accepted", "expired")} for q, o in rows],
    }  # fmt: skip
    return render_template("payments/find.html", **context), status


@blueprint.post("/<int:payment_id>/use")
@requires("payments.write")
def use(payment_id: int) -> ResponseReturnValue:
    """Use a part of the money, or all of it, for a quote that a person chose: a split by hand."""
    payment = _load(payment_id)
    quote = db.session.get(Quote, request.form.get("quote", type=row_number) or 0)
    errors: dict[str, str] = {}
    minor = 0
    if quote is None:
        errors["quote"] = "Choose the quote that the money is for."
    try:
        minor = money.read(request.form.get("amount", ""), payment.currency)
    except ValueError as fault:
        errors["amount"] = str(fault)
    if errors or quote is None:
        return _find(payment, errors=errors, status=422)
    reason = mask_cards(" ".join(request.form.get("reason", "").split())[:300])
    try:
        if quote.state == "expired":
            settling.revive(payment, quote, by=sessions.me(), reason=reason, minor=minor)
        else:
            settling.allocate(payment, quote, minor, by=sessions.me(), reason=reason)
    except Refused as refusal:
        db.session.rollback()
        return _find(_load(payment_id), errors={"form": str(refusal)}, status=409)
    return _done(f"{money.show(minor, payment.currency)} used for {_name(quote)}.")


@blueprint.post("/<int:payment_id>/ask")
@requires("payments.write")
def ask(payment_id: int) -> ResponseReturnValue:
    """Open the composer with the mail that asks for the difference."""
    payment = _load(payment_id)
    quote = db.session.get(Quote, request.form.get("quote", type=row_number) or 0) or abort(404)
    order = db.session.get_one(Order, quote.order_id)
    c = db.session.get(Conversation, order.conversation_id or 0)
    if c is None:
        return _refused(payment_id, Refused(f"Order {order.number} has no conversation to write in."))
    try:
        mail = telling.ask_difference(payment, quote)
    except (Unfilled, Refused) as refusal:
        return _refused(payment_id, refusal)
    begun = drafting.find(c, person_id=frame().person.id, kind="reply")
    if begun is not None and begun.text.strip() and begun.text != mask_cards(mail.text):
        return _refused(
            payment_id, Refused("You have begun a reply in that conversation; send or discard it first.")
        )
    to, _ = sending.default_recipients(c, kind="reply")
    written = drafting.Written(
        to=", ".join(map(str, to)), subject=sending.reply_subject(c, kind="reply"), text=mail.text
    )
    draft = drafting.save(
        c, person_id=frame().person.id, kind="reply", written=written, based_on_id=c.last_inbound_id
    )
    draft.order_id = draft.purpose = draft.template = None  # what an emptied draft was for
    db.session.commit()
    return redirect(url_for("composer.show", conversation_id=c.id, kind="reply"), 303)


@blueprint.get("/<int:payment_id>/refund")
@requires("payments.refund")
def refund_form(payment_id: int) -> ResponseReturnValue:
    """How much goes back, and why; the password is asked again."""
    return _refund_page(_load(payment_id))


def _refund_page(
    payment: Payment, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    quote = _quote_of(payment)
    used = settling.of(payment, quote) if quote else None
    left = free(payment) or (
        used.amount_minor if used else payment.amount_minor - payment.refunded_minor - payment.credited_minor
    )
    typed = request.form if request.method == "POST" else {"amount": money.plain(left, payment.currency)}
    context = {
        "card": shown.cards([payment], frame())[0], "typed": typed, "errors": errors or {}, "currency": payment.currency,
        "key": request.form.get("key") or secrets.token_hex(16), "by_provider": payment.source in ("stripe", "paypal"),
        "quote": {"id": quote.id, "name": _name(quote)} if quote else None,
    }  # fmt: skip
    return render_template("payments/refund.html", **context), status


@blueprint.post("/<int:payment_id>/refund")
@requires("payments.refund", writes=False)
def refund(payment_id: int) -> ResponseReturnValue:
    """Write the refund down; the provider is asked afterwards, or a person at the bank."""
    me = sessions.me()
    payment, errors, minor = _load(payment_id), {}, 0
    try:
        minor = money.read(request.form.get("amount", ""), payment.currency)
    except ValueError as fault:
        errors["amount"] = str(fault)
    reason = mask_cards(" ".join(request.form.get("reason", "").split())[:300])
    if not reason:
        errors["reason"] = "Say why the money goes back."
    if wrong := confirming.fault():
        errors["password"] = wrong
    if errors:
        return _refund_page(_load(payment_id), errors=errors, status=422)
    begin_write()
    payment, me = _load(payment_id), sessions.me()
    quote = _quote_of(payment)
    key = request.form.get("key", "")
    try:
        made = refunding.request(
            payment, minor, reason=reason, by=me, quote=quote, key=key if len(key) == 32 else ""
        )
    except Refused as refusal:
        db.session.rollback()
        return _refund_page(_load(payment_id), errors={"form": str(refusal)}, status=409)
    return _done(f"{money.show(made.amount_minor, payment.currency)} goes back.")


def _quote_of(payment: Payment) -> Quote | None:
    """The quote that a refund may take from: the one that is named, else the only one that the payment pays."""
    given = [share["quote_id"] for share in shown.cards([payment], frame())[0]["given"]]
    named = request.values.get("quote", type=row_number)
    chosen = named if named in given else given[0] if len(given) == 1 else None
    return db.session.get(Quote, chosen) if chosen is not None else None


@blueprint.post("/refunds/<int:refund_id>/<what>")
@requires("payments.refund")
def refund_told(refund_id: int, what: str) -> ResponseReturnValue:
    """A person saw at the bank whether the money went back."""
    found = db.session.get(Refund, refund_id) or abort(404)
    payment_id = found.payment_id
    try:
        if what == "done":
            refunding.mark_done(found, by=sessions.me())
        elif what == "failed":
            refunding.mark_failed(
                found, by=sessions.me(), words=mask_cards(request.form.get("words", "").strip()[:300])
            )
        else:
            abort(404)
    except Refused as refusal:
        return _refused(payment_id, refusal)
    return _done("Noted.")


@blueprint.get("/new")
@requires("payments.write")
def hand_form() -> ResponseReturnValue:
    """Money that came another way, such as cash."""
    return _hand_page()


def _hand_page(*, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    today = frame().face.now.astimezone(frame().face.zone).date().isoformat()
    start = {"currency": store().currency, "day": today}
    typed = request.form if request.method == "POST" else start
    context = {
        "typed": typed,
        "errors": errors or {},
        "today": today,
        "key": request.form.get("key") or secrets.token_hex(16),
    }
    return render_template("payments/hand.html", **context), status


@blueprint.post("/new")
@requires("payments.write")
def hand() -> ResponseReturnValue:
    """Keep it with its evidence and look for its quote; the same form sent twice is one payment."""
    form, errors = request.form, {}
    currency = form.get("currency", "").strip().upper()
    minor, at = 0, clock.now()
    if currency not in choices.currencies():
        errors["currency"] = (
            f"“{currency[:10]}” is not money that anybody pays with; type a code such as GBP."
        )
    else:
        try:
            minor = money.read(form.get("amount", ""), currency)
            if minor < 1:
                errors["amount"] = "The amount is 0; type what came in."
        except ValueError as fault:
            errors["amount"] = str(fault)
    try:
        at = _came(form.get("day", ""))
    except ValueError as fault:
        errors["day"] = str(fault)
    note = mask_cards(" ".join(form.get("note", "").split())[:500])
    if not note:
        errors["note"] = "Say what shows that this money came in, such as the number of the receipt."
    if errors:
        return _hand_page(errors=errors, status=422)
    key = form.get("key", "")
    try:
        payment, new = taking.take(
            "hand", f"hand:{key[:64] or secrets.token_hex(16)}", amount_minor=minor, currency=currency, received_at=at,
            payer_name=mask_cards(form.get("payer", "").strip()[:200]), text=mask_cards(form.get("text", "").strip()[:500]), note=note,
            origin=taking.Origin(entered_by=sessions.me()),
        )  # fmt: skip
    except Refused as refusal:
        db.session.rollback()
        return _hand_page(errors={"form": str(refusal)}, status=409)
    if new:
        settling.settle(payment)
    elif (payment.amount_minor, payment.currency, payment.note) != (minor, currency, note):
        db.session.rollback()
        return _hand_page(
            errors={"form": "This form was sent before with other money; open it again."}, status=409
        )
    return _done(f"{money.show(minor, currency)} entered.{_paid(payment)}")


def _came(typed: str) -> datetime:
    """The instant of a typed day on which money came. Raises ValueError with the sentence for its field."""
    today = frame().face.now.astimezone(frame().face.zone).date()
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise ValueError(f"“{typed[:20]}” is not a day; type it such as {today.isoformat()}.") from None
    if day > today:
        raise ValueError(f"{day.isoformat()} lies ahead; type the day on which the money came.")
    if day < today - OLDEST:
        raise ValueError(f"{day.isoformat()} is too long ago; the money came on {today - OLDEST} or later.")
    return min(datetime.combine(day, time(12), tzinfo=frame().face.zone), clock.now())


def _paid(payment: Payment) -> str:
    """What the money has paid by itself, as a sentence; '' where a person still has to look."""
    given = [
        db.session.get_one(Quote, share["quote_id"]) for share in shown.cards([payment], frame())[0]["given"]
    ]
    names = ", ".join(_name(quote) for quote in given if quote.state == "paid")
    return f" {names} {'are' if ', ' in names else 'is'} paid." if names else ""
