"""The case file of an order, from its page: asked for with the password, counted, and noted in the record."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import Blueprint, Response, abort, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import confirming, sessions
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.records import allowance, casefile
from checkout_desk.web.access import requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("records_download", __name__)

IN_MEMORY = 8 * 2**20


@blueprint.get("/orders/<int:number>/records")
@requires("records.read")
def ask(number: int) -> ResponseReturnValue:
    """What the file holds, and the question for the password."""
    return _page(_order(number).number)


@blueprint.post("/orders/<int:number>/records")
@limiter.limit("20 per minute")
@requires("records.read", writes=False)
def download(number: int) -> ResponseReturnValue:
    """The ZIP."""
    _order(number)
    wrong = confirming.fault()
    if wrong:
        return _page(number, error=wrong, status=422)
    begin_write()
    try:
        allowance.take_file(sessions.me())
    except Refused as refusal:
        db.session.rollback()
        return _page(number, error=str(refusal), status=409)
    db.session.rollback()
    out: Any = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    case = casefile.gather_files(_order(number))
    casefile.note(case, casefile.write(case, out))
    out.seek(0)
    response: Response = send_file(
        out,
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"order-{number}.zip",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _order(number: int) -> Order:
    return loading.load(number) or abort(404)


def _page(number: int, *, error: str = "", status: int = 200) -> ResponseReturnValue:
    back = url_for("ordering.show", number=number)
    return render_template("records/download.html", number=number, error=error, back_url=back), status
