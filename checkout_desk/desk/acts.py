"""Acts on conversations and messages: assign, snooze, close, escalate, tag, merge, split, move; in bulk; and undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts import sessions
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, cases, drafting, pausing, relocating, undoing
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Act, Conversation, Message
from checkout_desk.desk import asking
from checkout_desk.desk.asking import Wrong
from checkout_desk.desk.composing import composer_context
from checkout_desk.desk.frame import VIEWS, frame
from checkout_desk.desk.workspace import answer, conversation_context, head, in_pane, load, page_url
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("acts", __name__)

MAX_BULK = 200

Do = Callable[[Sequence[Conversation], Person], Act]


def _doing(name: str) -> Do:
    """What the posted form asks for, as a function of conversations. Raises Wrong for a field that cannot be used."""
    form = request.form
    if name == "assign":
        if form.get("person") == asking.TURNS:
            return lambda cs, by: acting.hand_over(cs, by=by)
        person = asking.person(form.get("person", ""), frame())
        return lambda cs, by: acting.assign(cs, to=person, by=by)
    if name == "snooze":
        until = asking.wake_time(form.get("until", ""), form.get("at", ""), frame().face)
        return lambda cs, by: acting.snooze(cs, until=until, by=by)
    if name == "escalate":
        role, person = asking.target(form.get("target", ""), frame())
        reason = asking.text(form.get("reason", ""), name="reason", what="the reason", most=500)
        note = form.get("note", "")
        return lambda cs, by: cases.escalate(cs, reason=reason, by=by, role=role, to=person, note=note)
    if name == "hand_back":
        why = "whoever gets the case back goes on by it"
        said = asking.text(
            form.get("answer", ""), name="answer", what="the answer", most=drafting.MAX_TEXT, why=why
        )
        return lambda cs, by: cases.hand_back(cs, answer=said, by=by)
    if name == "pause":
        end = asking.wake_time(form.get("until", ""), form.get("at", ""), frame().face)
        why = "everybody who looks at the conversation reads it"
        said = asking.text(
            form.get("reason", ""), name="reason", what="the reason", most=pausing.MOST, why=why
        )
        return lambda cs, by: pausing.pause(cs, reason=said, until=end, by=by)
    if name == "tag":
        wanted = asking.tags(form.get("tags", ""))
        return lambda cs, by: _retag(cs, wanted, by)
    if name == "close":
        seen = form.get("seen", type=row_number)
        return lambda cs, by: acting.close(cs, by=by, seen=seen)
    simple: dict[str, Do] = {
        "spam": lambda cs, by: acting.spam(cs, by=by),
        "reopen": lambda cs, by: acting.reopen(cs, by=by),
        "wait": lambda cs, by: acting.wait(cs, by=by),
        "settle": lambda cs, by: acting.settle(cs, by=by),
        "resume": lambda cs, by: pausing.resume(cs, by=by),
    }
    return simple.get(name) or abort(404)


def _retag(conversations: Sequence[Conversation], wanted: list[str], by: Person) -> Act:
    """One conversation gets exactly these tags; several get them in addition."""
    if len(conversations) > 1:
        return acting.tag(conversations, add=wanted, remove=[], by=by)
    keep = {t.casefold() for t in wanted}
    gone = [t for t in conversations[0].tags if t.casefold() not in keep]
    return acting.tag(conversations, add=wanted, remove=gone, by=by)


@blueprint.get("/conversations/<int:conversation_id>/act/<name>")
@requires("conversations.write")
def form(conversation_id: int, name: str) -> ResponseReturnValue:
    """The form of an act: in the dialog, or as a page without script."""
    return _form(load(conversation_id), name)


@blueprint.post("/conversations/<int:conversation_id>/act/<name>")
@requires("conversations.write")
def do(conversation_id: int, name: str) -> ResponseReturnValue:
    """Do it. Refused: 409 and the sentence; bad input: 422 with the sentence at the field; else the conversation again."""
    c, by = load(conversation_id), sessions.me()
    try:
        if name == "merge":
            other = asking.conversation(request.form.get("into", ""))
            act = relocating.merge(c, into=other, by=by)
            goto = other
        else:
            act, goto = _doing(name)([c], by), c
    except Wrong as wrong:
        db.session.rollback()
        return _form(load(conversation_id), name, errors=wrong.fields, status=422)
    except Refused as refusal:
        db.session.rollback()
        return _form(load(conversation_id), name, errors={"form": str(refusal)}, status=409)
    act_id, sentence, target = act.id, act.sentence, goto.id
    db.session.commit()
    return _done(target, sentence, act_id)


def _done(conversation_id: int, sentence: str, act_id: int) -> ResponseReturnValue:
    """The changed conversation with a toast that offers undo."""
    c, undo_url = load(conversation_id), url_for("acts.undo", act_id=act_id)
    if not request.headers.get("HX-Request"):
        flash(f"{sentence}.", f"undo:{undo_url}")
        return redirect(page_url(c.id), code=303)
    context = conversation_context(c.id, pane=in_pane()) or abort(404)
    return render_template(
        "desk/_acted.html", **context, toast_text=sentence, undo_url=undo_url, seconds=0, token=f"act{act_id}"
    )


def _form(
    c: Conversation, name: str, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    fields = (
        asking.fields(name, [c], frame(), request.form if request.method == "POST" else {})
        if name in asking.FORMS
        else []
    )
    if name not in asking.FORMS and name not in CONVERSATION.transitions and name not in ("settle", "resume"):
        abort(404)
    title, text, label = asking.words(name)
    context = {
        "act": {"key": name, "title": title, "text": text, "label": label, "action": url_for("acts.do", conversation_id=c.id, name=name), "danger": name == "spam"},
        "fields": [*fields, {"kind": "hidden", "name": "seen", "value": c.last_inbound_id or ""}], "errors": errors or {},
        "c": head(c, frame()), "back_url": page_url(c.id),
    }  # fmt: skip
    return form_page(context, status=status)


def form_page(context: dict[str, Any], *, status: int = 200) -> ResponseReturnValue:
    """An act's form: for htmx the body of the dialog, also when the form was sent to somewhere else; or a page."""
    if request.headers.get("HX-Request"):
        shown = render_template("desk/_act.html", page=False, **context)
        return shown, status, {"HX-Retarget": "#act", "HX-Reswap": "innerHTML"}
    return render_template("desk/act.html", **context), status


@blueprint.get("/messages/<int:message_id>/act/<name>")
@requires("conversations.write")
def message_form(message_id: int, name: str) -> ResponseReturnValue:
    """The form that splits a message off or moves it."""
    return _message_form(_message(message_id), name)


@blueprint.post("/messages/<int:message_id>/act/<name>")
@requires("conversations.write")
def message_do(message_id: int, name: str) -> ResponseReturnValue:
    """Split this message (and what follows, if asked) off, or move it to another conversation."""
    m, by = _message(message_id), sessions.me()
    chosen = _with_later(m) if request.form.get("range") == "later" else [m]
    try:
        if name == "split":
            act, target = relocating.split(chosen, by=by)
        elif name == "move":
            target = asking.conversation(request.form.get("into", ""))
            act = relocating.move(chosen, into=target, by=by)
        else:
            abort(404)
    except Wrong as wrong:
        db.session.rollback()
        return _message_form(_message(message_id), name, errors=wrong.fields, status=422)
    except Refused as refusal:
        db.session.rollback()
        return _message_form(_message(message_id), name, errors={"form": str(refusal)}, status=409)
    act_id, sentence, target_id = act.id, act.sentence, target.id
    db.session.commit()
    return _done(target_id, sentence, act_id)


def _message(message_id: int) -> Message:
    return db.session.get(Message, message_id) or abort(404)


def _with_later(m: Message) -> list[Message]:
    return list(
        db.session.scalars(
            select(Message)
            .where(
                Message.conversation_id == m.conversation_id, Message.at >= m.at, Message.direction != "note"
            )
            .order_by(Message.id)
        )
    )


def _message_form(
    m: Message, name: str, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    if name not in ("split", "move"):
        abort(404)
    c = load(m.conversation_id)
    title, text, label = asking.words(name)
    context = {
        "act": {"key": name, "title": title, "text": text, "label": label, "action": url_for("acts.message_do", message_id=m.id, name=name)},
        "fields": asking.fields(name, [c], frame(), request.form if request.method == "POST" else {}), "errors": errors or {},
        "c": head(c, frame()), "back_url": page_url(c.id),
    }  # fmt: skip
    return form_page(context, status=status)


@blueprint.post("/acts/<int:act_id>/undo")
@requires("conversations.write")
def undo(act_id: int) -> ResponseReturnValue:
    """Take one act back."""
    return _undo(db.session.get(Act, act_id) or abort(404))


@blueprint.post("/undo")
@requires("conversations.write")
def undo_last() -> ResponseReturnValue:
    """Take back the last thing that I did."""
    act = undoing.last(sessions.me())
    if act is None:
        words = "There is nothing to undo: you did nothing in the last half hour that can be taken back."
        if request.headers.get("HX-Request"):
            return render_template("desk/_toast.html", toast_text=words)
        flash(words)
        return redirect(url_for("queue.home"), code=303)
    return _undo(act)


@blueprint.post("/outbox/<int:outbound_id>/undo")
@requires("conversations.write")
def undo_send(outbound_id: int) -> ResponseReturnValue:
    """Take a mail back while its countdown runs."""
    mine = (
        select(Act)
        .where(Act.person_id == frame().person.id, Act.kind.in_(drafting.SENDS))
        .order_by(Act.id.desc())
        .limit(50)
    )
    act = next((a for a in db.session.scalars(mine) if a.before["outbound"] == outbound_id), None)
    return _undo(act or abort(404))


def _undo(act: Act) -> ResponseReturnValue:
    sentence = act.sentence
    kind = act.before.get("draft", {}).get("kind")
    first = act.before["conversations"][0]["id"] if "conversations" in act.before else act.before["source"]
    try:
        undone = undoing.undo(act, by=sessions.me())
    except Refused as refusal:
        db.session.rollback()
        if request.headers.get("HX-Request"):
            return answer(load(first), status=409, toast_text=str(refusal), tone="bad", with_toast=True)
        flash(str(refusal), "error")
        return redirect(page_url(first), code=303)
    target = undone[0].id
    db.session.commit()
    if kind and not request.headers.get("HX-Request"):
        return redirect(url_for("composer.show", conversation_id=target, kind=kind), code=303)
    if not request.headers.get("HX-Request"):
        flash(f"Undone: {sentence}")
        return redirect(page_url(target), code=303)
    context = conversation_context(target, pane=in_pane()) or abort(404)
    if kind:  # a mail that was taken back: its words are in the composer again
        c = load(target)
        draft = drafting.find(c, person_id=frame().person.id, kind=kind)
        context.update(composer_context(c, draft, frame(), kind=kind, focus=True))
    return render_template(
        "desk/_acted.html", **context, toast_text=f"Undone: {sentence}", undo_url="", seconds=0
    )


@blueprint.post("/bulk")
@requires("conversations.bulk")
def bulk() -> ResponseReturnValue:
    """Many at once: first what would happen, then, confirmed, one act that can be undone as one."""
    name = request.form.get("act", "")
    if name not in asking.BULK:
        abort(404)
    around = frame()
    ids = list(dict.fromkeys(request.form.getlist("ids", type=row_number)))[:MAX_BULK]
    chosen = list(
        db.session.scalars(
            select(Conversation).where(Conversation.id.in_(ids)).order_by(Conversation.queue_at)
        )
    )
    view = request.form.get("view") if request.form.get("view") in VIEWS else "answer"
    back = url_for("queue.show", view=view)
    if not chosen:
        flash("Nothing was selected.")
        return redirect(back, code=303)
    will, wont = asking.sort_out(name, chosen)
    errors: Mapping[str, str] = {}
    step = request.form.get("step", "")
    if step == "do" and will:
        try:
            act = _doing(name)(will, sessions.me())
            act_id, sentence = act.id, act.sentence
            db.session.commit()
            flash(f"{sentence}.", f"undo:{url_for('acts.undo', act_id=act_id)}")
            return redirect(back, code=303)
        except Wrong as wrong:
            db.session.rollback()
            errors = wrong.fields
        except Refused as refusal:
            db.session.rollback()
            errors = {"form": str(refusal)}
    title, _, label = asking.words(name, many=len(chosen))
    plan = {
        "key": name, "title": title, "label": label, "danger": name == "spam", "action": url_for("acts.bulk"), "back_url": back, "ready": True,
        "will": [asking.planned(c, name, around) for c in will], "wont": [{"who": c.who, "subject": c.subject, "reason": why} for c, why in wont],
        "hidden": [("act", name), ("view", view)],
    }  # fmt: skip
    fields = asking.fields(name, chosen, around, request.form) if name in asking.FORMS else []
    return render_template("desk/bulk.html", bulk=plan, fields=fields, errors=errors), 422 if errors else 200
