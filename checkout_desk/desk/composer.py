"""Writing: open the composer, save as one types, attach, send, or write a note."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk import faults
from checkout_desk.accounts import sessions
from checkout_desk.conversations import checking, drafting, forwarding, presence, sending
from checkout_desk.conversations.models import Act, Conversation, Draft, Message
from checkout_desk.desk import attaching, composing, macro_steps, order_letters, replies, thread, thread_rows
from checkout_desk.desk.frame import frame
from checkout_desk.desk.workspace import conversation_context, in_pane, load, page_url
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings.models import store
from checkout_desk.storage import NoSpace
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("composer", __name__, url_prefix="/conversations/<int:conversation_id>")


@blueprint.get("/compose/<kind>")
@requires("conversations.write")
def show(conversation_id: int, kind: str) -> ResponseReturnValue:
    """The composer, open for a reply, a forward or a note; with what this person had typed before."""
    if kind not in drafting.KINDS:
        abort(404)
    c, around = load(conversation_id), frame()
    draft = drafting.find(c, person_id=around.person.id, kind=kind)
    about: Message | None = None
    errors: dict[str, str] = {}
    if kind == "forward":
        draft, about, errors = _forward(c, draft)
    newer = checking.newer_messages(c, draft) if draft else []
    context = composing.composer_context(
        c, draft, around, kind=kind, newer=newer, errors=errors, focus=True, about=about
    )
    order_letters.put_in(c, context, opening=True)
    replies.suggested(c, context)
    macro_steps.show(c, draft, context["composer"], by=sessions.me())
    if request.headers.get("HX-Request"):
        return render_template("desk/_composer.html", c=_brief(c), **context)
    return _page(c, context)


def _forward(c: Conversation, draft: Draft | None) -> tuple[Draft | None, Message | None, dict[str, str]]:
    """The draft to go on with, the mail to forward (`m` of the address), and what has to be said of both."""
    number = request.args.get("m", type=row_number)
    about = forwarding.chosen(c, number)
    if draft is not None and number and about is not None and draft.about_id != about.id:
        if not forwarding.untouched(draft):
            sentence = (
                "You have begun to forward another mail of this conversation; send or discard that first."
            )
            return draft, None, {"form": sentence}
        draft = None
    left = forwarding.carried(about)[1] if about is not None and draft is None else []
    errors = {"files": f"Too much for one mail, so not taken along: {', '.join(left)}."} if left else {}
    return draft, about, errors


@blueprint.post("/draft")
@requires("conversations.write")
def keep(conversation_id: int) -> ResponseReturnValue:
    """Save what is typed, every moment; tells colleagues that somebody writes here."""
    c, around = load(conversation_id), frame()
    if sending.on_its_way(request.form.get("token", "")):  # typed before Send, arrived after it
        return "Sent", 200
    draft = _save(c, around.person.id)
    presence.ping(c.id, person_id=around.person.id, doing="writing")
    saved = around.face.time(draft.updated_at)
    newer = composing.newer_than(c, draft, around)
    checks = order_letters.checks(c, draft)
    db.session.commit()
    return render_template("desk/_kept.html", saved_at=saved, newer=newer, checks=checks)


@blueprint.post("/files")
@requires("conversations.write")
def attach(conversation_id: int) -> ResponseReturnValue:
    """Add files to the draft, or take one off (`act=remove:ID`)."""
    c, around = load(conversation_id), frame()
    draft = _save(c, around.person.id)
    errors = attaching.change(draft)
    db.session.commit()
    context = composing.composer_context(c, draft, around, kind=draft.kind, errors=errors)
    return render_template("desk/_files.html", **context), 422 if errors else 200


@blueprint.post("/send")
@requires("conversations.write")
def send(conversation_id: int) -> ResponseReturnValue:
    """Send the mail or save the note. What was typed is kept whatever happens."""
    c, around = load(conversation_id), frame()
    act = request.form.get("act", "send")
    if sending.on_its_way(request.form.get("token", "")):
        return _done(conversation_id, "This mail is on its way already")
    draft = _save(c, around.person.id)
    if sending.on_its_way(request.form.get("token", "")):  # the other click was faster while we waited for it
        db.session.rollback()
        return _done(conversation_id, "This mail is on its way already")
    errors = attaching.change(draft)
    if act == "discard":
        drafting.discard(draft)
        db.session.commit()
        return _done(conversation_id, "Draft discarded")
    if act == "template":
        errors |= order_letters.other_template(c, draft, request.form.get("choice", ""))
        db.session.commit()
        return _again(c, draft, errors=errors, status=422 if errors else 200)
    if act == "insert":
        errors |= _insert(c, draft)
        db.session.commit()
        return _again(c, draft, errors=errors, status=422 if errors else 200)
    if act == "macro":
        errors |= macro_steps.put_in(c, draft, request.form.get("use", ""))
        db.session.commit()
        return _again(c, draft, errors=errors, status=422 if errors else 200)
    if act.startswith("remove:") or errors:
        db.session.commit()
        return _again(c, draft, errors=errors, status=422 if errors else 200)
    if draft.kind == "note":
        return _note(c, draft)
    _acknowledge(c, draft)
    if draft.purpose or draft.macro_id or any(upload.filename for upload in request.files.getlist("files")):
        # What takes long to make, or cannot be sent again by itself, is not left to the fate of the mail.
        draft_id, purpose, order_id = draft.id, draft.purpose, draft.order_id
        db.session.commit()
        order_letters.typeset(purpose, order_id)
        begin_write()
        c = load(conversation_id)
        found = db.session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
        if found is None:  # a second click: the first one has sent it
            return _done(conversation_id, "This mail is on its way already")
        draft = found
    after = request.form.get("after", "wait")
    return _send(
        c,
        draft,
        after if after in sending.AFTER else "wait",
        confirmed=request.form.get("confirmed", "") if act == "confirm" else "",
    )


def _acknowledge(c: Conversation, draft: Draft) -> None:
    """Send anyway: the writer has seen the customer's newest mail."""
    if (
        request.form.get("act") == "send_anyway"
        and request.form.get("seen", type=row_number) == c.last_inbound_id
    ):
        drafting.acknowledge_newer(draft, c)


def _insert(c: Conversation, draft: Draft) -> dict[str, str]:
    """The saved reply that was chosen or is named by a line of `/words`; else the macro of that name."""
    chosen = request.form.get("reply", "")
    errors = replies.insert(c, draft, chosen)
    macro = macro_steps.named(draft) if errors and not chosen else None
    return errors if macro is None else macro_steps.put_in(c, draft, str(macro.id))


def _send(c: Conversation, draft: Draft, after: str, *, confirmed: str) -> ResponseReturnValue:
    """Queue the mail. `confirmed`: the strangers, comma between, whom the person has seen named and lets in."""
    conversation_id = c.id
    try:
        order_letters.prepare(c, draft, by=sessions.me())
        act = _queued(c, draft, after, confirmed=_all_confirmed(c, draft, confirmed))
    except sending.Stopped as stop:
        draft_id = _kept(conversation_id)
        _note_hole(conversation_id, draft_id, stop)
        return _stopped(load(conversation_id), draft_id, stop, after)
    except Refused as refusal:
        typed = db.session.get_one(Draft, _kept(conversation_id))
        if typed.macro_id is not None:
            return _again(load(conversation_id), typed, errors={"form": str(refusal)}, status=409)
        return _done(conversation_id, str(refusal), tone="bad")
    except NoSpace:  # the mail is not to be stored; the words may still be
        _kept(conversation_id)
        raise
    outbound_id, sentence = act.before["outbound"], act.sentence
    seconds = store().undo_seconds
    faults.fault("reply.before_commit")
    db.session.commit()
    faults.fault("reply.after_commit")
    return _done(
        conversation_id,
        f"{sentence} leaves in {{s}} s" if seconds else f"{sentence} is leaving",
        undo_url=url_for("acts.undo_send", outbound_id=outbound_id),
        seconds=seconds,
    )


def _kept(conversation_id: int) -> int:
    """The draft with what was typed, saved in a transaction of its own: the mail that was stopped took its first with it."""
    db.session.rollback()
    begin_write()
    c = load(conversation_id)
    draft = _save(c, frame().person.id)
    _acknowledge(c, draft)
    db.session.commit()
    return draft.id


def _queued(c: Conversation, draft: Draft, after: str, *, confirmed: bool) -> Act:
    """Send the draft, with all that its macro does where it has one. Raises sending.Stopped and Refused."""
    if draft.macro_id is None:
        return sending.send(c, draft, by=sessions.me(), after=after, confirmed=confirmed)
    macro = macro_steps.found(str(draft.macro_id))
    if macro is None:
        raise Refused("The macro of this mail is not there any more; choose another one. Nothing was sent.")
    return macro_steps.send(c, draft, macro, by=sessions.me(), confirmed=confirmed)


def _all_confirmed(c: Conversation, draft: Draft, confirmed: str) -> bool:
    """Whether every stranger among the recipients is one of those that were confirmed; who was typed since is not."""
    if not confirmed:
        return False
    known = {address.key for address in checking.recipients(confirmed)[0]}
    to = [*checking.recipients(draft.to)[0], *checking.recipients(draft.cc)[0]]
    return all(address.key in known for address in checking.outsiders(c, to))


def _note_hole(conversation_id: int, draft_id: int, stop: sending.Stopped) -> None:
    """A mail was stopped because of an open placeholder: where that happens often, its template needs mending."""
    draft = db.session.get(Draft, draft_id)
    name = checking.unfilled(draft.text) if draft is not None else ""
    if name and stop.fields.get("text", "").startswith(f"[{name}]"):
        db.session.rollback()
        begin_write()
        record("mail.placeholder_refused", about=("conversation", conversation_id), after={"reference": name})
        db.session.commit()


def _stopped(c: Conversation, draft_id: int, stop: sending.Stopped, after: str) -> ResponseReturnValue:
    draft = db.session.get_one(Draft, draft_id)
    errors = dict(stop.fields)
    if stop.outsiders:
        names = ", ".join(a.email for a in stop.outsiders)
        errors["outsiders"] = names
        errors["form"] = (
            f"{names} takes no part in this conversation yet."
            if len(stop.outsiders) == 1
            else f"{names} take no part in this conversation yet."
        ) + " Nothing was sent."
    elif draft.macro_id is not None:
        errors["form"] = "The mail cannot leave as it is, so no part of the macro was done."
    return _again(c, draft, errors=errors, newer=stop.newer, after=after, status=409 if stop.newer else 422)


def _again(
    c: Conversation,
    draft: Draft,
    *,
    errors: dict[str, str],
    status: int,
    newer: Any = (),
    after: str = "wait",
) -> ResponseReturnValue:
    """The composer with everything that was typed, and what is wrong beside the field."""
    context = composing.composer_context(
        c, draft, frame(), kind=draft.kind, errors=errors, newer=newer, after=after
    )
    order_letters.put_in(c, context)
    macro_steps.show(c, draft, context["composer"], by=sessions.me())
    if request.headers.get("HX-Request"):
        return render_template("desk/_composer.html", c=_brief(c), **context), status
    if newer:
        shown = thread_rows.window(c)
        ids = {m.id for m in newer}
        arrived = [i for i in thread.items(c, shown, frame()) if i["type"] == "message" and i["id"] in ids]
        return render_template(
            "desk/newer.html", c=_brief(c), arrived=arrived, back_url=page_url(c.id), **context
        ), status
    return _page(c, context, status=status)


def _note(c: Conversation, draft: Draft) -> ResponseReturnValue:
    try:
        sending.note(c, draft.text, by=sessions.me())
    except sending.Stopped as stop:
        db.session.commit()
        return _again(c, draft, errors=dict(stop.fields), status=422)
    except Refused as refusal:  # nothing was changed; what was typed is kept
        db.session.commit()
        return _done(c.id, str(refusal), tone="bad")
    drafting.discard(draft)
    db.session.commit()
    return _done(c.id, "Note saved")


def _done(
    conversation_id: int, text: str, *, undo_url: str = "", seconds: int = 0, tone: str = ""
) -> ResponseReturnValue:
    if not request.headers.get("HX-Request"):
        category = "error" if tone == "bad" else f"undo:{undo_url}" if undo_url else "message"
        flash(text.replace("{s}", str(seconds)), category)
        return redirect(page_url(conversation_id), code=303)
    context = conversation_context(conversation_id, pane=in_pane()) or abort(404)
    return render_template(
        "desk/_sent.html", **context, toast_text=text, undo_url=undo_url, seconds=seconds, tone=tone
    )


def _page(c: Conversation, composer: dict[str, Any], *, status: int = 200) -> ResponseReturnValue:
    context = conversation_context(c.id, pane=False) or abort(404)
    context.update(composer)
    return render_template(
        "desk/conversation.html",
        **context,
        back_url=url_for("queue.show", view="answer", here=c.id),
        back_label="the queue",
    ), status


def _brief(c: Conversation) -> dict[str, Any]:
    return {
        "id": c.id,
        "title": c.who,
        "subject": c.subject,
        "version": c.version,
        "url": url_for("workspace.show", conversation_id=c.id),
    }


def _save(c: Conversation, person_id: int) -> Draft:
    kind = request.form.get("kind", "reply")
    if kind not in drafting.KINDS:
        abort(400)
    while c.merged_into_id is not None:  # what is typed goes where the conversation went
        c = load(c.merged_into_id)
    written = drafting.Written(*(request.form.get(name, "") for name in ("to", "cc", "subject", "text")))
    draft = drafting.save(
        c,
        person_id=person_id,
        kind=kind,
        written=written,
        based_on_id=request.form.get("based_on", type=row_number),
        token=request.form.get("token", ""),
    )
    if kind in order_letters.KINDS:
        for name, value in order_letters.carried(request.form, c).items():
            setattr(draft, name, value)
        draft.macro_id = macro_steps.carried(request.form)
    if kind == "forward":
        number = request.form.get("about", type=row_number)
        if draft.about_id is None or number not in (None, draft.about_id):
            forwarding.take(draft, forwarding.chosen(c, number))
    return draft
