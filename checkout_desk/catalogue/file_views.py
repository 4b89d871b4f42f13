"""Import and export in the browser: upload, read what would happen line by line, then say whether it shall."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer

from checkout_desk import clock
from checkout_desk.accounts import sessions
from checkout_desk.accounts.handing_out import hand_out
from checkout_desk.catalogue import csvfiles, exporting, importing
from checkout_desk.extensions import db
from checkout_desk.secrets import signing_keys
from checkout_desk.settings.models import store
from checkout_desk.storage import Blobs
from checkout_desk.web.access import requires

blueprint = Blueprint("catalogue_files", __name__, url_prefix="/catalogue")

SHOWN = 200
"""faults and changes that the page lists; the rest is counted"""
KEPT_SECONDS = 12 * 3600
"""how long an uploaded file can be confirmed; unnamed blobs are swept after a day"""


@blueprint.get("/import")
@requires("catalogue.write")
def choose() -> ResponseReturnValue:
    """Choose a file."""
    return _page()


@blueprint.post("/import")
@requires("catalogue.write", writes=False)
def rehearse() -> ResponseReturnValue:
    """What the uploaded file would do; nothing is changed."""
    upload = request.files.get("file")
    data = upload.stream.read() if upload else b""
    if not data:
        return _page(error="No file was chosen; choose a CSV file with products."), 422
    try:
        plan = importing.plan(data, currency=store().currency)
    except csvfiles.Unusable as reason:
        return _page(error=str(reason)), 422
    digest = _blobs().put(data)
    token = _signer().dumps([digest, sessions.who().id])
    return _page(plan=plan, token=token, filename=(upload.filename or "")[:120] if upload else "")


@blueprint.post("/import/confirm")
@requires("catalogue.write")
def confirm() -> ResponseReturnValue:
    """Import the file that was shown, planned anew: the catalogue may have changed since."""
    data = _kept(request.form.get("token", ""))
    if data is None:
        return _page(error="The uploaded file is not kept any more; choose it again."), 422
    plan = importing.plan(data, currency=store().currency)
    seen, skip = request.form.get("bad", ""), bool(request.form.get("skip_bad"))
    if plan.faults and (not skip or seen != str(plan.bad_lines)):
        error = (
            ""
            if skip
            else f"{plan.bad_lines} lines cannot be imported. Say that the others shall be, or correct the file."
        )
        if skip:
            error = "The catalogue changed meanwhile, and other lines cannot be imported now. Nothing was imported; look again."
        token = request.form["token"]
        return _page(
            plan=plan, token=token, filename=request.form.get("filename", "")[:120], error=error
        ), 422
    if plan.rows:
        importing.carry_out(plan, by_id=sessions.who().id)
        db.session.commit()
    left = f" {plan.bad_lines} left out." if plan.faults else ""
    flash(f"Imported: {plan.new} new, {plan.changed} changed, {plan.same} as before.{left}")
    return redirect(url_for("catalogue.everything"), 303)


@blueprint.get("/export.csv")
@blueprint.post("/export.csv")
@requires("catalogue.read", writes=False)
def export() -> ResponseReturnValue:
    """Everything as CSV, which can be imported again, for who has just shown that it is them."""
    return hand_out(_file, what="The catalogue as CSV", back=url_for("catalogue.everything"))


def _file() -> ResponseReturnValue:
    response = Response("".join(exporting.lines()), content_type="text/csv; charset=utf-8")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"catalogue-{clock.now():%Y-%m-%d}.csv"
    )
    return response


def _page(*, plan: importing.Plan | None = None, token: str = "", filename: str = "", error: str = "") -> str:
    return render_template(
        "catalogue/import.html", plan=plan, token=token, filename=filename, error=error, columns=csvfiles.COLUMNS,
        more=csvfiles.MORE, faults=plan.faults[:SHOWN] if plan else [], rows=plan.rows[:SHOWN] if plan else [], shown=SHOWN,
    )  # fmt: skip


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_keys(), salt="catalogue-import")


def _kept(token: str) -> bytes | None:
    """The file behind `token`, for the person who uploaded it only."""
    try:
        digest, person_id = _signer().loads(token, max_age=KEPT_SECONDS)
        return _blobs().get(digest) if person_id == sessions.who().id else None
    except (BadData, FileNotFoundError):
        return None


def _blobs() -> Blobs:
    found: Blobs = current_app.extensions["desk_blobs"]
    return found
