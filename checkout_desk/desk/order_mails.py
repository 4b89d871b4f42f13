"""The mails that an order has sent by itself: what became of each, and sending one again, which is said and recorded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Message
from checkout_desk.correspondence.templates import KEYS
from checkout_desk.desk import order_answers, ordering
from checkout_desk.desk.frame import frame
from checkout_desk.desk.ordering import Done
from checkout_desk.desk.paths import path
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import loading, milestones
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.web.access import requires

blueprint = Blueprint("order_mails", __name__)
STATES = {
    "queued": ("waits to leave", "soon"),
    "sending": ("is leaving", "soon"),
    "sent": ("sent", "good"),
    "failed": ("not delivered", "bad"),
    "unknown": ("may not have arrived", "bad"),
    "cancelled": ("taken back", ""),
}
"""state of an outbox row -> what people call it, and its tone"""
BY_A_PERSON = ("quote", "details")
"""milestones that somebody wrote; those are answered in the conversation"""
MOST = 50


@blueprint.get("/orders/<int:number>/mails")
@requires("orders.read")
def show(number: int) -> ResponseReturnValue:
    """The mails of the order, newest first: in the dialog, or as a page. One query."""
    order = ordering.found(number)
    found = db.session.execute(
        select(MilestoneMail, OutboundMail.state, OutboundMail.response)
        .outerjoin(Message, Message.id == MilestoneMail.message_id)
        .outerjoin(OutboundMail, OutboundMail.id == Message.outbound_id)
        .where(MilestoneMail.order_id == order.id)
        .order_by(MilestoneMail.id.desc())
        .limit(MOST)
    ).all()
    may = frame().person.may("conversations.write")
    page = not request.headers.get("HX-Request")
    return render_template(
        "orders/mails.html" if page else "orders/_mails.html",
        number=order.number, version=order.version, page=page, back_url=order_answers.address(order),
        mails=[_row(order, row, state, response, may) for row, state, response in found],
    )  # fmt: skip


@blueprint.post("/orders/<int:number>/mails/<int:mail_id>/again")
@requires("conversations.write")
def again(number: int, mail_id: int) -> ResponseReturnValue:
    """Send a mail once more, with the words and the address of today."""

    def do(order: Order, by: Person) -> Done:
        row = db.session.get(MilestoneMail, mail_id)
        if row is None or row.order_id != order.id:
            abort(404)
        message = milestones.again(row, by=by)
        loading.touch(order)  # so that a second click of the same form is told that somebody was faster
        return Done(f"“{_title(row)}” leaves once more", None, {message.id})

    return ordering.change(number, do)


def _row(
    order: Order, row: MilestoneMail, state: str | None, response: str | None, may: bool
) -> dict[str, Any]:
    words, tone = (
        STATES.get(state or "", ("told by a person", "")) if row.message_id else ("could not leave", "bad")
    )
    return {
        "title": _title(row), "when": frame().face.short(row.at), "iso": row.at.isoformat(), "state": words, "tone": tone,
        "why": (response or "")[:200] if state in ("failed", "unknown") else "", "again": row.again,
        "url": path("order_mails.again", number=order.number, mail_id=row.id)
        if may and row.milestone not in BY_A_PERSON
        else "",
    }  # fmt: skip


def _title(row: MilestoneMail) -> str:
    return (
        KEYS.get(f"order_{row.milestone}")
        or KEYS.get(row.milestone)
        or row.milestone.replace("_", " ").capitalize()
    )
