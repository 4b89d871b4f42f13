"""A person decides what becomes of an order that its customer does not want any more."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import confirming, sessions
from checkout_desk.desk import order_answers, order_ending
from checkout_desk.desk.ordering import found, locked
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading
from checkout_desk.returns import cancelling
from checkout_desk.web.access import requires

blueprint = Blueprint("order_end", __name__)

SAID = {
    "refunded": "Order {n} cancelled, its money goes back",
    "owed": "Order {n} cancelled, its money is owed",
    "unpaid": "Order {n} cancelled",
    "gone": "Order {n} stays: it has left",
    "stays": "Order {n} stays as it is",
}


@blueprint.post("/orders/<int:number>/end/<int:change_id>")
@requires("orders.write", writes=False)
def decide(number: int, change_id: int) -> ResponseReturnValue:
    """One of the card's choices, then the composer with the honest answer. Money goes back only with the password."""
    me, act = sessions.me(), request.form.get("act", "")
    person_id = me.id
    if act == cancelling.REFUND and (fault := confirming.fault()):
        return order_answers.refused(found(number), f"{fault} Nothing was done.")
    begin_write()
    try:
        order = locked(number)
        change = cancelling.of(order, change_id) or abort(404)
        minor = request.form.get("held", type=int) or 0
        outcome = cancelling.decide(change, act, by=sessions.me(), held_minor=minor)
    except loading.Faster as faster:
        db.session.rollback()
        return order_answers.faster(
            found(number), faster.since, order_answers.Typed("deciding on a wish to cancel")
        )
    except Refused as refusal:
        db.session.rollback()
        return order_answers.refused(found(number), str(refusal))
    drafted = order_ending.begin_answer(order, outcome, minor, person_id=person_id)
    conversation_id = order.conversation_id
    db.session.commit()
    flash(
        f"{SAID[outcome].format(n=number)}. {'The answer is ready to be read and sent.' if drafted else ''}".strip()
    )
    if drafted:
        return redirect(url_for("composer.show", conversation_id=conversation_id, kind="reply"), 303)
    return redirect(order_answers.address(found(number)), 303)
