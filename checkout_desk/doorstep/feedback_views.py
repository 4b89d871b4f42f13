"""How was it? A page behind the link of one mail; only its button counts (SPEC A16: link scanners vote for nobody)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.conversations.models import Conversation
from checkout_desk.doorstep import answering as saying
from checkout_desk.doorstep import keys, page, visiting
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.reading_answers import Answer
from checkout_desk.doorstep.words import Words
from checkout_desk.events.recording import set_actor
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.feedback import answering
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

PURPOSE = "feedback"
"""of the link in the mail that asks"""
blueprint = Blueprint("doorstep_feedback", __name__, url_prefix="/order/feedback")
Visit = tuple[keys.Key, CustomerLink, Open, Feedback]


@blueprint.get("")
@requires(PUBLIC)
@limiter.limit("120 per minute", on_breach=visiting.too_many)
def show() -> ResponseReturnValue:
    """The question, or thanks when it was answered. Opening it counts for nothing."""
    visit = _visit()
    return _page(visit) if visit else visiting.closed("gone", 404)


@blueprint.post("")
@csrf.exempt
@requires(PUBLIC)
@limiter.limit("20 per minute", on_breach=visiting.too_many)
def answer() -> ResponseReturnValue:
    """The customer pressed the button."""
    if keys.of_request() is None:  # no write lock for strangers
        return visiting.closed("gone", 404)
    begin_write()
    visit = _visit(lock=True)
    if visit is None:
        db.session.rollback()
        return visiting.closed("gone", 404)
    key, _, o, feedback = visit
    words = Words(o.language)
    if not keys.fits(key, request.form.get("form_token", "")):
        return _again(visit, {"form": words("other")}, status=409)
    set_actor("customer", request.remote_addr or "")
    if request.form.get("do") == "out":
        answering.opt_out(feedback)
        db.session.commit()
        return redirect(url_for("doorstep_feedback.show", out=1), 303)
    typed = {name: request.form.get(name, "") for name in ("score", "comment", "step")}
    errors = _faults(typed, words)
    if errors:
        return _again(visit, errors, typed=typed)
    step = typed["step"] if typed["step"] in answering.STEPS else ""
    if answering.answer(feedback, int(typed["score"]), comment=typed["comment"], step=step):
        _owe(visit, words)
    db.session.commit()
    return redirect(url_for("doorstep_feedback.show"), 303)


def _owe(visit: Visit, words: Words) -> None:
    """A low score stands in the thread and is owed an answer: the page has just said that somebody writes."""
    _, link, o, feedback = visit
    score, c = feedback.score, db.session.get(Conversation, o.order.conversation_id or 0)
    if c is None or score is None or score > store().low_score:
        return
    parts = [f"{score}/5", words(f"f_{feedback.step}") if feedback.step else "", feedback.comment]
    text = "\n\n".join(part for part in parts if part)
    message = saying.say(c, o.order, link, Answer({}, words={None: text}))
    if message is not None:
        saying.owe(c, message)


def _faults(typed: dict[str, str], words: Words) -> dict[str, str]:
    found = {}
    if typed["score"] not in ("1", "2", "3", "4", "5"):
        found["score"] = words("f_pick")
    if len(typed["comment"]) > answering.LONGEST:
        found["comment"] = words("f_long", n=answering.LONGEST)
    return found


def _visit(*, lock: bool = False) -> Visit | None:
    """The feedback that this browser's link asks for: a link of another purpose opens no vote."""
    found = visiting.opened(lock=lock)
    if found is None or found[1].purpose != PURPOSE:
        return None
    feedback = db.session.scalars(
        select(Feedback).where(Feedback.order_id == found[2].order.id)
    ).one_or_none()
    return (*found, feedback) if feedback is not None and feedback.asked_at is not None else None


def _page(
    visit: Visit,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    key, link, o, feedback = visit
    words = Words(o.language)
    context: dict[str, Any] = {
        **page.around(o.order, link, words), "form_token": keys.form_token(key), "errors": errors or {},
        "typed": typed or {}, "score": feedback.score, "out": request.args.get("out") == "1",
        "low": feedback.score is not None and feedback.score <= store().low_score,
        "scores": [(n, words(f"f_{n}")) for n in (5, 4, 3, 2, 1)],
        "steps": [(step, words(f"f_{step}")) for step in answering.STEPS],
    }  # fmt: skip
    return visiting.render("doorstep/feedback.html", status=status, **context)


def _again(
    visit: Visit, errors: dict[str, str], *, typed: dict[str, str] | None = None, status: int = 422
) -> ResponseReturnValue:
    response = _page(visit, errors=errors, typed=typed, status=status)
    db.session.rollback()
    return response
