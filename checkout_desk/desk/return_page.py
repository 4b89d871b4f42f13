"""One return: what is asked for, what the rules say, and what people do with it until it is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk import money
from checkout_desk.accounts import confirming, sessions
from checkout_desk.catalogue import products
from checkout_desk.desk import discretion
from checkout_desk.desk.frame import Frame, frame
from checkout_desk.desk.paths import path
from checkout_desk.desk.returns_list import REASONS, STATES
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order
from checkout_desk.returns import deciding, inspecting, label, photos, receiving, requesting, settling
from checkout_desk.returns.inspecting import Finding
from checkout_desk.returns.lifecycle import COMING, RETURN, judged, lines
from checkout_desk.returns.models import Return, ReturnLine, ReturnPhoto
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("return_page", __name__, url_prefix="/returns")

SOURCES = {
    "customer": "asked for on the customer’s page",
    "mail": "asked for by mail",
    "person": "entered by hand",
    "goods": "the goods came without a word",
}
OUTCOMES = (("restock", "Sell again"), ("repair", "Repair"), ("scrap", "Scrap"))


@blueprint.get("/<int:return_id>")
@requires("returns.read")
def show(return_id: int) -> ResponseReturnValue:
    """The return."""
    return _page(return_id)


def _page(
    return_id: int, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    found = requesting.load(return_id)
    if found is None:
        abort(404)
    back, order = found
    around, rows = frame(), lines(back)
    others = products.get({line.exchange_product_id for line in rows if line.exchange_product_id})
    state, tone = STATES[back.state]
    may = _may(back, rows, around)
    made = db.session.get(Order, back.exchange_id) if back.exchange_id else None
    context = {
        "back": back, "name": requesting.name(back, order), "order": order, "state": state, "tone": tone,
        "order_url": _order_url(order), "exchange": {"number": made.number, "url": _order_url(made)} if made else None,
        "said": f"{REASONS[back.reason]}, {SOURCES[back.source]}, {around.face.ago(back.requested_at)}.",
        "lines": [_line(line, others, order) for line in rows], "photos": photos.of(back.id),
        "facts": _facts(back, order, around), "way_back": "We pay" if back.way_back == "store" else "The customer pays",
        "outcomes": OUTCOMES, "typed": request.form, "errors": errors or {}, "may": may,
        "label_url": url_for(".label_pdf", return_id=back.id) if label.wanted(back) else "",
        "due": _due(back, order) if may["settle"] else None, "currency": order.currency,
    }  # fmt: skip
    return render_template("returns/show.html", **context), status


def _may(back: Return, rows: Sequence[ReturnLine], around: Frame) -> dict[str, bool]:
    """What this person may do now, and what is possible now."""
    expected = any(line.received < line.quantity for line in rows)
    person = around.person
    write, receive = person.may("returns.write"), person.may("returns.receive")
    return {
        "decide": write and back.decided_at is None and back.state in ("requested", "received", "inspected"),
        "refuse": write and RETURN.refusal(back, "refuse", reason="asked in its form") is None,
        "overrule": person.may("returns.overrule"),
        "close": write and RETURN.refusal(back, "close", reason="asked in its form") is None,
        "waive": write and back.state in COMING and not back.without_goods,
        "receive": receive and expected and RETURN.refusal(back, "receive") is None,
        "inspect": receive and back.state == "received",
        "settle": (write or person.may("payments.refund")) and RETURN.refusal(back, "settle") is None,
    }


def _line(line: ReturnLine, others: Mapping[int, Any], order: Order) -> dict[str, Any]:
    other = others.get(line.exchange_product_id or 0)
    return {
        "id": line.id, "sku": line.sku, "name": line.name, "quantity": line.quantity, "received": line.received,
        "wanted": f"{other.name} instead" if other else "Money back", "paid": money.show(line.paid_minor, order.currency) if discretion.sees(sessions.who()) else "–",
        "expected": line.quantity - line.received, "open": line.received - judged(line),
        "found": line.found, "fates": [(n, words) for n, words in (
            (line.restocked, "on sale again"), (line.repaired, "for repair"), (line.scrapped, "scrapped")) if n],
    }  # fmt: skip


def _facts(back: Return, order: Order, around: Frame) -> list[tuple[str, str]]:
    at = around.face.short
    rows = [
        ("Asked for", at(back.requested_at)),
        ("Decided", f"{at(back.decided_at)}, {around.name(back.decided_by_id)}" if back.decided_at else ""),
        ("Came", at(back.received_at) if back.received_at else ""),
        ("Looked at", at(back.inspected_at) if back.inspected_at else ""),
        ("Settled", at(back.settled_at) if back.settled_at else ""),
        (
            "Goes back",
            money.show(back.refund_minor, order.currency)
            if back.refund_minor and discretion.sees(around.person)
            else "",
        ),
    ]
    return [(name, value) for name, value in rows if value]


def _due(back: Return, order: Order) -> dict[str, Any]:
    due = settling.due(back, order)
    return {
        # Less than is due may go back, so the form is there for whoever may send anything.
        "hand_over": settling.withheld(order, min(due.refund_minor, 1), roles=sessions.who().roles)
        and settling.withheld(order, due.refund_minor, roles=sessions.who().roles),
        "goods": money.show(due.goods_minor, order.currency),
        "shipping": money.show(due.shipping_minor, order.currency) if due.shipping_minor else "",
        "credit": money.show(due.credit_minor, order.currency) if due.credit_minor else "",
        "held": money.show(due.available_minor, order.currency),
        "short": due.goods_minor + due.shipping_minor > due.available_minor,
        "amount": money.plain(due.refund_minor, order.currency),
    }


def _order_url(order: Order) -> str:
    if order.conversation_id is None:
        return path("ordering.show", number=order.number)
    return f"{path('workspace.show', conversation_id=order.conversation_id)}?order={order.number}"


def _act(
    return_id: int, step: Callable[[Return], Any], said: str, *, at: str = "form", fresh: bool = True
) -> ResponseReturnValue:
    """Do one step with the return, as it was when the form was drawn (`fresh`), and show what came of it."""
    try:
        found = requesting.load(
            return_id, (request.form.get("version", type=row_number) or 0) if fresh else None
        )
        if found is None:
            abort(404)
        step(found[0])
    except Refused as refusal:
        db.session.rollback()
        return _page(return_id, errors={at: str(refusal)}, status=409)
    db.session.commit()
    flash(said)
    return redirect(url_for(".show", return_id=return_id), 303)


def _words(name: str, longest: int = 300) -> str:
    return mask_cards(" ".join(request.form.get(name, "").split())[:longest])


def _wrong(return_id: int, errors: Mapping[str, str]) -> ResponseReturnValue:
    db.session.rollback()
    return _page(return_id, errors=errors, status=422)


@blueprint.post("/<int:return_id>/decide")
@requires("returns.write")
def decide(return_id: int) -> ResponseReturnValue:
    """It is allowed, perhaps against the rules or without the goods."""
    me, overruled = sessions.me(), _words("overruled")
    back = db.session.get(Return, return_id) or abort(404)
    if not back.allowed and not overruled:
        return _wrong(
            return_id, {"overruled": "Say why it is allowed against the rules; it is kept with the return."}
        )
    without = bool(request.form.get("without_goods"))
    return _act(
        return_id,
        lambda one: deciding.approve(one, by=me, overruled=overruled, without_goods=without),
        "Allowed.", at="decide",
    )  # fmt: skip


@blueprint.post("/<int:return_id>/refuse")
@requires("returns.write")
def refuse(return_id: int) -> ResponseReturnValue:
    """It is not taken back; the customer reads why."""
    me, reason = sessions.me(), _words("reason")
    if not reason:
        return _wrong(return_id, {"reason": "Say why it is refused; the customer reads it."})
    return _act(return_id, lambda one: deciding.refuse(one, by=me, reason=reason), "Refused.", at="refuse")


@blueprint.post("/<int:return_id>/close")
@requires("returns.write")
def close(return_id: int) -> ResponseReturnValue:
    """Nothing more comes of it."""
    me, why = sessions.me(), _words("why")
    back = db.session.get(Return, return_id) or abort(404)
    if back.state != "settled" and not why:
        return _wrong(return_id, {"why": "Say why nothing comes of it any more."})
    return _act(return_id, lambda one: deciding.close(one, by=me, reason=why), "Closed.", at="close")


@blueprint.post("/<int:return_id>/waive")
@requires("returns.write")
def waive(return_id: int) -> ResponseReturnValue:
    """The customer need not send anything; it can be settled now."""
    me = sessions.me()
    return _act(
        return_id, lambda one: deciding.keep_goods(one, by=me), "No goods are expected any more.", at="close"
    )


@blueprint.post("/<int:return_id>/scan")
@requires("returns.receive")
def scan(return_id: int) -> ResponseReturnValue:
    """One piece is here."""
    me, code = sessions.me(), request.form.get("code", "").strip()[:80]
    if not code:
        return _wrong(return_id, {"code": "Scan a piece, or type its SKU."})
    return _act(
        return_id, lambda one: receiving.scan(one, code, by=me), f"{code} is here.", at="code", fresh=False
    )


@blueprint.post("/<int:return_id>/receive")
@requires("returns.receive")
def receive(return_id: int) -> ResponseReturnValue:
    """So many of each are here, counted by hand."""
    me, errors = sessions.me(), dict[str, str]()
    counted = _numbers("n", errors)
    if errors:
        return _wrong(return_id, errors)
    return _act(return_id, lambda one: receiving.receive(one, counted, by=me), "Received.", at="receive")


@blueprint.post("/<int:return_id>/inspect")
@requires("returns.receive")
def inspect(return_id: int) -> ResponseReturnValue:
    """What becomes of each piece."""
    me, errors = sessions.me(), dict[str, str]()
    typed = {what: _numbers(what, errors) for what, _ in OUTCOMES}
    if errors:
        return _wrong(return_id, errors)
    ids = sorted({one for counted in typed.values() for one in counted})
    findings = {
        one: Finding(
            restock=typed["restock"].get(one, 0), repair=typed["repair"].get(one, 0), scrap=typed["scrap"].get(one, 0),
            found=_words(f"found{one}", 200),
        )
        for one in ids
    }  # fmt: skip
    return _act(return_id, lambda one: inspecting.inspect(one, findings, by=me), "Noted.", at="inspect")


def _numbers(prefix: str, errors: dict[str, str]) -> dict[int, int]:
    """Line id -> the number typed for it in fields such as 'n12'; empty ones are left out."""
    found = {}
    for key, value in request.form.items():
        line, typed = key.removeprefix(prefix), value.strip()
        if not key.startswith(prefix) or not line.isdecimal() or not line.isascii() or not typed:
            continue
        if not (typed.isascii() and typed.isdecimal() and len(typed) <= 6):
            errors[key] = f"“{typed[:20]}” is not a number of pieces; type a whole number such as 1."
        elif int(typed) and len(line) <= 18:
            found[int(line)] = int(typed)
    return found


@blueprint.post("/<int:return_id>/settle")
@requires("returns.read", writes=False)
def settle(return_id: int) -> ResponseReturnValue:
    """Money and goods go out: the password is asked again."""
    me = sessions.me()
    found = requesting.load(return_id) or abort(404)
    if not me.may("returns.write") and not me.may("payments.refund"):
        return _page(return_id, errors={"settle": "Your role settles no returns."}, status=409)
    errors, minor = dict[str, str](), 0
    try:
        minor = money.read(request.form.get("amount", ""), found[1].currency)
    except ValueError as fault:
        errors["amount"] = str(fault)
    reason = _words("settle_reason")
    if wrong := confirming.fault():
        errors["password"] = wrong
    if errors:
        return _page(return_id, errors=errors, status=422)
    begin_write()
    me = sessions.me()
    return _act(
        return_id,
        lambda one: settling.settle(
            one, by=me, minor=minor, reason=reason, free_shipping=request.form.get("way") == "free"
        ),
        "Settled.",
        at="settle",
    )


@blueprint.get("/<int:return_id>/label.pdf")
@requires("returns.read")
def label_pdf(return_id: int) -> ResponseReturnValue:
    """What the customer puts on the parcel."""
    back, order = requesting.load(return_id) or abort(404)
    try:
        data = label.pdf(back, order)
    except Refused as refusal:
        return _page(return_id, errors={"label": str(refusal)}, status=409)
    return data, 200, {"Content-Type": "application/pdf", "Cache-Control": "private, no-store"}


@blueprint.get("/<int:return_id>/photos/<int:photo_id>")
@requires("returns.read")
def photo(return_id: int, photo_id: int) -> ResponseReturnValue:
    """A picture that the customer sent."""
    found = db.session.get(ReturnPhoto, photo_id)
    if found is None or found.return_id != return_id:
        abort(404)
    headers = {
        "Content-Type": found.content_type, "X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }  # fmt: skip
    return blobs().get(found.sha256), 200, headers
