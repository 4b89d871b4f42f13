"""Importing a bank statement: choose the file, see what it would bring, name its columns if need be, take it in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk import money
from checkout_desk.accounts import sessions
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.payments import importing
from checkout_desk.payments.importing import Plan, Unusable
from checkout_desk.payments.models import Statement
from checkout_desk.payments.statements import columns as maps
from checkout_desk.payments.statements import csv_file, reading
from checkout_desk.payments.statements.columns import Columns
from checkout_desk.payments.statements.rows import Row
from checkout_desk.web.access import requires

blueprint = Blueprint("payment_import", __name__, url_prefix="/payments/import")

SHOWN = 40
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MEANINGS = (
    ("date", "Date"), ("amount", "Amount with its sign"), ("credit", "Money in"), ("debit", "Money out"), ("currency", "Currency"),
    ("name", "Payer"), ("account", "Payer’s account"), ("text", "What the payer wrote"), ("reference", "Reference"), ("bank_ref", "The bank’s number"), ("balance", "Balance"),
)  # fmt: skip


@blueprint.get("")
@requires("payments.write")
def show() -> ResponseReturnValue:
    """Choose a file; earlier ones stand below."""
    return _page()


def _page(**more: Any) -> ResponseReturnValue:
    status = more.pop("status", 200)
    face = frame().face
    earlier = [
        {
            "id": s.id, "name": s.filename, "form": s.form, "rows": s.rows, "known": s.known, "taken": s.taken, "when": face.short(s.at), "by": frame().name(s.by_id),
            "sum": money.show(s.sum_minor, s.currency) if s.sum_minor is not None and s.currency else "",
            "url": url_for("payment_import.statement", statement_id=s.id),
        }
        for s in db.session.scalars(select(Statement).order_by(Statement.id.desc()).limit(10))
    ]  # fmt: skip
    context = {
        "plan": None,
        "error": "",
        "earlier": earlier,
        "headers": (),
        "used": {},
        "meanings": _MEANINGS,
        **more,
    }
    return render_template("payments/import.html", **context), status


@blueprint.post("")
@requires("payments.write")
def look() -> ResponseReturnValue:
    """What the file would bring. Nothing becomes a payment yet."""
    file = request.files.get("file")
    data = file.stream.read(reading.LARGEST + 1) if file and file.filename else b""
    if not data:
        return _page(
            error="Choose the file that your bank gives you: CSV, CAMT.053, MT940 or OFX.", status=422
        )
    if len(data) > reading.LARGEST:
        return _page(
            error=f"The file is larger than {reading.LARGEST // 2**20} MB; import a shorter time.", status=422
        )
    return _planned(data, (file.filename if file else "") or "statement")


def _planned(data: bytes, filename: str, *, columns: Columns | None = None) -> ResponseReturnValue:
    try:
        headers = csv_file.table(data).headers if reading.form(data[:4000]) == "csv" else ()
    except Unusable as fault:
        return _page(error=str(fault), status=422)
    digest = blobs().put(data)
    kept = {"digest": digest, "filename": filename[:200], "headers": headers}
    try:
        plan = importing.plan(data, filename, columns=columns)
    except Unusable as fault:
        return _page(error=str(fault), used=columns.named() if columns else {}, status=422, **kept)
    used = columns or plan.columns
    return _page(
        plan=plan,
        facts=_facts(plan),
        rows=[_row(r) for r in plan.new[:SHOWN]],
        used=used.named() if used else {},
        **kept,
    )


def _facts(plan: Plan) -> dict[str, Any]:
    p = plan.parsed

    def shown(minor: int | None) -> str:
        return money.show(minor, p.currency) if minor is not None and p.currency else ""

    return {
        "new": len(plan.new), "known": len(plan.known), "out": len(plan.outgoing), "new_sum": shown(plan.new_minor), "opening": shown(p.opening),
        "closing": shown(p.closing), "sum": shown(p.sum_minor), "checked": p.checked, "account": p.account, "form": p.form.upper(),
        "begins": f"{p.begins_on:%d %b %Y}" if p.begins_on else "", "ends": f"{p.ends_on:%d %b %Y}" if p.ends_on else "",
    }  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    return {
        "line": row.line, "day": f"{row.booked_on:%d %b}", "name": row.name or "Nobody named", "text": row.text,
        "amount": money.show(row.amount_minor, row.currency),
    }  # fmt: skip


def _columns(form: Mapping[str, str]) -> Columns:
    known = {field.name for field in fields(Columns)}
    return Columns(**{"date": "", **{name: form[name] for name in form if name in known}})


@blueprint.post("/columns")
@requires("payments.write")
def columns() -> ResponseReturnValue:
    """Read a CSV by the columns that a person named, and keep the map under a name if they want."""
    data, filename = _bytes(), request.form.get("filename", "statement")
    chosen = _columns(request.form)
    lacking = maps.lacks(chosen)
    if lacking:
        return _page(
            error=lacking, used=chosen.named(), headers=csv_file.table(data).headers, digest=request.form["digest"],
            filename=filename, status=422,
        )  # fmt: skip
    name = " ".join(request.form.get("map_name", "").split())
    if name:
        try:
            importing.save_map(name, data, chosen)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            return _page(error=str(refusal), status=409)
    return _planned(data, filename, columns=chosen)


def _bytes() -> bytes:
    digest = request.form.get("digest", "")
    if not _DIGEST.fullmatch(digest):
        abort(404)
    try:
        return blobs().get(digest)
    except FileNotFoundError:
        abort(404)


@blueprint.post("/begin")
@requires("payments.write")
def begin() -> ResponseReturnValue:
    """Take it in; a worker does the rest."""
    data, filename = _bytes(), request.form.get("filename", "statement")
    chosen = _columns(request.form) if request.form.get("date") else None
    try:
        statement = importing.begin(importing.plan(data, filename, columns=chosen), by=sessions.me())
    except (Unusable, Refused) as fault:
        db.session.rollback()
        return _page(error=str(fault), status=409)
    statement_id = statement.id
    db.session.commit()
    return redirect(url_for("payment_import.statement", statement_id=statement_id), 303)


@blueprint.get("/<int:statement_id>")
@requires("payments.read")
def statement(statement_id: int) -> ResponseReturnValue:
    """How far an import is."""
    s = db.session.get(Statement, statement_id) or abort(404)
    if s.taken >= s.rows and request.args.get("then") == "payments":
        flash(f"{s.filename} is taken in.")
        return redirect(url_for("payments.show"), 303)
    done = s.taken >= s.rows
    return render_template(
        "payments/statement.html", s=s, done=done, by=frame().name(s.by_id), when=frame().face.short(s.at)
    )
