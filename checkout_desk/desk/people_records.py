"""A person's data: finding it, handing it over, erasing it; how long it is kept; and what must be kept whatever happens."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts import confirming, sessions
from checkout_desk.customers.models import Customer
from checkout_desk.desk.frame import frame
from checkout_desk.desk.records_tabs import tabs
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order
from checkout_desk.records import belongings, erasing, holding, people, person_export, retention
from checkout_desk.records.belongings import Belongings
from checkout_desk.records.models import Erasure, PersonExport, RetentionRule
from checkout_desk.web.access import requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("people_records", __name__, url_prefix="/records")

HOLDS = 200
SHORTEST = 5
"""characters of a reason"""
STAYS = (
    "Order numbers, goods, prices, taxes, sums and dates of orders, quotes, payments and refunds, and the country: the books.",
    "That a mail came or left, when, and how fast it was answered: the reports.",
    "What happened and who of us did it, without its words: the record, whose chain stays whole.",
    "Backups that were made before, until they are overwritten, and the mailbox on its own server: erase there yourself.",
    "What other customers wrote, even where they name this person.",
)


@blueprint.get("/people")
@requires("records.read")
def everybody() -> ResponseReturnValue:
    """Who is found by what was typed."""
    words = " ".join(request.args.get("q", "").replace("\0", " ").split())[:200]
    rows = [
        {"name": one.name, "emails": ", ".join(one.emails), "url": url_for(".person", customer_id=one.id)}
        for one in people.find(words)
    ]
    return render_template("records/people.html", tabs=tabs(), asked=words, rows=rows)


def _load(customer_id: int) -> Customer:
    found = db.session.get(Customer, customer_id)
    if found is None or found.merged_into_id is not None:
        abort(404)
    return found


@blueprint.get("/people/<int:customer_id>")
@requires("records.read")
def person(customer_id: int) -> ResponseReturnValue:
    """What is held about one customer, class by class."""
    return _page(_load(customer_id))


def _page(
    customer: Customer, *, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    around, found = frame(), belongings.of(customer.id)
    erasure = db.session.scalars(select(Erasure).where(Erasure.customer_id == customer.id)).first()
    exports = (
        select(PersonExport)
        .where(PersonExport.customer_id == customer.id)
        .order_by(PersonExport.id.desc())
        .limit(10)
    )
    context = {
        "tabs": tabs(), "customer": customer, "emails": found.emails, "held": people.held(found), "errors": errors or {},
        "holds": [_hold(one) for one in holding.over(found.customer_ids, found.of("order"))],
        "exports": [_export(one) for one in db.session.scalars(exports)],
        "erasure": {"done": erasure.state == "done", "when": around.face.short(erasure.done_at or erasure.asked_at)} if erasure else None,
        "may_erase": around.person.may("records.erase"), "may_hold": around.person.may("records.keep"), "form": request.form,
    }  # fmt: skip
    return render_template("records/person.html", **context), status


def _export(one: PersonExport) -> dict[str, Any]:
    around = frame()
    url = url_for(".fetch", customer_id=one.customer_id, export_id=one.id) if one.file_sha256 else ""
    return {
        "id": one.id, "url": url, "kb": one.size // 1024 + 1, "when": around.face.short(one.asked_at), "by": around.name(one.by_id),
        "until": around.face.date(one.ready_at + person_export.KEPT) if one.ready_at else "",
    }  # fmt: skip


@blueprint.post("/people/<int:customer_id>/export")
@limiter.limit("20 per minute")
@requires("records.read")
def export(customer_id: int) -> ResponseReturnValue:
    """Have everything that is held put into a ZIP."""
    wrong = confirming.fault()
    if wrong:
        return _page(_load(customer_id), errors={"export": wrong}, status=422)
    begin_write()
    try:
        person_export.ask(_load(customer_id).id, by_id=sessions.me().id)
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(customer_id), errors={"export": str(refusal)}, status=409)
    db.session.commit()
    flash("The ZIP is being made. It stands here as soon as it is ready.")
    return redirect(url_for(".person", customer_id=customer_id), 303)


@blueprint.post("/people/<int:customer_id>/exports/<int:export_id>")
@requires("records.read")
def fetch(customer_id: int, export_id: int) -> ResponseReturnValue:
    """The ZIP. Who took it is an event."""
    found = db.session.get(PersonExport, export_id)
    if found is None or found.customer_id != customer_id or not found.file_sha256:
        abort(404)
    data = blobs().get(found.file_sha256)
    record(
        "person.export_taken",
        about=("customer", customer_id),
        after={"export": export_id, "bytes": len(data)},
    )
    db.session.commit()
    name = f"customer-{customer_id}.zip"
    answer: Response = send_file(
        io.BytesIO(data), mimetype="application/zip", as_attachment=True, download_name=name
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/people/<int:customer_id>/erase")
@requires("records.erase")
def erase_plan(customer_id: int) -> ResponseReturnValue:
    """What would go, what would stay and why, and what speaks against it."""
    return _plan(_load(customer_id))


def _plan(
    customer: Customer, *, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    found = belongings.of(customer.id)
    return render_template(
        "records/erase.html", customer=customer, held=people.held(found), stays=STAYS, blocked=erasing.blocked(found),
        phrase=_phrase(customer, found), errors=errors or {}, typed=request.form.get("phrase", ""),
    ), status  # fmt: skip


def _phrase(customer: Customer, found: Belongings) -> str:
    """What has to be typed, so that nobody erases the wrong person by a click."""
    return found.emails[0] if found.emails else customer.name or "erase"


@blueprint.post("/people/<int:customer_id>/erase")
@limiter.limit("20 per minute")
@requires("records.erase")
def erase(customer_id: int) -> ResponseReturnValue:
    """Forget the customer: the phrase and the password were typed."""
    customer = _load(customer_id)
    typed, phrase = request.form.get("phrase", "").strip(), _phrase(customer, belongings.of(customer_id))
    if typed.casefold() != phrase.casefold():
        says = f"“{typed[:80]}” is not what has to be typed here; it is {phrase}."
        return _plan(customer, errors={"phrase": says}, status=422)
    wrong = confirming.fault()
    if wrong:
        return _plan(_load(customer_id), errors={"password": wrong}, status=422)
    begin_write()
    try:
        erasing.begin(customer_id, by_id=sessions.me().id)
    except Refused as refusal:
        db.session.rollback()
        return _plan(_load(customer_id), errors={"form": str(refusal)}, status=409)
    db.session.commit()
    flash("They are being forgotten. This page shows when it is done.")
    return redirect(url_for(".person", customer_id=customer_id), 303)


@blueprint.get("/holds")
@requires("records.keep")
def holds() -> ResponseReturnValue:
    """Every legal hold, those in force first."""
    return _holds()


def _holds(*, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    rows = [_hold(one) for one in holding.everything(limit=HOLDS)]
    return render_template(
        "records/holds.html", tabs=tabs(), rows=rows, errors=errors or {}, form=request.form
    ), status


def _hold(one: holding.Hold) -> dict[str, Any]:
    face = frame().face
    url = (
        url_for("ordering.show", number=one.order_number)
        if one.order_number
        else url_for(".person", customer_id=one.customer_id)
    )
    return {
        "id": one.id, "about": one.about, "url": url, "reason": one.reason, "by": one.by, "since": face.date(one.at),
        "lifted": face.date(one.lifted_at) if one.lifted_at else "", "lifted_by": one.lifted_by, "why": one.lifted_why,
    }  # fmt: skip


@blueprint.post("/holds")
@requires("records.keep")
def hold() -> ResponseReturnValue:
    """Hold an order by its number, or a customer from their page."""
    customer_id, typed = (
        request.form.get("customer", type=int),
        request.form.get("order", "").strip().lstrip("#"),
    )
    order_id = (
        db.session.scalar(select(Order.id).where(Order.number == int(typed)))
        if typed.isdecimal() and len(typed) < 10
        else None
    )
    errors = _reason_fault("reason")
    if not customer_id and order_id is None:
        said = f"“{typed[:40]}” is not the number of an order" if typed else "The number is empty"
        errors["order"] = f"{said}; type one such as 1042."
    if customer_id:
        _load(customer_id)
    if not errors:
        try:
            reason = " ".join(request.form["reason"].split())
            holding.put(
                reason=reason,
                by_id=sessions.me().id,
                customer_id=customer_id,
                order_id=None if customer_id else order_id,
            )
        except Refused as refusal:
            errors = {"form": str(refusal)}
    if errors:
        db.session.rollback()
        status = 409 if "form" in errors else 422
        return (
            _page(_load(customer_id), errors=errors, status=status)
            if customer_id
            else _holds(errors=errors, status=status)
        )
    db.session.commit()
    flash("Held. Nothing of it is erased until somebody lifts the hold.")
    return redirect(url_for(".person", customer_id=customer_id) if customer_id else url_for(".holds"), 303)


def _reason_fault(field: str) -> dict[str, str]:
    said = " ".join(request.form.get(field, "").split())
    if SHORTEST <= len(said) <= 300:
        return {}
    words = f"“{said[:40]}” is no reason that somebody understands later" if said else "The reason is empty"
    return {field: f"{words}; write 5 to 300 characters."}


@blueprint.post("/holds/<int:hold_id>/lift")
@requires("records.keep")
def lift(hold_id: int) -> ResponseReturnValue:
    """End a hold, with a reason."""
    errors = {f"why-{hold_id}": says for says in _reason_fault("why").values()}
    if not errors:
        try:
            holding.lift(hold_id, why=" ".join(request.form["why"].split()), by_id=sessions.me().id)
        except Refused as refusal:
            errors = {"form": str(refusal)}
    if errors:
        db.session.rollback()
        return _holds(errors=errors, status=409 if "form" in errors else 422)
    db.session.commit()
    flash("The hold is lifted.")
    return redirect(url_for(".holds"), 303)


@blueprint.get("/retention")
@requires("records.keep")
def retention_rules() -> ResponseReturnValue:
    """How long each class is kept, and what a rule would remove now."""
    return _rules()


def _rules(*, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    present, face = retention.rules(), frame().face
    asked, months = request.values.get("name", ""), request.values.get("months", type=int)
    rows = []
    for name, kind in retention.KINDS.items():
        rule: RetentionRule | None = present.get(name)
        shown = months if asked == name and months and 1 <= months <= retention.LONGEST else None
        plan = retention.preview(name, shown) if shown else None
        rows.append(
            {
                "name": name, "title": kind.title, "says": kind.says, "months": rule.months if rule else None,
                "typed": request.values.get("months", "") if asked == name else (rule.months if rule else ""),
                "swept": f"{rule.swept} went so far" if rule and rule.swept else "", "shown": shown,
                "plan": {"count": plan.count, "examples": [(w, face.date(at)) for w, at in plan.examples]} if plan else None,
            }
        )  # fmt: skip
    return render_template("records/retention.html", tabs=tabs(), rows=rows, errors=errors or {}), status


@blueprint.post("/retention")
@requires("records.keep")
def keep() -> ResponseReturnValue:
    """Switch a rule on, change it, or keep a class for ever again."""
    name, typed = request.form.get("name", ""), request.form.get("months", "").strip()
    if name not in retention.KINDS:
        abort(404)
    for_ever = request.form.get("act") == "forever"
    months = int(typed) if typed.isdecimal() and len(typed) < 5 else 0
    if not for_ever and not 1 <= months <= retention.LONGEST:
        db.session.rollback()
        says = f"“{typed[:20]}” is no number of months; type 1 to {retention.LONGEST}."
        return _rules(errors={name: says}, status=422)
    if not for_ever and request.form.get("seen") != str(months):
        db.session.rollback()
        return redirect(
            url_for(".retention_rules", name=name, months=months), 303
        )  # nobody sets a rule unseen
    changed = retention.keep(name, None if for_ever else months, by_id=sessions.me().id)
    db.session.commit()
    title = retention.KINDS[name].title
    flash(
        "Nothing was different; nothing was changed." if not changed
        else f"{title}: kept for ever." if for_ever else f"{title}: kept for {months} months. The clock sweeps every hour."
    )  # fmt: skip
    return redirect(url_for(".retention_rules"), 303)
