"""One conversation: as a page, in the reading pane, and live."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations import drafting, pausing, presence
from checkout_desk.conversations.counting import touch
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Conversation, Draft, Message, Presence
from checkout_desk.customers.models import Customer
from checkout_desk.desk import discretion, order_panel, suggesting, thread, thread_rows, wording
from checkout_desk.desk.composing import composer_context, newer_than
from checkout_desk.desk.frame import VIEWS, Frame, frame
from checkout_desk.desk.keeping import Pieces, latest
from checkout_desk.desk.paths import path
from checkout_desk.desk.sources import source
from checkout_desk.desk.versioning import version
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number
from checkout_desk.web.polling import not_modified

blueprint = Blueprint("workspace", __name__, url_prefix="/conversations")


def load(conversation_id: int) -> Conversation:
    """The conversation of that id for this person, or 404. Everybody who reads conversations reads all of them."""
    found = db.session.get(Conversation, conversation_id)
    if found is None:
        abort(404)
    return found


def in_pane() -> bool:
    """Whether this htmx request comes from a list page, whose reading pane it fills."""
    current = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return bool(request.headers.get("HX-Request")) and not current.startswith(
        url_for("workspace.show", conversation_id=0)[:-1]
    )


def answer(c: Conversation, *, status: int = 200, **more: Any) -> ResponseReturnValue:
    """The whole conversation again, as the place it was asked from wants it: a fragment, or a redirect to its page."""
    if not request.headers.get("HX-Request"):
        return redirect(page_url(c.id), code=303)
    context = conversation_context(c.id, pane=in_pane())
    return render_template("desk/_conversation.html", **{**(context or {}), **more}), status


def page_url(conversation_id: int) -> str:
    """The conversation's page, keeping the view that one came from."""
    return url_for(
        "workspace.show",
        conversation_id=conversation_id,
        view=request.values.get("view") if request.values.get("view") in VIEWS else None,
    )


@blueprint.get("/<int:conversation_id>")
@requires("conversations.read")
def show(conversation_id: int) -> ResponseReturnValue:
    """The page, or for htmx the reading pane. A merged conversation leads to the one it is in."""
    context = conversation_context(conversation_id, pane=in_pane()) or abort(404)
    if context["c"]["merged_into"]:
        return redirect(url_for("workspace.show", conversation_id=context["c"]["merged_into"]))
    if request.headers.get("HX-Request"):
        return render_template("desk/_conversation.html", **context)
    back = VIEWS.get(request.args.get("view", ""), VIEWS["answer"])
    return render_template(
        "desk/conversation.html",
        **context,
        back_url=url_for("queue.show", view=back.key, here=conversation_id),
        back_label=back.title,
    )


@blueprint.get("/<int:conversation_id>/thread")
@requires("conversations.read")
def earlier(conversation_id: int) -> ResponseReturnValue:
    """The thread with more of its past (`n` messages); without script that is the whole page."""
    if not request.headers.get("HX-Request"):
        return show(conversation_id)
    context = conversation_context(conversation_id, pane=in_pane()) or abort(404)
    return render_template("desk/_scroll.html", **context)


@blueprint.get("/<int:conversation_id>/live")
@requires("conversations.read")
def live(conversation_id: int) -> ResponseReturnValue:
    """What changed, asked every five seconds; 304 while nothing has."""
    same = not_modified(f"{version()}.{conversation_id}.{request.args.get('n', '')}")
    if same is not None:
        return same
    context = conversation_context(conversation_id, pane=in_pane()) or abort(404)
    c = load(conversation_id)
    context["newer"] = newer_than(c, drafting.latest(c, person_id=frame().person.id), frame())
    return render_template("desk/_live.html", **context)


@blueprint.post("/<int:conversation_id>/here")
@requires("conversations.read")
def here(conversation_id: int) -> ResponseReturnValue:
    """I am reading (or writing in) this: tells colleagues, and the mail is no longer unread."""
    c = load(conversation_id)
    doing = request.form.get("doing", "reading")
    presence.ping(c.id, person_id=frame().person.id, doing=doing if doing in presence.DOING else "reading")
    if c.unread:
        c.unread = False
        touch()
    db.session.commit()
    return "", 204


_ELSE = aliased(Conversation)
_LOAD = (
    # What most conversations have nothing of is asked along, so that it costs a statement of its own only where it is.
    select(
        Conversation, Customer, Draft,
        select(func.sum(Order.version))
        .where(Order.conversation_id == bindparam("conversation"))
        .scalar_subquery()
        .label("orders"),
        exists().where(
            _ELSE.customer_id == Conversation.customer_id, _ELSE.id != bindparam("conversation"), _ELSE.merged_into_id.is_(None)
        ).correlate(Conversation).label("others"),
        exists().where(
            Presence.conversation_id == bindparam("conversation"), Presence.person_id != bindparam("person")
        ).label("company"),
    )
    .outerjoin(Customer, Customer.id == Conversation.customer_id)
    .outerjoin(Draft, and_(Draft.conversation_id == Conversation.id, Draft.person_id == bindparam("person")))
    .where(Conversation.id == bindparam("conversation"))
    .order_by(Draft.updated_at.desc())
    .limit(1)
)  # fmt: skip


def conversation_context(
    conversation_id: int, *, pane: bool, order: int | None = None
) -> dict[str, Any] | None:
    """Everything that `_conversation.html` needs, or None for an unknown id. At most fifteen queries, whatever the thread.

    `order` is the number of the order to show, where there are several. While nothing happened anywhere and the minute is
    the same, a page says what it said to this person the last time: three queries. An act shows what it has just changed.
    """
    around = frame()
    stamp = around.stamp if request.method == "GET" else None  # first: what is read after it is never older
    values = {"conversation": conversation_id, "person": around.person.id}
    row = db.session.execute(_LOAD, values).one_or_none()
    if row is None:
        return None
    size = min(
        max(request.args.get("n", default=thread_rows.WINDOW, type=row_number), thread_rows.WINDOW), 2000
    )
    view_of = _view_of()
    if stamp is None or view_of or size != thread_rows.WINDOW:
        shown = _shown(row, around, size=size, view_of=view_of, order=order)
    else:
        c, draft, view = row.Conversation, row.Draft, request.args.get("view")
        key = ("conversation", c.id, order or order_panel.asked_for(c), view if view in VIEWS else None, around.person, request.script_root)  # fmt: skip
        # What is written without an event (a draft, what is read) changes one of these as well.
        own = c.version, row.orders, row.others, (draft.id, draft.updated_at) if draft else None
        shown = latest(key, (stamp, own), lambda: _shown(row, around, size=size, order=order), lasting=_still)  # fmt: skip
    presence_here = _presence(row.Conversation, around) if row.company else []
    return {**shown, "pane": pane, "presence": presence_here}


def _still(shown: dict[str, Any]) -> bool:
    """Whether no mail of the conversation is leaving, with seconds that run down."""
    return all("html" in item for item in shown["items"] if item["type"] == "message")


def _shown(
    row: Any, around: Frame, *, size: int, view_of: tuple[int, str] | None = None, order: int | None
) -> dict[str, Any]:
    """What of the context stays as it is until something happens, or the minute ends; `row` is one of `_LOAD`."""
    c, customer, draft = row.Conversation, row.Customer, row.Draft
    shown = thread_rows.window(c, size=size)
    beside = order_panel.beside(c, around, number=order) if row.orders is not None else order_panel.Beside()
    items = thread.items(c, shown, around, view_of=view_of, marks=beside.marks)
    if view_of:
        _show_otherwise(items, *view_of)
    n: dict[str, Any] = {"n": size} if size != thread_rows.WINDOW else {}
    step = suggesting.suggestion(c, shown.rows, around)
    context = {
        "c": head(c, around, beside, step), "proposal": suggesting.proposal(c, shown.rows, around, step), "order": beside.order, "marked": sorted(beside.marks),
        "items": items,
        "older_url": path("workspace.earlier", conversation_id=c.id, n=size + thread_rows.WINDOW) if shown.earlier else None,
        "live_url": path("workspace.live", conversation_id=c.id, **n),
        "here_url": path("workspace.here", conversation_id=c.id),
        "side": _side(c, customer, items, around, others=row.others), "people": (), "roles": ROLES, "selected": True,
    }  # fmt: skip
    context.update(composer_context(c, draft, around))
    return {**context, "piece": Pieces(context)}


def _view_of() -> tuple[int, str] | None:
    """Which message the page shows otherwise than as text (`m`, `as`), for browsers without script."""
    message_id, view = request.args.get("m", type=row_number), request.args.get("as")
    if view == "original" and not frame().person.may("originals.read"):
        return None
    return (message_id, view) if message_id and view in ("html", "original") else None


def _show_otherwise(items: list[dict[str, Any]], message_id: int, view: str) -> None:
    """Give the message that is shown as sent or as source what that takes."""
    for item in items:
        if item["type"] == "message" and item["id"] == message_id:
            if view == "original":
                item["source"] = source(db.session.get_one(Message, message_id))
            elif request.args.get("images"):
                item["frame_url"] += "?images=1"


def head(
    c: Conversation,
    around: Frame,
    beside: order_panel.Beside | None = None,
    suggested: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The conversation's own facts for `_case.html`, with docket and next step of the order that stands beside it.

    `suggested` goes before the step that would be shown otherwise.
    """
    face = around.face
    target = (
        around.name(c.escalated_to_id)
        if c.escalated_to_id
        else ROLES.get(c.escalated_to_role or "", "somebody")
    )
    owner = around.people.get(c.assignee_id) if c.assignee_id else None
    return {
        "id": c.id, "url": path("workspace.show", conversation_id=c.id), "title": c.who, "subject": c.subject or "(no subject)",
        "subline": _subline(c, around), "state": c.state, "version": c.version, "tags": c.tags, "merged_into": c.merged_into_id,
        "seen": c.last_inbound_id or "", "promise": wording.promise(face, c.promise_due_at, state=c.state, long=True, paused_until=c.paused_until) if c.state in ("open", "waiting") else None,
        "assignee": {"name": owner.name, "initials": wording.initials(owner.name)} if owner else None,
        "assignee_id": c.assignee_id, "snoozed_text": _snoozed(c, around), "state_text": {"closed": "Closed", "spam": "Spam"}.get(c.state, ""),
        "escalated": {"reason": discretion.words(c.escalated_reason or "", around.person), "target": target, "at": face.short(c.escalated_at)} if c.escalated_at else None,
        "paused": _paused(c, around), "acts": acts(c, around), "next": suggested or (beside.next if beside else None) or _next(c, around),
        "order": beside.head if beside else None,
    }  # fmt: skip


def _subline(c: Conversation, around: Frame) -> str:
    box = next((box.address for box in around.boxes if box.id == c.mailbox_id), None)
    return f"since {around.face.short(c.created_at)}" + (f", to {box}" if box else "")


def _snoozed(c: Conversation, around: Frame) -> str:
    if c.state != "snoozed":
        return ""
    return (
        f"asleep until {around.face.short(c.snoozed_until)}"
        if c.snoozed_until
        else "asleep until the customer writes"
    )


def _paused(c: Conversation, around: Frame) -> dict[str, str] | None:
    """Why the promise stands still, until when, and who said so. One query while it does."""
    found = pausing.present(c)
    if found is None:
        return None
    until = (
        f"until {around.face.short(found.until_at)}"
        if found.until_at
        else "until somebody ends it or the customer writes"
    )
    return {
        "until": until,
        "reason": found.reason,
        "by": around.name(found.by_id),
        "at": around.face.short(found.from_at),
    }


ACTS = (
    ("assign", "Assign", "user-plus", "a", "form"), ("snooze", "Snooze", "alarm-clock", "h", "form"),
    ("close", "Close", "circle-check", "e", "post"), ("reopen", "Reopen", "mail-open", "e", "post"),
    ("wait", "Wait for the customer", "hourglass", "w", "post"), ("escalate", "Escalate", "flag", "l", "form"),
    ("hand_back", "Hand back", "reply", "b", "form"), ("settle", "Settle escalation", "flag", "", "post"),
    ("pause", "Pause the promise", "pause", "", "form"), ("resume", "End the pause", "clock", "", "post"), ("tag", "Tag", "tag", "t", "form"),
    ("merge", "Merge", "merge", "", "form"), ("spam", "Spam", "ban", "!", "post"),
)  # fmt: skip


def acts(c: Conversation, around: Frame) -> list[dict[str, Any]]:
    """What can be done now, read from the lifecycle: an act that is refused is left out."""
    if not around.person.may("conversations.write"):
        return []
    found = []
    for key, label, icon, shortcut, how in ACTS:
        if key in CONVERSATION.transitions and CONVERSATION.refusal(c, key):
            continue
        if key in ("settle", "hand_back") and c.escalated_at is None:
            continue
        if (key == "pause" and pausing.refusal(c)) or (key == "resume" and not pausing.is_paused(c)):
            continue
        if key == "reopen" and c.state == "waiting":
            continue
        found.append(
            {"key": key, "label": label, "icon": icon, "shortcut": shortcut, "method": how if how == "post" else "get",
             "url": path("acts.form", conversation_id=c.id, name=key), "danger": key == "spam"}
        )  # fmt: skip
    return found


def _next(c: Conversation, around: Frame) -> dict[str, Any] | None:
    """The one next step (SPEC section 4)."""
    if not around.person.may("conversations.write"):
        return None
    if c.trouble:
        return {
            "cap": "Next",
            "role": ROLES["support"],
            "title": f"Repair: {c.trouble}",
            "label": "See what failed",
            "url": "#thread",
        }
    if c.state == "open" and c.promise_due_at is not None:
        url = path("composer.show", conversation_id=c.id, kind="reply")
        return {
            "cap": "Next",
            "role": ROLES["support"],
            "title": f"Answer {c.who}",
            "label": "Write the answer",
            "key": "d",
            "url": url,
            "composer": True,
        }
    if c.state == "open":
        return {"cap": "Next", "role": ROLES["support"], "title": "Nothing is owed here", "label": "Close it", "key": "d", "post": True,
                "url": path("acts.form", conversation_id=c.id, name="close")}  # fmt: skip
    return None


def _presence(c: Conversation, around: Frame) -> list[dict[str, str]]:
    return [
        {
            "name": p.name,
            "doing": "replying" if p.doing == "writing" else "reading",
            "since": around.face.time(p.since),
        }
        for p in presence.here([c.id], but=around.person.id)
    ]


_C: Any = Conversation.__table__
_OTHERS = (
    select(_C.c.id, _C.c.subject, _C.c.state, _C.c.last_message_at)
    .where(
        _C.c.customer_id == bindparam("customer"),
        _C.c.id != bindparam("conversation"),
        _C.c.merged_into_id.is_(None),
    )
    .order_by(_C.c.last_message_at.desc())
    .limit(5)
)


def _side(
    c: Conversation, customer: Customer | None, items: list[dict[str, Any]], around: Frame, *, others: bool
) -> dict[str, Any]:
    face = around.face
    address = next((i["from_email"] for i in reversed(items) if i["type"] == "message" and not i["ours"]), "")
    elsewhere = []
    if customer is not None and others:
        rows = db.session.connection().execute(_OTHERS, {"customer": customer.id, "conversation": c.id})
        elsewhere = [
            {
                "title": r.subject or "(no subject)",
                "url": path("workspace.show", conversation_id=r.id),
                "state": r.state,
                "when": face.short(r.last_message_at),
            }
            for r in rows
        ]
    told = [i for i in items if i["type"] == "system"]
    return {
        "customer": {"name": customer.name if customer and customer.name else c.who, "email": address, "initials": wording.initials(c.who),
                     "since": face.date(customer.created_at) if customer else "", "conversations": elsewhere},
        "facts": [("Mailbox", next((b.address for b in around.boxes if b.id == c.mailbox_id), "none"))],
        "events": list(reversed(told[-12:])),
        "tag_url": path("acts.form", conversation_id=c.id, name="tag") if around.person.may("conversations.write") else None,
        "order_url": path("ordering.by_hand", conversation_id=c.id) if around.person.may("orders.write") else None,
    }  # fmt: skip
